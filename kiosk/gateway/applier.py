"""Does one effect in the library system: attempt written down, message sent, answer written down. Claims are held.

Each arrow of new -> attempting -> granted | refused | doubt is a commit. SIP2 has neither keys nor a fence, so the
state is read before (17, 63) and kept with the attempt: after a lost answer only the difference tells what happened.
A negative answer is not believed either: some systems act and answer 0.
"""

from __future__ import annotations

import datetime as dt
import logging
import math
from typing import Final, TypeVar

from kiosk.domain import Fen, PatronId, Refusal
from kiosk.gateway import deeds
from kiosk.gateway import tasks as wording
from kiosk.gateway.deeds import Before, Judged
from kiosk.gateway.lately import Lately
from kiosk.gateway.lease import NotLeading
from kiosk.gateway.parts import Parts
from kiosk.gateway.sip2 import (
    Cause,
    Checkin,
    Checkout,
    Doubt,
    FeePaid,
    LoanSeen,
    NoAnswer,
    NotSent,
    PatronInformation,
    Renew,
    Request,
    look,
    patron_loans,
)
from kiosk.gateway.sip2.judge import on_loan
from kiosk.gateway.sip2.replies import ItemReply, LoanReply
from kiosk.gateway.tasks import Kind
from kiosk.gateway.told import agree
from kiosk.keys import SealError, open_sealed
from kiosk.ledger import Tx, effects
from kiosk.ledger.effects import TOLD, Booked, Effect, State, Todo
from kiosk.ledger.seen import ItemSeen
from kiosk.ledger.tasks import Task
from kiosk.messages.asks import Bond, EffectGranted, EffectOpen, EffectRefused
from kiosk.messages.envelope import ANSWER_NAME, encode_data
from kiosk.messages.records import TAKE_IN, Op, Sealed

log = logging.getLogger(__name__)

Reply = TypeVar("Reply")
Begun = tuple[State, str, str, int]
EffectAnswer = EffectGranted | EffectRefused | EffectOpen

CLOCK_OFF_MS_MAX: Final = 120_000
"""A machine's clock that differs by more while it is online is wrong: its returns count as made now."""


class NoReader(Exception):
    """The sealed reader of an effect cannot be had: the box does not open, or its day's key is gone."""


class Ils:
    """The library system within the applier's lease: no message leaves without it, no deadline outlasts it, and each
    message has `answer_s` of its own."""

    def __init__(self, parts: Parts) -> None:
        self.profile = parts.ils.profile
        self.parts = parts

    def ask(self, request: Request[Reply], by: float) -> Reply:
        """By `by`, or earlier: see the class. Raises NotSent, NoAnswer, Doubt, NotLeading."""
        return self.parts.ils.ask(request, self.parts.lease.within(min(by, self.by())))

    def by(self) -> float:
        """The latest moment for the answer to a message sent now."""
        return self.parts.hub.now() + self.parts.config.ils.answer_s


class Applier:
    """Every method expects the item (and the reader) of its effect to be claimed by the caller."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.ils = Ils(parts)
        self._lately = Lately(parts.hub)

    # --- who and what ---

    def reader(self, effect: Effect) -> PatronId | None:
        """Whose effect it is; None for a return. Raises NoReader."""
        if not effect.bond_box:
            return None
        pair = self._parts.day_keys.pair(effect.bond_kid)
        if pair is None:
            raise NoReader("the day's key is gone")
        try:
            bond = open_sealed(Sealed(kid=effect.bond_kid, box=effect.bond_box), pair, effect.key, Bond)
        except SealError as error:
            raise NoReader("the box does not open") from error
        if bond.item != effect.item:
            raise NoReader("the box is about another item")
        if bond.patron is not None:
            return bond.patron
        found = self._parts.cards.resolve(bond.card)
        if isinstance(found, Refusal):
            raise NoReader("the card is not known")
        return found

    def look(self, effect: Effect, patron: PatronId | None, *, whole: bool = True) -> LoanSeen:
        """17, and 63 for the reader when the item is out or `whole` is asked. Raises NotSent, NoAnswer."""
        found = look(self.ils, item=effect.item, patron=patron if whole else None, by=math.inf)
        if not whole and patron is not None and found.on_loan is not False:
            found = look(self.ils, item=effect.item, patron=patron, by=math.inf)
        self._remember(found.item)
        return found

    def seen_lately(self, item: ItemReply, asked_at: float) -> None:
        """A machine has asked about this item: it need not be read again for a loan or return that follows."""
        self._remember(item)
        if self._parts.lease.leading:  # else another gateway moves items meanwhile
            self._lately.learned(item, asked_at)

    def _look_first(self, effect: Effect, patron: PatronId | None) -> LoanSeen:
        """The state before an attempt: 17, and for a loan 63 when the item is out. What was read a moment ago will do
        while the copy lies on the machine that asked; nothing else of ours touches an item that is claimed."""
        item = self._lately.take(effect.item)
        out = None if item is None else on_loan(item)
        if item is not None and (patron is None or out is False):
            with_patron = None if patron is None else False
            return LoanSeen(known=item.known, on_loan=out, with_patron=with_patron, due=item.due, item=item)
        return self.look(effect, patron, whole=False)

    def recheck(self, effect: Effect, patron: PatronId | None) -> LoanSeen | None:
        """The state after a negative answer; None when it cannot be read, and the effect is in doubt then."""
        try:
            return self.look(effect, patron)
        except (NotSent, NoAnswer, NotLeading):
            self.doubt(effect)
            return None

    # --- one attempt, by kind ---

    def perform(self, effect: Effect, patron: PatronId | None) -> None:
        """One attempt at what the key wants; leaves the effect granted, refused or in doubt.

        Raises NotSent or NoAnswer while nothing was attempted, NotLeading.
        """
        match effect.op:
            case Op.CHECKOUT | Op.RENEW:
                assert patron is not None
                self._lend(effect, patron)
            case Op.CHECKIN:
                self._take_back(effect)
            case Op.FEE:
                assert patron is not None
                self._pay(effect, patron)
            case Op.HOLD | Op.CAPTURE | Op.RELEASE:
                raise AssertionError("a wallet's business: see kiosk.gateway.money")

    def _lend(self, effect: Effect, patron: PatronId) -> None:
        renewal = effect.op is Op.RENEW
        was = self.look(effect, patron) if renewal else self._look_first(effect, patron)
        why = deeds.hindrance(effect.op, was)
        if why is not None:
            return self.refuse(effect, why)
        if renewal and deeds.renewed_already(effect, was):
            return self.grant(effect, deeds.granted_by_state(effect.key, was), Booked.FOUND, deeds.before(was))
        if 0 < effect.asked_until_ms <= self._parts.now_ms():
            raise NotSent("29" if renewal else "11", Cause.TOO_LATE)  # read too slowly: its asker has given up
        request: Request[LoanReply] = (
            Renew(patron=patron, item=effect.item) if renewal else Checkout(patron=patron, item=effect.item)
        )
        reply = self.attempt(effect, "do", deeds.before(was), request)
        if reply is None:
            return None
        if reply.ok:
            return self.grant(effect, deeds.granted_loan(effect.key, reply, was), Booked.ONLINE)
        return self._check_refusal(effect, patron, reply)

    def _check_refusal(self, effect: Effect, patron: PatronId, reply: LoanReply) -> None:
        """12 or 30 said no: believe the state. Where it cannot be read now, look again later."""
        was = deeds.read_before(effect.pre)
        try:
            now = self.look(effect, patron)
            loans = patron_loans(self.ils, patron=patron, by=math.inf)
        except (NotSent, NoAnswer, NotLeading):
            return self.refuse(effect, Refusal.ITEM_DESK_ONLY, look_again=True)
        judge = deeds.judge_renewal if effect.op is Op.RENEW else deeds.judge_loan
        if judge(was, now) is Judged.DONE:
            return self.grant(effect, deeds.granted_by_state(effect.key, now), Booked.ONLINE)
        answer = deeds.refused_loan(effect.op, effect.key, reply, now, loans, self.ils.profile, self._today())
        return self.refuse(effect, answer.reason, detail=answer.detail)

    def _take_back(self, effect: Effect) -> None:
        was = self._look_first(effect, None)
        why = deeds.hindrance(effect.op, was)
        if why is not None:
            return self.refuse(effect, why)
        request = Checkin(item=effect.item, returned_s=self._returned_ms(effect) / 1000)
        reply = self.attempt(effect, "do", deeds.before(was), request)
        if reply is None:
            return None
        offset_s = self.ils.profile.utc_offset_s
        answer = deeds.with_lateness(deeds.granted_return(effect.key, reply, was), effect, was, offset_s)
        end = "idle" if was.on_loan is False else "granted"
        if reply.ok:
            return self.grant(effect, answer, Booked.ONLINE, end=end)
        now = self.recheck(effect, None)
        if now is None:
            return None
        if now.on_loan is False:
            return self.grant(effect, answer, Booked.ONLINE, end=end)
        refused = deeds.refused_return(effect.key, reply, now, self.ils.profile)
        return self.refuse(effect, refused.reason)

    def _pay(self, effect: Effect, patron: PatronId) -> None:
        owed = self.ils.ask(PatronInformation(patron=patron), self.ils.by())
        request = FeePaid(patron=patron, amount_fen=Fen(effect.amount_fen), transaction=effect.key)
        reply = self.attempt(effect, "do", Before(fee_fen=owed.fee_fen), request)
        if reply is None:
            return None
        if reply.accepted:
            return self.grant(effect, EffectGranted(key=effect.key), Booked.ONLINE)
        return self.refuse(effect, Refusal.STAFF)

    def attempt(self, effect: Effect, doing: str, was: Before, request: Request[Reply]) -> Reply | None:
        """Commits the attempt, sends the message; None when its answer was lost and the effect is in doubt.

        Raises NotSent after taking the attempt back, when nothing left this machine; NotLeading before.
        """
        by = self._parts.lease.within(self.ils.by())
        begun = self.begin(effect, doing, was, request.command)
        try:
            reply = self._parts.ils.ask(request, by)
        except NotSent:
            self.unbegun(effect, begun)
            raise
        except Doubt as lost:
            log.warning("ils_doubt key=%s message=%s cause=%s", effect.key, lost.command, lost.cause.value)
            self._lately.moved(effect.item)
            self.doubt(effect)
            return None
        self._lately.moved(effect.item)
        return reply

    def begin(self, effect: Effect, doing: str, was: Before, message: str) -> Begun:
        """Commits that a message is about to leave, with what was so before it; gives what `unbegun` needs."""
        self._lately.moved(effect.item)
        begun = (effect.state, effect.doing, effect.pre, effect.done_ms)
        effect.state, effect.doing = State.ATTEMPTING, doing
        effect.attempts += 1
        if effect.booked is Booked.NOT:
            # What it was before the first booking is what an item's custody line begins with: kept as it was then.
            effect.pre, effect.done_ms = deeds.write_before(was), self._parts.now_ms()
        self._keep(effect, begin=message)
        return begun

    def unbegun(self, effect: Effect, begun: Begun) -> None:
        """Takes the beginning back: nothing has left this machine."""
        effect.state, effect.doing, effect.pre, effect.done_ms = begun
        self._keep(effect, end="not sent")

    # --- how it ends; each is a commit ---

    def grant(
        self,
        effect: Effect,
        answer: EffectGranted,
        how: Booked,
        was: Before | None = None,
        *,
        end: str = "granted",
        own: bool = True,
    ) -> None:
        """`end` is "idle" for a return of an item that was not on loan: the message was right and changed nothing.
        `own` False: what was found may be another loan of the same reader, and its due date does not prove ours."""
        doubted = effect.state is State.DOUBT
        if was is not None:
            effect.pre = deeds.write_before(was)
        effect.state, effect.booked = State.GRANTED, how
        if own:
            effect.due = answer.due or effect.due
        effect.doing, effect.todo = "", Todo.NOTHING
        effect.done_ms = effect.done_ms or self._parts.now_ms()
        self._answer(effect, answer)
        self._keep(effect, end=end, explained=doubted)

    def refuse(self, effect: Effect, reason: Refusal, *, detail: str = "", look_again: bool = False) -> None:
        """A refused return opens a task: the copy is in the machine, whatever the library system says."""
        effect.state, effect.doing, effect.done_ms, effect.todo = State.REFUSED, "", 0, Todo.NOTHING
        self._answer(effect, EffectRefused(key=effect.key, reason=reason, detail=detail))
        if look_again:
            self._later(effect, Todo.LOOK, self._parts.config.ils.late_s)
        task = None
        if effect.op in TAKE_IN:
            kind = Kind.CHECKIN_REFUSED if effect.op is Op.CHECKIN else Kind.MONEY
            task = self.task(kind, effect)
        self._keep(effect, end="refused", task=task)

    def void(self, effect: Effect) -> None:
        """Never done, and never to be done. What was sent may yet be executed: one more look, later."""
        sent = effect.attempts > 0
        effect.state, effect.doing, effect.done_ms, effect.booked = State.VOID, "", 0, Booked.NOT
        self._answer(effect, EffectRefused(key=effect.key, reason=Refusal.VOID))
        effect.todo = Todo.NOTHING
        if sent:
            self._later(effect, Todo.LOOK, self._parts.config.ils.late_s)
        self._keep(effect, end="void")

    def doubt(self, effect: Effect) -> None:
        effect.state = State.DOUBT
        self._later(effect, Todo.JUDGE, self._parts.config.ils.settle_s)
        self._keep(effect, end="doubt")
        self._parts.nudge()

    def leave(self, effect: Effect, todo: Todo, in_s: float) -> None:
        """Nothing can be done now: try again later."""
        self._later(effect, todo, in_s)
        self._keep(effect, owed=False)

    def hand_over(self, effect: Effect, kind: Kind, **detail: str | int) -> str:
        """People take it from here; gives the task's reference."""
        task = self.task(kind, effect, **detail)
        effect.todo = Todo.NOTHING
        if effect.state is State.DOUBT:
            self._answer(effect, EffectOpen(key=effect.key, task=task.id))
        self._keep(effect, task=task, owed=False)
        return task.id

    def close(self, effect: Effect, state: State, *, end: str = "") -> None:
        """Nothing more is owed to this key."""
        effect.state, effect.doing, effect.todo = state, "", Todo.NOTHING
        self._keep(effect, end=end, owed=False, explained=True)

    def call(self, kind: Kind, effect: Effect, **detail: str | int) -> None:
        """Opens a task beside whatever else happens to the effect."""
        task = self.task(kind, effect, **detail)
        self._parts.ledger.run(lambda tx: wording.open_task(tx, task))

    def task(self, kind: Kind, effect: Effect, **detail: str | int) -> Task:
        when = self._local(effect.at_ms).strftime("%Y-%m-%d %H:%M") if effect.at_ms else "—"
        facts: dict[str, str | int] = {"when": when, **detail}
        if effect.amount_fen:
            facts["amount"] = f"{effect.amount_fen / 100:.2f}"
        return wording.about_effect(kind, effect, self._parts.now_ms(), **facts)

    # --- inside ---

    def _answer(self, effect: Effect, answer: EffectAnswer) -> None:
        effect.answer_name, effect.answer = ANSWER_NAME[type(answer)], bytes(encode_data(answer))

    def _later(self, effect: Effect, todo: Todo, in_s: float) -> None:
        now_ms = self._parts.now_ms()
        effect.since_ms = effect.since_ms if effect.todo is not Todo.NOTHING else now_ms
        effect.todo, effect.todo_ms = todo, now_ms + int(in_s * 1000)

    def _keep(
        self,
        effect: Effect,
        *,
        begin: str = "",
        end: str = "",
        task: Task | None = None,
        owed: bool = True,
        explained: bool = False,
    ) -> None:
        """Commits the row. What the machine's records have said meanwhile is taken over, and what they ask for.

        `explained`: what people were asked about this key has turned out by itself. Raises NotLeading.
        """
        now_ms = self._parts.now_ms()
        asked = (effect.state, effect.todo, effect.todo_ms, effect.since_ms)

        def work(tx: Tx) -> None:
            self._parts.lease.kept(tx)
            known = effects.lock(tx, effect.key)
            for name in TOLD if known is not None else ():
                setattr(effect, name, getattr(known, name))
            effect.state, effect.todo, effect.todo_ms, effect.since_ms = asked
            if owed:
                agree(effect, now_ms)
            effect.changed_ms = now_ms
            effects.save(tx, effect) if known is not None else effects.add(tx, effect)
            if begin:
                effects.begin_attempt(tx, effect.key, effect.attempts, begin, now_ms)
            if end and effect.attempts:
                effects.end_attempt(tx, effect.key, effect.attempts, end, now_ms)
            if task is not None:
                wording.open_task(tx, task)
            elif explained:
                wording.close_explained(tx, effect.key, now_ms)

        self._parts.ledger.run(work)

    def _remember(self, item: ItemReply) -> None:
        """For offline snapshots, and to tell an old loan from a younger one."""
        row = ItemSeen(
            item=item.item,
            title=item.title,
            call_number=item.call_number,
            location=item.permanent_location,
            blocked=deeds.barred(item, self.ils.profile) or "",
            due=item.due.text if item.due else "",
            charged=int(bool(on_loan(item))),
            seen_ms=self._parts.now_ms(),
        )
        self._parts.notes.saw_item(row)

    def _returned_ms(self, effect: Effect) -> int:
        now_ms = self._parts.now_ms()
        return effect.at_ms if abs(now_ms - effect.at_ms) <= CLOCK_OFF_MS_MAX else now_ms

    def _today(self) -> dt.date:
        return self._local(self._parts.now_ms()).date()

    def _local(self, wall_ms: int) -> dt.datetime:
        return dt.datetime.fromtimestamp(wall_ms / 1000 + self.ils.profile.utc_offset_s, dt.UTC)
