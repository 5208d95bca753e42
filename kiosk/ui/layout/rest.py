"""The resting picture: spines under a moon, one verb. The only screen whose picture reaches the edges."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Final

from kiosk.ui.brush import HEADING_PITCH, Brush, Sheet
from kiosk.ui.layout.frame import Frame
from kiosk.ui.layout.header import Colours, header
from kiosk.ui.layout.panels import banner
from kiosk.ui.scene import Box, Disc, Fade, Part, Poly, Slab, Stroke, Turned, Weight
from kiosk.ui.text import Face
from kiosk.ui.tokens import Size, blend

SKY_TOP: Final = "#0B403D"
SKY_LOW: Final = "#1B6D68"
GROUND: Final = "#0F5B57"  # what the white text is meant to stand on: lighter than the sky behind it
BOARD: Final = "#DED3BB"


@dataclass(frozen=True, slots=True)
class _Spine:
    width: float  # millimetres
    height: float  # share of the tallest
    cover: str
    title: str = ""
    band: str = ""


_SHELF: Final = (
    _Spine(10, 0.80, "#0A4644", band="lines"),
    _Spine(23.5, 0.87, "#176662", title="天工开物"),
    _Spine(11.5, 0.72, "#C79A45", band="rings"),
    _Spine(15.5, 0.80, "#0E5450", band="block"),
    _Spine(25, 1.0, "#A8321F", title="红楼梦"),
    _Spine(10.5, 0.68, "#E6E1D2", band="marks"),
    _Spine(18, 0.76, "#1F7A74", band="rings"),
    _Spine(13.5, 0.66, "#0A4644", band="block"),
    _Spine(23.5, 0.72, "#8A5A00", title="诗经"),
    _Spine(11.5, 0.55, "#176662", band="marks"),
    _Spine(16, 0.63, "#0E5450", band="rings"),
    _Spine(10, 0.47, "#C79A45", band="rings"),
    _Spine(15, 0.53, "#EDE4CF", band="lean"),
    _Spine(22.5, 0.65, "#0A4644", title="算经"),
    _Spine(13.5, 0.52, "#1F7A74", band="block"),
    _Spine(14, 0.59, "#A8321F", band="rings"),
    _Spine(20, 0.70, "#28485F", title="史记"),
    _Spine(12, 0.56, "#0E5450", band="marks"),
    _Spine(16, 0.62, "#176662", band="rings"),
    _Spine(11, 0.49, "#C79A45", band="block"),
)


def scenery(sheet: Sheet, frame: Frame) -> list[Part]:
    """Sky, moon, hills, spines, header and headline. Buttons and dock are drawn over it by the caller."""
    screen, panel = sheet.screen, sheet.look.panel
    plain = sheet.theme.name == "contrast"
    floor = frame.dock.y if frame.column is not None else frame.primary.y - sheet.px(11 if panel.roomy else 3.3)
    right = frame.column.x if frame.column is not None else panel.width_px
    left = 0.0
    if frame.column is not None and sheet.modes.mirrored:
        left, right = frame.column.right, panel.width_px
    stage = Box(left, 0, right - left, floor)
    head = screen.headline
    text_w = stage.w - 2 * sheet.px(19 if panel.roomy else 6)
    top = _text_top(sheet, frame)
    aside = frame.merged and sheet.modes.low and frame.extra is not None
    told_h = 0.0 if aside else _remark(sheet, stage, floor, 0.0)[1]
    place = Box(stage.x + sheet.px(19 if panel.roomy else 6), top, text_w, floor - top - told_h)
    text, bottom = _words(sheet, place, plain)
    bottom = bottom if head else frame.header.bottom
    if aside and frame.extra is not None:
        margin = sheet.px(5)
        over = Box(frame.extra.x - margin, 0, frame.extra.w + 2 * margin, 0)
        top, floor = frame.header.bottom - sheet.px(2), frame.extra.bottom
        remark, end = _remark(sheet, over, floor, top)
        if end > floor:  # no name stands at this end of the seal line: a long remark may
            remark, _ = _remark(sheet, over, floor, max(frame.header.y - sheet.px(3), top - (end - floor)))
    else:
        remark, bottom = _remark(sheet, stage, floor, bottom)
    parts: list[Part] = [_picture(sheet, stage, bottom), *remark]
    parts += _header(sheet, frame, stage, plain)
    if text is not None:
        parts.append(text)
    return parts


def _remark(sheet: Sheet, stage: Box, floor: float, top: float) -> tuple[list[Part], float]:
    """The banner on its own card below the words, and where it ends: an outage is told before anybody begins."""
    wanted = sheet.screen.banner
    if wanted is None:
        return [], top
    margin = sheet.px(14 if sheet.look.panel.roomy else 5)
    y = top + sheet.px(7 if sheet.look.panel.roomy else 3)
    width = stage.w - 2 * margin
    parts: list[Part] = []
    for block in banner(sheet, wanted, width, floor - y):
        parts += block.draw(Box(stage.x + margin, y, width, block.want))
        y += block.want
    return parts, y


def _header(sheet: Sheet, frame: Frame, stage: Box, plain: bool) -> list[Part]:
    """White on the sky; where a side column stands on paper, its end of the line is in ink."""
    if plain:
        return header(sheet, frame.header)
    sky = Colours("#FFFFFF", "#DCEAE4", GROUND)
    if frame.column is None:
        return header(sheet, frame.header, left=sky, right=sky)
    if sheet.modes.mirrored or frame.merged:
        box = Box(stage.x + frame.header.x, frame.header.y, stage.w - 2 * frame.header.x, frame.header.h)
        return header(sheet, box, left=sky, right=sky)
    return header(sheet, frame.header, left=sky)


def _text_top(sheet: Sheet, frame: Frame) -> float:
    return frame.header.bottom + sheet.px(
        24 if sheet.look.panel.roomy and sheet.look.panel.portrait else 8 if sheet.look.panel.roomy else 5
    )


def _words(sheet: Sheet, room: Box, plain: bool) -> tuple[Part | None, float]:
    head = sheet.screen.headline
    if head is None:
        return None, room.y
    brush, face = sheet.brush(), sheet.title_face
    colour, soft, ground = (
        (sheet.theme.ink, sheet.theme.ink, sheet.theme.paper) if plain else ("#FFFFFF", "#DCEAE4", GROUND)
    )
    largest = Size.HERO if sheet.look.panel.roomy else Size.DISPLAY
    sizes = sheet.sizes(largest, Size.HEADING, Size.BUTTON)
    gap = sheet.px(9 if sheet.look.panel.roomy else 4)
    found, sub = brush.fill(
        head.text, head.sub, (room.w, room.h), [*sizes, sheet.size(Size.BODY)], sheet.sizes(Size.BODY), face=face,
        lines_max=7, pitch=HEADING_PITCH + 0.08, gap=gap, large_first=True,
    )  # fmt: skip
    y = brush.words(
        found, room.x, room.y, room.w, face=face, colour=colour, ground=ground, weight=Weight.PRIMARY,
        pitch=HEADING_PITCH + 0.08, instruction=False,
    )  # fmt: skip
    if sub:
        y = brush.words(
            sub,
            room.x,
            y + gap,
            room.w,
            colour=soft,
            ground=ground,
            weight=Weight.PRIMARY,
        )
    says = " ".join(t for t in (head.text, head.sub) if t)
    return brush.part("headline", "headline", Box(room.x, room.y, room.w, y - room.y), says=says), y


def _picture(sheet: Sheet, stage: Box, text_bottom: float) -> Part:
    brush = sheet.brush()
    board = sheet.px(3.6 if sheet.look.panel.roomy else 2)
    floor = stage.bottom - board
    unit = sheet.look.panel.px_per_mm * (1.0 if sheet.look.panel.roomy else 0.62)
    tall = min(max(0.0, floor - text_bottom - sheet.px(6)), 148 * unit)
    if sheet.theme.name == "contrast":
        _outlines(brush, sheet, Box(stage.x, floor - tall, stage.w, tall), unit)
        return brush.part("art", "art", stage)
    brush.add(Fade(Box(stage.x, 0, stage.w, floor), SKY_TOP, SKY_LOW))
    if tall > 30 * unit:
        _moon(brush, stage, floor, unit, text_bottom)
        _hills(brush, stage, floor, tall)
        _spines(brush, sheet, stage, floor, unit, tall)
    brush.add(Slab(Box(stage.x, floor, stage.w, board), BOARD))
    return brush.part("art", "art", stage)


def _outlines(brush: Brush, sheet: Sheet, stage: Box, unit: float) -> None:
    """The same shelf without colours: outlines, and the moon in the colour of go."""
    theme, x, i = sheet.theme, stage.x + sheet.px(6), 0
    r = stage.h * 0.16
    brush.add(Disc(stage.x + stage.w * 0.76, stage.y + r * 1.1, r, theme.go))
    while x + _SHELF[i % len(_SHELF)].width * unit < stage.right - sheet.px(6):
        spine = _SHELF[i % len(_SHELF)]
        w, h = spine.width * unit, stage.h * spine.height * 0.86
        brush.add(Slab(Box(x, stage.bottom - h, w, h), theme.paper, 1.6 * unit, theme.edge, max(2, 0.6 * unit)))
        if spine.title:
            brush.add(Slab(Box(x + w * 0.3, stage.bottom - h * 0.86, w * 0.4, h * 0.36), theme.edge))
        x, i = x + w + 1.6 * unit, i + 1
    brush.add(Slab(Box(stage.x, stage.bottom, stage.w, max(3, 0.8 * unit)), theme.edge))


def _moon(brush: Brush, stage: Box, floor: float, unit: float, text_bottom: float) -> None:
    r = min(40 * unit, (floor - text_bottom) * 0.36)
    cx = stage.x + stage.w * 0.75
    cy = max(text_bottom + r * 1.2, floor - 132 * unit)
    for ring, share in ((1.56, 0.10), (1.36, 0.17), (1.18, 0.26)):
        brush.add(Disc(cx, cy, r * ring, blend(_sky(cy, floor), "#F3E9D2", share)))
    brush.add(Disc(cx, cy, r, "#F1E7D0"))


def _sky(y: float, floor: float) -> str:
    return blend(SKY_TOP, SKY_LOW, max(0.0, min(1.0, y / floor)))


def _hills(brush: Brush, stage: Box, floor: float, tall: float) -> None:
    """Two ranges, far and near, as strips from their outline down to the shelf."""
    for share, colour, phase, waves in ((0.78, "#227A73", 0.9, 1.7), (0.60, "#176660", 2.6, 1.2)):
        top = floor - tall * share
        steps = 64
        crest: list[tuple[float, float]] = []
        for i in range(steps + 1):
            t = i / steps
            swell = 0.085 * math.sin(phase + t * waves * math.tau) + 0.03 * math.sin(
                phase * 3 + t * waves * 2 * math.tau
            )
            crest.append((stage.x + stage.w * t, top + tall * swell))
        for (x0, y0), (x1, y1) in itertools.pairwise(crest):
            brush.add(Poly((x0, floor, x0, y0, x1, y1, x1, floor), colour))
        brush.add(Stroke(tuple(v for point in crest for v in point), 2, colour, False, False))


def _spines(brush: Brush, sheet: Sheet, stage: Box, floor: float, unit: float, tall: float) -> None:
    gap = 0.9 * unit
    x = stage.x - 1.2 * unit
    i = 0
    while x < stage.right and i < 60:
        spine = _SHELF[i % len(_SHELF)]
        w = spine.width * unit
        if x + w > stage.right + w * 0.45:
            break
        h = tall * spine.height
        box = Box(x, floor - h, min(w, stage.right - x), h)
        if spine.band == "lean":
            _leaning(brush, spine, Box(x + 3.4 * unit, floor - h, w * 0.9, h), unit)
            x += w + 9 * unit
        else:
            _upright(brush, sheet, spine, box, unit)
            x += w + gap
        i += 1


def _upright(brush: Brush, sheet: Sheet, spine: _Spine, box: Box, unit: float) -> None:
    radius = 1.6 * unit
    brush.add(Slab(box, spine.cover, radius), Slab(Box(box.x, box.bottom - radius * 2, box.w, radius * 2), spine.cover))
    brush.add(
        Slab(
            Box(box.x + 2 * unit, box.y + 1.2 * unit, 1.1 * unit, box.h - 1.2 * unit),
            blend(spine.cover, "#FFFFFF", 0.26),
        )
    )
    brush.add(
        Slab(
            Box(box.right - 2.4 * unit, box.y + 1.2 * unit, 2.4 * unit, box.h - 1.2 * unit),
            blend(spine.cover, "#000000", 0.16),
        )
    )
    if spine.title:
        _label(brush, sheet, spine, box, unit)
    else:
        _band(brush, spine, box, unit)


def _band(brush: Brush, spine: _Spine, box: Box, unit: float) -> None:
    pale = spine.cover in ("#C79A45", "#E6E1D2", "#EDE4CF")
    gold = "#8A5A00" if pale else "#D4AC63"
    if spine.band in ("rings", "lines"):
        marks = (0.06, 0.085, 0.86, 0.885) if spine.band == "rings" else (0.07, 0.1, 0.13)
        for share in marks:
            brush.add(Slab(Box(box.x, box.y + box.h * share, box.w, 0.8 * unit), gold))
    elif spine.band == "block":
        brush.add(Slab(Box(box.x, box.y + box.h * 0.16, box.w, 12 * unit), gold))
        brush.add(Slab(Box(box.x, box.bottom - box.h * 0.13, box.w, 2.4 * unit), gold))
    else:
        for i in range(4):
            brush.add(
                Slab(Box(box.cx - box.w * 0.2, box.y + box.h * 0.1 + i * 4.2 * unit, box.w * 0.4, 1.1 * unit), gold)
            )


def _label(brush: Brush, sheet: Sheet, spine: _Spine, box: Box, unit: float) -> None:
    """A pasted title strip, characters one below the other."""
    size = sheet.size(Size.BODY) if sheet.look.panel.roomy and not sheet.modes.large else sheet.size(Size.CAPTION)
    size = min((s for s in (sheet.size(s) for s in Size) if s <= 11.6 * unit), default=0, key=lambda s: abs(s - size))
    pitch = size * 1.14
    paper = Box(box.cx - 8 * unit, box.y + 15 * unit, 16 * unit, pitch * len(spine.title) + 5 * unit)
    brush.add(
        Slab(paper, "#FDFAF1", 1 * unit),
        Slab(paper.inset(1.2 * unit), "#B9B19C", 0),
        Slab(paper.inset(1.5 * unit), "#FDFAF1", 0),
    )
    if not size or paper.bottom > box.bottom - 6 * unit:
        return
    for i, character in enumerate(spine.title):
        found = brush.fit(character, paper.w, [size], 1, Face.SERIF)
        brush.words(
            found, paper.x, paper.y + 3 * unit + i * pitch, paper.w, face=Face.SERIF, colour="#14252B",
            ground="#FDFAF1", align=0.5, weight=Weight.DECOR, instruction=False,
        )  # fmt: skip


def _leaning(brush: Brush, spine: _Spine, box: Box, unit: float) -> None:
    inner: list[Slab] = [
        Slab(box, spine.cover, 1.6 * unit),
        Slab(
            Box(box.right - 2 * unit, box.y + 1.5 * unit, 2 * unit, box.h - 3 * unit),
            blend(spine.cover, "#000000", 0.13),
        ),
    ]
    for share in (0.06, 0.085, 0.8, 0.85, 0.9):
        inner.append(Slab(Box(box.x, box.y + box.h * share, box.w, 0.8 * unit), "#C79A45"))
    brush.add(Turned(tuple(inner), -12.5, box.right, box.bottom))
