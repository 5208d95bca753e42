"""Claim: whenever the power fails, every record that was acknowledged is there, and none is there in part.

A workload (appends, receipts, secrets, quiet moments, restarts) runs the journal's own code on a disk in memory that
keeps every write and sync. Then the power is cut at random moments: what was not synced is there, or not, or torn. Each
such image is opened by the journal as at the next start and compared with what had been acknowledged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from drivers.clock import VirtualHub
from kiosk.domain import Key
from kiosk.journal import Entry, Journal, JournalBroken, JournalForeign
from kiosk.journal.database import Database, Write
from kiosk.messages.records import Body, Granted, Noted
from kiosk.site.prove.power_vfs import Files, Memory, MemoryDisk, after_power_cut
from kiosk.site.prove.report import ProveReport

CLAIM: Final = "a power cut loses no acknowledged record and leaves none in part"
MUTANTS: Final = ("normal", "off", "lying disk", "one by one")
SYNCHRONOUS: Final = {"normal": "NORMAL", "off": "OFF"}
STEPS: Final = 24
IMAGES_A_RUN: Final = 64
BATCH_MAX: Final = 6
DETAIL_BYTES_MAX: Final = 3_000
DEVICE: Final = "kiosk-01"
DAYS: Final = ("2026-11-01", "2026-11-02", "2026-11-09", "2026-11-17", "2026-11-25")  # old secrets are destroyed


@dataclass(slots=True)
class _Promise:
    """What was acknowledged when `ops` operations had been done."""

    ops: int
    records: int
    secrets: int


@dataclass(slots=True)
class _Run:
    """One workload: the disk's history, and what was promised when."""

    memory: Memory = field(default_factory=Memory)
    start: Files = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    ends: set[int] = field(default_factory=lambda: {0})  # seqs at which an append ended
    promises: list[_Promise] = field(default_factory=list)
    secrets: list[tuple[str, bytes]] = field(default_factory=list)

    def promise(self) -> None:
        self.promises.append(_Promise(len(self.memory.ops), len(self.entries), len(self.secrets)))

    def promised(self, ops: int) -> _Promise:
        return next(promise for promise in reversed(self.promises) if promise.ops <= ops)


def powercuts(
    count: int, seed: int, mutant: str | None = None, progress: Callable[[int, int], None] = lambda done, of: None
) -> ProveReport:
    """Opens `count` images. `lost`: acknowledged records that are gone; `wrong`: images with anything else amiss."""
    assert mutant is None or mutant in MUTANTS, mutant
    rng = Random(seed)
    lost = wrong = done = operations = 0
    while done < count:
        run = _work(Random(rng.getrandbits(64)), mutant)
        operations += len(run.memory.ops)
        for _ in range(min(IMAGES_A_RUN, count - done)):
            cut = rng.randint(run.promises[0].ops, len(run.memory.ops))
            image = after_power_cut(run.start, run.memory.ops[:cut], rng, lying=mutant == "lying disk")
            missing, amiss = _judge(run, run.promised(cut), image, rng)
            lost += missing
            wrong += amiss
            done += 1
        progress(done, count)
    detail = f"cut at random among {operations} operations"
    return ProveReport(claim=CLAIM, count=count, seed=seed, mutant=mutant, lost=lost, wrong=wrong, detail=detail)


def _work(rng: Random, mutant: str | None) -> _Run:
    run = _Run()
    hub = VirtualHub()
    journal = _open(run.memory, hub, rng, mutant)
    run.promise()
    for _ in range(STEPS):
        match rng.choice(("append",) * 8 + ("receipt", "secret", "quiet", "quiet", "restart")):
            case "append":
                run.entries += journal.append(_bodies(rng))
                run.ends.add(len(run.entries))
            case "receipt" if run.entries:
                entry = rng.choice(run.entries)
                journal.receipt(entry.seq, entry.hash, int(hub.wall() * 1000))
            case "secret" if len(run.secrets) < len(DAYS):
                day = DAYS[len(run.secrets)]
                run.secrets.append((day, journal.day_secret(day)))
            case "quiet":
                journal.checkpoint()
            case "restart":
                journal.close()
                journal = _open(run.memory, hub, rng, mutant)
        run.promise()
    journal.close()
    return run


def _judge(run: _Run, promise: _Promise, image: Files, rng: Random) -> tuple[int, bool]:
    """(records lost, whether anything else is amiss) at the start after the cut."""
    memory = Memory(files={name: bytearray(data) for name, data in image.items()})
    try:
        journal = _open(memory, VirtualHub(), rng, None)
    except (JournalBroken, JournalForeign):
        return promise.records, True
    try:
        found = journal.read(1, len(run.entries) + BATCH_MAX)
        missing = max(0, promise.records - len(found))
        amiss = (
            list(found) != run.entries[: len(found)]
            or len(found) not in run.ends
            or journal.watermark > len(found)
            or not _knows_newest_secret(run, promise, journal)
        )
        last = journal.append([Noted(what="after the cut", at_ms=0)])[0]
        amiss = amiss or last.seq != len(found) + 1
    except JournalBroken:
        return promise.records, True
    finally:
        journal.close()
    return missing, amiss


def _knows_newest_secret(run: _Run, promise: _Promise, journal: Journal) -> bool:
    """The newest secret that was told, or the one that was being made (it may have replaced the older ones)."""
    may_be = run.secrets[max(0, promise.secrets - 1) : promise.secrets + 1]
    return promise.secrets == 0 or any(journal.day_secret(day) == secret for day, secret in may_be)


def _bodies(rng: Random) -> list[Body]:
    noted = Noted(what="power", detail="x" * rng.choice((0, 40, 700, DETAIL_BYTES_MAX)), at_ms=0)
    return [noted, *(Granted(key=Key(f"k-{rng.random()}")) for _ in range(rng.randrange(BATCH_MAX)))]


def _open(memory: Memory, hub: VirtualHub, rng: Random, mutant: str | None) -> Journal:
    disk = MemoryDisk(memory, synchronous=SYNCHRONOUS.get(mutant or "", "FULL"))
    if mutant == "one by one":
        disk = _OneByOne(memory)
    return Journal(disk, device=DEVICE, clock=hub, boot="boot", entropy=rng.randbytes)


class _OneByOne(MemoryDisk):
    """The mutant whose append is one commit for each record."""

    def connect(self) -> Database:
        return _Splitting(super().connect())


class _Splitting:
    def __init__(self, database: Database) -> None:
        self.rows = database.rows
        self.close = database.close
        self._commit = database.commit

    def commit(self, writes: Sequence[Write]) -> None:
        for sql, rows in writes:
            for row in rows:
                self._commit([(sql, [row])])
