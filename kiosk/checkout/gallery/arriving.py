"""Arriving: the first screen, the card, the PIN, a plain no."""

from __future__ import annotations

from kiosk.checkout.gallery.stage import CARD, Scene, Stage, books
from kiosk.checkout.paper import Moment, card
from kiosk.domain import Refusal
from kiosk.flow.devices import CardUnreadable, CodeKind, Scanned
from kiosk.flow.events import JournalState, PartChanged, PartHealth
from kiosk.messages.asks import PatronRefused


def attract_offline(stage: Stage) -> Moment:
    return stage.begin(online=False)


def attract_returns_only(stage: Stage) -> Moment:
    return stage.hear(stage.begin(), JournalState(ok=False, why="quarantined"))


def attract_pad_dead(stage: Stage) -> Moment:
    return stage.hear(stage.begin(), PartChanged(part="pad", health=PartHealth.GONE))


def attract_card_reader_dead(stage: Stage) -> Moment:
    return stage.hear(stage.begin(), PartChanged(part="card", health=PartHealth.MUTE))


def attract_pad_and_card_reader_dead(stage: Stage) -> Moment:
    return stage.hear(attract_pad_dead(stage), PartChanged(part="card", health=PartHealth.GONE))


def attract_card_left(stage: Stage) -> Moment:
    return stage.touch(stage.tap(stage.begin()), "cancel")


def wait_card(stage: Stage) -> Moment:
    return stage.touch(stage.begin(), "start.checkout")


def no_card_reader(stage: Stage) -> Moment:
    return stage.touch(attract_card_reader_dead(stage), "start.checkout")


def scanned_before_card(stage: Stage) -> Moment:
    return stage.hear(wait_card(stage), Scanned(kind=CodeKind.ITEM, text="D100"))


def scanned_while_refused(stage: Stage) -> Moment:
    return stage.hear(declined(Refusal.PATRON_EXPIRED)(stage), Scanned(kind=CodeKind.ITEM, text="D100"))


def card_unreadable(stage: Stage) -> Moment:
    return stage.hear(wait_card(stage), CardUnreadable())


def identifying(stage: Stage) -> Moment:
    return stage.hear(stage.begin(), card(CARD))


def pin(stage: Stage) -> Moment:
    return stage.hear(stage.begin(), card(CARD))


def pin_wrong(stage: Stage) -> Moment:
    return stage.known(stage.touch(pin(stage), "pin", text="0"), PatronRefused(reason=Refusal.PIN_WRONG, tries_left=2))


def declined(reason: Refusal) -> Scene:
    def scene(stage: Stage) -> Moment:
        first = stage.put(stage.begin(), *books(1))
        if reason is Refusal.PATRON_CARD_RANDOM:
            return stage.hear(first, card(CARD, random=True))
        return stage.tap(first, PatronRefused(reason=reason, locked_s=600))

    return scene


def declined_away(stage: Stage) -> Moment:
    return stage.hear(stage.begin(online=False), card(CARD))
