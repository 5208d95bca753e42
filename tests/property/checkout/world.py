"""A desk in a world that remembers what is really so: where each book lies, what its mark is, whose card was laid down.

The reducer hears only what devices, gateway and hands tell it, in the form and with the delays they have. What the
machine claims is compared with the world by tests.property.checkout.oracle.
"""

from __future__ import annotations

import enum
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from kiosk.checkout.policy import Desk
from kiosk.checkout.reduce import CheckoutReducer
from kiosk.checkout.states import Durable, Volatile
from kiosk.domain import ItemBarcode, PatronId, Pseudonym, Refusal, SecurityProof, SecurityState
from kiosk.flow.devices import (
    ARMING,
    CardGone,
    CardShown,
    PadHolds,
    PadTag,
    Paper,
    PaperChanged,
    Printed,
    QueueCounted,
    SecurityDone,
    TagKind,
    TechnicianKnown,
    TechnicianRefused,
    Usage,
)
from kiosk.flow.events import (
    JournalState,
    LinkChanged,
    LinkName,
    NoAnswer,
    PartChanged,
    PartHealth,
    Started,
    Touched,
    Woke,
)
from kiosk.flow.orders import CheckTechnician, PrintReceipt, SetSecurity
from kiosk.flow.replay import fold
from kiosk.flow.step import AskAbout, AskReader, CallStaff, Draft, Now, Private, SendIntent, WakeAt
from kiosk.messages.asks import FeeLine, HoldLine, ItemHint, LoanLine, PatronHint, PatronKnown, Want
from kiosk.messages.records import Body, Final, Intent, OfflineAccepted, Op, Sealed
from kiosk.screen import Screen, Sentences, Touch

PIN = "481516"
ORDER_S_MAX = 5.0  # an order to the pad is served by then or never (kiosk.machine.parts.pad gives it two seconds)
WALL_MS = 1_795_305_600_000
ON, OFF = SecurityState.ON, SecurityState.OFF


class Violation(AssertionError):
    """The desk broke a promise."""


@dataclass
class Tag:
    """One tag. `item` is what it says; `mark` what a gate would do."""

    uid: str
    item: str
    kind: TagKind = TagKind.ITEM
    owner: str = "JS01"
    parts: int = 1
    ordinal: int = 1
    usage: Usage = Usage.CIRCULATING
    mark: SecurityState = ON
    on_pad: bool = False
    gone: bool = False  # taken while the power was off


@dataclass(frozen=True)
class Person:
    """A reader. Everything of theirs is a word that occurs nowhere else."""

    letter: str
    limit: int = 4
    charged: int = 1
    hint: bool = True
    blocks: tuple[Refusal, ...] = ()

    @property
    def card(self) -> str:
        return f"CARD{self.letter * 4}"

    @property
    def number(self) -> str:
        return f"99{self.letter * 8}"

    @property
    def name(self) -> str:
        return f"{self.letter}*{self.letter}"

    @property
    def pseudonym(self) -> Pseudonym:
        return Pseudonym(f"p:{self.letter}")

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.name, self.number, self.card, *(line.title for line in self.loans()), f"holds-{self.letter}")

    def loans(self) -> tuple[LoanLine, ...]:
        return tuple(
            LoanLine(
                item=ItemBarcode(f"L{self.letter}{n}"), title=f"loan-{self.letter}{n}", due="2026-12-01", overdue=n > 1
            )
            for n in range(3)
        )

    def known(self, charged: int, want: Want) -> PatronKnown:
        whole = want is Want.LOANS
        return PatronKnown(
            patron=PatronId(self.number),
            name=self.name,
            limit=self.limit,
            charged=charged,
            blocks=self.blocks,
            fee_fen=50,
            loans=self.loans() if whole else (),
            holds=(HoldLine(title=f"holds-{self.letter}", ready=True),) if whole else (),
            fees=(FeeLine(amount_fen=50),) if whole else (),
        )

    def snapshot(self) -> PatronHint | None:
        return PatronHint(who=self.letter, room=2, blocks=self.blocks) if self.hint else None


PEOPLE = (
    Person("A", limit=9),
    Person("B", charged=2),
    Person("C", hint=False),
    Person("D", charged=3, blocks=(Refusal.PATRON_FEES,)),
)


def tags() -> dict[str, Tag]:
    """Every kind of thing that is laid on a pad."""
    found = [Tag(f"T{n}", f"D{n}") for n in range(5)]
    found += [Tag("S1", "SET", parts=2, ordinal=1), Tag("S2", "SET", parts=2, ordinal=2)]
    found += [Tag("X1", "DUP"), Tag("X2", "DUP")]
    found += [Tag("F1", "FOREIGN", owner="NL02"), Tag("R1", "REF", usage=Usage.REFERENCE)]
    found += [Tag("N1", "NOTOFF", usage=Usage.NOT_ISSUE_OFFLINE), Tag("U1", "UNKNOWNMARK", mark=OFF)]
    found += [Tag("B1", "", kind=TagKind.BLANK), Tag("P1", "", kind=TagKind.PATRON_CARD)]
    return {tag.uid: tag for tag in found}


class Cut(enum.Enum):
    """When the power fails in a turn."""

    NEVER = enum.auto()
    BEFORE_COMMIT = enum.auto()
    BEFORE_ACT = enum.auto()
    AMONG_ACTS = enum.auto()


@dataclass
class Order:
    """A SetSecurity the pad has been given."""

    order: SetSecurity
    at: float


@dataclass
class Question:
    """Something the gateway was asked. `told`: NoAnswer went back, an answer would be late."""

    ask: Any
    at: float
    until: float
    told: bool = False

    @property
    def corr(self) -> str:
        return str(getattr(self.ask, "corr", "") or getattr(self.ask, "key", ""))


Watcher = Callable[["World", Any], None]


@dataclass
class World:
    """Everything outside the reducer, and the runtime around it (kiosk.flow.runtime: decide, one commit, act, show)."""

    desk: Desk
    sentences: Sentences
    dice: random.Random
    on_record: Watcher = lambda world, body: None
    on_act: Watcher = lambda world, command: None
    on_event: Watcher = lambda world, event: None
    on_turn: Callable[[World], None] = lambda world: None
    tags: dict[str, Tag] = field(default_factory=tags)
    journal: list[Body] = field(default_factory=list)
    receipted: int = 0
    orders: list[Order] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    slips: int = 0
    technician_asked: int = 0
    card: Person | None = None
    gateway: bool = True
    ils: bool = True
    pad_alive: bool = True
    shut: set[str] = field(default_factory=set)
    ui: bool = True
    told_pad: tuple[PadTag, ...] = ()
    mono: float = 0.0
    step: int = 0
    boots: int = 0
    loans: dict[str, int] = field(default_factory=dict)  # by letter, what the library system granted
    story: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reducer = CheckoutReducer(self.desk, self.sentences)
        self.timers: dict[str, float] = {}
        self.screen: Screen | None = None

    # -- the machine

    def boot(self) -> None:
        """Power on: what is owed is folded, everything else is gone."""
        self.boots += 1
        self.mono += 1.0
        for order in self.orders:  # on their way when the power failed: written or not, nobody was told
            if self.dice.random() < 0.5:
                self._write(order.order, self.dice.choice(("all", "some", "some", "none")))
        for tag in self.tags.values():
            tag.on_pad, tag.gone = tag.on_pad and not tag.gone, False
        self.orders, self.questions, self.slips, self.technician_asked = [], [], 0, 0
        self.basis = self._owed()
        minted = max((int(body.key.rsplit("-", 1)[1]) for body in self.journal if isinstance(body, Intent)), default=0)
        self.start = Durable(device="k1", epoch="e", minted=minted)
        self.durable = fold(self.reducer.evolve, self.start, self.basis)
        self.since_boot: list[Body] = []
        self.volatile = Volatile(language=self.desk.language)
        self.timers, self.ui, self.shut, self.pad_alive = {}, True, set(), True
        starting = [PartChanged(part=part, health=PartHealth.GONE, code="starting") for part in ("pad", "card")]
        self.turn([Started(), *starting, JournalState(ok=True, why="no sealing key yet")])
        self.turn([PartChanged(part="pad", health=PartHealth.OK), self.pad_now()])
        self.turn([PartChanged(part="card", health=PartHealth.OK)])
        if self.card is not None:
            self.turn([self.card_shown(self.card)])
        for link, up in ((LinkName.GATEWAY, self.gateway), (LinkName.ILS, self.ils)):
            if up:
                self.turn([LinkChanged(link=link, up=True)])
        self.turn([PaperChanged(paper=Paper.READY)])

    def _owed(self) -> list[Body]:
        """As kiosk.flow.replay.owed: every record of an open key, what has no receipt, what began to arm a tag."""
        armed = next((n for n, body in enumerate(self.journal) if getattr(body, "what", "") == ARMING), self.receipted)
        ended = {body.key for body in self.journal if isinstance(body, Final)}
        return [
            body
            for n, body in enumerate(self.journal)
            if n >= min(armed, self.receipted) or getattr(body, "key", None) not in (None, *ended)
        ]

    def turn(self, events: Iterable[Any], cut: Cut = Cut.NEVER) -> None:
        """One turn of the runtime; a power cut in it ends in a new start."""
        now = Now(mono=self.mono, wall_ms=WALL_MS + round(self.mono * 1000))
        self.step += 1
        durable, volatile = self.durable, self.volatile
        drafts: list[Body] = []
        commands: list[Any] = []
        for event in events:
            self.story.append(f"{self.mono:8.2f} {event!r}"[:240])
            self.on_event(self, event)
            made = self.reducer.decide(durable, volatile, event, now)
            bodies = [self._sealed(draft) for draft in made.records]
            for body in bodies:
                durable = self.reducer.evolve(durable, body)
            drafts += bodies
            volatile = made.volatile
            commands += made.commands
        if cut is Cut.BEFORE_COMMIT:
            self.story.append("---- power cut before the commit")
            return self.boot()
        self.durable, self.volatile = durable, volatile
        for body in drafts:
            self.story.append(f"{'':9}| {body!r}"[:240])
            self.journal.append(body)
            self.since_boot.append(body)
            self.on_record(self, body)
        if cut in (Cut.BEFORE_ACT, Cut.AMONG_ACTS):
            commands = commands[: self.dice.randrange(len(commands) + 1)] if cut is Cut.AMONG_ACTS else []
        for command in commands:
            self._act(command)
        if cut is not Cut.NEVER:
            self.story.append("---- power cut after the commit")
            return self.boot()
        screen = self.reducer.picture(self.durable, self.volatile, now)
        self.screen = replace(screen, turn=self.step)
        self.on_turn(self)
        return None

    @staticmethod
    def _sealed(draft: Draft) -> Body:
        return replace(draft.intent, patron=Sealed(kid="k", box="b")) if isinstance(draft, Private) else draft

    def _act(self, command: Any) -> None:
        self.on_act(self, command)
        match command:
            case WakeAt(name=name, at=None):
                self.timers.pop(name, None)
            case WakeAt(name=name, at=at) if at is not None:
                self.timers[name] = at
            case AskReader(want=Want.END):
                pass
            case AskReader() | AskAbout() | CallStaff() | SendIntent():
                self.questions.append(Question(ask=command, at=self.mono, until=self.mono + command.answer_s))
            case SetSecurity():
                self.orders.append(Order(order=command, at=self.mono))
            case PrintReceipt():
                self.slips += 1
            case CheckTechnician():
                self.technician_asked += 1
            case _:
                pass

    # -- time

    def advance(self, s: float, cut: Cut = Cut.NEVER) -> None:
        """Lets time pass; what falls due is told in its order."""
        end = self.mono + s
        while True:
            timer = min(self.timers.items(), key=lambda pair: (pair[1], pair[0]), default=("", end + 1))
            waiting = [question for question in self.questions if not question.told]
            question = min(waiting, key=lambda q: q.until, default=None)
            until = question.until if question else end + 1
            if min(timer[1], until) > end:
                break
            self.mono = max(self.mono, min(timer[1], until))
            if question is not None and until <= timer[1]:
                question.told = True
                self.turn([NoAnswer(corr=question.corr)], cut)
            else:
                del self.timers[timer[0]]
                self.turn([Woke(name=timer[0])], cut)
            if cut is not Cut.NEVER:
                return
        self.mono = max(self.mono, end)
        self.orders = [order for order in self.orders if self.mono - order.at < ORDER_S_MAX]

    # -- the pad

    def pad_now(self) -> PadHolds:
        """What a look at the pad shows."""
        found = tuple(
            PadTag(
                uid=tag.uid,
                kind=tag.kind,
                item=ItemBarcode(tag.item),
                owner=tag.owner if tag.kind is TagKind.ITEM else "",
                parts=tag.parts,
                ordinal=tag.ordinal,
                usage=tag.usage,
                security=tag.mark if tag.uid != "U1" else SecurityState.UNKNOWN,
                hint=ItemHint(item=ItemBarcode(tag.item), title=f"book-{tag.item}.") if tag.item else None,
            )
            for tag in sorted(self.tags.values(), key=lambda tag: tag.uid)
            if tag.on_pad
        )
        return PadHolds(tags=found)

    def serve(self, order: Order, how: str) -> SecurityDone:
        """The pad carries an order out on all tags, some, none; `mute` and `deaf`: done or not, nobody saw it."""
        wanted, uids = order.order.wanted, order.order.uids
        self.orders.remove(order)
        here = [uid for uid in uids if self.tags[uid].on_pad]
        self._write(order.order, {"mute": "all", "deaf": "none"}.get(how, how))
        marks = {self.tags[uid].mark for uid in uids}
        proof, state = SecurityProof.UNKNOWN, SecurityState.UNKNOWN
        if how in ("all", "none") and len(here) == len(uids):
            proof = SecurityProof.PROVEN if len(marks) == 1 else SecurityProof.UNKNOWN
            state = marks.pop() if proof is SecurityProof.PROVEN else SecurityState.UNKNOWN
        elif how == "untouched" or not here:
            proof = SecurityProof.NOT_WRITTEN
        return SecurityDone(corr=order.order.corr, wanted=wanted, state=state, proof=proof)

    def _write(self, order: SetSecurity, how: str) -> None:
        here = [self.tags[uid] for uid in order.uids if self.tags[uid].on_pad]
        if how == "some":
            here = here[:1]
        if how in ("all", "some"):
            for tag in here:
                tag.mark = order.wanted

    # -- people

    def card_shown(self, who: Person) -> CardShown:
        return CardShown(card=who.card, pseudonym=who.pseudonym, hint=who.snapshot())

    def lay_card(self, who: Person | None) -> Any:
        """Puts a card down, or takes it away."""
        self.card = who
        return CardGone() if who is None else self.card_shown(who)

    def receipt(self) -> QueueCounted:
        """The gateway has it all."""
        self.receipted = len(self.journal)
        return QueueCounted(waiting=0, oldest_s=0.0)

    def technician(self) -> TechnicianKnown | TechnicianRefused:
        self.technician_asked -= 1
        return TechnicianKnown(name="Zhang") if self.dice.random() < 0.7 else TechnicianRefused()

    def printed(self) -> Printed:
        self.slips -= 1
        return Printed(ok=self.dice.random() < 0.7)

    def touched(self, button: str, confirms: tuple[str, ...], text: str = "") -> Touched:
        return Touched(touch=Touch(turn=self.step, button=button, confirms=confirms, text=text))

    # -- what the journal says

    def intents(self) -> dict[str, Intent]:
        return {body.key: body for body in self.journal if isinstance(body, Intent)}

    def of_key(self, key: str) -> list[Body]:
        return [body for body in self.journal if getattr(body, "key", None) == key]

    def charged(self, who: Person) -> int:
        return who.charged + self.loans.get(who.letter, 0)

    def offline_accepted(self, op: Op) -> list[OfflineAccepted]:
        intents = self.intents()
        return [b for b in self.journal if isinstance(b, OfflineAccepted) and intents[b.key].op is op]
