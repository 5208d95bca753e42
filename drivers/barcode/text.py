"""From what a scanner sends for one code to the code: prefix, AIM identifier, suffix. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from drivers.barcode.contract import Scan, Scanned, ScanUnreadable, WhyUnreadable

GS = "\x1d"  # separates the elements of a GS1 code
TAB = "\t"  # inside a QR code, where the site's scanner ends codes with something else


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanForm:
    """How the site's scanner is set up. What it is set to send and did not send makes a scan unreadable."""

    prefix: str = ""
    suffix: str = ""  # before the end character
    aim: bool = False  # "]" and two characters (ISO/IEC 15424) between prefix and code
    length_max: int = 1024  # characters between the ends, all included


def understand(text: str, form: ScanForm) -> Scan | None:
    """The scan in what came between two ends; None where nothing came, as between CR and LF."""
    if not text:
        return None
    if len(text) > form.length_max:
        return ScanUnreadable(why=WhyUnreadable.TOO_LONG)
    if any(unicodedata.category(char) == "Cc" and char not in GS + TAB + form.prefix + form.suffix for char in text):
        return ScanUnreadable(why=WhyUnreadable.GARBAGE)
    whole = len(text) >= len(form.prefix) + len(form.suffix)
    if not (whole and text.startswith(form.prefix) and text.endswith(form.suffix)):
        return ScanUnreadable(why=WhyUnreadable.CUT)
    code = text[len(form.prefix) : len(text) - len(form.suffix)]
    symbology = ""
    if form.aim:
        if len(code) < 3 or code[0] != "]" or not code[1:3].isalnum():
            return ScanUnreadable(why=WhyUnreadable.CUT)
        symbology, code = code[1:3], code[3:]
    return Scanned(text=code, symbology=symbology) if code else ScanUnreadable(why=WhyUnreadable.CUT)
