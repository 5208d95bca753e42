"""From noisy scans to "it lay down" and "it was taken away": debounced presence, pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Uid = TypeVar("Uid", bound=str)


@dataclass(frozen=True, slots=True)
class Change(Generic[Uid]):
    """What a scan changed."""

    seen: tuple[Uid, ...] = ()
    left: tuple[Uid, ...] = ()


@dataclass(slots=True)
class Presence(Generic[Uid]):
    """Counts scans: present after `seen_after` in a row that show a uid, gone after `left_after` that do not.

    Radio misses a tag now and then: one missed scan must not tear a book off a reader's list, and one stray echo from
    the shelf beside must not put one on it.
    """

    seen_after: int = 1
    left_after: int = 3
    present: set[Uid] = field(default_factory=set)
    _streak: dict[Uid, int] = field(default_factory=dict)

    def scan(self, uids: Iterable[Uid]) -> Change[Uid]:
        """Takes one whole scan of the field."""
        now = set(uids)
        seen = [uid for uid in sorted(now - self.present) if self._count(uid) >= self.seen_after]
        left = [uid for uid in sorted(self.present - now) if self._count(uid) >= self.left_after]
        for uid in list(self._streak):
            if (uid in now) == (uid in self.present) or uid in seen or uid in left:
                del self._streak[uid]
        self.present |= set(seen)
        self.present -= set(left)
        return Change(tuple(seen), tuple(left))

    def clear(self) -> Change[Uid]:
        """The device is gone: everything it showed is no longer known to be there."""
        left = tuple(sorted(self.present))
        self.present.clear()
        self._streak.clear()
        return Change(left=left)

    def _count(self, uid: Uid) -> int:
        self._streak[uid] = self._streak.get(uid, 0) + 1
        return self._streak[uid]
