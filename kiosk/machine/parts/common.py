"""What all parts share."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from drivers.capture import Recorder, Redact, Way, hide_all
from drivers.clock import Clock
from drivers.errors import LinkLost
from drivers.health import Health
from drivers.link import Link, Opener
from kiosk.domain.faults import port_code
from kiosk.flow.events import PartChanged, PartHealth
from kiosk.messages.asks import ItemHint, PatronHint

WIRE_LINES_MAX: Final = 40
BYTES_A_ROW: Final = 8
_SIGNS: Final = {Way.TX.value: ">", Way.RX.value: "<", Way.LOST.value: "!"}

Post = Callable[[Any], None]


class Part(Protocol):
    """A device of the machine. What came of `start` and `test` is told by events (PartChanged, PartTested)."""

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
        """Raises LinkLost; its code is the system's reason where there is one, as `circdesk diag` tells it."""
        try:
            link = self._opener()
        except LinkLost as error:
            cause = error.__cause__
            code = port_code(cause.errno if isinstance(cause, OSError) else None, error.code)
            if code == error.code:
                raise
            raise LinkLost(error.device, code, error.message) from cause
        return Recorder(link, self._clock, self._lines.append, self._redact)

    def last(self) -> tuple[str, ...]:
        """Way, seconds since the wire was opened, bytes and text, in columns of a monospaced face; oldest first."""
        return tuple(line for trace in self._lines for line in _columns(trace, hidden=self._redact is not None))

    @property
    def reply_ms(self) -> int | None:
        """How long the last answer took; None before the first one."""
        sent = None
        found = None
        for trace in tuple(self._lines):
            entry = json.loads(trace)
            if entry["way"] == Way.TX:
                sent = float(entry["t"])
            elif entry["way"] == Way.RX and sent is not None:
                found, sent = round((float(entry["t"]) - sent) * 1000), None
        return found


@dataclass(frozen=True, slots=True)
class Hints:
    """What the offline snapshot knows, if it is young enough; safe to ask from any task."""

    item: Callable[[str], ItemHint | None]
    patron: Callable[[str], PatronHint | None]


def _columns(trace: str, *, hidden: bool) -> Iterator[str]:
    """One trace line of drivers.capture in rows of `BYTES_A_ROW`; of a personal wire the length only."""
    entry = json.loads(trace)
    data = bytes.fromhex(entry["hex"])
    begin = f"{_SIGNS[entry['way']]} {float(entry['t']):9.3f}"
    if hidden or not data:
        yield f"{begin}  {f'{len(data)} B' if data else '-'}"
        return
    for at in range(0, len(data), BYTES_A_ROW):
        row = data[at : at + BYTES_A_ROW]
        text = "".join(chr(byte) if 0x20 < byte < 0x7F else "." for byte in row)
        yield f"{begin}  {row.hex(' ').upper():<{BYTES_A_ROW * 3 - 1}}  {text}"


def health_event(part: str, health: Health, code: str = "") -> PartChanged:
    return PartChanged(part=part, health=PartHealth(health.value), code=code)
