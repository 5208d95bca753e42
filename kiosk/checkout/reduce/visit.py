"""Who stands here: cards, PINs, links, time. Touches are in touch.py."""

from __future__ import annotations

from kiosk.checkout.reduce import identify, session, touch
from kiosk.checkout.reduce.turn import Turn
from kiosk.checkout.states import Help, Links, Slip, Staff, Stage, WaitCard, Working
from kiosk.flow.devices import (
    BACK_ONLINE,
    CardGone,
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
    Started,
    Touched,
    UiChanged,
    Woke,
)
from kiosk.messages.asks import PatronKnown, PatronRefused, StaffTaken, Unavailable
from kiosk.messages.records import Noted, Op
from kiosk.screen import Modes

UI_GONE = "ui.gone"
STAFF = "staff:"


def hear(turn: Turn, event: object) -> Turn:
    match event:
        case Touched(touch=touched):
            return touch.touched(turn, touched)
        case CardShown():
            return identify.card(turn, event)
        case CardGone():
            return identify.card_gone(turn)
        case Scanned(kind=CodeKind.PATRON) if not session.is_technician(turn.volatile):
            return identify.number(turn, event)
        case CardsMany():
            return _card_trouble(turn, "card.more_than_one")
        case CardUnreadable():
            return _card_trouble(turn, "card.unreadable")
        case Answered(corr=corr, answer=answer) if corr.startswith(STAFF):
            return _staff(turn, corr, Staff.CALLED if isinstance(answer, StaffTaken) else Staff.BY_PHONE)
        case NoAnswer(corr=corr) if corr.startswith(STAFF):
            return _staff(turn, corr, Staff.BY_PHONE)
        case Answered(corr=corr, answer=PatronKnown() | PatronRefused() | Unavailable() as answer, who=who):
            return identify.answered(turn, corr, answer, who)
        case NoAnswer(corr=corr):
            return identify.unanswered(turn, corr)
        case Woke(name=name):
            return _woke(turn, name)
        case _:
            return _machine(turn, event)


def _woke(turn: Turn, name: str) -> Turn:
    visit = turn.volatile.visit
    match name:
        case "minute":
            return _tick(turn)
        case session.IDLE if visit is None:  # a language or a mode that nobody used goes back to the site's own
            return turn.know(language=turn.desk.language, modes=Modes())
        case session.IDLE if visit is not None:
            return session.idle(turn)
        case session.IDLE_END if visit is not None:
            return session.idle_end(turn)
        case _ if name == UI_GONE and visit is not None and not turn.volatile.ui:
            return session.end(turn)
        case _:
            return turn


def _tick(turn: Turn) -> Turn:
    """The clock on the screen."""
    return turn.wake("minute", turn.now.mono + 60.0)


def _machine(turn: Turn, event: object) -> Turn:
    match event:
        case Started():
            return _tick(turn)
        case UiChanged(present=present):
            gone = turn.now.mono + turn.desk.times.ui_gone_s
            return turn.know(ui=present).wake(UI_GONE, None if present else gone)
        case LinkChanged():
            return _link(turn, event)
        case JournalState(ok=ok, why=why):
            shut = turn.volatile.shut
            return turn.know(shut=shut - {why} if ok else shut | {why})  # one reason cleared leaves the others
        case PartChanged(part=part, health=health):
            return turn.know(parts={**turn.volatile.parts, part: health})
        case PaperChanged(paper=paper):
            return turn.know(paper=paper)
        case Printed(ok=ok):
            return _printed(turn, ok)
        case QueueCounted(waiting=waiting, oldest_s=oldest_s, booked=booked):
            turn = turn.know(queue=waiting, queue_oldest_s=oldest_s)
            return _all_told(turn) if booked else turn
        case _:
            return turn


def _printed(turn: Turn, ok: bool) -> Turn:
    """Slips come out in the order they were asked for: only the last one can be this reader's."""
    slips = max(0, turn.volatile.slips - 1)
    turn = turn.know(slips=slips)
    if slips or turn.volatile.visit is None or turn.here.slip is not Slip.PRINTING:
        return turn
    return session.stir(turn.visit(slip=Slip.PRINTED if ok else Slip.FAILED))


def _link(turn: Turn, event: LinkChanged) -> Turn:
    old = turn.volatile.links
    gateway = event.up if event.link is LinkName.GATEWAY else old.gateway
    ils = event.up if event.link is LinkName.ILS else old.ils
    return turn.know(links=Links(gateway=gateway, ils=ils))


def _all_told(turn: Turn) -> Turn:
    """The library system has every loan that was made without it: from here on it counts again."""
    if turn.volatile.queue or not turn.volatile.links.online or not turn.durable.offline_loans:
        return turn
    if any(owed.stage is Stage.OFFLINE and owed.op is Op.CHECKOUT for owed in turn.durable.obligations.values()):
        return turn  # one is being handed out: told, but not ended, and so not booked
    return turn.write(Noted(what=BACK_ONLINE, at_ms=turn.now.wall_ms))


def _card_trouble(turn: Turn, sentence: str) -> Turn:
    if turn.volatile.visit is None:
        if turn.volatile.leftover:
            return turn
        return session.begin(turn, WaitCard(problem=sentence), session.card_service(turn))
    if turn.volatile.leftover or session.is_technician(turn.volatile):
        return turn
    match turn.here.view:
        case WaitCard() | Help():
            return session.show(turn, WaitCard(problem=sentence))
        case Working():
            return turn
        case _:
            return session.stir(turn.visit(notice=sentence))


def _staff(turn: Turn, corr: str, staff: Staff) -> Turn:
    if turn.volatile.visit is None or corr.split(":")[1] != str(turn.here.n):
        return turn
    return turn.visit(staff=staff)
