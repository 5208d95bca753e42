"""SQLite's write-ahead log beneath a ledger: laid out beforehand, and emptied beside the writer.

A commit that makes the log's file grow is a commit of the file system's own journal too, and takes several times as
long as one that overwrites. A commit that also has to move the log into the database takes longer still, and somebody
waits for its answer: that is done on a connection of its own.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any, Final

LOG_BYTES: Final = 8 << 20
CHANGES_MAX: Final = 250
"""Rows written between two clean-ups: an effect's row touches six pages, and 2,000 frames of 4 KiB are laid out."""

CUT_MS_MAX: Final = 100

_CHUNK: Final = bytes(1 << 20)


def lay_out(database: Path) -> bool:
    """Lengthens the log with zeros, which no recovery takes for a frame. True when there was an old log.

    The caller is in a transaction that writes: SQLite's own lock keeps every other process from adding to the log
    meanwhile. Raises OSError.
    """
    log = database.with_name(database.name + "-wal")
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        size = os.fstat(file).st_size
        if size < LOG_BYTES:
            # An old log that was cut short must be short on the disk before a zero is written behind its end.
            os.fsync(file)
            for at in range(size, LOG_BYTES, len(_CHUNK)):
                os.pwrite(file, _CHUNK[: LOG_BYTES - at], at)
            os.fsync(file)
        return size > 0
    finally:
        os.close(file)


def move_into_database(connection: Any) -> bool:
    """Copies what is committed from the log into the database, as far as no reader is in the way. True when nothing is
    left: the next commit begins the log anew. `connection` is the driver's own (PEP 249). Raises LogStuck."""
    try:
        busy, frames, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    except sqlite3.Error as error:
        raise LogStuck(f"the ledger's log cannot be moved: {type(error).__name__}") from error
    return not busy and bool(frames == moved)


def cut(connection: Any) -> bool:
    """Moves all of the log and cuts its file to nothing: what was erased is in no old frame any more. False while
    somebody reads from it. `connection` is the driver's own (PEP 249). Raises LogStuck."""
    try:
        # It waits with the write lock in its hand: no longer than a commit may take.
        connection.execute(f"PRAGMA busy_timeout={CUT_MS_MAX}").close()
        [busy] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[:1]
    except sqlite3.Error as error:
        raise LogStuck(f"the ledger's log cannot be cut: {type(error).__name__}") from error
    return not busy


class LogStuck(Exception):
    """The disk failed under a clean-up. What was committed is safe in the log, but nobody should rely on this disk."""
