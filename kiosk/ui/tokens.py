"""Design tokens: colours by role, type sizes, spacing and motion. Lengths in millimetres; pixels follow from the panel.

"Ink and celadon": celadon means go, amber means time or care, cinnabar means this book, act now.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kiosk.screen import Modes, Tone
from kiosk.ui.panel import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Colours by role, `#RRGGBB`. Every text role stands on the ground named beside it."""

    name: str
    paper: str  # the ground of the screen
    card: str  # the ground of rows, cards, plain buttons
    ink: str  # text on paper and card
    soft: str  # lesser text on paper, card and mists
    edge: str  # outline of what can be touched, 3:1 on every ground
    hair: str  # divides, means nothing
    mist: str  # inactive ground
    dock: str  # ground of the dock
    go: str
    on_go: str
    go_soft: str  # lesser text on go
    go_mist: str
    go_deep: str
    care: str
    on_care: str
    care_mist: str
    stop: str
    on_stop: str
    stop_mist: str
    gold: str
    seal: str
    on_seal: str
    press: str  # laid over a pressed target, with PRESS_ALPHA
    shadow: float  # opacity of shadows; 0 for none
    edge_mm: float = 0.5
    serif: bool = True

    def of(self, tone: Tone) -> str:
        """The strong colour of a tone: text and icons on paper, card and its own mist."""
        return {Tone.PLAIN: self.ink, Tone.GO: self.go, Tone.CARE: self.care, Tone.STOP: self.stop}[tone]

    def on(self, tone: Tone) -> str:
        """Text and icons on the strong colour of a tone."""
        return {Tone.PLAIN: self.card, Tone.GO: self.on_go, Tone.CARE: self.on_care, Tone.STOP: self.on_stop}[tone]

    def mist_of(self, tone: Tone) -> str:
        """The pale ground of a tone."""
        mists = {Tone.PLAIN: self.mist, Tone.GO: self.go_mist, Tone.CARE: self.care_mist, Tone.STOP: self.stop_mist}
        return mists[tone]


LIGHT: Final = Theme(
    name="light",
    paper="#F5F1E8",
    card="#FFFDF8",
    ink="#14252B",
    soft="#4A5A60",
    edge="#74807D",
    hair="#D9D2C2",
    mist="#E9E3D5",
    dock="#EBE5D8",
    go="#0F5B57",
    on_go="#FFFFFF",
    go_soft="#D9EBE5",
    go_mist="#DCEAE4",
    go_deep="#0A4441",
    care="#7D5200",
    on_care="#FFFFFF",
    care_mist="#F6EAD0",
    stop="#A8321F",
    on_stop="#FFFFFF",
    stop_mist="#F8E3DB",
    gold="#C79A45",
    seal="#A8321F",
    on_seal="#FFFDF8",
    press="#000000",
    shadow=0.075,
)

DARK: Final = Theme(
    name="dark",
    paper="#11191D",
    card="#1A282E",
    ink="#FFFDF8",
    soft="#B9C6C6",
    edge="#84969A",
    hair="#33464D",
    mist="#22343B",
    dock="#0D1417",
    go="#7FD6C0",
    on_go="#0E2226",
    go_soft="#12393A",
    go_mist="#1B3A3A",
    go_deep="#0D2A2A",
    care="#F2C063",
    on_care="#241A05",
    care_mist="#38301C",
    stop="#FF9A85",
    on_stop="#2B0D07",
    stop_mist="#3D241F",
    gold="#C79A45",
    seal="#A8321F",
    on_seal="#FFFDF8",
    press="#FFFFFF",
    shadow=0.0,
)

CONTRAST: Final = Theme(
    name="contrast",
    paper="#000000",
    card="#000000",
    ink="#FFFFFF",
    soft="#FFFFFF",
    edge="#FFFFFF",
    hair="#FFFFFF",
    mist="#000000",
    dock="#000000",
    go="#FFE14A",
    on_go="#000000",
    go_soft="#000000",
    go_mist="#000000",
    go_deep="#FFE14A",
    care="#FFD08A",
    on_care="#000000",
    care_mist="#000000",
    stop="#FFC2B5",
    on_stop="#000000",
    stop_mist="#000000",
    gold="#FFE14A",
    seal="#FFFFFF",
    on_seal="#000000",
    press="#808080",
    shadow=0.0,
    edge_mm=0.8,
    serif=False,
)


class Size(enum.Enum):
    """The type scale. The value is the font size in pixels on a 21.5 inch panel (4.03 px/mm)."""

    CAPTION = 28
    LABEL = 32
    BODY = 41
    BUTTON = 48
    HEADING = 64
    DISPLAY = 88
    HERO = 112
    NUMERAL = 168
    GIANT = 336


SCALE_PX_PER_MM: Final = 4.03
CAP_EM: Final = 0.733  # height of a capital in Noto Sans CJK (OS/2 sCapHeight)
CAP_DEGREES: Final = 0.7  # EN 301 549, 5.1.4: angle a capital must fill from the reading distance
CAP_MM_MIN: Final = 4.8  # ADA 2010, 707.5: the least capital height of any text

_LARGE: Final[Mapping[Size, Size]] = {
    Size.CAPTION: Size.BODY,
    Size.LABEL: Size.BODY,
    Size.BODY: Size.BUTTON,
    Size.BUTTON: Size.HEADING,
}
_SMALL_PX: Final[Mapping[Size, int]] = {
    Size.CAPTION: 28,
    Size.LABEL: 28,
    Size.BODY: 31,
    Size.BUTTON: 36,
    Size.HEADING: 48,
    Size.DISPLAY: 64,
    Size.HERO: 88,
    Size.NUMERAL: 112,
    Size.GIANT: 168,
}
# A small panel has no room for more: what was small becomes as large as what is primary.
_SMALL_LARGE: Final[Mapping[Size, Size]] = {Size.CAPTION: Size.BODY, Size.LABEL: Size.BODY}

TARGET_MM_MIN: Final = 20.0
PRIMARY_MM_MIN: Final = 30.0
TARGET_GAP_MM_MIN: Final = 3.0
LOW_REACH_FROM: Final = 0.45  # share of the height below which every target of the low-reach mode lies

PRESS_ALPHA: Final = 0.22
FPS_MAX: Final = 30
ROW_IN_S: Final = 0.160
ROW_RISE_MM: Final = 2.0
SPIN_HZ: Final = 0.75
SPIN_STEPS: Final = 12
MARCH_S: Final = 0.5  # half a beat of the chevrons
MARCH_SHARE: Final = 0.10  # how far they beat, of their height
DEBOUNCE_S: Final = 0.300
KEY_DEBOUNCE_S: Final = 0.080  # digits may be typed fast, and nothing is done with one
LONG_PRESS_S: Final = 3.0
DIM_AFTER_S: Final = 600.0
DIM_ALPHA: Final = 0.35
SHIFT_EVERY_S: Final = 120.0  # the resting picture wanders, so that nothing burns in
SHIFT_PX: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Everything about appearance that a layout asks for: the panel, the theme, the sizes."""

    panel: Panel
    theme: Theme
    modes: Modes

    def px(self, mm: float) -> int:
        return self.panel.px(mm)

    def size(self, size: Size) -> int:
        """Font size in pixels of this panel."""
        if self.modes.large:
            size = (_LARGE if self.panel.roomy else _SMALL_LARGE).get(size, size)
        reference = size.value if self.panel.roomy else _SMALL_PX[size]
        return self.panel.px(reference / SCALE_PX_PER_MM)

    @property
    def serif(self) -> bool:
        """Serif for titles and numerals, never in large text or contrast."""
        return self.theme.serif and not self.modes.large

    @property
    def edge(self) -> int:
        return max(2, self.px(self.theme.edge_mm))


def look(panel: Panel, modes: Modes, dark: bool) -> Look:
    """The tokens that a screen is drawn with."""
    theme = CONTRAST if modes.contrast else DARK if dark else LIGHT
    return Look(panel=panel, theme=theme, modes=modes)


def em_mm_min(panel: Panel, *, primary: bool) -> float:
    """The least font size in millimetres: of any text, or of primary information read from the panel's distance."""
    cap_mm = CAP_MM_MIN
    if primary:
        cap_mm = max(cap_mm, panel.reading_mm * math.tan(math.radians(CAP_DEGREES)))
    return cap_mm / CAP_EM


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2, relative luminance)."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def blend(one: str, other: str, share: float) -> str:
    """A colour between two: `share` 0 is the first, 1 the other."""
    pairs = ((int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)
