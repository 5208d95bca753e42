"""Runs as a child on a tmpfs of its own: fills it, and says what the journal did. Prints one JSON object."""

from __future__ import annotations

import itertools
import json
import os
import sys
from pathlib import Path

from kiosk.journal import JournalFull, verify
from kiosk.messages.records import Body
from tests.unit.journal.books import loan, noted, open_journal

LEFT_BYTES = 256 << 10


def main(directory: Path) -> None:
    path = directory / "journal.db"
    journal = open_journal(path, synchronous="FULL")
    ballast = path.with_name("journal.db.ballast").stat().st_size
    place = os.statvfs(directory)
    filler = directory / "filler"
    filler.write_bytes(bytes(place.f_bavail * place.f_frsize - LEFT_BYTES))
    low_at = 0
    for n in itertools.count():
        batch: list[Body] = [body for each in range(20) for body in loan(20 * n + each)]
        try:
            journal.append(batch)
        except JournalFull:
            break
        if journal.low_disk and not low_at:
            low_at = journal.last[0]
    journal.checkpoint()  # a quiet moment without room for housekeeping
    assert journal.low_disk
    acknowledged = journal.last[0]
    open_keys = len(journal.open_keys())
    kept = len(journal.read(1, 1_000_000))
    filler.unlink()
    journal.append([noted(1)])
    journal.checkpoint()
    low_after = journal.low_disk
    journal.close()
    report = verify(path)
    print(
        json.dumps(
            {
                "ballast": ballast,
                "low_at": low_at,
                "acknowledged": acknowledged,
                "kept": kept,
                "open_keys": open_keys,
                "low_after": low_after,
                "last": report.last_seq,
                "problems": len(report.problems),
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
