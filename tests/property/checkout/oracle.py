"""What must hold, promise by promise. A breach raises Violation with the promise's name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from kiosk.checkout.states import Help, Tech, TechLogin, Working
from kiosk.domain import SecurityState
from kiosk.flow.devices import PadHolds, PadTag, Scanned
from kiosk.flow.events import Answered, JournalState, Touched, UiChanged
from kiosk.flow.orders import PrintReceipt, SetSecurity
from kiosk.flow.replay import fold
from kiosk.messages.asks import PatronKnown
from kiosk.messages.records import (
    Final,
    Granted,
    Intent,
    Noted,
    OfflineAccepted,
    Op,
    Outcome,
    Refused,
)
from kiosk.screen import Screen, Tone
from tests.property.checkout.world import OFF, ON, PEOPLE, PIN, Violation, World

CONFIRMING = {"borrow": Op.CHECKOUT, "checkin": Op.CHECKIN, "renew": Op.RENEW}


def promise(holds: bool, name: str, detail: object = "") -> None:
    if not holds:
        raise Violation(f"{name}: {detail}")


@dataclass
class Scene:
    """What the world knows of the running visit."""

    n: int
    began: int  # step
    items: set[str] = field(default_factory=set)  # that lay here or were scanned in it
    confirmed: dict[Op, set[str]] = field(default_factory=dict)
    round: tuple[str, ...] = ()  # the list confirmed last
    keys: list[str] = field(default_factory=list)
    handed: int = 0  # loans handed over since the library system last told the count
    told: PatronKnown | None = None


@dataclass
class Oracle:
    """Watches one World. Wire `on_event`, `on_record`, `on_act` and `on_turn` to it."""

    scene: Scene | None = None
    ended_at: int = -1  # step of the last visit's end
    boots: int = 0
    residue: set[str] = field(default_factory=set)  # uids that lay there at the end of a visit and were not lifted
    arrived: dict[str, int] = field(default_factory=dict)  # letter -> step its card or code was last laid down
    alone: dict[str, int] = field(default_factory=dict)  # pseudonym -> offline loans since the library system counts
    visit_of: dict[str, int] = field(default_factory=dict)  # key -> visit
    uids_of: dict[str, set[str]] = field(default_factory=dict)  # key -> the tags it is about
    born: dict[str, int] = field(default_factory=dict)  # key -> the start it was minted after
    pad_before: tuple[PadTag, ...] = ()
    left_to_us: set[str] = field(default_factory=set)  # returns confirmed in visits that have ended

    # -- events

    def on_event(self, world: World, event: Any) -> None:
        match event:
            case PadHolds(tags=tags):
                self.residue &= {tag.uid for tag in tags}
                self.pad_before, world.told_pad = world.told_pad, tags
                if self.scene:
                    self.scene.items |= {tag.item for tag in tags if tag.item}
            case Scanned(text=text):
                if self.scene:
                    self.scene.items.add(text)
            case JournalState(ok=ok, why=why):
                world.shut = world.shut - {why} if ok else world.shut | {why}
            case UiChanged(present=present):
                world.ui = present
            case Touched(touch=touch) if touch.button in CONFIRMING and self.scene:
                op = CONFIRMING[touch.button]
                self.scene.confirmed.setdefault(op, set()).update(touch.confirms)
                self.scene.round = tuple(dict.fromkeys(touch.confirms))
            case Answered(corr=corr, answer=PatronKnown() as known) if self.scene:
                if _expects(world, corr):
                    self.scene.told, self.scene.handed = known, 0
            case _:
                pass

    # -- records: what the machine claims, against what is so

    def on_record(self, world: World, body: Any) -> None:
        match body:
            case Intent():
                self._intent(world, body)
            case Granted(key=key) | OfflineAccepted(key=key):
                self._handed(world, key, body)
            case Final():
                self._final(world, body)
            case Noted(what="back_online"):
                self.alone.clear()
            case _:
                pass

    def _intent(self, world: World, intent: Intent) -> None:
        self.uids_of[intent.key] = set(intent.tags)
        self.born[intent.key] = world.boots
        open_items = [o.item for key, o in _open(world).items() if key != intent.key and o.op is not Op.RENEW]
        if intent.op is not Op.RENEW:
            promise(intent.item not in open_items, "one item has one open key", intent)
        if intent.op is not Op.CHECKIN:
            promise(not world.shut, "nothing is given out from a journal in doubt", intent)
            promise(world.ui, "no key is minted for a reader who sees no screen", intent)
        elif intent.security is SecurityState.ABSENT:  # a tagged one began when its mark was set
            promise("disk" not in world.shut, "nothing begins on a full disk", intent)
        if intent.op is Op.CHECKIN and intent.security is not SecurityState.ABSENT:
            listed = {tag.item for tag in (*world.told_pad, *self.pad_before)}
            promise(intent.item in listed or not world.pad_alive, "nothing is taken in that is not there", intent)
        if intent.op is not Op.RENEW:
            # One turn hears of the mark and of what lies there after it: either list may be the one it went by.
            copies = (_uids(world.told_pad, intent.item), _uids(self.pad_before, intent.item))
            promise(any(set(intent.tags) <= copy for copy in copies), "an intent names its very copy", intent)
        confirmed = self.scene.confirmed.get(intent.op, set()) if self.scene else set()
        if self.scene is not None and intent.item in confirmed:
            self.scene.keys.append(intent.key)
            self.visit_of[intent.key] = self.scene.n
        else:  # a return is carried through although its reader did not wait
            promise(intent.op is Op.CHECKIN, "nothing is given out with nobody there", intent)
            promise(intent.item in self.left_to_us, "only confirmed rows start", intent)

    def _handed(self, world: World, key: str, body: Any) -> None:
        intent = world.intents()[key]
        if intent.op is not Op.CHECKOUT:
            return
        promise(self.born[key] == world.boots, "an unanswered loan is void after a restart", body)
        finals = [b for b in world.of_key(key) if isinstance(b, Final)]
        promise(not finals or isinstance(body, Granted), "an ended key is not accepted", body)
        alone = isinstance(body, OfflineAccepted)
        first = sum(isinstance(b, Granted | OfflineAccepted) for b in world.of_key(key)) == 1
        if self.scene is not None and first and self.visit_of.get(key) == self.scene.n:
            self.scene.handed += 1
        if not alone or intent.pseudonym is None:
            return
        self.alone[intent.pseudonym] = self.alone.get(intent.pseudonym, 0) + 1
        count = self.alone[intent.pseudonym]
        promise(count <= world.desk.offline.items_per_patron, "offline loans keep to the policy's number", count)
        who = next(p for p in PEOPLE if p.pseudonym == intent.pseudonym)
        known = self.scene.told if self.scene else None
        if known is not None and known.limit is not None and known.charged is not None and self.scene is not None:
            room = known.limit - known.charged
            promise(self.scene.handed <= room, "offline loans keep to the reader's limit", (self.scene.handed, room))
        elif who.snapshot() is not None:
            promise(count <= 2, "offline loans keep to the snapshot's room", count)

    def _final(self, world: World, final: Final) -> None:
        before = [b for b in world.of_key(final.key) if b is not final]
        promise(not any(isinstance(b, Final) for b in before), "a key ends once", final)
        intent = world.intents()[final.key]
        accepted = any(isinstance(b, Granted | OfflineAccepted) for b in before)
        refused = any(isinstance(b, Refused) for b in before)
        marks = {world.tags[uid].mark for uid in self.uids_of[final.key]}
        tagged = intent.security is not SecurityState.ABSENT and intent.op is Op.CHECKOUT
        match final.outcome:
            case Outcome.DELIVERED:
                promise(intent.op is not Op.CHECKIN and accepted, "delivered only what was granted", final)
                promise(not tagged or marks == {OFF}, "delivered only with the mark really off", (final, marks))
            case Outcome.UNDONE:
                promise(intent.op is Op.CHECKOUT and accepted, "undone only what was granted", final)
                promise(marks == {ON}, "undone only with the mark really on", (final, marks))
                if final.offline and intent.pseudonym and intent.pseudonym in self.alone:
                    self.alone[intent.pseudonym] -= 1
                if self.scene is not None and self.visit_of.get(final.key) == self.scene.n:
                    self.scene.handed -= 1
            case Outcome.STANDS:
                promise(intent.op is Op.CHECKOUT and accepted, "only a granted loan stands", final)
            case Outcome.CANCELLED:
                promise(not accepted, "nothing is cancelled after it was granted", final)
                promise(intent.op is not Op.CHECKIN or refused, "a return is never undone", final)
            case Outcome.RETURNED:
                promise(intent.op is Op.CHECKIN and not refused, "returned is what a return ends as", final)

    # -- commands

    def on_act(self, world: World, command: Any) -> None:
        match command:
            case SetSecurity(wanted=SecurityState.OFF, uids=uids):
                item = world.tags[uids[0]].item
                keys = [key for key, o in _open(world).items() if o.item == item and o.op is Op.CHECKOUT]
                granted = [
                    key for key in keys if any(isinstance(b, Granted | OfflineAccepted) for b in world.of_key(key))
                ]
                promise(bool(granted), "the mark goes off only after the grant is written", command)
                here = self.scene.n if self.scene else None
                promise(self.visit_of.get(granted[0]) == here, "no book is opened behind its reader's back", command)
            case PrintReceipt(receipt=receipt):
                taken = [
                    key for key in (self.scene.keys if self.scene else []) if world.intents()[key].op is Op.CHECKIN
                ]
                booked = [key for key in taken if any(isinstance(b, Granted) for b in world.of_key(key))]
                promise(
                    "已归还" not in receipt.count or bool(booked), "no slip calls an unbooked return returned", receipt
                )
            case _:
                pass
        promise(PIN not in repr(command), "a PIN is shown to nobody", type(command))

    # -- after each turn

    def on_turn(self, world: World) -> None:
        self._visits(world)
        volatile, screen = world.volatile, world.screen
        assert screen is not None
        start = fold(world.reducer.evolve, world.start, [*world.basis, *world.since_boot])
        promise(start == world.durable, "the durable state is what the journal says")
        promise(set(_open(world)) == set(world.durable.obligations), "open keys are what the journal says")
        text = msgspec.json.encode(screen).decode()
        promise("{" not in "".join(_said(screen)), "every sentence is filled in", _said(screen))
        promise(PIN not in text + repr(volatile) + repr(world.journal), "a PIN is kept nowhere")
        self._strangers(world, screen, text)
        self._words(world, screen)
        self._ends(world, screen)
        self._rows(world, screen)

    def _visits(self, world: World) -> None:
        """Whose visit it is, and who could have begun it."""
        if world.boots != self.boots:
            self.boots, self.scene, self.ended_at = world.boots, None, world.step - 1
            self.residue = set()
            self.alone = {str(who): n for who, n in world.durable.offline_loans.items()}  # as the journal still owes
        visit = world.volatile.visit
        n = visit.n if visit else None
        if self.scene is not None and self.scene.n != n:
            self.left_to_us |= self.scene.confirmed.get(Op.CHECKIN, set())
            self.scene, self.ended_at = None, world.step
            self.residue = {tag.uid for tag in world.volatile.pad}
        if visit is not None and self.scene is None:
            self.scene = Scene(n=visit.n, began=world.step)
            self.scene.items |= {tag.item for tag in world.volatile.pad if tag.item} | set(visit.scanned)
        if visit is not None and visit.reader is not None:
            who = next(p for p in PEOPLE if p.pseudonym == visit.reader.pseudonym)
            promise(
                self.arrived.get(who.letter, -1) > self.ended_at,
                "only a card laid down in this visit logs in",
                who.letter,
            )
            known = visit.reader.known
            promise(known is None or known.patron == who.number, "nobody is taken for somebody else", who.letter)

    def _strangers(self, world: World, screen: Screen, text: str) -> None:
        visit = world.volatile.visit
        reader = visit.reader.pseudonym if visit and visit.reader else None
        kept = repr(replace(world.volatile, pad=())) if visit is None else ""  # what lies there may be seen by all
        for person in PEOPLE:
            if person.pseudonym == reader:
                continue
            for secret in person.secrets:
                promise(secret not in text, "nothing of one reader is on another's screen", (secret, screen.name))
                promise(secret not in kept, "nothing of a reader is kept after the visit", secret)
        # Left books of several kinds are named, or nobody could put each where it goes: those that lie there, no other.
        sorting = visit is None and len(set(world.volatile.leftover.values())) > 1
        lying = {tag.item for tag in world.volatile.pad} if sorting else set()
        for tag in world.tags.values():
            title = f"book-{tag.item}."
            seen = tag.item in lying or (self.scene is not None and tag.item in self.scene.items)
            promise(seen or not tag.item or title not in text, "no book of one visit is on another's screen", title)
            promise(not kept or not tag.item or title not in kept, "no title is kept after the visit", title)

    def _words(self, world: World, screen: Screen) -> None:
        """ "Returned" is only what the library system has booked."""
        returned = {world.sentences.say(lang, "word.returned") for lang in ("zh", "en")}
        said = sum(row.value in returned for row in screen.rows)
        keys = self.scene.keys if self.scene else []
        booked = [
            key
            for key in keys
            if world.intents()[key].op is Op.CHECKIN and any(isinstance(b, Granted) for b in world.of_key(key))
        ]
        promise(said <= len(booked), "only booked returns are called returned", screen.rows)

    def _ends(self, world: World, screen: Screen) -> None:
        """Each confirmed row of a finished round has exactly one end; of others only a refusal is told."""
        if screen.name != "done" or self.scene is None:
            return
        listed = [row.id.split(":")[2] for row in screen.rows]
        once = all(listed.count(item) == 1 for item in self.scene.round)
        promise(once, "each confirmed row gets one end", (self.scene.round, screen.rows))
        others = [row for row, item in zip(screen.rows, listed, strict=True) if item not in self.scene.round]
        promise(all(row.tone is Tone.STOP for row in others), "what nobody confirmed is not done", others)
        promise(all(row.value for row in screen.rows), "each end has a word", screen.rows)
        mine = [task for task in world.volatile.tasks.values() if task.visit == self.scene.n]
        promise(all(task.end is not None for task in mine), "done means done", mine)

    def _rows(self, world: World, screen: Screen) -> None:
        visit = world.volatile.visit
        if visit is None or isinstance(visit.view, Help | Tech | TechLogin | Working):
            return
        promise(
            not self.residue & {tag.uid for tag in world.volatile.pad},
            "left books are dealt with by nobody",
            screen.name,
        )

    def at_rest(self, world: World) -> None:
        """Nothing is left to come: every key has its one end, and the machine is ready for the next reader."""
        finals = [body.key for body in world.journal if isinstance(body, Final)]
        promise(sorted(finals) == sorted(world.intents()), "every key ends in exactly one final", _open(world))
        promise(not world.durable.obligations, "nothing is owed at rest", world.durable.obligations)
        promise(world.volatile.visit is None, "no visit lasts for ever", world.volatile.visit)
        promise(not world.volatile.tasks, "no task lasts for ever", world.volatile.tasks)
        assert world.screen is not None
        promise(world.screen.name == "attract", "the machine comes back to its first screen", world.screen.name)

    def laid_down(self, world: World, letter: str) -> None:
        self.arrived[letter] = world.step + 1


def _expects(world: World, corr: str) -> bool:
    visit = world.volatile.visit
    return visit is not None and getattr(visit.view, "corr", "") == corr


def _open(world: World) -> dict[str, Intent]:
    ended = {body.key for body in world.journal if isinstance(body, Final)}
    return {key: intent for key, intent in world.intents().items() if key not in ended}


def _uids(tags: Iterable[PadTag], item: str) -> set[str]:
    return {tag.uid for tag in tags if tag.item == item}


def _said(screen: Screen) -> list[str]:
    said = [screen.hint, *screen.notes, screen.speech]
    for row in screen.rows:
        said += [row.title, row.sub, row.label, row.value, row.reason, row.remedy]
    for button in screen.secondary:
        said.append(button.text)
    if screen.headline:
        said += [screen.headline.text, screen.headline.sub, screen.headline.unit]
    if screen.banner:
        said += [screen.banner.text, screen.banner.sub]
    return said
