"""Who has the copy? Pure reasoning about one item's loans and returns on several machines, some told late.

A machine that was away tells its loans and returns hours later, and its clock may be wrong. Settling each backlog as
it arrives, or all of them by wall clock, charges innocent readers. What cannot lie is custody: one copy is lent and
returned in turn, and each machine knows the order of its own events. So: take every order that keeps each machine's
own order, the certain times and the turn of loans and returns. If all of them end with the same holder, that is where
the library system must stand. If not, wait for machines that have not told yet; then ask people.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

ORDERS_MAX: Final = 20_000
"""Positions looked at before an item's line is left to people. An ordinary line has fewer than twenty."""


class Turn(enum.StrEnum):
    LOAN = "loan"
    RETURN = "return"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """It happened between these two moments (ms of the gateway's clock), both included."""

    first_ms: int
    last_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A loan or return at a machine. `order` counts the machine's own events; `key` names the event.

    `booked_ms`: when the library system came to know it (0: not yet), and `was_charged`: what it said just before.
    `owed`: still to be settled, or an attempt at it is in doubt.
    `armed`: a return whose tag was found armed before anything was written. No machine's loan leaves a tag armed, so
    it ends none of them: such a copy came from the shelf, or from a desk. `unsure`: a loan whose tag may have stayed
    armed. `booked`: the library system knows this event already.
    """

    key: str
    machine: str
    order: int
    turn: Turn
    span: Span
    armed: bool = False
    unsure: bool = False
    booked_ms: int = 0
    was_charged: bool = False
    owed: bool = False


class Where(enum.StrEnum):
    """Whose copy it was before the first event, or is in the library system."""

    LIBRARY = "library"
    READER = "reader"  # on loan since before the first event, to whomever
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """All orders end with this holder: a loan's key, None for the library, READER for whoever had it before.

    `order` is one such order; `ended[loan]` the return that ended it there (READER for the loan from before).
    """

    by: str | None
    order: tuple[Event, ...]
    ended: dict[str, Event]


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """Orders end with different holders."""

    holders: frozenset[str | None]


class NoOrder(enum.Enum):
    """No order lets loans and returns take turns: something was not told, or happened at a desk."""

    NONE = "none"
    TOO_MANY = "too many"  # more positions than ORDERS_MAX


Verdict = Held | Several | NoOrder

_Position = tuple[int, ...]
_Node = tuple[_Position, str | None]


def holder(events: Sequence[Event], start: Where) -> Verdict:
    """Who holds the copy after all `events`."""
    return _search(events, start, turns=True)


def last_seen(events: Sequence[Event]) -> Verdict:
    """The same without asking that loans and returns take turns: what the last event says, if all orders agree on it.

    For lines in which something was never told (a desk, a machine that died with its journal).
    """
    return _search(events, Where.UNKNOWN, turns=False)


def _search(events: Sequence[Event], start: Where, *, turns: bool) -> Verdict:
    lanes = _lanes(events)
    needs = _needs(lanes)
    goal = tuple(len(lane) for lane in lanes)
    origin = tuple(0 for _ in lanes)
    came: dict[_Node, tuple[_Node, Event] | None] = {(origin, who): None for who in _starts(start)}
    frontier = list(came)
    while frontier:
        following: list[_Node] = []
        for node in frontier:
            for step, event in _steps(node, lanes, needs, turns):
                if step not in came:
                    came[step] = (node, event)
                    following.append(step)
        if len(came) > ORDERS_MAX:
            return NoOrder.TOO_MANY
        frontier = following
    ends = sorted((node for node in came if node[0] == goal), key=lambda node: node[1] or "")
    if not ends:
        return NoOrder.NONE
    if len({node[1] for node in ends}) > 1:
        return Several(holders=frozenset(node[1] for node in ends))
    order = _path(came, ends[0])
    return Held(by=ends[0][1], order=order, ended=_ended(order, start))


def _lanes(events: Sequence[Event]) -> list[tuple[Event, ...]]:
    machines = sorted({event.machine for event in events})
    return [
        tuple(sorted((event for event in events if event.machine == machine), key=lambda event: event.order))
        for machine in machines
    ]


def _needs(lanes: Sequence[tuple[Event, ...]]) -> dict[str, _Position]:
    """For each event, how far every lane must have come because those events are certainly earlier."""
    return {
        event.key: tuple(
            max((i + 1 for i, other in enumerate(lane) if other.span.last_ms < event.span.first_ms), default=0)
            for lane in lanes
        )
        for each in lanes
        for event in each
    }


def _starts(start: Where) -> tuple[str | None, ...]:
    match start:
        case Where.LIBRARY:
            return (None,)
        case Where.READER:
            return (Where.READER.value,)
        case Where.UNKNOWN:
            return (None, Where.READER.value)


def _steps(
    node: _Node, lanes: Sequence[tuple[Event, ...]], needs: dict[str, _Position], turns: bool
) -> Iterator[tuple[_Node, Event]]:
    at, who = node
    for i, lane in enumerate(lanes):
        if at[i] == len(lane):
            continue
        event = lane[at[i]]
        # Its own lane's part of `needs` is kept by the lane's order.
        if any(at[j] < need for j, need in enumerate(needs[event.key]) if j != i):
            continue
        for then in _after(event, who, lanes, turns):
            yield (((*at[:i], at[i] + 1, *at[i + 1 :]), then), event)


def _after(event: Event, who: str | None, lanes: Sequence[tuple[Event, ...]], turns: bool) -> tuple[str | None, ...]:
    """Who may hold the copy once `event` has happened while `who` held it; empty when it could not happen then."""
    if not turns:
        return (event.key,) if event.turn is Turn.LOAN else (None,)
    if event.turn is Turn.LOAN:
        return (event.key,) if who is None else ()
    if who is None:
        return (None,) if event.armed else ()
    if event.armed and who != Where.READER and not _unsure(who, lanes):
        return ()
    return (None,)


def _unsure(loan: str, lanes: Sequence[tuple[Event, ...]]) -> bool:
    return any(event.key == loan and event.unsure for lane in lanes for event in lane)


def _path(came: dict[_Node, tuple[_Node, Event] | None], node: _Node) -> tuple[Event, ...]:
    order: list[Event] = []
    step = came[node]
    while step is not None:
        node, event = step
        order.append(event)
        step = came[node]
    return tuple(reversed(order))


def _ended(order: Sequence[Event], start: Where) -> dict[str, Event]:
    ended: dict[str, Event] = {}
    who: str | None = None if start is Where.LIBRARY else Where.READER.value
    for event in order:
        if event.turn is Turn.LOAN:
            who = event.key
        elif who is not None:
            ended[who] = event
            who = None
    return ended
