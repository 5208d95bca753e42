"""Where a journal lives: one file with its lock, its preallocated write-ahead log and its ballast."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import itertools
import os
import sqlite3
from pathlib import Path
from typing import IO, Final, Protocol

from kiosk.journal import migrations
from kiosk.journal.bookkeeping import Identity, Progress, state_row
from kiosk.journal.database import Database, SqliteDatabase, Write, error_code, sorted_out, uri
from kiosk.journal.entries import JournalBroken, JournalBusy, JournalForeign, JournalFull

# Overwriting blocks that exist costs half of what growing a file costs: each growth is a commit of the file system's
# own journal. The log is checkpointed long before it fills these 2,000 frames of 4 KiB.
WAL_BYTES: Final = 8 << 20
BALLAST_BYTES: Final = 4 << 20
HEADER_BYTES: Final = 100
_CHUNK: Final = bytes(1 << 20)
_SYNCHRONOUS: Final = ("FULL", "NORMAL", "OFF")  # the latter two only to show that the proofs notice


class Disk(Protocol):
    """What a journal asks of its place. Raises JournalBusy, JournalBroken, JournalFull, JournalForeign."""

    def take(self) -> None:
        """Makes this process the only owner."""

    def exists(self) -> bool: ...
    def create(self, identity: Identity) -> None: ...
    def connect(self) -> Database: ...

    def spend_ballast(self) -> bool:
        """Gives up the reserve; False when there is none."""

    def renew_ballast(self) -> bool:
        """True when the reserve is there (again)."""

    def renew_log(self) -> None:
        """Lays out an empty write-ahead log where there is none, so that no commit has to grow it."""

    def give_back(self) -> None: ...


class FileDisk:
    """A journal at `path`; beside it `-wal` and `-shm` (SQLite's), `.lock` and `.ballast`.

    With another `synchronous` than FULL it need not last (tests, replays): then nothing is laid out in advance.
    """

    def __init__(self, path: Path, *, synchronous: str = "FULL") -> None:
        if synchronous not in _SYNCHRONOUS:
            raise ValueError(f"synchronous is one of {', '.join(_SYNCHRONOUS)}, not {synchronous!r}")
        self._path = path
        self._synchronous = synchronous
        self._lasting = synchronous == "FULL"
        self._lock: IO[bytes] | None = None  # a file object: who drops a journal without a word gives it back too
        self._ballast = path.with_name(path.name + ".ballast")

    def take(self) -> None:
        lock_path = self._path.with_name(self._path.name + ".lock")
        try:
            lock = os.fdopen(os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640), "rb")
        except OSError as error:
            raise JournalBroken(f"{lock_path.name}: {error.strerror}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise JournalBusy(f"{self._path.name} is in use by another process") from error
        self._lock = lock

    def exists(self) -> bool:
        return self._path.exists()

    def create(self, identity: Identity) -> None:
        """Made under another name and moved into place whole: a power cut leaves a journal or none."""
        self._stray_log()
        new = self._path.with_name(self._path.name + ".new")
        for suffix in ("", "-journal"):
            new.with_name(new.name + suffix).unlink(missing_ok=True)
        try:
            _create(new, identity, self._synchronous)
            if self._lasting:
                _sync(new)
            os.replace(new, self._path)
            if self._lasting:
                _sync(self._path.parent)
        except OSError as error:
            raise _trouble(error) from error

    def _stray_log(self) -> None:
        """A log without its journal (the power failed while both were put aside) would be read into the new one."""
        log = self._path.with_name(self._path.name + "-wal")
        stray = (log.with_name(f"{log.name}.stray{n or ''}") for n in itertools.count())
        try:
            if log.exists():
                os.replace(log, next(name for name in stray if not name.exists()))
        except OSError as error:
            raise _trouble(error) from error

    def connect(self) -> Database:
        self._check_ours()
        self.renew_log()
        database = SqliteDatabase(uri(self._path, mode="rw"), *pragmas(self._synchronous))
        [(version,)] = database.rows("PRAGMA user_version")
        if version > migrations.LATEST:
            database.close()
            raise JournalForeign(f"{self._path.name} was written by newer software (version {version})")
        if version < migrations.LATEST:
            migrations.migrate(database.connection)
        return database

    def spend_ballast(self) -> bool:
        try:
            self._ballast.unlink()
        except FileNotFoundError:
            return False
        return True

    def renew_ballast(self) -> bool:
        if not self._lasting:
            return True
        try:
            if self._ballast.exists() and self._ballast.stat().st_size == BALLAST_BYTES:
                return True
            place = os.statvfs(self._path.parent)
            if place.f_bavail * place.f_frsize < 2 * BALLAST_BYTES:  # taking it back at once would only swing
                return False
            _fill(self._ballast, BALLAST_BYTES)
        except OSError as error:
            self._ballast.unlink(missing_ok=True)
            if isinstance(_trouble(error), JournalFull):
                return False
            raise _trouble(error) from error
        return True

    def renew_log(self) -> None:
        log = self._path.with_name(self._path.name + "-wal")
        if not self._lasting or (log.exists() and log.stat().st_size > 0):
            return
        # A log whose header is all zero is an empty log to SQLite (walIndexRecover: no magic number, no frames). The
        # old log's end must be on the disk before a zero is written: an old log cut short would bring back old pages.
        try:
            if log.exists():
                _sync(log)
            _sync(log.parent)
            _fill(log, WAL_BYTES)
            _sync(log.parent)
        except OSError as error:
            log.unlink(missing_ok=True)
            if not isinstance(_trouble(error), JournalFull):
                raise _trouble(error) from error

    def give_back(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _check_ours(self) -> None:
        """Looks without SQLite, which would lay its own files beside a stranger's."""
        try:
            with self._path.open("rb") as file:
                header = file.read(HEADER_BYTES)
        except OSError as error:
            raise _trouble(error) from error
        if not is_journal(header):
            raise JournalForeign(f"{self._path.name} is no journal, or its first page is damaged")


def pragmas(synchronous: str) -> tuple[str, ...]:
    """What every connection that writes a journal sets first."""
    return (
        f"synchronous = {synchronous}",
        "wal_autocheckpoint = 0",  # the journal checkpoints itself: SQLite's own would hide a failed fsync
        "secure_delete = ON",
        "trusted_schema = OFF",
    )


def is_journal(header: bytes) -> bool:
    """Whether these are the first HEADER_BYTES of a journal (SQLite documentation, "Database File Format", 1.3)."""
    application = int.from_bytes(header[68:72], "big")
    return header.startswith(b"SQLite format 3\0") and application == migrations.APPLICATION_ID


def set_aside(path: Path, name: str) -> Path:
    """Renames a damaged journal (and its log) to `name` beside it, so that a new one can be opened at `path`.

    The file goes before its log: without its log a journal would pass for whole, and go on from an earlier state.
    """
    aside = path.with_name(name)
    for suffix in ("", "-wal"):
        with contextlib.suppress(FileNotFoundError):
            os.replace(path.with_name(path.name + suffix), aside.with_name(aside.name + suffix))
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    _sync(path.parent)
    return aside


def _create(path: Path, identity: Identity, synchronous: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        migrations.migrate(connection)
        for sql, rows in initial_rows(identity):
            connection.executemany(sql, rows)
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error as error:
        raise sorted_out(error, error_code(error)) from error
    finally:
        with contextlib.suppress(sqlite3.Error):
            connection.close()


def initial_rows(identity: Identity) -> tuple[Write, ...]:
    """The bookkeeping of a journal without records."""
    rows = (state_row("identity", identity), state_row("progress", Progress(clean=True)))
    return (("INSERT INTO state (name, value, hash) VALUES (?, ?, ?)", rows),)


def _fill(path: Path, size: int) -> None:
    """Real blocks, not a hole: written and synced."""
    with path.open("wb") as file:
        for _ in range(size // len(_CHUNK)):
            file.write(_CHUNK)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    """fsync of a file or a directory."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _trouble(error: OSError) -> Exception:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return JournalFull(error.strerror)
    return JournalBroken(f"{error.strerror} [{error.errno}]")
