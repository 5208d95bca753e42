"""The offline snapshot, indexed for a tap and a tag. Too old a snapshot knows nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac

from kiosk.keys import SealError, unveil
from kiosk.messages.asks import ItemHint, PatronHint, Snapshot
from kiosk.uplink import SnapshotCache


class SnapshotIndex:
    """Lookups by item number and by a reader's number; safe from any task (indexes are replaced whole)."""

    def __init__(self, cache: SnapshotCache, age_s_max: float) -> None:
        self._cache = cache
        self._age_s_max = age_s_max
        self._of: Snapshot | None = None
        self._items: dict[str, ItemHint] = {}
        self._patrons: dict[str, PatronHint] = {}

    def item(self, barcode: str) -> ItemHint | None:
        return self._items.get(barcode) if self._fresh() else None

    def patron(self, number: str) -> PatronHint | None:
        if not self._fresh() or self._of is None:
            return None
        secret = base64.b64decode(self._of.hash_key)
        return self._patrons.get(hmac.new(secret, number.encode(), hashlib.sha256).hexdigest())

    def patron_number(self, number: str) -> str:
        """The patron number behind a card's number, where the snapshot knows it; else the number itself."""
        hint = self.patron(number)
        if hint is None or not hint.patron or self._of is None:
            return number
        try:
            return unveil(base64.b64decode(self._of.hash_key), number, hint.patron)
        except SealError:
            return number

    def _fresh(self) -> bool:
        age_s = self._cache.age_s()
        if age_s is None or age_s > self._age_s_max:
            return False
        snapshot = self._cache.snapshot
        if snapshot is not self._of and snapshot is not None:
            self._items = {hint.item: hint for hint in snapshot.items}
            self._patrons = {hint.who: hint for hint in snapshot.patrons}
            self._of = snapshot
        return True
