"""The gateway's last snapshot, kept for the time without it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from kiosk.keys import Verifier, verify_envelope
from kiosk.messages import envelope as wire
from kiosk.messages.asks import DayKey, Snapshot
from kiosk.messages.envelope import MessageError


class SnapshotCache:
    """Holds the newest signed snapshot in memory and, as it came, in one file; may be read from any task.

    `gateway_ms` is `Journal.gateway_ms`: a time that only goes forward, whatever happens to the machine's clock.
    """

    def __init__(self, path: Path | None, gateway: Verifier, gateway_ms: Callable[[], int | None]) -> None:
        self._path = path
        self._gateway = gateway
        self._gateway_ms = gateway_ms
        self._snapshot: Snapshot | None = None
        if path is not None:
            with contextlib.suppress(OSError):  # no file yet, or none that can be read: as if there were none
                self._snapshot = self._trusted(path.read_bytes())

    @property
    def snapshot(self) -> Snapshot | None:
        return self._snapshot

    def age_s(self) -> float | None:
        """Age by the gateway's clock as far as it is known; None without a snapshot or without any known time."""
        now_ms = self._gateway_ms()
        if self._snapshot is None or now_ms is None:
            return None
        return max(0, now_ms - self._snapshot.at_ms) / 1000

    def day_key(self, day: str) -> DayKey | None:
        """The key to seal with on an ISO date: that day's, else the newest older one, else the oldest there is."""
        keys = sorted(self._snapshot.day_keys if self._snapshot else (), key=lambda key: key.day)
        past = [key for key in keys if key.day <= day]
        return past[-1] if past else (keys[0] if keys else None)

    def put(self, payload: bytes) -> bool:
        """Takes a snapshot as it came over the wire; False when it is none, has no key to seal with, or is older than
        the one at hand. Once there is a key there always is one, so what is under way over midnight goes on."""
        snapshot = self._trusted(payload)
        if snapshot is None or (self._snapshot is not None and snapshot.at_ms < self._snapshot.at_ms):
            return False
        self._snapshot = snapshot
        if self._path is not None:
            with contextlib.suppress(OSError):  # a full disk: the copy in memory serves until the next start
                _keep(self._path, payload)
        return True

    def _trusted(self, payload: bytes) -> Snapshot | None:
        try:
            envelope = wire.decode(payload)
            if not verify_envelope(envelope, self._gateway):
                return None
            answer = wire.answer_of(envelope)
        except MessageError:
            return None
        # Without a key nothing could be sealed: the keys at hand, however old, are better than none.
        return answer if isinstance(answer, Snapshot) and answer.day_keys else None


def _keep(path: Path, payload: bytes) -> None:
    """Whole or not at all, also over a power cut: a name that comes before its bytes leaves an empty file, and with it
    no key to seal with. Raises OSError."""
    new = path.with_name(path.name + ".new")
    with new.open("wb") as file:
        file.write(payload)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
