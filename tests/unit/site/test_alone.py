"""A machine whose network is away counts what it gave to each reader, and forgets it when the gateway has it all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from kiosk.domain import PatronId
from kiosk.flow.runtime import buttons_of
from kiosk.gateway.audit import read_journal
from kiosk.gateway.sim import Fault, FaultKind
from kiosk.ledger import audit_rows
from kiosk.ledger.effects import Booked
from kiosk.messages.records import Final, Noted, OfflineAccepted, Outcome
from kiosk.screen import Touch
from kiosk.site.desktop import demo_books
from kiosk.site.embedded import EmbeddedSite, Machine

READER = PatronId("9920130001")
CARD = "04FA944D8F5CD9"
BOOKS = ("D1000001", "D1000002")


class Desk:
    """One self-checkout, and a reader's hands."""

    def __init__(self, root: Path) -> None:
        self.site = EmbeddedSite(root, Random(1), ("kiosk-1",))
        self.site.run(15)

    @property
    def machine(self) -> Machine:
        return self.site.machines["kiosk-1"]

    @property
    def counted(self) -> list[int]:
        assert self.machine.core is not None
        return [n for n in self.machine.core.runtime.durable.offline_loans.values() if n]

    def press(self, button: str) -> None:
        core, screen = self.machine.core, self.machine.screen
        assert core is not None
        assert screen is not None
        found = next(each for each in buttons_of(screen) if each.id == button)
        core.touch(Touch(turn=screen.turn, button=button, confirms=found.confirms))
        self.site.run(2)

    def tap(self) -> None:
        self.machine.bench.tap(CARD)
        self.site.run(0.5)
        self.machine.bench.take_cards()
        self.site.run(2)

    def scan(self) -> None:
        """The number on the card, not its chip."""
        self.machine.bench.scan(READER)
        self.site.run(2)

    def borrow(self, item: str, show: Callable[[], None] | None = None) -> None:
        book = demo_books()[item]
        self.machine.bench.put(book)
        self.site.run(2)
        (show or self.tap)()
        self.site.run(10)
        self.press("borrow")
        self.site.run(5)
        self.machine.bench.lift(book.uid)
        self.site.run(90)

    def give_back(self, item: str) -> None:
        self.press("start.checkin")
        book = replace(demo_books()[item], afi=0xC2)  # its mark is off: it was lent
        self.machine.bench.put(book)
        self.site.run(3)
        self.press("checkin")
        self.site.run(10)
        self.machine.bench.lift(book.uid)
        self.site.run(90)

    def known(self) -> None:
        """The reader has been here, and the machine has had a snapshot since."""
        self.tap()
        self.site.run(100)

    def written(self, kind: type) -> list[object]:
        bodies = (told.record.body for told in read_journal(self.machine.journal))
        return [body for body in bodies if isinstance(body, kind)]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.known()
    return desk


def test_loans_made_alone_are_counted_until_the_gateway_has_them(desk: Desk) -> None:
    desk.site.broker.unplug("kiosk-1")
    desk.site.run(30)
    desk.borrow(BOOKS[0])
    assert desk.counted == [1]
    assert len(desk.written(OfflineAccepted)) == 1

    desk.site.broker.plug("kiosk-1")
    desk.site.run(60)
    assert desk.counted == []
    assert [body.what for body in desk.written(Noted) if isinstance(body, Noted)][-1] == "back_online"
    loan = desk.site.books.loan(BOOKS[0])
    assert loan is not None
    assert loan.patron == READER


def test_a_restart_forgets_no_loan_that_was_receipted_but_not_yet_booked(desk: Desk) -> None:
    """The gateway is there and has the record; the library system is away."""
    desk.site.broker.unplug("kiosk-1")
    desk.site.run(30)
    desk.borrow(BOOKS[0])
    desk.site.ils.close()
    desk.site.acs.faults.add(Fault(kind=FaultKind.CLOSE_BEFORE_ACT, times=None))  # connections that are open, too
    desk.site.broker.plug("kiosk-1")
    desk.site.run(60)
    core = desk.machine.core
    assert core is not None
    assert core._journal.watermark == core._journal.last[0]
    assert desk.counted == [1]

    desk.site.kill(desk.machine.process)
    desk.site.run(60)
    assert desk.counted == [1], "the same reader would get the whole allowance again"

    desk.site.acs.faults.clear()
    desk.site.ils.reopen()
    desk.site.run(600)
    assert desk.counted == []


def test_a_reader_has_one_allowance_whichever_of_his_numbers_he_shows(desk: Desk) -> None:
    desk.site.kill(desk.machine.process)  # only the snapshot knows whose card it is
    desk.site.run(60)
    desk.site.broker.unplug("kiosk-1")
    desk.site.run(30)
    desk.borrow(BOOKS[0])
    desk.borrow(BOOKS[1], desk.scan)
    assert desk.counted == [2]


def test_a_reader_who_was_known_online_is_the_same_one_offline(tmp_path: Path) -> None:
    """No snapshot has him yet: the answer to his card has told the machine who he is."""
    desk = Desk(tmp_path)
    desk.machine.bench.put(demo_books()[BOOKS[0]])
    desk.site.run(2)
    desk.tap()
    core = desk.machine.core
    assert core is not None
    by_card = core.runtime.volatile.visit.reader.pseudonym
    assert by_card == core._pseudonym(CARD) == core._pseudonym(READER)
    assert core.runtime.volatile.card_lies is None


def test_a_loan_under_way_and_returns_go_on_when_the_last_days_key_runs_out_at_midnight(desk: Desk) -> None:
    """The gateway gave keys for three days; the network stays away for longer."""
    desk.site.broker.unplug("kiosk-1")
    desk.site.run(30)
    desk.machine.bench.put(demo_books()[BOOKS[0]])
    desk.site.run(2)
    desk.tap()
    desk.machine.process.wall_off_s = 5 * 86_400.0
    desk.press("borrow")
    desk.site.run(5)
    desk.machine.bench.lift(demo_books()[BOOKS[0]].uid)
    desk.site.run(90)
    desk.give_back(BOOKS[0])

    endings = [body.outcome for body in desk.written(Final) if isinstance(body, Final)]
    assert endings == [Outcome.DELIVERED, Outcome.RETURNED]
    assert desk.site.kills == 0
    desk.machine.process.wall_off_s = 0.0
    desk.site.broker.plug("kiosk-1")
    desk.site.run(120)
    ledger = desk.site.gateway.ledger
    assert ledger is not None
    rows = ledger.read(audit_rows.effects)
    assert [row.booked for row in rows] == [Booked.PAIR, Booked.PAIR]
    assert desk.site.books.loan(BOOKS[0]) is None
