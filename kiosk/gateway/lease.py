"""One applier at a time: a lease in the ledger, checked before each message to the library system.

A message's deadline lies inside the lease, so that a gateway which was frozen and lost it cannot still be waiting for
an answer when the next one begins.
"""

from __future__ import annotations

from typing import Final

from drivers.clock import Clock
from kiosk.ledger import Ledger, Tx, secrets

NAME: Final = "applier"
LENGTH_S: Final = 30.0
RENEW_S: Final = 10.0
MARGIN_S: Final = 2.0


class NotLeading(Exception):
    """Another gateway holds the lease, or ours would end before the answer."""


class Lease:
    """`name` must be unique among the gateways of one ledger: a gateway that starts takes over from its own last run,
    which its service manager has ended. `run` is different for every start."""

    def __init__(self, ledger: Ledger, clock: Clock, name: str, run: str) -> None:
        self._ledger = ledger
        self._clock = clock
        self._name = name
        self._holder = f"{name}/{run}"
        self._until = float("-inf")
        self._taken_over = False

    def renew(self) -> bool:
        """Takes or prolongs the lease; call every RENEW_S. True while this gateway may act."""
        began = self._clock.now()
        now_ms = int(self._clock.wall() * 1000)
        until_ms = now_ms + int(LENGTH_S * 1000)

        def work(tx: Tx) -> bool:
            if not self._taken_over and secrets.lease_holder(tx, NAME).partition("/")[0] == self._name:
                secrets.give_back_lease(tx, NAME, secrets.lease_holder(tx, NAME))
            return secrets.take_lease(tx, NAME, self._holder, now_ms, until_ms)

        ours = self._ledger.run(work)
        self._taken_over = True
        self._until = began + LENGTH_S if ours else float("-inf")
        return ours

    @property
    def leading(self) -> bool:
        return self._clock.now() + MARGIN_S < self._until

    def within(self, by: float) -> float:
        """A deadline that lies inside the lease. Raises NotLeading when there is no room for one."""
        if not self.leading:
            raise NotLeading("this gateway does not hold the applier's lease")
        return min(by, self._until - MARGIN_S)

    def kept(self, tx: Tx) -> None:
        """Raises NotLeading when another gateway has taken the lease meanwhile: in the same transaction, what we know
        must not be written over what it found."""
        if secrets.lease_holder(tx, NAME) not in ("", self._holder):
            raise NotLeading("another gateway has taken the applier's lease")

    def give_back(self) -> None:
        self._until = float("-inf")
        self._ledger.run(lambda tx: secrets.give_back_lease(tx, NAME, self._holder))
