"""The gateway's last snapshot, kept for the time without it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kiosk.keys import Verifier
from kiosk.messages.asks import DayKey, Snapshot


class SnapshotCache:
    """Holds the newest signed snapshot in memory and in one file; safe to read from any task."""

    def __init__(self, path: Path | None, gateway: Verifier, gateway_ms: Callable[[], int | None]) -> None:
        raise NotImplementedError

    @property
    def snapshot(self) -> Snapshot | None:
        raise NotImplementedError

    def age_s(self) -> float | None:
        """Age against the highest gateway time ever known; None without a snapshot. A clock set back changes nothing."""
        raise NotImplementedError

    def day_key(self, day: str) -> DayKey | None:
        """The key to seal with on an ISO date, or the newest older one."""
        raise NotImplementedError
