"""Counts made beside the code that is measured: plain SQL on the files it leaves behind."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from kiosk.site.bench.place import barcode


def journal_records(path: Path) -> int:
    return _one(path, "SELECT count(*) FROM records")


def ledger_records(path: Path) -> int:
    """Records that the gateway has kept; each once, or it would not be a count of distinct ones."""
    return _one(path, "SELECT count(DISTINCT hash) FROM inbox")


def executed(path: Path) -> int:
    """Loans and returns that the demo library system has booked for the copies of `many_books`."""
    return _one(path, f"SELECT count(*) FROM effect WHERE op IN ('checkout', 'checkin') AND item >= '{barcode(0)}'")


def effects(path: Path) -> int:
    """Everything the demo library system has booked since its first day."""
    return _one(path, "SELECT count(*) FROM effect WHERE op IN ('checkout', 'checkin', 'renew')")


def _one(path: Path, sql: str) -> int:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        return int(connection.execute(sql).fetchone()[0])
    finally:
        connection.close()
