"""Returns: rules 12, 13 and 15 of the exactly-once protocol. Custody first, booking after."""

from __future__ import annotations

from dataclasses import replace

from kiosk.checkout.reduce import ending, marks
from kiosk.checkout.reduce.ending import EffectAnswer
from kiosk.checkout.reduce.fold import arming
from kiosk.checkout.reduce.turn import Turn
from kiosk.checkout.states import End, Phase, Task
from kiosk.domain import Refusal, SecurityProof, SecurityState
from kiosk.domain.faults.desk import TAG_NOT_ARMED
from kiosk.flow.devices import SecurityDone
from kiosk.flow.step import Report
from kiosk.messages.asks import EffectGranted, EffectOpen, EffectRefused, Unavailable
from kiosk.messages.records import Granted, OfflineAccepted, Outcome, Refused


def begin(turn: Turn, task: Task) -> Turn:
    """Rule 12: better an alarm than a loss, so the mark goes on before the library system hears of it."""
    if not turn.volatile.links.online and task.offline_no is not None:
        return ending.ended(turn, task, End.NOT_DONE, reason=task.offline_no)
    if not task.uids:
        return _ask(turn, replace(task, before=SecurityState.ABSENT, state=SecurityState.ABSENT))
    if task.before is not SecurityState.ON and not all(uid in turn.durable.armed for uid in task.uids):
        turn = turn.write(arming(task.uids, task.before, turn.now.wall_ms))
    return marks.order(turn, task, Phase.ARMING, SecurityState.ON)


def armed(turn: Turn, task: Task, event: SecurityDone) -> Turn:
    if task.phase is not Phase.ARMING:
        return turn
    if task.before is SecurityState.UNKNOWN and task.tries == 1:  # what a later try finds may be our own doing
        task = replace(task, before=event.before)
    turn, task = marks.told(turn, task, event)
    listed, blind = marks.listed(turn, task), marks.blind(turn)
    if task.proof is SecurityProof.PROVEN and task.state is SecurityState.ON and (listed or blind):
        return _ask(turn, task)
    if not listed:  # lifted before the library had it: nothing was returned
        return ending.ended(turn, task, End.NOT_DONE, reason=Refusal.ITEM_LIFTED)
    if blind:  # whether it still lies here is anybody's guess
        return ending.ended(turn, task, End.NOT_DONE, reason=Refusal.ITEM_TAG_UNREADABLE)
    if task.tries < marks.TRIES_MAX:
        return marks.order(turn, task, Phase.ARMING, SecurityState.ON)
    if event.proof is SecurityProof.NOT_WRITTEN:  # listed still, but it answers no more: on its way out
        return ending.ended(turn, task, End.NOT_DONE, reason=Refusal.ITEM_LIFTED)
    # The book is here and its tag cannot be switched. Custody counts more than the mark: take it, and tell staff.
    return _ask(turn.do(Report(what=TAG_NOT_ARMED.name, fault=TAG_NOT_ARMED.number, part="pad")), task)


def _ask(turn: Turn, task: Task) -> Turn:
    """The reader confirmed and the book is here: its return is carried through, whether or not somebody watches."""
    turn, task = ending.intend(turn, task)
    assert task.key is not None
    return ending.send(turn, task.key) if turn.volatile.links.online else accepted(turn, task)


def answered(turn: Turn, task: Task, answer: EffectAnswer) -> Turn:
    key = task.key
    assert key is not None
    match answer:
        case EffectGranted():
            turn = turn.write(Granted(key=key))
            task = replace(task, answer=answer, title=task.title or answer.title)
            turn = ending.final(turn, task, Outcome.RETURNED, proof=task.proof)
            return ending.ended(turn, task, End.DONE, note="" if answer.was_on_loan else "checkin.not_on_loan")
        case EffectRefused(reason=reason, detail=detail):
            turn = turn.write(Refused(key=key, reason=reason))
            turn = ending.final(turn, task, Outcome.CANCELLED, proof=task.proof)
            return ending.ended(turn, task, End.NOT_DONE, reason=reason, detail=detail)
        case EffectOpen(task=reference):
            return accepted(turn, task, reference)
        case Unavailable():
            return accepted(turn, task)


def accepted(turn: Turn, task: Task, reference: str = "") -> Turn:
    """No answer changes custody: the book is here, its booking follows under the same key. Never called "returned"."""
    assert task.key is not None
    turn = turn.write(OfflineAccepted(key=task.key))
    task = replace(task, offline=True)
    turn = ending.final(turn, task, Outcome.RETURNED, proof=task.proof)
    return ending.ended(turn, task, End.UNSURE, note="checkin.accepted", detail=reference or task.key or "")
