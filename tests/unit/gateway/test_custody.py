"""Who has the copy? Orders, turns, times and marks; then what to do in the library system."""

from __future__ import annotations

import pytest

from kiosk.gateway.custody import Event, Held, NoOrder, Several, Span, Turn, Where, holder, last_seen
from kiosk.gateway.line import Move, Staff, Standing, Stays, Wait, Why, plan, window
from kiosk.site.prove.custody import MUTANTS, custody

LOAN, RETURN = Turn.LOAN, Turn.RETURN


def event(machine: str, order: int, turn: Turn, at: int | tuple[int, int], **more: object) -> Event:
    first, last = at if isinstance(at, tuple) else (at, at)
    span = Span(first_ms=first, last_ms=last)
    return Event(key=f"{machine}{order}", machine=machine, order=order, turn=turn, span=span, **more)  # type: ignore[arg-type]  # only flags


def test_a_loan_from_the_shelf_ends_with_its_reader() -> None:
    verdict = holder([event("a", 1, LOAN, 10)], Where.LIBRARY)

    assert isinstance(verdict, Held)
    assert verdict.by == "a1"


def test_loans_and_returns_of_two_machines_take_turns_whatever_the_clocks_say() -> None:
    """a lends, b takes back, a lends again: nothing is known about times, and only one order alternates."""
    anywhen = (0, 1_000)
    events = [event("a", 1, LOAN, anywhen), event("a", 2, LOAN, anywhen), event("b", 1, RETURN, anywhen)]

    verdict = holder(events, Where.LIBRARY)

    assert isinstance(verdict, Held)
    assert [each.key for each in verdict.order] == ["a1", "b1", "a2"]
    assert verdict.by == "a2"
    assert verdict.ended["a1"].key == "b1"


def test_certain_times_decide_between_two_possible_orders() -> None:
    early = [event("a", 1, RETURN, 10), event("a", 2, LOAN, 20), event("b", 1, RETURN, 30), event("b", 2, LOAN, 40)]
    verdict = holder(early, Where.READER)

    assert isinstance(verdict, Held)
    assert verdict.by == "b2"


def test_without_times_two_readers_are_possible_and_none_is_chosen() -> None:
    anywhen = (0, 1_000)
    events = [
        event("a", 1, RETURN, anywhen),
        event("a", 2, LOAN, anywhen),
        event("b", 1, RETURN, anywhen),
        event("b", 2, LOAN, anywhen),
    ]

    assert holder(events, Where.READER) == Several(holders=frozenset({"a2", "b2"}))


def test_two_loans_without_a_return_between_them_have_no_order() -> None:
    events = [event("a", 1, LOAN, 10), event("b", 1, LOAN, 20)]

    assert holder(events, Where.LIBRARY) is NoOrder.NONE
    seen = last_seen(events)
    assert isinstance(seen, Held)
    assert seen.by == "b1"


def test_an_armed_copy_was_not_lent_by_a_machine() -> None:
    events = [event("a", 1, LOAN, 10), event("b", 1, RETURN, 20, armed=True)]

    assert holder(events, Where.LIBRARY) is NoOrder.NONE
    alone = holder([event("b", 1, RETURN, 20, armed=True)], Where.LIBRARY)
    assert isinstance(alone, Held)
    assert alone.by is None


def test_an_armed_copy_may_end_a_loan_whose_mark_was_never_proven_off() -> None:
    events = [event("a", 1, LOAN, 10, unsure=True), event("b", 1, RETURN, 20, armed=True)]
    verdict = holder(events, Where.LIBRARY)

    assert isinstance(verdict, Held)
    assert verdict.by is None


def test_a_line_too_long_to_think_through_goes_to_people() -> None:
    anywhen = (0, 1_000)
    events = [
        event(machine, order, LOAN if order % 2 else RETURN, anywhen) for machine in "abcdefg" for order in range(1, 8)
    ]

    assert holder(events, Where.LIBRARY) is NoOrder.TOO_MANY


def test_a_window_holds_what_can_still_matter() -> None:
    old = event("a", 1, LOAN, 10, booked_ms=11)
    since = event("b", 1, RETURN, 500, booked_ms=501, was_charged=True)
    owed = event("a", 2, LOAN, 400, owed=True)

    events, start = window([old, since, owed])

    assert {each.key for each in events} == {"b1", "a2"}
    assert start is Where.READER


def test_a_window_reaches_back_to_what_was_booked_later() -> None:
    """Told late and booked late: it is older than the window, but the library system learned it inside."""
    late = event("c", 1, LOAN, 10, booked_ms=600)
    inside = event("b", 1, RETURN, 500, booked_ms=501)
    owed = event("a", 2, LOAN, 400, owed=True)

    events, start = window([late, inside, owed])

    assert {each.key for each in events} == {"c1", "b1", "a2"}
    assert start is Where.LIBRARY


def test_nothing_owed_means_nothing_to_do() -> None:
    assert window([event("a", 1, LOAN, 10, booked_ms=11)]) == ((), None)


OWED_RETURN = event("a", 1, RETURN, 10, owed=True)
OWED_LOAN = event("a", 2, LOAN, 20, owed=True)


def test_an_outstanding_return_is_booked_on_the_loan_from_before() -> None:
    todo = plan([OWED_RETURN], Where.READER, Standing(loan="reader"), undrained=False)

    assert isinstance(todo, Move)
    assert todo.close == OWED_RETURN
    assert todo.open is None


def test_a_pair_that_is_past_moves_nothing() -> None:
    events = [event("a", 1, LOAN, 10, owed=True), event("a", 2, RETURN, 20, owed=True)]

    assert isinstance(plan(events, Where.LIBRARY, Standing(loan=None), undrained=False), Stays)


def test_a_loan_nobody_knows_is_never_ended_by_a_backlog() -> None:
    todo = plan([OWED_RETURN], Where.READER, Standing(loan="unknown"), undrained=False)

    assert todo == Staff(why=Why.OTHER_LOAN)


def test_a_younger_loan_supersedes_an_old_return() -> None:
    younger = event("b", 1, LOAN, 30, booked_ms=31)
    todo = plan([OWED_RETURN, younger], Where.READER, Standing(loan="b1"), undrained=False)

    assert isinstance(todo, Stays)


def test_a_machine_that_has_not_told_everything_is_waited_for_when_it_may_matter() -> None:
    other = event("b", 1, LOAN, 30, owed=True)

    assert plan([OWED_RETURN, other], Where.READER, Standing(loan="reader"), undrained=True) == Wait()
    assert isinstance(plan([OWED_RETURN], Where.READER, Standing(loan="reader"), undrained=True), Move)


def test_after_the_wait_several_possible_holders_go_to_people() -> None:
    anywhen = (0, 1_000)
    events = [
        event("a", 1, RETURN, anywhen, owed=True),
        event("a", 2, LOAN, anywhen, owed=True),
        event("b", 1, RETURN, anywhen, owed=True),
        event("b", 2, LOAN, anywhen, owed=True),
    ]

    assert plan(events, Where.READER, Standing(loan="reader"), undrained=False) == Staff(why=Why.SEVERAL)


def test_hundreds_of_random_outages_end_with_the_reader_who_has_the_copy() -> None:
    report = custody(400, seed=20)

    assert report.holds
    assert report.unsettled <= 8, "only histories with lost boot times may need people"


@pytest.mark.parametrize("mutant", MUTANTS)
def test_every_wrong_way_to_settle_backlogs_is_caught(mutant: str) -> None:
    assert custody(250, seed=20, mutant=mutant).wrong > 0


@pytest.mark.slow
def test_thirty_thousand_random_outages_end_with_the_reader_who_has_the_copy() -> None:
    report = custody(30_000, seed=7)

    assert report.holds
    assert report.unsettled < 0.005 * report.count
