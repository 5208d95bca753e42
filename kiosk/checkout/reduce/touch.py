"""Every button of the desk. The runtime has already dropped touches on screens that are no longer shown."""

from __future__ import annotations

from dataclasses import replace

from kiosk.checkout.pad import Standing, verdicts
from kiosk.checkout.policy import Service
from kiosk.checkout.receipt import receipt
from kiosk.checkout.reduce import giveout, identify, items, session, tech
from kiosk.checkout.reduce.turn import Turn
from kiosk.checkout.states import (
    Account,
    AtPad,
    Declined,
    Finished,
    Help,
    Identifying,
    Phase,
    PinEntry,
    Slip,
    Staff,
    Task,
    WaitCard,
    Working,
)
from kiosk.domain import ItemBarcode, SecurityState
from kiosk.flow.devices import Paper
from kiosk.flow.orders import PrintReceipt
from kiosk.flow.step import CallStaff
from kiosk.messages.records import Op
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
    if visit is not None and visit.warned_until is not None:
        return session.stir(turn)
    if touch.button.startswith("tech."):
        return tech.touched(turn, touch)
    if touch.button.startswith("mode."):
        return _mode(turn, touch.button.removeprefix("mode."))
    if visit is None:
        return _start(turn, touch.button)
    turn = session.stir(turn.visit(notice=""))
    return _in_visit(turn, touch)


def _start(turn: Turn, button: str) -> Turn:
    if turn.volatile.leftover and button != "help":
        return turn
    if button == "help":
        return session.begin(turn, Help(back=WaitCard()), Service.CHECKOUT)
    service = _STARTS.get(button)
    if service is None or not turn.desk.offers(service):
        return turn
    view = AtPad() if service is Service.CHECKIN else WaitCard()
    return session.begin(turn, view, service)


def _mode(turn: Turn, mode: str) -> Turn:
    """Language and display modes take effect in this very turn and keep everything else."""
    visit = turn.volatile.visit
    if mode == "language":
        if visit is None:
            return turn.know(language="en" if turn.volatile.language == "zh" else "zh")
        return session.stir(turn.visit(lang="en" if visit.lang == "zh" else "zh"))
    modes = visit.modes if visit else turn.volatile.modes
    if mode not in Modes.__dataclass_fields__:
        return turn
    changed = replace(modes, **{mode: not getattr(modes, mode)})
    return session.stir(turn.visit(modes=changed)) if visit else turn.know(modes=changed)


def _in_visit(turn: Turn, touch: Touch) -> Turn:
    match touch.button:
        case "finish" | "cancel":
            return turn if isinstance(turn.here.view, Working) else session.end(turn)
        case "leave":  # the way out of a long wait: what has started finishes by itself
            return session.end(turn)
        case "back":
            return _back(turn)
        case "help":
            return turn.view(Help(back=turn.here.view)) if _calm(turn) else turn
        case "staff":
            return _call_staff(turn)
        case "borrow":
            return _borrow(turn, touch.confirms)
        case "checkin":
            return _checkin(turn, touch.confirms)
        case "to.checkin":
            return items.look_up(turn.visit(service=Service.CHECKIN).view(AtPad()))
        case "again":
            return _again(turn)
        case "account":
            turn = turn.visit(service=Service.ACCOUNT)
            return identify.fetch_loans(turn) if turn.here.reader else turn.view(WaitCard())
        case "print":
            return _print(turn)
        case "pin":
            return _pin(turn, touch.text)
        case "card.again":
            return turn.view(WaitCard())
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
            return _renew(turn, touch.confirms)
        case "skip":
            task = turn.volatile.tasks.get(rest)
            return giveout.give_up(turn, task) if task and task.phase is Phase.PUT_BACK else turn
        case "remove":
            left = tuple(item for item in turn.here.scanned if item != rest)
            return turn.visit(scanned=left)
        case _:
            return turn


def _calm(turn: Turn) -> bool:
    return not isinstance(turn.here.view, Working | Identifying | Help)


def _back(turn: Turn) -> Turn:
    match turn.here.view:
        case Help(back=view):
            return turn.view(view)
        case Account() if turn.volatile.pad and turn.here.reader:
            return turn.visit(service=Service.CHECKOUT).view(AtPad())
        case Working():
            return turn
        case _:
            return session.end(turn)


def _again(turn: Turn) -> Turn:
    """Borrow (or return) more: what has ended leaves the list, the reader stays."""
    ended = {task.id for task in turn.volatile.tasks.values() if task.visit == turn.here.n}
    left = {id_: task for id_, task in turn.volatile.tasks.items() if id_ not in ended}
    if isinstance(turn.here.view, Finished):
        turn = turn.know(tasks=left, lookups={}).visit(slip=Slip.OFFERED)
    if turn.here.service is Service.CHECKIN or turn.here.reader is None:
        return items.look_up(turn.view(AtPad()))
    return items.look_up(turn.visit(service=Service.CHECKOUT).view(AtPad()))


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


def _queue(turn: Turn, op: Op, confirms: tuple[str, ...]) -> Turn:
    """One task for each confirmed row that can still be dealt with. What was not on the shown list never starts."""
    turn = _forget_ended(turn)
    for verdict in verdicts(turn.desk, turn.volatile):
        if verdict.standing is not Standing.OK or verdict.item.id not in confirms:
            continue
        item = verdict.item
        task = Task(
            id=f"{turn.here.n}:{op}:{item.item}:{turn.volatile.asked + 1}",
            visit=turn.here.n,
            op=op,
            item=item.item,
            owner=item.owner,
            title=verdict.title,
            uids=item.uids,
            before=item.security if item.uids else SecurityState.ABSENT,
            discs=verdict.discs,
        )
        turn = turn.know(asked=turn.volatile.asked + 1).task(task)
    return _work(turn)


def _forget_ended(turn: Turn) -> Turn:
    left = {id_: task for id_, task in turn.volatile.tasks.items() if task.phase is not Phase.ENDED}
    return turn.know(tasks=left)


def _work(turn: Turn) -> Turn:
    if not any(task.visit == turn.here.n for task in turn.volatile.tasks.values()):
        return turn
    slow = turn.now.mono + turn.desk.times.slow_s
    return turn.visit(slip=Slip.OFFERED).view(Working(since=turn.now.mono)).wake(session.SLOW, slow)


def _borrow(turn: Turn, confirms: tuple[str, ...]) -> Turn:
    ready = isinstance(turn.here.view, AtPad) and turn.here.reader is not None
    return _queue(turn, Op.CHECKOUT, confirms) if ready and turn.desk.offers(Service.CHECKOUT) else turn


def _checkin(turn: Turn, confirms: tuple[str, ...]) -> Turn:
    if not isinstance(turn.here.view, AtPad) or not turn.desk.offers(Service.CHECKIN):
        return turn
    return _queue(turn.visit(service=Service.CHECKIN), Op.CHECKIN, confirms)


def _renew(turn: Turn, confirms: tuple[str, ...]) -> Turn:
    reader = turn.here.reader
    if not isinstance(turn.here.view, Account) or reader is None or reader.known is None:
        return turn
    turn = _forget_ended(turn)
    for line in reader.known.loans:
        if line.item not in confirms:
            continue
        task = Task(
            id=f"{turn.here.n}:{Op.RENEW}:{line.item}:{turn.volatile.asked + 1}",
            visit=turn.here.n,
            op=Op.RENEW,
            item=line.item,
            title=line.title,
            due_before=line.due,
            before=SecurityState.ABSENT,
        )
        turn = turn.know(asked=turn.volatile.asked + 1).task(task)
    return _work(turn.visit(chosen=frozenset()))


def _print(turn: Turn) -> Turn:
    if not isinstance(turn.here.view, Finished) or turn.here.slip is Slip.PRINTING:
        return turn
    if turn.volatile.paper not in (Paper.READY, Paper.LOW):
        return turn.visit(slip=Slip.FAILED)
    slip = receipt(turn.desk, turn.sentences, turn.volatile, turn.now)
    return turn.visit(slip=Slip.PRINTING).do(PrintReceipt(receipt=slip))
