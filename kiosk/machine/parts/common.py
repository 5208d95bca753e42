"""What all parts share."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from drivers.capture import Recorder, Redact, hide_all
from drivers.clock import Clock
from drivers.health import Health
from drivers.link import Link, Opener
from kiosk.flow.events import PartChanged, PartHealth
from kiosk.messages.asks import ItemHint, PatronHint

WIRE_LINES_MAX: Final = 40

Post = Callable[[Any], None]


class Part(Protocol):
    """A device of the machine. `test` and `restart` answer by events (PartTested, PartChanged)."""

    name: str
    wire: Wire

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def test(self) -> None: ...


class Wire:
    """An opener that remembers the last frames for the technician. Personal wires keep times and lengths only."""

    def __init__(self, opener: Opener, clock: Clock, *, personal: bool) -> None:
        self._opener = opener
        self._clock = clock
        self._redact: Redact | None = hide_all if personal else None
        self._lines: deque[str] = deque(maxlen=WIRE_LINES_MAX)

    def open(self) -> Link:
        return Recorder(self._opener(), self._clock, self._lines.append, self._redact)

    def last(self) -> tuple[str, ...]:
        return tuple(self._lines)


@dataclass(frozen=True, slots=True)
class Hints:
    """What the offline snapshot knows, if it is young enough; safe to ask from any task."""

    item: Callable[[str], ItemHint | None]
    patron: Callable[[str], PatronHint | None]


def health_event(part: str, health: Health, code: str = "") -> PartChanged:
    return PartChanged(part=part, health=PartHealth(health.value), code=code)
