"""A visit's beginning, its clock and its end."""

from __future__ import annotations

from dataclasses import replace

from kiosk.checkout.policy import Service, patience
from kiosk.checkout.reduce.turn import Turn
from kiosk.checkout.states import (
    AtPad,
    Declined,
    Finished,
    Left,
    Phase,
    Task,
    Tech,
    TechLogin,
    View,
    Visit,
    Volatile,
    Working,
)
from kiosk.domain import ItemBarcode
from kiosk.flow.devices import PadTag
from kiosk.flow.step import AskReader, WakeAt
from kiosk.messages.asks import Want
from kiosk.messages.records import Op
from kiosk.screen import Modes

IDLE = "idle"
IDLE_END = "idle.end"
SLOW = "slow"


def begin(turn: Turn, view: View, service: Service) -> Turn:
    """A new visit; inherits language and modes from the attract screen."""
    n = turn.volatile.visits + 1
    now = turn.now.mono
    visit = Visit(
        n=n,
        view=view,
        service=service,
        lang=turn.volatile.language,
        modes=turn.volatile.modes,
        touched=now,
        view_since=now,
        books_first=isinstance(view, AtPad),
    )
    return stir(turn.know(visit=visit, visits=n))


def first_service(turn: Turn) -> Service:
    """What a book on the pad means to a machine that nobody has told anything yet."""
    return Service.CHECKOUT if turn.desk.offers(Service.CHECKOUT) else Service.CHECKIN


def card_service(turn: Turn) -> Service:
    """What a card means to it."""
    return Service.CHECKOUT if turn.desk.offers(Service.CHECKOUT) else Service.ACCOUNT


def show(turn: Turn, view: View) -> Turn:
    """Another view, and its own idle clock."""
    return stir(turn.view(view))


def stir(turn: Turn) -> Turn:
    """Somebody is there: starts the idle clock anew and takes a warning away."""
    turn = turn.visit(touched=turn.now.mono, warned_until=None)
    return turn.wake(IDLE, turn.now.mono + _idle_s(turn)).wake(IDLE_END, None)


def _idle_s(turn: Turn) -> float:
    times = turn.desk.times
    match turn.here.view:
        case Finished():
            return times.finished_s * patience(turn.here.modes)
        case Declined():
            return times.declined_s * patience(turn.here.modes)
        case _:
            return times.idle_s * patience(turn.here.modes)


def idle(turn: Turn) -> Turn:
    """The idle clock ran out: finished screens close by themselves, others warn first, work is never interrupted."""
    match turn.here.view:
        case Working():
            return turn.wake(IDLE, turn.now.mono + turn.desk.times.idle_s)
        case Finished() | Declined():
            return end(turn)
        case _:
            until = turn.now.mono + turn.desk.times.warning_s * patience(turn.here.modes)
            return turn.visit(warned_until=until).wake(IDLE_END, until)


def idle_end(turn: Turn) -> Turn:
    return end(turn) if turn.here.warned_until is not None else turn


def end(turn: Turn) -> Turn:
    """The reader is gone: everything personal goes now, started keys finish by themselves, unstarted never begin."""
    visit = turn.here
    reader = visit.reader
    if reader is not None and reader.known is not None and turn.volatile.links.online:
        turn, corr = turn.corr("end")
        turn = turn.do(AskReader(corr=corr, number=reader.known.patron, want=Want.END))
    running = {
        id_: replace(task, title="", call_number="", answer=None)
        for id_, task in turn.volatile.tasks.items()
        if task.phase not in (Phase.QUEUED, Phase.ENDED)
    }
    turn = turn.know(
        visit=None,
        tasks=running,
        lookups={},
        leftover={tag.uid: _left(turn.volatile, visit, tag) for tag in turn.volatile.pad},
        card_stale=turn.volatile.card_lies is not None,
        language=turn.desk.language,
        modes=Modes(),
    )
    return turn.do(*(WakeAt(name=name, at=None) for name in (IDLE, IDLE_END, SLOW)))


def _left(volatile: Volatile, visit: Visit, tag: PadTag) -> Left:
    """A return under way is carried through: what lies there is no longer the reader's to take."""
    if tag.item and tag.item in visit.lent:
        return Left.LENT
    if tag.item and tag.item in visit.taken_in:
        return Left.TAKEN_IN
    if any(_returning(task, tag) for task in volatile.tasks.values()):
        return Left.TAKEN_IN
    earlier = volatile.leftover.get(tag.uid)
    if earlier is not None:
        return earlier
    return Left.NOT_TAKEN_IN if visit.service is Service.CHECKIN else Left.NOT_LENT


def _returning(task: Task, tag: PadTag) -> bool:
    return task.op is Op.CHECKIN and task.phase in (Phase.ARMING, Phase.ASKING) and tag.uid in task.uids


def is_technician(volatile: Volatile) -> bool:
    return volatile.visit is not None and isinstance(volatile.visit.view, Tech | TechLogin)


def without_scanned(turn: Turn, items: frozenset[ItemBarcode]) -> Turn:
    """Items handled by barcode leave the list once they have ended."""
    left = tuple(item for item in turn.here.scanned if item not in items)
    return turn.visit(scanned=left)
