"""From a page to lines that fit the paper. Pure; the same on every printer.

A receipt printer has a grid: a character of ASCII takes one cell, every other one two, because it comes from the
printer's Chinese font of square characters. That includes quotation marks, dashes and accented letters, which a
terminal would count as one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from drivers.receipt.contract import Align, Cut, Feed, Pair, QrCode, ReceiptPage, Rule, Text

COLUMNS_MIN = 16
PAIR_GAP = 2

# A line may not begin with the first set nor end with the second (the rule of Chinese typesetting, GB/T 15834 5.1).
NOT_FIRST = frozenset("，。、；：？！）》〉」』】〕”’…—·％,.;:?!)]}%")
NOT_LAST = frozenset("（《〈「『【〔“‘([{")
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Mn", "Me"})
_SPACES = frozenset({"Zs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of characters; `width(text)`, doubled where `double`, never exceeds the columns of the paper."""

    text: str
    align: Align = Align.LEFT
    bold: bool = False
    double: bool = False


Printable = Row | QrCode | Feed | Cut


def width(text: str) -> int:
    """Cells that a clean text takes."""
    return sum(1 if char.isascii() else 2 for char in text)


def clean(text: str) -> str:
    """Printable characters and single-line spaces only.

    Control characters go first of all: in a title they would be commands to the printer. Combining marks that have no
    composed form, joiners and other invisible characters have no cell of their own and go as well.
    """
    kept = []
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if char == "\t" or (category in _SPACES and char != "　"):
            kept.append(" ")
        elif category not in _DROPPED:
            kept.append(char)
    return "".join(kept)


def lay_out(page: ReceiptPage, columns: int) -> tuple[Printable, ...]:
    """The page as lines for a paper of `columns` cells; raises ValueError under COLUMNS_MIN."""
    if columns < COLUMNS_MIN:
        raise ValueError(f"{columns} columns are too few for a receipt, {COLUMNS_MIN} are needed")
    laid: list[Printable] = []
    for element in page.elements:
        match element:
            case Text():
                laid.extend(_text(element, columns))
            case Pair():
                laid.extend(_pair(element, columns))
            case Rule():
                laid.append(Row(text="-" * columns))
            case QrCode() | Feed() | Cut():
                laid.append(element)
    return tuple(laid)


def page_text(page: ReceiptPage, columns: int) -> str:
    """The page as a person sees it, in a font where a Chinese character is twice as wide as a Latin one."""
    return rows_text(lay_out(page, columns), columns)


def rows_text(rows: tuple[Printable, ...], columns: int) -> str:
    """Lines laid out already, as text; QR codes by what they say, double size not shown but in its place, the blank
    end left out."""
    lines: list[str] = []
    for row in rows:
        match row:
            case Row():
                lines.append(_aligned(row.text, row.align, columns))
            case QrCode():
                lines.append(_aligned(f"[QR {row.data}]", Align.CENTER, columns))
            case Feed():
                lines.extend([""] * row.lines)
            case Cut():
                pass
    return "\n".join(lines).rstrip()


def _aligned(text: str, align: Align, columns: int) -> str:
    room = max(0, columns - width(text))
    left = {Align.LEFT: 0, Align.CENTER: room // 2, Align.RIGHT: room}[align]
    return (" " * left + text).rstrip()


def _text(element: Text, columns: int) -> Iterator[Row]:
    room = columns // 2 if element.double else columns
    for paragraph in element.text.split("\n"):
        for line in wrap(clean(paragraph), room):
            yield Row(text=line, align=element.align, bold=element.bold, double=element.double)


def _pair(element: Pair, columns: int) -> Iterator[Row]:
    keys = wrap(clean(element.key.replace("\n", " ")), columns)
    values = wrap(clean(element.value.replace("\n", " ")), columns)
    room = columns - width(keys[-1]) - width(values[0])
    if len(values) == 1 and room >= PAIR_GAP:
        joined = keys[-1] + " " * room + values[0]
        yield from (Row(text=line, bold=element.bold) for line in [*keys[:-1], joined])
        return
    yield from (Row(text=line, bold=element.bold) for line in keys)
    yield from (Row(text=line, align=Align.RIGHT, bold=element.bold) for line in values)


def wrap(text: str, columns: int) -> list[str]:
    """Breaks clean text into lines of at most `columns` cells; at least one line, and no visible character is lost.

    Breaks at spaces and around Chinese characters; a longer word is broken where the paper ends.
    """
    lines: list[str] = []
    line = ""
    for word in _words(text):
        if width(line) + width(word.rstrip(" ")) <= columns:
            line += word
            continue
        if line.strip():
            lines.append(line.rstrip(" "))
        line = word.lstrip(" ")
        while width(line.rstrip(" ")) > columns:
            head = _head(line, columns)
            lines.append(head.rstrip(" "))
            line = line[len(head) :].lstrip(" ")
    if line.strip(" ") or not lines:
        lines.append(line.rstrip(" "))
    return lines


def _head(word: str, columns: int) -> str:
    room = columns
    for at, char in enumerate(word):
        room -= width(char)
        if room < 0:
            return word[:at]
    return word


def _words(text: str) -> Iterator[str]:
    """Pieces that are not to be broken, each with the spaces that follow it."""
    word = ""
    for at, char in enumerate(text):
        if word and _may_break(text[at - 1], char):
            yield word
            word = ""
        word += char
    if word:
        yield word


def _may_break(before: str, after: str) -> bool:
    if after == " ":
        return False
    if before == " ":
        return True
    return not (after in NOT_FIRST or before in NOT_LAST or (before.isascii() and after.isascii()))
