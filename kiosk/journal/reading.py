"""Reads that the journal's owner and its readers share. What does not match its hash is never handed out."""

from __future__ import annotations

import itertools
from typing import Final

from kiosk.journal.database import Database, Row
from kiosk.journal.entries import Entry, JournalDamaged, Problem
from kiosk.messages import records
from kiosk.messages.records import GENESIS

COLUMNS: Final = "seq, bytes, hash"


def read(database: Database, first_seq: int, limit: int) -> tuple[Entry, ...]:
    """Consecutive entries from `first_seq` on. Raises JournalDamaged naming the record that does not read back."""
    rows = database.rows(f"SELECT {COLUMNS} FROM records WHERE seq >= ? ORDER BY seq LIMIT ?", (first_seq, limit))
    entries = tuple(entry(row) for row in rows)
    for seq, found in enumerate(entries, start=first_seq):
        if found.seq != seq:
            raise JournalDamaged((Problem(seq=seq, what="is missing"),))
    for before, after in itertools.pairwise(entries):
        if after.record.head.prev != before.hash:
            raise JournalDamaged((Problem(seq=after.seq, what="does not follow the one before"),))
    return entries


def entry(row: Row) -> Entry:
    """An entry from COLUMNS; raises JournalDamaged."""
    seq, data, digest = row
    if not isinstance(data, bytes) or not isinstance(digest, bytes):
        raise JournalDamaged((Problem(seq=seq, what="holds values of another type"),))
    try:
        record = records.decode(data)
    except records.RecordError as error:
        raise JournalDamaged((Problem(seq=seq, what="is no record"),)) from error
    if record.head.seq != seq or records.chain_hash(record.head.prev, data) != digest.hex():
        raise JournalDamaged((Problem(seq=seq, what="does not match its hash"),))
    return Entry(seq=seq, record=record, data=data, hash=digest.hex())


def last(database: Database) -> tuple[int, str]:
    """(seq, hash) of the newest record; (0, GENESIS) for an empty journal."""
    rows = database.rows("SELECT seq, hash FROM records ORDER BY seq DESC LIMIT 1")
    return (rows[0][0], _hex(rows[0][1])) if rows else (0, GENESIS)


def hash_of(database: Database, seq: int) -> str | None:
    """Hash of record `seq`; GENESIS for 0, None when there is no such record."""
    if seq == 0:
        return GENESIS
    rows = database.rows("SELECT hash FROM records WHERE seq = ?", (seq,))
    return _hex(rows[0][0]) if rows else None


def _hex(digest: object) -> str:
    return digest.hex() if isinstance(digest, bytes) else ""  # bit rot may change even a value's type
