"""Record what passes over any Link, and play a recording back as a Link: a fault in the field becomes a test.

A trace is JSON lines: `{"t": seconds since the start, "way": "tx" | "rx" | "lost", "hex": "..."}`; tx is what the
driver wrote.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from drivers.clock import Clock
from drivers.errors import LinkLost
from drivers.link import Link


class Way(enum.StrEnum):
    """Which way a chunk went, seen from the driver."""

    TX = "tx"
    RX = "rx"
    LOST = "lost"


Redact = Callable[[Way, bytes], bytes]
"""What may be written of a chunk. A family that hides reader data frames the stream itself: it returns b"" (no line)
until a frame is whole, so that nothing leaks over the edge of a chunk, then the frame with the data replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a trace."""

    t: float
    way: Way
    data: bytes


def hide_all(_way: Way, data: bytes) -> bytes:
    """Keeps times and lengths only: for wires that carry card numbers or PINs."""
    return bytes(len(data))


class Recorder:
    """A Link that passes everything through and gives each chunk as a line of text (without newline) to `sink`.

    `redact` sees every chunk before it is written; what it holds back is never written.
    """

    def __init__(self, link: Link, clock: Clock, sink: Callable[[str], object], redact: Redact | None = None) -> None:
        self._link = link
        self._clock = clock
        self._sink = sink
        self._redact = redact
        self._start = clock.now()

    def write(self, data: bytes) -> None:
        # Before the wire: if the wire dies in this call, the trace still says what was attempted.
        self._note(Way.TX, data)
        try:
            self._link.write(data)
        except LinkLost:
            self._line(Way.LOST, b"")
            raise

    def read(self, by: float) -> bytes:
        try:
            data = self._link.read(by)
        except LinkLost:
            self._line(Way.LOST, b"")
            raise
        if data:
            self._note(Way.RX, data)
        return data

    def close(self) -> None:
        self._link.close()

    def _note(self, way: Way, data: bytes) -> None:
        shown = self._redact(way, data) if self._redact else data
        if shown:
            self._line(way, shown)

    def _line(self, way: Way, data: bytes) -> None:
        seconds = round(self._clock.now() - self._start, 6)
        self._sink(json.dumps({"t": seconds, "way": way.value, "hex": data.hex()}))


def parse(lines: Iterable[str]) -> tuple[Entry, ...]:
    """Decodes a trace; blank lines are skipped. Raises ValueError naming the line that is none."""
    entries: list[Entry] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
            entries.append(Entry(t=float(raw["t"]), way=Way(raw["way"]), data=bytes.fromhex(raw["hex"])))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"line {number} is no trace entry: {error!r}") from error
    return tuple(entries)


class TraceMismatch(AssertionError):
    """The driver did not do what the recorded one did: a bug, or a change that the trace must follow."""


class Replay:
    """Plays a trace as the device's end: checks what is written, answers what was recorded, at the recorded pace.

    A read returns b"" by its deadline where the trace has the driver speak next, and raises LinkLost where the wire
    was lost or the trace ends. `finished` is True once every entry has been used.
    """

    def __init__(self, entries: Iterable[Entry], clock: Clock, name: str = "replay") -> None:
        self._entries = tuple(entries)
        self._clock = clock
        self._name = name
        self._next = 0
        self._rest = b""
        self._last_t = 0.0
        self._last_now = clock.now()

    @property
    def finished(self) -> bool:
        return self._next == len(self._entries) and not self._rest

    def write(self, data: bytes) -> None:
        """Raises TraceMismatch with the position when `data` is not what the recorded driver wrote here."""
        unsent = data
        while unsent:
            if not self._rest:
                self._rest = self._take_tx(unsent)
            part = self._rest[: len(unsent)]
            if not unsent.startswith(part):
                raise TraceMismatch(f"entry {self._next}: wrote {unsent.hex()}, recorded {self._rest.hex()}")
            unsent, self._rest = unsent[len(part) :], self._rest[len(part) :]

    def read(self, by: float) -> bytes:
        entry = self._peek()
        if entry is None:
            raise LinkLost(self._name, "end", "the trace ends here")
        due = self._last_now + entry.t - self._last_t
        if self._rest or entry.way is Way.TX or due > by:
            self._clock.wait_until(by)
            return b""
        self._clock.wait_until(due)
        self._advance(entry)
        if entry.way is Way.LOST:
            raise LinkLost(self._name, "lost", "the wire was lost here")
        return entry.data

    def close(self) -> None:
        """Nothing to give back."""

    def _take_tx(self, data: bytes) -> bytes:
        entry = self._peek()
        if entry is None or entry.way is not Way.TX:
            expected = "the end" if entry is None else f"{entry.way} {entry.data.hex()}"
            raise TraceMismatch(f"entry {self._next + 1}: wrote {data.hex()}, recorded {expected}")
        self._advance(entry)
        return entry.data

    def _peek(self) -> Entry | None:
        return self._entries[self._next] if self._next < len(self._entries) else None

    def _advance(self, entry: Entry) -> None:
        self._next += 1
        self._last_t = entry.t
        self._last_now = self._clock.now()
