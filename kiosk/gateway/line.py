"""From an item's loans and returns to what must be done in the library system. Pure.

`window` picks the events that can still matter and says whose copy it was before them; `plan` compares what they
prove with what the library system says and names the one move that brings it there, or a reason to wait or to ask
people. A loan and its return both past need no move: they are counted and the library system is not touched.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.gateway.custody import Event, Held, NoOrder, Several, Verdict, Where, holder, last_seen


def window(history: Sequence[Event]) -> tuple[tuple[Event, ...], Where | None]:
    """The events that can still matter, and whose copy it was before the first of them.

    None for the second: nothing in the window is booked, so it is as the library system says now. Otherwise it is as
    the library system said before the first of them was booked: what it learned later is in the window itself.
    """
    chosen = {event.key: event for event in history if event.owed}
    if not chosen:
        return (), None
    size = 0
    while len(chosen) > size:
        size = len(chosen)
        opens_ms = min(event.span.first_ms for event in chosen.values())
        learned = [event.booked_ms for event in chosen.values() if event.booked_ms]
        for event in history:
            after = event.booked_ms >= min(learned) if learned else False
            if after or event.span.last_ms >= opens_ms:
                chosen[event.key] = event
    booked = [event for event in chosen.values() if event.booked_ms]
    if not booked:
        return tuple(chosen.values()), None
    first = min(booked, key=lambda event: (event.booked_ms, event.order))
    return tuple(chosen.values()), Where.READER if first.was_charged else Where.LIBRARY


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the library system says now. `loan` is the loan of the line it is charged by, READER for one from before
    the line, None when it is not charged, or UNKNOWN when it is charged and cannot be told by whom."""

    loan: str | None

    @property
    def charged(self) -> bool:
        return self.loan is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stays:
    """The library system stands as it must."""

    held: Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Check in by `close` (with its true time), then check out by the loan `open`. Either may be absent."""

    close: Event | None
    open: str | None
    held: Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A machine has not told everything yet, and it may matter."""


class Why(enum.StrEnum):
    """Why people must look."""

    SEVERAL = "several"  # the events allow more than one holder
    NO_ORDER = "no_order"  # the events contradict one another
    OTHER_LOAN = "other_loan"  # charged to somebody none of the events knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    why: Why


Plan = Stays | Move | Wait | Staff


def plan(events: Sequence[Event], start: Where, now: Standing, *, undrained: bool) -> Plan:
    """What to do about a line. `undrained`: a machine that was away in this time has not told everything yet."""
    verdict = holder(events, start)
    if undrained and _conflict(events, verdict, now):
        return Wait()
    match verdict:
        case Several():
            return Staff(why=Why.SEVERAL)
        case NoOrder():
            verdict = last_seen(events)
            if not isinstance(verdict, Held):
                return Staff(why=Why.NO_ORDER)
    return _towards(verdict, now)


def _conflict(events: Sequence[Event], verdict: Verdict, now: Standing) -> bool:
    """Whether an event that was not told yet could change what would be done."""
    if not isinstance(verdict, Held) or now.loan == Where.UNKNOWN.value:
        return True
    machines = {event.machine for event in events}
    return len(machines) > 1 and any(event.owed for event in events)


def _towards(held: Held, now: Standing) -> Plan:
    if held.by == now.loan or (held.by is None and not now.charged):
        return Stays(held=held)
    if held.by == Where.READER.value:
        return Staff(why=Why.OTHER_LOAN)
    if not now.charged:
        return Move(close=None, open=held.by, held=held)
    close = held.ended.get(now.loan or "")
    if close is None:
        return Staff(why=Why.OTHER_LOAN)
    return Move(close=close, open=held.by, held=held)
