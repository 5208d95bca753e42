"""The far end of a keyboard scanner: the events the kernel writes when it types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from drivers.barcode.text import GS
from drivers.barcode.wedge import keys
from drivers.barcode.wedge.protocol import EV_KEY, EV_SYN, EVENT, PRESSED, RELEASED, SYN_DROPPED, SYN_REPORT
from drivers.clock import Clock

EV_MSC = 4
MSC_SCAN = 4
LEFT_SHIFT = 42
LEFT_CONTROL = 29
KEY_STEP_S = 0.004  # between two keys of one code


@dataclass(slots=True)
class WedgeSetup:
    """As printed on the scanner's set-up sheet, and how it fails."""

    prefix: str = ""
    aim: bool = False
    suffix: str = ""
    end: int | None = keys.KEY_ENTER
    chunk_bytes: int = 0  # the pipe delivers pieces of this size; 0: an event report at a time


class WedgeSim:
    """Writes events by `write`. The kernel stamps them with the wall clock; the step between keys is the scanner's."""

    def __init__(self, write: Callable[[bytes], None], clock: Clock, setup: WedgeSetup | None = None) -> None:
        self.setup = setup or WedgeSetup()
        self._write = write
        self._clock = clock
        self._strokes = _strokes()
        self._at_s = 0.0

    def scan(self, text: str, symbology: str = "C1") -> None:
        """A code is read."""
        self._begin()
        self._type(self._body(text, symbology))
        if self.setup.end is not None:
            self.stroke(self.setup.end)

    def tear(self, text: str, after: int) -> None:
        """The cable is shaken after so many characters: the rest never comes."""
        self._begin()
        self._type(self._body(text, "C1")[:after])

    def stroke(self, code: int, *held: int) -> None:
        """A key goes down and up again, with others held."""
        for key, value in [*((key, PRESSED) for key in held), (code, PRESSED), (code, RELEASED)]:
            self._report(key, value)
        for key in reversed(held):
            self._report(key, RELEASED)
        self._at_s += KEY_STEP_S

    def drop(self) -> None:
        """The kernel's queue overflowed: events before this were lost."""
        self._put(
            self._event(EV_SYN, SYN_DROPPED, 0) + self._event(EV_KEY, 2, PRESSED) + self._event(EV_SYN, SYN_REPORT, 0)
        )

    def send(self, data: bytes) -> None:
        """These very bytes."""
        self._put(data)

    def _begin(self) -> None:
        self._at_s = max(self._at_s, self._clock.wall())

    def _body(self, text: str, symbology: str) -> str:
        return self.setup.prefix + (f"]{symbology}" if self.setup.aim else "") + text + self.setup.suffix

    def _type(self, text: str) -> None:
        for character in text:
            if character == GS:
                self.stroke(keys.KEY_RIGHTBRACE, LEFT_CONTROL)
            else:
                code, shift = self._strokes[character]
                self.stroke(code, *([LEFT_SHIFT] if shift else []))

    def _report(self, code: int, value: int) -> None:
        self._put(
            self._event(EV_MSC, MSC_SCAN, code) + self._event(EV_KEY, code, value) + self._event(EV_SYN, SYN_REPORT, 0)
        )

    def _event(self, kind: int, code: int, value: int) -> bytes:
        seconds = int(self._at_s)
        return EVENT.pack(seconds, int((self._at_s - seconds) * 1e6), kind, code, value)

    def _put(self, data: bytes) -> None:
        step = self.setup.chunk_bytes or len(data)
        for at in range(0, len(data), step):
            self._write(data[at : at + step])


def _strokes() -> dict[str, tuple[int, bool]]:
    """How to type each character: key code and shift. Of two keys the one on the main block."""
    strokes: dict[str, tuple[int, bool]] = {}
    for code, (plain, shifted) in keys.US.items():
        strokes.setdefault(plain, (code, False))
        strokes.setdefault(shifted, (code, True))
    return strokes
