"""What machines have asked about items a moment ago: such an item need not be read again for the loan that follows.

An answer counts from the moment of its question, and only while nothing was sent about the item since: a message that
was under way between the two may have changed what the answer says.
"""

from __future__ import annotations

import math
import threading
from typing import Final

from drivers.clock import Clock
from kiosk.domain import ItemBarcode
from kiosk.gateway.sip2 import ItemReply

LATELY_S: Final = 5.0
ITEMS_MAX: Final = 4_096


class Lately:
    """Any thread may call `learned`; `take` and `moved` are for whoever has claimed the item."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()  # the oldest of a table cannot be named while another thread changes it
        self._seen: dict[ItemBarcode, tuple[ItemReply, float]] = {}
        self._moved: dict[ItemBarcode, float] = {}
        self._all_moved = -math.inf  # about items that `_moved` had no room for

    def learned(self, item: ItemReply, asked_at: float) -> None:
        with self._lock:
            self._seen[item.item] = (item, asked_at)
            while len(self._seen) > ITEMS_MAX:
                del self._seen[next(iter(self._seen))]

    def moved(self, item: ItemBarcode) -> None:
        """A message about the item is about to leave, or has just been answered or given up."""
        with self._lock:
            self._moved.pop(item, None)
            self._moved[item] = self._clock.now()
            while len(self._moved) > ITEMS_MAX:
                self._all_moved = max(self._all_moved, self._moved.pop(next(iter(self._moved))))

    def take(self, item: ItemBarcode) -> ItemReply | None:
        """The answer, once, if it is fresh."""
        with self._lock:
            reply, asked_at = self._seen.pop(item, (None, -math.inf))
            moved_at = max(self._moved.get(item, -math.inf), self._all_moved)
        return reply if asked_at > moved_at and asked_at >= self._clock.now() - LATELY_S else None
