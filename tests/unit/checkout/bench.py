"""A desk on paper: the real reducer, a list for a journal, and a world of books, tags and an ILS around it.

The world answers the reducer's commands the way devices and the gateway do (it keeps the marks on the tags itself), so
that a test can compare what the journal says with what really happened.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kiosk.checkout.policy import Desk
from kiosk.checkout.reduce import CheckoutReducer
from kiosk.checkout.states import Durable, Volatile
from kiosk.domain import ItemBarcode, Key, Pseudonym, SecurityProof, SecurityState
from kiosk.flow.devices import CardShown, PadHolds, PadTag, Paper, PaperChanged, SecurityDone, TagKind
from kiosk.flow.events import (
    Answered,
    LinkChanged,
    LinkName,
    PartChanged,
    PartHealth,
    Started,
    Touched,
    Woke,
)
from kiosk.flow.orders import SetSecurity
from kiosk.flow.replay import fold
from kiosk.flow.runtime import buttons_of
from kiosk.flow.step import AskAbout, AskReader, Now, Private, SendIntent, WakeAt
from kiosk.messages.asks import (
    EffectGranted,
    ItemHint,
    ItemKnown,
    PatronHint,
    PatronKnown,
    Want,
)
from kiosk.messages.records import Body, Final, Intent, Sealed
from kiosk.screen import Button, Screen, Sentences, Touch
from kiosk.screen.sentences import parse

CONFIG = Path(__file__).parents[3] / "config"
WALL_MS = 1_795_305_600_000
CARD = "04FA944D8F5CD9"


def sentences() -> Sentences:
    return parse((CONFIG / "locale" / "sentences.csv").read_text("utf-8"))


def desk(**changes: Any) -> Desk:
    return replace(
        Desk(
            device="k1",
            library=("图书馆", "University Library"),
            place="F1-HALL",
            place_name=("一楼大厅", "1F lobby"),
            phone="8359 0000",
            own_institutions=frozenset({"JS01"}),
        ),
        **changes,
    )


def reader(**changes: Any) -> PatronKnown:
    return replace(PatronKnown(patron="9920130001", name="王*明", limit=10, charged=2), **changes)  # type: ignore[arg-type]


@dataclass
class Book:
    uid: str
    item: ItemBarcode
    mark: SecurityState = SecurityState.ON
    on_pad: bool = False
    parts: int = 1
    ordinal: int = 1
    stuck: bool = False  # its mark cannot be switched


@dataclass
class Desktop:
    """Feeds events to the reducer, commits, and acts. `effect` answers requests; None is silence."""

    desk: Desk = field(default_factory=desk)
    patron: PatronKnown = field(default_factory=reader)
    effect: Callable[[Intent], Any] = lambda intent: EffectGranted(key=intent.key, due="2026-12-22", title="书")
    security: Callable[[Book, SecurityState], SecurityProof] | None = None
    online: bool = True
    hint: PatronHint | None = None
    journal: list[Body] = field(default_factory=list)
    books: dict[str, Book] = field(default_factory=dict)
    log: list[Any] = field(default_factory=list)
    known: dict[str, ItemKnown] = field(default_factory=dict)  # what the library system says of items, where not plain
    mute: bool = False  # the pad takes orders and answers none

    def __post_init__(self) -> None:
        self.reducer = CheckoutReducer(self.desk, sentences())
        self.now = 0.0
        self._n = itertools.count()
        self.boot()

    def boot(self, *, read_marks: bool = True) -> None:
        """Power on: volatile state is gone, durable state is the fold of the journal. `read_marks`: whether a look at
        the pad shows the marks (where the gate goes by the EAS bit it does not)."""
        self.read_marks = read_marks
        start = Durable(device=self.desk.device, epoch="e1")
        self.durable = fold(self.reducer.evolve, start, self.journal)
        self.volatile = Volatile(language=self.desk.language)
        self.timers: dict[str, float] = {}
        self.soon: list[tuple[float, int, Any]] = []
        self.hear(Started())
        self.hear(PartChanged(part="pad", health=PartHealth.OK))
        self.hear(PaperChanged(paper=Paper.READY))
        for link in LinkName:
            self.hear(LinkChanged(link=link, up=self.online))
        self.hear(self._pad())

    def hear(self, event: Any) -> None:
        now = Now(mono=self.now, wall_ms=WALL_MS + round(self.now * 1000))
        step = self.reducer.decide(self.durable, self.volatile, event, now)
        for draft in step.records:
            body = replace(draft.intent, patron=Sealed(kid="k", box="b")) if isinstance(draft, Private) else draft
            self.journal.append(body)
            self.durable = self.reducer.evolve(self.durable, body)
        self.volatile = step.volatile
        start = Durable(device=self.desk.device, epoch="e1")
        assert fold(self.reducer.evolve, start, self.journal) == self.durable
        for command in step.commands:
            self.log.append(command)
            self._act(command)
        self.screen: Screen = self.reducer.picture(self.durable, self.volatile, now)

    def _act(self, command: Any) -> None:
        match command:
            case WakeAt(name=name, at=None):
                self.timers.pop(name, None)
            case WakeAt(name=name, at=float(at)):
                self.timers[name] = at
            case AskReader(corr=corr, want=want) if self.online and want is not Want.END:
                self.later(Answered(corr=corr, answer=self.patron))
            case AskAbout(corr=corr, item=item) if self.online:
                plain = ItemKnown(item=ItemBarcode(item), title=f"书 {item}")
                self.later(Answered(corr=corr, answer=self.known.get(item, plain)))
            case SendIntent(key=key):
                self._effect(key)
            case SetSecurity():
                self._security(command)
            case _:
                pass

    def _effect(self, key: Key) -> None:
        intent = next(body for body in self.journal if isinstance(body, Intent) and body.key == key)
        answer = self.effect(intent)
        if answer is not None:
            self.later(Answered(corr=key, answer=answer))

    def _security(self, command: SetSecurity) -> None:
        """What the pad does tag by tag: one that is not there is not written; `security` may say that a write failed.

        One word for all of them, as kiosk.machine.parts.pad has it: any doubt is a doubt of the whole.
        """
        if self.mute:
            return
        books = [self.books[uid] for uid in command.uids]
        before = books[0].mark
        proofs = [self._one(book, command.wanted) for book in books]
        marks = {book.mark for book in books}
        proof, state = SecurityProof.UNKNOWN, SecurityState.UNKNOWN
        if set(proofs) == {SecurityProof.NOT_WRITTEN}:
            proof = SecurityProof.NOT_WRITTEN
        elif set(proofs) == {SecurityProof.PROVEN} and len(marks) == 1:
            proof, state = SecurityProof.PROVEN, marks.pop()
        self.later(SecurityDone(corr=command.corr, wanted=command.wanted, state=state, proof=proof, before=before))

    def _one(self, book: Book, wanted: SecurityState) -> SecurityProof:
        if not book.on_pad:
            return SecurityProof.NOT_WRITTEN
        proof = self.security(book, wanted) if self.security else SecurityProof.PROVEN
        if proof is SecurityProof.PROVEN and not book.stuck:
            book.mark = wanted
        return proof

    def later(self, event: Any, s: float = 0.05) -> None:
        heapq.heappush(self.soon, (self.now + s, next(self._n), event))

    def run(self, s: float) -> None:
        """Lets time pass, with everything that falls due."""
        end = self.now + s
        while True:
            timer = min(self.timers.items(), key=lambda pair: pair[1], default=("", float("inf")))
            answer = self.soon[0][0] if self.soon else float("inf")
            when = min(timer[1], answer)
            if when > end:
                break
            self.now = max(self.now, when)
            if answer <= timer[1]:
                self.hear(heapq.heappop(self.soon)[2])
            else:
                del self.timers[timer[0]]
                self.hear(Woke(name=timer[0]))
        self.now = end

    # -- people

    def _pad(self) -> PadHolds:
        tags = tuple(
            PadTag(
                uid=book.uid,
                kind=TagKind.ITEM,
                item=book.item,
                owner="JS01",
                parts=book.parts,
                ordinal=book.ordinal,
                security=book.mark if self.read_marks else SecurityState.UNKNOWN,
                hint=ItemHint(item=book.item, title=f"书 {book.item}"),
            )
            for book in sorted(self.books.values(), key=lambda book: book.uid)
            if book.on_pad
        )
        return PadHolds(tags=tags)

    def put(self, *items: str, mark: SecurityState = SecurityState.ON) -> None:
        for item in items:
            self.books.setdefault(item, Book(uid=item, item=ItemBarcode(item), mark=mark)).on_pad = True
        self.hear(self._pad())

    def lift(self, *items: str) -> None:
        for item in items or tuple(self.books):
            self.books[item].on_pad = False
        self.hear(self._pad())

    def tap(self, card: str = CARD) -> None:
        self.hear(CardShown(card=card, pseudonym=Pseudonym("p:" + card), hint=self.hint))

    def touch(self, button: str, text: str = "") -> None:
        """Presses what is on the screen; pressing what is not there is a mistake of the test."""
        shown: dict[str, Button] = {b.id: b for b in buttons_of(self.screen)}
        if button not in shown and self.screen.countdown and self.screen.countdown.full_screen:
            shown[button] = Button(id=button, text="")
        assert button in shown, f"{button!r} is not on {self.screen.name}: {sorted(shown)}"
        self.hear(Touched(touch=Touch(turn=0, button=button, text=text, confirms=shown[button].confirms)))

    def network(self, up: bool) -> None:
        self.online = up
        for link in LinkName:
            self.hear(LinkChanged(link=link, up=up))

    # -- what the journal says

    def ends(self) -> dict[str, str]:
        """Item -> outcome of its last key."""
        return {body.item: body.outcome.value for body in self.journal if isinstance(body, Final)}

    def rows(self) -> dict[str, str]:
        return {row.title: row.value for row in self.screen.rows}
