"""The barcode and QR scanner: whole codes, told apart by the core."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from drivers.barcode import Scanned, Scanner, ScannerHealth, ScanWatch
from drivers.barcode.contract import ScanEvent
from drivers.clock import Hub
from kiosk.flow.devices import PartTested
from kiosk.machine.parts.common import Post, Wire, health_event


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A scanned text on its way to the core. It may be a reader's: not in repr."""

    text: str

    def __repr__(self) -> str:
        return "Code()"


class ScannerPart:
    """Owns a ScanWatch."""

    name = "scanner"

    def __init__(self, *, hub: Hub, wire: Wire, make_scanner: Callable[[Wire], Scanner], post: Post) -> None:
        self.wire = wire
        self._hub = hub
        self._make_scanner = make_scanner
        self._post = post
        self._health = ""
        self._watch = self._new_watch()

    def _new_watch(self) -> ScanWatch:
        return ScanWatch(lambda: self._make_scanner(self.wire), self._hub, self._report)

    def start(self) -> None:
        self._hub.spawn("scanner", self._watch.run)

    def stop(self) -> None:
        self._watch.stop()
        self._watch = self._new_watch()

    def test(self) -> None:
        """A silent scanner is well: all there is to test is whether its wire is open."""
        self._post(PartTested(part=self.name, ok=self._health == "ok", numbers=self._health or "?"))

    def _report(self, event: ScanEvent) -> None:
        match event:
            case Scanned(text=text):
                self._post(Code(text=text))
            case ScannerHealth(health=health, code=code):
                self._health = health.value
                self._post(health_event(self.name, health, code))
            case _:
                pass  # half a code is no code: the reader scans again
