"""What can go wrong on a wire. Raised by drivers, turned into events by the machine that owns them."""

from __future__ import annotations


class DriverError(Exception):
    """A fault of the world at one device.

    `device` is the name the site's configuration gives it, `code` a short stable word a technician can search for,
    `sent` and `received` the bytes at fault. They may hold reader data, so they are no part of the text: never log
    them.
    """

    def __init__(self, device: str, code: str, message: str, *, sent: bytes = b"", received: bytes = b"") -> None:
        super().__init__(f"{device}: {message} [{code}]")
        self.device = device
        self.code = code
        self.message = message
        self.sent = sent
        self.received = received


class LinkLost(DriverError):
    """The wire itself is gone: unplugged, connection closed, port vanished. Reconnect before the next request."""


class NoReply(DriverError):
    """The deadline passed without a whole answer. Whether the device acted is unknown."""


class BadFrame(DriverError):
    """Bytes came that are no valid answer: wrong checksum, length, address or sequence."""


class Refused(DriverError):
    """The device understood and said no (a status code other than success)."""


class DeviceFault(DriverError):
    """The device works but reports a fault of its own: paper out, door open, antenna broken."""
