"""Questions for effects that are answered at once: checkouts, returns, renewals and fees."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain import ItemBarcode, PatronId, Refusal
from kiosk.gateway.deeds import read_before
from kiosk.gateway.lease import NAME, Lease
from kiosk.gateway.sim import FaultKind
from kiosk.ledger import secrets
from kiosk.ledger.effects import State
from kiosk.messages.asks import AskItem, EffectGranted, EffectRefused, Unavailable
from kiosk.messages.records import Op, Outcome
from tests.unit.gateway.rig import BOOK, OTHER, READER, SECOND, Machine, Site, demo_data, reason

READERS_OWN = ItemBarcode("D1000004")  # on loan to READER since the library opened


def test_a_reader_borrows_a_book_and_the_ledger_agrees_with_the_library_system(site: Site, kiosk: Machine) -> None:
    intent = kiosk.intent()
    kiosk.write(intent)

    answer = kiosk.ask_effect(intent)

    assert isinstance(answer, EffectGranted)
    assert answer.due == "2026-12-22"
    assert answer.title == "红楼梦"
    assert site.borrower() == READER
    kiosk.final(intent, Outcome.DELIVERED)
    kiosk.flush()
    row = site.effect(intent.key)
    assert row is not None
    assert row.state is State.SETTLED
    assert kiosk.receipt.through == 2
    assert site.kinds() == []


def test_the_same_key_gets_the_same_answer_and_no_second_loan(site: Site, kiosk: Machine) -> None:
    intent = kiosk.intent()
    kiosk.write(intent)
    kiosk.ask_effect(intent)
    kiosk.ask_effect(intent)

    first, second = kiosk.answers[intent.key]

    assert first == second
    assert site.done() == ["checkout"]


def test_a_question_that_comes_twice_at_once_lends_once(site: Site, kiosk: Machine) -> None:
    intent = kiosk.intent()
    kiosk.write(intent)
    kiosk.ask_effect(intent, run=0)
    kiosk.ask_effect(intent, run=0)
    site.run(2)

    assert site.done() == ["checkout"]
    assert len(set(map(repr, kiosk.answers[intent.key]))) == 1


def test_an_intent_in_the_outbox_lane_causes_nothing(site: Site, kiosk: Machine) -> None:
    intent = kiosk.intent()
    kiosk.write(intent)
    kiosk.flush()
    site.run(120)

    assert kiosk.receipt.through == 1
    assert site.done() == []


def test_a_question_nobody_waits_for_does_nothing_and_says_nothing(site: Site, kiosk: Machine) -> None:
    intent = kiosk.intent()
    kiosk.write(intent)

    answer = kiosk.ask_effect(intent, answer_s=1.0)

    assert answer is None
    assert site.done() == []


def test_a_cancelled_key_is_refused_when_its_question_comes_late(site: Site, kiosk: Machine) -> None:
    intent = kiosk.intent()
    kiosk.write(intent)
    kiosk.final(intent, Outcome.CANCELLED)
    kiosk.flush()

    answer = kiosk.ask_effect(intent)

    assert reason(answer) is Refusal.VOID
    assert site.done() == []


def test_a_loan_that_was_granted_and_cancelled_is_taken_back(site: Site, kiosk: Machine) -> None:
    intent = kiosk.online(Op.CHECKOUT, Outcome.CANCELLED)
    kiosk.flush()
    site.run(5)

    assert site.done() == ["checkout", "checkin"]
    assert site.borrower() is None
    row = site.effect(intent.key)
    assert row is not None
    assert row.state is State.VOID
    assert site.kinds() == []


def test_a_cancelled_loan_that_another_reader_has_by_now_is_left_alone(site: Site, kiosk: Machine) -> None:
    intent = kiosk.intent()
    kiosk.write(intent)
    kiosk.ask_effect(intent)
    site.acs.circulation.checkin(BOOK, int(site.hub.wall()), "")
    site.acs.circulation.checkout(OTHER, BOOK)
    kiosk.final(intent, Outcome.UNDONE)
    kiosk.flush()
    site.run(5)

    assert site.borrower() == OTHER
    row = site.effect(intent.key)
    assert row is not None
    assert row.state is State.VOID


def test_a_book_that_is_already_the_readers_is_not_renewed_in_silence(site: Site, kiosk: Machine) -> None:
    intent = kiosk.intent(item=READERS_OWN)
    kiosk.write(intent)

    answer = kiosk.ask_effect(intent)

    assert reason(answer) is Refusal.ITEM_ALREADY_YOURS
    assert site.done(READERS_OWN) == []


def test_a_book_on_loan_to_another_reader_is_refused_without_asking_for_it(site: Site, kiosk: Machine) -> None:
    intent = kiosk.intent(item=READERS_OWN, patron=OTHER)
    kiosk.write(intent)

    assert reason(kiosk.ask_effect(intent)) is Refusal.ITEM_ON_LOAN_OTHER
    assert site.acs.received["11"] == 0


def test_an_unknown_item_is_refused(site: Site, kiosk: Machine) -> None:
    intent = kiosk.intent(item=ItemBarcode("NOT-OURS"))
    kiosk.write(intent)

    assert reason(kiosk.ask_effect(intent)) is Refusal.ITEM_UNKNOWN


def test_a_refused_loan_and_its_cancelled_key_leave_nothing_to_do(site: Site, kiosk: Machine) -> None:
    intent = kiosk.online(Op.CHECKOUT, Outcome.CANCELLED, item=READERS_OWN)
    kiosk.flush()

    row = site.effect(intent.key)
    assert row is not None
    assert row.state is State.REFUSED
    assert not row.todo
    assert site.kinds() == []


def test_a_reader_with_overdue_books_hears_why(site: Site, kiosk: Machine) -> None:
    late = next(row.patron_id for row in demo_data().patrons if row.state.value == "overdue")
    intent = kiosk.intent(patron=PatronId(late))
    kiosk.write(intent)

    assert reason(kiosk.ask_effect(intent)) is Refusal.PATRON_OVERDUE


def test_a_box_that_belongs_to_another_key_opens_nothing(site: Site, kiosk: Machine) -> None:
    first, second = kiosk.intent(), kiosk.intent()
    forged = replace(second, patron=first.patron)
    kiosk.write(forged)

    answer = kiosk.ask_effect(forged)

    assert isinstance(answer, EffectRefused)
    assert site.done() == []


def test_a_return_is_booked_with_its_time_and_ends_the_loan(site: Site, kiosk: Machine) -> None:
    intent = kiosk.intent(Op.CHECKIN, READERS_OWN)
    kiosk.write(intent)

    answer = kiosk.ask_effect(intent)

    assert isinstance(answer, EffectGranted)
    assert answer.was_on_loan
    assert site.borrower(READERS_OWN) is None
    kiosk.final(intent, Outcome.RETURNED)
    kiosk.flush()
    assert site.kinds() == []


def test_a_return_of_a_book_that_was_not_on_loan_says_so(site: Site, kiosk: Machine) -> None:
    intent = kiosk.intent(Op.CHECKIN, BOOK)
    kiosk.write(intent)

    answer = kiosk.ask_effect(intent)

    assert isinstance(answer, EffectGranted)
    assert not answer.was_on_loan


def test_a_renewal_moves_the_due_date_once(site: Site, kiosk: Machine) -> None:
    due = kiosk.ask_item(READERS_OWN).due
    intent = kiosk.intent(Op.RENEW, READERS_OWN, due_before=due)
    kiosk.write(intent)
    answer = kiosk.ask_effect(intent)
    kiosk.ask_effect(intent)

    assert isinstance(answer, EffectGranted)
    assert answer.due > due
    assert site.done(READERS_OWN) == ["renew"]


def test_a_renewal_that_has_happened_already_is_not_repeated_under_a_second_key(site: Site, kiosk: Machine) -> None:
    due = kiosk.ask_item(READERS_OWN).due
    for _ in range(2):
        intent = kiosk.intent(Op.RENEW, READERS_OWN, due_before=due)
        kiosk.write(intent)
        answer = kiosk.ask_effect(intent)
        assert isinstance(answer, EffectGranted)

    assert site.done(READERS_OWN) == ["renew"]


def test_a_library_system_that_is_away_is_said_to_be_away(site: Site, kiosk: Machine) -> None:
    site.pool.close()
    intent = kiosk.intent()
    kiosk.write(intent)

    assert kiosk.ask_effect(intent) == Unavailable()
    assert site.effect(intent.key) is None


def test_what_the_same_machine_did_before_with_the_book_is_settled_first(site: Site, kiosk: Machine) -> None:
    before = kiosk.offline(Op.CHECKIN, READERS_OWN)
    seq = len(kiosk.journal)
    intent = kiosk.intent(item=READERS_OWN, patron=OTHER)
    kiosk.write(intent)

    kiosk.ask_effect(intent, depends=[seq], run=0)
    kiosk.flush(run=False)
    site.run(6)

    assert isinstance(kiosk.answer(intent.key), EffectGranted)
    assert site.done(READERS_OWN) == ["checkin", "checkout"]
    row = site.effect(before.key)
    assert row is not None
    assert row.state is State.SETTLED


def test_a_question_whose_history_never_arrives_is_left_unanswered(site: Site, kiosk: Machine) -> None:
    kiosk.offline(Op.CHECKIN, READERS_OWN)
    intent = kiosk.intent(item=READERS_OWN, patron=OTHER)
    kiosk.write(intent)

    assert kiosk.ask_effect(intent, depends=[3], run=10) is None
    assert site.done(READERS_OWN) == []


def test_two_machines_ask_for_one_book_and_one_gets_it(site: Site, kiosk: Machine) -> None:
    other = site.machine("kiosk-2")
    other.birth()
    mine, yours = kiosk.intent(), other.intent(patron=OTHER)
    kiosk.write(mine)
    other.write(yours)
    kiosk.ask_effect(mine, run=0)
    other.ask_effect(yours, run=0)
    site.run(3)

    answers = (kiosk.answer(mine.key), other.answer(yours.key))
    assert sorted(type(answer).__name__ for answer in answers) == ["EffectGranted", "EffectRefused"]
    assert site.done() == ["checkout"]


def test_what_was_read_before_a_loan_is_not_believed_after_it(site: Site, kiosk: Machine) -> None:
    """A 17 that was asked before the loan and answered after it: the next loan reads again, and renews nothing."""
    second = site.machine("kiosk-2")
    second.birth()
    site.order(FaultKind.LATE_ANSWER, "17", seconds=1.5)
    second.ask(AskItem(item=BOOK), run=0.2)
    kiosk.online(Op.CHECKOUT, Outcome.DELIVERED)
    kiosk.flush()
    site.run(1)
    again = second.intent()
    second.write(again)

    assert reason(second.ask_effect(again)) is Refusal.ITEM_ALREADY_YOURS
    assert site.done() == ["checkout"]


def test_what_was_read_a_moment_ago_is_not_read_again(site: Site, kiosk: Machine) -> None:
    kiosk.ask_item()
    intent = kiosk.intent()
    kiosk.write(intent)

    assert isinstance(kiosk.ask_effect(intent), EffectGranted)
    assert site.acs.received["17"] == 1


def test_a_returned_book_that_was_read_a_moment_ago_is_not_read_again(site: Site, kiosk: Machine) -> None:
    kiosk.ask_item(READERS_OWN)
    intent = kiosk.intent(Op.CHECKIN, item=READERS_OWN)
    kiosk.write(intent)

    answer = kiosk.ask_effect(intent)

    assert isinstance(answer, EffectGranted)
    assert answer.was_on_loan
    assert site.acs.received["17"] == 1
    row = site.effect(intent.key)
    assert row is not None
    assert read_before(row.pre).on_loan


def test_a_gateway_that_lost_its_lease_while_it_asked_writes_nothing_down(site: Site, kiosk: Machine) -> None:
    """It was frozen, another one took over and looks after the row: what it writes would undo what the other found."""
    site.order(FaultKind.LATE_ANSWER, "11", seconds=1.5)
    intent = kiosk.intent()
    kiosk.write(intent)
    kiosk.ask_effect(intent, run=0.5)
    site.ledger.run(lambda tx: secrets.give_back_lease(tx, NAME, secrets.lease_holder(tx, NAME)))
    assert Lease(site.ledger, site.hub, "gateway-2", "run1").renew()
    site.run(2)

    row = site.effect(intent.key)
    assert row is not None
    assert row.state is State.ATTEMPTING
    assert kiosk.answer(intent.key) is None


def test_two_books_are_two_effects(site: Site, kiosk: Machine) -> None:
    for item in (BOOK, SECOND):
        intent = kiosk.intent(item=item)
        kiosk.write(intent)
        assert isinstance(kiosk.ask_effect(intent), EffectGranted)
