"""From the kernel's key events to codes: a scanner that plays a keyboard. Pure.

Source: Linux, Documentation/input/input.rst (struct input_event) and event-codes.rst (EV_KEY values, SYN_DROPPED).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from drivers.barcode.contract import WhyUnreadable
from drivers.barcode.text import GS
from drivers.barcode.wedge import keys
from drivers.barcode.wedge.keys import US, Layout

EVENT = struct.Struct("@llHHi")  # seconds, microseconds, type, code, value; of this machine's word size
EV_SYN = 0
EV_KEY = 1
SYN_REPORT = 0
SYN_DROPPED = 3
RELEASED = 0
PRESSED = 1


@dataclass(frozen=True, slots=True)
class InputEvent:
    """One event; `at_s` is the kernel's time of it, which may jump with the wall clock."""

    at_s: float
    type: int
    code: int
    value: int


class EventCutter:
    """Cuts a stream into events, however the bytes arrive."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[InputEvent]:
        data = self._buffer + data
        whole = len(data) - len(data) % EVENT.size
        self._buffer = data[whole:]
        return [
            InputEvent(seconds + micros / 1e6, kind, code, value)
            for seconds, micros, kind, code, value in EVENT.iter_unpack(data[:whole])
        ]


Typed = str | WhyUnreadable


class Typist:
    """Follows the keys of one scanner and tells each code that was typed, or why it is none.

    `gap_ends`: a pause of `gap_s` between two keys ends a code, else it tears one. A code in which any key was not
    understood is unreadable as a whole: no character is left out silently.
    """

    def __init__(self, *, gap_s: float, gap_ends: bool, length_max: int, layout: Layout = US) -> None:
        self._gap_s = gap_s
        self._gap_ends = gap_ends
        self._length_max = length_max
        self._layout = layout
        self._held: set[int] = set()
        self._caps = False
        self._dropping = False  # between SYN_DROPPED and the next report events are meaningless
        self._text = ""
        self._spoilt: WhyUnreadable | None = None
        self._last_at_s = 0.0

    @property
    def partial(self) -> bool:
        """A code has begun and not ended."""
        return bool(self._text) or self._spoilt is not None

    def feed(self, event: InputEvent) -> list[Typed]:
        """The codes that this event ends: none, one, or two after a pause."""
        if event.type == EV_SYN:
            self._synchronise(event.code)
            return []
        if event.type != EV_KEY or self._dropping:
            return []
        if event.value == RELEASED:
            self._held.discard(event.code)
            return []
        if event.value != PRESSED:  # repeated by the kernel for a key held down; a scanner holds none
            return []
        ended = self.pause() if self.partial and event.at_s - self._last_at_s >= self._gap_s else []
        self._last_at_s = event.at_s
        return ended + self._press(event.code)

    def pause(self) -> list[Typed]:
        """Nothing was typed for `gap_s`."""
        if not self._gap_ends and self._spoilt is None and self._text:
            self._spoilt = WhyUnreadable.TORN
        return self._end()

    def _press(self, code: int) -> list[Typed]:
        if code in keys.ENDS:
            return self._end()
        if code in keys.SHIFTS | keys.CONTROLS | keys.OTHER_MODIFIERS:
            self._held.add(code)
        elif code == keys.KEY_CAPSLOCK:
            self._caps = not self._caps
        else:
            self._type(self._character(code))
        return []

    def _character(self, code: int) -> str | None:
        if self._held & keys.OTHER_MODIFIERS:
            return None
        if self._held & keys.CONTROLS:
            return GS if code == keys.KEY_RIGHTBRACE else None
        plain, shifted = self._layout.get(code, ("", ""))
        shift = bool(self._held & keys.SHIFTS) != (self._caps and plain.isalpha())
        return (shifted if shift else plain) or None

    def _type(self, character: str | None) -> None:
        if character is None:
            self._spoil(WhyUnreadable.GARBAGE)
        elif len(self._text) >= self._length_max:
            self._spoil(WhyUnreadable.TOO_LONG)
        else:
            self._text += character

    def _spoil(self, why: WhyUnreadable) -> None:
        self._spoilt = self._spoilt or why

    def _end(self) -> list[Typed]:
        typed: Typed = self._spoilt or self._text
        self._text, self._spoilt = "", None
        return [typed] if typed else []

    def _synchronise(self, code: int) -> None:
        if code == SYN_DROPPED:
            self._dropping = True
            self._held.clear()
            self._spoil(WhyUnreadable.LOST)
        elif code == SYN_REPORT:
            self._dropping = False
