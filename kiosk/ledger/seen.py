"""What the gateway has learned from the library system, for offline snapshots: items by number, readers by hash."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from sqlalchemy import bindparam, delete, insert, select

from kiosk.ledger.schema import items_seen, patrons_seen
from kiosk.ledger.store import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSeen:
    """An item as the library system last described it. `due` is the raw text of its loan's due date."""

    item: str
    title: str = ""
    call_number: str = ""
    location: str = ""
    blocked: str = ""
    discs: int = 0
    due: str = ""
    charged: int = 0
    seen_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PatronSeen:
    """`who` is a keyed hash of the reader's number; `blocks` are reasons, comma separated."""

    who: str
    room: int
    blocks: str = ""
    seen_ms: int = 0


_ITEM_NAMES: Final = tuple(each.name for each in fields(ItemSeen))
_PATRON_NAMES: Final = tuple(each.name for each in fields(PatronSeen))
_ITEM_COLUMNS: Final = tuple(items_seen.c[name] for name in _ITEM_NAMES)
_PATRON_COLUMNS: Final = tuple(patrons_seen.c[name] for name in _PATRON_NAMES)

_ITEM: Final = select(*_ITEM_COLUMNS).where(items_seen.c.item == bindparam("item"))
_DROP_ITEM: Final = delete(items_seen).where(items_seen.c.item == bindparam("item"))
_ADD_ITEM: Final = insert(items_seen).values({name: bindparam(name) for name in _ITEM_NAMES})
_ITEMS: Final = (
    select(*_ITEM_COLUMNS).order_by(items_seen.c.seen_ms.desc(), items_seen.c.item).limit(bindparam("limit"))
)
_DROP_PATRON: Final = delete(patrons_seen).where(patrons_seen.c.who == bindparam("who"))
_ADD_PATRON: Final = insert(patrons_seen).values({name: bindparam(name) for name in _PATRON_NAMES})
_PATRONS: Final = (
    select(*_PATRON_COLUMNS)
    .where(patrons_seen.c.seen_ms >= bindparam("since_ms"))
    .order_by(patrons_seen.c.seen_ms.desc(), patrons_seen.c.who)
    .limit(bindparam("limit"))
)
_FORGET: Final = delete(patrons_seen).where(patrons_seen.c.seen_ms < bindparam("before_ms"))


def item(tx: Tx, barcode: str) -> ItemSeen | None:
    row = tx.row(_ITEM, item=barcode)
    return None if row is None else ItemSeen(**dict(zip(_ITEM_NAMES, row, strict=True)))


def remember_item(tx: Tx, seen: ItemSeen) -> None:
    tx.run(_DROP_ITEM, item=seen.item)
    tx.run(_ADD_ITEM, **{name: getattr(seen, name) for name in _ITEM_NAMES})


def items(tx: Tx, limit: int) -> list[ItemSeen]:
    """Most recently seen first."""
    return [ItemSeen(**dict(zip(_ITEM_NAMES, row, strict=True))) for row in tx.rows(_ITEMS, limit=limit)]


def remember_patron(tx: Tx, seen: PatronSeen) -> None:
    tx.run(_DROP_PATRON, who=seen.who)
    tx.run(_ADD_PATRON, **{name: getattr(seen, name) for name in _PATRON_NAMES})


def patrons(tx: Tx, since_ms: int, limit: int) -> list[PatronSeen]:
    """Readers seen since then, most recent first."""
    rows = tx.rows(_PATRONS, since_ms=since_ms, limit=limit)
    return [PatronSeen(**dict(zip(_PATRON_NAMES, row, strict=True))) for row in rows]


def forget_patrons(tx: Tx, before_ms: int) -> int:
    return tx.run(_FORGET, before_ms=before_ms)
