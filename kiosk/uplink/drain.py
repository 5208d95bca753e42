"""The outbox: which records to send next. Its only truth is the journal; a PUBACK is not even heard here.

Nothing is sent before the gateway has spoken: a broker without one would only hoard copies.
"""

from __future__ import annotations

from random import Random
from typing import Final, Protocol

import msgspec

from kiosk.journal import Entry
from kiosk.messages.envelope import Batch

BATCH_RECORDS_MAX: Final = 100  # 50 to 100 is the fastest for broker and database
BATCH_BYTES_MAX: Final = 256 << 10
WINDOW_RECORDS: Final = 400  # sent ahead of the receipts
LINGER_S: Final = 0.05  # the records of one book come within this time and travel together
RESEND_S_FIRST: Final = 2.0
RESEND_S_MAX: Final = 60.0


class Records(Protocol):
    """Where records are read: an Outbox, or what is left of an older journal."""

    def read(self, first_seq: int, limit: int) -> tuple[Entry, ...]:
        """Entries from `first_seq` on. Raises JournalDamaged when one does not read back."""


class Drain:
    """Sends in seq order what the gateway has no receipt for; without a receipt in time, again."""

    def __init__(self, outbox: Records, epoch: str, watermark: int, rng: Random) -> None:
        self.watermark = watermark
        self._outbox = outbox
        self._epoch = epoch
        self._rng = rng
        self._held = watermark  # what the gateway says it has: less than `watermark` when it was restored from a backup
        self._next = watermark + 1
        self._send_at: float | None = None  # None: nothing new
        self._resend_at: float | None = None  # None: nothing is under way
        self._silences = 0
        self._open = False
        self._full = False  # the window was sent, and there may be more behind it

    @property
    def wakes_at(self) -> float | None:
        """When `due` is worth asking (monotonic)."""
        times = [at for at in (self._send_at, self._resend_at) if at is not None]
        return min(times) if self._open and times else None

    @property
    def is_open(self) -> bool:
        """The gateway has said since the last loss of contact how far it is."""
        return self._open

    @property
    def waiting(self) -> bool:
        """Whether something was sent and its receipt is still to come."""
        return self._resend_at is not None

    def close(self) -> None:
        """The gateway is out of reach; the next receipt opens again."""
        self._open = False

    def committed(self, now: float) -> None:
        """There are new records."""
        if self._send_at is None:
            self._send_at = now + LINGER_S

    def flush(self, now: float) -> None:
        """New records go at once: a question depends on them."""
        self._send_at = now

    def receipted(self, through: int, now: float, *, born: bool) -> None:
        """`through` was checked against our hash. `born`: it answers our birth, the gateway has no more than that.

        So it is, too, when what was sent is not received: the gateway may have been restored from a backup.
        """
        behind = through < self._held and (born or self._silences > 0)
        if not self._open or behind:
            self._open = True
            self._silences = 0
            self._held = through
            self._again(now)
        elif through > self._held:
            self._held = through
            self._silences = 0
            self._next = max(self._next, through + 1)
            self._resend_at = now + self._patience() if self._next > through + 1 else None
            if self._full:  # else what is new waits for the rest of its book
                self._send_at = now
        self.watermark = max(self.watermark, through)

    def due(self, now: float) -> tuple[Batch, ...]:
        """What to send now. Raises JournalDamaged when a record does not read back."""
        if not self._open:
            return ()
        if self._resend_at is not None and now >= self._resend_at:
            self._silences += 1
            self._again(now)
        if self._send_at is None or now < self._send_at:
            return ()
        self._send_at = None
        batches = []
        end = self._held + 1 + WINDOW_RECORDS
        while self._next < end:
            entries = _fitting(self._outbox.read(self._next, min(BATCH_RECORDS_MAX, end - self._next)))
            if not entries:
                break
            batches.append(self._batch(entries))
            self._next = entries[-1].seq + 1
        self._full = self._next >= end
        if batches and self._resend_at is None:
            self._resend_at = now + self._patience()
        return tuple(batches)

    def not_sent(self, now: float) -> None:
        """The bus took no more: all that is without a receipt goes again later."""
        self._send_at = None
        self._resend_at = now + self._patience()

    def _again(self, at: float) -> None:
        self._next = self._held + 1
        self._resend_at = None
        self._send_at = at

    def _batch(self, entries: tuple[Entry, ...]) -> Batch:
        return Batch(
            epoch=self._epoch,
            first=entries[0].seq,
            prev=entries[0].record.head.prev,
            head=entries[-1].hash,
            records=tuple(msgspec.Raw(entry.data) for entry in entries),
        )

    def _patience(self) -> float:
        seconds = min(RESEND_S_MAX, RESEND_S_FIRST * 2.0 ** min(self._silences, 8))
        return seconds * self._rng.uniform(0.75, 1.25)


def _fitting(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """As many as one message may hold, at least one."""
    size = 0
    for count, entry in enumerate(entries):
        size += len(entry.data)
        if count and size > BATCH_BYTES_MAX:
            return entries[:count]
    return entries
