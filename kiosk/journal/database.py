"""SQLite as the journal needs it: one transaction at a time, every error told apart: full, damaged, broken or a bug.

Write-ahead log with synchronous=FULL: one fdatasync a commit. NORMAL would lose acknowledged commits at a power cut
(SQLite documentation, "Write-Ahead Logging", section 2.2); `circdesk prove powercuts --mutant normal` shows it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from kiosk.journal.entries import JournalBroken, JournalBusy, JournalDamaged, JournalFull, Problem

Row = tuple[Any, ...]  # SQLite decides the types; the readers check them
Write = tuple[str, Sequence[Row]]
"""One statement and the rows of values it is executed with."""

BUSY_MS: Final = 2_000
_FULL: Final = frozenset({sqlite3.SQLITE_FULL})
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_BROKEN: Final = frozenset(
    {
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOMEM,  # says nothing of the file: it must not be put aside for that
        sqlite3.SQLITE_INTERRUPT,
    }
)


class Database(Protocol):
    """A connection, whichever library makes it. Raises JournalFull, JournalBroken or JournalBusy, else it is a bug."""

    def rows(self, sql: str, values: Row = ()) -> list[Row]: ...

    def commit(self, writes: Sequence[Write]) -> None:
        """All of `writes` in one transaction, or none of it."""

    def close(self) -> None: ...


class SqliteDatabase:
    """The standard library's sqlite3, with prepared statements from its cache."""

    def __init__(self, address: str, *pragmas: str) -> None:
        """`address` is a SQLite URI. One owner at a time, in whichever thread it runs."""
        try:
            self.connection: Final = sqlite3.connect(
                address, uri=True, isolation_level=None, check_same_thread=False, timeout=BUSY_MS / 1000
            )
            self.connection.text_factory = _text
            for pragma in pragmas:
                self.connection.execute(f"PRAGMA {pragma}").fetchall()
        except sqlite3.Error as error:
            raise sorted_out(error, error_code(error)) from error

    def rows(self, sql: str, values: Row = ()) -> list[Row]:
        try:
            return self.connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise sorted_out(error, error_code(error)) from error

    def commit(self, writes: Sequence[Write]) -> None:
        connection = self.connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            for sql, rows in writes:
                connection.executemany(sql, rows)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._rollback()
            raise sorted_out(error, error_code(error)) from error

    def close(self) -> None:
        with contextlib.suppress(sqlite3.Error):  # what matters was synced at its commit
            self.connection.close()

    def _rollback(self) -> None:
        # SQLite has rolled back by itself after most disk errors; then there is nothing left to undo.
        if self.connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                self.connection.execute("ROLLBACK")


def _text(data: bytes) -> str:
    # Bit rot may leave bytes that are no UTF-8; they must be compared, not refused.
    return data.decode("utf-8", "surrogateescape")


def error_code(error: sqlite3.Error) -> int:
    """SQLite's primary result code; 1 (SQLITE_ERROR) where the library raised by itself."""
    return (getattr(error, "sqlite_errorcode", None) or sqlite3.SQLITE_ERROR) & 0xFF


def sorted_out(error: Exception, code: int) -> Exception:
    """What an SQLite error means for the journal: full, busy, broken, or a bug."""
    if code in _FULL:
        return JournalFull(str(error))
    if code in _BUSY:
        return JournalBusy(str(error))
    if code in _DAMAGED:  # what is in the file, not the disk under it
        return JournalDamaged((Problem(seq=None, what=f"{error} [{code}]"),))
    if code in _BROKEN:
        return JournalBroken(f"{error} [{code}]")
    if code == sqlite3.SQLITE_CONSTRAINT:
        return AssertionError(f"the journal's own rules: {error}")
    return error


def uri(path: Path, **options: str) -> str:
    """A SQLite URI filename."""
    query = "&".join(f"{name}={value}" for name, value in options.items())
    return f"{path.absolute().as_uri()}?{query}"
