"""Amounts in SIP2 are free text; inside they are whole fen."""

from __future__ import annotations

import re

from kiosk.domain import Fen

_AMOUNT = re.compile(r"(-?)([0-9]{1,9})(?:\.([0-9]{0,4}))?\Z", re.ASCII)


def parse_fen(text: str | None) -> Fen | None:
    """`3.40`, `3.4`, `3`, Sierra's `0`. None when nothing was sent, or nothing that is exactly so many fen."""
    found = _AMOUNT.match((text or "").strip())
    if found is None:
        return None
    sign, yuan, fraction = found.groups()
    digits = (fraction or "").ljust(2, "0")
    if digits[2:].strip("0"):
        return None
    fen = int(yuan) * 100 + int(digits[:2])
    return Fen(-fen if sign else fen)


def format_fen(fen: Fen) -> str:
    """`3.40`: two decimals, as every server read so far expects in BV."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"
