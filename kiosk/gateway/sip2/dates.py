"""Dates of SIP2: the 18-character form, and the free text that stands for a due date.

SIP2 carries the library's own local time without saying which; a profile's `utc_offset_s` turns it into UTC seconds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

_EPOCH = dt.datetime(1970, 1, 1)
LOCAL_ZONE = "    "  # ZZZZ: four blanks say local time; Sierra answers with 0000


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When an item must be back, as far as it could be read. `text` is what the ILS wrote.

    `day` is known when any format fitted; `at` (local time, no zone) only when the ILS gave a time of day as well.
    """

    text: str
    day: dt.date | None = None
    at: dt.datetime | None = None


def local_time(wall_s: float, utc_offset_s: int) -> dt.datetime:
    """UTC seconds since 1970 as the clock on the library's wall."""
    return _EPOCH + dt.timedelta(seconds=int(wall_s) + utc_offset_s)


def wall_seconds(local: dt.datetime, utc_offset_s: int) -> float:
    """The inverse of `local_time`."""
    return (local - _EPOCH).total_seconds() - utc_offset_s


def sip_date(wall_s: float, utc_offset_s: int, zone: str = LOCAL_ZONE) -> str:
    """`YYYYMMDDZZZZHHMMSS`."""
    when = local_time(wall_s, utc_offset_s)
    return f"{when.year:04d}{when.month:02d}{when.day:02d}{zone}{when.hour:02d}{when.minute:02d}{when.second:02d}"


def parse_sip_date(text: str) -> dt.datetime | None:
    """Local time of an 18-character date, whatever the zone letters say; None when it is not one."""
    digits = text[:8] + text[12:18]
    if len(text) != 18 or not (digits.isascii() and digits.isdigit()):
        return None
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    try:
        return dt.datetime(year, month, day, int(digits[8:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return None


def parse_due(text: str, formats: Sequence[str]) -> Due:
    """Tries the 18-character form, then each `strptime` format in turn; keeps the text when none fits."""
    text = text.strip()
    at = parse_sip_date(text)
    if at is not None:
        return Due(text=text, day=at.date(), at=at)
    for form in formats:
        try:
            at = dt.datetime.strptime(text, form)
        except ValueError:
            continue
        return Due(text=text, day=at.date(), at=at if "%H" in form or "%I" in form else None)
    return Due(text=text)
