"""The core of one machine: journal, uplink, parts and screen around a reducer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from drivers.clock import Hub, Task
from kiosk import keys
from kiosk.domain import ItemBarcode, PatronId, Pseudonym
from kiosk.flow import devices, orders, step
from kiosk.flow.devices import CodeKind, QueueCounted, Scanned, WireLines
from kiosk.flow.events import Answered, JournalState, LinkChanged, LinkName, NoAnswer, PartChanged, PartHealth, Started
from kiosk.flow.replay import fold, minted, owed
from kiosk.flow.runtime import Edge, Runtime
from kiosk.journal import Journal
from kiosk.journal.aside import Salvage
from kiosk.machine.notify import Poke
from kiosk.machine.parts import Hints, PadPart, Part, PrinterPart
from kiosk.machine.parts.card import CardNumber
from kiosk.machine.parts.scanner import Code
from kiosk.machine.settings import Platform
from kiosk.machine.snapshot import SnapshotIndex
from kiosk.machine.technicians import name_of
from kiosk.messages import asks, envelope
from kiosk.messages.records import Booted, Intent
from kiosk.screen import Screen, Touch
from kiosk.uplink import (
    Answered as WireAnswer,
)
from kiosk.uplink import (
    Commanded,
    ForkSeen,
    LinkDown,
    LinkUp,
    Peer,
    Receipted,
    SnapshotArrived,
    SnapshotCache,
    Uplink,
    UplinkEvent,
    effect_of,
)
from kiosk.uplink import (
    NoAnswer as WireSilence,
)

SOFTWARE: Final = "circdesk 0.1.0"
REPLY_KEYS_MAX: Final = 256
SAME_MAX: Final = 4_096  # numbers of readers whose reader is remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class Brain:
    """What makes this machine this machine: its reducer and how its states begin."""

    reducer: step.Reducer[Any, Any]
    durable: Callable[[str, str, int], Any]  # device, epoch, keys minted so far
    volatile: Callable[[], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a core stands on. `parts` gives the devices once it knows where to post and what the snapshot knows."""

    hub: Hub
    loop_hub: Hub  # the same, watched by systemd's watchdog in production
    platform: Platform
    journal: Journal
    salvages: tuple[Salvage, ...]  # journals that were put aside and have still something to say
    snapshots: SnapshotCache
    uplink: Callable[[Callable[[UplinkEvent], None]], Uplink]
    parts: Callable[[Callable[[Any], None], Hints], Mapping[str, Part]]
    show: Callable[[Screen], None]
    snapshot_age_s_max: float


class MachineCore:
    """`start` spawns everything; `stop` ends it in order. `runtime.post` and `touch` come from other tasks."""

    def __init__(self, brain: Brain, ground: Ground) -> None:
        self._hub = ground.hub
        self._platform = ground.platform
        self._journal = ground.journal
        self._salvages = ground.salvages
        self._index = SnapshotIndex(ground.snapshots, ground.snapshot_age_s_max)
        self._snapshots = ground.snapshots
        self._asked: dict[str, tuple[str, Pseudonym]] = {}  # by question: the answer's key, and about whom
        self._same: dict[Pseudonym, Pseudonym] = {}  # each number's own pseudonym -> its reader's
        # Questions of this run are never taken for those of another, also where the process starts twice in one boot:
        # keys are unique by themselves, reads are not. Each run writes at least its boot record.
        self._reads = f"{ground.journal.boot[:8]}.{ground.journal.last[0]}."
        self._task: Task | None = None
        self._gateway_up = False
        edge = Edge(hear=self._hear, seal=self._seal, act=self._act, show=ground.show, committed=self._committed)
        start = brain.durable(ground.journal.meta.device, ground.journal.meta.epoch, minted(ground.journal))
        self.runtime: Runtime[Any, Any] = Runtime(
            hub=ground.loop_hub,
            journal=ground.journal,
            reducer=brain.reducer,
            durable=fold(brain.reducer.evolve, start, owed(ground.journal, round(ground.hub.wall() * 1000))),
            volatile=brain.volatile(),
            edge=edge,
        )
        self._uplink = ground.uplink(self.runtime.post)
        self.parts = ground.parts(self.runtime.post, Hints(item=self._index.item, patron=self._index.patron))
        self._codes = (re.compile(ground.platform.codes.item), re.compile(ground.platform.codes.patron))

    def start(self) -> None:
        """Writes the boot record, derives what is owed, then lets the devices speak."""
        booted = Booted(boot=self._journal.boot, software=SOFTWARE, clean=self._journal.meta.clean)
        unnoted = [salvage for salvage in self._salvages if not salvage.noted]
        at_ms = round(self._hub.wall() * 1000)
        self._journal.append([booted, *(salvage.note(at_ms) for salvage in unnoted)])
        for salvage in unnoted:
            salvage.mark_noted()
        missing = [name for name in ("pad", "card", "scanner", "printer") if name not in self.parts]
        first: list[Any] = [Started()]
        first += [PartChanged(part=name, health=PartHealth.ABSENT) for name in missing]
        first += [PartChanged(part=name, health=PartHealth.GONE, code="starting") for name in self.parts]
        first.append(self._sealing())
        self._task = self._hub.spawn("core", lambda: self.runtime.run(*first))
        self._uplink.start()
        for part in self.parts.values():
            part.start()

    def touch(self, touch: Touch) -> None:
        self.runtime.touch(touch)

    def stop(self, wait_s: float = 5.0) -> None:
        """Ends devices, loop, uplink and journal, in this order; the journal notes a clean end."""
        for part in self.parts.values():
            part.stop()
        self.runtime.stop()
        if self._task is not None:
            self._task.join(self._hub.now() + wait_s)
        self._uplink.close()
        self._journal.close()

    # -- in: what was posted becomes the reducer's events (in the core's task)

    def _hear(self, event: Any) -> Sequence[Any]:
        match event:
            case CardNumber(number=number, random=random):
                return [self._card(number, random)]
            case Code(text=text):
                return [self._code(text)]
            case WireAnswer(corr=corr, answer=answer, late=late):
                return self._answer(corr.removeprefix(self._reads), answer, late)
            case WireSilence(corr=corr):
                return [NoAnswer(corr=corr.removeprefix(self._reads))]
            case LinkUp(what=peer) | LinkDown(what=peer):
                return self._link(peer, isinstance(event, LinkUp))
            case Receipted():
                self.runtime.receipt(through=event.through, head=event.head, wall_ms=event.wall_ms)
                counted = self._queue(event.through, booked=event.booked)
                return [JournalState(ok=False, why="quarantined"), counted] if event.quarantined else [counted]
            case ForkSeen(why=why):
                return [JournalState(ok=False, why=why)]
            case SnapshotArrived():
                return [self._sealing(), self._gateway()]
            case Commanded() | Poke():
                return []
            case _:
                return [event]

    def _queue(self, through: int = 0, *, booked: bool = False) -> QueueCounted:
        """What has no receipt yet, with one for `through` on its way to the journal."""
        oldest = self._journal.read(max(through, self._journal.watermark) + 1, 1)
        if not oldest:
            return QueueCounted(waiting=0, oldest_s=0.0, booked=booked)
        first = oldest[0]
        age_s = self._hub.wall() - first.record.head.wall_ms / 1000
        waiting = self._journal.last[0] - first.seq + 1
        return QueueCounted(waiting=waiting, oldest_s=max(0.0, age_s), booked=booked)

    def _sealing(self) -> JournalState:
        """Without a key to seal with, no bond can be written down, so nothing may be given out."""
        return JournalState(ok=self._snapshots.day_key(self._today()) is not None, why="no sealing key yet")

    def _card(self, number: str, random: bool) -> devices.CardShown:
        hint = None if random else self._index.patron(number)
        return devices.CardShown(card=number, pseudonym=self._pseudonym(number), hint=hint, random=random)

    def _code(self, text: str) -> Scanned:
        item, patron = self._codes
        if item.fullmatch(text):
            return Scanned(kind=CodeKind.ITEM, text=text, item_hint=self._index.item(text))
        if patron.fullmatch(text):
            return Scanned(
                kind=CodeKind.PATRON,
                text=text,
                pseudonym=self._pseudonym(text),
                patron_hint=self._index.patron(text),
            )
        return Scanned(kind=CodeKind.OTHER, text=text)

    def _answer(self, corr: str, answer: asks.Answer, late: bool) -> Sequence[Any]:
        asked = self._asked.pop(corr, None)
        if not isinstance(answer, asks.SealedAnswer):
            return [Answered(corr=corr, answer=answer, late=late)]
        if asked is None:
            return []
        reply_key, number = asked
        try:
            opened = keys.open_reply(answer, reply_key)
        except keys.SealError:
            return [NoAnswer(corr=corr)]
        who = None
        if isinstance(opened, asks.PatronKnown):
            who = self._plain_pseudonym(opened.patron)
            self._remember(number, who)
        return [Answered(corr=corr, answer=opened, late=late, who=who)]

    def _link(self, peer: Peer, up: bool) -> Sequence[Any]:
        match peer:
            case Peer.GATEWAY:
                self._gateway_up = up
                return [self._gateway(), self._queue()]
            case Peer.ILS:
                return [LinkChanged(link=LinkName.ILS, up=up), self._queue()]
            case Peer.BROKER:
                self._gateway_up = self._gateway_up and up
                return [self._gateway()]

    def _gateway(self) -> LinkChanged:
        """A gateway that nothing can be sealed to yet is as good as away."""
        return LinkChanged(link=LinkName.GATEWAY, up=self._gateway_up and self._sealing().ok)

    # -- out

    def _act(self, command: Any) -> None:
        match command:
            case step.AskReader():
                self._ask_reader(command)
            case step.AskAbout(corr=corr, item=item, answer_s=answer_s):
                self._uplink.ask(asks.AskItem(item=ItemBarcode(item)), answer_s=answer_s, corr=self._reads + corr)
            case step.SendIntent():
                self._send_intent(command)
            case step.CallStaff(corr=corr, screen=screen, reason=reason, answer_s=answer_s):
                call = asks.AskStaff(place=self._platform.machine.place, screen=screen, reason=reason)
                self._uplink.ask(call, answer_s=answer_s, corr=self._reads + corr)
            case step.Report(what=what, fault=fault, part=part, detail=detail):
                happening = envelope.Happening(
                    what=what, fault=fault, part=part, detail=detail, at_ms=round(self._hub.wall() * 1000)
                )
                self._uplink.tell(happening)
            case _:
                self._order(command)

    def _order(self, command: Any) -> None:
        match command:
            case orders.SetSecurity():
                self._set_security(command)
            case orders.PrintReceipt(receipt=receipt):
                printer = self.parts.get("printer")
                if isinstance(printer, PrinterPart):
                    printer.print(receipt)
                else:
                    self.runtime.post(devices.Printed(ok=False))
            case orders.CheckTechnician(card=card, pin=pin):
                self._hub.spawn("technician", lambda: self._check_technician(card, pin))
            case orders.TestPart(part=part) if part in self.parts:
                self.parts[part].test()
            case orders.RestartPart(part=part) if part in self.parts:
                self.parts[part].stop()
                self.parts[part].start()
            case orders.ShowWire(part=part) if part in self.parts:
                self.runtime.post(WireLines(part=part, lines=self.parts[part].wire.last()))
            case _:
                pass

    def _set_security(self, command: orders.SetSecurity) -> None:
        pad = self.parts.get("pad")
        assert isinstance(pad, PadPart), "an order for a pad this machine does not have"
        pad.set_security(command)

    def _ask_reader(self, command: step.AskReader) -> None:
        key = self._snapshots.day_key(self._today())
        if key is None:
            self.runtime.post(NoAnswer(corr=command.corr))
            return
        reply_key = keys.new_reply_key()
        while len(self._asked) >= REPLY_KEYS_MAX:
            self._asked.pop(next(iter(self._asked)))
        self._asked[command.corr] = (reply_key, self._plain_pseudonym(command.card or command.number))
        credential = asks.Credential(
            card=command.card,
            patron=PatronId(command.number) if command.number else None,
            pin=command.pin or "",
            pin_given=command.pin is not None,
            reply_key=reply_key,
        )
        question = asks.AskPatron(sealed=keys.seal(credential, key, self._reads + command.corr), want=command.want)
        self._uplink.ask(question, answer_s=command.answer_s, corr=self._reads + command.corr)

    def _send_intent(self, command: step.SendIntent) -> None:
        question = effect_of(self._journal, command.key)
        self._uplink.ask(question, answer_s=command.answer_s, corr=command.key)

    def _seal(self, private: step.Private) -> Intent:
        key = self._snapshots.day_key(self._today())
        assert key is not None, "nothing is given out without a sealing key"
        sealed = keys.seal(private.bond, key, private.intent.key)
        return replace(private.intent, patron=sealed)

    def _committed(self) -> None:
        self._uplink.committed()

    def _check_technician(self, card: str, pin: str) -> None:
        name = name_of(self._platform.technicians, card, pin)
        self.runtime.post(devices.TechnicianKnown(name=name) if name else devices.TechnicianRefused())

    def _pseudonym(self, number: str) -> Pseudonym:
        """One for all numbers of a reader, as far as an answer or the snapshot has told which are the same one's. What
        a number once stood for it stands for until an answer says otherwise: a card that lies there stays the same."""
        plain = self._plain_pseudonym(number)
        if plain not in self._same:
            self._remember(plain, self._plain_pseudonym(self._index.patron_number(number)))
        return self._same[plain]

    def _remember(self, number: Pseudonym, reader: Pseudonym) -> None:
        self._same.pop(number, None)
        self._same[number] = reader
        while len(self._same) > SAME_MAX:
            self._same.pop(next(iter(self._same)))

    def _plain_pseudonym(self, number: str) -> Pseudonym:
        return keys.pseudonym(self._journal.day_secret(self._today()), number)

    def _today(self) -> str:
        return datetime.fromtimestamp(self._hub.wall(), UTC).date().isoformat()
