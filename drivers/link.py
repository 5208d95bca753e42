"""A wire as drivers see it: bytes out, bytes in by a deadline. `Pipe` is the in-memory null modem of the tests."""

from __future__ import annotations

from typing import Protocol

from drivers.clock import Hub, Mailbox
from drivers.errors import LinkLost

PIPE_CHUNKS_MAX = 65_536


class Link(Protocol):
    """One open wire. Not thread-safe: one owner."""

    def write(self, data: bytes) -> None:
        """Sends all of `data`; raises LinkLost when the wire is gone."""

    def read(self, by: float) -> bytes:
        """Whatever has arrived, at least one byte, or b"" once the monotonic time `by` has passed.

        Raises LinkLost when the wire is gone. What arrived before it went is delivered first.
        """

    def close(self) -> None:
        """Gives the wire back; harmless when repeated."""


class Opener(Protocol):
    """Opens the wire (again). Raises LinkLost when the device is not there."""

    def __call__(self) -> Link: ...


class _End:
    def __init__(self, name: str, inbox: Mailbox[bytes], outbox: Mailbox[bytes]) -> None:
        self._name = name
        self._inbox = inbox
        self._outbox = outbox
        self._lost = False

    def write(self, data: bytes) -> None:
        if self._lost:
            raise LinkLost(self._name, "closed", "the wire is gone", sent=data)
        if data:
            self._outbox.put(bytes(data))

    def read(self, by: float) -> bytes:
        if self._lost:
            raise LinkLost(self._name, "closed", "the wire is gone")
        chunk = self._inbox.get(by)
        if chunk is None:
            return b""
        if chunk == b"":  # the other end's goodbye
            self._lost = True
            raise LinkLost(self._name, "hangup", "the other end closed the wire")
        return chunk

    def close(self) -> None:
        if not self._lost:
            self._lost = True
            self._outbox.put(b"")


def pipe(hub: Hub, name: str = "pipe") -> tuple[Link, Link]:
    """Two ends of one in-memory wire.

    Chunks keep the boundaries of the writes; real wires do not: framers must not care.
    """
    there: Mailbox[bytes] = hub.mailbox(PIPE_CHUNKS_MAX)
    back: Mailbox[bytes] = hub.mailbox(PIPE_CHUNKS_MAX)
    return _End(f"{name}.near", back, there), _End(f"{name}.far", there, back)
