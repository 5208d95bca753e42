"""The journal as the next start would find it, how much waits for a receipt, and what it knows of the gateway's clock.

Read-only, beside a running core or on a copy.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Final

from drivers.clock import Clock
from kiosk.diag.findings import Finding, bad, care, good, idle
from kiosk.domain.faults import Fault, journal, uplink
from kiosk.journal import JournalBroken, JournalDamaged, JournalForeign
from kiosk.journal.aside import asides
from kiosk.journal.database import Database
from kiosk.journal.reading import read
from kiosk.journal.recovery import Recovered, recover
from kiosk.journal.verify import reader

QUEUE_S_CARE: Final = 3_600.0
CLOCK_S_CARE: Final = 5.0  # receipts carry minutes; more than this and staff compare wrong times


def core_holds(path: Path) -> bool:
    """Whether a running core owns the journal at `path`, and so the devices.

    Asks for the owner's lock and gives it back at once; a core that starts in that instant is started again by systemd.
    """
    try:
        lock = os.open(path.with_name(path.name + ".lock"), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False


def look_at_journal(path: Path, device: str, clock: Clock) -> tuple[Finding, Finding, Finding]:
    """(journal, queue, clock): what a start checks, what waits, and how far the clocks are apart."""
    try:
        with reader(path) as database:
            found = recover(database, device)
            waiting = _queue(database, found, clock)
    except FileNotFoundError:
        return _unknown(idle("journal", "not there yet: the first start makes it"))
    except PermissionError:
        return _unknown(idle("journal", f"{path} may not be read by this user: run it as root"))
    except (JournalForeign, JournalBroken, OSError) as error:
        return _unknown(bad("journal", _fault(error), cause=str(error)))
    numbers = (f"{found.last[0]} records", f"{len(found.keys.intents)} open", "tail reads back")
    older = tuple(each.name for each in asides(path))
    records = care("journal", journal.JOURNAL_SET_ASIDE, *numbers, *older) if older else good("journal", *numbers)
    return records, waiting, _clock(found, clock)


def _unknown(finding: Finding) -> tuple[Finding, Finding, Finding]:
    return finding, idle("queue", "the journal tells it"), idle("clock", "the journal tells it")


def _fault(error: Exception) -> Fault:
    match error:
        case JournalForeign():
            return journal.JOURNAL_FOREIGN
        case JournalDamaged():
            return journal.JOURNAL_DAMAGED
        case _:
            return journal.DISK_FAILED


def _queue(database: Database, found: Recovered, clock: Clock) -> Finding:
    waiting = found.last[0] - found.progress.watermark
    if waiting <= 0:
        return good("queue", "nothing waits")
    oldest = read(database, found.progress.watermark + 1, 1)[0].record.head.wall_ms
    age_s = clock.wall() - oldest / 1000
    numbers = (f"{waiting} wait", f"oldest {_age(age_s)}")
    return care("queue", uplink.QUEUE_LONG, *numbers) if age_s > QUEUE_S_CARE else good("queue", *numbers)


def _clock(found: Recovered, clock: Clock) -> Finding:
    """The offset at the newest receipt; and whether this clock is behind a time that has certainly come."""
    offset_ms, reached_ms = found.progress.offset_ms, found.progress.gateway_ms
    if offset_ms is None or reached_ms is None:
        return idle("clock", "the gateway has not told its time yet", journal.CLOCK_UNTOLD)
    behind_s = reached_ms / 1000 - clock.wall()
    off_s = max(abs(offset_ms) / 1000, behind_s)
    if off_s > CLOCK_S_CARE:
        return care("clock", journal.CLOCK_OFF, f"{off_s:.0f} s off")
    return good("clock", f"{abs(offset_ms) / 1000:.1f} s off at the newest receipt")


def _age(seconds: float) -> str:
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"
