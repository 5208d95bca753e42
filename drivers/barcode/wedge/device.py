"""The event file of a keyboard scanner: the only import of evdev.

The scanner is grabbed: what it types reaches nobody else, neither a console nor the screen's on-screen keyboard.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from drivers.barcode.wedge.protocol import EVENT
from drivers.clock import Clock
from drivers.errors import LinkLost
from drivers.link import Link
from drivers.waiting import readable

CHUNK_EVENTS = 64


def open_wedge(path: str, *, clock: Clock, name: str | None = None) -> Link:
    """Opens and grabs /dev/input/by-id/...-event-kbd. Raises LinkLost when it is missing or another's."""
    device = name or path
    try:
        import evdev
    except ImportError as error:
        raise LinkLost(device, "missing", "install the Python package evdev-binary") from error
    try:
        keyboard = evdev.InputDevice(path)
    except OSError as error:
        raise LinkLost(device, "open", f"cannot open {path}: {error.strerror}") from error
    try:
        keyboard.grab()
    except OSError as error:
        keyboard.close()
        raise LinkLost(device, "grab", f"another program has grabbed {path}") from error
    return EventFile(device, keyboard.fd, keyboard.close, clock)


class EventFile:
    """An open event file as a link that is only read. `fd` may be any file of events; `close` gives it back."""

    def __init__(self, device: str, fd: int, close: Callable[[], None], clock: Clock) -> None:
        self._device = device
        self._fd = fd
        self._close = close
        self._clock = clock
        self._open = True

    def write(self, data: bytes) -> None:
        raise LinkLost(self._device, "write", "a keyboard scanner takes no bytes")

    def read(self, by: float) -> bytes:
        if not self._open:
            raise LinkLost(self._device, "closed", "the event file is closed")
        try:
            while not readable(self._fd, by - self._clock.now()):
                if self._clock.now() >= by:
                    return b""
            data = os.read(self._fd, CHUNK_EVENTS * EVENT.size)
        except OSError as error:  # ENODEV: unplugged
            raise LinkLost(self._device, "read", f"the scanner is gone: {error.strerror}") from error
        if not data:
            raise LinkLost(self._device, "hangup", "the event file has ended")
        return data

    def close(self) -> None:
        if self._open:
            self._open = False
            self._close()
