"""What the journal gives back, and the ways it can say no."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.messages.records import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One committed record: `data` are its canonical bytes, `hash` its place in the chain (hex sha256)."""

    seq: int
    record: Record
    data: bytes
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What is known about the journal file itself."""

    device: str
    epoch: str  # random per journal file: a lost, cloned or rolled-back journal can be told apart
    created_ms: int  # this machine's clock, UTC
    clean: bool  # the run before this one closed the journal; True for a new file


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong with the file. `seq` names the record, None means the file or its bookkeeping."""

    seq: int | None
    what: str

    def __str__(self) -> str:
        return f"{'the file' if self.seq is None else f'record {self.seq}'}: {self.what}"


class JournalBroken(Exception):
    """The disk failed under the journal. It is closed: nothing more is written in this run.

    After a failed fsync the kernel may have dropped the dirty pages, so what a second attempt says proves nothing
    (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020). Only a new start, which reads
    the file again, may go on.
    """


class JournalDamaged(JournalBroken):
    """Records that were committed do not read back as they were: `problems` names them."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


class JournalFull(Exception):
    """No room on the disk, not even after the ballast was given up. Nothing of this append was kept."""


class JournalBusy(Exception):
    """Another process owns this journal."""


class JournalForeign(Exception):
    """The file is no journal, belongs to another device, or was written by newer software."""


class ForkSuspected(Exception):
    """The gateway's history and this file's part ways: a copied, rolled-back or damaged journal."""
