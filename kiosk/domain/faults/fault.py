"""What a fault is: a number that staff can say on the telephone, and what it means for everybody."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Goes(enum.StrEnum):
    """What the machine still does while the fault lasts."""

    ON = "on"  # everything
    LESS = "less"  # everything but what needs this part
    RETURNS = "returns"  # takes books in, gives nothing out
    RESTS = "rests"  # nothing; books already borrowed are recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One row of the catalogue. `name` goes into reports and journals, `number` onto screens as E-number."""

    number: int
    name: str
    goes: Goes
    reader: str  # key of the sentence a reader sees, "" where he sees nothing of it
    zh: str  # what it is
    en: str
    do_zh: str  # what the technician does
    do_en: str

    @property
    def code(self) -> str:
        """As a screen shows it, small, and as staff say it on the telephone."""
        return f"E-{self.number}"
