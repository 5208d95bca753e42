"""The gateway's time of day, which never goes back: what it did later carries a later time.

Loans and returns done online are put in order by the gateway's own clock (custody lines, audit). Where somebody sets
that clock back by STEP_S_MAX or less, the old time runs on at half its pace until the right one has caught up, as
adjtime(3) does it. A longer step back is believed: the time before it was plainly wrong.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, TypeVar

from drivers.clock import Hub, Mailbox, Task

log = logging.getLogger(__name__)

T = TypeVar("T")

STEP_S_MAX: Final = 3_600.0
SLOWED: Final = 0.5


class SteadyHub:
    """A hub with such a clock. `since_s` is the latest time known from an earlier run, 0 for none."""

    def __init__(self, hub: Hub, since_s: float = 0.0) -> None:
        self._hub = hub
        self._last = (hub.now(), since_s)  # monotonic and told; one value, because several tasks ask
        self._late = False

    def now(self) -> float:
        return self._hub.now()

    def wall(self) -> float:
        now, wall = self._hub.now(), self._hub.wall()
        asked_at, told = self._last
        slowed = told + max(0.0, now - asked_at) * SLOWED
        if wall < slowed:
            back_s = slowed - wall
            if back_s > STEP_S_MAX or not self._late:
                log.warning("clock_set_back seconds=%.0f", back_s)
            slowed = wall if back_s > STEP_S_MAX else slowed
        self._late = wall < slowed
        told = max(wall, slowed)
        self._last = (now, told)
        return told

    def wait_until(self, when: float) -> None:
        self._hub.wait_until(when)

    def mailbox(self, limit: int) -> Mailbox[T]:
        return self._hub.mailbox(limit)

    def spawn(self, name: str, fn: Callable[[], None]) -> Task:
        return self._hub.spawn(name, fn)
