"""What was learned in passing, kept in memory until a quiet moment: it is worth no fsync of its own."""

from __future__ import annotations

from typing import Final

from kiosk.ledger import Ledger, Tx, seen
from kiosk.ledger.seen import ItemSeen, PatronSeen

PENDING_MAX: Final = 2_000


class Notes:
    """Safe to use from any task: each step is a single dict operation. A crash loses the newest notes, no more."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._items: dict[str, ItemSeen] = {}
        self._patrons: dict[str, PatronSeen] = {}

    def saw_item(self, item: ItemSeen) -> None:
        self._items[item.item] = item
        if len(self._items) >= PENDING_MAX:
            self.flush()

    def saw_patron(self, patron: PatronSeen) -> None:
        self._patrons[patron.who] = patron
        if len(self._patrons) >= PENDING_MAX:
            self.flush()

    def item(self, barcode: str) -> ItemSeen | None:
        return self._items.get(barcode) or self._ledger.read(lambda tx: seen.item(tx, barcode))

    def flush(self) -> None:
        items, self._items = self._items, {}
        patrons, self._patrons = self._patrons, {}
        if not items and not patrons:
            return

        def work(tx: Tx) -> None:
            for item in items.values():
                seen.remember_item(tx, item)
            for patron in patrons.values():
                seen.remember_patron(tx, patron)

        self._ledger.run(work)
