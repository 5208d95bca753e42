"""The last records of a key, and the one end every item gets."""

from __future__ import annotations

from typing import Final as Constant

from kiosk.checkout.reduce.turn import Turn
from kiosk.checkout.states import End, Left, Phase, Task
from kiosk.domain import Key, Refusal, SecurityProof
from kiosk.domain.nouns import key_of
from kiosk.flow.step import Private, SendIntent
from kiosk.messages.asks import Bond, EffectGranted, EffectOpen, EffectRefused, Unavailable
from kiosk.messages.records import Final, Intent, Op, Outcome

EffectAnswer = EffectGranted | EffectRefused | EffectOpen | Unavailable
KEY_TIMER: Constant = "key:"
BEHIND_S: Constant = 1.0  # how far our own timer stands behind the uplink's deadline


def intend(turn: Turn, task: Task) -> tuple[Turn, Task]:
    """Mints the key and writes the intent; the bond (whose loan) goes along to be sealed."""
    key = key_of(turn.durable.device, turn.durable.epoch, turn.durable.minted + 1)
    reader = turn.here.reader if task.op is not Op.CHECKIN else None  # returns need no card
    intent = Intent(
        key=key,
        op=task.op,
        item=task.item,
        tags=task.uids,
        owner=task.owner,
        pseudonym=reader.pseudonym if reader else None,
        security=task.before,
        at_ms=turn.now.wall_ms,
        due_before=task.due_before,
    )
    if reader is not None:
        patron = reader.known.patron if reader.known else None
        bond = Bond(patron=patron, card=reader.card or reader.number, item=task.item)
        turn = turn.write(Private(intent=intent, bond=bond))
    else:
        turn = turn.write(intent)
    turn = turn.task(task, key=key, phase=Phase.ASKING)
    return turn, turn.volatile.tasks[task.id]


def send(turn: Turn, key: Key) -> Turn:
    """Publishes the intent; a timer of our own stands behind the uplink's deadline."""
    answer_s = turn.desk.times.answer_s
    return turn.do(SendIntent(key=key, answer_s=answer_s)).wake(KEY_TIMER + key, turn.now.mono + answer_s + BEHIND_S)


def final(turn: Turn, task: Task, outcome: Outcome, *, proof: SecurityProof) -> Turn:
    assert task.key is not None, "a final needs a key"
    return turn.write(
        Final(
            key=task.key,
            op=task.op,
            item=task.item,
            outcome=outcome,
            security=task.state,
            proof=proof,
            offline=task.offline,
            at_ms=turn.now.wall_ms,
        )
    )


def ended(turn: Turn, task: Task, end: End, *, reason: Refusal | None = None, note: str = "", detail: str = "") -> Turn:
    """The item's one end. A task whose reader has left has nobody to tell and goes."""
    turn = _remembered(turn, task, end)
    if turn.volatile.visit is None or turn.here.n != task.visit:
        left = {id_: other for id_, other in turn.volatile.tasks.items() if id_ != task.id}
        return turn.know(tasks=left)
    return turn.task(task, phase=Phase.ENDED, end=end, reason=reason, note=note, detail=detail, until=None)


def _remembered(turn: Turn, task: Task, end: End) -> Turn:
    """What was known of the item before counts no more; what became of it is known as long as it lies here."""
    lookups = {item: found for item, found in turn.volatile.lookups.items() if item != task.item}
    turn = turn.know(lookups=lookups)
    if task.op is Op.RENEW:
        return turn
    taken_in = task.op is Op.CHECKIN
    if turn.volatile.visit is not None and turn.here.n == task.visit:
        return _in_visit(turn, task, taken_in) if end is not End.NOT_DONE else turn
    if end is End.NOT_DONE:
        what = Left.NOT_TAKEN_IN if taken_in else Left.NOT_LENT
    else:
        what = Left.TAKEN_IN if taken_in else Left.LENT
    leftover = {uid: what if uid in task.uids else left for uid, left in turn.volatile.leftover.items()}
    return turn.know(leftover=leftover)


def _in_visit(turn: Turn, task: Task, taken_in: bool) -> Turn:
    lent, back = turn.here.lent - {task.item}, turn.here.taken_in - {task.item}
    if taken_in:
        return turn.visit(lent=lent, taken_in=back | {task.item})
    return turn.visit(lent=lent | {task.item}, taken_in=back)
