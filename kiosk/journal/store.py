"""The journal as its one owner uses it, and the read-only view of the uplink."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final as Constant
from typing import TypeVar

from drivers.clock import Clock
from kiosk.domain import ItemBarcode, Key, Pseudonym
from kiosk.journal import reading, recovery
from kiosk.journal.bookkeeping import SAVE, Identity, Progress, saved
from kiosk.journal.database import Database, Row, SqliteDatabase, Write, uri
from kiosk.journal.disk import Disk, FileDisk
from kiosk.journal.entries import (
    Entry,
    ForkSuspected,
    JournalBroken,
    JournalBusy,
    JournalDamaged,
    JournalFull,
    Meta,
    Problem,
)
from kiosk.journal.gateway_time import GatewayTime
from kiosk.journal.keys_open import OpenKeys
from kiosk.messages import records
from kiosk.messages.records import Body, Booted, Head, Intent, Noted, Record

T = TypeVar("T")

EPOCH_BYTES: Constant = 6
SECRET_BYTES: Constant = 32
DAYS_KEPT: Constant = 3
FRAMES_BETWEEN_CHECKPOINTS: Constant = 1_500  # of the 2,000 laid out in `disk.WAL_BYTES`
FRAME_BYTES_USED: Constant = 3_000  # a page is 4,096 bytes and on average not full
ALONE_RECORDS_MAX: Constant = 20_000  # records a start looks through for what was decided without the network
OPEN_FROM_LAG_MAX: Constant = 1_000  # records a start reads only to find which keys are open

_INSERT: Constant = "INSERT INTO records (seq, kind, key, item, pseudonym, bytes, hash) VALUES (?, ?, ?, ?, ?, ?, ?)"


class Journal:
    """One owner, one writer. Any method may raise JournalBroken; after that only `close` is of use."""

    meta: Meta
    boot: str
    low_disk: bool
    """The ballast was given up: finish what was begun, begin nothing new."""

    _last: tuple[int, str]
    _fresh: tuple[Entry, ...] = ()  # of the last append: what is asked for next
    _keys: OpenKeys
    _progress: Progress
    _time: GatewayTime
    _secrets: dict[str, bytes]

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        device: str,
        clock: Clock,
        boot: str,
        entropy: Callable[[int], bytes] = os.urandom,
        synchronous: str = "FULL",
    ) -> Journal:
        """Opens or creates the journal at `path`, recovers it and reads its tail back.

        Raises JournalBusy, JournalForeign, JournalFull, JournalBroken and its JournalDamaged. `entropy(n)` gives n
        random bytes (epoch, day secrets). `boot` names this boot of the machine.
        """
        return cls(FileDisk(path, synchronous=synchronous), device=device, clock=clock, boot=boot, entropy=entropy)

    def __init__(
        self, disk: Disk, *, device: str, clock: Clock, boot: str, entropy: Callable[[int], bytes] = os.urandom
    ) -> None:
        self.boot = boot
        self._disk = disk
        self._clock = clock
        self._entropy = entropy
        self._database: Database | None = None
        self._frames = 0  # pages in the log since it was last moved
        self._unsaved = False  # progress has moved since it was last written
        self._erase_log = False  # the log still holds a destroyed secret
        disk.take()
        try:
            if not disk.exists():
                disk.create(Identity(device=device, epoch=entropy(EPOCH_BYTES).hex(), created_ms=self._wall_ms()))
            self._database = disk.connect()
            self._recover(device)
            self.low_disk = not disk.renew_ballast()
        except sqlite3.Error as error:  # tables of ours that are not there, values too long to be true
            self._let_go()
            raise JournalDamaged((Problem(seq=None, what=str(error)),)) from error
        except BaseException:
            self._let_go()
            raise

    # -- writing

    def append(self, bodies: Sequence[Body]) -> tuple[Entry, ...]:
        """Writes all `bodies` in one commit and returns once they are on disk. Raises JournalFull: nothing was kept.

        A key minted twice is a bug and asserts.
        """
        entries: list[Entry] = []
        rows: list[Row] = []
        seq, prev = self._last
        for body in bodies:
            seq += 1
            entry = self._entry(seq, prev, body)
            entries.append(entry)
            rows.append(self._row(entry))
            self._keys.fold(seq, body)
            prev = entry.hash
        try:
            self._write(((_INSERT, rows),), sum(len(entry.data) for entry in entries))
        except JournalFull:
            self._keys = recovery.open_keys(self._db(), self._progress.open_from)
            raise
        self._last = (seq, prev)
        self._fresh = tuple(entries)
        return self._fresh

    def receipt(self, through: int, head: str, wall_ms: int) -> None:
        """The gateway has everything up to `through`. Never moves back. Raises ForkSuspected when `head` is not ours.

        `wall_ms` is the gateway's clock: it gives the offset in later heads and the age of snapshots. Kept with the
        next commit: after a crash the gateway is simply told again.
        """
        if reading.hash_of(self._db(), through) != head:
            raise ForkSuspected(f"the gateway's record {through} is not ours")
        if through > self._progress.watermark:
            self._progress = replace(self._progress, watermark=through, head=head)
        self._time = self._time.told(wall_ms, self._wall_ms(), self._mono_ms())
        self._unsaved = True

    def day_secret(self, day: str) -> bytes:
        """The secret of the pseudonyms of an ISO date: made on first use, destroyed DAYS_KEPT days later."""
        if day not in self._secrets:
            oldest = (date.fromisoformat(day) - timedelta(days=DAYS_KEPT)).isoformat()
            self._erase_log = any(known < oldest for known in self._secrets)
            new = (day, self._entropy(SECRET_BYTES))
            insert = ("INSERT OR REPLACE INTO day_secrets (day, secret) VALUES (?, ?)", (new,))
            self._write((insert, ("DELETE FROM day_secrets WHERE day < ?", ((oldest,),))))
            self._secrets = self._read_secrets()
        return self._secrets[day]

    def checkpoint(self) -> None:
        """Housekeeping for quiet moments: saves progress, moves the log into the file, renews the ballast.

        Where there is no room for that `low_disk` stays set, and nothing is lost.
        """
        try:
            self._write(())
            self._move_log()
        except JournalFull:
            self.low_disk = True
        else:
            self.low_disk = not self._disk.renew_ballast()

    def close(self) -> None:
        """Marks a clean end; harmless when repeated, and after a failure."""
        if self._database is not None:
            self._progress = replace(self._progress, clean=True)
            self._unsaved = True
            try:
                with contextlib.suppress(JournalFull):  # then the next start takes this one for a crash
                    self._write(())
            finally:
                self._let_go()

    # -- reading

    @property
    def last(self) -> tuple[int, str]:
        """(seq, hash) of the newest record; (0, GENESIS) for an empty journal."""
        return self._last

    @property
    def watermark(self) -> int:
        """Highest seq the gateway has given a receipt for."""
        return self._progress.watermark

    def read(self, first_seq: int, limit: int) -> tuple[Entry, ...]:
        """Entries from `first_seq` on, oldest first."""
        return reading.read(self._db(), first_seq, limit)

    def entry_of(self, key: Key, kind: str) -> Entry | None:
        """The newest record of this kind ("intent", "granted"... as in messages.records) of a key."""
        for entry in reversed(self._fresh):
            body = entry.record.body
            if not isinstance(body, Booted | Noted) and body.key == key and records.kind_of(body) == kind:
                return entry
        intent = self._db().rows("SELECT seq FROM records WHERE key = ? AND kind = 'intent'", (key,))
        if not intent:
            return None
        return self._newest("seq >= ? AND key = ? AND kind = ?", (intent[0][0], key, kind))

    def newest(self, kind: str) -> Entry | None:
        """The newest record of a kind: the newest intent tells how far keys have been minted."""
        return self._newest("kind = ?", (kind,))

    def open_keys(self) -> tuple[Intent, ...]:
        """Intents without a Final, oldest first."""
        return tuple(self._keys.intents.values())

    def open_entries(self) -> tuple[Entry, ...]:
        """Every record of the open keys, oldest first: what recovery folds."""
        seqs = sorted(seq for of_key in self._keys.seqs.values() for seq in of_key)
        return tuple(entry for seq in seqs for entry in self.read(seq, 1))

    def accepted_alone(self, cleared_by: str) -> tuple[Entry, ...]:
        """Every record of the keys that were accepted without the network since the newest note `cleared_by`, receipted
        or not; oldest first. Looks back over ALONE_RECORDS_MAX records at most."""
        first = self.last[0] - ALONE_RECORDS_MAX
        keys: set[object] = set()
        sql = "SELECT seq, kind, key FROM records WHERE seq > ? AND kind IN ('offline', 'noted') ORDER BY seq DESC"
        for seq, kind, key in self._db().rows(sql, (first,)):
            if kind == "offline":
                keys.add(key)
            elif isinstance(body := self.read(int(seq), 1)[0].record.body, Noted) and body.what == cleared_by:
                break
        if not keys:
            return ()
        named = self._db().rows("SELECT seq, key FROM records WHERE seq > ? AND key IS NOT NULL ORDER BY seq", (first,))
        return tuple(entry for seq, key in named if key in keys for entry in self.read(int(seq), 1))

    def first_noted(self, what: str, since_ms: int) -> int | None:
        """Seq of the oldest note `what` that was made at `since_ms` (this machine's wall clock) or later; None without
        one. Looks back over ALONE_RECORDS_MAX records at most."""
        found = None
        sql = "SELECT seq FROM records WHERE seq > ? AND kind = 'noted' ORDER BY seq DESC"
        for (seq,) in self._db().rows(sql, (self.last[0] - ALONE_RECORDS_MAX,)):
            body = self.read(int(seq), 1)[0].record.body
            if isinstance(body, Noted) and body.what == what:
                if body.at_ms < since_ms:
                    break
                found = int(seq)
        return found

    def unreceipted(self, item: ItemBarcode | None = None, pseudonym: Pseudonym | None = None) -> tuple[int, ...]:
        """Seqs above the watermark; with arguments only those of keys that touch the item or the reader."""
        sql = "SELECT seq FROM records WHERE seq > ?"
        values: Row = (self.watermark,)
        if item is not None or pseudonym is not None:
            sql += " AND (item = ? OR pseudonym = ?)"
            values += (item, pseudonym)
        return tuple(seq for (seq,) in self._db().rows(sql + " ORDER BY seq", values))

    def gateway_ms(self) -> int | None:
        """The gateway's clock, estimated; never before a time it has certainly reached. None before the first."""
        return self._time.estimate(self._wall_ms(), self._mono_ms())

    # -- inside

    def _recover(self, device: str) -> None:
        found = recovery.recover(self._db(), device)
        identity, self._progress = found.identity, found.progress
        self._last = found.last
        self._keys = found.keys
        self._secrets = self._read_secrets()
        self._time = GatewayTime(
            reached_ms=self._progress.gateway_ms, offset_ms=self._progress.offset_ms, at_mono_ms=self._mono_ms()
        )
        self.meta = Meta(
            device=identity.device,
            epoch=identity.epoch,
            created_ms=identity.created_ms,
            clean=self._progress.clean,
        )
        self._erase_log = not self.meta.clean  # a run that died may have destroyed a secret just before
        self.low_disk = False
        self._progress = replace(self._progress, clean=False)
        self._unsaved = True
        self._write(())

    def _entry(self, seq: int, prev: str, body: Body) -> Entry:
        head = Head(
            device=self.meta.device,
            epoch=self.meta.epoch,
            seq=seq,
            prev=prev,
            wall_ms=self._wall_ms(),
            mono_ms=self._mono_ms(),
            boot=self.boot,
            offset_ms=self._time.offset_ms,
        )
        record = Record(head=head, body=body)
        data = records.encode(record)
        return Entry(seq=seq, record=record, data=data, hash=records.chain_hash(prev, data))

    def _row(self, entry: Entry) -> Row:
        body = entry.record.body
        subject = self._keys.subject(body)
        kind = records.kind_of(body)
        return entry.seq, kind, subject.key, subject.item, subject.pseudonym, entry.data, bytes.fromhex(entry.hash)

    def _write(self, writes: tuple[Write, ...], size: int = 0) -> None:
        """One commit of `writes` and, where due, of progress. Gives up the ballast before it gives up."""
        progress = replace(
            self._progress,
            gateway_ms=self._time.reached(self._mono_ms()),
            offset_ms=self._time.offset_ms,
            open_from=self._keys.oldest or self._last[0] + 1,
        )
        if self._unsaved or progress.open_from > self._progress.open_from + OPEN_FROM_LAG_MAX:
            writes += ((SAVE, (saved(progress),)),)
        elif not writes:
            return
        self._with_room(lambda: self._db().commit(writes))
        if writes[-1][0] == SAVE:
            self._progress, self._unsaved = progress, False
        self._frames += 3 + size // FRAME_BYTES_USED
        if self._frames >= FRAMES_BETWEEN_CHECKPOINTS:
            try:
                self._move_log()
            except JournalFull:  # the commit itself stands; the log grows instead
                self.low_disk = True

    def _with_room(self, act: Callable[[], T]) -> T:
        try:
            return self._or_broken(act)
        except JournalFull:
            self.low_disk = True
            if not self._disk.spend_ballast():
                raise
            return self._or_broken(act)

    def _or_broken(self, act: Callable[[], T]) -> T:
        """Fail-stop: after a disk error the journal is closed before anyone can write on."""
        try:
            return act()
        except (JournalBroken, JournalBusy) as error:
            self._let_go()
            raise JournalBroken(f"the journal is closed: {error}") from error

    def _move_log(self) -> None:
        self._frames = 0
        mode = "TRUNCATE" if self._erase_log else "PASSIVE"
        busy = self._with_room(lambda: self._db().rows(f"PRAGMA wal_checkpoint({mode})")[0][0])
        if self._erase_log and not busy:
            self._erase_log = False
            self._disk.renew_log()

    def _newest(self, condition: str, values: Row) -> Entry | None:
        rows = self._db().rows(
            f"SELECT {reading.COLUMNS} FROM records WHERE {condition} ORDER BY seq DESC LIMIT 1", values
        )
        return reading.entry(rows[0]) if rows else None

    def _read_secrets(self) -> dict[str, bytes]:
        rows = self._db().rows("SELECT day, secret FROM day_secrets")
        return {day: secret for day, secret in rows if isinstance(secret, bytes) and len(secret) == SECRET_BYTES}

    def _db(self) -> Database:
        if self._database is None:
            raise JournalBroken("the journal is closed")
        return self._database

    def _let_go(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None
        self._disk.give_back()

    def _wall_ms(self) -> int:
        return int(self._clock.wall() * 1000)

    def _mono_ms(self) -> int:
        return int(self._clock.now() * 1000)


class Outbox:
    """A reader of a journal that another thread writes: for the uplink. Raises JournalBroken, JournalDamaged."""

    def __init__(self, path: Path) -> None:
        self._database = SqliteDatabase(uri(path, mode="ro"), "query_only = ON")

    def read(self, first_seq: int, limit: int) -> tuple[Entry, ...]:
        """Entries from `first_seq` on, oldest first; each was checked against its hash."""
        return reading.read(self._database, first_seq, limit)

    @property
    def last(self) -> tuple[int, str]:
        """(seq, hash) of the newest record; (0, GENESIS) for an empty journal."""
        return reading.last(self._database)

    def hash_of(self, seq: int) -> str | None:
        """Hash of record `seq`; GENESIS for 0, None when there is no such record."""
        return reading.hash_of(self._database, seq)

    def close(self) -> None:
        self._database.close()
