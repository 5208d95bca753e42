"""What every barcode and QR scanner promises, and what a machine is told of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Protocol

from drivers.health import Health


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """One whole code. It may be a patron's: the text stays out of repr, logs and messages.

    `symbology` is the AIM identifier without its bracket ("C1", "Q3"; ISO/IEC 15424), empty where the scanner is not
    set to send it.
    """

    text: str = field(repr=False)
    symbology: str = ""


class WhyUnreadable(enum.StrEnum):
    """Half a barcode can be another book's: what is not whole is no code."""

    TORN = "torn"  # it stopped in the middle
    CUT = "cut"  # the prefix, AIM identifier or suffix the scanner is set to send is missing
    TOO_LONG = "too-long"
    GARBAGE = "garbage"  # bytes or keys that are no text
    LOST = "lost"  # the system dropped key presses


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanUnreadable:
    """Something was scanned and must be scanned again."""

    why: WhyUnreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerHealth:
    """The scanner's health changed. A scanner that is silent is well: nothing was scanned."""

    health: Health
    code: str = ""


Scan = Scanned | ScanUnreadable
ScanEvent = Scanned | ScanUnreadable | ScannerHealth


class Scanner(Protocol):
    """An open scanner. Not thread-safe: one owner."""

    def read(self, by: float) -> Scan | None:
        """The next scan, or None once the monotonic time `by` has passed. Raises LinkLost when the wire is gone."""

    def discard(self) -> None:
        """Forgets what was scanned while nobody read: it belongs to somebody who has left. Raises LinkLost."""

    def close(self) -> None:
        """Gives the wire back; harmless when repeated."""
