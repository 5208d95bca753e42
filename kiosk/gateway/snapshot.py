"""What a machine may know while nobody can be asked: readers by keyed hash, items by number, keys to seal with.

Only readers that were seen lately are in it, each under a hash of each of his numbers; the hash key is new in every
version, so that two snapshots cannot be laid side by side.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator

from kiosk.domain import ItemBarcode, PatronId, Refusal
from kiosk.gateway.parts import Parts
from kiosk.keys import new_reply_key, pseudonym, veil
from kiosk.ledger import Tx, seen
from kiosk.ledger.seen import ItemSeen, PatronSeen
from kiosk.messages.asks import ItemHint, PatronHint, Snapshot

DAY_MS = 86_400_000


class Snapshots:
    """One task at a time may call `answer`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._built: Snapshot | None = None
        self._built_at = float("-inf")

    def answer(self) -> Snapshot:
        now = self._parts.hub.now()
        if self._built is None or now - self._built_at >= self._parts.config.snapshot.fresh_s:
            self._built, self._built_at = self._build(), now
        return self._built

    def _build(self) -> Snapshot:
        rules = self._parts.config.snapshot
        now_ms = self._parts.now_ms()
        self._parts.notes.flush()

        def work(tx: Tx) -> tuple[list[PatronSeen], list[ItemSeen]]:
            since_ms = now_ms - rules.seen_days * DAY_MS
            return seen.patrons(tx, since_ms, rules.patrons_max), seen.items(tx, rules.items_max)

        patrons, items = self._parts.ledger.read(work)
        hash_key = new_reply_key()
        hints = tuple(self._patrons({each.who: each for each in patrons}, base64.b64decode(hash_key)))
        return Snapshot(
            version=f"{now_ms}-{hashlib.sha256(hash_key.encode()).hexdigest()[:8]}",
            at_ms=now_ms,
            hash_key=hash_key,
            patrons=hints,
            items=tuple(_item(each) for each in items),
            day_keys=self._parts.day_keys.public(),
        )

    def _patrons(self, known: dict[str, PatronSeen], key: bytes) -> Iterator[PatronHint]:
        """Sorted by hash, which says nothing about who came when."""
        found: dict[str, tuple[PatronSeen, str]] = {}
        numbers: dict[PatronId, list[str]] = {}
        for card, patron in self._parts.cards.cards():
            numbers.setdefault(patron, [str(patron)]).append(card)
        for patron, forms in numbers.items():
            row = known.get(pseudonym(self._parts.site_secret, f"seen/{patron}"))
            if row is None:
                continue
            for form in forms:
                veiled = veil(key, form, patron) if form != patron else ""
                found[hmac.new(key, form.encode(), hashlib.sha256).hexdigest()] = (row, veiled)
        for who in sorted(found):
            row, veiled = found[who]
            blocks = tuple(Refusal(name) for name in row.blocks.split(",") if name)
            yield PatronHint(who=who, room=row.room, blocks=blocks, patron=veiled)


def _item(row: ItemSeen) -> ItemHint:
    return ItemHint(
        item=ItemBarcode(row.item),
        title=row.title,
        call_number=row.call_number,
        location=row.location,
        blocked=Refusal(row.blocked) if row.blocked else None,
        discs=row.discs,
    )
