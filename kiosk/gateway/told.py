"""What an arriving record changes for its key. It never causes an effect: it says what the settler owes, if anything.

An Intent on the tx lane is only remembered: effects come from a fresh request, or from a Final. The common Final, of
a loan that was granted online, is settled right here, in the transaction that keeps the record.
"""

from __future__ import annotations

from kiosk.gateway.arrivals import Linked
from kiosk.ledger.effects import Effect, State, Todo, Touched
from kiosk.ledger.inbox import Arrived
from kiosk.messages.records import Final, Intent, OfflineAccepted, Outcome

_NOTHING_LEFT = frozenset({Outcome.CANCELLED, Outcome.UNDONE})


class Forked(Exception):
    """The record's key is known with other bytes: the machine has two journals."""


def tell(rows: Touched, row: Arrived, linked: Linked, now_ms: int) -> bool:
    """True when the settler now owes this key something. Raises Forked."""
    match linked.record.body:
        case Intent() as intent:
            known = rows.get(intent.key)
            if known is None:
                rows.put(of_intent(intent, linked, now_ms))
            elif known.hash != linked.hash:
                raise Forked
        case OfflineAccepted(key=key):
            known = rows.get(key)
            if known is not None:
                known.accepted, known.changed_ms = 1, now_ms
                rows.put(known)
        case Final() as final:
            return _ended(rows, row, final, now_ms)
    return False


def of_intent(intent: Intent, linked: Linked, now_ms: int) -> Effect:
    """The row of a key nobody has asked about."""
    head = linked.record.head
    return Effect(
        key=intent.key,
        op=intent.op,
        item=intent.item,
        owner=intent.owner,
        device=head.device,
        epoch=head.epoch,
        seq=head.seq,
        hash=linked.hash,
        pseudonym=intent.pseudonym or "",
        bond_kid=intent.patron.kid if intent.patron else "",
        bond_box=intent.patron.box if intent.patron else "",
        security=intent.security.value,
        at_ms=intent.at_ms,
        due_before=intent.due_before,
        amount_fen=intent.amount_fen,
        of=intent.of or "",
        changed_ms=now_ms,
    )


def _ended(rows: Touched, row: Arrived, final: Final, now_ms: int) -> bool:
    known = rows.get(final.key)
    effect = known or Effect(key=final.key, op=final.op, item=final.item, device=row.device, epoch=row.epoch)
    effect.final = final.outcome.value
    effect.final_seq = row.seq
    effect.final_offline = row.offline
    effect.final_security = final.security.value
    effect.final_proof = final.proof.value
    effect.final_first_ms, effect.final_last_ms = row.first_ms, row.last_ms
    effect.final_received_ms = effect.changed_ms = now_ms
    effect.at_ms = effect.at_ms or final.at_ms
    agree(effect, now_ms)
    rows.put(effect)
    return effect.todo is not Todo.NOTHING


def agree(effect: Effect, now_ms: int) -> None:
    """Brings what was done and how it ended together, or marks what the settler owes."""
    outcome = effect.ended
    if effect.state in (State.ATTEMPTING, State.DOUBT):
        # First find out what was done; a doubt that people have is looked at once more, now that more is known.
        if outcome is not None and effect.state is State.DOUBT and effect.todo is Todo.NOTHING:
            _owe(effect, Todo.JUDGE, now_ms, now_ms)
    elif outcome is None:
        return
    elif outcome in _NOTHING_LEFT and effect.state in (State.NEW, State.VOID, State.REFUSED):
        # The tombstone: a request that comes later is refused.
        effect.state = State.VOID if effect.state is State.NEW else effect.state
        _owe(effect, Todo.LOOK if effect.todo is Todo.LOOK else Todo.NOTHING, effect.todo_ms, now_ms)
    elif outcome in (Outcome.DELIVERED, Outcome.RETURNED) and effect.state in (State.GRANTED, State.SETTLED):
        effect.state = State.SETTLED
        _owe(effect, Todo.NOTHING, 0, now_ms)
    else:
        _owe(effect, Todo.FINAL, now_ms, now_ms)


def _owe(effect: Effect, todo: Todo, todo_ms: int, now_ms: int) -> None:
    effect.since_ms = effect.since_ms if effect.todo is not Todo.NOTHING else now_ms
    effect.todo, effect.todo_ms = todo, todo_ms
