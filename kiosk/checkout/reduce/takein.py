"""Returns: rules 12, 13 and 15 of the exactly-once protocol. Custody first, booking after."""

from __future__ import annotations

from dataclasses import replace
from typing import Final as Constant

from kiosk.checkout.reduce import ending
from kiosk.checkout.reduce.turn import Turn
from kiosk.checkout.states import End, Phase, Task
from kiosk.domain import Refusal, SecurityProof, SecurityState
from kiosk.flow.devices import SecurityDone
from kiosk.flow.orders import SetSecurity
from kiosk.flow.step import Report
from kiosk.messages.asks import EffectGranted, EffectOpen, EffectRefused, Unavailable
from kiosk.messages.records import Granted, OfflineAccepted, Outcome, Refused

ARM_TRIES_MAX: Constant = 3
EffectAnswer = EffectGranted | EffectRefused | EffectOpen | Unavailable


def begin(turn: Turn, task: Task) -> Turn:
    """Rule 12: better an alarm than a loss, so the mark goes on before the library system hears of it."""
    if not task.uids:
        return _ask(turn, replace(task, before=SecurityState.ABSENT, state=SecurityState.ABSENT))
    turn = turn.task(task, phase=Phase.ARMING, tries=task.tries + 1)
    return turn.do(SetSecurity(corr=task.id, uids=task.uids, wanted=SecurityState.ON))


def armed(turn: Turn, task: Task, event: SecurityDone) -> Turn:
    if task.phase is not Phase.ARMING:
        return turn
    before = task.before if task.before is not SecurityState.UNKNOWN else event.before
    task = replace(task, before=before, state=event.state, proof=event.proof)
    here = {tag.uid for tag in turn.volatile.pad}
    on_pad = here.issuperset(task.uids)
    if event.proof is SecurityProof.PROVEN and event.state is SecurityState.ON:
        return _ask(turn, task)
    if task.tries < ARM_TRIES_MAX and on_pad:
        return begin(turn, task)
    if not on_pad:  # lifted before the library had it: nothing was returned
        return ending.ended(turn, task, End.NOT_DONE, reason=Refusal.ITEM_LIFTED)
    # The book is here and its tag cannot be switched. Custody counts more than the mark: take it, and tell staff.
    return _ask(turn.do(Report(what="tag_not_armed", part="pad")), task)


def _ask(turn: Turn, task: Task) -> Turn:
    if turn.volatile.visit is None or turn.here.n != task.visit:
        return ending.ended(turn, task, End.NOT_DONE)  # armed, not taken in: the reader left before the intent
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
