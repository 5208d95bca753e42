"""Room and speed of the disk under the journal."""

from __future__ import annotations

import os
import statistics
import tempfile
from pathlib import Path
from typing import Final

from drivers.clock import Clock
from kiosk.diag.findings import Finding, bad, care, good, idle
from kiosk.domain.faults import journal

FREE_MB_CARE: Final = 512  # a machine writes about 4 MB a month; logs and updates want more
FREE_MB_BAD: Final = 32
WRITE_BYTES: Final = 4096
WRITES: Final = 5
SYNC_MS_CARE: Final = 100.0  # a good disk takes 0.2 ms, a memory card 20


def look_at_disk(folder: Path, clock: Clock) -> Finding:
    """Writes a small file beside the journal and makes it last, a few times; leaves nothing behind."""
    if not folder.is_dir():
        return idle("disk", f"{folder} is not there yet: the service makes it")
    try:
        place = os.statvfs(folder)
        times_ms = _sync_ms(folder, clock)
    except PermissionError:
        return idle("disk", f"{folder} may not be written by this user: run it as root")
    except OSError as error:
        return bad("disk", journal.DISK_FAILED, cause=f"{folder}: {error.strerror}")
    free_mb = place.f_bavail * place.f_frsize >> 20
    middle_ms, longest_ms = statistics.median(times_ms), max(times_ms)
    numbers = (f"{free_mb} MB free", f"fsync {middle_ms:.1f} ms, longest {longest_ms:.1f} ms")
    if free_mb < FREE_MB_BAD:
        return bad("disk", journal.DISK_LOW, *numbers)
    if free_mb < FREE_MB_CARE:
        return care("disk", journal.DISK_LOW, *numbers)
    if middle_ms > SYNC_MS_CARE:
        return care("disk", journal.DISK_SLOW, *numbers)
    return good("disk", *numbers)


def _sync_ms(folder: Path, clock: Clock) -> list[float]:
    with tempfile.TemporaryFile(dir=folder) as file:
        times_ms = []
        for _ in range(WRITES):
            began = clock.now()
            file.write(bytes(WRITE_BYTES))
            file.flush()
            os.fsync(file.fileno())
            times_ms.append((clock.now() - began) * 1000)
    return times_ms
