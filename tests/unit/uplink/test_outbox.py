"""What is in the journal reaches the gateway, and only the gateway's receipt says that it has."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from kiosk.bus.memory import Weather
from kiosk.domain import ItemBarcode
from kiosk.journal import Outbox
from kiosk.keys import new_signer
from kiosk.messages.asks import AskItem, Unavailable
from kiosk.messages.envelope import FORKED, Batch, Receipt, Standing
from kiosk.messages.records import GENESIS, Noted
from kiosk.uplink import ForkSeen, LinkUp, Peer, Receipted, Refusal
from kiosk.uplink.drain import BATCH_BYTES_MAX, BATCH_RECORDS_MAX, LINGER_S, WINDOW_RECORDS, Drain
from tests.unit.uplink.stage import ADDRESS, Stage

ROUGH = Weather(lose_connection=0.05, double=0.2, delay_s=(0.001, 0.4))


def test_a_loan_reaches_the_gateway_and_its_receipt_comes_back(stage: Stage) -> None:
    stage.gateway()
    stage.lend()
    stage.run(5.0)
    assert stage.rows_there() == stage.rows_here()
    assert stage.journal.watermark == 3
    assert stage.journal.unreceipted() == ()


def test_records_of_one_book_travel_together(stage: Stage) -> None:
    far = stage.gateway()
    stage.run(5.0)
    intent, granted, final = stage.lend()
    stage.run(5.0)
    assert far.heard.count("tx") == 1
    assert far.through(stage.journal.meta.epoch) == (3, final.hash)
    assert intent.seq < granted.seq < final.seq


def test_the_receipt_for_one_book_does_not_part_the_records_of_the_next(stage: Stage) -> None:
    drain = Drain(Outbox(stage.path), stage.journal.meta.epoch, 0, Random(1))
    stage.lend()
    drain.receipted(0, 0.0, born=True)
    assert [len(batch.records) for batch in drain.due(0.0)] == [3]
    stage.lend()
    drain.committed(1.0)
    drain.receipted(3, 1.01, born=False)
    assert drain.due(1.01) == ()
    assert [batch.first for batch in drain.due(1.0 + LINGER_S)] == [4]


def test_without_a_gateway_nothing_is_forgotten_and_all_of_it_arrives_later(stage: Stage) -> None:
    stage.lend(300)
    stage.run(3_600.0)
    assert stage.journal.watermark == 0
    stage.gateway()
    stage.run(120.0)
    assert stage.rows_there() == stage.rows_here()
    assert stage.journal.watermark == 900


def test_no_more_than_the_window_is_sent_ahead_of_the_receipts(stage: Stage) -> None:
    far = stage.gateway()
    stage.run(5.0)
    far.mute = True
    stage.lend(400)
    stage.run(1.0)
    assert far.heard.count("tx") == WINDOW_RECORDS // BATCH_RECORDS_MAX


def test_long_records_travel_in_messages_of_bounded_size(stage: Stage) -> None:
    far = stage.gateway()
    stage.run(5.0)
    stage.append([Noted(what="long", detail="x" * 100_000, at_ms=n) for n in range(5)])
    stage.append([Noted(what="longer", detail="x" * (2 * BATCH_BYTES_MAX), at_ms=9)])
    stage.run(30.0)
    assert far.heard.count("tx") == 4  # two, two, one; and one that is too long for any bound goes alone
    assert stage.rows_there() == stage.rows_here()


def test_the_first_receipt_comes_within_two_seconds_of_the_link(stage: Stage) -> None:
    stage.lend(100)
    stage.gateway()
    stage.run(60.0)
    up = stage.times[stage.events.index(LinkUp(what=Peer.BROKER))]
    news = zip(stage.times, stage.events, strict=True)
    first = next(at for at, event in news if isinstance(event, Receipted) and event.through > 0)
    assert first - up < 2.0
    assert stage.journal.watermark == 300


@pytest.mark.parametrize("seed", range(5))
def test_lost_doubled_and_reordered_messages_lose_and_double_nothing(tmp_path: Path, seed: int) -> None:
    stage = Stage(tmp_path, seed=seed, weather=ROUGH)
    stage.gateway()
    for _ in range(40):
        stage.lend()
        stage.run(stage.rng.uniform(0.0, 3.0))
    stage.broker.weather = Weather()
    stage.run(300.0)
    assert stage.rows_there() == stage.rows_here()
    assert stage.journal.watermark == 120
    assert stage.far.forks == 0


def kill_the_broker_with_what_it_acknowledged(stage: Stage) -> None:
    """The broker takes loans for a gateway that has just gone, and is killed before that is back."""
    far = stage.gateway()
    stage.run(5.0)
    assert far.bus is not None
    far.bus.close()
    stage.run(0.5)
    stage.lend(20)
    stage.run(1.0)
    stage.broker.stop(forget=True)
    stage.run(10.0)
    stage.broker.start()
    stage.gateway()
    stage.run(120.0)


def test_a_killed_broker_takes_what_it_acknowledged_and_the_outbox_sends_it_again(stage: Stage) -> None:
    kill_the_broker_with_what_it_acknowledged(stage)
    assert stage.rows_there() == stage.rows_here()
    assert stage.journal.watermark == 60


class _ClearsOnPuback(Drain):
    """The mutant: what the broker took counts as arrived."""

    def due(self, now: float) -> tuple[Batch, ...]:
        batches = super().due(now)
        if batches:
            self._held = self.watermark = self._next - 1
            self._resend_at = None
        return batches

    def receipted(self, through: int, now: float, *, born: bool) -> None:
        if not self._open:
            super().receipted(self.watermark, now, born=False)


def test_a_puback_that_clears_the_outbox_would_lose_loans(stage: Stage) -> None:
    stage.uplink._engine.drain = _ClearsOnPuback(Outbox(stage.path), stage.journal.meta.epoch, 0, Random(1))
    kill_the_broker_with_what_it_acknowledged(stage)
    assert stage.rows_there() == []
    assert len(stage.rows_here()) == 60


def test_for_a_gateway_that_is_away_for_hours_the_broker_hoards_next_to_nothing(stage: Stage) -> None:
    far = stage.gateway()
    stage.run(5.0)
    assert far.bus is not None
    far.bus.close()
    stage.lend(200)
    stage.run(2 * 3_600.0)
    far.heard.clear()
    stage.gateway()
    stage.run(60.0)
    assert far.heard.count("tx") < 20
    assert far.heard.count("state") < 20
    assert stage.rows_there() == stage.rows_here()


def test_a_restart_goes_on_from_the_receipt_that_was_kept(stage: Stage) -> None:
    far = stage.gateway()
    stage.lend(5)
    stage.run(5.0)
    stage.end()
    stage.start()
    stage.lend(1)
    stage.run(5.0)
    assert far.births[-1].boot == "boot-2"
    assert stage.rows_there() == stage.rows_here()
    assert stage.journal.watermark == 18


@pytest.mark.parametrize("names_births", [True, False])
def test_a_gateway_restored_from_a_backup_is_filled_up_again(stage: Stage, names_births: bool) -> None:
    far = stage.gateway()
    far.names_births = names_births
    stage.lend(10)
    stage.run(5.0)
    far.rows = {key: row for key, row in far.rows.items() if key[1] <= 7}
    stage.lend(1)
    stage.run(120.0)
    assert stage.rows_there() == stage.rows_here()
    assert stage.journal.watermark == 33


def test_in_quarantine_nothing_is_cleared_and_records_are_still_sent(stage: Stage) -> None:
    far = stage.gateway()
    stage.lend(2)
    stage.run(5.0)
    far.quarantined = True
    stage.lend(2)
    stage.run(300.0)
    assert stage.journal.watermark == 6
    assert stage.rows_there() == stage.rows_here()
    assert stage.of(Receipted)[-1].quarantined
    assert stage.of(ForkSeen) == []


# -- receipts that are not believed


def _receipt(stage: Stage, **changed: Any) -> Receipt:
    seq, head = stage.journal.last
    return replace(Receipt(epoch=stage.journal.meta.epoch, through=seq, head=head, wall_ms=1), **changed)


def test_an_unsigned_or_foreign_receipt_clears_nothing(stage: Stage) -> None:
    far = stage.gateway()
    far.mute = True
    stage.lend()
    stage.run(5.0)
    assert far.bus is not None
    good = _receipt(stage)
    unsigned = far.write("rcpt", good, signer=new_signer())
    for payload in (
        unsigned,
        far.write("rcpt", good, device="kiosk-02"),
        far.write("tx", Batch(epoch="e", first=1, prev=GENESIS, head=GENESIS, records=())),
        far.write("rcpt", _receipt(stage, epoch="another")),
        b"{}",
        b"\xff",
    ):
        far.bus.publish(ADDRESS.topic("rcpt"), payload)
        stage.run(0.1)
    assert stage.of(Receipted) == []
    assert stage.uplink.refused() == {
        Refusal.UNSIGNED: 1,
        Refusal.FOREIGN: 1,
        Refusal.WRONG_LANE: 1,
        Refusal.OTHER_EPOCH: 1,
        Refusal.NO_MESSAGE: 2,
    }
    far.bus.publish(ADDRESS.topic("rcpt"), far.write("rcpt", good))
    stage.run(0.1)
    assert stage.journal.watermark == 3


def test_a_receipt_with_another_head_is_a_fork_and_nothing_more_is_sent(stage: Stage) -> None:
    far = stage.gateway()
    far.mute = True
    stage.lend()
    stage.run(5.0)
    far.say("rcpt", _receipt(stage, head="0" * 64))
    far.say("rcpt", _receipt(stage, head="1" * 64))
    stage.run(1.0)
    assert len(stage.of(ForkSeen)) == 1
    assert far.heard.count("evt") == 1
    assert stage.journal.watermark == 0
    sent = far.heard.count("tx")
    stage.lend()
    stage.run(300.0)
    assert far.heard.count("tx") == sent


def test_a_rolled_back_journal_is_noticed_at_its_first_birth(stage: Stage) -> None:
    stage.gateway()
    stage.lend(2)
    stage.run(5.0)
    stage.end()
    backup = stage.path.with_name("backup")
    shutil.copyfile(stage.path, backup)
    stage.start()
    stage.lend(2)
    stage.run(5.0)
    stage.end()
    shutil.copyfile(backup, stage.path)
    stage.events.clear()
    stage.start()
    stage.run(5.0)
    assert [type(event) for event in stage.events if isinstance(event, ForkSeen)] == [ForkSeen]
    told = [(happening.what, happening.detail) for happening in stage.far.happenings]
    assert told == [(FORKED, stage.journal.meta.epoch)]


def test_a_rolled_back_journal_that_has_grown_past_the_old_one_is_noticed_too(stage: Stage) -> None:
    stage.gateway()
    stage.lend(1)
    stage.run(5.0)
    stage.end()
    backup = stage.path.with_name("backup")
    shutil.copyfile(stage.path, backup)
    stage.start()
    stage.lend(1)
    stage.run(5.0)
    stage.end()
    shutil.copyfile(backup, stage.path)
    stage.events.clear()
    stage.start()
    stage.lend(5)
    stage.run(60.0)
    assert len(stage.of(ForkSeen)) == 1
    assert stage.far.forks == 0  # it was told by the birth, before a forked record was even sent


def test_what_the_gateway_could_not_book_comes_with_the_receipt(stage: Stage) -> None:
    far = stage.gateway()
    far.exceptions = (Standing(seq=1, code="refused_after_offline", task="T-1"),)
    stage.lend()
    stage.run(5.0)
    assert stage.of(Receipted)[-1].exceptions == far.exceptions


def test_a_rotten_record_is_never_sent(stage: Stage) -> None:
    far = stage.gateway()
    stage.run(5.0)
    stage.broker.stop()
    stage.run(5.0)
    stage.lend()
    stage.journal.checkpoint()
    data = stage.path.read_bytes()
    at = data.index(b'"kind":"granted"')
    stage.path.write_bytes(data[: at + 9] + b"G" + data[at + 10 :])
    drain = Drain(Outbox(stage.path), stage.journal.meta.epoch, 0, Random(1))
    stage.uplink._engine.drain = drain
    stage.broker.start()
    stage.run(60.0)
    assert [event.why for event in stage.of(ForkSeen)] == ["record 2: is no record"]
    assert far.heard.count("tx") == 0


def test_a_busy_machine_whose_birth_was_lost_still_empties_its_outbox(stage: Stage) -> None:
    """Answers say that the gateway is there; they must not stand for the receipt that opens the outbox."""
    far = stage.gateway()
    far.answer = lambda ask: Unavailable()
    stage.run(5.0)
    far.mute = True
    stage.broker.cut(ADDRESS.device)
    stage.run(3.0)  # connected again, and its birth went into the void
    far.mute = False
    stage.lend()
    for n in range(20):
        stage.uplink.ask(AskItem(item=ItemBarcode("D1000001")), answer_s=5.0, corr=f"q{n}")
        stage.run(1.0)
    assert stage.rows_there() == stage.rows_here()
