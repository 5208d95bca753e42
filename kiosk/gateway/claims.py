"""At most one effect under way for an item and for a reader: names that one task at a time may hold."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from drivers.clock import Hub, Mailbox

_TOKEN: Final = "token"


@dataclass(slots=True)
class _Claim:
    free: Mailbox[str]
    users: int = 0


class Claims:
    """Several names are always taken in the same order, so that two tasks cannot wait for one another."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._claims: dict[str, _Claim] = {}
        self._guard: Mailbox[str] = hub.mailbox(1)
        self._guard.put(_TOKEN)

    @contextmanager
    def held(self, names: Iterable[str], by: float = math.inf) -> Iterator[bool]:
        """Holds all names for the length of the block; False when they could not be had by the monotonic time `by`."""
        taken: list[str] = []
        try:
            for name in sorted(set(names)):
                if not self._take(name, by):
                    break
                taken.append(name)
            yield len(taken) == len(set(names))
        finally:
            for name in reversed(taken):
                self._give(name)

    def _take(self, name: str, by: float) -> bool:
        claim = self._enter(name)
        if claim.free.get(by) is None:
            self._leave(name, claim)
            return False
        return True

    def _give(self, name: str) -> None:
        claim = self._claims[name]
        claim.free.put(_TOKEN)
        self._leave(name, claim)

    def _enter(self, name: str) -> _Claim:
        self._guard.get(math.inf)
        claim = self._claims.get(name)
        if claim is None:
            claim = _Claim(free=self._hub.mailbox(1))
            claim.free.put(_TOKEN)
            self._claims[name] = claim
        claim.users += 1
        self._guard.put(_TOKEN)
        return claim

    def _leave(self, name: str, claim: _Claim) -> None:
        self._guard.get(math.inf)
        claim.users -= 1
        if claim.users == 0:
            del self._claims[name]
        self._guard.put(_TOKEN)
