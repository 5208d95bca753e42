"""A serial port as a `Link`: the only import of pyserial. `open_pty` gives a simulator its far end of a serial wire."""

from __future__ import annotations

import os
import pty
import tty
from typing import Literal

import serial

from drivers.clock import Clock
from drivers.errors import LinkLost
from drivers.link import Link
from drivers.waiting import readable, writable

Parity = Literal["N", "E", "O"]

WRITE_S_MAX = 1.0
CHUNK_BYTES = 4096
PTY_FOLDER = "/dev/pts/"


def open_serial(
    path: str, baud: int, parity: Parity, *, clock: Clock, stop_bits: Literal[1, 2] = 1, name: str | None = None
) -> Link:
    """Opens a port for one owner, 8 data bits. Raises LinkLost when it is missing, taken or refuses its settings.

    `name` is what errors call the device (the path when None). `clock` must be real: the port does not wait otherwise.
    """
    device = name or path
    try:
        port = serial.Serial(
            path,
            baudrate=baud,
            # A pseudo terminal answers EINVAL to parity once a later call changes nothing else (measured on Linux 6).
            parity="N" if os.path.realpath(path).startswith(PTY_FOLDER) else parity,
            stopbits=stop_bits,
            timeout=0,  # pyserial only opens and sets the port: it would wait by select, and deadlines are ours
            exclusive=True,
        )
    except (OSError, ValueError) as error:  # SerialException is an OSError; ValueError: a setting the port cannot take
        raise LinkLost(device, "open", f"cannot open {path}: {error}") from error
    return _SerialLink(device, port, clock)


def open_pty(clock: Clock, name: str = "pty") -> tuple[Link, str]:
    """A simulator's end of a new pseudo terminal, and the path a driver opens with `open_serial`.

    A host that closes and opens its end again finds the same device, as with a reader left on its cable. Closing the
    returned link is pulling the plug: the host's reads and writes raise LinkLost.
    """
    master, slave = pty.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    return _PtyLink(name, master, slave, clock), os.ttyname(slave)


class _SerialLink:
    def __init__(self, device: str, port: serial.Serial, clock: Clock) -> None:
        self._device = device
        self._port = port
        self._clock = clock

    def write(self, data: bytes) -> None:
        self._must_be_open(data)
        try:
            taken = _write(self._port.fileno(), data, self._clock)
        except OSError as error:  # EIO: unplugged
            self.close()
            raise LinkLost(self._device, "write", str(error), sent=data) from error
        if not taken:
            self.close()
            raise LinkLost(self._device, "stuck", "the port takes nothing", sent=data)

    def read(self, by: float) -> bytes:
        self._must_be_open()
        try:
            data = _read(self._port.fileno(), by, self._clock)
        except OSError as error:
            self.close()
            raise LinkLost(self._device, "read", str(error)) from error
        if data is None:
            return b""
        if not data:  # a port that is gone is always ready, with nothing
            self.close()
            raise LinkLost(self._device, "hangup", "the port is gone")
        return data

    def close(self) -> None:
        self._port.close()

    def _must_be_open(self, data: bytes = b"") -> None:
        if not self._port.is_open:
            raise LinkLost(self._device, "closed", "the port is closed", sent=data)


class _PtyLink:
    def __init__(self, device: str, master: int, slave: int, clock: Clock) -> None:
        self._device = device
        self._master = master
        # Held open, or the master reads EIO between one host and the next.
        self._slave = slave
        self._clock = clock
        self._open = True

    def write(self, data: bytes) -> None:
        self._must_be_open(data)
        try:
            taken = _write(self._master, data, self._clock)
        except OSError as error:
            raise LinkLost(self._device, "write", str(error), sent=data) from error
        if not taken:
            raise LinkLost(self._device, "stuck", "the host has stopped reading", sent=data)

    def read(self, by: float) -> bytes:
        self._must_be_open()
        try:
            return _read(self._master, by, self._clock) or b""
        except OSError as error:
            raise LinkLost(self._device, "read", str(error)) from error

    def close(self) -> None:
        if self._open:
            self._open = False
            os.close(self._slave)
            os.close(self._master)

    def _must_be_open(self, data: bytes = b"") -> None:
        if not self._open:
            raise LinkLost(self._device, "closed", "the plug is out", sent=data)


def _write(fd: int, data: bytes, clock: Clock) -> bool:
    """Writes all of `data`; False when the other side takes nothing for WRITE_S_MAX."""
    give_up = clock.now() + WRITE_S_MAX
    while data:
        if not writable(fd, give_up - clock.now()):
            return False
        try:
            data = data[os.write(fd, data) :]
        except BlockingIOError:  # a terminal may be ready for less than it says
            if clock.now() >= give_up:
                return False
    return True


def _read(fd: int, by: float, clock: Clock) -> bytes | None:
    """What has arrived, b"" at the end of the file, None once the time `by` has passed."""
    while not readable(fd, by - clock.now()):
        if clock.now() >= by:
            return None
    return os.read(fd, CHUNK_BYTES)
