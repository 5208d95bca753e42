"""The machine's only truth: what was decided, written down before it is done.

One append-only SQLite file per machine. `Journal.append` commits any number of records at once, numbers them without
gaps and chains them by hash; when it returns, a power cut cannot take them away. `Outbox` is a second, read-only
connection for the uplink. `verify`, `show` and `export` are the technician's: they work beside a running machine, on
a copy and on a read-only medium.
"""

from kiosk.journal.disk import set_aside
from kiosk.journal.entries import (
    Entry,
    ForkSuspected,
    JournalBroken,
    JournalBusy,
    JournalDamaged,
    JournalForeign,
    JournalFull,
    Meta,
    Problem,
)
from kiosk.journal.export import entries, export, show
from kiosk.journal.store import Journal, Outbox
from kiosk.journal.verify import VerifyReport, verify

__all__ = [
    "Entry",
    "ForkSuspected",
    "Journal",
    "JournalBroken",
    "JournalBusy",
    "JournalDamaged",
    "JournalForeign",
    "JournalFull",
    "Meta",
    "Outbox",
    "Problem",
    "VerifyReport",
    "entries",
    "export",
    "set_aside",
    "show",
    "verify",
]
