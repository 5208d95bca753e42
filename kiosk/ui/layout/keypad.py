"""Digits under the finger. The typed digits live in the ui alone; a secret shows as dots."""

from __future__ import annotations

from kiosk.screen import Icon, Keypad
from kiosk.ui.brush import Sheet, height
from kiosk.ui.layout.blocks import Block
from kiosk.ui.scene import Arc, Box, Disc, Part, Slab, Target, Weight
from kiosk.ui.text import Face
from kiosk.ui.tokens import Size

DIGIT_ID = "ui.digit."
ERASE_ID = "ui.erase"
DOTS_MAX = 8


def block(sheet: Sheet, wanted: Keypad, width: float, room: float) -> Block:
    """Field above the keys, or beside them where the place is low and wide."""
    gap = sheet.px(4 if sheet.look.panel.roomy else 3.2)
    key_h = sheet.px(20.2)
    field_h = sheet.px(24 if sheet.look.panel.roomy else 15)
    title_h = sheet.size(Size.BODY) * 1.5
    tall = title_h + field_h + 4 * key_h + 4 * gap
    if room >= tall:
        most = title_h + field_h + 4 * sheet.px(44) + 4 * gap
        return Block(least=tall, want=tall, most=most, draw=lambda box: _above(sheet, wanted, box, field_h, gap, 3))
    if room >= field_h + 3 * key_h + 3 * gap and width < sheet.px(180):
        want = field_h + 3 * key_h + 3 * gap
        return Block(least=want, want=want, most=room, draw=lambda box: _above(sheet, wanted, box, field_h, gap, 4))
    if room >= 4 * key_h + 3 * gap:
        want = 4 * key_h + 3 * gap
        return Block(least=want, want=want, most=room, draw=lambda box: _beside(sheet, wanted, box, gap))
    return Block(least=room, want=room, draw=lambda box: _keys(sheet, box, gap, 6))


def stands_alone(sheet: Sheet, room: float) -> bool:
    """In the lowest place the keys stand alone and the field goes up into the headline."""
    return room < 3 * sheet.px(20.2) + 3 * sheet.px(3.2)


def _above(sheet: Sheet, wanted: Keypad, box: Box, field_h: float, gap: float, columns: int) -> list[Part]:
    parts = []
    y = box.y
    if columns == 3:
        title = _title(sheet, wanted, Box(box.x, y, box.w, sheet.size(Size.BODY) * 1.5), 0.5)
        parts.append(title)
        y = title.box.bottom
    wide = min(box.w, sheet.px(240))
    parts.append(field(sheet, wanted, Box(box.cx - wide / 2, y, wide, field_h)))
    keys = Box(box.cx - wide / 2, y + field_h + gap, wide, box.bottom - y - field_h - gap)
    return parts + _keys(sheet, keys, gap, columns)


def _beside(sheet: Sheet, wanted: Keypad, box: Box, gap: float) -> list[Part]:
    left, right = Box(box.x, box.y, box.w * 0.42, box.h), Box(box.x + box.w * 0.46, box.y, box.w * 0.54, box.h)
    title = _title(sheet, wanted, Box(left.x, left.y, left.w, left.h * 0.4), 0.0)
    h = sheet.px(24)
    return [title, field(sheet, wanted, Box(left.x, left.y + left.h * 0.45, left.w, h)), *_keys(sheet, right, gap, 3)]


def _title(sheet: Sheet, wanted: Keypad, box: Box, align: float) -> Part:
    brush = sheet.brush()
    found = brush.fit(wanted.title, box.w, sheet.sizes(Size.BODY, Size.LABEL), 1 if align else 3)
    brush.words(
        found,
        box.x,
        box.y + (0 if align else box.h - height(found)),
        box.w,
        align=align,
        colour=sheet.theme.soft,
        weight=Weight.BODY,
    )
    return brush.part("keypad:title", "text", box, says=wanted.title)


def field(sheet: Sheet, wanted: Keypad, box: Box) -> Part:
    """What has been typed: dots for a secret, digits otherwise, open places as rings."""
    brush, theme = sheet.brush(), sheet.theme
    brush.add(Slab(box, theme.card, sheet.px(4), theme.edge, max(1, sheet.look.edge // 2)))
    if wanted.secret:
        places = min(DOTS_MAX, max(wanted.digits_max, sheet.typed))
        step = min(sheet.px(14), box.w * 0.9 / places)
        r = min(sheet.px(3.2), step * 0.3)
        x = box.cx - step * (places - 1) / 2
        for i in range(places):
            if i < sheet.typed:
                brush.add(Disc(x + i * step, box.cy, r, theme.go))
            else:
                brush.add(Arc(x + i * step, box.cy, r, max(2, sheet.px(0.45)), 0, 360, theme.edge))
    elif sheet.shown:
        found = brush.fit(
            sheet.shown, box.w * 0.92, sheet.sizes(Size.HEADING, Size.BUTTON, Size.BODY, Size.LABEL), 1, Face.BOLD
        )
        brush.words(
            found,
            box.x,
            box.cy - found.size_px / 2,
            box.w,
            face=Face.BOLD,
            ground=theme.card,
            align=0.5,
            weight=Weight.PRIMARY,
        )
    says = sheet.say("ui.digits", n=sheet.typed)
    return brush.part("keypad:field", "field", box, says=says)


def _keys(sheet: Sheet, box: Box, gap: float, columns: int) -> list[Part]:
    order = {3: "123456789-0<", 4: "123<4560789-", 6: "12345-67890<"}[columns]
    lines = [order[i : i + columns] for i in range(0, len(order), columns)]
    parts = []
    for line, row in zip(lines, box.rows(len(lines), gap), strict=True):
        for mark, cell in zip(line, row.columns(columns, gap), strict=True):
            if mark != "-":
                parts.append(_key(sheet, mark, cell))
    return parts


def _key(sheet: Sheet, mark: str, box: Box) -> Part:
    brush, theme = sheet.brush(), sheet.theme
    radius = sheet.px(5)
    brush.add(Slab(box, theme.card, radius, theme.edge, sheet.look.edge))
    if mark == "<":
        side = min(box.h * 0.5, sheet.px(13))
        brush.icon(Icon.BACKSPACE, Box(box.cx - side / 2, box.cy - side / 2, side, side), theme.ink, 2.0)
        target = Target(id=ERASE_ID, box=box, radius=radius, sends=False)
        return brush.part("key:erase", "key", box, target=target, says=sheet.say("ui.erase"))
    found = brush.fit(mark, box.w, sheet.sizes(Size.HEADING), 1, Face.BOLD)
    brush.words(
        found,
        box.x,
        box.cy - found.size_px / 2,
        box.w,
        face=Face.BOLD,
        ground=theme.card,
        align=0.5,
        weight=Weight.PRIMARY,
    )
    target = Target(id=DIGIT_ID + mark, box=box, radius=radius, sends=False)
    return brush.part(f"key:{mark}", "key", box, target=target, says=mark)
