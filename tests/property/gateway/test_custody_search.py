"""The search for orders, held against trying every permutation."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.gateway.custody import Event, Held, NoOrder, Several, Span, Turn, Where, holder

_SPANS = st.tuples(st.integers(0, 20), st.integers(0, 6)).map(lambda pair: Span(first_ms=pair[0], last_ms=sum(pair)))


@st.composite
def lines(draw: st.DrawFn) -> list[Event]:
    events = []
    for machine in "abc"[: draw(st.integers(1, 3))]:
        for order in range(draw(st.integers(0, 3))):
            turn = draw(st.sampled_from(Turn))
            events.append(
                Event(
                    key=f"{machine}{order}",
                    machine=machine,
                    order=order,
                    turn=turn,
                    span=draw(_SPANS),
                    armed=turn is Turn.RETURN and draw(st.booleans()),
                    unsure=turn is Turn.LOAN and draw(st.booleans()),
                )
            )
    return events


def _possible(order: tuple[Event, ...]) -> bool:
    for i, early in enumerate(order):
        for late in order[i + 1 :]:
            if early.machine == late.machine and late.order < early.order:
                return False
            if early.machine != late.machine and late.span.last_ms < early.span.first_ms:
                return False
    return True


def _ends(order: tuple[Event, ...], who: str | None) -> str | bool | None:
    """The last holder, or False when loans and returns do not take turns."""
    loans = {event.key: event for event in order}
    for event in order:
        if event.turn is Turn.LOAN:
            if who is not None:
                return False
            who = event.key
        elif who is None:
            if not event.armed:
                return False
        elif event.armed and who != "reader" and not loans[who].unsure:
            return False
        else:
            who = None
    return who


def brute_force(events: list[Event], start: Where) -> set[str | None]:
    starts: dict[Where, tuple[str | None, ...]] = {
        Where.LIBRARY: (None,),
        Where.READER: ("reader",),
        Where.UNKNOWN: (None, "reader"),
    }
    found = {
        end
        for order in permutations(events)
        if _possible(order)
        for who in starts[start]
        if (end := _ends(order, who)) is not False
    }
    return {end for end in found if not isinstance(end, bool)}


@settings(max_examples=150, deadline=None)
@given(lines(), st.sampled_from(Where))
def test_the_search_finds_exactly_the_holders_that_permutations_allow(events: list[Event], start: Where) -> None:
    ends = brute_force(events, start)

    match holder(events, start):
        case Held(by=by, order=order):
            assert ends == {by}
            assert sorted(event.key for event in order) == sorted(event.key for event in events)
            assert _possible(order)
        case Several(holders=holders):
            assert set(holders) == ends
        case NoOrder():
            assert ends == set()
