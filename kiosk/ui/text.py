"""Breaking and fitting of lines, Chinese and English mixed. Pure: widths come from a `Ruler`.

Rules of the line break (GB/T 15834 and W3C clreq, 3.1.3): closing punctuation never opens a line, opening punctuation
never ends one, numbers stay with their unit, and the last line never holds a single Han character.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

CLOSERS: Final = frozenset("，。、；：！？）》」』】〉”’…—·%％,.;:!?)]}℃")
OPENERS: Final = frozenset("（《「『【〈“‘([{￥¥")
HANGING: Final = frozenset("，。、；：！？）》」』】〉”’")
# Simplified Chinese faces draw these marks a full em wide. Beside Latin letters we want the narrow ones, which the
# extracted faces carry at private code points (fonts.py).
NARROW: Final = {"“": "\ue010", "”": "\ue011", "‘": "\ue012", "’": "\ue013", "…": "\ue014", "·": "\ue015"}
_HAN: Final = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_DATE: Final = r"\d+\s?月\s?\d+\s?日|\d+\s?年\s?\d+\s?月(?:\s?\d+\s?日)?"
_COUNT: Final = r"\d[\d.,:/]*\s?[年月日天册元秒分本页张号楼]"
_DAY: Final = r"\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w*"
_PHONE: Final = r"\d{3,5} \d{3,5}(?: \d{3,5})?"
# Words that read badly when a line breaks inside them.
_WHOLE: Final = (
    "工作人员|总服务台|服务台|感应区|校园卡|智盟卡|图书馆|身份码|扫码窗|读卡区|还书口|预约箱|"
    "续借|归还|借出|预约|图书|读者|屏幕|手机|密码|凭条"
)
_HYPHENED: Final = r"[A-Za-z]+-(?=[A-Za-z])"
_WORD: Final = rf"[^\s{_HAN}\u2010-\u2027]+(?:\u2019[^\s{_HAN}\u2010-\u2027]+)*"
_CLUSTER: Final = re.compile(rf"{_DATE}|{_PHONE}|{_COUNT}|{_DAY}|{_WHOLE}|{_HYPHENED}|\s+|{_WORD}|.", re.DOTALL)


class Face(enum.StrEnum):
    """The cuts of type that the kiosk sets."""

    SANS = "sans"
    BOLD = "bold"
    SERIF = "serif"
    MONO = "mono"


class Ruler(Protocol):
    """Knows how wide a text will be drawn. `memo` and `sets` keep what is dear to make, while the screen lives."""

    memo: dict[str, tuple[str, ...]]
    sets: dict[Asked, Set]

    def width(self, text: str, face: Face, size_px: int) -> int: ...


def glyphs(text: str) -> str:
    """The characters to draw: quotation marks and dots narrow beside Latin letters, full width beside Chinese."""
    if not any(c in NARROW for c in text):
        return text
    return "".join(NARROW[c] if c in NARROW and not _beside_han(text, i) else c for i, c in enumerate(text))


def _beside_han(text: str, i: int) -> bool:
    step = 1 if text[i] in "“‘" else -1
    beside = text[i + step] if 0 <= i + step < len(text) else text[i - step] if 0 <= i - step < len(text) else " "
    return ord(beside) > 0x2E7F


def hangs(line: str) -> bool:
    """The line ends in a mark whose right half is empty."""
    return bool(line) and line[-1] in HANGING and glyphs(line)[-1] == line[-1]


def leans(line: str) -> bool:
    """The line begins with a mark whose left half is empty."""
    return bool(line) and line[0] in OPENERS and ord(line[0]) > 0x7F and glyphs(line)[0] == line[0]


@dataclass(frozen=True, slots=True)
class Set:
    """Lines of one size that were found to fit, or did not: `squeezed` says that the room was too small."""

    lines: tuple[str, ...]
    size_px: int
    squeezed: bool = False


Asked = tuple[str, tuple[int, ...], float, int, Face, bool]  # what `fit` was asked for


def fit(
    text: str, sizes_px: Sequence[int], width_px: float, lines_max: int, face: Face, ruler: Ruler, *, even: bool = False
) -> Set:
    """Sets `text` in the largest of the sizes in which it takes at most `lines_max` lines of `width_px`.

    `even` makes the lines of a heading about equally long. Nothing is ever cut off: when no size fits, the smallest is
    used with as many lines as it takes and the result is marked.
    """
    asked = (text, tuple(sizes_px), width_px, lines_max, face, even)
    found = ruler.sets.get(asked)
    if found is None:
        found = ruler.sets[asked] = _fitted(text, sizes_px, width_px, lines_max, face, ruler, even=even)
    return found


def _fitted(
    text: str, sizes_px: Sequence[int], width_px: float, lines_max: int, face: Face, ruler: Ruler, *, even: bool
) -> Set:
    for size in sizes_px:
        lines = wrap(text, size, width_px, face, ruler)
        if len(lines) <= lines_max and all(_ink_width(line, size, face, ruler) <= width_px for line in lines):
            if even and len(lines) > 1:
                lines = _evened(text, len(lines), size, width_px, face, ruler)
            return Set(tuple(lines), size)
    return Set(tuple(lines), sizes_px[-1], squeezed=True)


def wrap(text: str, size_px: int, width_px: float, face: Face, ruler: Ruler) -> list[str]:
    """Greedy lines of at most `width_px`, by the rules above. A line feed in the text is kept."""

    def fits(line: str) -> bool:
        return _ink_width(line, size_px, face, ruler) <= width_px

    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines += [paragraph.strip()] if fits(paragraph.strip()) else _filled(clusters(paragraph), fits)
    return lines


def clusters(text: str) -> tuple[str, ...]:
    """The pieces between which a line may break; a piece carries its punctuation and a blank its own piece."""
    pieces: list[str] = []
    glue = False
    for match in _CLUSTER.finditer(text):
        piece = match.group()
        if pieces and not piece.isspace() and (glue or (piece[0] in CLOSERS and not pieces[-1].isspace())):
            pieces[-1] += piece
        else:
            pieces.append(piece)
        glue = piece[-1] in OPENERS
    return tuple(pieces)


def _filled(pieces: Sequence[str], fits: Callable[[str], bool]) -> list[str]:
    rows: list[list[str]] = [[]]
    for whole in pieces:
        if rows[-1] and not whole.isspace() and not fits("".join([*rows[-1], whole]).strip()):
            rows.append([])
        if rows[-1]:
            rows[-1].append(whole)
            continue
        first, *more = _divided(whole, fits)
        rows[-1].append(first)
        rows += [[part] for part in more]
    if len(rows) > 1 and _is_orphan("".join(rows[-1])) and len(rows[-2]) > 1:
        rows[-1].insert(0, rows[-2].pop())
    return ["".join(row).strip() for row in rows]


def _divided(piece: str, fits: Callable[[str], bool]) -> list[str]:
    """A word wider than the line is broken where it must be: better than running out of its box."""
    parts = [piece]
    while not fits(parts[-1].strip()) and len(parts[-1]) > 1:
        last = parts.pop()
        cut = next((i for i in range(len(last) - 1, 1, -1) if fits(last[:i])), 1)
        parts += [last[:cut], last[cut:]]
    return parts


def _is_orphan(line: str) -> bool:
    kept = [c for c in line.strip() if c not in CLOSERS and c not in OPENERS]
    return len(kept) == 1 and bool(re.match(f"[{_HAN}]", kept[0]))


def _evened(text: str, count: int, size_px: int, width_px: float, face: Face, ruler: Ruler) -> list[str]:
    """The narrowest column that still takes `count` lines; prefers to break after punctuation."""
    for cut in _sentence_cuts(text, count):
        if all(_ink_width(line, size_px, face, ruler) <= width_px for line in cut):
            return cut
    low, high = 0.0, width_px
    while high - low > size_px / 4:
        middle = (low + high) / 2
        lines = wrap(text, size_px, middle, face, ruler)
        if len(lines) <= count and all(_ink_width(line, size_px, face, ruler) <= middle for line in lines):
            high = middle
        else:
            low = middle
    return wrap(text, size_px, high, face, ruler)


def _sentence_cuts(text: str, count: int) -> list[list[str]]:
    """For two lines: the cuts after punctuation, the most even first, if none is lopsided."""
    if count != 2 or "\n" in text:
        return []
    cuts = [i + 1 for i, c in enumerate(text[:-1]) if c in "，。；：！？,;:" and not text[i + 1].isdigit()]
    even = sorted((abs(len(text) - 2 * cut), cut) for cut in cuts)
    return [[text[:cut].strip(), text[cut:].strip()] for off, cut in even if off <= len(text) * 0.45]


def _ink_width(line: str, size_px: int, face: Face, ruler: Ruler) -> float:
    """The width without the empty half of a full-width closing mark at the end of the line."""
    width = float(ruler.width(line, face, size_px))
    return width - size_px / 2 if hangs(line) else width
