"""The raw limits that everything is compared with: what the disk and the network stack do without us."""

from __future__ import annotations

import os
import socket
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

from drivers.clock import Clock
from kiosk.site.bench.running import Child

APPEND_BYTES: Final = 512
PAGE_BYTES: Final = 4_096
PAGES: Final = 1_024
ECHO_BYTES: Final = 350  # about a signed question
US: Final = 1e6
MS: Final = 1e3


class Appends:
    """A file that grows by APPEND_BYTES and an fsync at a time."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._data = os.urandom(APPEND_BYTES)

    def once(self) -> None:
        os.write(self._file, self._data)
        os.fsync(self._file)

    def times(self, count: int) -> list[float]:
        """Seconds of each append."""
        return timed(self._clock, self.once, count)

    def close(self) -> None:
        os.close(self._file)


class Overwrites:
    """A file laid out beforehand, overwritten PAGE_BYTES and an fdatasync at a time: the least a page can cost."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        self._data = os.urandom(PAGE_BYTES)
        self._at = 0
        for page in range(PAGES):
            os.pwrite(self._file, self._data, page * PAGE_BYTES)
        os.fsync(self._file)

    def once(self) -> None:
        self._at = (self._at + 1) % PAGES
        os.pwrite(self._file, self._data, self._at * PAGE_BYTES)
        os.fdatasync(self._file)

    def times(self, count: int) -> list[float]:
        """Seconds of each write."""
        return timed(self._clock, self.once, count)

    def close(self) -> None:
        os.close(self._file)


class Echo:
    """A TCP echo between two Python processes, both without Nagle's delay."""

    def __init__(self, log: Path, clock: Clock) -> None:
        self._clock = clock
        self._child = Child(("kiosk.site.bench.echo",), log, clock)
        self._data = os.urandom(ECHO_BYTES)

    def __enter__(self) -> Echo:
        port = int(self._child.start(r"echo ready port=(\d+)")[1])
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()
        self._child.end()

    def once(self) -> None:
        self._socket.sendall(self._data)
        left = ECHO_BYTES
        while left:
            left -= len(self._socket.recv(left))

    def times(self, count: int) -> list[float]:
        """Seconds of each round trip."""
        return timed(self._clock, self.once, count)


def timed(clock: Clock, act: Callable[[], object], count: int) -> list[float]:
    """Seconds of each of `count` calls."""
    times = []
    for _ in range(count):
        begin = clock.now()
        act()
        times.append(clock.now() - begin)
    return times


def percentile(times: Sequence[float], share: float) -> float:
    """The smallest time that `share` (0 to 1) of all times do not exceed."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(times: Sequence[float]) -> float:
    return statistics.median(times)
