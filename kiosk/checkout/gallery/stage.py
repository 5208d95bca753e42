"""One desk and the hands in front of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from kiosk.checkout.paper import Moment, PaperDesk, card, tag
from kiosk.domain import ItemBarcode, Key, PatronId, SecurityProof
from kiosk.flow.devices import PadHolds, PadTag, SecurityDone
from kiosk.flow.events import Answered, NoAnswer
from kiosk.flow.orders import SetSecurity
from kiosk.flow.step import AskAbout, AskReader, SendIntent
from kiosk.messages.asks import EffectGranted, ItemKnown, ItemUnknown, PatronHint, PatronKnown, PatronRefused
from kiosk.screen import Modes

CARD: Final = "04FA944D8F5CD9"
DUE: Final = "2026-12-22"
HINT: Final = PatronHint(who="", room=3)
# As they stand in the demo library (config/demo/titles.csv), its longest first, and three that are longer still.
TITLES: Final = (
    "The Origin of Species",
    "Pride and Prejudice",
    "自然哲学之数学原理",
    "C语言程序设计",
    "数据库系统概论",
    "矿井通风与安全",
    "环境科学概论",
    "大学英语听力",
    "现代汉语词典",
    "交通运输工程",
    "鲁滨孙漂流记",
    "红楼梦",
)
LONG_TITLES: Final = (
    "关于托勒密和哥白尼两大世界体系的对话",
    "Dialogue Concerning the Two Chief World Systems, Ptolemaic and Copernican",
    "On the Origin of Species by Means of Natural Selection",
)
CALLS: Final = ("Q111.2/2", "I561.44/1", "O31/1", "TP312C/1", "TP311.13/1", "TD7/1", "X/1", "H319.9/1", "H164/1")
READER: Final = PatronKnown(patron=PatronId("9920130001"), name="王*明", limit=20, charged=2)


@dataclass(frozen=True, slots=True)
class Stage:
    """One desk and the hands in front of it. Every act returns the moment after it."""

    paper: PaperDesk
    modes: Modes

    def begin(self, *, online: bool = True) -> Moment:
        return self.paper.begin(modes=self.modes, online=online)

    def hear(self, moment: Moment, *events: Any) -> Moment:
        return self.paper.hear(moment, *events)

    def touch(self, moment: Moment, *buttons: str, text: str = "") -> Moment:
        for button in buttons:
            moment = self.paper.touch(moment, button, text)
        return moment

    def put(self, moment: Moment, *tags: PadTag) -> Moment:
        return self.hear(moment, PadHolds(tags=tags))

    def tap(self, moment: Moment, who: PatronKnown | PatronRefused = READER, hint: PatronHint | None = None) -> Moment:
        return self.known(self.hear(moment, card(CARD, hint)), who)

    def known(self, moment: Moment, who: PatronKnown | PatronRefused) -> Moment:
        """The library system says who this is."""
        for ask in asked(moment, AskReader):
            moment = self.paper.reply(moment, ask, Answered(corr=ask.corr, answer=who))
        return moment

    def looked_up(self, moment: Moment, **special: ItemKnown | ItemUnknown) -> Moment:
        """It says what each item is: plain, unless `special` has it otherwise."""
        for n, ask in enumerate(asked(moment, AskAbout)):
            answer = special.get(ask.item) or ItemKnown(
                item=ask.item, title=(*TITLES, *LONG_TITLES)[n % 15], call_number=CALLS[n % 9]
            )
            moment = self.paper.reply(moment, ask, Answered(corr=ask.corr, answer=answer))
        return moment

    def worked(self, moment: Moment, answer: Answer, *, lifted: frozenset[str] = frozenset()) -> Moment:
        """Every book is answered by `answer`, and every mark obeys; those of `lifted` items have left the pad."""
        while waiting := [ask for ask in asked(moment, SendIntent, SetSecurity) if _waits(ask, lifted)]:
            moment = self.one(moment, waiting[0], answer)
        return moment

    def one(self, moment: Moment, ask: Any, answer: Answer) -> Moment:
        if isinstance(ask, SetSecurity):
            done = SecurityDone(corr=ask.corr, wanted=ask.wanted, state=ask.wanted, proof=SecurityProof.PROVEN)
            return self.paper.reply(moment, ask, done)
        item = moment.durable.obligations[ask.key].item
        found = answer(ask.key, item)
        event = NoAnswer(corr=ask.key) if found is None else Answered(corr=ask.key, answer=found)
        return self.paper.reply(moment, ask, event)


Answer = Callable[[Key, ItemBarcode], Any]
Scene = Callable[[Stage], Moment]


def asked(moment: Moment, *kinds: type[Any]) -> list[Any]:
    return [ask for ask, _ in moment.asked if isinstance(ask, kinds)]


def _waits(ask: Any, lifted: frozenset[str]) -> bool:
    return not (isinstance(ask, SetSecurity) and lifted & set(ask.uids))


def granted(key: Key, item: ItemBarcode) -> EffectGranted:
    return EffectGranted(key=key, due=DUE)


def books(n: int, **more: Any) -> tuple[PadTag, ...]:
    return tuple(tag(f"D{100 + i}", **more) for i in range(n))
