"""A journal that cannot be carried on: it is put beside and kept, and told as far as it reads back.

A machine whose journal is damaged begins a new one with a new epoch. No record of the old one is repeated or ended in
the new one: a tail that cannot be read may hold any end of a key, and a wrong end loses a book. What the gateway has
not got and still reads back is sent in the old epoch; the rest is for people (docs/decisions/0006).
"""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from kiosk.domain import ItemBarcode
from kiosk.domain.faults.journal import JOURNAL_SET_ASIDE
from kiosk.journal import reading
from kiosk.journal.bookkeeping import Identity, Progress, state_of
from kiosk.journal.database import Database, SqliteDatabase, uri
from kiosk.journal.disk import HEADER_BYTES, is_journal, set_aside
from kiosk.journal.entries import Entry, JournalBroken, JournalBusy, JournalDamaged
from kiosk.journal.keys_open import OpenKeys
from kiosk.messages.records import GENESIS, Noted

T = TypeVar("T")

ASIDE: Final = ".aside-"
TOLD: Final = ".told"  # beside a journal put aside: the gateway has all of it that reads back
NOTED: Final = ".noted"  # beside it: the new journal tells of it
ITEMS_MAX: Final = 20
_UNREADABLE: Final = (JournalBroken, JournalBusy, sqlite3.Error, OSError)


def put_aside(path: Path, wall: float) -> Path:
    """Moves a journal away under a name that no other has; `wall` is UTC seconds since 1970."""
    stamp = datetime.fromtimestamp(wall, UTC).strftime("%Y%m%dT%H%M%S")
    names = (f"{path.name}{ASIDE}{stamp}{more}" for more in ("", *(f"-{n}" for n in range(2, 1_000))))
    return set_aside(path, next(name for name in names if not path.with_name(name).exists()))


def asides(path: Path) -> tuple[Path, ...]:
    """The journals that were put aside at `path`, oldest first."""
    found = path.parent.glob(f"{path.name}{ASIDE}*")
    beside = ("-wal", "-shm", "-journal", TOLD, NOTED)
    return tuple(sorted(each for each in found if not each.name.endswith(beside)))


class Salvage:
    """What still reads back of a journal put aside. Never raises for what is in the file."""

    path: Path
    device: str = ""
    epoch: str = ""
    through: int = 0
    """The gateway's newest receipt, as far as the file remembers it."""
    last: int = 0
    """The newest record up to which all that the gateway has not got reads back."""
    lost: int = 0
    """Records beyond that are numbered in the file, readable or not."""
    open_items: tuple[ItemBarcode, ...] = ()
    """Items of keys without an end among what reads back."""
    why: str = ""
    """The first thing that does not read back, "" when all of it does."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database: Database | None = None
        try:
            self._open()
        except _UNREADABLE as error:
            self.why = self.why or str(error) or "cannot be read"

    def read(self, first_seq: int, limit: int) -> tuple[Entry, ...]:
        """Entries from `first_seq` on, none beyond `last`; nothing where they do not read back."""
        limit = min(limit, self.last - first_seq + 1)
        if self._database is None or limit <= 0:
            return ()
        try:
            return reading.read(self._database, first_seq, limit)
        except _UNREADABLE:
            return ()

    def hash_of(self, seq: int) -> str | None:
        """Hash of record `seq`; GENESIS for 0, None when there is none that can be read."""
        try:
            return GENESIS if seq == 0 else reading.hash_of(self._database, seq) if self._database else None
        except _UNREADABLE:
            return None

    @property
    def noted(self) -> bool:
        return self._mark(NOTED).exists()

    @property
    def told(self) -> bool:
        """The gateway has all there is to tell."""
        return self.last <= self.through or self._mark(TOLD).exists()

    def mark_noted(self) -> None:
        _touch(self._mark(NOTED))

    def mark_told(self) -> None:
        _touch(self._mark(TOLD))

    def note(self, at_ms: int) -> Noted:
        """What the new journal says of it, and the gateway tells people. Items, never readers."""
        items = " ".join(self.open_items[:ITEMS_MAX])
        detail = f"{self.path.name}; epoch {self.epoch or '?'}; {self.why or 'reads back'}"
        detail += f"; {max(0, self.last - self.through)} to send, {self.lost} unreadable; open: {items or 'none known'}"
        return Noted(what=JOURNAL_SET_ASIDE.name, fault=JOURNAL_SET_ASIDE.number, detail=detail, at_ms=at_ms)

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def _open(self) -> None:
        with self.path.open("rb") as file:
            if not is_journal(file.read(HEADER_BYTES)):
                self.why = "is no journal, or its first page is damaged"
                return
        database = self._database = SqliteDatabase(uri(self.path, mode="ro"), "query_only = ON")
        identity = _state(database, "identity", Identity)
        progress = _state(database, "progress", Progress) or Progress()
        if reading.hash_of(database, progress.watermark) != progress.head:
            progress = Progress()
        self.through = self.last = progress.watermark
        self._walk(database, progress)
        if identity is not None:
            self.device, self.epoch = identity.device, identity.epoch
        with contextlib.suppress(*_UNREADABLE):
            self.lost = max(0, reading.last(database)[0] - self.last)

    def _walk(self, database: Database, progress: Progress) -> None:
        """Reads on record by record, from the oldest that may be open, until one does not follow."""
        keys = OpenKeys()
        seq = min(progress.open_from, progress.watermark + 1)
        before = progress.head if seq == progress.watermark + 1 else None
        try:
            while entries := reading.read(database, seq, 1):
                head = entries[0].record.head
                if before is not None and head.prev != before:
                    self.why = f"record {seq}: does not follow the one before"
                    break
                self.device, self.epoch = head.device, head.epoch
                keys.fold(seq, entries[0].record.body)
                before, self.last, seq = entries[0].hash, max(self.last, seq), seq + 1
        except JournalDamaged as error:
            self.why = str(error)
        finally:
            self.open_items = tuple(dict.fromkeys(intent.item for intent in keys.intents.values()))

    def _mark(self, suffix: str) -> Path:
        return self.path.with_name(self.path.name + suffix)


def salvages(path: Path, device: str) -> tuple[Salvage, ...]:
    """Every journal put aside at `path` that has still something to say: to the gateway, or of itself.

    Another device's journal is only noted: the gateway takes nothing of it from this machine.
    """
    found = []
    for each in asides(path):
        salvage = Salvage(each)
        if salvage.noted and (salvage.told or salvage.device != device):
            salvage.close()
        else:
            found.append(salvage)
    return tuple(found)


def _state(database: Database, name: str, kind: type[T]) -> T | None:
    try:
        return state_of(database.rows("SELECT value, hash FROM state WHERE name = ?", (name,)), kind)
    except _UNREADABLE:
        return None


def _touch(path: Path) -> None:
    with contextlib.suppress(OSError):  # a full disk: it is said once more at the next start, which harms nobody
        path.touch()
