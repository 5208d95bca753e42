"""Books under way."""

from __future__ import annotations

from kiosk.checkout.gallery.stage import Stage, asked, books, granted
from kiosk.checkout.paper import Moment
from kiosk.domain import SecurityProof, SecurityState
from kiosk.flow.devices import CodeKind, Scanned, SecurityDone
from kiosk.flow.orders import SetSecurity
from kiosk.flow.step import SendIntent


def borrowing(stage: Stage) -> Moment:
    return stage.touch(stage.looked_up(stage.tap(stage.put(stage.begin(), *books(4)))), "borrow")


def working(stage: Stage) -> Moment:
    """One done, two under way, one waiting."""
    moment = borrowing(stage)
    moment = stage.one(moment, asked(moment, SendIntent)[0], granted)
    for ask in asked(moment, SendIntent, SetSecurity):
        moment = stage.one(moment, ask, granted)
    return moment


def scanned_meanwhile(stage: Stage) -> Moment:
    return stage.hear(working(stage), Scanned(kind=CodeKind.ITEM, text="D900"))


def slow(stage: Stage) -> Moment:
    """The library system takes four seconds for each book."""
    moment = borrowing(stage)
    for _ in range(2):
        moment = stage.paper.wait(moment, 4.0)
        for ask in asked(moment, SendIntent, SetSecurity):
            moment = stage.one(moment, ask, granted)
    return stage.paper.wait(moment, 3.0)


def put_back(stage: Stage) -> Moment:
    moment = borrowing(stage)
    moment = stage.one(moment, asked(moment, SendIntent)[0], granted)
    order = asked(moment, SetSecurity)[0]
    moment = stage.put(moment, *books(4)[1:])
    done = SecurityDone(
        corr=order.corr, wanted=order.wanted, state=SecurityState.UNKNOWN, proof=SecurityProof.NOT_WRITTEN
    )
    return stage.paper.wait(stage.paper.reply(moment, order, done), 5.0)


def put_back_unknown(stage: Stage) -> Moment:
    """A write was sent and nobody saw what became of it."""
    moment = borrowing(stage)
    moment = stage.one(moment, asked(moment, SendIntent)[0], granted)
    order = asked(moment, SetSecurity)[0]
    moment = stage.put(moment, *books(4)[1:])
    done = SecurityDone(corr=order.corr, wanted=order.wanted, state=SecurityState.UNKNOWN, proof=SecurityProof.UNKNOWN)
    return stage.paper.reply(moment, order, done)
