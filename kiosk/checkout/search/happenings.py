"""Everything that can happen at a desk in a given moment, in a world small enough to be searched whole.

Two books, a set with a part missing, a blank tag; one reader known to everybody and one refused; each device and each
answer with every outcome it has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from kiosk.checkout.paper import Moment, PaperDesk, card, tag
from kiosk.checkout.states import Volatile
from kiosk.domain import ItemBarcode, PatronId, Pseudonym, Refusal, SecurityProof, SecurityState
from kiosk.flow.devices import (
    CardGone,
    CardsMany,
    CardUnreadable,
    CodeKind,
    PadHolds,
    PadTag,
    Paper,
    PaperChanged,
    Printed,
    Scanned,
    SecurityDone,
    TagKind,
    TechnicianKnown,
    TechnicianRefused,
)
from kiosk.flow.events import (
    Answered,
    JournalState,
    LinkChanged,
    LinkName,
    PartChanged,
    PartHealth,
    Touched,
    UiChanged,
)
from kiosk.flow.orders import CheckTechnician, PrintReceipt, SetSecurity
from kiosk.flow.step import AskAbout, AskReader, CallStaff, SendIntent
from kiosk.messages.asks import (
    Circulation,
    EffectGranted,
    EffectOpen,
    EffectRefused,
    FeeLine,
    HoldLine,
    ItemKnown,
    LoanLine,
    PatronHint,
    PatronKnown,
    PatronRefused,
    StaffTaken,
    Unavailable,
)
from kiosk.screen import Touch

Happening = tuple[str, Moment]

CARD: Final = "04FA944D8F5CD9"
OTHER_CARD: Final = "04F547D824CAD5"
NAME: Final = "王*明"
NUMBER: Final = "9920130001"
TITLE: Final = "红楼梦"
LOAN: Final = "水浒传"
HINT: Final = PatronHint(who="", room=3)
READER: Final = PatronKnown(
    patron=PatronId(NUMBER),
    name=NAME,
    limit=10,
    charged=9,
    loans=(LoanLine(item=ItemBarcode("L1"), title=LOAN, due="2026-12-01"),),
    holds=(HoldLine(title=LOAN, ready=True),),
    fee_fen=120,
    fees=(FeeLine(amount_fen=120),),
)
ONE: Final = tag("D1", title=TITLE)
TWO: Final = tag("D2", title=TITLE)
PADS: Final[dict[str, tuple[PadTag, ...]]] = {
    "pad empty": (),
    "one book": (ONE,),
    "two books": (ONE, TWO),
    "part of a set": (tag("D3", parts=2, title=TITLE),),
    "blank tag": (tag("B1", kind=TagKind.BLANK),),
}
# What can be out of order, and what puts it in order again.
TROUBLES: Final[dict[str, tuple[Any, Any]]] = {
    "gateway": (LinkChanged(link=LinkName.GATEWAY, up=False), LinkChanged(link=LinkName.GATEWAY, up=True)),
    "library system": (LinkChanged(link=LinkName.ILS, up=False), LinkChanged(link=LinkName.ILS, up=True)),
    "screen": (UiChanged(present=False), UiChanged(present=True)),
    "disk": (JournalState(ok=False, why="disk"), JournalState(ok=True, why="disk")),
    "journal": (JournalState(ok=False, why="quarantined"), JournalState(ok=True, why="quarantined")),
    "pad": (PartChanged(part="pad", health=PartHealth.GONE), PartChanged(part="pad", health=PartHealth.OK)),
    "pad full": (
        PartChanged(part="pad", health=PartHealth.DEGRADED, code="too-many-tags"),
        PartChanged(part="pad", health=PartHealth.OK),
    ),
    "card reader": (PartChanged(part="card", health=PartHealth.GONE), PartChanged(part="card", health=PartHealth.OK)),
    "paper": (PaperChanged(paper=Paper.OUT), PaperChanged(paper=Paper.READY)),
}


def troubles(volatile: Volatile) -> tuple[str, ...]:
    """What is out of order."""
    parts = volatile.parts
    found = {
        "gateway": not volatile.links.gateway,
        "library system": not volatile.links.ils,
        "screen": not volatile.ui,
        "disk": "disk" in volatile.shut,
        "journal": "quarantined" in volatile.shut,
        "pad": parts.get("pad") is PartHealth.GONE,
        "pad full": volatile.pad_full,
        "card reader": parts.get("card") is PartHealth.GONE,
        "paper": volatile.paper is not Paper.READY,
    }
    return tuple(name for name, broken in found.items() if broken)


def happenings(paper: PaperDesk, moment: Moment, *, faults: bool) -> Iterator[Happening]:
    """Each thing that can happen, by name, and the moment after it. `faults`: something breaks, or is mended."""
    yield from _touches(paper, moment)
    yield from _cards(paper, moment)
    yield from _books(paper, moment)
    yield from _answers(paper, moment)
    if paper.next_due(moment) is not None:
        yield "time", paper.wake(moment)
    if moment.durable.obligations:  # else it is the beginning again
        restarted = paper.begin(durable=moment.durable)
        yield "power cut", paper.hear(restarted, *(TROUBLES[name][0] for name in troubles(moment.volatile)))
    if faults:
        yield from _faults(paper, moment)


def touches(paper: PaperDesk, moment: Moment) -> Iterator[Happening]:
    """Each button of the screen, and the whole screen where it asks for it."""
    screen = paper.screen(moment)
    if not moment.volatile.ui:
        return
    if screen.countdown is not None and screen.countdown.full_screen:
        yield "touch anywhere", paper.hear(moment, Touched(touch=Touch(turn=0, button="anywhere")))
        return
    for button in paper.buttons(moment):
        if button.startswith(("mode.", "row:")):  # they change how a screen looks, and are tried on each by themselves
            continue
        text = "1234" if screen.keypad is not None and screen.keypad.enter == button else ""
        yield f"touch {button}", paper.touch(moment, button, text)


def _touches(paper: PaperDesk, moment: Moment) -> Iterator[Happening]:
    yield from touches(paper, moment)
    if moment.volatile.ui:
        yield "hidden press", paper.hear(moment, Touched(touch=Touch(turn=0, button="tech.enter")))


def _cards(paper: PaperDesk, moment: Moment) -> Iterator[Happening]:
    events = {
        "card": card(CARD, HINT),
        "other card": card(OTHER_CARD),
        "changing card": card("0812AB34", random=True),
        "two cards": CardsMany(),
        "unreadable card": CardUnreadable(),
        "card lifted": CardGone(),
        "reader's code": Scanned(
            kind=CodeKind.PATRON, text=NUMBER, pseudonym=Pseudonym(f"p:{NUMBER}"), patron_hint=HINT
        ),
    }
    for name, event in events.items():
        yield name, paper.hear(moment, event)


def _books(paper: PaperDesk, moment: Moment) -> Iterator[Happening]:
    if "pad" not in troubles(moment.volatile):
        for name, tags in PADS.items():
            if tags != moment.volatile.pad:
                yield name, paper.hear(moment, PadHolds(tags=tags))
    yield "barcode", paper.hear(moment, Scanned(kind=CodeKind.ITEM, text="D9"))


def _answers(paper: PaperDesk, moment: Moment) -> Iterator[Happening]:
    """Of each kind that is waited for, the one asked first."""
    seen: set[type[Any]] = set()
    for ask, _ in moment.asked:
        if type(ask) in seen:
            continue
        seen.add(type(ask))
        for name, event in _outcomes(ask).items():
            yield name, paper.reply(moment, ask, event)


def _outcomes(ask: Any) -> dict[str, Any]:
    match ask:
        case AskReader(corr=corr):
            blocked = replace(READER, blocks=(Refusal.PATRON_OVERDUE,), overdue=1)
            return {
                "reader known": Answered(corr=corr, answer=READER),
                "reader blocked": Answered(corr=corr, answer=blocked),
                "reader refused": Answered(corr=corr, answer=PatronRefused(reason=Refusal.PATRON_CARD_LOST)),
                "PIN wrong": Answered(corr=corr, answer=PatronRefused(reason=Refusal.PIN_WRONG)),
                "reader: no answer": Answered(corr=corr, answer=Unavailable()),
            }
        case AskAbout(corr=corr, item=item):
            plain = ItemKnown(item=ItemBarcode(item), title=TITLE)
            return {
                "item known": Answered(corr=corr, answer=plain),
                "item on loan": Answered(corr=corr, answer=replace(plain, circulation=Circulation.CHARGED)),
                "item: no answer": Answered(corr=corr, answer=Unavailable()),
            }
        case SendIntent(key=key):
            return {
                "granted": Answered(corr=key, answer=EffectGranted(key=key, due="2026-12-22")),
                "refused": Answered(corr=key, answer=EffectRefused(key=key, reason=Refusal.ITEM_ON_HOLD_OTHER)),
                "in doubt": Answered(corr=key, answer=EffectOpen(key=key)),
            }
        case SetSecurity(corr=corr, wanted=wanted):
            return _marks(corr, wanted)
        case CallStaff(corr=corr):
            return {"staff called": Answered(corr=corr, answer=StaffTaken(reference="S1"))}
        case PrintReceipt():
            return {"slip printed": Printed(ok=True), "slip failed": Printed(ok=False)}
        case CheckTechnician():
            return {"technician known": TechnicianKnown(name="张*"), "technician refused": TechnicianRefused()}
        case _:
            return {}


def _marks(corr: str, wanted: SecurityState) -> dict[str, Any]:
    other = SecurityState.ON if wanted is SecurityState.OFF else SecurityState.OFF

    def done(state: SecurityState, proof: SecurityProof) -> SecurityDone:
        return SecurityDone(corr=corr, wanted=wanted, state=state, proof=proof)

    unknown = SecurityState.UNKNOWN
    return {
        "mark switched": done(wanted, SecurityProof.PROVEN),
        "mark stuck": done(other, SecurityProof.PROVEN),
        "mark not written": done(unknown, SecurityProof.NOT_WRITTEN),
        "mark unknown": done(unknown, SecurityProof.UNKNOWN),
    }


def _faults(paper: PaperDesk, moment: Moment) -> Iterator[Happening]:
    """One thing at a time."""
    broken = troubles(moment.volatile)
    for name, (bad, good) in TROUBLES.items():
        if name in broken:
            yield f"{name} mended", paper.hear(moment, good)
        elif not broken:
            yield f"{name} fails", paper.hear(moment, bad)
