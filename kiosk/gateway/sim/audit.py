"""Counts what the demo ILS really did, for an audit that trusts neither the machines' journals nor the gateway."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

from kiosk.domain import ItemBarcode, PatronId
from kiosk.gateway.sim.nouns import Loan
from kiosk.gateway.sim.store import Store

OPENING = "opening"
"""The operation under which a loan that was there on the first day is recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One change in the ILS's books, in the order `n` in which it happened."""

    n: int
    at_s: int
    op: str
    item: ItemBarcode | None
    patron: PatronId | None = field(repr=False)
    detail: dict[str, int | str | bool]


class Audit:
    """Questions to one ILS database; changes nothing."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def effects(
        self, *, op: str | None = None, item: str | None = None, patron: str | None = None, after: int = 0
    ) -> tuple[Effect, ...]:
        """What happened, oldest first; `after` is the `n` of the last one already known."""
        rows = self._store.db.execute(
            "SELECT n, at_s, op, item, patron, detail FROM effect WHERE n > ?"
            " AND (? IS NULL OR op = ?) AND (? IS NULL OR item = ?) AND (? IS NULL OR patron = ?) ORDER BY n",
            (after, op, op, item, item, patron, patron),
        )
        return tuple(Effect(n=r[0], at_s=r[1], op=r[2], item=r[3], patron=r[4], detail=json.loads(r[5])) for r in rows)

    def counts(self) -> dict[str, Counter[str]]:
        """How often each operation was executed, per item."""
        rows = self._store.db.execute("SELECT item, op, count(*) FROM effect WHERE item IS NOT NULL GROUP BY item, op")
        found: dict[str, Counter[str]] = {}
        for item, op, times in rows:
            found.setdefault(item, Counter())[op] = times
        return found

    def loan(self, item: str) -> Loan | None:
        """Who has an item now."""
        found = self._store.item(item)
        return None if found is None else found.loan

    def unexplained(self) -> tuple[str, ...]:
        """Items whose loan does not follow from their effects: opening + checkouts - checkins must be 1 or 0."""
        lent = {row[0] for row in self._store.db.execute("SELECT item FROM loan")}
        counts = self.counts()
        return tuple(
            item
            for item in sorted(lent | set(counts))
            if _balance(counts.get(item, Counter())) != (1 if item in lent else 0)
        )


def _balance(counts: Counter[str]) -> int:
    return counts[OPENING] + counts["checkout"] - counts["checkin"]
