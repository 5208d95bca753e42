"""Waits until an open file has something to read, or room to write.

By poll(2): select(2) counts only to 1,024 (its page, FD_SETSIZE), and a process with more open files than that would
lose its readers, printers and screens one after the other.
"""

from __future__ import annotations

import errno
import os
import select
from typing import Final

WAIT_S_MAX: Final = 3600.0
"""One wait of a longer deadline; the system call takes no endless number."""


def readable(fd: int, left_s: float) -> bool:
    """True once a read returns at once, be it with bytes, the end or an error; False after `left_s`.

    Raises OSError when `fd` is not open, ValueError when it is negative.
    """
    return _ready(fd, select.POLLIN, left_s)


def writable(fd: int, left_s: float) -> bool:
    """True once a write does not block; otherwise as `readable`."""
    return _ready(fd, select.POLLOUT, left_s)


def _ready(fd: int, wanted: int, left_s: float) -> bool:
    poll = select.poll()
    poll.register(fd, wanted)
    found = poll.poll(1000 * min(max(0.0, left_s), WAIT_S_MAX))
    if found and found[0][1] & select.POLLNVAL:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    return bool(found)
