"""Layouts a site describes in its configuration: the item number at a fixed place.

Vendors wrote their own before the standards came, in China mostly the plain barcode; no code is needed for them.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from drivers.rfid.tags.content import TagContent, TagFormat, is_item_id
from drivers.rfid.tags.errors import Malformed
from drivers.rfid.tags.memory import text_field


class Charset(enum.StrEnum):
    """How the item number stands there."""

    ASCII = "ascii"  # 00-padded or spaces behind
    BCD = "bcd"  # two digits a byte, F behind an odd number of digits
    HEX = "hex"  # the bytes themselves, as upper-case hex digits


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedLayout:
    """One layout. `offset` and `length` are in bytes; the whole text must match `pattern`.

    When the pattern has a group, the group is the item number: `0*([1-9][0-9]{7})` takes leading zeros off.
    Raises ValueError for a place or a pattern that cannot be.
    """

    name: str
    offset: int
    length: int
    charset: Charset = Charset.ASCII
    pattern: str = ".+"

    def __post_init__(self) -> None:
        if self.offset < 0 or self.length < 1:
            raise ValueError(f"layout {self.name}: offset must be 0 or more and length 1 or more")
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise ValueError(f"layout {self.name}: pattern: {error}") from error


def decode_fixed(memory: bytes, layout: FixedLayout) -> TagContent:
    """The item number where the layout says it is. Raises Malformed when there is none."""
    raw = memory[layout.offset : layout.offset + layout.length]
    if len(raw) < layout.length:
        raise Malformed("the memory ends before the layout does")
    match = re.fullmatch(layout.pattern, _text(raw, layout.charset))
    item_id = (match[1] if match.re.groups else match[0]) if match else None
    if not item_id or not is_item_id(item_id):
        raise Malformed("the text does not match the layout's pattern, or is no item number")
    return TagContent(format=TagFormat.FIXED, layout=layout.name, primary_item_id=item_id)


def _text(raw: bytes, charset: Charset) -> str:
    if charset is Charset.HEX:
        return raw.hex().upper()
    if charset is Charset.BCD:
        digits = raw.hex().rstrip("f")
        if not digits.isdigit():
            raise Malformed("a nibble is no digit")
        return digits
    text = text_field(raw)
    if text is None or not text.isascii():
        raise Malformed("no ASCII text")
    return text
