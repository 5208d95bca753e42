"""A file system in memory that forgets, as a power cut makes it forget, under the journal's own SQLite code.

SQLite's own crash tests work the same way ("How SQLite Is Tested", 3.3): every write since a file's last sync may be
on the disk or not, whole or in part, in any order.
"""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

from kiosk.journal.bookkeeping import Identity
from kiosk.journal.database import Database, Row, Write, sorted_out
from kiosk.journal.disk import HEADER_BYTES, FileDisk, is_journal, pragmas
from kiosk.journal.entries import JournalForeign

try:
    import apsw
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("power cuts are made with apsw: pip install apsw", name="apsw") from error

NAME: Final = "journal.db"
LOG: Final = NAME + "-wal"
LOG_BYTES: Final = 64 << 10
SECTOR_BYTES: Final = 512  # what a disk writes whole
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Op:
    """One thing done to one file. `data` None: cut to `offset` bytes; `gone`: deleted; `sync`: all so far is kept."""

    name: str
    offset: int = 0
    data: bytes | None = None
    sync: bool = False
    gone: bool = False


Files = dict[str, bytes]


@dataclass(slots=True)
class Memory:
    """The files as a running program sees them, and everything done to them. `fails(op)` makes it an I/O error."""

    files: dict[str, bytearray] = field(default_factory=dict)
    ops: list[Op] = field(default_factory=list)
    fails: Callable[[Op], bool] = lambda op: False

    def do(self, op: Op) -> None:
        if self.fails(op):
            raise apsw.exceptionfor(apsw.SQLITE_IOERR)
        self.ops.append(op)
        _apply(self.files, op)


class MemoryDisk:
    """A Disk of the journal whose files are in a Memory."""

    def __init__(self, memory: Memory, *, synchronous: str = "FULL", lasting: bool = True) -> None:
        self._memory = memory
        self._synchronous = synchronous
        self._lasting = lasting
        self._vfs: _Vfs | None = None

    def take(self) -> None:
        self._vfs = _Vfs(self._memory)

    def exists(self) -> bool:
        return NAME in self._memory.files

    def create(self, identity: Identity) -> None:
        """As on a real disk, where a new file is moved into place whole."""
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / NAME
            FileDisk(path, synchronous="OFF").create(identity)
            self._memory.do(Op(NAME, 0, path.read_bytes()))
        self._memory.do(Op(NAME, sync=True))

    def connect(self) -> Database:
        if not is_journal(bytes(self._memory.files[NAME][:HEADER_BYTES])):
            raise JournalForeign("no journal")
        self.renew_log()
        assert self._vfs is not None
        # The shared memory of several connections is no part of this story.
        return ApswDatabase(self._vfs.name, "locking_mode = EXCLUSIVE", *pragmas(self._synchronous))

    def renew_log(self) -> None:
        if self._lasting and not self._memory.files.get(LOG):
            self._memory.do(Op(LOG, sync=True))
            self._memory.do(Op(LOG, 0, bytes(LOG_BYTES)))
            self._memory.do(Op(LOG, sync=True))

    def spend_ballast(self) -> bool:
        return False

    def renew_ballast(self) -> bool:
        return True

    def give_back(self) -> None:
        if self._vfs is not None:
            self._vfs.unregister()
            self._vfs = None


class ApswDatabase:
    """apsw behind the same few calls as sqlite3."""

    def __init__(self, vfs: str, *settings: str) -> None:
        self._connection = apsw.Connection(NAME, flags=apsw.SQLITE_OPEN_READWRITE, vfs=vfs)
        for setting in settings:
            self.rows(f"PRAGMA {setting}")

    def rows(self, sql: str, values: Row = ()) -> list[Row]:
        try:
            return list(self._connection.execute(sql, values))
        except apsw.Error as error:
            raise _sorted(error) from error

    def commit(self, writes: Sequence[Write]) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for sql, rows in writes:
                self._connection.executemany(sql, rows)
            self._connection.execute("COMMIT")
        except apsw.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise _sorted(error) from error

    def close(self) -> None:
        with contextlib.suppress(apsw.Error):  # what matters was synced at its commit
            self._connection.close(True)


def _sorted(error: apsw.Error) -> Exception:
    code = getattr(error, "result", sqlite3.SQLITE_ERROR)  # apsw sets it only where SQLite gave a code
    return sorted_out(sqlite3.DatabaseError(str(error)), code)


def after_power_cut(start: Files, ops: Sequence[Op], rng: Random, *, lying: bool = False) -> Files:
    """The files as they may be found when the power fails after `ops`. `lying`: a disk for which a sync is nothing."""
    kept = {name: bytearray(data) for name, data in start.items()}
    pending: dict[str, list[Op]] = {}
    for op in ops:
        if not op.sync:
            pending.setdefault(op.name, []).append(op)
        elif not lying:
            for done in pending.pop(op.name, ()):
                _apply(kept, done)
    fate = rng.choice((_none, _all, _some, _torn))
    for waiting in pending.values():
        for op in fate(waiting, rng):
            _apply(kept, op)
    return {name: bytes(data) for name, data in kept.items()}


def _none(ops: list[Op], rng: Random) -> list[Op]:
    return []


def _all(ops: list[Op], rng: Random) -> list[Op]:
    return ops


def _some(ops: list[Op], rng: Random) -> list[Op]:
    return [op for op in ops if rng.random() < 0.5]


def _torn(ops: list[Op], rng: Random) -> list[Op]:
    """Of each write some sectors; what is no write happens or not."""
    sectors: list[Op] = []
    for op in ops:
        if op.data is None:
            sectors += [op] * (rng.random() < 0.5)
            continue
        at = op.offset
        end = op.offset + len(op.data)
        while at < end:
            stop = min(end, (at // SECTOR_BYTES + 1) * SECTOR_BYTES)
            if rng.random() < 0.5:
                sectors.append(Op(op.name, at, op.data[at - op.offset : stop - op.offset]))
            at = stop
    return sectors


def _apply(files: dict[str, bytearray], op: Op) -> None:
    if op.sync:
        return
    if op.gone:
        files.pop(op.name, None)
        return
    content = files.setdefault(op.name, bytearray())
    if op.data is None:
        del content[op.offset :]
        return
    end = op.offset + len(op.data)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    content[op.offset : end] = op.data


class _Vfs(apsw.VFS):
    def __init__(self, memory: Memory) -> None:
        self.name = f"power-{next(_numbers)}"
        self._memory = memory
        super().__init__(self.name, "")

    def xFullPathname(self, name: str) -> str:
        return name

    def xOpen(self, name: Any, flags: list[int]) -> Any:  # apsw's types; it calls the methods of what it gets
        flags[1] = flags[0]
        return _File(self._memory, name if isinstance(name, str) else name.filename())

    def xDelete(self, name: str, sync: bool) -> None:
        self._memory.do(Op(name, gone=True))
        if sync:
            self._memory.do(Op(name, sync=True))

    def xAccess(self, name: str, flags: int) -> bool:
        return name in self._memory.files


class _File:
    """SQLite's view of one file (SQLite documentation, "sqlite3_io_methods")."""

    def __init__(self, memory: Memory, name: str) -> None:
        self._memory = memory
        self._name = name
        memory.files.setdefault(name, bytearray())

    def xRead(self, amount: int, offset: int) -> bytes:
        return bytes(self._memory.files[self._name][offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:
        self._memory.do(Op(self._name, offset, bytes(data)))

    def xTruncate(self, size: int) -> None:
        self._memory.do(Op(self._name, size))

    def xSync(self, flags: int) -> None:
        self._memory.do(Op(self._name, sync=True))

    def xFileSize(self) -> int:
        return len(self._memory.files[self._name])

    def xLock(self, level: int) -> None:
        pass

    def xUnlock(self, level: int) -> None:
        pass

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, op: int, pointer: int) -> bool:
        return False

    def xSectorSize(self) -> int:
        return 4096

    def xDeviceCharacteristics(self) -> int:
        return int(apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE)  # as SQLite's own file systems say

    def xClose(self) -> None:
        pass
