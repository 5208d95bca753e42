"""Tiles, wire and log lines, and diagrams of moving machinery."""

from __future__ import annotations

from kiosk.screen import Diagram, Icon, Mark, Shape, Tile, Tone
from kiosk.ui.brush import Sheet, height
from kiosk.ui.layout.blocks import Block
from kiosk.ui.layout.frame import SMALL_GAP_MM
from kiosk.ui.scene import Box, Motion, Part, Slab, Target, Weight
from kiosk.ui.text import Face
from kiosk.ui.tokens import Size, blend

SHEETS_FROM = 13  # so many tiles are sheets of paper or the like: ten a row, the word in the icon
SHEETS_A_ROW = 10
_ICON = {Tone.GO: Icon.CHECK, Tone.CARE: Icon.BANG, Tone.STOP: Icon.CROSS, Tone.PLAIN: Icon.NONE}


def tiles(sheet: Sheet, wanted: tuple[Tile, ...], width: float) -> list[Block]:
    """One tile a part: name, state word, one number; a block is one line of them. Many tiles become small ones."""
    if len(wanted) >= SHEETS_FROM:
        return [_sheets(sheet, wanted, width)]
    columns = _columns(sheet, wanted, width)
    gap = sheet.px(4 if sheet.look.panel.roomy else SMALL_GAP_MM)
    cell_w = (width - gap * (columns - 1)) / columns

    def block(line: tuple[Tile, ...]) -> Block:
        def draw(box: Box) -> list[Part]:
            return [_tile(sheet, tile, cell) for tile, cell in zip(line, box.columns(columns, gap), strict=False)]

        h = max(_TileText(sheet, tile, cell_w).least_h for tile in line)
        return Block(least=h, want=h, most=h * 1.6, draw=draw, item=True)

    return [block(wanted[i : i + columns]) for i in range(0, len(wanted), columns)]


class _TileText:
    """The texts of a tile, set for its width."""

    def __init__(self, sheet: Sheet, tile: Tile, width: float) -> None:
        brush, roomy = sheet.brush(), sheet.look.panel.roomy
        self.pad, self.badge = sheet.px(4.5 if roomy else 2.5), sheet.px(8.5 if roomy else 7)
        self.lead = self.badge + sheet.px(3 if roomy else 2)
        room = width - 2 * self.pad
        self.name = brush.fit(tile.name, room - self.lead, sheet.sizes(Size.LABEL, Size.CAPTION), 2, Face.BOLD)
        self.word = brush.fit(tile.word, room, sheet.sizes(Size.BODY, Size.LABEL, Size.CAPTION), 2, Face.BOLD)
        self.number = brush.fit(tile.number, room, sheet.sizes(Size.CAPTION), 3) if tile.number else None
        self.line = sheet.px(2.6 if roomy else 1.2)
        self.head_h = max(self.badge, height(self.name))
        texts = [self.head_h, height(self.word)] + ([height(self.number)] if self.number else [])
        self.h = sum(texts) + self.line * (len(texts) - 1)
        self.least_h = max(sheet.px(20.3), self.h + 2 * sheet.px(4 if roomy else 2))


def _columns(sheet: Sheet, wanted: tuple[Tile, ...], width: float) -> int:
    """As many columns, four at most, as leave every name and word whole on its line."""
    brush, roomy = sheet.brush(), sheet.look.panel.roomy
    pad, badge = sheet.px(4.5 if roomy else 2.5), sheet.px(11.5 if roomy else 9)
    caption = sheet.size(Size.CAPTION)
    named = max(badge + brush.width(tile.name, caption, Face.BOLD) for tile in wanted)
    need = max(named, *(brush.width(tile.word, caption, Face.BOLD) for tile in wanted)) + 2 * pad
    gap = sheet.px(4 if roomy else SMALL_GAP_MM)
    columns = max(1, min(4, len(wanted), int((width + gap) // (need + gap))))
    while columns > 1 and len(wanted) % columns and len(wanted) % (columns - 1) == 0:
        columns -= 1
    return columns


def _tile(sheet: Sheet, tile: Tile, box: Box) -> Part:
    brush, theme = sheet.brush(), sheet.theme
    marked = tile.tone in (Tone.CARE, Tone.STOP)
    edge = theme.of(tile.tone) if marked else theme.edge if tile.button or theme.name == "contrast" else ""
    brush.add(Slab(box, theme.card, sheet.px(4), edge, sheet.look.edge if edge else 0, theme.shadow))
    text = _TileText(sheet, tile, box.w)
    x, room, ink = box.x + text.pad, box.w - 2 * text.pad, theme.of(tile.tone)
    air = min(sheet.px(1.5), max(0.0, box.h - text.h) / 4)
    y = box.cy - text.h / 2 - air
    lead = 0.0
    if _ICON[tile.tone]:
        badge = Box(x, y + (text.head_h - text.badge) / 2, text.badge, text.badge)
        brush.badge(_ICON[tile.tone], badge, ink, theme.on(tile.tone))
        lead = text.lead
    top = y + (text.head_h - height(text.name)) / 2
    card, staff = theme.card, Weight.STAFF
    brush.words(text.name, x + lead, top, room - lead, face=Face.BOLD, ground=card, weight=staff)
    y += text.head_h + text.line + air
    y = brush.words(text.word, x, y, room, face=Face.BOLD, colour=ink, ground=card, weight=staff) + text.line + air
    if text.number:
        brush.words(text.number, x, y, room, colour=theme.soft, ground=card, weight=staff)
    target = Target(id=tile.button, box=box, radius=sheet.px(4)) if tile.button else None
    says = " ".join(t for t in (tile.name, tile.word, tile.number) if t)
    return brush.part(
        f"tile:{tile.id}", "tile", box, target=target, says=says, signals=("icon", "word"), tone=tile.tone
    )


def _sheets(sheet: Sheet, wanted: tuple[Tile, ...], width: float) -> Block:
    gap = sheet.px(3)
    side = (width - gap * (SHEETS_A_ROW - 1)) / SHEETS_A_ROW
    tall = min(side * 1.28, sheet.px(30))
    lines = -(-len(wanted) // SHEETS_A_ROW)
    h = lines * tall + (lines - 1) * gap

    def draw(box: Box) -> list[Part]:
        parts = []
        for i, tile in enumerate(wanted):
            cell = Box(
                box.x + (i % SHEETS_A_ROW) * (side + gap), box.y + (i // SHEETS_A_ROW) * (tall + gap), side, tall
            )
            parts.append(_sheet_tile(sheet, tile, cell))
        return parts

    return Block(least=h, want=h, draw=draw)


def _sheet_tile(sheet: Sheet, tile: Tile, box: Box) -> Part:
    brush, theme = sheet.brush(), sheet.theme
    out = tile.tone is not Tone.PLAIN
    fill = theme.of(tile.tone) if tile.tone is Tone.GO else theme.mist_of(tile.tone) if out else theme.paper
    edge = theme.of(tile.tone) if out else theme.edge
    brush.add(Slab(box, fill, sheet.px(2), edge, max(1, sheet.look.edge // 2)))
    mark = {Tone.GO: Icon.CHECK, Tone.CARE: Icon.REACH, Tone.STOP: Icon.CROSS, Tone.PLAIN: Icon.NONE}[tile.tone]
    side = box.w * 0.5
    ink = theme.on(tile.tone) if tile.tone is Tone.GO else theme.of(tile.tone)
    brush.icon(mark, Box(box.cx - side / 2, box.cy - side / 2, side, side), ink, 2.6)
    says = " ".join(t for t in (tile.name, tile.word) if t)
    return brush.part(f"tile:{tile.id}", "tile", box, says=says, signals=("icon", "fill"), tone=tile.tone)


def lines(sheet: Sheet, wanted: tuple[str, ...], width: float) -> Block:
    """Raw wire and log: monospaced, newest at the bottom, whole lines only."""
    size = sheet.size(Size.CAPTION)
    pitch = 1.38
    pad = sheet.px(4 if sheet.look.panel.roomy else 2.5)
    tall = size * pitch
    want = len(wanted) * tall + 2 * pad

    def draw(box: Box) -> list[Part]:
        brush, theme = sheet.brush(), sheet.theme
        ground = theme.dock if sheet.screen.dark else theme.card
        brush.add(Slab(box, ground, sheet.px(3), theme.hair, max(1, sheet.px(0.25))))
        fits = max(1, int((box.h - 2 * pad) // tall))
        shown = [piece for line in wanted for piece in brush.fit(line, box.w - 2 * pad, [size], 9, Face.MONO).lines][
            -fits:
        ]
        y = box.y + pad
        for line in shown:
            colour = (
                theme.go if line.startswith(("→", ">")) else theme.care if line.startswith(("!", "×")) else theme.ink
            )
            y = brush.words(
                brush.fit(line, box.w, [size], 1, Face.MONO),
                box.x + pad,
                y,
                box.w,
                face=Face.MONO,
                colour=colour,
                ground=ground,
                weight=Weight.STAFF,
            ) + size * (pitch - 1)
        return [brush.part("lines", "log", box, says="")]

    return Block(least=min(want, 4 * tall + 2 * pad), want=want, most=want, draw=draw)


def diagram(sheet: Sheet, wanted: Diagram, width: float) -> Block:
    """Boxes and moving marks to scale. A mark is carried on at its speed until the next Screen."""
    pad = sheet.px(4 if sheet.look.panel.roomy else 2.5)
    scale = (width - 2 * pad) / wanted.w_mm
    want = wanted.h_mm * scale + 2 * pad
    least = min(want, sheet.px(60 if sheet.look.panel.roomy else 34))

    def draw(box: Box) -> list[Part]:
        k = min((box.w - 2 * pad) / wanted.w_mm, (box.h - 2 * pad) / wanted.h_mm)
        x0, y0 = box.cx - wanted.w_mm * k / 2, box.cy - wanted.h_mm * k / 2
        brush, theme = sheet.brush(), sheet.theme
        ground = theme.dock if sheet.screen.dark else theme.card
        brush.add(Slab(box, ground, sheet.px(4), theme.hair, max(1, sheet.px(0.25))))
        parts = [brush.part("diagram", "diagram", box)]
        parts += [
            _shape(sheet, shape, Box(x0 + shape.x_mm * k, y0 + shape.y_mm * k, shape.w_mm * k, shape.h_mm * k))
            for shape in wanted.shapes
        ]
        parts += [
            _mark(sheet, mark, x0 + mark.x_mm * k, y0 + mark.y_mm * k, mark.mm_per_s * k, k) for mark in wanted.marks
        ]
        return parts

    return Block(least=least, want=want, draw=draw)


def _shape(sheet: Sheet, shape: Shape, box: Box) -> Part:
    brush, theme = sheet.brush(), sheet.theme
    ink = theme.of(shape.tone) if shape.tone is not Tone.PLAIN else theme.edge
    ground = theme.card if sheet.screen.dark else theme.mist
    radius = min(sheet.px(2), box.h / 4, box.w / 4)
    edge = max(2, sheet.px(0.4))
    brush.add(Slab(box, ground, radius, ink, edge))
    if shape.fill > 0:
        tall = (box.h - 2 * edge) * min(1.0, shape.fill)
        full = Box(box.x + edge, box.bottom - edge - tall, box.w - 2 * edge, tall)
        brush.add(Slab(full, blend(ground, ink, 0.28), max(0.0, radius - edge)))
    if shape.label:
        found = brush.fit(shape.label, box.w - sheet.px(2), sheet.sizes(Size.CAPTION), 3, Face.BOLD, even=True)
        colour = theme.ink if shape.tone is Tone.PLAIN else ink
        brush.words(
            found,
            box.x,
            box.cy - height(found, 1.15) / 2,
            box.w,
            face=Face.BOLD,
            colour=colour,
            ground=ground,
            align=0.5,
            weight=Weight.STAFF,
            pitch=1.15,
        )
    return brush.part(
        f"shape:{shape.id}", "shape", box, says=shape.label, signals=("word",) if shape.label else (), tone=shape.tone
    )


def _mark(sheet: Sheet, mark: Mark, x: float, y: float, speed: float, k: float) -> Part:
    brush, theme = sheet.brush(), sheet.theme
    ink = theme.of(mark.tone)
    size = sheet.size(Size.CAPTION)
    wide = brush.width(mark.label, size, Face.BOLD) + sheet.px(4) if mark.label else sheet.px(6)
    tall = size * 1.36 if mark.label else sheet.px(6)
    box = Box(x - wide / 2, y - tall / 2, wide, tall)
    brush.add(Slab(box, ink, min(tall / 2, sheet.px(2.4))))
    if mark.label:
        found = brush.fit(mark.label, wide, [size], 1, Face.BOLD)
        brush.words(
            found,
            box.x,
            box.cy - size / 2,
            wide,
            face=Face.BOLD,
            colour=theme.on(mark.tone),
            ground=ink,
            align=0.5,
            weight=Weight.STAFF,
        )
    motion = Motion.CARRY if mark.mm_per_s else Motion.NONE
    return brush.part(
        f"mark:{mark.id}",
        "mark",
        box,
        motion=motion,
        speed_px_per_s=speed,
        says=mark.label,
        signals=("word",) if mark.label else (),
        tone=mark.tone,
    )
