"""Every button of the desk. The runtime has already dropped touches on screens that are no longer shown."""

from __future__ import annotations

from dataclasses import replace

from kiosk.checkout.policy import Service
from kiosk.checkout.receipt import receipt
from kiosk.checkout.reduce import confirm, giveout, identify, items, session, tech
from kiosk.checkout.reduce.turn import Turn
from kiosk.checkout.states import (
    Account,
    AtPad,
    Declined,
    Finished,
    Help,
    Phase,
    PinEntry,
    Slip,
    Staff,
    Tech,
    TechLogin,
    WaitCard,
    Working,
)
from kiosk.domain import ItemBarcode
from kiosk.flow.devices import Paper
from kiosk.flow.orders import PrintReceipt
from kiosk.flow.step import CallStaff
from kiosk.screen import Modes, Touch

_STARTS = {
    "start.checkout": Service.CHECKOUT,
    "start.checkin": Service.CHECKIN,
    "start.account": Service.ACCOUNT,
    "start.renew": Service.RENEW,
}


def touched(turn: Turn, touch: Touch) -> Turn:
    """One touch. A touch during the warning only says "I am still here", wherever it lands."""
    visit = turn.volatile.visit
    if touch.button.startswith("tech.") and touch.button != "tech.enter":
        return tech.touched(turn, touch)
    if visit is not None and visit.warned_until is not None:
        return session.stir(turn)
    if touch.button == "tech.enter":
        return tech.touched(turn, touch)
    if touch.button.startswith("mode."):
        return _mode(turn, touch.button.removeprefix("mode."))
    if visit is None:
        return _start(turn, touch.button)
    turn = turn.visit(notice="")
    turn = _while_working(turn, touch) if isinstance(visit.view, Working) else _in_visit(turn, touch)
    # The idle clock of what is shown now, not of what was touched.
    return session.stir(turn) if turn.volatile.visit is not None else turn


def _start(turn: Turn, button: str) -> Turn:
    if button == "help":
        return session.begin(turn, Help(), Service.CHECKOUT)
    service = _STARTS.get(button)
    if service is None or turn.volatile.leftover or not turn.desk.offers(service):
        return turn
    view = AtPad() if service is Service.CHECKIN else _wait_card(turn)
    return session.begin(turn, view, service)


def _wait_card(turn: Turn) -> WaitCard:
    """A card that lies there already is not read again by itself."""
    return WaitCard(problem="card.once_more" if turn.volatile.card_lies else "")


def _mode(turn: Turn, mode: str) -> Turn:
    """Language and display modes take effect in this very turn and keep everything else."""
    visit = turn.volatile.visit
    lang = visit.lang if visit else turn.volatile.language
    modes = visit.modes if visit else turn.volatile.modes
    if mode == "language":
        lang = "en" if lang == "zh" else "zh"
    elif mode in Modes.__dataclass_fields__:
        modes = replace(modes, **{mode: not getattr(modes, mode)})
    if visit is not None:
        return session.stir(turn.visit(lang=lang, modes=modes))
    return turn.know(language=lang, modes=modes).wake(session.IDLE, turn.now.mono + turn.desk.times.idle_s)


def _while_working(turn: Turn, touch: Touch) -> Turn:
    """What was begun is not disturbed: the books lie still until each has its end."""
    name, _, rest = touch.button.partition(":")
    match name:
        case "leave":  # the way out of a long wait: what has started finishes by itself
            return session.end(turn)
        case "staff":
            return _call_staff(turn)
        case "help":
            return turn.visit(helping=True)
        case "back":
            return turn.visit(helping=False)
        case "skip":
            task = turn.volatile.tasks.get(rest)
            mine = task is not None and task.visit == turn.here.n and task.phase is Phase.PUT_BACK
            return giveout.give_up(turn, task) if mine and task else turn
        case _:
            return turn


def _in_visit(turn: Turn, touch: Touch) -> Turn:
    match touch.button:
        case "finish" | "cancel":
            return session.end(turn)
        case "back":
            return _back(turn)
        case "help":
            return turn.visit(helping=not isinstance(turn.here.view, Help | Tech | TechLogin))
        case "staff":
            return _call_staff(turn)
        case "borrow":
            return confirm.borrow(turn, touch.confirms)
        case "checkin":
            return confirm.checkin(turn, touch.confirms)
        case "to.checkin":
            return _to_checkin(turn)
        case "again":
            return _again(turn)
        case "account":
            turn = turn.visit(service=Service.ACCOUNT)
            return identify.fetch_loans(turn) if turn.here.reader else turn.view(_wait_card(turn))
        case "print":
            return _print(turn)
        case "pin":
            return _pin(turn, touch.text)
        case "card.again":
            return turn.view(_wait_card(turn)) if isinstance(turn.here.view, Declined) else turn
        case _:
            return _rows(turn, touch)


def _rows(turn: Turn, touch: Touch) -> Turn:
    name, _, rest = touch.button.partition(":")
    match name:
        case "page" if isinstance(turn.here.view, Account) and rest in ("loans", "holds", "fees"):
            return turn.visit(view=replace(turn.here.view, page=rest))
        case "row" if isinstance(turn.here.view, Account):
            return turn.visit(chosen=turn.here.chosen ^ {ItemBarcode(rest)})
        case "renew":
            return confirm.renew(turn, touch.confirms)
        case "remove" if isinstance(turn.here.view, AtPad):
            return session.without_scanned(turn, frozenset({ItemBarcode(rest)}))
        case _:
            return turn


def _to_checkin(turn: Turn) -> Turn:
    """Returns are open to everybody, whoever was refused what, and whether or not a card can be read."""
    if not isinstance(turn.here.view, AtPad | Declined | WaitCard | Finished) or not turn.desk.offers(Service.CHECKIN):
        return turn
    if isinstance(turn.here.view, Finished):
        turn = confirm.forget_ended(turn).know(lookups={}).visit(slip=Slip.OFFERED)
    return items.look_up(turn.visit(service=Service.CHECKIN).view(AtPad()))


def _back(turn: Turn) -> Turn:
    if turn.here.helping:
        return turn.visit(helping=False)
    match turn.here.view:
        case Account(home=home) if turn.here.reader and not (home and not turn.volatile.pad):
            return items.look_up(turn.visit(service=Service.CHECKOUT).view(AtPad()))
        case Account() | Help():
            return session.end(turn)
        case _:
            return turn


def _again(turn: Turn) -> Turn:
    """Borrow (or return) more: what has ended leaves the list, the reader stays."""
    if not isinstance(turn.here.view, Finished):
        return turn
    returning = turn.here.service is Service.CHECKIN or turn.here.reader is None
    turn = confirm.forget_ended(turn).know(lookups={})
    turn = turn.visit(slip=Slip.OFFERED, service=Service.CHECKIN if returning else Service.CHECKOUT)
    return items.look_up(turn.view(AtPad()))


def _call_staff(turn: Turn) -> Turn:
    """ "Called" is shown only once the gateway took it; without a network the phone number is."""
    visit = turn.here
    if visit.staff in (Staff.CALLING, Staff.CALLED):
        return turn
    if not turn.volatile.links.gateway:
        return turn.visit(staff=Staff.BY_PHONE)
    corr = f"staff:{visit.n}:{turn.volatile.asked + 1}"
    turn = turn.know(asked=turn.volatile.asked + 1).visit(staff=Staff.CALLING)
    reason = visit.view.reason.value if isinstance(visit.view, Declined) else ""
    return turn.do(CallStaff(corr=corr, screen=type(visit.view).__name__.lower(), reason=reason))


def _pin(turn: Turn, pin: str) -> Turn:
    view = turn.here.view
    if not isinstance(view, PinEntry) or not pin:
        return turn
    return identify.ask(turn, view.card, view.number, view.pseudonym, view.hint, pin)


def _print(turn: Turn) -> Turn:
    if not isinstance(turn.here.view, Finished) or turn.here.slip is Slip.PRINTING:
        return turn
    if turn.volatile.paper not in (Paper.READY, Paper.LOW):
        return turn.visit(slip=Slip.FAILED)
    slip = receipt(turn.desk, turn.sentences, turn.volatile, turn.now)
    turn = turn.know(slips=turn.volatile.slips + 1)
    return turn.visit(slip=Slip.PRINTING).do(PrintReceipt(receipt=slip))
