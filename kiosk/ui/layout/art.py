"""The large pictures, drawn on a stage of 240 x 100 units that is scaled into its box."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from kiosk.screen import Art, Icon, Tone
from kiosk.ui.brush import Sheet
from kiosk.ui.layout.buttons import strip_marches
from kiosk.ui.layout.panels import left_s, ring
from kiosk.ui.scene import Arc, Box, Dashes, Disc, Motion, Part, Slab, Stroke, Turned, Weight
from kiosk.ui.text import Face
from kiosk.ui.tokens import Size, blend

STAGE_W: Final = 240.0
STAGE_H: Final = 100.0


@dataclass(frozen=True, slots=True)
class _Inks:
    """The colours of a picture in one theme."""

    ground: str
    main: str
    deep: str
    pale: str
    line: str
    books: tuple[str, str, str, str]
    gold: str
    warm: str


def _inks(sheet: Sheet, tone: Tone) -> _Inks:
    theme = sheet.theme
    if theme.name == "contrast":
        yellow, white = theme.go, "#FFFFFF"
        return _Inks("#000000", yellow, white, "#000000", white, (white, yellow, white, yellow), "#000000", theme.stop)
    ground = theme.mist_of(tone) if tone is not Tone.PLAIN else theme.go_mist
    books = ("#A8321F", "#0F5B57", "#8A5A00", "#28485F")
    if theme.name == "dark":
        return _Inks(
            ground,
            "#2F8F84",
            "#0F4B48",
            theme.ink,
            theme.go,
            ("#B9503F", "#2F8F84", "#A97B2A", "#4A7390"),
            theme.gold,
            theme.stop,
        )
    return _Inks(ground, theme.go, theme.go_deep, theme.card, theme.go, books, "#D9B36A", theme.stop)


class _Stage:
    """Art units to pixels: the stage is centred in its box."""

    def __init__(self, sheet: Sheet, box: Box, tone: Tone) -> None:
        self.sheet, self.box = sheet, box
        self.k = min(box.w / STAGE_W, box.h / STAGE_H)
        self.x0 = box.cx - STAGE_W / 2 * self.k
        self.y0 = box.cy - STAGE_H / 2 * self.k
        self.ink = _inks(sheet, tone)
        self.brush = sheet.brush()

    def box_of(self, x: float, y: float, w: float, h: float) -> Box:
        return Box(self.x0 + x * self.k, self.y0 + y * self.k, w * self.k, h * self.k)

    def slab(self, x: float, y: float, w: float, h: float, colour: str, r: float = 0.0) -> None:
        self.brush.add(Slab(self.box_of(x, y, w, h), colour, r * self.k))

    def disc(self, x: float, y: float, r: float, colour: str) -> None:
        self.brush.add(Disc(self.x0 + x * self.k, self.y0 + y * self.k, r * self.k, colour))

    def line(self, *points: float, width: float, colour: str) -> None:
        scaled = tuple((self.x0 if i % 2 == 0 else self.y0) + p * self.k for i, p in enumerate(points))
        self.brush.add(Stroke(scaled, width * self.k, colour))

    def arc(self, x: float, y: float, r: float, start: float, sweep: float, width: float, colour: str) -> None:
        self.brush.add(
            Arc(self.x0 + x * self.k, self.y0 + y * self.k, r * self.k, width * self.k, start, sweep, colour)
        )


def picture(sheet: Sheet, box: Box) -> list[Part]:
    """The picture of the screen in its box, and the countdown inside it where the picture has a place for one."""
    art = sheet.screen.art
    tone = Tone.STOP if art is Art.PUT_BACK else Tone.CARE if art is Art.CLEAR_PAD else Tone.GO
    stage = _Stage(sheet, box, tone)
    theme = sheet.theme
    if art is not Art.STACK:
        edged = theme.name == "contrast" or tone in (Tone.STOP, Tone.CARE)
        edge = theme.of(tone) if edged else ""
        stage.brush.add(Slab(box, stage.ink.ground, sheet.px(6), edge, sheet.look.edge if edged else 0))
    extra = _PICTURES[art](stage)
    return [stage.brush.part("art", "art", box, says="", tone=tone), *extra]


def _card(stage: _Stage) -> list[Part]:
    ink = stage.ink
    for i, r in enumerate((74, 90, 106)):
        colour = blend(ink.main, ink.ground, (0.0, 0.35, 0.65)[i])
        for start in (249, 69):
            stage.arc(120, 50, r, start, 42, 2.6, colour)
    stage.slab(54, 85, 132, 10, ink.deep, 5)
    stage.slab(60, 86.6, 120, 1.6, blend(ink.deep, ink.pale, 0.25), 0.8)
    _plastic_card(stage, 120, 43, 108, 68)
    return []


def _plastic_card(stage: _Stage, cx: float, cy: float, w: float, h: float) -> None:
    """A campus card, a little tilted, as it comes out of a pocket."""
    inner = _Stage(stage.sheet, stage.box, Tone.GO)
    inner.ink = stage.ink
    ink, x, y = stage.ink, cx - w / 2, cy - h / 2
    inner.slab(x, y, w, h, ink.main, 5)
    if stage.sheet.theme.name != "contrast":
        inner.slab(x + 1.1, y + 1.1, w - 2.2, h - 2.2, blend(ink.main, "#FFFFFF", 0.2), 4.2)
        inner.slab(x + 1.5, y + 1.5, w - 3, h - 3, ink.main, 4)
        for r in (11, 16.5, 22, 27.5):
            inner.arc(x + w - 30, y + h - 1.5, r, -90, 90, 0.4, blend(ink.main, "#FFFFFF", 0.22))
    seal = stage.sheet.theme.seal
    inner.slab(x + 8, y + 8, 11, 11, seal if stage.sheet.theme.name != "contrast" else "#000000", 1.8)
    inner.slab(x + 10.2, y + 12.6, 6.6, 1.2, ink.pale if stage.sheet.theme.name != "contrast" else ink.main, 0.6)
    inner.slab(x + 12.9, y + 9.8, 1.2, 7.4, ink.pale if stage.sheet.theme.name != "contrast" else ink.main, 0.6)
    pale = ink.pale
    inner.slab(x + 24, y + 11, 34, 4.4, pale, 2.2)
    inner.slab(x + 8, y + 32, 21, 27, pale, 2)
    inner.disc(x + 18.5, y + 41, 4.8, ink.main)
    inner.slab(x + 10.9, y + 49, 15.2, 10, ink.main, 4.6)
    for i, wide in enumerate((34, 46, 28)):
        inner.slab(x + 36, y + 37 + i * 8.4, wide, 3, blend(ink.main, pale, (0.9, 0.55, 0.55)[i]), 1.5)
    turn = Turned(tuple(inner.brush.inks), -7.0, stage.x0 + cx * stage.k, stage.y0 + cy * stage.k)
    stage.brush.add(turn)


def _pad(stage: _Stage) -> list[Part]:
    """Books on their way down to the pad."""
    ink = stage.ink
    _plate(stage, 46, 148)
    _flat_book(stage, 72, 71, 96, 13, ink.books[0])
    _flat_book(stage, 78, 57.5, 84, 13, ink.books[1])
    inner = _Stage(stage.sheet, stage.box, Tone.GO)
    _flat_book(inner, 76, 13, 92, 14, ink.books[2])
    stage.brush.add(Turned(tuple(inner.brush.inks), -5.0, stage.x0 + 122 * stage.k, stage.y0 + 20 * stage.k))
    return [_chevrons(stage, 120, 41)]


_BARS: Final = (3, 1, 2, 1, 1, 3, 1, 2, 2, 1, 3, 1, 1, 2)  # widths, dark and light in turn


def _scan(stage: _Stage) -> list[Part]:
    """A book's cover with its barcode in the light of the scanner."""
    ink, contrast = stage.ink, stage.sheet.theme.name == "contrast"
    stage.slab(92, 86, 56, 8, ink.deep, 4)
    stage.slab(104, 83, 32, 4, ink.main, 2)
    for dx in (-20, -10, 0, 10, 20):
        stage.line(120 + dx * 0.4, 82, 120 + dx, 71, width=1.2, colour=blend(ink.main, ink.ground, 0.35))
    inner = _Stage(stage.sheet, stage.box, Tone.GO)
    cover = ink.books[0]
    inner.slab(86, 6, 68, 62, cover, 2.5)
    inner.slab(86, 6, 7, 62, "#000000" if contrast else blend(cover, "#000000", 0.18), 2)
    inner.slab(104, 15, 38, 4, ink.gold if not contrast else "#000000", 2)
    inner.slab(104, 23, 26, 3, ink.gold if not contrast else "#000000", 1.5)
    inner.slab(101, 40, 44, 22, "#FFFFFF", 1.5)
    x = 105.0
    for i, wide in enumerate(_BARS):
        if i % 2 == 0:
            inner.slab(x, 44, wide * 1.5, 14, "#14252B")
        x += wide * 1.5
    stage.brush.add(Turned(tuple(inner.brush.inks), -4.0, stage.x0 + 120 * stage.k, stage.y0 + 37 * stage.k))
    return []


def _stack(stage: _Stage) -> list[Part]:
    """Books at rest on the pad, between the waves of the antenna."""
    ink = stage.ink
    paper = stage.sheet.theme.paper
    _plate(stage, 50, 140)
    for i, (x, w) in enumerate(((66, 108), (72, 96), (69, 92), (78, 82))):
        _flat_book(stage, x, 71.5 - i * 13.5, w, 12.5, ink.books[(i + 0) % 4])
    for i, r in enumerate((64, 80, 96)):
        colour = blend(ink.main, paper, i * 0.3)
        for start in (250, 78):
            stage.arc(120, 60, r, start, 32, 2.4, colour)
    return []


def _put_back(stage: _Stage) -> list[Part]:
    """One book above its empty place; the seconds beside it."""
    ink, sheet = stage.ink, stage.sheet
    timed = sheet.screen.countdown is not None
    dx = -58.0 if timed else 0.0
    red = ink.warm
    stage.slab(120 + dx - 56, 84, 112, 8, ink.deep, 4)
    ghost = stage.box_of(120 + dx - 38, 66, 76, 15)
    stage.brush.add(Dashes(ghost, 2.5 * stage.k, max(2, 0.9 * stage.k), red, 4 * stage.k, 2.8 * stage.k))
    inner = _Stage(sheet, stage.box, Tone.STOP)
    _flat_book(inner, 120 + dx - 38, 16, 76, 16, ink.books[0])
    stage.brush.add(Turned(tuple(inner.brush.inks), 8.0, stage.x0 + (120 + dx) * stage.k, stage.y0 + 24 * stage.k))
    parts = [_chevrons(stage, 120 + dx, 49, red)]
    if timed:
        parts.append(_clock(stage, 184, 50, 38))
    return parts


def _clock(stage: _Stage, x: float, y: float, r: float) -> Part:
    sheet, wanted = stage.sheet, stage.sheet.screen.countdown
    assert wanted is not None
    brush, theme = sheet.brush(), sheet.theme
    cx, cy, radius = stage.x0 + x * stage.k, stage.y0 + y * stage.k, r * stage.k
    seconds = left_s(sheet, wanted)
    brush.add(Disc(cx, cy, radius * 0.88, theme.card))
    ring(brush, sheet, cx, cy, radius * 0.9, radius * 0.17, seconds, wanted.total_s, stage.ink.warm)
    inner = radius * 1.5
    sizes = [s for s in sheet.sizes(Size.HERO, Size.DISPLAY, Size.HEADING, Size.BUTTON) if s < inner * 0.62] or [
        sheet.size(Size.BODY)
    ]
    unit_size = sheet.size(Size.LABEL if sheet.look.panel.roomy else Size.CAPTION)
    unit = brush.fit(sheet.say("ui.second_unit"), inner, [unit_size], 1, Face.SANS)
    unit_there = sizes[0] * 0.8 + unit_size * 1.2 < inner and not unit.squeezed
    found = brush.fit(str(seconds), inner, sizes, 1, sheet.title_face)
    top = cy - found.size_px * 0.5 - (unit_size * 0.55 if unit_there else 0)
    box = Box(cx - radius, cy - radius, 2 * radius, 2 * radius)
    brush.words(
        found,
        box.x,
        top,
        box.w,
        face=sheet.title_face,
        ground=theme.card,
        align=0.5,
        weight=Weight.PRIMARY,
        instruction=False,
    )
    if unit_there:
        brush.words(unit, box.x, top + found.size_px * 0.98, box.w, colour=theme.soft, ground=theme.card, align=0.5)
    says = sheet.say("ui.seconds", n=seconds)
    return brush.part("countdown", "countdown", box, says=says, signals=("number",))


def _resting(stage: _Stage) -> list[Part]:
    """This machine asleep, its neighbour awake."""
    ink, theme = stage.ink, stage.sheet.theme
    grey, face = ("#7E8986", "#5A676A") if theme.name != "contrast" else ("#FFFFFF", "#000000")
    stage.line(14, 92, 226, 92, width=0.8, colour=blend(ink.line, ink.ground, 0.4))
    _kiosk(stage, 40, grey, face)
    eyes = "#E9E3D5" if theme.name != "contrast" else "#FFFFFF"
    for x in (56, 76):
        stage.arc(x, 34, 5, 100, 160, 1.6, eyes)
    stage.slab(61, 50, 10, 1.8, eyes, 0.9)
    for i in range(3):
        x = 110 + i * 10
        stage.line(x, 40, x + 7, 48, x, 56, width=1.8 + i * 0.6, colour=ink.main)
    _kiosk(stage, 152, ink.deep, ink.pale if theme.name != "contrast" else "#000000")
    for y, w, colour in ((19, 30, ink.main), (26, 20, blend(ink.main, ink.pale, 0.7))):
        stage.slab(163, y, w, 3.2, colour, 1.6)
    for y in (33, 40, 47):
        stage.slab(163, y, 30, 4.4, blend(ink.main, ink.pale, 0.82), 1.2)
    stage.slab(163, 56, 30, 6.6, ink.main, 1.8)
    return []


def _kiosk(stage: _Stage, x: float, body: str, glass: str) -> None:
    stage.slab(x, 8, 52, 72, body, 5)
    stage.slab(x + 5, 12.5, 42, 56, glass, 2.5)
    stage.slab(x - 4, 72, 60, 4.4, body, 2.2)
    stage.slab(x + 18, 80, 16, 12, body, 0)


def _clear_pad(stage: _Stage) -> list[Part]:
    """Books that were left: take them."""
    ink = stage.ink
    _plate(stage, 46, 148)
    _flat_book(stage, 74, 71.5, 92, 12.5, ink.books[3])
    _flat_book(stage, 80, 58, 80, 12.5, ink.books[0])
    care = stage.sheet.theme.care
    k = stage.k
    for i in range(2):
        y = 36 - i * 12
        stage.brush.add(
            Stroke(
                tuple(
                    v
                    for px, py in ((108, y + 9), (120, y), (132, y + 9))
                    for v in (stage.x0 + px * k, stage.y0 + py * k)
                ),
                (3.4 - i * 0.8) * k,
                care,
            )
        )
    return []


def _phone(stage: _Stage) -> list[Part]:
    ink = stage.ink
    stage.slab(97, 6, 46, 88, ink.deep, 7)
    stage.slab(100.5, 12, 39, 74, ink.pale, 3)
    stage.disc(120, 90, 2, ink.pale)
    stage.brush.icon(Icon.QR, stage.box_of(105, 24, 30, 30), ink.main)
    stage.slab(106, 63, 28, 4, ink.main, 2)
    stage.slab(110, 71, 20, 3, blend(ink.main, ink.pale, 0.6), 1.5)
    for i, r in enumerate((46, 60, 74)):
        for start in (250, 70):
            stage.arc(120, 50, r, start, 40, 2.2, blend(ink.main, ink.ground, i * 0.3))
    return []


def _plate(stage: _Stage, x: float, w: float) -> None:
    ink = stage.ink
    stage.slab(x, 84.5, w, 8, ink.deep, 4)
    stage.slab(x + 5, 85.8, w - 10, 1.3, blend(ink.deep, ink.pale, 0.3), 0.6)


def _flat_book(stage: _Stage, x: float, y: float, w: float, h: float, cover: str) -> None:
    """A book lying flat, its spine towards us at the left, paper at the right."""
    ink = stage.ink
    contrast = stage.sheet.theme.name == "contrast"
    stage.slab(x, y, w, h, cover, 1.6)
    if contrast:
        stage.slab(x + 8, y + 2, 1.6, h - 4, "#000000")
        return
    stage.slab(x + 2, y + 1, w - 4, 0.7, blend(cover, "#FFFFFF", 0.22), 0.3)
    stage.slab(x + w - 3.6, y + 1.8, 2.4, h - 3.6, "#F4EFE4", 0.5)
    for dx in (9, 12.2):
        stage.slab(x + dx, y + 1.4, 1.0, h - 2.8, ink.gold)


def _chevrons(stage: _Stage, x: float, y: float, colour: str = "") -> Part:
    brush = stage.sheet.brush()
    side = 11 * stage.k
    box = stage.box_of(x - 6, y - 7, 12, 14)
    for i in range(2):
        mark = Box(box.cx - side / 2, box.y + i * 5.5 * stage.k - 2.4 * stage.k, side, side)
        brush.icon(Icon.MORE, mark, colour or stage.ink.main, 2.2 + i * 0.9)
    moves = not strip_marches(stage.sheet.screen)
    return brush.part("art:chevrons", "icon", box, motion=Motion.MARCH if moves else Motion.NONE)


_PICTURES: Final[Mapping[Art, Callable[[_Stage], list[Part]]]] = {
    Art.CARD: _card,
    Art.PAD: _pad,
    Art.SCAN: _scan,
    Art.STACK: _stack,
    Art.PUT_BACK: _put_back,
    Art.RESTING: _resting,
    Art.CLEAR_PAD: _clear_pad,
    Art.PHONE: _phone,
}
