"""Breadth first through everything that can happen, telling moments apart by what matters to a reader and to a key."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final

from kiosk.checkout.pad import verdicts
from kiosk.checkout.paper import Moment, PaperDesk
from kiosk.checkout.policy import Desk
from kiosk.checkout.search.happenings import happenings, troubles
from kiosk.checkout.states import (
    Account,
    AtPad,
    Declined,
    Finished,
    Help,
    Phase,
    PinEntry,
    Tech,
    TechLogin,
    View,
    Visit,
    Volatile,
    WaitCard,
    Working,
)

BUGS: Final = (AssertionError, AttributeError, IndexError, KeyError, TypeError, ValueError)
Sight = Hashable


@dataclass(slots=True)
class Atlas:
    """One moment for each sight, how it is reached, and what each thing that can happen makes of it."""

    paper: PaperDesk
    moments: dict[Sight, Moment] = field(default_factory=dict)
    ways: dict[Sight, tuple[tuple[str, Sight], ...]] = field(default_factory=dict)
    came: dict[Sight, tuple[str, Sight] | None] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)

    def story(self, sight: Sight) -> str:
        """How a moment was reached, for a finding."""
        steps: list[str] = []
        while (way := self.came[sight]) is not None:
            steps.append(way[0])
            sight = way[1]
        return " > ".join(reversed(steps)) or "start"


Watch = Callable[[str, Moment, Moment], None]


def explore(
    paper: PaperDesk, start: Moment, moments_max: int, *, faults: bool = False, watch: Watch | None = None
) -> Atlas:
    """Every sight that can be reached from `start`, with things breaking on the way if `faults`.

    `watch` is told each thing that happened, with the moments before and after it. Raises RuntimeError where there are
    more than `moments_max`.
    """
    atlas = Atlas(paper)
    first = sight(paper.reducer.desk, start)
    atlas.moments[first], atlas.came[first] = start, None
    waiting = deque([first])
    while waiting:
        here = waiting.popleft()
        ways: list[tuple[str, Sight]] = []
        try:
            for name, after in happenings(paper, atlas.moments[here], faults=faults):
                if watch is not None:
                    watch(name, atlas.moments[here], after)
                there = sight(paper.reducer.desk, after)
                ways.append((name, there))
                if there not in atlas.moments:
                    paper.screen(after)  # a screen results, or a bug shows
                    if len(atlas.moments) >= moments_max:
                        raise RuntimeError(f"more than {moments_max} moments: tell fewer of them apart")
                    atlas.moments[there], atlas.came[there] = after, (name, here)
                    waiting.append(there)
        except BUGS as bug:
            atlas.unanswered.append(f"{atlas.story(here)}: {type(bug).__name__}: {bug}")
        atlas.ways[here] = tuple(ways)
    return atlas


def sight(desk: Desk, moment: Moment) -> Sight:
    """What tells this moment from others. Counters, titles and times are left out."""
    volatile = moment.volatile
    if volatile.visit is None:
        left = tuple(sorted((task.op, task.phase, task.proof) for task in volatile.tasks.values()))
        return left, troubles(volatile), _leftover(volatile), volatile.card_stale
    return _visit(desk, moment, volatile.visit), _tasks(volatile, volatile.visit.n), troubles(volatile)


def _leftover(volatile: Volatile) -> Sight:
    return tuple(sorted(set(volatile.leftover.values())))


def _tasks(volatile: Volatile, visit: int) -> Sight:
    """Of this visit, how each stands; of readers before, whether there are any."""
    mine = {
        (task.op, str(task.end), task.offline) if task.phase is Phase.ENDED else (task.op, task.phase, task.proof)
        for task in volatile.tasks.values()
        if task.visit == visit and _matters(volatile)
    }
    return tuple(sorted(mine)), any(task.visit != visit for task in volatile.tasks.values())


def _matters(volatile: Volatile) -> bool:
    """Ended tasks stay in memory until the next round begins; then nobody sees them."""
    visit = volatile.visit
    return visit is not None and isinstance(visit.view, Working | Finished) and not visit.helping


def _visit(desk: Desk, moment: Moment, visit: Visit) -> Sight:
    reader = visit.reader
    who = None if reader is None else "hint" if reader.known is None else "blocked" if reader.known.blocks else "known"
    slow = isinstance(visit.view, Working) and moment.mono - visit.view.since >= desk.times.slow_s
    if visit.helping or isinstance(visit.view, Help):
        return "help", type(visit.view).__name__, visit.staff
    if visit.warned_until is not None:
        return "warned", type(visit.view).__name__, visit.service, bool(moment.volatile.pad)
    return (
        _view(visit.view),
        visit.service if isinstance(visit.view, AtPad | WaitCard) else None,
        who,
        visit.slip if isinstance(visit.view, Finished) else None,
        slow,
        _pad(desk, moment.volatile) if isinstance(visit.view, AtPad) else bool(moment.volatile.pad),
    )


def _view(view: View) -> Sight:
    name = type(view).__name__
    match view:
        case WaitCard(problem=problem):
            return name, bool(problem)
        case PinEntry(wrong=wrong):
            return name, wrong
        case Account(corr=corr, failed=failed, page=page, home=home):
            return name, bool(corr), failed, page, home
        case Declined(reason=reason):
            return name, reason
        case TechLogin(card=card, asked=asked, refused=refused):
            return name, bool(card), asked, refused
        case Tech(part=part):
            return name, bool(part)
        case _:
            return name


def _pad(desk: Desk, volatile: Volatile) -> Sight:
    """What there is to be said of the books, each verdict once."""
    found = verdicts(desk, volatile)
    return tuple(sorted({(v.standing, str(v.reason), bool(v.item.uids)) for v in found})), min(len(found), 2)
