"""What the journal gives back, and the four ways it can say no."""

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


class JournalBroken(Exception):
    """The disk failed under the journal (or the file is damaged). It is closed: nothing more is written in this run.

    After a failed fsync the kernel may have dropped the dirty pages, so what a second attempt says proves nothing
    ("Can Applications Recover from fsync Failures?", USENIX ATC 2020). Only a new start, which reads the file again,
    may go on.
    """


class JournalFull(Exception):
    """No room on the disk, not even after the ballast was given up. Nothing of this append was kept."""


class JournalBusy(Exception):
    """Another process owns this journal."""


class JournalForeign(Exception):
    """The file is no journal, belongs to another device, or was written by newer software."""


class ForkSuspected(Exception):
    """The gateway's history and this file's part ways: a copied, rolled-back or damaged journal."""
