"""Answers questions on the req lanes: who is this, what is this, may I lend it, call somebody.

A request for an effect is the Intent's journal record, sent early. It is done only while its asker still waits; too
late, nothing is done and nothing answered, for the Final will come. What was answered once is answered again, byte
for byte, whoever asks.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from kiosk.domain import Key, PatronId, Refusal
from kiosk.gateway import deeds
from kiosk.gateway import tasks as wording
from kiosk.gateway.applier import Applier, EffectAnswer, NoReader
from kiosk.gateway.arrivals import Linked
from kiosk.gateway.card import WalletAway
from kiosk.gateway.lease import NotLeading
from kiosk.gateway.parts import Parts
from kiosk.gateway.patrons import Patrons
from kiosk.gateway.registry import Device
from kiosk.gateway.settler import MONEY, Settler
from kiosk.gateway.sip2 import ItemInformation, ItemReply, NoAnswer, NotSent
from kiosk.gateway.sip2.replies import Circulation as SipCirculation
from kiosk.gateway.snapshot import Snapshots
from kiosk.gateway.spans import read_offsets
from kiosk.gateway.tasks import Kind
from kiosk.gateway.told import of_intent
from kiosk.ledger import Tx, effects, inbox
from kiosk.ledger.effects import Effect, State, Todo
from kiosk.messages.asks import (
    Answer,
    Ask,
    AskEffect,
    AskItem,
    AskPatron,
    AskSnapshot,
    AskStaff,
    Circulation,
    EffectRefused,
    ItemKnown,
    ItemUnknown,
    StaffTaken,
    Unavailable,
)
from kiosk.messages.envelope import ANSWER_NAME, MessageError, encode_data, record_of
from kiosk.messages.records import GIVE_OUT, TAKE_IN, Intent, Op, chain_hash

log = logging.getLogger(__name__)

REPEATS_MAX: Final = 4_096
NAMELESS: Final = frozenset({Op.CHECKIN, Op.CAPTURE, Op.RELEASE})
"""Effects that need no reader: a return takes any copy, and a capture names its hold."""

DEPENDS_STEP_S: Final = 0.01
OWED_ROUNDS_MAX: Final = 3
OLD_MS: Final = 120_000
"""A return that waited longer than this for its request goes to the item's custody line: its copy may have moved."""

_CIRCULATION: Final = {
    SipCirculation.CHARGED: Circulation.CHARGED,
    SipCirculation.CHARGED_NOT_RECALLABLE: Circulation.CHARGED,
    SipCirculation.RECALLED: Circulation.CHARGED,
    SipCirculation.CLAIMED_RETURNED: Circulation.CHARGED,
    SipCirculation.ON_HOLD_SHELF: Circulation.ON_HOLD_SHELF,
    SipCirculation.IN_TRANSIT: Circulation.IN_TRANSIT,
    SipCirculation.LOST: Circulation.LOST,
    SipCirculation.MISSING: Circulation.MISSING,
    SipCirculation.AVAILABLE: Circulation.AVAILABLE,
    SipCirculation.TO_RESHELVE: Circulation.AVAILABLE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A signed request. `until` is when its asker stops waiting (monotonic)."""

    device: Device
    corr: str
    epoch: str
    ask: Ask
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A question for an effect: its Intent, the row it would make, and whose it is (None: a return, or unreadable)."""

    question: Question
    linked: Linked
    fresh: Effect
    patron: PatronId | None = field(repr=False)

    def names(self) -> tuple[str, ...]:
        """What must be claimed."""
        item = f"item:{self.fresh.item}"
        return (item,) if self.patron is None else (item, f"patron:{self.patron}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stand:
    """How the ledger stands towards a question for an effect."""

    owed: list[tuple[Key, Todo, int]]  # to keys of its item: what, and not before when (ms)
    known: Effect | None
    chain: inbox.Chain | None


class Desk:
    """Any number of tasks may call `answer` at the same time."""

    def __init__(self, parts: Parts, applier: Applier, settler: Settler) -> None:
        self._parts = parts
        self._applier = applier
        self._settler = settler
        self._patrons = Patrons(parts)
        self._snapshots = Snapshots(parts)
        self._told: OrderedDict[tuple[str, str], tuple[str, bytes]] = OrderedDict()

    def answer(self, question: Question) -> None:
        """Answers, or keeps silent where silence is right. Faults of the library system are an answer, too."""
        if self._parts.hub.now() >= question.until:
            return
        if isinstance(question.ask, AskEffect):
            self._try(question)
            return
        # Delivered twice, it must not count twice (a wrong PIN): one at a time, and the second gets the same words.
        with self._parts.claims.held([f"question:{question.device.name}/{question.corr}"], question.until):
            said = self._told.get((question.device.name, question.corr))
            if said is not None:
                self._parts.post.answer_bytes(question.device, question.corr, *said)
            else:
                self._try(question)

    def _try(self, question: Question) -> None:
        try:
            found = self._answer(question)
        except (NotSent, NoAnswer, WalletAway) as away:
            log.info("away corr=%s: %s", question.corr, away)
            self._parts.post.answer(question.device, question.corr, Unavailable())
            return
        except NotLeading:
            return  # the gateway that leads has the same question
        if found is not None:
            self._say(question, found)

    def _answer(self, question: Question) -> Answer | tuple[str, bytes] | None:
        match question.ask:
            case AskPatron() as ask:
                return self._patrons.answer(ask, question.corr, question.until)
            case AskItem(item=item):
                asked_at = self._parts.hub.now()
                reply = self._parts.ils.ask(ItemInformation(item=item), question.until)
                self._applier.seen_lately(reply, asked_at)
                return _item(reply, deeds.barred(reply, self._parts.ils.profile))
            case AskEffect() as ask:
                return self._effect(question, ask)
            case AskStaff() as ask:
                return self._call(question, ask)
            case AskSnapshot():
                return self._snapshots.answer()

    def _say(self, question: Question, answer: Answer | tuple[str, bytes]) -> None:
        name, data = answer if isinstance(answer, tuple) else (ANSWER_NAME[type(answer)], bytes(encode_data(answer)))
        if not isinstance(question.ask, AskEffect | AskSnapshot):
            self._told[(question.device.name, question.corr)] = (name, data)
            while len(self._told) > REPEATS_MAX:
                self._told.popitem(last=False)
        self._parts.post.answer_bytes(question.device, question.corr, name, data)

    def _call(self, question: Question, ask: AskStaff) -> StaffTaken:
        task = wording.about_device(
            Kind.CALL,
            question.device.name,
            question.corr,
            self._parts.now_ms(),
            place=ask.place or question.device.place,
            screen=ask.screen,
            reason=ask.reason,
        )
        return StaffTaken(reference=self._parts.ledger.run(lambda tx: wording.open_task(tx, task)))

    # --- effects ---

    def _effect(self, question: Question, ask: AskEffect) -> Answer | tuple[str, bytes] | None:
        linked, intent = _record(question, ask)
        if linked is None or intent is None:
            log.error("request_is_no_intent device=%s corr=%s", question.device.name, question.corr)
            return None
        if not self._depends_settled(question, ask.depends):
            return None
        fresh = of_intent(intent, linked, self._parts.now_ms())
        try:
            patron = self._applier.reader(fresh)
        except NoReader as why:
            log.warning("no_reader key=%s: %s", fresh.key, why)
            patron = None
        asked = _Asked(question=question, linked=linked, fresh=fresh, patron=patron)
        for _ in range(OWED_ROUNDS_MAX):
            owed: tuple[tuple[Key, int], ...] = ()
            with self._parts.claims.held(asked.names(), question.until) as ours:
                if ours:
                    stand = self._parts.ledger.read(partial(_stand, fresh))
                    owed = self._owed(fresh, stand)
                    if not owed:
                        return self._claimed(asked, stand)
            if not self._paid(question, owed):
                return None
        return None

    def _owed(self, fresh: Effect, stand: _Stand) -> tuple[tuple[Key, int], ...]:
        """What is owed to other keys of this item and comes first: a lost answer, an undo, events in its line. Key,
        and not before when; a lost answer is waited for, the rest only counts once it is due."""
        now_ms = self._parts.now_ms()
        return tuple(
            (key, todo_ms)
            for key, todo, todo_ms in stand.owed
            if key != fresh.key and (todo_ms <= now_ms or todo is Todo.JUDGE)
        )

    def _paid(self, question: Question, owed: tuple[tuple[Key, int], ...]) -> bool:
        """Settles it; False when the asker's patience does not last that long."""
        hub = self._parts.hub
        for key, todo_ms in owed:
            due = hub.now() + (todo_ms - self._parts.now_ms()) / 1000
            if due >= question.until:
                return False
            hub.wait_until(due)
            self._settler.settle(key)
        return hub.now() < question.until

    def _claimed(self, asked: _Asked, stand: _Stand) -> Answer | tuple[str, bytes] | None:
        fresh, linked = asked.fresh, asked.linked
        known, chain = stand.known, stand.chain
        if known is not None and known.hash not in ("", linked.hash):
            self._forked(asked)
            return None
        effect = known or fresh
        if effect.state is State.DOUBT and effect.todo_ms <= self._parts.now_ms() and effect.todo is not Todo.NOTHING:
            self._settler.pay(effect)
        standing = _standing(effect)
        if standing is not None:
            return standing
        if effect.op in GIVE_OUT and chain is not None and chain.quarantined:
            return EffectRefused(key=effect.key, reason=Refusal.QUARANTINED)
        if effect.state is not State.NEW or effect.final:
            return None
        return self._do(asked, effect, _age_ms(linked, chain, self._parts.now_ms()))

    def _do(self, asked: _Asked, effect: Effect, age_ms: int) -> Answer | tuple[str, bytes] | None:
        """A fresh request with nothing known about its key."""
        now_ms = self._parts.now_ms()
        left_s = asked.question.until - self._parts.hub.now()
        if effect.op in GIVE_OUT and left_s < self._parts.config.ils.answer_s:
            log.info("too_late key=%s", effect.key)
            return None
        if effect.op in TAKE_IN and age_ms > OLD_MS:
            return None  # its Final comes, and goes to the custody line
        if asked.patron is None and effect.op not in NAMELESS:
            return EffectRefused(key=effect.key, reason=Refusal.PATRON_UNKNOWN)
        effect.asked_ms = now_ms
        effect.asked_until_ms = now_ms + int(left_s * 1000)
        if effect.op in MONEY:
            self._settler.money.perform(effect, asked.patron)
        else:
            self._applier.perform(effect, asked.patron)
        return _standing(effect)

    def _depends_settled(self, question: Question, depends: tuple[int, ...]) -> bool:
        """Settles what the same machine did before with this item or reader. False when that cannot be had in time."""
        for seq in depends:
            while not self._arrived(question, seq):
                if self._parts.hub.now() + DEPENDS_STEP_S >= question.until:
                    return False
                self._parts.hub.wait_until(self._parts.hub.now() + DEPENDS_STEP_S)
            effect = self._parts.ledger.read(partial(_effect_at, question, seq))
            if effect is not None and effect.todo is not Todo.NOTHING:
                self._settler.settle(effect.key)
        return True

    def _arrived(self, question: Question, seq: int) -> bool:
        """Nothing more arrives of a journal in quarantine, and its returns must go on."""

        def work(tx: Tx) -> bool:
            chain = inbox.chain_of(tx, question.device.name, question.epoch)
            return chain is not None and (chain.through >= seq or bool(chain.quarantined))

        return self._parts.ledger.read(work)

    def _forked(self, asked: _Asked) -> None:
        """The key is known with other bytes: this machine's journal exists twice."""
        now_ms = self._parts.now_ms()
        linked = asked.linked
        device, epoch = asked.question.device.name, linked.record.head.epoch
        log.error("fork device=%s epoch=%s by request", device, epoch)

        def work(tx: Tx) -> None:
            chain = inbox.chain(tx, device, epoch, now_ms)
            chain.quarantined = 1
            inbox.save_chain(tx, chain)
            head = linked.record.head
            inbox.set_aside(tx, device, epoch, head.seq, linked.hash, linked.data, "request", now_ms)
            wording.open_task(tx, wording.about_device(Kind.FORK, device, epoch, now_ms))

        self._parts.ledger.run(work)


def _stand(fresh: Effect, tx: Tx) -> _Stand:
    return _Stand(
        owed=effects.owed(tx, fresh.item),
        known=effects.get(tx, fresh.key),
        chain=inbox.chain_of(tx, fresh.device, fresh.epoch),
    )


def _effect_at(question: Question, seq: int, tx: Tx) -> Effect | None:
    return effects.at(tx, question.device.name, question.epoch, seq)


def _record(question: Question, ask: AskEffect) -> tuple[Linked | None, Intent | None]:
    """The Intent in a request, if it is the asker's own and its hash is right."""
    try:
        record = record_of(ask.record)
    except MessageError:
        return None, None
    data = bytes(ask.record)
    head, body = record.head, record.body
    own = head.device == question.device.name and head.epoch == question.epoch
    if not own or not isinstance(body, Intent) or chain_hash(head.prev, data) != ask.hash:
        return None, None
    if not body.key.startswith(f"{head.device}-{head.epoch}-"):
        return None, None
    return Linked(record=record, data=data, hash=ask.hash), body


def _standing(effect: Effect) -> tuple[str, bytes] | None:
    """What was answered before, or what must be answered because of how the key stands."""
    if effect.state is State.VOID:
        refused: EffectAnswer = EffectRefused(key=effect.key, reason=Refusal.VOID)
        return ANSWER_NAME[EffectRefused], bytes(encode_data(refused))
    settled = effect.state in (State.GRANTED, State.REFUSED, State.SETTLED)
    open_ = effect.state is State.DOUBT and effect.todo is Todo.NOTHING
    return (effect.answer_name, effect.answer) if (settled or open_) and effect.answer else None


def _age_ms(linked: Linked, chain: inbox.Chain | None, now_ms: int) -> int:
    """How long ago the record was written; 0 when nothing is known about the machine's clocks."""
    head = linked.record.head
    known_ms = read_offsets(chain.offsets).get(head.boot) if chain is not None else None
    if known_ms is not None:
        return max(0, now_ms - head.mono_ms - known_ms)
    return 0 if head.offset_ms is None else max(0, now_ms - head.wall_ms - head.offset_ms)


def _item(reply: ItemReply, barred: Refusal | None) -> ItemKnown | ItemUnknown:
    if not reply.known:
        return ItemUnknown(item=reply.item)
    return ItemKnown(
        item=reply.item,
        title=reply.title,
        call_number=reply.call_number,
        circulation=_CIRCULATION.get(reply.circulation, Circulation.OTHER),
        reference_only=barred is Refusal.ITEM_REFERENCE_ONLY,
        media_type=reply.media_type,
        location=reply.permanent_location,
        owner=reply.owner,
        due=deeds.shown(reply.due),
        queue=reply.hold_queue or 0,
    )
