"""How fast a record is safe: commits of the journal beside plain appends with fsync, in turns.

One commit is the whole path of a record: hash chain, indexes, write-ahead log, one fdatasync. A checkpoint moves the
log into the file once in 500 commits; it happens between rounds here and is told apart.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from drivers.clock import Hub
from kiosk.journal import Journal, verify
from kiosk.site.bench.commits import append_one, intent, open_journal
from kiosk.site.bench.counting import journal_records
from kiosk.site.bench.raw import MS, Appends, Overwrites, median, percentile, timed
from kiosk.site.bench.report import Area, Bound, Count, Line
from kiosk.site.bench.running import Child

ROUNDS: Final = 5
COMMITS: Final = 400  # fewer than the journal makes between two checkpoints
GROUPS: Final = 40
GROUP: Final = 64
COUNTED: Final = (100, 400)
STRACE_S_MAX: Final = 60.0


@dataclass(slots=True)
class _Measured:
    """Seconds of each call, a list a round."""

    raw: list[list[float]] = field(default_factory=list)
    pages: list[list[float]] = field(default_factory=list)
    commits: list[list[float]] = field(default_factory=list)
    groups: list[list[float]] = field(default_factory=list)
    checkpoints: list[float] = field(default_factory=list)

    def rate(self, rounds: list[list[float]], each: int = 1) -> float:
        """Median of the rounds' records a second."""
        return median([each * len(times) / sum(times) for times in rounds])

    def p99(self, rounds: list[list[float]]) -> float:
        return median([percentile(times, 0.99) for times in rounds])


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured. `commits` must stay below what the journal makes between two checkpoints."""

    rounds: int = ROUNDS
    commits: int = COMMITS
    groups: int = GROUPS
    counted: tuple[int, int] = COUNTED


def measure(folder: Path, hub: Hub, size: Size = Size()) -> Area:
    path = folder / "bench.journal"
    journal = open_journal(path, hub)
    appends, pages = Appends(folder / "appends", hub), Overwrites(folder / "pages", hub)
    measured = _Measured()
    try:
        journal.checkpoint()
        for _ in range(size.rounds):
            _round(journal, appends, pages, measured, hub, size)
    finally:
        appends.close()
        pages.close()
        journal.close()
    believed = size.rounds * (size.commits + size.groups * GROUP)
    counts = [Count(what="records on disk", believed=believed, found=journal_records(path))]
    counts.append(Count(what="chain: records that verify", believed=believed, found=verify(path).records))
    lines, notes = _lines(measured), [_about_checkpoints(measured)]
    syncs = _syncs_a_commit(folder, hub, size.counted)
    if syncs is None:
        notes.append("fdatasync were not counted: strace is not installed")
    else:
        lines.append(
            Line(
                what="fdatasync a commit",
                measured=syncs,
                unit="",
                limit=1.0,
                limit_name="(the least)",
                bound=Bound.AT_MOST,
                must=1.05,
            )
        )
    return Area(name="journal", lines=tuple(lines), counts=tuple(counts), notes=tuple(notes))


def _round(journal: Journal, appends: Appends, pages: Overwrites, measured: _Measured, hub: Hub, size: Size) -> None:
    """Half of the appends before and half after, so that a slow moment of the disk hits both."""
    before = appends.times(size.commits // 2)
    measured.commits.append(timed(hub, lambda: append_one(journal), size.commits))
    measured.raw.append(before + appends.times(size.commits // 2))
    measured.pages.append(pages.times(size.commits))
    measured.checkpoints += timed(hub, journal.checkpoint, 1)
    measured.groups.append(timed(hub, lambda: _append_group(journal), size.groups))
    journal.checkpoint()


def _append_group(journal: Journal) -> None:
    first, epoch = journal.last[0] + 1, journal.meta.epoch
    journal.append([intent(epoch, n) for n in range(first, first + GROUP)])


def _lines(measured: _Measured) -> list[Line]:
    raw = measured.rate(measured.raw)
    return [
        Line(
            what="durable commits a second",
            measured=measured.rate(measured.commits),
            unit="/s",
            limit=raw,
            limit_name="append+fsync 512 B",
            bound=Bound.AT_LEAST,
            must=0.75,
        ),
        Line(
            what="durable commits a second",
            measured=measured.rate(measured.commits),
            unit="/s",
            limit=measured.rate(measured.pages),
            limit_name="pwrite+fdatasync 4 KiB laid out",
            bound=Bound.AT_LEAST,
            must=0.5,
        ),
        Line(
            what="p99 of a commit",
            measured=measured.p99(measured.commits) * MS,
            unit="ms",
            limit=measured.p99(measured.raw) * MS,
            limit_name="p99 append+fsync",
            bound=Bound.AT_MOST,
            must=4.0,
        ),
        Line(
            what=f"records a second, {GROUP} waiting",
            measured=measured.rate(measured.groups, GROUP),
            unit="/s",
            limit=raw,
            limit_name="append+fsync 512 B",
            bound=Bound.AT_LEAST,
            must=1.5,
        ),
    ]


def _about_checkpoints(measured: _Measured) -> str:
    worst = max(measured.checkpoints) * MS
    usual = median(measured.checkpoints) * MS
    share = usual / MS / (500 * median([median(times) for times in measured.commits]))
    return f"a checkpoint in 500 commits: median {usual:.1f} ms, worst {worst:.1f} ms, {share:.0%} of their time"


def _syncs_a_commit(folder: Path, hub: Hub, counted: tuple[int, int]) -> float | None:
    """By strace, as the difference of two runs: opening and closing cancel out. None without strace."""
    if shutil.which("strace") is None:
        return None
    few, many = (_syncs(folder, hub, count) for count in counted)
    return (many - few) / (counted[1] - counted[0])


def _syncs(folder: Path, hub: Hub, count: int) -> int:
    log, counted = folder / f"commits-{count}.log", folder / f"strace-{count}"
    watch = ("strace", "-f", "-qq", "-o", str(counted), "-e", "trace=fsync,fdatasync")
    child = Child(("kiosk.site.bench.commits", str(folder / f"{count}.journal"), str(count)), log, hub, before=watch)
    child.run(STRACE_S_MAX)
    return len(re.findall(r"\b(?:fdatasync|fsync)\(", counted.read_text("ascii")))
