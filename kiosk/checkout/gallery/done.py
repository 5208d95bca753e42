"""How a round ended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kiosk.checkout.gallery.pad import pad_offline, scanned, to_return, twelve
from kiosk.checkout.gallery.stage import READER, Scene, Stage, asked, books, granted
from kiosk.checkout.gallery.work import borrowing
from kiosk.checkout.paper import Moment
from kiosk.domain import ItemBarcode, Key, Refusal, SecurityProof, SecurityState
from kiosk.flow.devices import Printed, SecurityDone
from kiosk.flow.orders import PrintReceipt, SetSecurity
from kiosk.messages.asks import EffectGranted, EffectRefused


def done_all(stage: Stage) -> Moment:
    moment = stage.touch(stage.looked_up(stage.tap(stage.put(stage.begin(), *books(3)))), "borrow")
    return stage.worked(moment, granted)


def done_twelve(stage: Stage) -> Moment:
    return stage.worked(stage.touch(twelve(stage), "borrow"), granted)


def done_some(stage: Stage) -> Moment:
    """Granted, reserved, lifted too early and undone, granted with an alarm to come."""

    def answer(key: Key, item: ItemBarcode) -> Any:
        if item == "D101":
            return EffectRefused(key=key, reason=Refusal.ITEM_ON_HOLD_OTHER)
        return granted(key, item)

    moment = stage.worked(borrowing(stage), answer, lifted=frozenset({"E004D102", "E004D103"}))
    return stage.paper.wait(unseen(stage, moment), 30.0)


def some_left(stage: Stage) -> Moment:
    """One book of three is reserved, and all lie there still."""

    def answer(key: Key, item: ItemBarcode) -> Any:
        if item == "D101":
            return EffectRefused(key=key, reason=Refusal.ITEM_ON_HOLD_OTHER)
        return granted(key, item)

    return stage.worked(borrowing(stage), answer)


def unseen(stage: Stage, moment: Moment) -> Moment:
    """One mark was never touched, of the other nobody knows; both books are off the pad."""
    moment = stage.put(moment)
    for order in asked(moment, SetSecurity):
        never = order.uids == ("E004D102",)
        proof = SecurityProof.NOT_WRITTEN if never else SecurityProof.UNKNOWN
        done = SecurityDone(corr=order.corr, wanted=order.wanted, state=SecurityState.UNKNOWN, proof=proof)
        moment = stage.paper.reply(moment, order, done)
    return moment


def done_none(reason: Refusal) -> Scene:
    def scene(stage: Stage) -> Moment:
        first = stage.tap(stage.put(stage.begin(), *books(1)), replace(READER, limit=None, fee_fen=1250))
        moment = stage.touch(stage.looked_up(first), "borrow")
        return stage.worked(moment, lambda key, item: EffectRefused(key=key, reason=reason))

    return scene


def done_offline(stage: Stage) -> Moment:
    return stage.worked(stage.touch(pad_offline(stage), "borrow"), granted)


def done_scanned(stage: Stage) -> Moment:
    return stage.worked(stage.touch(scanned(stage), "borrow"), granted)


def printing(stage: Stage) -> Moment:
    return stage.touch(done_all(stage), "print")


def printed(ok: bool) -> Scene:
    def scene(stage: Stage) -> Moment:
        moment = printing(stage)
        return stage.paper.reply(moment, asked(moment, PrintReceipt)[0], Printed(ok=ok))

    return scene


def returned(stage: Stage) -> Moment:
    """A hold, a fee, a pause, one that goes to its bin, one that was not on loan, one that was refused."""
    moment = stage.touch(stage.begin(), "start.checkin")
    tags = books(6, mark=SecurityState.OFF)
    moment = stage.touch(stage.looked_up(stage.put(moment, *tags)), "checkin")
    special: dict[str, dict[str, Any]] = {
        "D100": {"hold": True},
        "D101": {"fee_fen": 350, "days_late": 7},
        "D102": {"paused_until": "2026-12-01", "days_late": 1},
        "D104": {"was_on_loan": False},
    }

    def answer(key: Key, item: ItemBarcode) -> Any:
        if item == "D105":
            return EffectRefused(key=key, reason=Refusal.ITEM_ON_HOLD_OTHER)
        return EffectGranted(key=key, **special.get(item, {}))

    return stage.worked(moment, answer)


def returned_unbooked(stage: Stage) -> Moment:
    moment = stage.touch(to_return(stage), "checkin")
    return stage.worked(moment, lambda key, item: None)


def second_round(stage: Stage) -> Moment:
    done = stage.touch(done_all(stage), "again")
    return stage.looked_up(stage.put(done, *books(4)))


def all_done_still_there(stage: Stage) -> Moment:
    return stage.looked_up(stage.touch(done_all(stage), "again"))
