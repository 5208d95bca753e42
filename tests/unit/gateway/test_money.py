"""Holds, captures and releases: nobody pays twice, and no hold stays open, whatever the wallet does not say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.domain import Fen, ItemBarcode, Key, PatronId, Refusal
from kiosk.gateway.card import Allowance, Approved, Declined, Found, HouseWallet, WalletAway, WalletSilent
from kiosk.ledger import wallet as moves
from kiosk.ledger.effects import State
from kiosk.messages.asks import EffectGranted, Unavailable
from kiosk.messages.records import Intent, Op, Outcome
from tests.unit.gateway.rig import READER, SECRET, Machine, Site, reason

JOB = ItemBarcode("")
ALLOWANCE = Allowance(amount_fen=Fen(1_000))


class LossyWallet:
    """A wallet behind a bad line: `losses` of the next moves are "away", "before" (not done, silent) or "after"."""

    def __init__(self, inner: HouseWallet) -> None:
        self.inner = inner
        self.losses: list[str] = []
        self.tells = True

    def authorise(self, key: Key, patron: PatronId, amount_fen: Fen, by: float) -> Approved | Declined:
        return self._through(lambda: self.inner.authorise(key, patron, amount_fen, by))

    def capture(self, key: Key, of: Key, amount_fen: Fen, by: float) -> Approved | Declined:
        return self._through(lambda: self.inner.capture(key, of, amount_fen, by))

    def release(self, key: Key, of: Key, by: float) -> Approved | Declined:
        return self._through(lambda: self.inner.release(key, of, by))

    def query(self, key: Key, by: float) -> Found:
        return self.inner.query(key, by) if self.tells else Found.UNTELLABLE

    def _through(self, move: Callable[[], Approved | Declined]) -> Approved | Declined:
        loss = self.losses.pop(0) if self.losses else ""
        if loss == "away":
            raise WalletAway("no line")
        if loss == "before":
            raise WalletSilent("no answer")
        answer = move()
        if loss == "after":
            raise WalletSilent("no answer")
        return answer


class Till:
    """A print station's end: it holds, then captures or releases."""

    def __init__(self, tmp_path: Path) -> None:
        self.site = Site(
            tmp_path, wallet=lambda site: LossyWallet(HouseWallet(site.ledger, site.hub, SECRET, ALLOWANCE))
        )
        self.machine: Machine = self.site.machine()
        self.machine.birth()
        found = self.site.gateway.parts.wallet
        assert isinstance(found, LossyWallet)
        self.wallet = found

    def hold(self, amount_fen: int, *, answer_s: float = 8.0, run: float = 1.0) -> Intent:
        intent = self.machine.intent(Op.HOLD, JOB, READER, amount_fen=amount_fen)
        self.machine.write(intent)
        self.machine.ask_effect(intent, answer_s=answer_s, run=run)
        return intent

    def end(self, op: Op, hold: Intent, amount_fen: int = 0, *, run: float = 1.0) -> Intent:
        intent = self.machine.intent(op, JOB, amount_fen=amount_fen, of=hold.key)
        self.machine.write(intent)
        self.machine.ask_effect(intent, run=run)
        return intent

    def left(self) -> int:
        return self.wallet.inner.left_fen(READER)

    def state(self, intent: Intent) -> str:
        move = self.site.ledger.read(lambda tx: moves.get(tx, intent.key))
        return "" if move is None else move.state


@pytest.fixture
def till(tmp_path: Path) -> Till:
    return Till(tmp_path)


def test_a_print_is_held_captured_for_less_and_the_rest_given_back(till: Till) -> None:
    hold = till.hold(450)
    assert isinstance(till.machine.answer(hold.key), EffectGranted)
    assert till.left() == 550
    capture = till.end(Op.CAPTURE, hold, 330)

    assert isinstance(till.machine.answer(capture.key), EffectGranted)
    assert till.left() == 670
    assert till.state(hold) == "captured"


def test_a_job_that_never_printed_costs_nothing(till: Till) -> None:
    hold = till.hold(450)
    till.end(Op.RELEASE, hold)

    assert till.left() == 1_000


def test_more_than_is_left_cannot_be_held(till: Till) -> None:
    till.hold(800)
    second = till.hold(300)

    assert reason(till.machine.answer(second.key)) is Refusal.PATRON_LIMIT
    assert till.left() == 200


def test_a_hold_whose_answer_was_lost_is_found_and_granted(till: Till) -> None:
    till.wallet.losses = ["after"]
    hold = till.hold(450, answer_s=20, run=8)

    assert isinstance(till.machine.answer(hold.key), EffectGranted)
    assert till.left() == 550


def test_a_hold_that_was_never_made_is_void_and_stays_so(till: Till) -> None:
    till.wallet.losses = ["before"]
    hold = till.hold(450, run=8)

    assert reason(till.machine.answer(hold.key)) is Refusal.VOID
    assert till.left() == 1_000
    late = till.wallet.inner.authorise(hold.key, READER, Fen(450), 0.0)
    assert isinstance(late, Declined), "a message that comes late finds a tombstone"


def test_a_hold_nobody_can_be_asked_about_is_given_back(till: Till) -> None:
    till.wallet.tells = False
    till.wallet.losses = ["after"]
    hold = till.hold(450, run=8)

    assert reason(till.machine.answer(hold.key)) is Refusal.VOID
    assert till.left() == 1_000


def test_a_cancelled_hold_is_given_back(till: Till) -> None:
    hold = till.hold(450)
    till.machine.final(hold, Outcome.CANCELLED)
    till.machine.flush()
    till.site.run(5)

    assert till.left() == 1_000
    row = till.site.effect(hold.key)
    assert row is not None
    assert row.state is State.VOID


@pytest.mark.parametrize("loss", ["after", "before"])
def test_a_capture_is_pushed_under_its_own_key_until_the_wallet_has_it(till: Till, loss: str) -> None:
    hold = till.hold(450)
    till.wallet.losses = [loss, loss]
    capture = till.end(Op.CAPTURE, hold, 330, run=30)

    assert isinstance(till.machine.answer(capture.key), EffectGranted)
    assert till.left() == 670


def test_a_capture_from_an_outage_is_booked_from_the_journal(till: Till) -> None:
    hold = till.hold(450)
    till.machine.final(hold, Outcome.DELIVERED)
    capture = till.machine.intent(Op.CAPTURE, JOB, amount_fen=330, of=hold.key)
    till.machine.write(capture)
    till.machine.final(capture, Outcome.RETURNED, offline=True)
    till.machine.flush()
    till.site.run(10)

    assert till.left() == 670
    row = till.site.effect(capture.key)
    assert row is not None
    assert row.state is State.SETTLED


def test_a_wallet_that_is_away_is_said_to_be_away(till: Till) -> None:
    till.wallet.losses = ["away"]
    hold = till.hold(450)

    assert till.machine.answer(hold.key) == Unavailable()
    assert till.left() == 1_000


def test_a_site_without_a_wallet_refuses_payments(site: Site, kiosk: Machine) -> None:
    hold = kiosk.intent(Op.HOLD, JOB, READER, amount_fen=100)
    kiosk.write(hold)

    assert reason(kiosk.ask_effect(hold)) is Refusal.SERVICE_AWAY


def test_the_same_move_twice_is_one_move(till: Till) -> None:
    hold = till.hold(450)
    till.machine.ask_effect(hold)
    inner = till.wallet.inner
    for _ in range(2):
        inner.authorise(hold.key, READER, Fen(450), 0.0)
        inner.capture(Key("c"), hold.key, Fen(330), 0.0)

    assert till.left() == 670


def test_a_new_school_year_brings_a_new_allowance(till: Till) -> None:
    till.hold(900)
    assert till.left() == 100
    till.site.hub.set_wall(till.site.hub.wall() + 300 * 86_400)

    assert till.left() == 1_000
