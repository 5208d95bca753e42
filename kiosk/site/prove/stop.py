"""Ctrl-C, `kill` and a closed terminal: a proof with processes of its own ends them first, in its own order."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final, NoReturn

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SHELL: Final = 128  # plus the signal's number: what a shell tells of a program that a signal ended


@dataclass(slots=True)
class Stop:
    """Whether somebody wants the end. It is asked for at points where nothing is half begun."""

    number: int = 0

    @property
    def asked(self) -> bool:
        return self.number != 0

    def leave(self) -> NoReturn:
        raise SystemExit(SHELL + self.number)


@contextmanager
def heard() -> Iterator[Stop]:
    """For as long as the block runs, these signals only set the Stop it gets. What is ignored (nohup) stays ignored."""
    stop = Stop()

    def ask(number: int, frame: FrameType | None) -> None:
        stop.number = number

    before = [(each, signal.signal(each, ask)) for each in SIGNALS if signal.getsignal(each) is not signal.SIG_IGN]
    try:
        yield stop
    finally:
        for each, handler in before:
            signal.signal(each, handler)
