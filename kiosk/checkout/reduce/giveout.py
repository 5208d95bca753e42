"""Loans and renewals: rules 3 to 11 and 14 of the exactly-once protocol."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final as Constant

from kiosk.checkout.pad import offline_loans, room
from kiosk.checkout.reduce import ending
from kiosk.checkout.reduce.turn import Turn
from kiosk.checkout.states import End, Phase, Task
from kiosk.domain import Refusal, SecurityProof, SecurityState
from kiosk.flow.devices import SecurityDone
from kiosk.flow.orders import SetSecurity
from kiosk.flow.step import Report
from kiosk.messages.asks import EffectGranted, EffectOpen, EffectRefused, Unavailable
from kiosk.messages.records import Granted, OfflineAccepted, Op, Outcome, Refused

SECURITY_TRIES_MAX: Constant = 3
EffectAnswer = EffectGranted | EffectRefused | EffectOpen | Unavailable


def begin(turn: Turn, task: Task) -> Turn:
    """Rule 3: the intent is committed before anybody is asked. Without a network the policy answers at once."""
    turn, task = ending.intend(turn, task)
    assert task.key is not None
    if turn.volatile.links.online:
        return ending.send(turn, task.key)
    return unanswered(turn, task)


def answered(turn: Turn, task: Task, answer: EffectAnswer) -> Turn:
    assert task.key is not None
    match answer:
        case EffectGranted(due=due):
            turn = turn.write(Granted(key=task.key, due=due))
            return _hand_over(turn, replace(task, due=due, title=task.title or answer.title, answer=answer))
        case EffectRefused(reason=reason, detail=detail):
            turn = turn.write(Refused(key=task.key, reason=reason))
            return _cancel(turn, task, reason, detail)
        case EffectOpen() | Unavailable():
            return unanswered(turn, task)


def unanswered(turn: Turn, task: Task) -> Turn:
    """Rule 10: the policy decides once. A renewal gives nothing out of the house and is simply not made."""
    refusal = Refusal.OFFLINE_NOT_HERE if task.op is not Op.CHECKOUT else _offline_refusal(turn, task)
    if refusal is not None:
        return _cancel(turn, task, refusal, "")
    assert task.key is not None
    due = _provisional_due(turn)
    turn = turn.write(OfflineAccepted(key=task.key, due=due))
    return _hand_over(turn, replace(task, due=due, offline=True))


def _offline_refusal(turn: Turn, task: Task) -> Refusal | None:
    """`[policy.offline]` for this reader, now. A task whose reader has left is never given out alone."""
    visit, policy = turn.volatile.visit, turn.desk.offline
    if visit is None or visit.n != task.visit or visit.reader is None or not policy.checkout:
        return Refusal.SERVICE_AWAY
    reader = visit.reader
    if reader.known is None and reader.hint is None and policy.require_known_patron:
        return Refusal.OFFLINE_UNKNOWN_PATRON
    blocks = reader.known.blocks if reader.known else reader.hint.blocks if reader.hint else ()
    if blocks:
        return blocks[0]
    # This task's own intent is not counted yet: offline_loans counts accepted ones.
    left = room(turn.desk, reader, offline_loans(turn.durable, turn.volatile), online=False).left
    return Refusal.OFFLINE_LIMIT if left is not None and left <= 0 else None


def _provisional_due(turn: Turn) -> str:
    local = timedelta(milliseconds=turn.now.wall_ms, minutes=turn.desk.utc_offset_min)
    day = datetime(1970, 1, 1, tzinfo=UTC) + local + timedelta(days=turn.desk.offline.due_days)
    return day.date().isoformat()


def _hand_over(turn: Turn, task: Task) -> Turn:
    """Rule 5: the grant is among this turn's records, so the mark may go off once they are committed."""
    if task.op is Op.RENEW:
        return _delivered(turn, task, SecurityProof.NOT_WRITTEN, "")
    if not task.uids:
        task = replace(task, state=SecurityState.ABSENT)
        return _delivered(turn, task, SecurityProof.NOT_WRITTEN, "item.no_tag_gate")
    return _release(turn, replace(task, proof=SecurityProof.NOT_WRITTEN))


def _release(turn: Turn, task: Task) -> Turn:
    turn = turn.task(task, phase=Phase.SECURING, tries=task.tries + 1)
    return turn.do(SetSecurity(corr=task.id, uids=task.uids, wanted=SecurityState.OFF))


def _delivered(turn: Turn, task: Task, proof: SecurityProof, note: str) -> Turn:
    """Rule 6."""
    turn = ending.final(turn, task, Outcome.DELIVERED, proof=proof)
    return ending.ended(turn, task, End.DONE, note=note)


def _cancel(turn: Turn, task: Task, reason: Refusal, detail: str) -> Turn:
    """Rule 9: the mark is untouched."""
    turn = ending.final(turn, replace(task, state=task.before), Outcome.CANCELLED, proof=SecurityProof.NOT_WRITTEN)
    return ending.ended(turn, task, End.NOT_DONE, reason=reason, detail=detail)


def secured(turn: Turn, task: Task, event: SecurityDone) -> Turn:
    """Rules 6 to 8. A write whose result was never seen stays `unknown` until a later reading proves the mark."""
    if task.phase is not Phase.SECURING:
        return turn
    task = replace(task, state=event.state, proof=_worst(task.proof, event.proof))
    if event.proof is SecurityProof.PROVEN and event.state is SecurityState.OFF:
        return _delivered(turn, task, SecurityProof.PROVEN, "")
    if _on_pad(turn, task) and task.tries < SECURITY_TRIES_MAX:
        return _release(turn, task)
    if event.proof is SecurityProof.PROVEN:  # the tag answers and stays armed: it cannot be switched
        turn = turn.do(Report(what="tag_not_switched", fault=0, part="pad"))
        return _undone(turn, task)
    until = task.until or turn.now.mono + turn.desk.times.put_back_s
    turn = turn.task(task, phase=Phase.PUT_BACK, until=until, tries=0)
    return turn.wake(f"putback:{task.id}", until)


def _worst(before: SecurityProof, now: SecurityProof) -> SecurityProof:
    """What is known of the mark after one more attempt: a reading settles it, a missing tag adds nothing."""
    return before if now is SecurityProof.NOT_WRITTEN else now


def _on_pad(turn: Turn, task: Task) -> bool:
    here = {tag.uid for tag in turn.volatile.pad}
    return bool(task.uids) and here.issuperset(task.uids)


def returned_to_pad(turn: Turn) -> Turn:
    """The book was put back in time: try again."""
    for task in turn.volatile.tasks.values():
        if task.phase is Phase.PUT_BACK and not task.recovering and _on_pad(turn, task):
            turn = _release(turn.wake(f"putback:{task.id}", None), task)
    return turn


def give_up(turn: Turn, task: Task) -> Turn:
    """The time to put it back is over, or the reader said no: rule 7 where the mark is proven on, else rule 8."""
    turn = turn.wake(f"putback:{task.id}", None)
    read_on = task.proof is SecurityProof.PROVEN and task.state is SecurityState.ON
    never_written = task.proof is SecurityProof.NOT_WRITTEN and task.before is SecurityState.ON
    if read_on or never_written:
        return _undone(turn, replace(task, state=SecurityState.ON))
    return _stands(turn, task)


def _undone(turn: Turn, task: Task) -> Turn:
    turn = ending.final(turn, task, Outcome.UNDONE, proof=SecurityProof.PROVEN)
    return ending.ended(turn, task, End.NOT_DONE, note="checkout.undone")


def _stands(turn: Turn, task: Task) -> Turn:
    turn = ending.final(turn, task, Outcome.STANDS, proof=SecurityProof.UNKNOWN)
    turn = turn.do(Report(what="loan_stands_unproven", part="pad"))
    return ending.ended(turn, task, End.DONE, note="checkout.security_failed")


def confirmed_late(turn: Turn, task: Task, answer: EffectAnswer) -> Turn:
    """Rule 11: a grant after the machine decided alone confirms it, as long as the key has no Final."""
    if not isinstance(answer, EffectGranted) or not task.offline or task.phase is Phase.ENDED:
        return turn
    assert task.key is not None
    turn = turn.write(Granted(key=task.key, due=answer.due))
    return turn.task(task, offline=False, due=answer.due, answer=answer)
