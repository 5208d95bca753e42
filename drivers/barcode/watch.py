"""The one owner of a scanner: opens it, hands on what it reads, and brings it back when its plug was out."""

from __future__ import annotations

import contextlib
import enum
import math
from collections.abc import Callable

from drivers.barcode.contract import ScanEvent, Scanner, ScannerHealth
from drivers.clock import Hub, Mailbox, MailboxFull
from drivers.errors import LinkLost
from drivers.health import Health, Wellness

ORDERS_MAX = 16
ORDERS_EVERY_S = 0.5  # how long a read may keep the watch from its orders


class _Order(enum.Enum):
    STOP = enum.auto()
    PARK = enum.auto()
    WAKE = enum.auto()


class ScanWatch:
    """Spawn `run` as one task; events come through `deliver`, in that task.

    `open_scanner` opens the wire and returns the scanner, or raises LinkLost; it is called again after each loss.
    """

    def __init__(self, open_scanner: Callable[[], Scanner], hub: Hub, deliver: Callable[[ScanEvent], None]) -> None:
        self._open_scanner = open_scanner
        self._hub = hub
        self._to_owner = deliver
        self._orders: Mailbox[_Order] = hub.mailbox(ORDERS_MAX)
        self._wellness = Wellness()
        self._told: Health | None = None
        self._ended = False
        self._scanner: Scanner | None = None

    def run(self) -> None:
        """Until `stop`."""
        next_read = self._hub.now()
        while not self._ended and self._time_comes(next_read):
            next_read = self._hub.now() + self._read()
        self._drop()

    def stop(self) -> None:
        """Ends `run` and closes the scanner; never blocks."""
        self._ended = True
        with contextlib.suppress(MailboxFull):  # it hangs; then it ends after what it is at
            self._orders.put(_Order.STOP)

    def park(self) -> None:
        """Reads no more until `wake`; what is scanned meanwhile is thrown away."""
        self._orders.put(_Order.PARK)

    def wake(self) -> None:
        self._orders.put(_Order.WAKE)

    def _time_comes(self, when: float) -> bool:
        """Waits until it is time to read; False when there is to be no more reading."""
        parked = False
        while True:
            match self._orders.get(math.inf if parked else when):
                case None:
                    return True
                case _Order.STOP:
                    return False
                case _Order.PARK:
                    parked = True
                case _Order.WAKE if parked:
                    parked = False
                    self._try(lambda scanner: scanner.discard())
                case _Order.WAKE:
                    pass

    def _read(self) -> float:
        """Reads until it is time to look for orders; the seconds to wait before the next read."""
        self._try(self._hand_on)
        return self._wellness.backoff_s

    def _hand_on(self, scanner: Scanner) -> None:
        scan = scanner.read(self._hub.now() + ORDERS_EVERY_S)
        if scan is not None:
            self._deliver(scan)

    def _try(self, act: Callable[[Scanner], None]) -> None:
        try:
            act(self._opened())
        except LinkLost as error:
            self._drop()
            self._tell_health(self._wellness.lost(), error.code)

    def _opened(self) -> Scanner:
        if self._scanner is None:
            self._scanner = self._open_scanner()
            self._scanner.discard()
            self._tell_health(self._wellness.good())
        return self._scanner

    def _deliver(self, event: ScanEvent) -> None:
        """Once ended it has nothing to say any more: another watch may speak for the scanner already."""
        if not self._ended:
            self._to_owner(event)

    def _tell_health(self, wellness: Wellness, code: str = "") -> None:
        self._wellness = wellness
        if wellness.health is not self._told:
            self._told = wellness.health
            self._deliver(ScannerHealth(health=wellness.health, code=code))

    def _drop(self) -> None:
        if self._scanner is not None:
            self._scanner.close()
            self._scanner = None
