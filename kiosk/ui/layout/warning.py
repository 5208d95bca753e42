"""The time-out warning: the seconds left fill the screen, a touch anywhere goes on."""

from __future__ import annotations

import math

from kiosk.screen import Countdown
from kiosk.ui.brush import HEADING_PITCH, Brush, Sheet, height
from kiosk.ui.layout.panels import left_s, ring
from kiosk.ui.scene import Box, Disc, Part, Stroke, Weight
from kiosk.ui.text import Face
from kiosk.ui.tokens import Size

TICKS = 20


def question(sheet: Sheet, room: Box, *, small: bool = False) -> tuple[list[Part], float]:
    """The question and what to do, centred."""
    head = sheet.screen.headline
    if head is None:
        return [], room.y
    brush, face = sheet.brush(), sheet.title_face
    sizes = sheet.sizes(Size.HEADING, Size.BODY) if small else sheet.sizes(Size.HERO, Size.DISPLAY, Size.HEADING)
    subs = sheet.primary_sizes(Size.BODY)[-1:] if small else sheet.sizes(Size.BUTTON, Size.BODY)
    found = brush.fit(head.text, room.w, sizes, 2, face, even=True)
    y = brush.words(
        found,
        room.x,
        room.y,
        room.w,
        face=face,
        align=0.5,
        weight=Weight.PRIMARY,
        pitch=HEADING_PITCH,
        instruction=False,
    )
    if head.sub:
        sub = brush.fit(head.sub, room.w, subs, 3, even=True)
        y = brush.words(
            sub,
            room.x,
            y + sheet.px(6 if sheet.look.panel.roomy else 3),
            room.w,
            colour=sheet.theme.soft,
            align=0.5,
            weight=Weight.PRIMARY,
        )
    says = " ".join(t for t in (head.text, head.sub) if t)
    return [brush.part("headline", "headline", Box(room.x, room.y, room.w, y - room.y), says=says)], y


def dial(sheet: Sheet, wanted: Countdown, box: Box) -> Part:
    """A ring with marks, the numeral as large as it can be, the unit below it."""
    brush, theme = sheet.brush(), sheet.theme
    r = min(box.w, box.h) / 2
    cx, cy = box.cx, box.cy
    seconds = left_s(sheet, wanted)
    contrast = theme.name == "contrast"
    if not contrast:
        brush.add(Disc(cx, cy, r, theme.card))
    width = r * 0.095
    ring(brush, sheet, cx, cy, r * 0.86, width, seconds, wanted.total_s, theme.gold)
    for i in range(TICKS):
        angle = math.tau * i / TICKS
        inner, outer = r * 0.70, r * 0.735
        points = tuple(v for q in (inner, outer) for v in (cx + q * math.sin(angle), cy - q * math.cos(angle)))
        brush.add(Stroke(points, max(2, sheet.px(0.5)), theme.edge, False, False))
    _numeral(brush, sheet, cx, cy, r, seconds)
    square = Box(cx - r, cy - r, 2 * r, 2 * r)
    return brush.part(
        "countdown", "countdown", square, says=sheet.say("ui.seconds", n=seconds), signals=("number", "length")
    )


def _numeral(brush: Brush, sheet: Sheet, cx: float, cy: float, r: float, seconds: int) -> None:
    """The seconds as large as the ring allows; the unit below where it fits."""
    theme, face = sheet.theme, sheet.title_face
    ground = theme.paper if theme.name == "contrast" else theme.card
    units = sheet.sizes(Size.HEADING if sheet.look.panel.roomy else Size.BUTTON, Size.BODY)
    unit = brush.fit(sheet.say("ui.second_unit"), r * 1.2, units, 1, face)
    below = 0.0 if unit.squeezed else unit.size_px * 1.25
    sizes = sheet.sizes(Size.GIANT, Size.NUMERAL, Size.HERO, Size.DISPLAY, Size.HEADING)
    fitting = [s for s in sizes if s * 0.76 + below * 1.2 < r * 1.22] or sizes[-1:]
    number = brush.fit(str(seconds), r * 1.36, fitting, 1, face)
    cap = number.size_px * 0.74
    baseline = cy - (cap + below) / 2 + cap
    x, width = cx - r, 2 * r
    brush.words(
        number, x, baseline - number.size_px * 0.88, width, face=face, ground=ground, align=0.5,
        weight=Weight.PRIMARY, instruction=False,
    )  # fmt: skip
    if below:
        brush.words(
            unit, x, baseline + unit.size_px * 0.3, width, face=face, colour=theme.care, ground=ground, align=0.5,
            weight=Weight.PRIMARY, instruction=False,
        )  # fmt: skip


def facts_h(sheet: Sheet, texts: list[str], width: float) -> float:
    """Height of the card of facts."""
    return _FactTexts(sheet, texts, width).h if texts else 0.0


class _FactTexts:
    """The first fact in bold, the others below it; closer together where the panel lies across."""

    def __init__(self, sheet: Sheet, texts: list[str], width: float) -> None:
        roomy, brush = sheet.look.panel.roomy and sheet.look.panel.portrait, sheet.brush()
        self.pad, self.gap = sheet.px(6 if roomy else 3), sheet.px(2.6 if roomy else 1.6)
        first = sheet.sizes(Size.BODY) if roomy else sheet.primary_sizes(Size.BODY)[-1:]
        room = width - 2 * self.pad
        self.lines = [brush.fit(texts[0], room, first, 4, Face.BOLD)]
        self.lines += [brush.fit(text, room, sheet.sizes(Size.LABEL, Size.CAPTION), 6) for text in texts[1:]]
        self.h = sum(height(f) for f in self.lines) + self.gap * (len(self.lines) - 1) + 2 * self.pad


def facts(sheet: Sheet, texts: list[str], box: Box) -> tuple[Part | None, float]:
    """What happens when the time is up; stands at the bottom of the box. Returns its top."""
    if not texts:
        return None, box.bottom
    brush, theme = sheet.brush(), sheet.theme
    found = _FactTexts(sheet, texts, box.w)
    card = Box(box.x, box.bottom - found.h, box.w, found.h)
    brush.slab(card, theme.card, 5, edge=theme.edge if theme.name == "contrast" else "")
    y = card.y + found.pad
    for i, item in enumerate(found.lines):
        face, colour = (Face.BOLD, theme.ink) if i == 0 else (Face.SANS, theme.soft)
        x, room = card.x + found.pad, card.w - 2 * found.pad
        y = brush.words(item, x, y, room, face=face, colour=colour, ground=theme.card, align=0.5) + found.gap
    return brush.part("facts", "note", card, says=" ".join(texts)), card.y
