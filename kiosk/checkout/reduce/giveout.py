"""Loans and renewals: rules 3 to 11 and 14 of the exactly-once protocol."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final as Constant

from kiosk.checkout.pad import room
from kiosk.checkout.reduce import ending, marks
from kiosk.checkout.reduce.ending import EffectAnswer
from kiosk.checkout.reduce.turn import Turn
from kiosk.checkout.states import End, Phase, Task
from kiosk.domain import Refusal, SecurityProof, SecurityState
from kiosk.domain.faults.desk import LOAN_STANDS, TAG_NOT_SWITCHED
from kiosk.flow.devices import SecurityDone
from kiosk.flow.step import Report
from kiosk.messages.asks import EffectGranted, EffectOpen, EffectRefused, Unavailable
from kiosk.messages.records import Granted, OfflineAccepted, Op, Outcome, Refused

PUT_BACK_TIMER: Constant = "putback:"


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
        case EffectOpen(task=reference) if task.op is Op.RENEW:
            return _in_doubt(turn, task, reference)
        case EffectOpen() | Unavailable():
            return unanswered(turn, task)


def unanswered(turn: Turn, task: Task) -> Turn:
    """Rule 10: the policy decides once. A renewal gives nothing out of the house and is simply not made."""
    refusal = _no_renewal(turn) if task.op is not Op.CHECKOUT else _offline_refusal(turn, task)
    if refusal is not None:
        return _cancel(turn, task, refusal, "")
    assert task.key is not None
    due = _provisional_due(turn)
    turn = turn.write(OfflineAccepted(key=task.key, due=due))
    return _hand_over(turn, replace(task, due=due, offline=True))


def _in_doubt(turn: Turn, task: Task, reference: str) -> Turn:
    """The library system may have renewed: nothing is claimed here, and the reader is not told that it failed."""
    turn = ending.final(turn, task, Outcome.CANCELLED, proof=SecurityProof.NOT_WRITTEN)
    return ending.ended(turn, task, End.UNSURE, note="renew.unsure", detail=reference or task.key or "")


def _no_renewal(turn: Turn) -> Refusal:
    return Refusal.SERVICE_AWAY if turn.volatile.links.online else Refusal.OFFLINE_NOT_HERE


def _offline_refusal(turn: Turn, task: Task) -> Refusal | None:
    """`[policy.offline]` for this reader and item, now. A task whose reader has left is never given out alone."""
    visit, policy = turn.volatile.visit, turn.desk.offline
    if visit is None or not _waits(turn, task) or visit.reader is None or not policy.checkout:
        return Refusal.SERVICE_AWAY
    reader = visit.reader
    if reader.known is None and reader.hint is None and policy.require_known_patron:
        return Refusal.OFFLINE_UNKNOWN_PATRON
    blocks = reader.known.blocks if reader.known else reader.hint.blocks if reader.hint else ()
    if blocks:
        return blocks[0]
    if task.offline_no is not None:
        return task.offline_no
    quota = room(turn.desk, visit, turn.durable, online=False)
    return quota.bound if quota.left is not None and quota.left <= 0 else None


def _provisional_due(turn: Turn) -> str:
    local = timedelta(milliseconds=turn.now.wall_ms, minutes=turn.desk.utc_offset_min)
    day = datetime(1970, 1, 1, tzinfo=UTC) + local + timedelta(days=turn.desk.offline.due_days)
    return day.date().isoformat()


def _hand_over(turn: Turn, task: Task) -> Turn:
    """Rule 5: the grant is among this turn's records, so the mark may go off once they are committed."""
    if task.op is Op.RENEW:
        return _delivered(turn, task, SecurityProof.NOT_WRITTEN, "")
    turn, task = _counted(turn, task, 1), replace(task, proof=SecurityProof.NOT_WRITTEN)
    if not task.uids:
        return _without_tag(turn, replace(task, state=SecurityState.ABSENT))
    return _release(turn, task) if _waits(turn, task) else give_up(turn, task)


def _counted(turn: Turn, task: Task, n: int) -> Turn:
    """What this visit was given since the library system told the reader's count."""
    if not _waits(turn, task):
        return turn
    alone = turn.here.given_alone + n if task.offline else turn.here.given_alone
    return turn.visit(given=turn.here.given + n, given_alone=alone)


def _without_tag(turn: Turn, task: Task) -> Turn:
    """An item handled by its printed barcode. Where its reader has gone, nobody can say who has it."""
    if not _waits(turn, task):
        return _stands(turn, task)
    return _delivered(turn, task, SecurityProof.NOT_WRITTEN, "item.no_tag_gate")


def _waits(turn: Turn, task: Task) -> bool:
    """Whether its reader is still here. A book whose reader has gone stays: it would lie here open to anybody."""
    return turn.volatile.visit is not None and turn.here.n == task.visit


def _release(turn: Turn, task: Task) -> Turn:
    return marks.order(turn, task, Phase.SECURING, SecurityState.OFF)


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
    match task.phase:
        case Phase.SECURING:
            turn, task = marks.told(turn, task, event)
            return _released(turn, task)
        case Phase.REARMING:
            turn, task = marks.told(turn, task, event)
            return _rearmed(turn, task)
        case _:
            return turn


def _released(turn: Turn, task: Task) -> Turn:
    if task.proof is SecurityProof.PROVEN and task.state is SecurityState.OFF:
        return _delivered(turn, task, SecurityProof.PROVEN, "")
    if not _waits(turn, task):
        return give_up(turn, task)
    on_pad = marks.on_pad(turn, task)
    if on_pad and task.tries < marks.TRIES_MAX:
        return _release(turn, task)
    if on_pad and task.proof is SecurityProof.PROVEN:  # the tag answers and stays armed: it cannot be switched
        turn = turn.do(Report(what=TAG_NOT_SWITCHED.name, fault=TAG_NOT_SWITCHED.number, part="pad"))
        return give_up(turn, replace(task, reason=Refusal.ITEM_DESK_ONLY))
    until = task.until or turn.now.mono + turn.desk.times.put_back_s
    turn = turn.task(task, phase=Phase.PUT_BACK, until=until, tries=0).wake(PUT_BACK_TIMER + task.id, until)
    return turn.visit(helping=False)  # nothing may lie over "put it back"


def returned_to_pad(turn: Turn) -> Turn:
    """The book was put back in time: try again, if it is still for the reader who asked."""
    for task in turn.volatile.tasks.values():
        if task.phase is Phase.PUT_BACK and not task.recovering and marks.on_pad(turn, task):
            turn = turn.wake(PUT_BACK_TIMER + task.id, None)
            turn = _release(turn, task) if _waits(turn, task) else give_up(turn, task)
    return turn


def give_up(turn: Turn, task: Task) -> Turn:
    """The book is not to be lent after all: the time to put it back is over, the reader said no, or has gone.

    Rule 7 where the mark is proven on; a book within reach is armed first; else rule 8.
    """
    turn = turn.wake(PUT_BACK_TIMER + task.id, None)
    if marks.proven(task, SecurityState.ON):
        return _undone(turn, task)
    if marks.on_pad(turn, task):
        return marks.order(turn, replace(task, tries=0), Phase.REARMING, SecurityState.ON)
    return _stands(turn, task)


def _rearmed(turn: Turn, task: Task) -> Turn:
    if marks.proven(task, SecurityState.ON):
        return _undone(turn, task)
    if marks.on_pad(turn, task) and task.tries < marks.TRIES_MAX:
        return marks.order(turn, task, Phase.REARMING, SecurityState.ON)
    return _stands(turn, task)


def _undone(turn: Turn, task: Task) -> Turn:
    turn, task = _counted(turn, task, -1), replace(task, state=SecurityState.ON)
    turn = ending.final(turn, task, Outcome.UNDONE, proof=SecurityProof.PROVEN)
    return ending.ended(turn, task, End.NOT_DONE, reason=task.reason, note="checkout.undone")


def _stands(turn: Turn, task: Task) -> Turn:
    turn = ending.final(turn, task, Outcome.STANDS, proof=SecurityProof.UNKNOWN)
    turn = turn.do(Report(what=LOAN_STANDS.name, fault=LOAN_STANDS.number, part="pad"))
    return ending.ended(turn, task, End.DONE, note="checkout.security_failed")


def confirmed_late(turn: Turn, task: Task, answer: EffectAnswer) -> Turn:
    """Rule 11: a grant after the machine decided alone confirms it, as long as the key has no Final."""
    if not isinstance(answer, EffectGranted) or not task.offline or task.phase is Phase.ENDED:
        return turn
    assert task.key is not None
    turn = turn.write(Granted(key=task.key, due=answer.due))
    return turn.task(task, offline=False, due=answer.due or task.due, answer=answer)
