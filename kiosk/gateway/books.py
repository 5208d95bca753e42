"""The library system's books as an auditor reads them over SIP2: 17 and 63, nothing that changes anything."""

from __future__ import annotations

from collections.abc import Mapping

from drivers.clock import Clock
from kiosk.domain import ItemBarcode, PatronId
from kiosk.gateway.sip2 import NoAnswer, NotSent, Pool, look

ANSWER_S_MAX = 10.0


class Sip2Books:
    """Books (see kiosk.gateway.audit) of any library system. What it executed, and how often, SIP2 does not tell.

    `unanswered` are the items about which it said nothing: of them nothing is known.
    """

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self.unanswered: set[ItemBarcode] = set()

    def charged(self, item: ItemBarcode) -> bool | None:
        try:
            return look(self._pool, item=item, patron=None, by=self._clock.now() + ANSWER_S_MAX).on_loan
        except (NotSent, NoAnswer):
            self.unanswered.add(item)
            return None

    def charged_to(self, item: ItemBarcode, patron: PatronId) -> bool | None:
        try:
            return look(self._pool, item=item, patron=patron, by=self._clock.now() + ANSWER_S_MAX).lent_to_patron
        except (NotSent, NoAnswer):
            self.unanswered.add(item)
            return None

    def executed(self, item: ItemBarcode) -> Mapping[str, int] | None:
        return None
