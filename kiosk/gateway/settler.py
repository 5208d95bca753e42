"""Pays what is owed to keys: judges lost answers, follows up on how things ended, looks once more, asks people.

Everything here starts from rows, so it may be cut off anywhere and run again. An effect has two causes only, a fresh
request or a Final; what the settler sends to the library system belongs to one of the two.
"""

from __future__ import annotations

import logging
from typing import Final

from kiosk.domain import Key, PatronId
from kiosk.gateway import deeds
from kiosk.gateway.applier import Applier, NoReader
from kiosk.gateway.card import WalletAway, WalletSilent
from kiosk.gateway.deeds import Judged
from kiosk.gateway.lines import BIN_TAKEN, HISTORY_MAX, Lines
from kiosk.gateway.money import Money
from kiosk.gateway.parts import Parts
from kiosk.gateway.sip2 import Checkin, LoanSeen, NoAnswer, NotSent, PatronInformation
from kiosk.gateway.tasks import Kind
from kiosk.ledger import effects, inbox
from kiosk.ledger.effects import Booked, Effect, State, Todo
from kiosk.messages.asks import EffectGranted
from kiosk.messages.records import GIVE_OUT, Op, Outcome

log = logging.getLogger(__name__)

ATTEMPTS_MAX: Final = 2
"""The first attempt, and one more after the library system was proven unchanged."""

AWAY_RETRY_S: Final = (2.0, 300.0)
DESK_S: Final = 20.0
"""No reader takes a book from a machine to a desk and has it lent there in less time."""

MONEY: Final = frozenset({Op.HOLD, Op.CAPTURE, Op.RELEASE})
UNTOLD: Final = frozenset({Outcome.CANCELLED, Outcome.UNDONE})


class Settler:
    """`settle` claims what it needs; the methods below it expect the item and the reader to be claimed."""

    def __init__(self, parts: Parts, applier: Applier) -> None:
        self._parts = parts
        self._applier = applier
        self._lines = Lines(parts, applier)
        self.settled_late: set[tuple[str, str]] = set()
        """Journals (device, epoch) of which something that was decided without us was settled: they may be told."""
        self.money = Money(parts, applier)

    def settle(self, key: Key) -> None:
        """Pays what is due to one key. Raises NotLeading."""
        effect = self._row(key)
        if effect is None:
            return
        with self._parts.claims.held(self.names(effect)):
            effect = self._row(key)
            if effect is not None and effect.todo is not Todo.NOTHING and effect.todo_ms <= self._parts.now_ms():
                self.pay(effect)

    def names(self, effect: Effect) -> list[str]:
        """What must be claimed for an effect."""
        reader = self._reader(effect)
        return [f"item:{effect.item}", *([f"patron:{reader}"] if reader else [])]

    def pay(self, effect: Effect) -> None:
        """One step towards owing nothing. A library system that is away makes it later, never wrong.

        Claims, beside the effect's own, are taken only for a line's other readers.
        """
        answered = effect.answer
        try:
            if effect.todo is Todo.JUDGE or effect.state is State.DOUBT:
                self.judge(effect)
            if effect.todo is Todo.LOOK and effect.todo_ms <= self._parts.now_ms():
                self._look_again(effect)
            if effect.todo is Todo.FINAL:
                self._finalise(effect)
            if effect.todo is Todo.LINE:
                self._lines.settle(effect.item, self.names(effect))
        except (NotSent, NoAnswer, WalletAway, WalletSilent) as away:
            log.info("away key=%s: %s", effect.key, away)
            # What was begun is written down, by a custody line in rows of its own: this copy of the row is old.
            effect = self._row(effect.key) or effect
            if effect.todo is not Todo.NOTHING:
                self._applier.leave(effect, effect.todo, self._patience_s(effect))
        if effect.answer != answered:
            self._tell(effect)
        if effect.accepted:
            self.settled_late.add((effect.device, effect.epoch))

    # --- lost answers ---

    def judge(self, effect: Effect) -> None:
        """What did the message do whose answer was lost? Read and compare with before. Raises NotSent, NoAnswer."""
        if effect.doing == "line":
            effect.todo = Todo.LINE  # the line is worked out anew from what the library system says
            return
        try:
            patron = self._applier.reader(effect)
        except NoReader:
            self._applier.hand_over(effect, Kind.DOUBT)
            return
        if effect.op in MONEY:
            self.money.judge(effect, patron)
        elif effect.doing == "undo":
            self._judge_undo(effect, patron)
        elif effect.op is Op.FEE:
            self._judge_payment(effect, patron)
        else:
            self._judge_deed(effect, patron)

    def _judge_deed(self, effect: Effect, patron: PatronId | None) -> None:
        now = self._applier.look(effect, patron)
        was = deeds.read_before(effect.pre)
        match effect.op:
            case Op.CHECKOUT:
                judged = deeds.judge_loan(was, now)
            case Op.RENEW:
                judged = deeds.judge_renewal(was, now)
            case _:
                judged = deeds.judge_return(was, now)
        log.info("judged key=%s op=%s as=%s", effect.key, effect.op.value, judged.value)
        match judged:
            case Judged.DONE:
                self._done(effect, now, was_on_loan=was.on_loan is not False)
            case Judged.UNCHANGED:
                self._unchanged(effect, patron)
            case Judged.OTHER if effect.op is Op.CHECKIN:
                # On loan with another due date: returned and lent again, or only renewed. 17 does not tell which.
                self._applier.hand_over(effect, Kind.DOUBT)
            case Judged.OTHER:
                self._applier.void(effect)
            case Judged.UNTELLABLE:
                self._applier.hand_over(effect, Kind.DOUBT)

    def _done(self, effect: Effect, now: LoanSeen, *, was_on_loan: bool) -> None:
        answer = deeds.granted_by_state(effect.key, now, was_on_loan=was_on_loan)
        idle = effect.op is Op.CHECKIN and not was_on_loan
        own = effect.op is not Op.CHECKOUT or self._found_at_once(effect)
        self._applier.grant(effect, answer, Booked.ONLINE, end="idle" if idle else "granted", own=own)

    def _found_at_once(self, effect: Effect) -> bool:
        """Whether a loan found after a lost answer is ours for certain: the reader cannot have had it made at a desk
        since the message was sent."""
        return self._parts.now_ms() - effect.done_ms <= DESK_S * 1000

    def _unchanged(self, effect: Effect, patron: PatronId | None) -> None:
        """One more attempt where it cannot hurt: the asker still waits, or the copy is still in the machine."""
        now_ms = self._parts.now_ms()
        again = effect.attempts < ATTEMPTS_MAX
        if effect.op in GIVE_OUT:
            budget_ms = int(self._parts.config.ils.answer_s * 1000)
            if again and not effect.final and effect.asked_until_ms - now_ms >= budget_ms:
                self._applier.perform(effect, patron)
            else:
                self._applier.void(effect)
        elif again and self._in_custody(effect):
            self._applier.perform(effect, patron)
        else:
            self._applier.hand_over(effect, Kind.BIN_TAKEN if self._bin_taken(effect) else Kind.DOUBT)

    def _judge_payment(self, effect: Effect, patron: PatronId | None) -> None:
        assert patron is not None
        owed = self._applier.ils.ask(PatronInformation(patron=patron), self._applier.ils.by())
        match deeds.judge_payment(deeds.read_before(effect.pre), owed.fee_fen, effect.amount_fen):
            case Judged.DONE:
                self._applier.grant(effect, EffectGranted(key=effect.key), Booked.ONLINE)
            case Judged.UNCHANGED if effect.attempts < ATTEMPTS_MAX:
                self._applier.perform(effect, patron)
            case _:
                self._applier.hand_over(effect, Kind.MONEY)

    def _judge_undo(self, effect: Effect, patron: PatronId | None) -> None:
        now = self._applier.look(effect, patron)
        match deeds.judge_undo(now):
            case Judged.DONE:
                self._undone(effect)
            case Judged.UNCHANGED if effect.attempts <= ATTEMPTS_MAX:
                self._undo(effect, patron, now)
            case _:
                self._applier.hand_over(effect, Kind.UNDO_FAILED)

    def _look_again(self, effect: Effect) -> None:
        """A message that was given up may have been executed after the state was read: one last look."""
        effect.todo = Todo.NOTHING
        if effect.op is not Op.CHECKOUT:
            return self._applier.close(effect, effect.state)
        patron = self._reader(effect)
        now = self._applier.look(effect, patron)
        by_others = now.on_loan is False or now.lent_to_patron is False
        if by_others or deeds.read_before(effect.pre).mine or self._lent_again(effect, patron):
            return self._applier.close(effect, effect.state)
        return self._whose_loan(effect)

    def _whose_loan(self, effect: Effect) -> None:
        """The copy is charged to our reader: by a message of ours that was executed late, or at a desk where he went
        with the book. Nothing in the library system tells the two apart, so no 09 is sent; people look for the book."""
        log.warning("whose_loan key=%s", effect.key)
        now_ms = self._parts.now_ms()
        self._parts.ledger.run(lambda tx: effects.end_attempt(tx, effect.key, effect.attempts, effects.PERHAPS, now_ms))
        effect.state, effect.booked, effect.done_ms = State.VOID, Booked.NOT, 0
        self._applier.hand_over(effect, Kind.WHOSE_LOAN)

    # --- how it ended ---

    def _finalise(self, effect: Effect) -> None:
        """The machine has told how a key ended, and that is not what stands here. Raises NotSent, NoAnswer."""
        outcome = effect.ended
        assert outcome is not None, "only a Final is followed up"
        if outcome in UNTOLD:
            self._take_back_effect(effect)
            return
        if outcome is Outcome.STANDS:
            self._applier.call(Kind.MARK_UNPROVEN, effect)
        if effect.state in (State.GRANTED, State.SETTLED):
            self._applier.close(effect, State.SETTLED)
        elif effect.state is State.REFUSED:
            kind = Kind.OFFLINE_REFUSED if effect.op is Op.CHECKOUT and effect.final_offline else Kind.DISAGREES
            self._applier.hand_over(effect, Kind.CHECKIN_REFUSED if effect.op is Op.CHECKIN else kind)
        elif effect.op in (Op.CAPTURE, Op.RELEASE):
            self.money.perform(effect, None)  # taken in, and pushed forward until the wallet has it
        elif effect.op in (Op.CHECKOUT, Op.CHECKIN):
            if not effect.final_offline:
                log.warning("final_without_grant key=%s", effect.key)
            effect.todo = Todo.LINE
        else:
            self._applier.hand_over(effect, Kind.DISAGREES)

    def _take_back_effect(self, effect: Effect) -> None:
        if effect.state is not State.GRANTED:
            state = State.VOID if effect.state is State.NEW else effect.state
            self._applier.close(effect, state)
        elif effect.op is Op.CHECKOUT:
            self._undo_checkout(effect)
        elif effect.op is Op.HOLD:
            self.money.give_back(effect)
        elif effect.op is Op.RENEW:
            effect.state = State.SETTLED
            self._applier.hand_over(effect, Kind.RENEWAL_STANDS, due=effect.due)
        else:
            kind = Kind.RETURN_CANCELLED if effect.op is Op.CHECKIN else Kind.MONEY
            effect.state = State.SETTLED
            self._applier.hand_over(effect, kind)

    def _undo_checkout(self, effect: Effect) -> None:
        try:
            patron = self._applier.reader(effect)
        except NoReader:
            self._applier.hand_over(effect, Kind.UNDO_FAILED)
            return
        self._undo(effect, patron, self._applier.look(effect, patron))

    def _undo(self, effect: Effect, patron: PatronId | None, now: LoanSeen) -> None:
        """09 only for this very loan: this reader, this due date."""
        if now.on_loan is False or now.lent_to_patron is False or self._lent_again(effect, patron):
            self._undone(effect)
        elif now.lent_to_patron and effect.due and effect.due == deeds.shown(now.due):
            self._take_loan_back(effect, now)
        elif now.lent_to_patron or not effect.due:
            self._whose_loan(effect)
        else:
            self._applier.hand_over(effect, Kind.UNDO_FAILED)

    def _lent_again(self, effect: Effect, patron: PatronId | None) -> bool:
        """Whether the loan is by now that of a younger key of the same reader, who tried again and has the book."""
        rows = self._parts.ledger.read(lambda tx: effects.of_item(tx, effect.item, HISTORY_MAX))
        sent = [row for row in rows if row.done_ms >= effect.asked_ms > 0 and row.booked is not Booked.PAIR]
        newest = max((row for row in sent if row.key != effect.key), key=lambda row: row.done_ms, default=None)
        return newest is not None and newest.op is Op.CHECKOUT and self._reader(newest) == patron

    def _take_loan_back(self, effect: Effect, now: LoanSeen) -> None:
        reply = self._applier.attempt(effect, "undo", deeds.before(now), Checkin(item=effect.item))
        if reply is None:
            return
        seen = None if reply.ok else self._applier.recheck(effect, None)
        if effect.state is State.DOUBT:
            return
        if reply.ok or (seen is not None and seen.on_loan is False):
            self._undone(effect)
        else:
            effect.state, effect.doing = State.GRANTED, ""
            self._applier.hand_over(effect, Kind.UNDO_FAILED)

    def _undone(self, effect: Effect) -> None:
        sent = effect.doing == "undo"
        effect.booked, effect.done_ms = Booked.NOT, 0
        self._applier.close(effect, State.VOID, end="undone" if sent else "")

    # --- inside ---

    def _in_custody(self, effect: Effect) -> bool:
        age_ms = self._parts.now_ms() - max(effect.asked_ms, effect.final_last_ms)
        return age_ms <= self._parts.config.keep.custody_min * 60_000 and not self._bin_taken(effect)

    def _bin_taken(self, effect: Effect) -> bool:
        after = effect.final_seq or effect.seq
        return self._parts.ledger.read(lambda tx: inbox.noted_after(tx, effect.device, effect.epoch, after, BIN_TAKEN))

    def _patience_s(self, effect: Effect) -> float:
        waited_s = (self._parts.now_ms() - effect.since_ms) / 1000
        return min(max(AWAY_RETRY_S[0], waited_s / 4), AWAY_RETRY_S[1])

    def _tell(self, effect: Effect) -> None:
        device = self._parts.registry.devices.get(effect.device)
        if device is not None and effect.answer:
            self._parts.post.answer_bytes(device, effect.key, effect.answer_name, effect.answer)

    def _row(self, key: Key) -> Effect | None:
        return self._parts.ledger.read(lambda tx: effects.get(tx, key))

    def _reader(self, effect: Effect) -> PatronId | None:
        try:
            return self._applier.reader(effect)
        except NoReader:
            return None
