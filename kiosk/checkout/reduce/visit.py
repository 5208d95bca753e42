"""Who stands here: cards, PINs, links, time. Touches are in touch.py."""

from __future__ import annotations

from kiosk.checkout.policy import Service
from kiosk.checkout.reduce import identify, session, touch
from kiosk.checkout.reduce.fold import BACK_ONLINE
from kiosk.checkout.reduce.turn import Turn
from kiosk.checkout.states import Links, Slip, Staff, WaitCard, Working
from kiosk.flow.devices import (
    CardShown,
    CardsMany,
    CardUnreadable,
    CodeKind,
    PaperChanged,
    Printed,
    QueueCounted,
    Scanned,
)
from kiosk.flow.events import (
    Answered,
    JournalState,
    LinkChanged,
    LinkName,
    NoAnswer,
    PartChanged,
    PartHealth,
    Started,
    Touched,
    UiChanged,
    Woke,
)
from kiosk.messages.asks import PatronKnown, PatronRefused, StaffTaken, Unavailable
from kiosk.messages.records import Noted

UI_GONE = "ui.gone"
STAFF = "staff:"


def hear(turn: Turn, event: object) -> Turn:
    match event:
        case Touched(touch=touched):
            return touch.touched(turn, touched)
        case CardShown() if not session.is_technician(turn.volatile):
            return identify.card(turn, event)
        case Scanned(kind=CodeKind.PATRON) if not session.is_technician(turn.volatile):
            return identify.number(turn, event)
        case CardsMany():
            return _card_trouble(turn, "card.more_than_one")
        case CardUnreadable():
            return _card_trouble(turn, "card.unreadable")
        case Answered(corr=corr, answer=PatronKnown() | PatronRefused() | Unavailable() as answer):
            return identify.answered(turn, corr, answer)
        case Answered(corr=corr, answer=StaffTaken()) if corr.startswith(STAFF):
            return _staff(turn, corr, Staff.CALLED)
        case NoAnswer(corr=corr):
            return _staff(turn, corr, Staff.BY_PHONE) if corr.startswith(STAFF) else identify.unanswered(turn, corr)
        case _:
            return _machine(turn, event)


def _machine(turn: Turn, event: object) -> Turn:
    match event:
        case Woke(name=session.IDLE) if turn.volatile.visit is not None:
            return session.idle(turn)
        case Woke(name=session.IDLE_END) if turn.volatile.visit is not None:
            return session.idle_end(turn)
        case Woke(name=name) if name == UI_GONE and not turn.volatile.ui and turn.volatile.visit is not None:
            return session.end(turn)
        case UiChanged(present=present):
            gone = turn.now.mono + turn.desk.times.ui_gone_s
            return turn.know(ui=present).wake(UI_GONE, None if present else gone)
        case LinkChanged():
            return _link(turn, event)
        case JournalState(ok=ok):
            health = PartHealth.OK if ok else PartHealth.DEGRADED
            return turn.know(parts={**turn.volatile.parts, "journal": health})
        case Started() | Woke(name="minute"):
            return turn.wake("minute", turn.now.mono + 60.0)  # the clock on the screen
        case PartChanged(part=part, health=health):
            return turn.know(parts={**turn.volatile.parts, part: health})
        case PaperChanged(paper=paper):
            return turn.know(paper=paper)
        case Printed(ok=ok) if turn.volatile.visit is not None and turn.here.slip is Slip.PRINTING:
            return session.stir(turn.visit(slip=Slip.PRINTED if ok else Slip.FAILED))
        case QueueCounted(waiting=waiting, oldest_s=oldest_s):
            return turn.know(queue=waiting, queue_oldest_s=oldest_s)
        case _:
            return turn


def _link(turn: Turn, event: LinkChanged) -> Turn:
    old = turn.volatile.links
    gateway = event.up if event.link is LinkName.GATEWAY else old.gateway
    ils = event.up if event.link is LinkName.ILS else old.ils
    turn = turn.know(links=Links(gateway=gateway, ils=ils))
    if turn.volatile.links.online and turn.durable.offline_loans:
        turn = turn.write(Noted(what=BACK_ONLINE, at_ms=turn.now.wall_ms))
    return turn


def _card_trouble(turn: Turn, sentence: str) -> Turn:
    if turn.volatile.visit is None:
        if turn.volatile.leftover:
            return turn
        service = Service.CHECKOUT if turn.desk.offers(Service.CHECKOUT) else Service.ACCOUNT
        return session.begin(turn, WaitCard(problem=sentence), service)
    match turn.here.view:
        case WaitCard():
            return session.stir(turn.view(WaitCard(problem=sentence)))
        case Working():
            return turn
        case _:
            return session.stir(turn.visit(notice=sentence))


def _staff(turn: Turn, corr: str, staff: Staff) -> Turn:
    if turn.volatile.visit is None or corr.split(":")[1] != str(turn.here.n):
        return turn
    return turn.visit(staff=staff)
