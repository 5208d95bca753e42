"""One item through its steps. Rules in brackets are those of the exactly-once protocol (docs/decisions/0003).

Give-out: Intent (3) -> ask -> Granted (5) -> mark off, read back -> Final delivered (6), undone (7) or stands (8).
A book whose reader has gone by the time of the grant is not given out: mark proven on -> Final undone (7).
Take-in: mark on -> Intent (12) -> ask -> Final returned (13). Nothing here acts before what it rests on is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final as Constant

from kiosk.checkout.reduce import ending, giveout, marks, session, takein
from kiosk.checkout.reduce.ending import KEY_TIMER, EffectAnswer
from kiosk.checkout.reduce.giveout import PUT_BACK_TIMER
from kiosk.checkout.reduce.turn import Turn
from kiosk.checkout.states import End, Finished, Phase, Task, Working
from kiosk.domain import Key, Refusal
from kiosk.flow.devices import PadHolds, SecurityDone
from kiosk.flow.events import Answered, NoAnswer, Woke
from kiosk.messages.records import GIVE_OUT

TAKE_IN_AT_ONCE: Constant = 4
DISK: Constant = "disk"  # JournalState.why of a journal that has no room left (kiosk.flow.runtime)


def hear(turn: Turn, event: object) -> Turn:
    match event:
        case SecurityDone():
            return _marked(turn, event)
        case PadHolds():
            return giveout.returned_to_pad(turn)
        case Answered(corr=corr, answer=answer):
            return _answered(turn, Key(corr), answer)
        case NoAnswer(corr=corr):
            return _silent(turn, Key(corr))
        case Woke(name=name) if name.startswith(KEY_TIMER):
            return _silent(turn, Key(name.removeprefix(KEY_TIMER)))
        case Woke(name=name) if name.startswith(marks.TIMER):
            return _marked(turn, marks.silence(name.removeprefix(marks.TIMER)))
        case Woke(name=name) if name.startswith(PUT_BACK_TIMER):
            task = turn.volatile.tasks.get(name.removeprefix(PUT_BACK_TIMER))
            return giveout.give_up(turn, task) if task and task.phase is Phase.PUT_BACK else turn
        case _:
            return turn


def _marked(turn: Turn, event: SecurityDone) -> Turn:
    task = marks.task_of(turn, event.corr)
    if task is None:
        return turn
    return giveout.secured(turn, task, event) if task.op in GIVE_OUT else takein.armed(turn, task, event)


def _task_of(turn: Turn, key: Key) -> Task | None:
    return next((task for task in turn.volatile.tasks.values() if task.key == key), None)


def _answered(turn: Turn, key: Key, answer: object) -> Turn:
    task = _task_of(turn, key)
    if task is None or not isinstance(answer, EffectAnswer):
        return turn
    if task.phase is not Phase.ASKING:
        return giveout.confirmed_late(turn, task, answer) if task.op in GIVE_OUT else turn
    turn = turn.wake(KEY_TIMER + key, None)
    return giveout.answered(turn, task, answer) if task.op in GIVE_OUT else takein.answered(turn, task, answer)


def _silent(turn: Turn, key: Key) -> Turn:
    task = _task_of(turn, key)
    if task is None or task.phase is not Phase.ASKING:
        return turn
    turn = turn.wake(KEY_TIMER + key, None)
    return giveout.unanswered(turn, task) if task.op in GIVE_OUT else takein.accepted(turn, task)


def settle(turn: Turn) -> Turn:
    """After every event: start what may start, and finish a visit whose last item has ended."""
    visit = turn.volatile.visit
    if visit is None or not isinstance(visit.view, Working):
        return turn
    if turn.volatile.ui:
        turn = _start(_refuse_queued(turn))
    mine = [task for task in turn.volatile.tasks.values() if task.visit == visit.n]
    if any(task.phase is not Phase.ENDED for task in mine):
        return turn
    turn = session.without_scanned(turn, frozenset(task.item for task in mine))
    return session.stir(turn.view(Finished()))


def _refuse_queued(turn: Turn) -> Turn:
    """What was not begun is not begun while nothing may be given out; a full disk takes nothing in either."""
    for task in tuple(turn.volatile.tasks.values()):
        shut = turn.volatile.shut if task.op in GIVE_OUT else turn.volatile.shut & {DISK}
        if task.phase is Phase.QUEUED and shut:
            turn = ending.ended(turn, task, End.NOT_DONE, reason=Refusal.QUARANTINED)
    return turn


def _start(turn: Turn) -> Turn:
    """Give-outs one at a time per reader (the library system decides on each before the next), take-ins together."""
    while True:
        mine = [task for task in turn.volatile.tasks.values() if task.visit == turn.here.n]
        nxt = _next(turn, mine)
        if nxt is not None:
            turn = giveout.begin(turn, nxt) if nxt.op in GIVE_OUT else takein.begin(turn, nxt)
        elif all(task.phase in (Phase.QUEUED, Phase.ENDED) for task in mine):
            return _lifted(turn, mine)
        else:
            return turn


def _next(turn: Turn, mine: Sequence[Task]) -> Task | None:
    """What may begin now. A book lifted before its turn waits for its place on the pad, as long as others go on."""
    asking = any(task.phase is Phase.ASKING and task.op in GIVE_OUT for task in mine)
    taking = sum(task.phase in (Phase.ARMING, Phase.ASKING) and task.op not in GIVE_OUT for task in mine)
    for task in mine:
        here = not task.uids or marks.on_pad(turn, task)
        free = not asking if task.op in GIVE_OUT else taking < TAKE_IN_AT_ONCE
        if task.phase is Phase.QUEUED and here and free:
            return task
    return None


def _lifted(turn: Turn, mine: Sequence[Task]) -> Turn:
    """The others have ended and these are still not there: no key was minted, nothing happened to them."""
    reason = Refusal.ITEM_TAG_UNREADABLE if marks.blind(turn) else Refusal.ITEM_LIFTED
    for task in mine:
        if task.phase is Phase.QUEUED:
            turn = ending.ended(turn, task, End.NOT_DONE, reason=reason)
    return turn
