"""What a start must know before the first append: who, how far, which keys are open, and that the tail reads back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

from kiosk.journal import reading
from kiosk.journal.bookkeeping import Identity, Progress, state_of
from kiosk.journal.database import Database
from kiosk.journal.entries import Entry, JournalDamaged, JournalForeign, Problem
from kiosk.journal.keys_open import OpenKeys

T = TypeVar("T")

TAIL_CHECKED: Final = 256  # records read back at every start, and all that the gateway has not got yet...
UNSENT_CHECKED_MAX: Final = 20_000  # ...up to 90 days of a busy machine without a network
READ_AT_ONCE: Final = 1_000
QUICK_CHECK_PAGES_MAX: Final = 65_536  # 256 MiB, some years of one machine: 0.2 s. Beyond, only `verify` looks


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    identity: Identity
    progress: Progress
    last: tuple[int, str]
    keys: OpenKeys


def recover(database: Database, device: str) -> Recovered:
    """Raises JournalForeign for another device's journal, JournalDamaged when the tail does not read back."""
    check_structure(database)
    identity = _state(database, "identity", Identity) or _identity_of_records(database)
    if identity.device != device:
        raise JournalForeign(f"this journal belongs to {identity.device}, this machine is {device}")
    last = reading.last(database)
    progress = _progress(database)
    read_tail_back(database, last[0], progress.watermark)
    keys = open_keys(database, progress.open_from)
    return Recovered(identity=identity, progress=progress, last=last, keys=keys)


def check_structure(database: Database) -> None:
    """Nothing may be written into a file whose pages do not hang together."""
    [(pages,)] = database.rows("PRAGMA page_count")
    if pages <= QUICK_CHECK_PAGES_MAX:
        [(line,), *_] = database.rows("PRAGMA quick_check(1)")
        if line != "ok":
            raise JournalDamaged((Problem(seq=None, what=line),))


def open_keys(database: Database, open_from: int) -> OpenKeys:
    """The keys without a Final; none of them is older than record `open_from`."""
    keys = OpenKeys()
    while entries := reading.read(database, open_from, READ_AT_ONCE):
        for entry in entries:
            keys.fold(entry.seq, entry.record.body)
        open_from += len(entries)
    return keys


def read_tail_back(database: Database, last_seq: int, watermark: int) -> None:
    """Reads what the gateway has not got, and the newest records anyway."""
    first = min(watermark + 1, last_seq - TAIL_CHECKED + 1)
    first = max(1, first, last_seq - UNSENT_CHECKED_MAX + 1)
    before: Entry | None = None
    while first <= last_seq:
        entries = reading.read(database, first, READ_AT_ONCE)
        if not entries:
            raise JournalDamaged((Problem(seq=first, what="is missing"),))
        if before is not None and entries[0].record.head.prev != before.hash:
            raise JournalDamaged((Problem(seq=first, what="does not follow the one before"),))
        before = entries[-1]
        first += len(entries)


def _state(database: Database, name: str, kind: type[T]) -> T | None:
    return state_of(database.rows("SELECT value, hash FROM state WHERE name = ?", (name,)), kind)


def _identity_of_records(database: Database) -> Identity:
    """The row itself is damaged; every record repeats it."""
    first = reading.read(database, 1, 1)
    if not first:
        raise JournalForeign("the journal does not say whose it is")
    head = first[0].record.head
    return Identity(device=head.device, epoch=head.epoch, created_ms=head.wall_ms)


def _progress(database: Database) -> Progress:
    """As saved; from the start when it is damaged or speaks of a record that reads otherwise."""
    progress = _state(database, "progress", Progress)
    if progress is None or reading.hash_of(database, progress.watermark) != progress.head:
        return Progress()
    return progress
