"""The one owner of a card reader: opens it, looks at it, tells what changed, and brings it back when it fails."""

from __future__ import annotations

import contextlib
import enum
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from drivers.card.contract import CardKind, CardReader, CardSeen, KeyKind
from drivers.card.sight import CardEvent, CardHealth, CardShown, CardUnreadable, Sight, WhyUnreadable
from drivers.clock import Hub, Mailbox, MailboxFull
from drivers.errors import BadFrame, DeviceFault, DriverError, LinkLost, NoReply, Refused
from drivers.health import Health, Wellness

ORDERS_MAX = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Sector:
    """Where on a MIFARE Classic card the site keeps its number. The key is a secret of the site."""

    block: int
    key: bytes = field(repr=False)
    key_kind: KeyKind = KeyKind.A


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSettings:
    """Looks per second, patience, and how many looks make a fact."""

    poll_every_s: float = 0.1
    poll_s_max: float = 1.0
    identify_s_max: float = 5.0
    seen_after: int = 1
    left_after: int = 3
    sector: Sector | None = None


class _Order(enum.Enum):
    STOP = enum.auto()
    PARK = enum.auto()
    WAKE = enum.auto()


class CardWatch:
    """Spawn `run` as one task; events come through `deliver`, in that task.

    `open_reader` opens the wire and returns the reader, or raises LinkLost; it is called again after each loss.
    """

    def __init__(
        self,
        open_reader: Callable[[], CardReader],
        hub: Hub,
        deliver: Callable[[CardEvent], None],
        settings: WatchSettings | None = None,
    ) -> None:
        self._open_reader = open_reader
        self._hub = hub
        self._to_owner = deliver
        self._settings = settings or WatchSettings()
        self._orders: Mailbox[_Order] = hub.mailbox(ORDERS_MAX)
        self._sight = Sight(seen_after=self._settings.seen_after, left_after=self._settings.left_after)
        self._wellness = Wellness()
        self._told: Health | None = None
        self._ended = False
        self._reader: CardReader | None = None

    def run(self) -> None:
        """Until `stop`."""
        next_look = self._hub.now()
        while not self._ended and self._time_comes(next_look):
            next_look = self._hub.now() + self._look()
        self._drop_reader()

    def stop(self) -> None:
        """Ends `run` and closes the reader; never blocks."""
        self._ended = True
        with contextlib.suppress(MailboxFull):  # it hangs; then it ends after what it is at
            self._orders.put(_Order.STOP)

    def park(self) -> None:
        """No more looks until `wake`; the reader stays open."""
        self._orders.put(_Order.PARK)

    def wake(self) -> None:
        """Looks at once, and goes on looking."""
        self._orders.put(_Order.WAKE)

    def _time_comes(self, when: float) -> bool:
        """Waits for the next look; False when there is to be none."""
        while True:
            match self._orders.get(when):
                case None:
                    return True
                case _Order.STOP:
                    return False
                case _Order.PARK:
                    when = math.inf
                case _Order.WAKE:
                    when = self._hub.now()

    def _look(self) -> float:
        """One look; the seconds until the next."""
        try:
            reader = self._opened()
            cards = reader.poll(self._hub.now() + self._settings.poll_s_max)
            self._tell_health(self._wellness.good())
            for picture in self._sight.look(cards):
                self._tell(reader, picture, cards)
        except LinkLost as error:
            self._fail(self._wellness.lost(), error)
        except (NoReply, BadFrame, Refused, DeviceFault) as error:
            self._fail(self._wellness.fault(), error)
        return max(self._settings.poll_every_s, self._wellness.backoff_s)

    def _opened(self) -> CardReader:
        if self._reader is None:
            reader = self._open_reader()
            try:
                reader.identify(self._hub.now() + self._settings.identify_s_max)
            except DriverError:
                reader.close()
                raise
            self._reader = reader
        return self._reader

    def _tell(self, reader: CardReader, picture: CardEvent, cards: tuple[CardSeen, ...]) -> None:
        sector = self._settings.sector
        if sector is None or not isinstance(picture, CardShown):
            self._deliver(picture)
            return
        card = next((card for card in cards if card.hex == picture.uid), None)
        if card is None:  # told of a card that this very look missed: ask it when it answers again
            self._sight.forget()
            return
        if picture.kind not in (CardKind.CLASSIC, CardKind.CPU_CLASSIC):
            self._deliver(CardUnreadable(why=WhyUnreadable.FOREIGN))
            return
        by = self._hub.now() + self._settings.poll_s_max
        try:
            block = reader.read_block(card, sector.block, sector.key, sector.key_kind, by)
        except Refused as refusal:
            if refusal.code == "auth":
                self._deliver(CardUnreadable(why=WhyUnreadable.FOREIGN))
            else:
                self._sight.forget()
        except DriverError:
            self._sight.forget()
            raise
        else:
            self._deliver(replace(picture, block=block))

    def _fail(self, wellness: Wellness, error: DriverError) -> None:
        self._tell_health(wellness, error.code)
        if wellness.health in (Health.MUTE, Health.GONE):
            self._drop_reader()
            for picture in self._sight.lost():
                self._deliver(picture)

    def _deliver(self, event: CardEvent) -> None:
        """Once ended it has nothing to say any more: another watch may speak for the reader already."""
        if not self._ended:
            self._to_owner(event)

    def _tell_health(self, wellness: Wellness, code: str = "") -> None:
        self._wellness = wellness
        if wellness.health is not self._told:
            self._told = wellness.health
            self._deliver(CardHealth(health=wellness.health, code=code))

    def _drop_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None
