"""A serial port as a `Link`: the only import of pyserial. `open_pty` gives a simulator its far end of a serial wire."""

from __future__ import annotations

import os
import pty
import select
import tty
from typing import Literal

import serial

from drivers.clock import Clock
from drivers.errors import LinkLost
from drivers.link import Link

Parity = Literal["N", "E", "O"]

WRITE_S_MAX = 1.0
WAIT_S_MAX = 3600.0  # one wait of a longer deadline; the system call takes no endless number
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
            # pyserial must never wait: deadlines are ours, and each change of its timeout writes all settings again.
            timeout=0,
            write_timeout=WRITE_S_MAX,
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


def _wait_readable(fd: int, left_s: float) -> bool:
    return bool(select.select([fd], [], [], min(max(0.0, left_s), WAIT_S_MAX))[0])


class _SerialLink:
    def __init__(self, device: str, port: serial.Serial, clock: Clock) -> None:
        self._device = device
        self._port = port
        self._clock = clock

    def write(self, data: bytes) -> None:
        self._must_be_open(data)
        try:
            self._port.write(data)
        except OSError as error:  # pyserial reports an unplugged port (EIO) and a blocked one alike as SerialException
            self.close()
            raise LinkLost(self._device, "write", str(error), sent=data) from error

    def read(self, by: float) -> bytes:
        self._must_be_open()
        try:
            while True:
                ready = _wait_readable(self._port.fileno(), by - self._clock.now())
                data = bytes(self._port.read(CHUNK_BYTES)) if ready else b""
                if data or self._clock.now() >= by:
                    return data
        except OSError as error:
            self.close()
            raise LinkLost(self._device, "read", str(error)) from error

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
        give_up = self._clock.now() + WRITE_S_MAX
        rest = data
        try:
            while rest:
                if not select.select([], [self._master], [], max(0.0, give_up - self._clock.now()))[1]:
                    raise LinkLost(self._device, "stuck", "the host has stopped reading", sent=data)
                rest = rest[os.write(self._master, rest) :]
        except OSError as error:
            raise LinkLost(self._device, "write", str(error), sent=data) from error

    def read(self, by: float) -> bytes:
        self._must_be_open()
        try:
            while True:
                if _wait_readable(self._master, by - self._clock.now()):
                    return os.read(self._master, CHUNK_BYTES)
                if self._clock.now() >= by:
                    return b""
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
