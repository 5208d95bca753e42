"""The last records of a key, and the one end every item gets."""

from __future__ import annotations

from kiosk.checkout.reduce.turn import Turn
from kiosk.checkout.states import End, Phase, Task
from kiosk.domain import Key, Refusal, SecurityProof
from kiosk.domain.nouns import key_of
from kiosk.flow.step import Private, SendIntent
from kiosk.messages.asks import Bond
from kiosk.messages.records import Final, Intent, Op, Outcome


def intend(turn: Turn, task: Task) -> tuple[Turn, Task]:
    """Mints the key and writes the intent; the bond (whose loan) goes along to be sealed."""
    key = key_of(turn.durable.device, turn.durable.epoch, turn.durable.minted + 1)
    reader = turn.here.reader if task.op is not Op.CHECKIN else None
    intent = Intent(
        key=key,
        op=task.op,
        item=task.item,
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
    return turn.do(SendIntent(key=key, answer_s=answer_s)).wake(f"key:{key}", turn.now.mono + answer_s + 1.0)


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
    if turn.volatile.visit is None or turn.here.n != task.visit:
        left = {id_: other for id_, other in turn.volatile.tasks.items() if id_ != task.id}
        return turn.know(tasks=left)
    return turn.task(task, phase=Phase.ENDED, end=end, reason=reason, note=note, detail=detail, until=None)
