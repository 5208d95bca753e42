"""The screen of a desk as a value: a pure picture of its state, in the reader's language.

`parts` holds what every screen shares (header, dock, dates), `words` what a refusal is called, the others one family
of screens each.
"""

from __future__ import annotations

from typing import assert_never

from kiosk.checkout.picture import account, books, lobby, technician
from kiosk.checkout.picture.parts import Brush
from kiosk.checkout.policy import Desk
from kiosk.checkout.states import (
    Account,
    AtPad,
    Declined,
    Durable,
    Finished,
    Help,
    Identifying,
    PinEntry,
    Tech,
    TechLogin,
    View,
    Visit,
    Volatile,
    WaitCard,
    Working,
)
from kiosk.flow.step import Now
from kiosk.screen import Screen, Sentences

__all__ = ["picture"]


def picture(desk: Desk, sentences: Sentences, durable: Durable, volatile: Volatile, now: Now) -> Screen:
    """What is to be seen now. The runtime gives it its turn."""
    brush = Brush(desk=desk, sentences=sentences, durable=durable, volatile=volatile, now=now)
    visit = volatile.visit
    if visit is None:
        return lobby.empty(brush)
    if visit.warned_until is not None and not isinstance(visit.view, Tech | TechLogin):
        return lobby.warning(brush, visit)
    if visit.helping:
        return lobby.help_(brush, visit)
    return _view(brush, visit, visit.view)


def _view(brush: Brush, visit: Visit, view: View) -> Screen:
    match view:
        case WaitCard():
            return lobby.wait_card(brush, view)
        case Identifying():
            return lobby.identifying(brush)
        case PinEntry():
            return lobby.pin(brush, view)
        case AtPad():
            return books.at_pad(brush, visit)
        case Working():
            return books.working(brush, visit, view)
        case Finished():
            return books.finished(brush, visit)
        case Account():
            return account.account(brush, visit, view)
        case Declined():
            return lobby.declined(brush, visit, view)
        case Help():
            return lobby.help_(brush, visit)
        case TechLogin():
            return technician.login(brush, view)
        case Tech():
            return technician.overview(brush, view)
        case _:
            assert_never(view)
