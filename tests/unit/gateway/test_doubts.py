"""The library system fails in every way it can; no loan is made twice, none is forgotten, and no doubt goes unnamed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kiosk.domain import ItemBarcode, Refusal
from kiosk.gateway.applier import Applier
from kiosk.gateway.audit import audit
from kiosk.gateway.deeds import Before
from kiosk.gateway.settler import Settler
from kiosk.gateway.sim import FaultKind
from kiosk.gateway.sip2 import Request
from kiosk.ledger import Tx, tasks
from kiosk.ledger.effects import Effect, State
from kiosk.messages.asks import EffectGranted, EffectRefused
from kiosk.messages.records import Intent, OfflineAccepted, Op, Outcome
from tests.unit.gateway.rig import BOOK, READER, DemoBooks, Machine, Site, reason, told

READERS_OWN = ItemBarcode("D1000004")
ACTED = (
    FaultKind.MUTE_AFTER_ACT,
    FaultKind.CLOSE_AFTER_ACT,
    FaultKind.BAD_CHECKSUM,
    FaultKind.GARBAGE,
    FaultKind.WRONG_SEQUENCE,
    FaultKind.NO_CR,
    FaultKind.REFUSE_AFTER_ACT,
)
NOT_ACTED = (FaultKind.MUTE, FaultKind.CLOSE_BEFORE_ACT, FaultKind.ASK_AGAIN)


def check(site: Site, *machines: Machine) -> None:
    found = audit([told(*machines)], site.ledger, DemoBooks(site.audit))
    assert found.lost == ()
    assert found.doubled == ()
    assert found.unsettled == ()


@pytest.mark.parametrize("fault", ACTED)
def test_a_loan_whose_answer_was_lost_is_found_and_granted_once(site: Site, kiosk: Machine, fault: FaultKind) -> None:
    site.order(fault, "11")
    intent = kiosk.intent()
    kiosk.write(intent)

    answer = kiosk.ask_effect(intent, answer_s=20, run=15)

    assert isinstance(answer, EffectGranted)
    assert answer.due == "2026-12-22"
    assert site.done() == ["checkout"]
    kiosk.final(intent, Outcome.DELIVERED)
    kiosk.flush()
    check(site, kiosk)


@pytest.mark.parametrize("fault", NOT_ACTED)
def test_a_loan_that_was_not_made_is_tried_once_more_while_the_asker_waits(
    site: Site, kiosk: Machine, fault: FaultKind
) -> None:
    site.order(fault, "11")
    intent = kiosk.intent()
    kiosk.write(intent)

    answer = kiosk.ask_effect(intent, answer_s=20, run=15)

    assert isinstance(answer, EffectGranted)
    assert site.acs.received["11"] == 2
    assert site.done() == ["checkout"]
    kiosk.final(intent, Outcome.DELIVERED)
    kiosk.flush()
    check(site, kiosk)


@pytest.mark.parametrize("fault", NOT_ACTED)
def test_a_loan_that_was_not_made_is_void_once_its_asker_has_gone(site: Site, kiosk: Machine, fault: FaultKind) -> None:
    site.order(fault, "11")
    intent = kiosk.intent()
    kiosk.write(intent)

    answer = kiosk.ask_effect(intent, answer_s=4, run=15)

    assert reason(answer) is Refusal.VOID
    assert site.acs.received["11"] == 1
    kiosk.final(intent, Outcome.CANCELLED)
    kiosk.flush()
    site.run(60)
    assert site.done() == []
    check(site, kiosk)


def test_a_loan_made_in_silence_and_cancelled_meanwhile_is_taken_back(site: Site, kiosk: Machine) -> None:
    site.order(FaultKind.MUTE_AFTER_ACT, "11")
    intent = kiosk.intent()
    kiosk.write(intent)
    kiosk.ask_effect(intent, answer_s=3, run=0.5)
    kiosk.final(intent, Outcome.CANCELLED)
    kiosk.flush()
    site.run(20)

    assert site.done() == ["checkout", "checkin"]
    assert site.borrower() is None
    check(site, kiosk)


def test_a_loan_made_in_silence_and_accepted_offline_is_confirmed_not_repeated(site: Site, kiosk: Machine) -> None:
    site.order(FaultKind.MUTE_AFTER_ACT, "11")
    intent = kiosk.intent()
    kiosk.write(intent)
    kiosk.ask_effect(intent, answer_s=3, run=3)
    kiosk.final(intent, Outcome.DELIVERED, offline=True)
    kiosk.flush()
    site.run(30)

    assert site.done() == ["checkout"]
    assert site.borrower() == READER
    check(site, kiosk)


def given_up(site: Site, kiosk: Machine) -> Intent:
    """A loan whose message got no answer, whose effect could not be seen, and which its machine has cancelled."""
    intent = kiosk.intent()
    kiosk.write(intent)
    answer = kiosk.ask_effect(intent, answer_s=4, run=10)
    assert reason(answer) is Refusal.VOID
    kiosk.final(intent, Outcome.CANCELLED)
    kiosk.flush()
    return intent


def unsettled(site: Site, kiosk: Machine) -> list[str]:
    found = audit([told(kiosk)], site.ledger, DemoBooks(site.audit))
    assert (found.lost, found.doubled) == ((), ())
    return [line.split(":")[0] for line in found.unsettled]


def close_tasks(site: Site) -> None:
    """Staff have seen to everything."""

    def work(tx: Tx) -> None:
        for task in tasks.open_tasks(tx):
            tasks.close(tx, task.id, "staff", "seen to", 1)

    site.ledger.run(work)


def test_a_message_executed_long_after_it_was_given_up_goes_to_people(site: Site, kiosk: Machine) -> None:
    """SIP2 has no fence: the 11 is carried out after 17 and 63 have shown that it was not."""
    site.order(FaultKind.LATE_ACT, "11", seconds=12)
    intent = given_up(site, kiosk)
    site.run(60)

    assert site.done() == ["checkout"]
    assert site.kinds() == ["whose_loan"]
    assert unsettled(site, kiosk) == [intent.key]

    site.acs.circulation.checkin(BOOK, int(site.hub.wall()), "")  # the book stands on the shelf
    close_tasks(site)
    assert site.borrower() is None


@pytest.mark.parametrize("late_s", [6, 12, 20])
def test_a_loan_that_the_machine_made_alone_is_not_asked_for_again_while_the_first_message_may_still_act(
    site: Site, kiosk: Machine, late_s: float
) -> None:
    """A second 11 for a loan that exists by then would be taken for a renewal."""
    site.order(FaultKind.LATE_ACT, "11", seconds=late_s)
    intent = kiosk.intent()
    kiosk.write(intent)
    kiosk.ask_effect(intent, answer_s=4, run=5)
    kiosk.write(OfflineAccepted(key=intent.key))
    kiosk.final(intent, Outcome.DELIVERED, offline=True)
    kiosk.flush()
    site.run(120)

    assert site.done() == ["checkout"]
    assert site.borrower() == READER
    assert site.kinds() == []
    assert unsettled(site, kiosk) == []


def test_a_loan_made_at_the_desk_after_the_machine_gave_up_is_left_alone(site: Site, kiosk: Machine) -> None:
    site.order(FaultKind.MUTE, "11")
    intent = given_up(site, kiosk)
    site.acs.circulation.checkout(READER, BOOK)
    site.run(60)

    assert site.done() == ["checkout"]
    assert site.borrower() == READER
    assert site.kinds() == ["whose_loan"]
    assert unsettled(site, kiosk) == [intent.key]
    close_tasks(site)
    check(site, kiosk)


@pytest.mark.parametrize("told_late", [False, True])
def test_a_loan_made_at_the_desk_while_the_library_system_could_not_be_read_is_left_alone(
    site: Site, kiosk: Machine, told_late: bool
) -> None:
    """The answer is lost with the connection, and minutes later the reader has the book: from the desk, as it is."""
    site.order(FaultKind.CLOSE_BEFORE_ACT, "11")
    site.order(FaultKind.CLOSE_BEFORE_ACT, "17", times=None, skip=1)
    intent = kiosk.intent()
    kiosk.write(intent)
    kiosk.ask_effect(intent, answer_s=4, run=1)
    kiosk.final(intent, Outcome.CANCELLED)
    if not told_late:
        kiosk.flush()
    site.run(120)
    site.acs.circulation.checkout(READER, BOOK)
    site.acs.faults.clear()
    site.run(200)
    kiosk.flush()
    site.run(10)

    assert site.done() == ["checkout"]
    assert site.borrower() == READER
    assert site.kinds() == ["whose_loan"]
    assert unsettled(site, kiosk) == [intent.key]


def test_a_lost_undo_is_not_repeated_on_another_loan_of_the_same_reader(site: Site, kiosk: Machine) -> None:
    """The 09 was carried out, its answer was lost, and the reader had the book lent at the desk until another day."""
    intent = kiosk.intent()
    kiosk.write(intent)
    kiosk.ask_effect(intent)
    site.order(FaultKind.MUTE_AFTER_ACT, "09")
    kiosk.final(intent, Outcome.UNDONE)
    kiosk.flush()
    site.run(1)
    site.order(FaultKind.CLOSE_BEFORE_ACT, "17", times=None)
    site.run(86_400)
    site.acs.circulation.checkout(READER, BOOK)
    site.acs.faults.clear()
    site.run(400)

    assert site.done() == ["checkout", "checkin", "checkout"]
    assert site.borrower() == READER
    assert site.kinds() == ["whose_loan"]


def test_a_last_look_that_sends_a_return_ends_the_loan_from_the_desk_and_is_caught(
    site: Site, kiosk: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant: charged to our reader, so it is by our message: 09 without a due date of our own."""

    def undo(self: Settler, effect: Effect) -> None:
        patron = self._applier.reader(effect)
        self._take_loan_back(effect, self._applier.look(effect, patron))

    monkeypatch.setattr(Settler, "_whose_loan", undo)
    site.order(FaultKind.MUTE, "11")
    given_up(site, kiosk)
    site.acs.circulation.checkout(READER, BOOK)
    site.run(60)

    assert site.borrower() is None, "the reader has a book that he was not lent"


@pytest.mark.parametrize("fault", [*ACTED, *NOT_ACTED])
def test_a_return_is_booked_once_whatever_the_library_system_answers(
    site: Site, kiosk: Machine, fault: FaultKind
) -> None:
    site.order(fault, "09")
    intent = kiosk.intent(Op.CHECKIN, READERS_OWN)
    kiosk.write(intent)

    answer = kiosk.ask_effect(intent, run=15)

    assert isinstance(answer, EffectGranted)
    assert answer.was_on_loan
    assert site.done(READERS_OWN) == ["checkin"]
    kiosk.final(intent, Outcome.RETURNED)
    kiosk.flush()
    check(site, kiosk)


@pytest.mark.parametrize("fault", [*ACTED, *NOT_ACTED])
def test_a_renewal_is_judged_by_its_due_date(site: Site, kiosk: Machine, fault: FaultKind) -> None:
    due = kiosk.ask_item(READERS_OWN).due
    site.order(fault, "29")
    intent = kiosk.intent(Op.RENEW, READERS_OWN, due_before=due)
    kiosk.write(intent)

    answer = kiosk.ask_effect(intent, answer_s=20, run=15)

    assert isinstance(answer, EffectGranted)
    assert answer.due > due
    assert site.done(READERS_OWN) == ["renew"]
    kiosk.final(intent, Outcome.DELIVERED)
    kiosk.flush()
    check(site, kiosk)


def test_a_doubt_waits_until_the_library_system_is_back(site: Site, kiosk: Machine) -> None:
    site.order(FaultKind.CLOSE_AFTER_ACT, "09")
    intent = kiosk.intent(Op.CHECKIN, READERS_OWN)
    kiosk.write(intent)
    kiosk.ask_effect(intent, run=0.5)
    site.service.close()
    site.order(FaultKind.CLOSE_BEFORE_ACT, "17", times=None)
    site.run(600)
    row = site.effect(intent.key)
    assert row is not None
    assert row.state is State.DOUBT
    site.acs.faults.clear()
    site.service.reopen()
    site.run(400)

    assert isinstance(kiosk.answer(intent.key), EffectGranted)
    assert site.done(READERS_OWN) == ["checkin"]


def test_a_library_system_that_takes_most_of_the_time_for_each_message_settles_a_doubt(
    site: Site, kiosk: Machine
) -> None:
    """17 and 63 have a time of their own: together they take longer than one message may."""
    site.acs.latency_s = 1.5
    site.order(FaultKind.MUTE_AFTER_ACT, "11")
    intent = kiosk.intent()
    kiosk.write(intent)
    answer = kiosk.ask_effect(intent, answer_s=20, run=15)

    assert isinstance(answer, EffectGranted)
    assert site.done() == ["checkout"]
    kiosk.final(intent, Outcome.DELIVERED)
    kiosk.flush()
    site.run(10)
    check(site, kiosk)


def test_a_renewal_is_not_sent_once_its_asker_has_gone_while_the_loan_was_read(site: Site, kiosk: Machine) -> None:
    due = kiosk.ask_item(READERS_OWN).due
    site.acs.latency_s = 1.5
    intent = kiosk.intent(Op.RENEW, READERS_OWN, due_before=due)
    kiosk.write(intent)
    kiosk.ask_effect(intent, answer_s=2.5, run=15)

    assert site.acs.received["63"] == 1
    assert site.acs.received["29"] == 0
    kiosk.final(intent, Outcome.CANCELLED)
    kiosk.flush()
    check(site, kiosk)


def test_the_next_question_about_the_book_waits_for_the_doubt(site: Site, kiosk: Machine) -> None:
    site.order(FaultKind.MUTE_AFTER_ACT, "11")
    first = kiosk.intent()
    kiosk.write(first)
    kiosk.ask_effect(first, answer_s=3, run=3)
    second = kiosk.intent()
    kiosk.write(second)

    answer = kiosk.ask_effect(second, answer_s=20, run=15)

    assert isinstance(answer, EffectRefused)
    assert answer.reason is Refusal.ITEM_ALREADY_YOURS
    assert site.done() == ["checkout"]


def test_a_return_that_nobody_can_judge_goes_to_people(tmp_path: Path) -> None:
    site = Site(tmp_path)
    kiosk = site.machine()
    kiosk.birth()
    site.order(FaultKind.MUTE, "09", times=None)
    intent = kiosk.intent(Op.CHECKIN, READERS_OWN)
    kiosk.write(intent)
    kiosk.ask_effect(intent, run=60)

    assert site.kinds() == ["doubt"]
    row = site.effect(intent.key)
    assert row is not None
    assert row.state is State.DOUBT
    assert site.acs.received["09"] == 2, "one more attempt while the copy is in the machine, then people"


def test_after_the_bin_is_taken_a_return_is_not_sent_again(site: Site, kiosk: Machine) -> None:
    site.order(FaultKind.MUTE, "09")
    intent = kiosk.intent(Op.CHECKIN, READERS_OWN)
    kiosk.write(intent)
    kiosk.ask_effect(intent, run=0.5)
    kiosk.final(intent, Outcome.RETURNED)
    kiosk.note("bin_taken")
    kiosk.flush()
    site.run(60)

    assert site.acs.received["09"] == 1
    assert site.kinds() == ["bin_taken"]


def test_sending_again_without_reading_doubles_effects_and_is_caught(
    site: Site, kiosk: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant: what got no answer is sent once more."""
    attempt = Applier.attempt

    def twice(self: Applier, effect: Effect, doing: str, was: Before, request: Request[Any]) -> Any:
        reply = attempt(self, effect, doing, was, request)
        return self.ils.ask(request, self.ils.by()) if reply is None else reply

    monkeypatch.setattr(Applier, "attempt", twice)
    site.order(FaultKind.MUTE_AFTER_ACT, "11")
    intent = kiosk.intent()
    kiosk.write(intent)
    kiosk.ask_effect(intent, answer_s=20, run=15)
    kiosk.final(intent, Outcome.DELIVERED)
    kiosk.flush()

    assert site.done() == ["checkout", "renew"], "a repeated 11 renews in silence"
    assert audit([told(kiosk)], site.ledger, DemoBooks(site.audit)).doubled
