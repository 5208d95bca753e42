"""What a restart owes: rules 14 and 15. Give-out without a grant is voided, take-in is pushed forward."""

from __future__ import annotations

from dataclasses import replace

from kiosk.checkout.reduce import ending, giveout
from kiosk.checkout.reduce.turn import Turn
from kiosk.checkout.states import End, Obligation, Phase, Stage, Task
from kiosk.domain import SecurityProof, SecurityState
from kiosk.domain.faults.desk import LOAN_STANDS
from kiosk.flow.devices import PadHolds, PadTag, TagKind
from kiosk.flow.events import Started, Woke
from kiosk.flow.step import Report
from kiosk.messages.records import OfflineAccepted, Op, Outcome

TIMER = "recover"
NOBODY = 0  # visit number of tasks whose reader was there before the restart


def hear(turn: Turn, event: object) -> Turn:
    match event:
        case Started():
            return _owed(turn)
        case PadHolds():
            return _judge(turn)
        case Woke(name=name) if name == TIMER:
            return _too_late(turn)
        case _:
            return turn


def _owed(turn: Turn) -> Turn:
    for obligation in turn.durable.obligations.values():
        turn = _resume(turn, obligation)
    waiting = any(task.recovering for task in turn.volatile.tasks.values())
    return turn.wake(TIMER, turn.now.mono + turn.desk.times.recover_s) if waiting else turn


def _resume(turn: Turn, obligation: Obligation) -> Turn:
    task = Task(
        id=f"recover:{obligation.key}",
        visit=NOBODY,
        op=obligation.op,
        item=obligation.item,
        title="",
        uids=obligation.tags,
        key=obligation.key,
        before=obligation.security,
        state=SecurityState.UNKNOWN,
        due=obligation.due,
        offline=obligation.stage is Stage.OFFLINE,
    )
    granted = obligation.stage is not Stage.ASKED
    if obligation.op is Op.CHECKIN:
        return _push(turn, task, granted)
    if not granted:
        return ending.final(turn, replace(task, state=task.before), Outcome.CANCELLED, proof=SecurityProof.NOT_WRITTEN)
    if obligation.op is Op.CHECKOUT:
        if obligation.security is SecurityState.ABSENT:
            return ending.final(turn, task, Outcome.STANDS, proof=SecurityProof.UNKNOWN)
        # Whether a write was sent before the power failed, nobody knows.
        return turn.task(task, phase=Phase.PUT_BACK, recovering=True, proof=SecurityProof.UNKNOWN)
    return ending.final(turn, task, Outcome.DELIVERED, proof=SecurityProof.NOT_WRITTEN)


def _push(turn: Turn, task: Task, granted: bool) -> Turn:
    """A return: the book was armed and in our hands when its intent was written. The Final carries it forward."""
    assert task.key is not None
    if not granted:
        turn = turn.write(OfflineAccepted(key=task.key))
        task = replace(task, offline=True)
    return ending.final(turn, task, Outcome.RETURNED, proof=SecurityProof.UNKNOWN)


def _judge(turn: Turn) -> Turn:
    """The pad has been read again: a granted book that lies there whole proves where it is and how it is marked."""
    for task in tuple(turn.volatile.tasks.values()):
        if not task.recovering or task.phase is not Phase.PUT_BACK:
            continue
        tags = _copy(turn, task)
        if not tags:
            continue
        task = replace(task, uids=tuple(tag.uid for tag in tags))
        states = {tag.security for tag in tags}
        if states == {SecurityState.OFF}:
            turn = _close(turn, task, Outcome.DELIVERED, SecurityState.OFF, SecurityProof.PROVEN)
        else:
            state = states.pop() if len(states) == 1 else SecurityState.UNKNOWN
            proof = SecurityProof.PROVEN if state is SecurityState.ON else SecurityProof.UNKNOWN
            turn = giveout.give_up(turn, replace(task, state=state, proof=proof))
    return turn


def _copy(turn: Turn, task: Task) -> list[PadTag]:
    """The tags of this very copy, all of them or none. A record of older software names no tags, only a number."""
    if task.uids:
        tags = [tag for tag in turn.volatile.pad if tag.uid in task.uids]
        return tags if len(tags) == len(task.uids) else []
    tags = [tag for tag in turn.volatile.pad if tag.kind is TagKind.ITEM and tag.item == task.item]
    whole = bool(tags) and len({tag.ordinal for tag in tags}) == max(tag.parts for tag in tags)
    return tags if whole and len({tag.ordinal for tag in tags}) == len(tags) else []


def _too_late(turn: Turn) -> Turn:
    for task in tuple(turn.volatile.tasks.values()):
        if task.recovering and task.phase is Phase.PUT_BACK:
            turn = _close(turn, task, Outcome.STANDS, SecurityState.UNKNOWN, SecurityProof.UNKNOWN)
            turn = turn.do(Report(what=LOAN_STANDS.name, fault=LOAN_STANDS.number, part="pad"))
    return turn


def _close(turn: Turn, task: Task, outcome: Outcome, state: SecurityState, proof: SecurityProof) -> Turn:
    turn = ending.final(turn, replace(task, state=state), outcome, proof=proof)
    return ending.ended(turn, task, End.DONE)
