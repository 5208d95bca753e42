"""Deliberately broken variants of the exactly-once protocol. A proof that does not notice them proves nothing.

Each is the tempting way to write one rule of docs/decisions/0003; the number is the rule it breaks.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from kiosk.checkout.reduce import ending, giveout, recover
from kiosk.checkout.reduce.turn import Turn
from kiosk.checkout.states import Obligation, Phase, Stage, Task
from kiosk.domain import SecurityProof, SecurityState
from kiosk.flow.orders import SetSecurity
from kiosk.gateway import ingest
from kiosk.gateway.applier import Applier, NoReader
from kiosk.gateway.arrivals import Weighed, weigh
from kiosk.gateway.ingest import Ingest, Parcel
from kiosk.gateway.keeper import Keeper
from kiosk.gateway.sip2 import Checkout, NoAnswer, NotSent
from kiosk.ledger import Tx, effects
from kiosk.ledger.effects import State
from kiosk.messages.envelope import Batch
from kiosk.messages.records import Intent, Op
from kiosk.uplink.drain import Drain

Patch = tuple[Any, str, Any]  # Any: whatever has an attribute of that name


class Mutant(enum.StrEnum):
    """The tempting mistakes."""

    PUBACK_CLEARS = "puback clears"  # 16: the broker has it, so it is safe
    DO_NOTHING = "do nothing on conflict"  # 18: INSERT ... ON CONFLICT DO NOTHING
    ASK_AGAIN = "ask again on restart"  # 14: the same key, so it cannot hurt
    TX_ACTS = "a tx intent acts"  # 4, 24: the journal's replay executes, too
    BLIND_UNDO = "undo without read-back"  # 7: the book is gone, so the loan is not
    EARLY_OFF = "off before the grant"  # 5: the reader need not wait
    FORGET_ATTEMPTS = "forget attempts"  # 25: what was under way at a crash was never begun


@contextmanager
def broken(mutant: Mutant | None) -> Iterator[None]:
    """The code with this mistake in it, for as long as the block runs."""
    with ExitStack() as stack:
        for owner, name, value in _PATCHES[mutant]() if mutant is not None else ():
            stack.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, value)
        yield


def _puback_clears() -> Sequence[Patch]:
    due, receipted = Drain.due, Drain.receipted

    def sent_is_safe(self: Any, now: float) -> tuple[Batch, ...]:
        batches = due(self, now)
        for batch in batches:
            self.watermark = self._held = batch.first + len(batch.records) - 1
            self._resend_at = None
        return batches

    def never_back(self: Any, through: int, now: float, *, born: bool) -> None:
        receipted(self, max(through, self.watermark), now, born=born)

    return (Drain, "due", sent_is_safe), (Drain, "receipted", never_back)


def _do_nothing() -> Sequence[Patch]:
    def first_wins(records: Any, through: int, head: str, known: Any) -> Weighed:
        found = weigh(records, through, head, known)
        return Weighed() if found.forked else found

    def as_it_says(self: Ingest, tx: Tx, chain: Any, birth: Any) -> bool:
        return False

    return (ingest, "weigh", first_wins), (Ingest, "_rolled_back", as_it_says), (ingest, "FORKED", "")


def _ask_again() -> Sequence[Patch]:
    resume, without_tag = recover._resume, giveout._without_tag

    def ask(turn: Turn, obligation: Obligation) -> Turn:
        if obligation.op is not Op.CHECKOUT or obligation.stage is not Stage.ASKED:
            return resume(turn, obligation)
        task = Task(
            id=f"recover:{obligation.key}",
            visit=recover.NOBODY,
            op=obligation.op,
            item=obligation.item,
            title="",
            key=obligation.key,
            before=obligation.security,
            phase=Phase.ASKING,
        )
        return ending.send(turn.task(task), obligation.key)

    def granted_is_done(turn: Turn, task: Task) -> Turn:
        if task.visit != recover.NOBODY:
            return without_tag(turn, task)
        return giveout._delivered(turn, task, SecurityProof.NOT_WRITTEN, "")

    return (recover, "_resume", ask), (giveout, "_without_tag", granted_is_done)


def _tx_acts() -> Sequence[Patch]:
    take = Ingest.take

    def act(self: Any, parcels: Sequence[Parcel]) -> None:
        take(self, parcels)
        bodies = [each.record.body for parcel in parcels for each in parcel.records]
        for intent in bodies:
            if isinstance(intent, Intent) and intent.op is Op.CHECKOUT:
                _execute(self._parts, intent)

    return ((Ingest, "take", act),)


def _execute(parts: Any, intent: Intent) -> None:
    applier = Applier(parts)
    effect = parts.ledger.read(lambda tx: effects.get(tx, intent.key))
    if effect is None:
        return
    try:
        patron = applier.reader(effect)
        if patron is not None:
            parts.ils.ask(Checkout(patron=patron, item=intent.item), applier.ils.by())
    except (NoReader, NotSent, NoAnswer):
        return


def _blind_undo() -> Sequence[Patch]:
    def undone(turn: Turn, task: Task) -> Turn:
        return giveout._undone(turn.wake(f"putback:{task.id}", None), task)

    return ((giveout, "give_up", undone),)


def _early_off() -> Sequence[Patch]:
    begin = giveout.begin

    def hasty(turn: Turn, task: Task) -> Turn:
        turn = begin(turn, task)
        if task.op is not Op.CHECKOUT or not task.uids:
            return turn
        return turn.do(SetSecurity(corr=f"early:{task.id}", uids=task.uids, wanted=SecurityState.OFF))

    return ((giveout, "begin", hasty),)


def _forget_attempts() -> Sequence[Patch]:
    def forget(self: Any) -> None:
        def work(tx: Tx) -> None:
            for effect in effects.left_attempting(tx):
                effect.state, effect.done_ms = State.NEW, 0
                effects.save(tx, effect)

        self._parts.ledger.run(work)

    return ((Keeper, "_recover", forget),)


_PATCHES: Final[dict[Mutant, Callable[[], Sequence[Patch]]]] = {
    Mutant.PUBACK_CLEARS: _puback_clears,
    Mutant.DO_NOTHING: _do_nothing,
    Mutant.ASK_AGAIN: _ask_again,
    Mutant.TX_ACTS: _tx_acts,
    Mutant.BLIND_UNDO: _blind_undo,
    Mutant.EARLY_OFF: _early_off,
    Mutant.FORGET_ATTEMPTS: _forget_attempts,
}
