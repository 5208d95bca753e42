"""Flips bits of a journal file and tells, without our own code, which records a flip changed."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from tests.unit.journal.books import loan, noted, open_journal

Rows = dict[int, tuple[Any, ...]]


def sound_journal(path: Path, loans: int) -> tuple[bytes, Rows]:
    """A closed journal: its bytes and its rows."""
    journal = open_journal(path)
    for n in range(loans):
        journal.append(loan(n))
        journal.append([noted(n)])
    journal.receipt(2, journal.read(2, 1)[0].hash, 1_000)
    journal.close()
    rows = rows_of(path)
    assert rows is not None
    return path.read_bytes(), rows


def rows_of(path: Path) -> Rows | None:
    """Every row as SQLite reads it, index not used; None when SQLite itself complains."""
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    connection.text_factory = bytes
    try:
        found = connection.execute("SELECT * FROM records NOT INDEXED").fetchall()
        return {row[0]: row[1:] for row in found}
    except sqlite3.Error:
        return None
    finally:
        connection.close()


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def changed_seqs(before: Rows, after: Rows) -> set[int]:
    return {seq for seq in before.keys() | after.keys() if before.get(seq) != after.get(seq)}


def record_pages(data: bytes, rows: Rows) -> list[range]:
    """The byte ranges of the pages that hold records: where every record's bytes are found."""
    page = int.from_bytes(data[16:18], "big")
    numbers = {data.index(row[4]) // page for row in rows.values()}
    return [range(number * page, (number + 1) * page) for number in sorted(numbers)]
