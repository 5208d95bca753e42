"""How far a part's drawing reaches, shadows and motion included: what must be drawn again when the part changes.

In GL's coordinates: pixels, y upwards. Pure: no Kivy.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kiosk.ui.mesh import FLOATS, Quads
from kiosk.ui.scene import Box, Ink, Modules, Motion, Part, Turned, Words, around
from kiosk.ui.tokens import MARCH_SHARE, ROW_RISE_MM, SCALE_PX_PER_MM

# How far glyphs reach above and below the baseline and beside the line, marks on capitals included; and how far the
# (mostly empty) texture does that holds them.
ABOVE_EM, BELOW_EM, BESIDE_EM = 0.95, 0.25, 0.1
TEXTURE_EM: Final = 0.6
NOTHING: Final = Box(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Reach:
    """Boxes of a part's shapes and of its texts, wherever its motion takes them; `box` is around all that it draws."""

    shapes: tuple[Box, ...] = ()
    texts: tuple[Box, ...] = ()
    box: Box = NOTHING


def reach_of(part: Part, quads: Quads, height_px: float) -> Reach:
    """`quads` holds all shapes of the part; its `marks` tell the inks apart."""
    shapes = tuple(_moved(part, box, height_px) for box in _spans(quads))
    found = [each for ink in part.inks for each in _texts(ink, height_px)]
    texts = tuple(_moved(part, box, height_px) for box, _ in found)
    drawn = [*shapes, *(_moved(part, box.inset(-spare), height_px) for box, spare in found)]
    return Reach(shapes, texts, around(drawn) if drawn else NOTHING)


def _spans(quads: Quads) -> Iterator[Box]:
    """One box around each ink."""
    for begin, end in zip(quads.marks, [*quads.marks[1:], len(quads.vertices)], strict=True):
        if begin < end:
            xs, ys = quads.vertices[begin:end:FLOATS], quads.vertices[begin + 1 : end : FLOATS]
            x, y = min(xs), min(ys)
            yield Box(x, y, max(xs) - x, max(ys) - y)


def _texts(ink: Ink, height_px: float) -> Iterator[tuple[Box, float]]:
    """The box of each text or code, and how far its texture goes beyond."""
    match ink:
        case Words() if ink.text:
            em, low = ink.size_px, height_px - ink.baseline - ink.size_px * BELOW_EM
            wide, tall = ink.width + 2 * em * BESIDE_EM, em * (ABOVE_EM + BELOW_EM)
            yield Box(ink.x - em * BESIDE_EM, low, wide, tall), em * TEXTURE_EM
        case Modules():
            side = ink.module_px * len(ink.rows)
            yield Box(ink.x, height_px - ink.y - side, side, side), 0.0
        case Turned():
            for inner in ink.inks:
                for box, spare in _texts(inner, height_px):
                    yield _turning(box, ink.cx, height_px - ink.cy), spare
        case _:
            pass


def _moved(part: Part, box: Box, height_px: float) -> Box:
    """Where the motion of its part may take a box."""
    match part.motion:
        case Motion.NONE:
            return box
        case Motion.SPIN:
            return _turning(box, part.box.cx, height_px - part.box.cy)
        case Motion.MARCH:
            down = part.box.h * MARCH_SHARE
            return Box(box.x, box.y - down, box.w, box.h + down)
        case Motion.RISE:
            down = ROW_RISE_MM * SCALE_PX_PER_MM
            return Box(box.x, box.y - down, box.w, box.h + down)
        case Motion.CARRY:  # until the next Screen, which may be long in coming
            return Box(-1e5, box.y, 2e5, box.h)


def _turning(box: Box, cx: float, cy: float) -> Box:
    """Around the circle that a box draws when it turns around a point."""
    radius = max(math.hypot(x - cx, y - cy) for x in (box.x, box.right) for y in (box.y, box.bottom))
    return Box(cx - radius, cy - radius, 2 * radius, 2 * radius)
