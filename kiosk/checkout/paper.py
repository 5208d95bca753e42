"""A desk on paper: the real reducer between two moments, with nothing but values around it.

For whoever wants to know what the desk would do without building one: the gallery of its screens, the search through
its states. Devices, gateway and time are told by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from kiosk.checkout.policy import CheckinPolicy, Desk
from kiosk.checkout.reduce import CheckoutReducer, evolve
from kiosk.checkout.states import Durable, Volatile
from kiosk.domain import ItemBarcode, Pseudonym, SecurityState
from kiosk.flow.devices import CardShown, PadHolds, PadTag, Paper, PaperChanged, TagKind
from kiosk.flow.events import LinkChanged, LinkName, NoAnswer, PartChanged, PartHealth, Started, Touched, Woke
from kiosk.flow.orders import CheckTechnician, PrintReceipt, SetSecurity
from kiosk.flow.runtime import buttons_of
from kiosk.flow.step import AskAbout, AskReader, CallStaff, Now, Private, SendIntent, WakeAt
from kiosk.messages.asks import ItemHint, PatronHint, Want
from kiosk.messages.records import Body, Sealed
from kiosk.screen import Button, Modes, Screen, Sentences, Touch

WALL_MS: Final = 1_795_305_600_000  # 2026-11-22, 10:40 in Shanghai
_ANSWERED: Final = (AskReader, AskAbout, CallStaff, SendIntent, SetSecurity, PrintReceipt, CheckTechnician)


def sample_desk(**changes: Any) -> Desk:
    """A desk that offers everything."""
    plain = Desk(
        device="kiosk-1",
        library=("示范大学图书馆", "Demonstration University Library"),
        place="F1-HALL",
        place_name=("一楼大厅", "First floor lobby"),
        phone="8359 0000",
        own_institutions=frozenset({"CN-DEMO"}),
        checkin=CheckinPolicy(
            hold_bin="预约箱 / Holds bin",
            other_campus_bin="文昌校区箱 / Wenchang bin",
            default_bin="还书车 / Return trolley",
        ),
    )
    return replace(plain, **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """All that is so between two events. `asked` are the orders and questions that nothing has come back for."""

    durable: Durable
    volatile: Volatile
    timers: Mapping[str, float] = field(default_factory=dict)
    asked: tuple[tuple[Any, float], ...] = ()  # with the time until which an answer is in time
    mono: float = 0.0
    records: tuple[Body, ...] = ()  # of the last event

    @property
    def now(self) -> Now:
        return Now(mono=self.mono, wall_ms=WALL_MS + round(self.mono * 1000))


@dataclass(frozen=True, slots=True)
class PaperDesk:
    """The reducer with its runtime folded away: one event, one commit, its commands remembered."""

    reducer: CheckoutReducer

    @classmethod
    def of(cls, desk: Desk, sentences: Sentences) -> PaperDesk:
        return cls(CheckoutReducer(desk, sentences))

    def begin(self, *, modes: Modes | None = None, online: bool = True, durable: Durable | None = None) -> Moment:
        """A machine that has just been switched on, with everything fitted and nothing on its pad."""
        desk = self.reducer.desk
        volatile = Volatile(language=desk.language, modes=modes or Modes())
        moment = Moment(durable=durable or Durable(device=desk.device, epoch="e"), volatile=volatile)
        parts = [PartChanged(part=part, health=PartHealth.OK) for part in ("pad", "card", "scanner", "printer")]
        links = [LinkChanged(link=link, up=online) for link in LinkName]
        return self.hear(moment, Started(), *parts, PadHolds(tags=()), PaperChanged(paper=Paper.READY), *links)

    def screen(self, moment: Moment) -> Screen:
        return self.reducer.picture(moment.durable, moment.volatile, moment.now)

    def hear(self, moment: Moment, *events: Any) -> Moment:
        """Decides each event, all in one turn; `records` are what the turn wrote."""
        durable, volatile = moment.durable, moment.volatile
        records: list[Body] = []
        timers, asked = dict(moment.timers), list(moment.asked)
        for event in events:
            step = self.reducer.decide(durable, volatile, event, moment.now)
            volatile = step.volatile
            for draft in step.records:
                body = replace(draft.intent, patron=Sealed(kid="", box="")) if isinstance(draft, Private) else draft
                durable = evolve(durable, body)
                records.append(body)
            for command in step.commands:
                _remember(command, moment.mono, timers, asked)
        return replace(
            moment, durable=durable, volatile=volatile, timers=timers, asked=tuple(asked), records=tuple(records)
        )

    def touch(self, moment: Moment, button: str, text: str = "") -> Moment:
        """Presses what is shown; a button that is not shown is a mistake of the caller."""
        shown = self.buttons(moment)
        assert button in shown, f"{button!r} is not on {self.screen(moment).name}: {sorted(shown)}"
        touch = Touch(turn=0, button=button, text=text, confirms=shown[button].confirms)
        return self.hear(moment, Touched(touch=touch))

    def buttons(self, moment: Moment) -> dict[str, Button]:
        return {button.id: button for button in buttons_of(self.screen(moment))}

    def reply(self, moment: Moment, command: Any, event: Any) -> Moment:
        """The outcome of something that was asked."""
        left = tuple(pair for pair in moment.asked if pair[0] is not command)
        return self.hear(replace(moment, asked=left), event)

    def wait(self, moment: Moment, s: float) -> Moment:
        """Lets time pass: timers wake, questions stay without an answer. `records` are those of the whole time."""
        end, records = moment.mono + s, moment.records[:0]
        while (due := self.next_due(moment)) is not None and due <= end:
            moment = self.wake(moment)
            records += moment.records
        return replace(moment, mono=max(end, moment.mono), records=records)

    def next_due(self, moment: Moment) -> float | None:
        """When something happens by itself."""
        return min([*moment.timers.values(), *(until for ask, until in moment.asked if _corr(ask))], default=None)

    def wake(self, moment: Moment) -> Moment:
        """The next thing that happens by itself."""
        due = self.next_due(moment)
        assert due is not None, "nothing is due"
        moment = replace(moment, mono=max(due, moment.mono))
        for name, at in sorted(moment.timers.items()):
            if at <= due:
                timers = {other: when for other, when in moment.timers.items() if other != name}
                return self.hear(replace(moment, timers=timers), Woke(name=name))
        ask = next(ask for ask, until in moment.asked if until <= due and _corr(ask))
        return self.reply(moment, ask, NoAnswer(corr=_corr(ask)))


def _remember(command: Any, mono: float, timers: dict[str, float], asked: list[tuple[Any, float]]) -> None:
    match command:
        case WakeAt(name=name, at=None):
            timers.pop(name, None)
        case WakeAt(name=name, at=float(at)):
            timers[name] = at
        case AskReader(want=Want.END):
            pass
        case _ if isinstance(command, _ANSWERED):
            asked.append((command, mono + getattr(command, "answer_s", 0.0)))
        case _:
            pass


def _corr(ask: Any) -> str:
    """Of what the gateway is asked; devices have no deadline that anybody tells."""
    match ask:
        case SendIntent(key=key):
            return key
        case AskReader() | AskAbout() | CallStaff():
            return ask.corr
        case _:
            return ""


def card(number: str, hint: PatronHint | None = None, *, random: bool = False) -> CardShown:
    return CardShown(card=number, pseudonym=Pseudonym(f"p:{number}"), hint=hint, random=random)


def tag(
    item: str,
    *,
    title: str = "",
    mark: SecurityState = SecurityState.ON,
    kind: TagKind = TagKind.ITEM,
    **more: Any,
) -> PadTag:
    """One book's tag; its title is what the snapshot knows."""
    owner = more.pop("owner", "CN-DEMO" if kind is TagKind.ITEM else "")
    uid = more.pop("uid", f"E004{item}")
    hint = ItemHint(item=ItemBarcode(item), title=title) if title else None
    barcode = ItemBarcode(item if kind is TagKind.ITEM else "")
    return PadTag(uid=uid, kind=kind, item=barcode, owner=owner, security=mark, hint=hint, **more)
