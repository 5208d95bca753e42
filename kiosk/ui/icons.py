"""Every icon as strokes on a 24 grid, y downwards. Pure data and the code that scales it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final

from kiosk.screen import Icon
from kiosk.ui.scene import Arc, Box, Disc, Ink, Poly, Slab, Stroke

GRID: Final = 24.0
STROKE: Final = 2.3

# ("L", x, y, ...) line   ("C", x, y, ...) closed line   ("O", cx, cy, r) circle   ("A", cx, cy, r, start, sweep) arc
# ("R", x, y, w, h, r) rounded outline   ("D", cx, cy, r) disc   ("F", x, y, ...) filled shape   ("S", x, y, w, h) box
# Arc angles are degrees clockwise from twelve o'clock.
_Mark = tuple[str | float, ...]
_MARKS: Final[Mapping[Icon, tuple[_Mark, ...]]] = {
    Icon.BOOK: (("R", 5, 3, 14, 18, 2), ("L", 9, 3, 9, 21), ("L", 12, 8, 16, 8)),
    Icon.BOOKS: (
        ("R", 2.5, 3.5, 5, 17, 1),
        ("R", 7.5, 3.5, 5, 17, 1),
        ("C", 13.6, 6.2, 17.6, 5.2, 21.4, 19.2, 17.4, 20.2),
    ),
    Icon.CARD: (("R", 2.5, 5, 19, 14, 2), ("L", 2.5, 10, 21.5, 10), ("L", 6, 15, 10, 15)),
    Icon.CHECK: (("L", 5, 12.5, 10, 17.5, 19, 7.5),),
    Icon.CROSS: (("L", 6.5, 6.5, 17.5, 17.5), ("L", 17.5, 6.5, 6.5, 17.5)),
    Icon.BANG: (("L", 12, 5, 12, 13.5), ("D", 12, 18.3, 1.5)),
    Icon.WAIT: (("A", 12, 12, 8, 0, 110),),
    Icon.QUEUED: tuple(
        ("D", 12 + 8 * math.sin(math.radians(a)), 12 - 8 * math.cos(math.radians(a)), 0.9) for a in range(0, 360, 36)
    ),
    Icon.RETURN: (
        ("L", 12, 3, 12, 13.5),
        ("L", 8, 10, 12, 14, 16, 10),
        ("L", 4, 13, 4, 20, 20, 20, 20, 13),
    ),
    Icon.RENEW: (("A", 12, 12, 8, 50, 280), ("L", 18.9, 3.4, 18.4, 7.4, 14.4, 7)),
    Icon.LOANS: (("R", 4.5, 3, 15, 18, 2), ("L", 8.5, 8, 15.5, 8), ("L", 8.5, 12, 15.5, 12), ("L", 8.5, 16, 12.5, 16)),
    Icon.HOLD: (("C", 6, 3, 18, 3, 18, 21, 12, 16.5, 6, 21),),
    Icon.FEE: (
        ("O", 12, 12, 9.2),
        ("L", 8.6, 6.8, 12, 11.3, 15.4, 6.8),
        ("L", 12, 11.3, 12, 17.6),
        ("L", 9, 12.2, 15, 12.2),
        ("L", 9, 14.9, 15, 14.9),
    ),
    Icon.BELL: (
        ("A", 12, 10, 6, -90, 180),
        ("L", 6, 10, 6, 14.5, 4.2, 17.5, 19.8, 17.5, 18, 14.5, 18, 10),
        ("A", 12, 18.4, 2.4, 95, 170),
        ("L", 12, 2.2, 12, 4),
    ),
    Icon.BACK: (("L", 20, 12, 4, 12), ("L", 10, 6, 4, 12, 10, 18)),
    Icon.PLUS: (("L", 12, 5, 12, 19), ("L", 5, 12, 19, 12)),
    Icon.PRINT: (
        ("L", 7, 8, 7, 3, 17, 3, 17, 8),
        ("L", 7, 17, 3.5, 17, 3.5, 8, 20.5, 8, 20.5, 17, 17, 17),
        ("R", 7, 14, 10, 7, 0.5),
    ),
    Icon.QR: (
        ("R", 4, 4, 6, 6, 1),
        ("R", 14, 4, 6, 6, 1),
        ("R", 4, 14, 6, 6, 1),
        ("S", 13, 13, 3, 3),
        ("S", 18, 13, 3, 3),
        ("S", 13, 18, 3, 3),
        ("S", 18, 18, 3, 3),
    ),
    Icon.SHELF: (
        ("L", 3, 20.5, 21, 20.5),
        ("R", 4, 5.5, 3.6, 12, 0.6),
        ("R", 8.6, 8.5, 3.6, 9, 0.6),
        ("L", 17.4, 4, 17.4, 15),
        ("L", 14, 11.8, 17.4, 15.2, 20.8, 11.8),
    ),
    Icon.BIN: (("L", 3.5, 7, 20.5, 7), ("L", 5.5, 7, 7, 20.5, 17, 20.5, 18.5, 7), ("L", 12, 10.5, 12, 17)),
    Icon.DISC: (("O", 12, 12, 9), ("O", 12, 12, 2.6)),
    Icon.DESK: (
        ("O", 12, 6, 3),
        ("A", 12, 15, 5.4, -80, 160),
        ("L", 2.5, 15, 21.5, 15),
        ("L", 5, 15, 5, 21),
        ("L", 19, 15, 19, 21),
    ),
    Icon.CLOCK: (("O", 12, 12, 9), ("L", 12, 6.8, 12, 12, 15.6, 14)),
    Icon.OFFLINE: (
        ("A", 12, 18.5, 5, -45, 90),
        ("A", 12, 18.5, 9.4, -45, 90),
        ("A", 12, 18.5, 13.8, -45, 90),
        ("D", 12, 18.5, 1.7),
        ("L", 4, 4.5, 20, 20.5),
    ),
    Icon.LANGUAGE: (
        ("O", 12, 12, 9),
        ("L", 3, 12, 21, 12),
        (
            "C",
            *(
                v
                for a in range(0, 360, 15)
                for v in (12 + 4.2 * math.sin(math.radians(a)), 12 - 9 * math.cos(math.radians(a)))
            ),
        ),
    ),
    Icon.LARGE: (
        ("L", 2.5, 20, 8.8, 4.5, 15.1, 20),
        ("L", 5, 14.6, 12.6, 14.6),
        ("L", 19, 3.5, 19, 9.5),
        ("L", 16, 6.5, 22, 6.5),
    ),
    Icon.CONTRAST: (
        ("O", 12, 12, 9),
        (
            "F",
            *(
                v
                for a in range(0, 181, 12)
                for v in (12 + 8.6 * math.sin(math.radians(a)), 12 - 8.6 * math.cos(math.radians(a)))
            ),
        ),
    ),
    Icon.REACH: (("L", 12, 3, 12, 15.5), ("L", 7, 10.8, 12, 15.8, 17, 10.8), ("L", 4.5, 20.5, 19.5, 20.5)),
    Icon.SPEECH: (
        ("C", 3.5, 9.5, 7.5, 9.5, 12.5, 5, 12.5, 19, 7.5, 14.5, 3.5, 14.5),
        ("A", 12.5, 12, 4, 45, 90),
        ("A", 12.5, 12, 8, 45, 90),
    ),
    Icon.HELP: (
        ("O", 12, 12, 9),
        ("A", 12, 9.8, 2.7, -80, 215),
        ("L", 13.9, 11.7, 12, 12.8, 12, 13.9),
        ("D", 12, 16.9, 1.3),
    ),
    Icon.PERSON: (("O", 12, 7.8, 4.2), ("A", 12, 21.6, 8, -85, 170)),
    Icon.WRENCH: (("A", 15.6, 8.4, 5, 80, 285), ("L", 12.1, 11.9, 4, 20), ("L", 15.6, 8.4, 19.8, 4.2)),
    Icon.SKIP: (("L", 5.5, 5.5, 12, 12, 5.5, 18.5), ("L", 12.5, 5.5, 19, 12, 12.5, 18.5)),
    Icon.MORE: (("L", 5.5, 9, 12, 15.5, 18.5, 9),),
    Icon.BACKSPACE: (
        ("C", 9, 5, 21.5, 5, 21.5, 19, 9, 19, 2.8, 12),
        ("L", 12.2, 9.4, 17.4, 14.6),
        ("L", 17.4, 9.4, 12.2, 14.6),
    ),
}


def draw(icon: Icon, box: Box, colour: str, weight: float = STROKE) -> tuple[Ink, ...]:
    """The inks of an icon in a square box; `weight` is the stroke on the 24 grid."""
    return tuple(_inks(_MARKS[icon], box, colour, weight)) if icon in _MARKS else ()


def known() -> frozenset[Icon]:
    return frozenset(_MARKS)


def _inks(marks: tuple[_Mark, ...], box: Box, colour: str, weight: float) -> Iterator[Ink]:
    k = box.w / GRID
    width = max(1.5, weight * k)
    for kind, *numbers in marks:
        v = [float(n) for n in numbers]
        points = tuple(p for x, y in zip(v[0::2], v[1::2], strict=False) for p in (box.x + x * k, box.y + y * k))
        match kind:
            case "L" | "C":
                yield Stroke(points, width, colour, closed=kind == "C")
            case "F":
                yield Poly(points, colour)
            case "O":
                yield Arc(points[0], points[1], v[2] * k, width, 0, 360, colour)
            case "A":
                yield Arc(points[0], points[1], v[2] * k, width, v[3], v[4], colour)
            case "D":
                yield Disc(points[0], points[1], v[2] * k, colour)
            case "S":
                yield Slab(Box(points[0], points[1], v[2] * k, v[3] * k), colour)
            case _:
                yield Stroke(
                    rounded(Box(points[0], points[1], v[2] * k, v[3] * k), v[4] * k), width, colour, closed=True
                )


def rounded(box: Box, radius: float, steps: int = 5) -> tuple[float, ...]:
    """The outline of a rounded box as points, clockwise from the top left corner."""
    corners = (
        (box.x + radius, box.y + radius, 270),
        (box.right - radius, box.y + radius, 0),
        (box.right - radius, box.bottom - radius, 90),
        (box.x + radius, box.bottom - radius, 180),
    )
    points: list[float] = []
    for cx, cy, start in corners:
        for i in range(steps + 1):
            angle = math.radians(start + 90 * i / steps)
            points += [cx + radius * math.sin(angle), cy - radius * math.cos(angle)]
    return tuple(points)
