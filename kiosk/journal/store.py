"""The journal as its one owner uses it, and the read-only view of the uplink."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from drivers.clock import Clock
from kiosk.domain import ItemBarcode, Key, Pseudonym
from kiosk.journal.entries import Entry, Meta
from kiosk.messages.records import Body, Intent


class Journal:
    """One owner, one writer. Every method may raise JournalBroken; after that only `close` is of use."""

    meta: Meta
    boot: str
    watermark: int  # highest seq the gateway has given a receipt for
    low_disk: bool  # the ballast was given up: finish what was begun, begin nothing new

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
        """Opens or creates the journal, recovers it and checks the chain of its tail.

        Raises JournalBusy, JournalForeign, JournalBroken. `entropy(n)` gives n random bytes (epoch, day secrets).
        """
        raise NotImplementedError

    def append(self, bodies: Sequence[Body]) -> tuple[Entry, ...]:
        """Writes all `bodies` in one commit; returns once they are on disk. Raises JournalFull (nothing kept)."""
        raise NotImplementedError

    def read(self, first_seq: int, limit: int) -> tuple[Entry, ...]:
        """Entries from `first_seq` on, oldest first."""
        raise NotImplementedError

    def entry_of(self, key: Key, kind: str) -> Entry | None:
        """The newest record of this kind ("intent", "granted", ... as in records) of a key."""
        raise NotImplementedError

    @property
    def last(self) -> tuple[int, str]:
        """(seq, hash) of the newest record; (0, GENESIS) for an empty journal."""
        raise NotImplementedError

    def open_keys(self) -> tuple[Intent, ...]:
        """Intents without a Final, oldest first."""
        raise NotImplementedError

    def unreceipted(self, item: ItemBarcode | None = None, pseudonym: Pseudonym | None = None) -> tuple[int, ...]:
        """Seqs above the watermark; with arguments only those of keys that touch the item or the reader."""
        raise NotImplementedError

    def receipt(self, through: int, head: str, wall_ms: int) -> None:
        """The gateway has everything up to `through`. Never moves back. Raises ForkSuspected when `head` is not ours.

        `wall_ms` is the gateway's clock: it gives the offset in later heads and ages snapshots. Kept with the next
        commit: after a crash the gateway is simply asked again.
        """
        raise NotImplementedError

    def gateway_ms(self) -> int | None:
        """The gateway's clock as far as known: never earlier than any time it ever told; None before the first."""
        raise NotImplementedError

    def day_secret(self, day: str) -> bytes:
        """The secret of the pseudonyms of an ISO date; made on first use, destroyed after a few days."""
        raise NotImplementedError

    def checkpoint(self) -> None:
        """Housekeeping for quiet moments: moves the write-ahead log into the file, renews the ballast."""
        raise NotImplementedError

    def close(self) -> None:
        """Marks a clean end; harmless when repeated."""
        raise NotImplementedError


class Outbox:
    """A reader of a journal that another thread or process writes: for the uplink's own thread."""

    def __init__(self, path: Path) -> None:
        raise NotImplementedError

    def read(self, first_seq: int, limit: int) -> tuple[Entry, ...]:
        raise NotImplementedError

    @property
    def last(self) -> tuple[int, str]:
        raise NotImplementedError

    def hash_of(self, seq: int) -> str | None:
        """Hash of record `seq`; GENESIS for 0, None when there is no such record."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError
