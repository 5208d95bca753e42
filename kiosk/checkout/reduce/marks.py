"""The theft mark of one item on its way from one end to the other, and what is known of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final as Constant

from kiosk.checkout.reduce.turn import Turn
from kiosk.checkout.states import Phase, Task
from kiosk.domain import SecurityProof, SecurityState
from kiosk.flow.devices import SecurityDone
from kiosk.flow.events import PartHealth
from kiosk.flow.orders import SetSecurity

TIMER: Constant = "mark:"
TRIES_MAX: Constant = 3


def order(turn: Turn, task: Task, phase: Phase, wanted: SecurityState) -> Turn:
    """One attempt. Its correlation is its own, so that the outcome of an attempt given up is nobody's any more."""
    turn, corr = turn.corr(task.id)
    turn = turn.task(task, phase=phase, mark=corr, tries=task.tries + 1)
    turn = turn.do(SetSecurity(corr=corr, uids=task.uids, wanted=wanted))
    return turn.wake(TIMER + corr, turn.now.mono + turn.desk.times.mark_s)


def task_of(turn: Turn, corr: str) -> Task | None:
    return next((task for task in turn.volatile.tasks.values() if corr and task.mark == corr), None)


def told(turn: Turn, task: Task, event: SecurityDone) -> tuple[Turn, Task]:
    """Takes an outcome in. A reading settles what is known of the mark, a missing tag adds nothing to it."""
    turn = turn.wake(TIMER + task.mark, None)
    task = replace(task, mark="")
    if event.proof is SecurityProof.NOT_WRITTEN:
        return turn, task
    return turn, replace(task, state=event.state, proof=event.proof)


def silence(corr: str) -> SecurityDone:
    """What a pad that never answered has proven: nothing."""
    unknown = SecurityState.UNKNOWN
    return SecurityDone(corr=corr, wanted=unknown, state=unknown, proof=SecurityProof.UNKNOWN)


def proven(task: Task, state: SecurityState) -> bool:
    """Read back as `state`; or read so on the pad, and no write was ever sent."""
    read = task.proof is SecurityProof.PROVEN and task.state is state
    return read or (task.proof is SecurityProof.NOT_WRITTEN and task.before is state)


def on_pad(turn: Turn, task: Task) -> bool:
    """All of it lies here, as far as a pad can tell that tells anything."""
    return listed(turn, task) and not blind(turn)


def listed(turn: Turn, task: Task) -> bool:
    """The pad told so when it last told anything."""
    here = {tag.uid for tag in turn.volatile.pad}
    return bool(task.uids) and here.issuperset(task.uids)


def blind(turn: Turn) -> bool:
    """The pad's list is history: it does not answer, or more lies on it than it can tell apart."""
    health = turn.volatile.parts.get("pad", PartHealth.OK)
    return turn.volatile.pad_full or health in (PartHealth.MUTE, PartHealth.GONE)
