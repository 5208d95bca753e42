"""The glass: how many pixels, how large in the hand, and from how far it is read."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

MM_PER_INCH: Final = 25.4
ROOMY_MM_MIN: Final = 200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One screen as it hangs in the machine, in the orientation in which it is read.

    `reading_mm` is the distance of the reader's eyes: a capital must stand 0.7 degrees high from there.
    """

    name: str
    width_px: int
    height_px: int
    diagonal_in: float
    reading_mm: float = 600.0

    px_per_mm: float = field(init=False, compare=False)  # asked for ten thousand times a screen
    roomy: bool = field(init=False, compare=False)  # large enough for the generous spacing; a 10.1 inch panel is not

    def __post_init__(self) -> None:
        px_per_mm = math.hypot(self.width_px, self.height_px) / (self.diagonal_in * MM_PER_INCH)
        object.__setattr__(self, "px_per_mm", px_per_mm)
        object.__setattr__(self, "roomy", min(self.width_px, self.height_px) / px_per_mm >= ROOMY_MM_MIN)

    @property
    def width_mm(self) -> float:
        return self.width_px / self.px_per_mm

    @property
    def height_mm(self) -> float:
        return self.height_px / self.px_per_mm

    @property
    def portrait(self) -> bool:
        return self.height_px > self.width_px

    def px(self, mm: float) -> int:
        """Whole pixels for a length in millimetres."""
        return round(mm * self.px_per_mm)


PORTRAIT: Final = Panel(name="portrait", width_px=1080, height_px=1920, diagonal_in=21.5)
LANDSCAPE: Final = Panel(name="landscape", width_px=1920, height_px=1080, diagonal_in=21.5)
# A small panel is used at arm's length, not at a step's distance.
SMALL: Final = Panel(name="small", width_px=1280, height_px=800, diagonal_in=10.1, reading_mm=450.0)
PANELS: Final = (PORTRAIT, LANDSCAPE, SMALL)
