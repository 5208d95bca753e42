"""Claim: whatever outages do to the order of arrival, the library system ends with the reader who has the copy.

One copy travels between readers, shelf and four machines with dense outages; some clocks are an hour off, some boots
lose their time. The machines' backlogs go through kiosk.gateway.line, the code that the gateway runs; the library
system is a single loan or none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

from kiosk.gateway.custody import Event, Span, Turn, Where
from kiosk.gateway.line import Move, Staff, Standing, Stays, Wait, plan, window
from kiosk.site.prove.report import ProveReport

MUTANTS: Final = ("blind 09", "clock order", "backlog on arrival")
MACHINES: Final = 4
MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
SLACK_MS: Final = 5_000
EVENTS_MAX: Final = 14
UP_H: Final = (1, 9)
DOWN_H: Final = (1, 12)
SKEW_MS_MAX: Final = HOUR_MS
ARMED_CHANCE: Final = 0.06
LOST_TIME_CHANCE: Final = 0.15

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Outage:
    begin_ms: int
    end_ms: int
    time_lost: bool


@dataclass(slots=True)
class _Machine:
    name: str
    outages: list[_Outage]
    skew_ms: int
    order: int = 0
    untold: list[Event] = field(default_factory=list)

    def outage_at(self, now_ms: int) -> _Outage | None:
        return next((each for each in self.outages if each.begin_ms <= now_ms < each.end_ms), None)


@dataclass(slots=True)
class _World:
    """One copy: where it is in truth (`holder`), and where the library system thinks it is (`charged`)."""

    machines: list[_Machine]
    mutant: str | None
    holder: str | None = None
    charged: str | None = None
    told: dict[str, Event] = field(default_factory=dict)
    wall_ms: dict[str, int] = field(default_factory=dict)  # what each machine's clock said
    staff: bool = False
    booked_twice: int = 0


def custody(
    count: int, seed: int, mutant: str | None = None, progress: Progress = lambda done, of: None
) -> ProveReport:
    """Runs `count` random histories; `wrong` are those that end with another holder and no task for people."""
    assert mutant is None or mutant in MUTANTS, mutant
    rng = Random(seed)
    wrong = unsettled = doubled = lost = innocent = 0
    for i in range(count):
        world = _history(Random(rng.getrandbits(64)), mutant)
        doubled += world.booked_twice
        if world.charged != world.holder:
            unsettled += world.staff
            wrong += not world.staff
            innocent += not world.staff and world.charged is not None
        elif not world.staff:
            lost += mutant is None and any(event.owed for event in world.told.values())
        if i % 1_000 == 0:
            progress(i, count)
    progress(count, count)
    right = count - wrong - unsettled
    return ProveReport(
        claim="custody",
        count=count,
        seed=seed,
        mutant=mutant,
        lost=lost,
        doubled=doubled,
        unsettled=unsettled,
        wrong=wrong,
        detail=f"{100 * right / max(1, count):.2f} % end right, {innocent} charge a reader without the copy",
    )


def _history(rng: Random, mutant: str | None) -> _World:
    world = _World(machines=[_machine(rng, i) for i in range(MACHINES)], mutant=mutant)
    ends = sorted({outage.end_ms for machine in world.machines for outage in machine.outages})
    now_ms = 0
    for _ in range(rng.randint(4, EVENTS_MAX)):
        now_ms += rng.randint(10, 300) * MINUTE_MS
        for end_ms in [each for each in ends if each <= now_ms]:
            _drain(world, end_ms)
            ends.remove(end_ms)
        _happen(world, rng, now_ms)
    for end_ms in ends:
        _drain(world, end_ms)
    return world


def _machine(rng: Random, i: int) -> _Machine:
    outages = []
    now_ms = 0
    for _ in range(8):
        begin_ms = now_ms + rng.randint(*UP_H) * HOUR_MS + rng.randint(0, HOUR_MS)
        now_ms = begin_ms + rng.randint(*DOWN_H) * HOUR_MS + rng.randint(0, HOUR_MS)
        outages.append(_Outage(begin_ms, now_ms, rng.random() < LOST_TIME_CHANCE))
    return _Machine(name=f"m{i}", outages=outages, skew_ms=rng.randint(-SKEW_MS_MAX, SKEW_MS_MAX))


def _happen(world: _World, rng: Random, now_ms: int) -> None:
    """The copy changes hands at a machine, or somebody drops in a copy from the shelf."""
    machine = rng.choice(world.machines)
    from_shelf = world.holder is None and rng.random() < ARMED_CHANCE
    turn = Turn.LOAN if world.holder is None and not from_shelf else Turn.RETURN
    outage = machine.outage_at(now_ms)
    if outage is None and turn is Turn.LOAN and world.charged is not None:
        return  # the library system refuses, and the copy goes back to the shelf
    machine.order += 1
    event = Event(
        key=f"{machine.name}-{machine.order}",
        machine=machine.name,
        order=machine.order,
        turn=turn,
        span=_span(now_ms, outage),
        armed=from_shelf,
        owed=outage is not None,
    )
    world.wall_ms[event.key] = now_ms + machine.skew_ms
    world.holder = event.key if turn is Turn.LOAN else None
    if outage is not None:
        machine.untold.append(event)
        return
    world.told[event.key] = replace(event, booked_ms=now_ms, was_charged=world.charged is not None)
    world.charged = world.holder
    _settle(world, now_ms)


def _span(now_ms: int, outage: _Outage | None) -> Span:
    if outage is not None and outage.time_lost:
        return Span(first_ms=outage.begin_ms, last_ms=outage.end_ms)
    return Span(first_ms=now_ms - SLACK_MS, last_ms=now_ms + SLACK_MS)


def _drain(world: _World, now_ms: int) -> None:
    """Every machine whose outage ends at this moment tells all it has."""
    for machine in world.machines:
        if any(outage.end_ms == now_ms for outage in machine.outages):
            for event in machine.untold:
                world.told[event.key] = event
                if world.mutant == "backlog on arrival" or (world.mutant == "blind 09" and event.turn is Turn.RETURN):
                    _book_blindly(world, event, now_ms)
            machine.untold.clear()
    _settle(world, now_ms)


def _settle(world: _World, now_ms: int) -> None:
    if world.mutant == "backlog on arrival":
        return
    if world.mutant == "clock order":
        newest = max(world.told.values(), key=lambda event: world.wall_ms[event.key], default=None)
        if newest is not None:
            world.charged = newest.key if newest.turn is Turn.LOAN else None
        return
    events, start = window(tuple(world.told.values()))
    if not events:
        return
    if start is None:
        start = Where.LIBRARY if world.charged is None else Where.READER
    undrained = any(_away_in(machine, events, now_ms) for machine in world.machines)
    _act(world, plan(events, start, _standing(world, events, start), undrained=undrained), now_ms)


def _away_in(machine: _Machine, events: tuple[Event, ...], now_ms: int) -> bool:
    outage = machine.outage_at(now_ms)
    return outage is not None and outage.begin_ms <= max(event.span.last_ms for event in events)


def _standing(world: _World, events: tuple[Event, ...], start: Where) -> Standing:
    if world.charged is None or any(event.key == world.charged for event in events):
        return Standing(loan=world.charged)
    return Standing(loan=(Where.READER if start is Where.READER else Where.UNKNOWN).value)


def _act(world: _World, what: Stays | Move | Wait | Staff, now_ms: int) -> None:
    match what:
        case Wait():
            return
        case Staff():
            world.staff = True
        case Move(open=loan):
            was = world.charged is not None
            world.charged = loan
            _mark(world, now_ms, was)
        case Stays():
            _mark(world, now_ms, world.charged is not None)


def _mark(world: _World, now_ms: int, was_charged: bool) -> None:
    for key, event in world.told.items():
        if event.owed:
            world.told[key] = replace(event, booked_ms=now_ms, was_charged=was_charged, owed=False)


def _book_blindly(world: _World, event: Event, now_ms: int) -> None:
    world.told[event.key] = replace(event, booked_ms=now_ms, was_charged=world.charged is not None, owed=False)
    world.charged = event.key if event.turn is Turn.LOAN else None
