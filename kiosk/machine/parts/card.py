"""The campus-card reader: a uid becomes the number the site's card centre knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from drivers.card import (
    CardEvent,
    CardGone,
    CardHealth,
    CardReader,
    CardShown,
    CardsMany,
    CardUnreadable,
    CardWatch,
    UidFormat,
    WatchSettings,
    WhyUnreadable,
    card_number,
)
from drivers.clock import Hub
from kiosk.flow import devices
from kiosk.flow.devices import PartTested
from kiosk.machine.parts.common import Post, Wire, health_event


@dataclass(frozen=True, slots=True, kw_only=True)
class CardNumber:
    """A card's number on its way to the core, which adds pseudonym and hint. Personal: not in repr."""

    number: str
    random: bool = False

    def __repr__(self) -> str:
        return f"CardNumber(random={self.random})"


class CardPart:
    """Owns a CardWatch."""

    name = "card"

    def __init__(
        self,
        *,
        hub: Hub,
        wire: Wire,
        make_reader: Callable[[Wire], CardReader],
        form: UidFormat,
        post: Post,
        settings: WatchSettings | None = None,
    ) -> None:
        self.wire = wire
        self._hub = hub
        self._make_reader = make_reader
        self._form = form
        self._post = post
        self._settings = settings
        self._health = ""
        self._watch = self._new_watch()

    def _new_watch(self) -> CardWatch:
        return CardWatch(lambda: self._make_reader(self.wire), self._hub, self._report, self._settings)

    def start(self) -> None:
        self._hub.spawn("card", self._watch.run)

    def stop(self) -> None:
        self._watch.stop()
        self._watch = self._new_watch()

    def test(self) -> None:
        """The watch asks the reader many times a second anyway; its state is the test."""
        took = self.wire.reply_ms
        numbers = self._health or "?" if took is None else f"{self._health} · {took} ms"
        self._post(PartTested(part=self.name, ok=self._health == "ok", numbers=numbers))

    def _report(self, event: CardEvent) -> None:
        match event:
            case CardShown(uid=uid, block=block):
                number = block.rstrip(b"\0 ").decode("ascii", "replace") if block else self._number(uid)
                self._post(CardNumber(number=number))
            case CardGone():
                self._post(devices.CardGone())
            case CardsMany():
                self._post(devices.CardsMany())
            case CardUnreadable(why=WhyUnreadable.RANDOM_UID):
                self._post(CardNumber(number="", random=True))
            case CardUnreadable():
                self._post(devices.CardUnreadable())
            case CardHealth(health=health, code=code):
                self._health = health.value
                self._post(health_event(self.name, health, code))

    def _number(self, uid: str) -> str:
        return card_number(bytes.fromhex(uid), self._form)
