"""What layouts draw with: millimetres and roles in, inks out. One Brush makes one Part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kiosk.screen import Icon, Modes, Screen, Sentences, Tone
from kiosk.ui import icons
from kiosk.ui.scene import Box, Disc, Ink, Motion, Part, Slab, Target, Weight, Words
from kiosk.ui.text import Face, Ruler, Set, fit, hangs, leans
from kiosk.ui.tokens import Look, Size, Theme

LINE_PITCH = 1.32
HEADING_PITCH = 1.2
ASCENT_EM = 0.88  # top of the ideographic em box above the baseline (OS/2 sTypoAscender of Noto CJK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What every layout function is given: the screen, the look, the ruler, and what the ui itself remembers of it."""

    screen: Screen
    look: Look
    ruler: Ruler
    words: Sentences
    page: int = 0
    typed: int = 0  # digits on the keypad
    shown: str = ""  # the digits themselves, where they are no secret
    past_s: float = 0.0  # whole seconds since the screen came
    new: frozenset[str] = frozenset()  # row ids that were not there before

    @property
    def theme(self) -> Theme:
        return self.look.theme

    @property
    def modes(self) -> Modes:
        return self.screen.modes

    def px(self, mm: float) -> int:
        return self.look.px(mm)

    def size(self, size: Size) -> int:
        return self.look.size(size)

    def sizes(self, *sizes: Size) -> list[int]:
        """Pixel sizes to try, the largest first."""
        return sorted({self.look.size(size) for size in sizes}, reverse=True)

    def primary_sizes(self, *sizes: Size) -> list[int]:
        """Sizes for what must be read from afar; large text may go down to the size of its smallest text."""
        return self.sizes(*sizes, Size.LABEL) if self.look.modes.large else self.sizes(*sizes)

    @property
    def title_face(self) -> Face:
        return Face.SERIF if self.look.serif else Face.BOLD

    def say(self, key: str, **fields: object) -> str:
        return self.words.say(self.screen.lang, key, **fields)

    def brush(self) -> Brush:
        return Brush(self)


class Brush:
    """Collects the inks of one part."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self.inks: list[Ink] = []

    def add(self, *inks: Ink) -> None:
        self.inks += inks

    def slab(
        self, box: Box, fill: str, radius_mm: float = 0.0, *, edge: str = "", edge_px: float = 0.0, lift: bool = False
    ) -> None:
        """A card; `lift` gives it the shadow of something that only informs."""
        sheet = self._sheet
        edge_px = edge_px or (sheet.look.edge if edge else 0)
        shadow = sheet.theme.shadow if lift else 0.0
        self.add(Slab(box, fill, sheet.look.panel.px_per_mm * radius_mm, edge, edge_px, shadow))

    def icon(self, icon: Icon, box: Box, colour: str, weight: float = icons.STROKE) -> None:
        self.add(*icons.draw(icon, box, colour, weight))

    def badge(self, icon: Icon, box: Box, fill: str, colour: str) -> None:
        """Disc and icon: half of every state, the word is the other half."""
        self.add(Disc(box.cx, box.cy, box.w / 2, fill))
        self.icon(icon, box.inset(box.w * 0.21), colour, 3.5)

    def fit(
        self,
        text: str,
        width: float,
        sizes: Sequence[int],
        lines_max: int = 1,
        face: Face = Face.SANS,
        *,
        even: bool = False,
    ) -> Set:
        return fit(text, sizes, width, lines_max, face, self._sheet.ruler, even=even)

    def fill(
        self,
        text: str,
        sub: str,
        room: tuple[float, float],
        sizes: Sequence[int],
        sub_sizes: Sequence[int],
        *,
        face: Face = Face.SANS,
        lines_max: int = 2,
        pitch: float = HEADING_PITCH,
        gap: float = 0.0,
        large_first: bool = False,
    ) -> tuple[Set, Set | None]:
        """Text over `sub`, as large as the room (width, height in pixels) allows.

        Fewer lines go before larger type, unless `large_first`.
        """
        width, tall = room
        tries = [(lines, size) for lines in range(1, lines_max + 1) for size in sizes]
        if large_first:  # up to two lines; more of them only when no size would do
            tries.sort(key=lambda pair: (pair[0] > 2, -pair[1], pair[0]))
        for lines, size in tries:
            found = self.fit(text, width, [size], lines, face, even=True)
            for sub_size in sub_sizes if sub else ():
                below = self.fit(sub, width, [sub_size], 3 if sub_size > sub_sizes[-1] else 5, even=True)
                if not (found.squeezed or below.squeezed) and height(found, pitch) + gap + height(below) <= tall:
                    return found, below
            if not sub and not found.squeezed and height(found, pitch) <= tall:
                return found, None
        smallest = self.fit(text, width, sizes[-1:], lines_max + 2, face, even=True)
        small_sub = self.fit(sub, width, sub_sizes[-1:], 5) if sub else None
        over = height(smallest, pitch) + (gap + height(small_sub) if small_sub else 0.0) > tall
        return (replace(smallest, squeezed=True) if over else smallest), small_sub

    def cut(self, text: str, width: float, size_px: int, lines_max: int, face: Face) -> Set:
        """Whole where it fits in so many lines, else as much as fits and an ellipsis. For titles of books only."""
        found = self.fit(text, width, [size_px], lines_max, face)
        low, high = 0, len(text) if found.squeezed else 0
        while low < high - 1:
            middle = (low + high) // 2
            tried = self.fit(f"{text[:middle].rstrip()}…", width, [size_px], lines_max, face)
            if tried.squeezed:
                high = middle
            else:
                low, found = middle, tried
        return found

    def width(self, text: str, size_px: int, face: Face = Face.SANS) -> int:
        return self._sheet.ruler.width(text, face, size_px)

    def words(
        self,
        found: Set,
        x: float,
        top: float,
        width: float,
        *,
        face: Face = Face.SANS,
        colour: str = "",
        ground: str = "",
        align: float = 0.0,
        weight: Weight = Weight.BODY,
        pitch: float = LINE_PITCH,
        instruction: bool = True,
    ) -> float:
        """Sets the lines from `top` (of the em box); `align` 0 left, 0.5 centred, 1 right. Returns the bottom."""
        theme = self._sheet.theme
        em = found.size_px
        for i, line in enumerate(found.lines):
            drawn = self.width(line, em, face)
            left = self._optical_left(line, x, width, drawn, em, align)
            baseline = round(top + i * em * pitch + em * ASCENT_EM)
            self.add(
                Words(
                    line, face, em, round(left), baseline, drawn, colour or theme.ink, ground or theme.paper,
                    weight, found.squeezed, instruction,
                )
            )  # fmt: skip
        return top + height(found, pitch)

    @staticmethod
    def _optical_left(line: str, x: float, width: float, drawn: float, em: float, align: float) -> float:
        """Full-width marks are half empty: the ink, not the em box, is aligned."""
        head = em * 0.5 if leans(line) else 0.0
        tail = em * 0.5 if hangs(line) else 0.0
        if align == 0.0:
            return x - head * 0.9
        return x - head + (width - (drawn - head - tail)) * align

    def part(
        self,
        key: str,
        role: str,
        box: Box,
        *,
        target: Target | None = None,
        motion: Motion = Motion.NONE,
        speed_px_per_s: float = 0.0,
        says: str = "",
        signals: tuple[str, ...] = (),
        tone: Tone | None = None,
    ) -> Part:
        return Part(
            key=key, role=role, box=box, inks=tuple(self.inks), target=target, motion=motion,
            speed_px_per_s=speed_px_per_s, says=says, signals=signals, tone=tone.value if tone else "",
        )  # fmt: skip


def height(found: Set, pitch: float = LINE_PITCH) -> float:
    """Pixels from the top of the first em box to the bottom of the last."""
    return found.size_px * (1 + (len(found.lines) - 1) * pitch) if found.lines and found.lines != ("",) else 0.0
