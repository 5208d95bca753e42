"""Is this file what was written? Reads every record back; works on a copy and on a read-only medium."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.journal import bookkeeping, migrations
from kiosk.journal.bookkeeping import Identity, Progress
from kiosk.journal.database import Database, Row, SqliteDatabase, uri
from kiosk.journal.disk import HEADER_BYTES, is_journal
from kiosk.journal.entries import JournalBroken, JournalForeign, Problem
from kiosk.journal.keys_open import OpenKeys
from kiosk.messages import records
from kiosk.messages.records import GENESIS, Record

PROBLEMS_MAX: Final = 1_000
_ROW: Final = "seq, kind, key, item, pseudonym, bytes, hash"
_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    device: str
    epoch: str
    records: int
    last_seq: int
    head: str
    watermark: int
    problems: tuple[Problem, ...]

    @property
    def good(self) -> bool:
        return not self.problems


def verify(path: Path) -> VerifyReport:
    """Checks structure, numbering, chain and the columns beside the bytes. Raises JournalForeign for no journal."""
    with reader(path) as database:
        return _Check(database).report()


@contextlib.contextmanager
def reader(path: Path) -> Iterator[SqliteDatabase]:
    """A read-only connection to a journal that may be in use, a copy, or on a read-only medium.

    SQLite cannot open a write-ahead log it may not write beside; then the file and its log are read as a copy. Of a
    journal in use that copy may be torn: look at it as the machine's own user. Raises JournalForeign, and OSError
    when there is no such file.
    """
    with path.open("rb") as file:
        if not is_journal(file.read(HEADER_BYTES)):
            raise JournalForeign(f"{path.name} is no journal, or its first page is damaged")
    with contextlib.ExitStack() as stack:
        log = path.with_name(path.name + "-wal")
        if os.access(path.parent, os.W_OK) and os.access(path, os.W_OK):
            address = uri(path, mode="ro")
        elif log.exists() and log.stat().st_size > 0:
            place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="journal-")))
            for name in (path.name, log.name):
                shutil.copyfile(path.with_name(name), place / name)
            address = uri(place / path.name)
        else:
            address = uri(path, mode="ro", immutable="1")
        database = SqliteDatabase(address)
        stack.callback(database.close)
        yield database


class _Check:
    """One walk over the file, collecting problems."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._problems: list[Problem] = []
        self._keys = OpenKeys()
        self._heads = {GENESIS}  # hashes that the next record may follow: two when the one before is damaged
        self._identity: Identity | None = None
        self._count = 0
        self._last_seq = 0
        self._head = GENESIS

    def report(self) -> VerifyReport:
        self._structure()
        self._identity = self._state("identity", Identity)
        for row in self._rows():
            self._row(row)
        progress = self._state("progress", Progress) or Progress()
        identity = self._identity or Identity(device="", epoch="", created_ms=0)
        return VerifyReport(
            device=identity.device,
            epoch=identity.epoch,
            records=self._count,
            last_seq=self._last_seq,
            head=self._head,
            watermark=progress.watermark,
            problems=tuple(self._problems),
        )

    def _problem(self, seq: int | None, what: str) -> None:
        if len(self._problems) < PROBLEMS_MAX:
            self._problems.append(Problem(seq=seq, what=what))

    def _structure(self) -> None:
        try:
            for (line,) in self._database.rows("PRAGMA integrity_check(100)"):
                if line != "ok":
                    self._problem(None, str(line))
            stored: dict[str, str] = dict(self._database.rows("SELECT name, sql FROM sqlite_schema"))
        except (JournalBroken, sqlite3.Error) as error:
            self._problem(None, str(error))
            return
        for name, sql in migrations.expected_schema().items():
            if stored.get(name) != sql:
                self._problem(None, f"{name} is not as it was made")

    def _rows(self) -> Iterator[Row]:
        """Every row that can be read, in order. Around unreadable pages rows are tried one by one."""
        seq = 1
        last = self._highest()
        while seq <= last:
            try:
                rows = self._database.rows(
                    f"SELECT {_ROW} FROM records WHERE seq >= ? ORDER BY seq LIMIT ?", (seq, _AT_ONCE)
                )
            except (JournalBroken, sqlite3.Error):
                rows = self._one_by_one(seq, min(last, seq + _AT_ONCE - 1))
                yield from rows
                seq += _AT_ONCE
                continue
            if not rows:
                return
            yield from rows
            seq = rows[-1][0] + 1

    def _highest(self) -> int:
        try:
            return int(self._database.rows("SELECT coalesce(max(seq), 0) FROM records")[0][0])
        except (JournalBroken, sqlite3.Error) as error:
            self._problem(None, str(error))
            return 0

    def _one_by_one(self, first: int, last: int) -> list[Row]:
        found: list[Row] = []
        for seq in range(first, last + 1):
            try:
                found += self._database.rows(f"SELECT {_ROW} FROM records WHERE seq = ?", (seq,))
            except (JournalBroken, sqlite3.Error) as error:
                self._problem(seq, str(error))
                found.append((seq, None, None, None, None, None, None))
        return found

    def _row(self, row: Row) -> None:
        seq, _, _, _, _, data, digest = row
        for missing in range(self._last_seq + 1, min(seq, self._last_seq + PROBLEMS_MAX)):
            self._problem(missing, "is missing")
        self._count += 1
        self._last_seq = seq
        stored = digest.hex() if isinstance(digest, bytes) else ""
        computed = {records.chain_hash(head, data) for head in self._heads} if isinstance(data, bytes) else set()
        record = _decoded(data)
        wrong = self._wrong(row, record, stored in computed)
        if wrong:
            self._problem(seq, wrong)
        if record is not None:
            self._keys.fold(seq, record.body)
        self._heads = {stored} if stored in computed else {stored} | computed
        if record is not None and stored not in computed:
            self._heads.add(records.chain_hash(record.head.prev, data))
        self._head = stored

    def _wrong(self, row: Row, record: Record | None, chained: bool) -> str:
        """What is wrong with one row, "" for nothing."""
        seq, kind, key, item, pseudonym, _, _ = row
        if record is None:
            return "is no record"
        if not chained:
            return "does not match its hash, or does not follow the one before"
        head = record.head
        if self._identity is None:
            self._identity = Identity(device=head.device, epoch=head.epoch, created_ms=head.wall_ms)
        if (head.seq, head.device, head.epoch) != (seq, self._identity.device, self._identity.epoch):
            return "belongs to another place or journal"
        if head.prev not in self._heads:
            return "does not follow the one before"
        subject = self._keys.subject(record.body)
        if (kind, key, item, pseudonym) != (
            records.kind_of(record.body),
            subject.key,
            subject.item,
            subject.pseudonym,
        ):
            return "is filed under something else than it says"
        return ""

    def _state(self, name: str, kind: type[bookkeeping.T]) -> bookkeeping.T | None:
        try:
            rows = self._database.rows("SELECT value, hash FROM state WHERE name = ?", (name,))
        except (JournalBroken, sqlite3.Error):
            rows = []
        value = bookkeeping.state_of(rows, kind)
        if value is None:
            self._problem(None, f"the bookkeeping row {name!r} is damaged")
        return value


def _decoded(data: object) -> Record | None:
    if not isinstance(data, bytes):
        return None
    try:
        return records.decode(data)
    except records.RecordError:
        return None
