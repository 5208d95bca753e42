"""The ISIL compaction of ISO 28560-2: three tables of 5 or 4 bits, with latches and shifts.

Source: ISO 28560-2, application-defined compaction of elements 3 and 11 ("US-InU-Mu" of Annex D, "FI-Mamk-M" of a
Finnish tag).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from drivers.rfid.tags.errors import CannotEncode, Malformed


class _Table(enum.Enum):
    UPPER = "upper"
    LOWER = "lower"
    DIGITS = "digits"


@dataclass(frozen=True, slots=True)
class _Codes:
    """One table: how wide its codes are, its characters in code order, and the codes that lead to other tables."""

    width: int
    characters: str
    latches: dict[_Table, int]
    shifts: dict[_Table, int]


_CODES = {
    _Table.UPPER: _Codes(
        5,
        "-ABCDEFGHIJKLMNOPQRSTUVWXYZ:",
        latches={_Table.LOWER: 28, _Table.DIGITS: 30},
        shifts={_Table.LOWER: 29, _Table.DIGITS: 31},
    ),
    _Table.LOWER: _Codes(
        5,
        "-abcdefghijklmnopqrstuvwxyz/",
        latches={_Table.UPPER: 28, _Table.DIGITS: 30},
        shifts={_Table.UPPER: 29, _Table.DIGITS: 31},
    ),
    _Table.DIGITS: _Codes(
        4,
        "0123456789-:",
        latches={_Table.UPPER: 12, _Table.LOWER: 14},
        shifts={_Table.UPPER: 13, _Table.LOWER: 15},
    ),
}
_LATCHED = {table: {code: to for to, code in codes.latches.items()} for table, codes in _CODES.items()}
_SHIFTED = {table: {code: to for to, code in codes.shifts.items()} for table, codes in _CODES.items()}


def decode_isil(data: bytes) -> str:
    """The text; bits too few for a character are filling. Raises Malformed where a shift leads to no character."""
    value, left = int.from_bytes(data, "big"), len(data) * 8
    table, shifted = _Table.UPPER, None
    text: list[str] = []
    while left >= (codes := _CODES[shifted or table]).width:
        left -= codes.width
        code = value >> left & ((1 << codes.width) - 1)
        if code < len(codes.characters):
            text.append(codes.characters[code])
            shifted = None
        elif shifted is not None:
            raise Malformed("a shift leads to no character")
        elif code in _LATCHED[table]:
            table = _LATCHED[table][code]
        else:
            shifted = _SHIFTED[table][code]
    return "".join(text)


@dataclass(frozen=True, slots=True)
class _Path:
    """One way to write a text so far."""

    value: int = 0
    bits: int = 0
    latches: int = 0

    def add(self, width: int, code: int, *, latches: int = 0) -> _Path:
        return _Path(self.value << width | code, self.bits + width, self.latches + latches)

    @property
    def cost(self) -> tuple[int, int]:
        return self.bits, self.latches


def encode_isil(text: str) -> bytes:
    """The fewest bits, and among equals the fewest latches; filled with ones. Raises CannotEncode."""
    paths = {_Table.UPPER: _Path()}
    for char in text:
        paths = _one_further(paths, char)
        if not paths:
            raise CannotEncode("a character is in none of the ISIL tables")
    best = min(paths.values(), key=lambda path: path.cost)
    spare = -best.bits % 8
    return (best.value << spare | (1 << spare) - 1).to_bytes((best.bits + spare) // 8, "big")


def _one_further(paths: dict[_Table, _Path], char: str) -> dict[_Table, _Path]:
    """The cheapest path into every table after writing `char`."""
    further: dict[_Table, _Path] = {}

    def offer(table: _Table, path: _Path) -> None:
        if table not in further or path.cost < further[table].cost:
            further[table] = path

    for table, path in paths.items():
        here = _CODES[table]
        for target, there in _CODES.items():
            code = there.characters.find(char)
            if code < 0:
                continue
            if target is table:
                offer(table, path.add(there.width, code))
            else:
                offer(table, path.add(here.width, here.shifts[target]).add(there.width, code))
                offer(target, path.add(here.width, here.latches[target], latches=1).add(there.width, code))
    return further
