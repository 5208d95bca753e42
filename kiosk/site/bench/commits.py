"""`python -m kiosk.site.bench.commits JOURNAL COUNT`: that many commits of one intent each, for strace to watch.

Prints the number of the last record.
"""

from __future__ import annotations

import sys
from pathlib import Path

from drivers.clock import Clock, ThreadHub
from kiosk.domain import ItemBarcode, Pseudonym, SecurityState
from kiosk.domain.nouns import key_of
from kiosk.journal import Journal
from kiosk.messages.records import Intent, Op, Sealed

DEVICE = "kiosk-1"


def main() -> None:
    path, count = Path(sys.argv[1]), int(sys.argv[2])
    journal = open_journal(path, ThreadHub())
    for _ in range(count):
        append_one(journal)
    print(journal.last[0])
    journal.close()


def open_journal(path: Path, clock: Clock) -> Journal:
    return Journal.open(path, device=DEVICE, clock=clock, boot="bench")


def append_one(journal: Journal) -> None:
    journal.append([intent(journal.meta.epoch, journal.last[0] + 1)])


def intent(epoch: str, n: int, *, item: str = "") -> Intent:
    """A loan as a machine writes it, with a bond of the usual size."""
    return Intent(
        key=key_of(DEVICE, epoch, n),
        op=Op.CHECKOUT,
        item=ItemBarcode(item or f"D{n % 10_000_000:07d}"),
        owner="CN-DEMO-CUMT",
        patron=Sealed(kid="2026-11-22-0123abcd", box="A" * 176),
        pseudonym=Pseudonym("0123456789abcdef01234567"),
        security=SecurityState.ON,
        at_ms=1_795_305_600_000,
    )


if __name__ == "__main__":
    main()
