"""Shapes as quads for one small shader: every box, ring, stroke and shadow of a part in a single draw call.

Kivy gives each instruction a vertex buffer of its own, 64 to 200 kB with software GL; a screen of 300 shapes then takes
50 MB and 60 ms to build. Here a quad carries its own shape, and the shader computes the distance to its edge: smooth at
any size, without multisampling and without seams where shapes meet. Pure: no Kivy.

Distances after Inigo Quilez, "2D distance functions" (rounded box, arc).
"""

from __future__ import annotations

import math
from array import array
from itertools import pairwise
from typing import Final

from kiosk.ui.scene import Arc, Box, Dashes, Disc, Fade, Ink, Poly, Slab, Stroke, Turned

# Floats of a vertex: position; local position with kind and softness; colour; shape. Every draw uses all of them: what
# an attribute that is switched off reads as is not defined after a draw that used it.
FORMAT: Final = ((b"vPosition", 2, "float"), (b"vLocal", 4, "float"), (b"vColor", 4, "float"), (b"vShape", 4, "float"))
FLOATS: Final = sum(count for _, count, _ in FORMAT)
# Of a textured vertex: position, place in the texture, tint.
PICTURE_FORMAT: Final = ((b"vPosition", 2, "float"), (b"vPlace", 2, "float"), (b"vColor", 4, "float"))
BOX, ARC = 1.0, 2.0
EDGE_PX: Final = 0.7  # half the width of a smoothed edge
PLAIN: Final = (1e6, 1e6, 0.0, 0.0)  # a box whose edge is nowhere near: filled throughout

# Shapes and textures have a shader each: software GL computes both sides of a branch for every pixel, and reading a
# texture is the dearest thing it does.
VERTEX: Final = """
#ifdef GL_ES
precision highp float;
#endif
attribute vec2 vPosition;
attribute vec4 vLocal;
attribute vec4 vColor;
attribute vec4 vShape;
uniform mat4 modelview_mat;
uniform mat4 projection_mat;
varying vec4 local;
varying vec4 tint;
varying vec4 shape;
void main(void) {
    local = vLocal;
    tint = vColor;
    shape = vShape;
    gl_Position = projection_mat * modelview_mat * vec4(vPosition, 0.0, 1.0);
}
"""
FRAGMENT: Final = """
#ifdef GL_ES
precision highp float;
#endif
varying vec4 local;
varying vec4 tint;
varying vec4 shape;
void main(void) {
    float d;
    vec2 p = local.xy;
    if (local.z < 1.5) {
        vec2 q = abs(p) - shape.xy + shape.z;
        d = length(max(q, 0.0)) + min(max(q.x, q.y), 0.0) - shape.z;
    } else {
        p.x = abs(p.x);
        vec2 sc = shape.zw;
        d = (sc.y * p.x > sc.x * p.y ? length(p - sc * shape.x) : abs(length(p) - shape.x)) - shape.y;
    }
    gl_FragColor = vec4(tint.rgb, tint.a * (1.0 - smoothstep(-local.w, local.w, d)));
}
"""
PICTURE_VERTEX: Final = """
#ifdef GL_ES
precision highp float;
#endif
attribute vec2 vPosition;
attribute vec2 vPlace;
attribute vec4 vColor;
uniform mat4 modelview_mat;
uniform mat4 projection_mat;
varying vec2 place;
varying vec4 tint;
void main(void) {
    place = vPlace;
    tint = vColor;
    gl_Position = projection_mat * modelview_mat * vec4(vPosition, 0.0, 1.0);
}
"""
PICTURE_FRAGMENT: Final = """
#ifdef GL_ES
precision highp float;
#endif
varying vec2 place;
varying vec4 tint;
uniform sampler2D texture0;
void main(void) {
    gl_FragColor = tint * texture2D(texture0, place);
}
"""


class Quads:
    """Collects vertices and indices. Coordinates come with y downwards and are turned for GL, which counts upwards."""

    def __init__(self, height_px: float) -> None:
        self._h = height_px
        self.vertices = array("f")
        self.indices: list[int] = []
        self.marks: list[int] = []  # where in `vertices` the ink of each call of `add` begins

    def __len__(self) -> int:
        return len(self.indices)

    def add(self, ink: Ink, turn: tuple[float, float, float] | None = None) -> None:
        """Any ink but words and codes; `turn` is degrees clockwise and a centre."""
        self.marks.append(len(self.vertices))
        match ink:
            case Slab():
                self._slab(ink, turn)
            case Disc():
                self.box(ink.cx, ink.cy, ink.r, ink.r, ink.r, rgba(ink.colour), turn=turn)
            case Stroke():
                self._stroke(ink, turn)
            case Arc():
                self._arc(ink, turn)
            case Poly():
                self._poly(ink, turn)
            case Fade():
                self._fade(ink)
            case Dashes():
                self._dashes(ink)
            case Turned():
                for inner in ink.inks:
                    self.add(inner, (ink.degrees, ink.cx, ink.cy))
            case _:
                pass  # words and codes are textures

    def box(
        self, cx: float, cy: float, hx: float, hy: float, radius: float, colour: tuple[float, ...], *,
        soft: float = EDGE_PX, angle: float = 0.0, turn: tuple[float, float, float] | None = None, hollow: bool = False,
    ) -> None:  # fmt: skip
        """A rounded box by centre and half sizes, turned by `angle` radians clockwise around its centre.

        The shader only works along the edge; the middle of a large box is plain, or left out when it is `hollow`
        because something else will cover it.
        """
        shape = (hx, hy, min(radius, hx, hy), 0.0)
        upright = not angle and turn is None
        if upright and radius < EDGE_PX and soft <= EDGE_PX:
            self._patch(cx, cy, (-hx, -hy, hx, hy), soft, colour, PLAIN)
            return
        pad, rim = soft + 1.0, min(radius, hx, hy) + soft + 1.0
        if upright and min(hx, hy) > 2 * rim:
            x0, y0, x1, y1 = hx + pad, hy + pad, hx - rim, hy - rim
            for patch in ((-x0, -y0, x0, -y1), (-x0, y1, x0, y0), (-x0, -y1, -x1, y1), (x1, -y1, x0, y1)):
                self._patch(cx, cy, patch, soft, colour, shape)
            if not hollow:
                self._patch(cx, cy, (-x1, -y1, x1, y1), soft, colour, PLAIN)
            return
        corners = [(sx * (hx + pad), sy * (hy + pad)) for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        sin, cos = math.sin(angle), math.cos(angle)
        places = [(cx + x * cos - y * sin, cy + x * sin + y * cos) for x, y in corners]
        self._quad(places, corners, BOX, soft, [colour] * 4, shape, turn)

    def _patch(
        self, cx: float, cy: float, patch: tuple[float, float, float, float], soft: float,
        colour: tuple[float, ...], shape: tuple[float, ...],
    ) -> None:  # fmt: skip
        """An upright part of a box, in the box's own coordinates: left, top, right, bottom."""
        x0, y0, x1, y1 = patch
        corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
        places = [(cx + x, cy + y) for x, y in corners]
        self._quad(places, corners, BOX, soft, [colour] * 4, shape, None)

    def _quad(
        self, places: list[tuple[float, float]], locals_: list[tuple[float, float]], kind: float, soft: float,
        colours: list[tuple[float, ...]], shape: tuple[float, ...], turn: tuple[float, float, float] | None,
    ) -> None:  # fmt: skip
        base = len(self.vertices) // FLOATS
        for (x, y), (lx, ly), colour in zip(places, locals_, colours, strict=True):
            px, py = _turned(x, y, turn)
            self.vertices.extend((px, self._h - py, lx, ly, kind, soft, *colour, *shape))
        for i in range(2, len(places)):
            self.indices += (base, base + i - 1, base + i)

    def _slab(self, ink: Slab, turn: tuple[float, float, float] | None) -> None:
        box = ink.box
        if box.w <= 0 or box.h <= 0:
            return
        if ink.lift:
            self._shadow(ink)
        if ink.edge:
            self.box(box.cx, box.cy, box.w / 2, box.h / 2, ink.radius, rgba(ink.edge), turn=turn, hollow=True)
            box = box.inset(ink.edge_px)
        inner = max(0.0, ink.radius - (ink.edge_px if ink.edge else 0.0))
        self.box(box.cx, box.cy, box.w / 2, box.h / 2, inner, rgba(ink.fill), turn=turn)

    def _shadow(self, ink: Slab) -> None:
        """Two: a near one that draws the edge, a far one that lifts."""
        box, reach = ink.box, max(4.0, min(ink.radius, box_radius_max(ink.box)))
        for drop, blur, share in ((0.12, 0.35, 0.8), (0.34, 1.15, 1.0)):
            r, g, b, _ = rgba("#1E2B26")
            colour = (r, g, b, ink.lift * share)
            cy = box.cy + max(1.0, reach * drop)
            self.box(box.cx, cy, box.w / 2, box.h / 2, ink.radius, colour, soft=max(2.0, reach * blur), hollow=True)

    def _stroke(self, ink: Stroke, turn: tuple[float, float, float] | None) -> None:
        points = list(zip(ink.points[0::2], ink.points[1::2], strict=True))
        if ink.closed:
            points.append(points[0])
        half, colour = ink.width / 2, rgba(ink.colour)
        for (x0, y0), (x1, y1) in pairwise(points):
            length = math.hypot(x1 - x0, y1 - y0)
            angle = math.atan2(y1 - y0, x1 - x0)
            hx = length / 2 + (half if ink.round else 0.0)
            radius = half if ink.round else 0.0
            self.box((x0 + x1) / 2, (y0 + y1) / 2, hx, half, radius, colour, angle=angle or 1e-9, turn=turn)

    def _arc(self, ink: Arc, turn: tuple[float, float, float] | None) -> None:
        """The local axes are turned so that the middle of the arc points up, as the distance function wants it."""
        sweep = min(360.0, ink.sweep)
        opening = math.radians(sweep / 2) if sweep < 359.9 else math.pi
        middle = math.radians(ink.start + sweep / 2)
        half, reach = ink.width / 2, ink.r + ink.width / 2 + EDGE_PX + 1.0
        sin, cos = math.sin(middle), math.cos(middle)
        locals_ = [(-reach, -reach), (reach, -reach), (reach, reach), (-reach, reach)]
        # Up (0, 1) in local space is (sin, -cos) on the screen, right (1, 0) is (cos, sin).
        places = [(ink.cx + x * cos + y * sin, ink.cy + x * sin - y * cos) for x, y in locals_]
        shape = (ink.r, half, math.sin(opening), math.cos(opening))
        self._quad(places, locals_, ARC, EDGE_PX, [rgba(ink.colour)] * 4, shape, turn)

    def _poly(self, ink: Poly, turn: tuple[float, float, float] | None) -> None:
        points = list(zip(ink.points[0::2], ink.points[1::2], strict=True))
        flat = [(0.0, 0.0)] * len(points)
        self._quad(points, flat, BOX, EDGE_PX, [rgba(ink.colour)] * len(points), PLAIN, turn)

    def _fade(self, ink: Fade) -> None:
        box = ink.box
        places = [(box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)]
        top, low = rgba(ink.top), rgba(ink.bottom)
        self._quad(places, [(0.0, 0.0)] * 4, BOX, EDGE_PX, [top, top, low, low], PLAIN, None)

    def _dashes(self, ink: Dashes) -> None:
        """Straight dashes evenly along the sides, one curved dash at each corner."""
        box, r, half = ink.box.inset(ink.width / 2), ink.radius, ink.width / 2
        colour = rgba(ink.colour)
        for start, length, fixed, across in (
            (box.x + r, box.w - 2 * r, box.y, True),
            (box.x + r, box.w - 2 * r, box.bottom, True),
            (box.y + r, box.h - 2 * r, box.x, False),
            (box.y + r, box.h - 2 * r, box.right, False),
        ):
            for a, b in _spans(start, length, ink.dash, ink.gap):
                flat = Box(a, fixed - half, b - a, ink.width) if across else Box(fixed - half, a, ink.width, b - a)
                self.box(flat.cx, flat.cy, flat.w / 2, flat.h / 2, half, colour)
        corners = (
            (box.right - r, box.y + r),
            (box.right - r, box.bottom - r),
            (box.x + r, box.bottom - r),
            (box.x + r, box.y + r),
        )
        for i, (cx, cy) in enumerate(corners):
            self.add(Arc(cx, cy, r, ink.width, 90.0 * i + 24, 42, ink.colour))


def picture(box: Box, uv: tuple[float, ...], colour: str, height_px: float) -> array[float]:
    """Vertices of a textured box, tinted; `uv` from its lower left corner, counter-clockwise, as Kivy has it."""
    places = [(box.x, box.bottom), (box.right, box.bottom), (box.right, box.y), (box.x, box.y)]
    tint, vertices = rgba(colour), array("f")
    for (x, y), place in zip(places, zip(uv[0::2], uv[1::2], strict=True), strict=True):
        vertices.extend((x, height_px - y, *place, *tint))
    return vertices


def rgba(colour: str) -> tuple[float, float, float, float]:
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255, 1.0


def box_radius_max(box: Box) -> float:
    return min(box.w, box.h) / 2


def _turned(x: float, y: float, turn: tuple[float, float, float] | None) -> tuple[float, float]:
    """A point turned clockwise by degrees around a centre (y grows downwards)."""
    if turn is None:
        return x, y
    degrees, cx, cy = turn
    sin, cos = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    return cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos


def _spans(start: float, length: float, dash: float, gap: float) -> list[tuple[float, float]]:
    """Dashes evenly spread over a length, with half a gap at either end."""
    count = max(1, round(length / (dash + gap)))
    pitch = length / count
    return [(round(start + i * pitch + gap / 2), round(start + (i + 1) * pitch - gap / 2)) for i in range(count)]
