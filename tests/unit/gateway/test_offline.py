"""Backlogs of machines that were away: the library system ends where the copy is, and nobody is charged in error."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.domain import ItemBarcode, SecurityState
from kiosk.gateway import arrivals, lines
from kiosk.gateway.audit import audit
from kiosk.gateway.config import KeepSection
from kiosk.gateway.custody import Span
from kiosk.gateway.sim import FaultKind
from kiosk.gateway.spans import SLACK_MS, Offsets
from kiosk.ledger import effects
from kiosk.ledger.effects import Booked, State
from kiosk.messages.asks import EffectGranted
from kiosk.messages.records import Head, Op, Outcome
from tests.unit.gateway.rig import BOOK, OTHER, READER, DemoBooks, Machine, Site, config, demo_data, told

READERS_OWN = ItemBarcode("D1000004")  # on loan to READER since the library opened


@pytest.fixture
def second(site: Site, kiosk: Machine) -> Machine:
    machine = site.machine("kiosk-2")
    machine.birth()
    return machine


@pytest.fixture
def third(site: Site, second: Machine) -> Machine:
    machine = site.machine("kiosk-3")
    machine.birth()
    return machine


def away(*machines: Machine) -> None:
    for machine in machines:
        machine.birth(online=False)


def back(*machines: Machine) -> None:
    """Comes back and tells everything."""
    for machine in machines:
        machine.birth()
        machine.flush()
    machines[0].site.run(40)


def check(site: Site, *machines: Machine) -> None:
    for machine in machines:
        found = audit([told(machine)], site.ledger, DemoBooks(site.audit))
        assert (found.lost, found.doubled, found.unsettled) == ((), (), ())


def test_an_offline_loan_is_booked_once_the_machine_is_back(site: Site, kiosk: Machine) -> None:
    away(kiosk)
    loan = kiosk.offline(Op.CHECKOUT)
    site.run(3600)
    back(kiosk)

    assert site.borrower() == READER
    assert site.done() == ["checkout"]
    row = site.effect(loan.key)
    assert row is not None
    assert (row.state, row.booked) == (State.SETTLED, Booked.LINE)
    check(site, kiosk)


def test_an_offline_return_is_booked_with_the_time_it_was_made(site: Site, kiosk: Machine) -> None:
    away(kiosk)
    made_s = site.hub.wall()
    kiosk.offline(Op.CHECKIN, READERS_OWN)
    site.run(7200)
    back(kiosk)

    assert site.borrower(READERS_OWN) is None
    effect = next(effect for effect in site.audit.effects(item=READERS_OWN) if effect.op == "checkin")
    assert abs(int(effect.detail["returned_s"]) - made_s) <= 1
    check(site, kiosk)


def test_a_loan_and_its_return_that_are_both_past_leave_the_library_system_alone(site: Site, kiosk: Machine) -> None:
    away(kiosk)
    loan = kiosk.offline(Op.CHECKOUT)
    site.run(60)
    kiosk.offline(Op.CHECKIN)
    site.run(3600)
    back(kiosk)

    assert site.done() == []
    row = site.effect(loan.key)
    assert row is not None
    assert row.booked is Booked.PAIR
    check(site, kiosk)


def test_a_return_and_a_new_loan_move_the_copy_to_the_new_reader(site: Site, kiosk: Machine) -> None:
    away(kiosk)
    kiosk.offline(Op.CHECKIN, READERS_OWN)
    site.run(60)
    kiosk.offline(Op.CHECKOUT, READERS_OWN, OTHER)
    site.run(3600)
    back(kiosk)

    assert site.done(READERS_OWN) == ["checkin", "checkout"]
    assert site.borrower(READERS_OWN) == OTHER
    check(site, kiosk)


def test_backlogs_that_arrive_in_the_wrong_order_end_right(site: Site, kiosk: Machine, second: Machine) -> None:
    """Lent on the first machine, returned on the second and lent there again; the second is back first."""
    away(kiosk, second)
    kiosk.offline(Op.CHECKOUT)
    site.run(600)
    second.offline(Op.CHECKIN)
    site.run(600)
    second.offline(Op.CHECKOUT, BOOK, OTHER)
    site.run(3600)
    back(second)
    assert site.done() == [], "a machine that was away then has not told everything"
    back(kiosk)

    assert site.borrower() == OTHER
    assert site.done() == ["checkout"]
    check(site, kiosk, second)


def test_a_younger_loan_is_not_ended_by_an_old_return(site: Site, kiosk: Machine, second: Machine) -> None:
    """Returned offline, lent again online elsewhere: the backlog must not check it in blindly."""
    away(kiosk)
    kiosk.offline(Op.CHECKIN, READERS_OWN)
    site.run(600)
    site.acs.circulation.checkin(READERS_OWN, int(site.hub.wall()), "")  # staff book it at the desk
    loan = second.intent(Op.CHECKOUT, READERS_OWN, OTHER)
    second.write(loan)
    assert isinstance(second.ask_effect(loan), EffectGranted)
    second.final(loan, Outcome.DELIVERED)
    second.flush()
    before = site.done(READERS_OWN)
    back(kiosk)

    assert site.done(READERS_OWN) == before
    assert site.borrower(READERS_OWN) == OTHER


def test_a_blind_return_from_a_backlog_ends_the_next_readers_loan_and_is_caught(
    site: Site, kiosk: Machine, second: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant: an offline return is sent as it comes."""

    def blind(self: lines.Lines, item: ItemBarcode, claimed: object) -> None:
        for row in site.ledger.read(lambda tx: effects.of_item(tx, item, 60)):
            if row.op is Op.CHECKIN and row.todo:
                self._applier._take_back(row)

    away(kiosk)
    kiosk.offline(Op.CHECKIN, READERS_OWN)
    site.run(600)
    site.acs.circulation.checkin(READERS_OWN, int(site.hub.wall()), "")
    second.online(Op.CHECKOUT, Outcome.DELIVERED, READERS_OWN, OTHER)
    second.flush()
    monkeypatch.setattr(lines.Lines, "settle", blind)
    back(kiosk)

    assert site.borrower(READERS_OWN) is None, "the next reader's loan is gone"


def test_clocks_that_are_wrong_by_hours_change_nothing(site: Site, kiosk: Machine, second: Machine) -> None:
    kiosk.clock_off_ms, second.clock_off_ms = 3 * 3_600_000, -2 * 3_600_000
    kiosk.birth()
    second.birth()
    away(kiosk, second)
    kiosk.offline(Op.CHECKOUT)
    site.run(1200)
    second.offline(Op.CHECKIN)
    site.run(1200)
    kiosk.offline(Op.CHECKOUT, BOOK, OTHER)
    site.run(1200)
    back(kiosk, second)

    assert site.borrower() == OTHER
    check(site, kiosk, second)


def impatient(tmp_path: Path) -> tuple[Site, Machine]:
    """A site that waits an hour where others wait a day."""
    site = Site(tmp_path, settings=config(tmp_path, keep=KeepSection(sealed_days=30, line_wait_h=1, silent_h=1)))
    site.run(6)
    kiosk = site.machine()
    kiosk.birth()
    return site, kiosk


def test_a_conflict_that_waited_long_enough_goes_to_people(tmp_path: Path) -> None:
    """The machine that could explain it never comes back."""
    site, kiosk = impatient(tmp_path)
    second = site.machine("kiosk-2")
    second.birth()
    away(second)
    kiosk.online(Op.CHECKOUT, Outcome.DELIVERED)
    kiosk.flush()
    away(kiosk)
    kiosk.offline(Op.CHECKOUT, BOOK, OTHER)
    site.run(600)
    back(kiosk)
    assert site.kinds() == []
    site.run(3700)

    assert site.borrower() == READER
    assert site.kinds() == ["other_loan"]


def test_a_loan_that_the_library_system_refuses_afterwards_is_for_people(site: Site, kiosk: Machine) -> None:
    late = next(row.patron_id for row in demo_data().patrons if row.state.value == "overdue")
    away(kiosk)
    loan = kiosk.offline(Op.CHECKOUT, BOOK, late)
    site.run(600)
    back(kiosk)

    assert site.borrower() is None
    assert site.kinds() == ["offline_refused"]
    row = site.effect(loan.key)
    assert row is not None
    assert row.state is State.REFUSED


def test_a_loan_accepted_offline_after_a_late_refusal_is_for_people(site: Site, kiosk: Machine) -> None:
    late = next(row.patron_id for row in demo_data().patrons if row.state.value == "overdue")
    loan = kiosk.intent(patron=late)
    kiosk.write(loan)
    kiosk.ask_effect(loan)
    kiosk.final(loan, Outcome.DELIVERED, offline=True)
    kiosk.flush()
    site.run(10)

    assert site.kinds() == ["offline_refused"]
    assert site.done() == []


def test_a_copy_dropped_with_its_mark_armed_ends_no_loan_of_a_machine(
    site: Site, kiosk: Machine, second: Machine
) -> None:
    """Somebody throws in a copy from the shelf: it was never lent."""
    away(kiosk)
    kiosk.offline(Op.CHECKIN, BOOK, security=SecurityState.ON)
    site.run(600)
    back(kiosk)

    assert site.done() == []
    check(site, kiosk)


def test_a_return_that_was_older_than_the_booked_one_asks_for_a_lower_charge(
    site: Site, kiosk: Machine, second: Machine, third: Machine
) -> None:
    away(kiosk, second)
    kiosk.offline(Op.CHECKIN, READERS_OWN)  # the true return
    site.run(600)
    second.offline(Op.CHECKOUT, READERS_OWN, OTHER)
    site.hub.set_wall(site.hub.wall() + 30 * 3600)
    site.run(10)
    again = third.intent(Op.CHECKIN, READERS_OWN)  # the next reader brings it back, online, a day later
    third.write(again)
    third.ask_effect(again)
    third.final(again, Outcome.RETURNED)
    third.flush()
    back(kiosk)
    back(second)
    site.run(60)

    assert site.borrower(READERS_OWN) is None
    assert site.kinds() == ["fine_correction"]


def test_a_reader_whose_day_key_is_gone_cannot_be_charged(site: Site, kiosk: Machine) -> None:
    away(kiosk)
    kiosk.offline(Op.CHECKOUT)
    site.gateway.parts.day_keys._pairs.clear()
    back(kiosk)

    assert site.kinds() == ["no_reader"]
    assert site.done() == []


@pytest.mark.parametrize("command", ["09", "11"])
@pytest.mark.parametrize(
    "fault", [FaultKind.MUTE_AFTER_ACT, FaultKind.MUTE, FaultKind.CLOSE_AFTER_ACT, FaultKind.CLOSE_BEFORE_ACT]
)
def test_a_line_whose_move_got_no_answer_is_worked_out_anew(
    site: Site, kiosk: Machine, command: str, fault: FaultKind
) -> None:
    away(kiosk)
    kiosk.offline(Op.CHECKIN, READERS_OWN)
    site.run(60)
    kiosk.offline(Op.CHECKOUT, READERS_OWN, OTHER)
    site.run(600)
    site.order(fault, command)
    back(kiosk)
    site.run(120)

    assert site.done(READERS_OWN) == ["checkin", "checkout"]
    assert site.borrower(READERS_OWN) == OTHER
    check(site, kiosk)


@pytest.mark.parametrize("fault", [FaultKind.MUTE_AFTER_ACT, FaultKind.BAD_CHECKSUM, FaultKind.MUTE])
def test_a_reader_who_returned_and_borrowed_again_is_charged_once_more_only(
    site: Site, kiosk: Machine, second: Machine, fault: FaultKind
) -> None:
    """The same reader twice: a loan found after a lost answer is the new one, not the one that was just ended."""
    second.online(Op.CHECKOUT, Outcome.DELIVERED)
    second.flush()
    away(kiosk)
    kiosk.offline(Op.CHECKIN)
    site.run(60)
    kiosk.offline(Op.CHECKOUT)
    site.run(600)
    site.order(fault, "11")
    back(kiosk)
    site.run(60)

    assert site.done() == ["checkout", "checkin", "checkout"]
    assert site.borrower() == READER
    check(site, kiosk, second)


def test_a_loan_that_nobody_took_does_not_pass_for_a_reader_with_the_copy(
    site: Site, kiosk: Machine, second: Machine, third: Machine
) -> None:
    """Granted on the first machine and cancelled there, which is told late; lent offline on the second within the
    same seconds in which the third takes the copy back online."""
    kiosk.online(Op.CHECKOUT, Outcome.CANCELLED)
    site.run(600)
    away(second)
    second.offline(Op.CHECKOUT)
    site.run(1)
    third.online(Op.CHECKIN, Outcome.RETURNED)
    third.flush()
    kiosk.flush()
    back(second)

    assert site.borrower() is None
    assert site.kinds() == []


def test_a_line_waits_for_the_end_of_a_loan_that_may_not_have_been_taken(
    site: Site, kiosk: Machine, second: Machine, third: Machine
) -> None:
    untaken = kiosk.intent()
    kiosk.write(untaken)
    kiosk.ask_effect(untaken)
    site.run(600)
    away(second)
    second.offline(Op.CHECKOUT)
    site.run(1)
    third.online(Op.CHECKIN, Outcome.RETURNED)
    third.flush()
    back(second)
    assert site.borrower() is None, "nothing is moved before the first machine has told how its loan ended"
    kiosk.final(untaken, Outcome.CANCELLED)
    kiosk.flush()
    site.run(60)

    assert site.borrower() is None
    assert site.kinds() == []


def test_a_will_that_comes_late_keeps_nobody_waiting(site: Site, kiosk: Machine, second: Machine) -> None:
    away(kiosk, second)
    kiosk.offline(Op.CHECKIN, READERS_OWN)
    site.run(600)
    second.offline(Op.CHECKOUT, READERS_OWN, OTHER)
    kiosk.birth()
    second.birth()
    second.birth(online=False)  # the broker's word on a connection that has long been replaced
    kiosk.flush()
    second.flush()
    site.run(60)

    assert site.borrower(READERS_OWN) == OTHER


def handed_on_while_a_clock_was_set_back(site: Site, kiosk: Machine, second: Machine) -> None:
    """Returned and lent to OTHER on the second machine; half an hour later returned and lent to READER on the first,
    whose clock was set back by an hour meanwhile."""
    away(kiosk, second)
    second.offline(Op.CHECKIN, READERS_OWN)
    site.run(60)
    second.offline(Op.CHECKOUT, READERS_OWN, OTHER)
    site.run(1800)
    kiosk.clock_off_ms = -3_600_000
    kiosk.offline(Op.CHECKIN, READERS_OWN)
    site.run(60)
    kiosk.offline(Op.CHECKOUT, READERS_OWN, READER)
    site.run(1800)
    back(second, kiosk)


def test_a_clock_that_was_set_back_during_an_outage_charges_no_innocent_reader(
    site: Site, kiosk: Machine, second: Machine
) -> None:
    kiosk.note("before the outage")
    kiosk.flush()
    handed_on_while_a_clock_was_set_back(site, kiosk, second)

    assert site.borrower(READERS_OWN) == READER
    assert site.kinds() == []


def test_trusting_the_wall_clock_of_a_boot_charges_an_innocent_reader_and_is_caught(
    site: Site, kiosk: Machine, second: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant: a record happened when the machine's clock said, corrected by what it was off before the outage."""

    def by_wall(head: Head, offsets: Offsets, floor_ms: int, arrived_ms: int) -> Span:
        at_ms = head.wall_ms
        if head.boot not in offsets or at_ms < floor_ms - SLACK_MS or at_ms > arrived_ms + SLACK_MS:
            return Span(first_ms=min(floor_ms, arrived_ms), last_ms=arrived_ms)
        return Span(first_ms=at_ms - SLACK_MS, last_ms=at_ms + SLACK_MS)

    monkeypatch.setattr(arrivals, "span_of", by_wall)
    site.run(7200)
    handed_on_while_a_clock_was_set_back(site, kiosk, second)

    assert site.borrower(READERS_OWN) == OTHER, "who has not got it"


def test_after_the_bin_was_taken_an_offline_return_gets_a_read_and_people(site: Site, kiosk: Machine) -> None:
    away(kiosk)
    kiosk.offline(Op.CHECKIN, READERS_OWN)
    kiosk.note("bin_taken")
    site.run(600)
    back(kiosk)

    assert site.kinds() == ["bin_taken"]
    assert site.acs.received["09"] == 0


def test_a_loan_that_stands_unproven_is_booked_and_shown_to_people(site: Site, kiosk: Machine) -> None:
    away(kiosk)
    loan = kiosk.intent()
    kiosk.write(loan)
    kiosk.final(loan, Outcome.STANDS, offline=True)
    site.run(60)
    back(kiosk)

    assert site.borrower() == READER
    assert site.kinds() == ["mark_unproven"]


def test_a_key_without_an_end_on_a_silent_machine_is_named_in_time(tmp_path: Path) -> None:
    site, kiosk = impatient(tmp_path)
    intent = kiosk.intent()
    kiosk.write(intent)
    kiosk.ask_effect(intent)
    kiosk.birth(online=False)
    site.run(2 * 3600 + 100)

    assert site.kinds() == ["unsettled"]
