"""What journals that were put aside have still to tell: their own epochs, their own receipts, beside the machine's own.

They are told only while the gateway speaks with this machine anyway. One that the gateway contradicts, or keeps in
quarantine, is left to people: its file stays where it is.
"""

from __future__ import annotations

from random import Random

from kiosk.journal.aside import Salvage
from kiosk.messages.envelope import Batch, Receipt
from kiosk.uplink.drain import Drain


class Estate:
    """One journal put aside, sent in order as far as it reads back. Decides only; reads no clock."""

    def __init__(self, salvage: Salvage, rng: Random) -> None:
        self.epoch = salvage.epoch
        self.settled = salvage.told
        self._salvage = salvage
        self._drain = Drain(salvage, salvage.epoch, salvage.through, rng)

    @property
    def wakes_at(self) -> float | None:
        return None if self.settled else self._drain.wakes_at

    def gateway_spoke(self, now: float) -> None:
        """A receipt of the machine's own journal came: somebody is there to be told."""
        if not self.settled and not self._drain.is_open:
            self._drain.receipted(self._salvage.through, now, born=False)

    def receipted(self, receipt: Receipt, now: float) -> None:
        """The gateway's answer in this epoch."""
        known = receipt.through <= self._salvage.last
        if receipt.quarantined or (known and self._salvage.hash_of(receipt.through) != receipt.head):
            self.settled = True
        elif receipt.through >= self._salvage.last:
            self._salvage.mark_told()
            self.settled = True
        else:
            self._drain.receipted(receipt.through, now, born=False)

    def due(self, now: float) -> tuple[Batch, ...]:
        return () if self.settled else self._drain.due(now)

    def disconnected(self) -> None:
        self._drain.close()

    def not_sent(self, now: float) -> None:
        self._drain.not_sent(now)
