"""The machine's only truth: what was decided, written down before it is done.

One append-only SQLite file per machine. `Journal.append` commits any number of records at once, numbers them without
gaps and chains them by hash; when it returns, a power cut cannot take them away. `Outbox` is a second, read-only
connection for the uplink. `verify`, `show` and `export` are the technician's: they work on a copy and on a
read-only medium too.
"""

from kiosk.journal.entries import (
    Entry,
    ForkSuspected,
    JournalBroken,
    JournalBusy,
    JournalForeign,
    JournalFull,
    Meta,
)
from kiosk.journal.store import Journal, Outbox

__all__ = [
    "Entry",
    "ForkSuspected",
    "Journal",
    "JournalBroken",
    "JournalBusy",
    "JournalForeign",
    "JournalFull",
    "Meta",
    "Outbox",
]
