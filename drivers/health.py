"""How well a device is, and when to try it again: the one retry policy that every driver shares."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

FAULTS_TO_MUTE = 3
BACKOFF_S_FIRST = 0.2
BACKOFF_S_MAX = 10.0
DOUBLINGS_MAX = 16  # far beyond BACKOFF_S_MAX; a device may be away for months and a float must not overflow
GOOD_ANSWERS_TO_OK = 2


class Health(enum.StrEnum):
    """What the site console shows."""

    OK = "ok"
    DEGRADED = "degraded"  # answers, but not every time
    MUTE = "mute"  # the wire is there, nobody answers
    GONE = "gone"  # the wire itself is not there


@dataclass(frozen=True, slots=True, kw_only=True)
class Wellness:
    """Pure: fold outcomes with `good`, `fault`, `lost`; ask `health` and `backoff_s`."""

    health: Health = Health.GONE
    faults_in_row: int = 0
    good_in_row: int = 0
    opens_failed: int = 0

    def good(self) -> Wellness:
        """A request was answered well."""
        run = self.good_in_row + 1
        recovered = self.health in (Health.OK, Health.GONE) or run >= GOOD_ANSWERS_TO_OK
        return Wellness(health=Health.OK if recovered else Health.DEGRADED, good_in_row=run)

    def fault(self) -> Wellness:
        """A request was answered badly or not at all, on a wire that is still there."""
        faults = self.faults_in_row + 1
        health = Health.MUTE if faults >= FAULTS_TO_MUTE else Health.DEGRADED
        return replace(self, health=health, faults_in_row=faults, good_in_row=0)

    def lost(self) -> Wellness:
        """The wire is gone, or could not be opened."""
        return Wellness(health=Health.GONE, opens_failed=self.opens_failed + 1)

    @property
    def backoff_s(self) -> float:
        """Seconds to wait before the next attempt: doubles with each failure in a row, up to BACKOFF_S_MAX."""
        failures = max(self.opens_failed, self.faults_in_row)
        doublings = min(failures - 1, DOUBLINGS_MAX)
        return 0.0 if failures == 0 else min(BACKOFF_S_MAX, BACKOFF_S_FIRST * 2.0**doublings)
