"""Book rows: title first, verdict at the right, a problem and its remedy in a strip inside the same row.

In large text the rows that need an answer come first: they might be on a page to which nobody turns.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.screen import Icon, Row, Tone
from kiosk.ui import icons
from kiosk.ui.brush import Brush, Sheet, height
from kiosk.ui.layout import bookart
from kiosk.ui.layout.blocks import Block
from kiosk.ui.layout.buttons import strip_marches
from kiosk.ui.layout.rowplan import STATES, TITLE_PITCH, Kind, Lead, RowPlan, has_topic, meaning, plan
from kiosk.ui.scene import Arc, Box, Motion, Part, Slab, Target, Turned, Weight
from kiosk.ui.text import Face, Set
from kiosk.ui.tokens import blend

RADIUS_MM = 5.0


def ordered(sheet: Sheet) -> tuple[Row, ...]:
    """As they came; in large text problems first."""
    rows = sheet.screen.rows
    return tuple(sorted(rows, key=lambda row: row.tone is not Tone.STOP)) if sheet.modes.large else rows


def blocks(sheet: Sheet, width: float, room: float) -> list[Block]:
    """One block a row; a row too tall for a page of `room` pixels becomes two."""
    rows = ordered(sheet)
    airy = sheet.px(10 if sheet.look.panel.roomy else 4) if all(row.spine < 0 for row in rows) else 0
    return [_block(sheet, planned, airy) for row in rows for planned in _fitted(sheet, row, width, room)]


def _fitted(sheet: Sheet, row: Row, width: float, room: float) -> list[RowPlan]:
    """A row in as many parts as it needs: remedy apart, books of a date apart, the lesser line left out, title cut."""
    planned = plan(sheet, row, width)
    if planned.least <= room:
        return [planned]
    if row.remedy:
        rest = Row(id=f"{row.id}+", title=row.remedy, tone=row.tone, icon=row.remedy_icon, spine=-1)
        parts = [replace(row, remedy=""), rest]
    elif len(row.items) > 1:
        half = (len(row.items) + 1) // 2
        parts = [replace(row, items=row.items[:half]), replace(row, id=f"{row.id}+", items=row.items[half:])]
    elif row.sub:
        parts = [replace(row, sub="")]
    elif row.reason and not row.button:
        rest = Row(id=f"{row.id}+", title=row.reason, tone=row.tone, icon=row.icon, spine=-1)
        parts = [replace(row, reason=""), rest]
    else:
        shorter = (plan(sheet, row, width, title_lines=lines) for lines in (2, 1))
        return [next((cut for cut in shorter if cut.least <= room), planned)]
    return [found for part in parts for found in _fitted(sheet, part, width, room)]


def _block(sheet: Sheet, planned: RowPlan, airy: float) -> Block:
    def draw(box: Box) -> list[Part]:
        part = _part(sheet, planned, box)
        return [part, _spinner(sheet, planned, box)] if _turns(sheet, planned.row) else [part]

    return Block(least=planned.least, want=planned.h, most=planned.h + airy, draw=draw, item=True)


def _part(sheet: Sheet, planned: RowPlan, box: Box) -> Part:
    row, brush = planned.row, sheet.brush()
    fill = _ground(brush, sheet, row, box)
    upper = _upper(planned, box)
    x = box.x + planned.text_x
    _lead(brush, sheet, planned, upper)
    _text(brush, sheet, planned, Box(x, upper.y, box.right - planned.m.pad - planned.tail - x, upper.h), fill)
    _end(brush, sheet, planned, upper)
    _column(brush, sheet, planned, upper, fill)
    if planned.strip:
        foot = Box(x, upper.bottom, box.right - planned.m.pad - x, planned.strip_h)
        _strip(brush, sheet, planned, foot, fill)
    target = None
    if row.button:
        target = Target(id=row.button, box=box, radius=sheet.px(RADIUS_MM), confirms=(row.id,))
    motion = Motion.RISE if row.id in sheet.new else Motion.NONE
    return brush.part(
        f"row:{row.id}", "row", box, target=target, motion=motion, says=says(row), signals=_signals(row), tone=row.tone
    )


def says(row: Row) -> str:
    """The row as one reads it aloud."""
    texts = (row.title, row.sub, *row.items, f"{row.label} {row.value}".strip(), row.reason, row.remedy)
    return "。".join(t for t in texts if t)


def _signals(row: Row) -> tuple[str, ...]:
    found = ["icon"] if row.icon or row.chosen is not None else []
    if row.value or row.reason or row.sub or row.label or row.leaf:
        found.append("word")
    return tuple(found)


def _upper(planned: RowPlan, box: Box) -> Box:
    return Box(box.x, box.y, box.w, box.h - planned.strip_h)


def _ground(brush: Brush, sheet: Sheet, row: Row, box: Box) -> str:
    """Paints the card and returns its colour: pale tone and edge for a state, solid edge for what is pressed."""
    theme, edge_px, radius = sheet.theme, sheet.look.edge, sheet.px(RADIUS_MM)
    head = sheet.screen.headline
    busy = row.icon is Icon.WAIT and head is not None and bool(head.of)
    marked = row.tone is Tone.STOP or (row.tone is Tone.CARE and bool(row.reason or row.remedy))
    outlined = theme.name == "contrast"
    fill = theme.mist_of(row.tone) if marked else theme.card
    if row.button:
        fill = theme.go_mist if row.chosen else fill
        brush.add(Slab(box, fill, radius, theme.go if row.chosen else theme.edge, edge_px))
    elif marked or busy or outlined:
        edge = theme.of(row.tone) if marked else theme.go if busy else theme.edge
        brush.add(Slab(box, fill, radius, edge, edge_px * (2 if marked and outlined else 1), theme.shadow))
    else:
        brush.add(Slab(box, fill, radius, "", 0, theme.shadow))
    return fill


def _lead(brush: Brush, sheet: Sheet, planned: RowPlan, upper: Box) -> None:
    row, theme, side = planned.row, sheet.theme, planned.lead_w
    if not side:
        return
    box = Box(upper.x + planned.m.pad, upper.cy - side / 2, side, side)
    match planned.lead:
        case Lead.TICK_BOX:
            _tick_box(brush, sheet, bool(row.chosen), box)
        case Lead.STATE:
            _state(brush, sheet, row, box)
        case Lead.ICON:
            brush.icon(row.icon, box, theme.go if row.tone is Tone.PLAIN else theme.of(row.tone))
        case Lead.TILE:
            outlined = theme.name == "contrast"
            brush.add(Slab(box, theme.go_mist, side * 0.16, theme.edge if outlined else "", sheet.look.edge))
            brush.icon(row.icon, box.inset(side * 0.22), theme.go)
        case Lead.LEAF:
            tall = min(sheet.px(52), upper.h - sheet.px(9))
            bookart.leaf(brush, sheet, row.leaf, Box(box.x, upper.cy - tall / 2, side, tall))
        case Lead.SPINE:
            tall = min(sheet.px(26), upper.h - sheet.px(8))
            bookart.spine(brush, row.spine, Box(box.x, upper.cy - tall / 2, side, tall))
        case Lead.NONE:
            pass


def _tick_box(brush: Brush, sheet: Sheet, chosen: bool, box: Box) -> None:
    theme, radius = sheet.theme, sheet.px(2.5)
    if chosen:
        brush.add(Slab(box, theme.go, radius))
        brush.icon(Icon.CHECK, box.inset(box.w * 0.14), theme.on_go, 3.2)
    else:
        brush.add(Slab(box, theme.card, radius, theme.edge, sheet.look.edge))


def _turns(sheet: Sheet, row: Row) -> bool:
    """This row's ring turns: it is the first that waits, and nothing else on the screen moves."""
    first = next((r.id for r in sheet.screen.rows if r.icon is Icon.WAIT), None)
    return row.id == first and not strip_marches(sheet.screen)


def _state(brush: Brush, sheet: Sheet, row: Row, box: Box) -> None:
    """Disc and icon. A pale tick says allowed, a full one done; a turning or dotted ring says not yet."""
    theme, tone = sheet.theme, Tone.GO if row.tone is Tone.PLAIN else row.tone
    outlined = theme.name == "contrast"
    if row.icon is Icon.WAIT:
        width = box.w * 0.11
        r = box.w / 2 - width
        brush.add(Arc(box.cx, box.cy, r, width, 0, 360, "#5A5A5A" if outlined else theme.hair))
        if not _turns(sheet, row):
            brush.add(Arc(box.cx, box.cy, r, width, 0, 110, theme.go))
    elif row.icon is Icon.QUEUED:
        brush.icon(row.icon, box, theme.soft)
    elif row.icon is Icon.CHECK and row.tone is Tone.PLAIN and outlined:
        brush.icon(row.icon, box.inset(box.w * 0.16), theme.go, 3.2)
    elif row.icon is Icon.CHECK and row.tone is Tone.PLAIN:
        brush.badge(row.icon, box, theme.go_mist, theme.go)
    else:
        brush.badge(row.icon, box, theme.of(tone), theme.on(tone))


def _state_box(planned: RowPlan, upper: Box) -> Box:
    """Where the disc of the state stands: at the end, or before the title where the verdict goes below it."""
    if planned.lead is Lead.STATE:
        side = planned.lead_w
        return Box(upper.x + planned.m.pad, upper.cy - side / 2, side, side)
    side = planned.m.disc
    return Box(upper.right - planned.m.pad - side, upper.cy - side / 2, side, side)


def _spinner(sheet: Sheet, planned: RowPlan, box: Box) -> Part:
    """The one turning ring of a screen; every other one stands still."""
    brush, place = sheet.brush(), _state_box(planned, _upper(planned, box))
    width = place.w * 0.11
    brush.add(Arc(place.cx, place.cy, place.w / 2 - width, width, 0, 110, sheet.theme.go))
    return brush.part(f"row:{planned.row.id}:wait", "icon", place, motion=Motion.SPIN)


def _end(brush: Brush, sheet: Sheet, planned: RowPlan, upper: Box) -> None:
    row = planned.row
    if row.icon in STATES and planned.end:
        _state(brush, sheet, row, _state_box(planned, upper))
    elif planned.end:
        side = planned.m.topic
        mark = Box(upper.right - planned.m.pad - side, upper.cy - side / 2, side, side)
        brush.add(Turned(icons.draw(Icon.MORE, mark, sheet.theme.go, 2.8), -90.0, mark.cx, mark.cy))


def _text(brush: Brush, sheet: Sheet, planned: RowPlan, room: Box, fill: str) -> None:
    row, theme = planned.row, sheet.theme
    y = brush.words(
        planned.title, room.x, room.cy - planned.text_h / 2, room.w, face=planned.face, ground=fill,
        colour=theme.go if row.leaf else theme.ink, weight=Weight.PRIMARY, pitch=TITLE_PITCH, instruction=False,
    )  # fmt: skip
    for kind, found in planned.below:
        place = Box(room.x, y + planned.m.line, room.w, height(found))
        y = _line(brush, sheet, planned, kind, found, place, fill)


def _line(brush: Brush, sheet: Sheet, planned: RowPlan, kind: Kind, found: Set, room: Box, fill: str) -> float:
    row, theme = planned.row, sheet.theme
    tone = theme.go if row.tone is Tone.PLAIN else theme.of(row.tone)
    match kind:
        case Kind.SUB:
            done = row.icon is Icon.CHECK and row.tone is Tone.GO
            return brush.words(found, room.x, room.y, room.w, colour=theme.go if done else theme.soft, ground=fill)
        case Kind.ITEM:
            bar = Box(room.x, room.y + found.size_px * 0.06, planned.m.gap * 0.3, found.size_px * 0.88)
            brush.add(Slab(bar, theme.go if theme.name == "contrast" else theme.gold, bar.w * 0.4))
            return brush.words(found, room.x + planned.m.gap, room.y, room.w, ground=fill)
        case Kind.VALUE:
            colour = theme.of(meaning(row))
            weight = Weight.PRIMARY
            return brush.words(found, room.x, room.y, room.w, face=Face.BOLD, colour=colour, ground=fill, weight=weight)
        case Kind.STATE:
            x = room.x
            if has_topic(sheet, row):
                side = planned.m.topic
                brush.icon(row.icon, Box(x, room.y + (found.size_px - side) / 2, side, side), tone)
                x += side * 1.3
            return brush.words(found, x, room.y, room.w, face=Face.BOLD, colour=tone, ground=fill)


def _column(brush: Brush, sheet: Sheet, planned: RowPlan, upper: Box, fill: str) -> None:
    """Label above, date or verdict below, at the right."""
    if not planned.column:
        return
    row, theme, label, verdict = planned.row, sheet.theme, planned.label, planned.verdict
    x = upper.right - planned.m.pad - planned.end - planned.column
    gap = planned.m.line * 0.6
    block = (height(label) + gap if label else 0) + (height(verdict, 1.15) if verdict else 0)
    top = upper.cy - block / 2
    if row.items and verdict:  # beside the date, not in the middle of its books
        top = upper.cy - planned.text_h / 2 + (planned.title.size_px - verdict.size_px) / 2
    if label:
        soft = theme.soft
        top = brush.words(label, x, top, planned.column, colour=soft, ground=fill, align=1.0) + gap
    if verdict:
        brush.words(
            verdict, x, top, planned.column, face=Face.BOLD, colour=theme.of(meaning(row)), ground=fill, align=1.0,
            weight=Weight.PRIMARY, pitch=1.15,
        )  # fmt: skip


def _strip(brush: Brush, sheet: Sheet, planned: RowPlan, box: Box, fill: str) -> None:
    """Under a fine line: why, and where to put it."""
    row, theme, m = planned.row, sheet.theme, planned.m
    ink = theme.of(row.tone)
    rule = ink if theme.name == "contrast" else blend(ink, fill, 0.5)
    brush.add(Slab(Box(box.x, box.y, box.w, max(1, sheet.px(0.3))), rule))
    y = box.y + m.line
    if row.remedy_icon and planned.lead_w:
        side = min(m.topic * 1.3, planned.lead_w)
        x = box.x - m.gap - planned.lead_w / 2 - side / 2
        brush.icon(row.remedy_icon, Box(x, box.cy - side / 2 - m.line * 0.1, side, side), ink)
    for i, found in enumerate(planned.strip):
        colour = ink if len(planned.strip) > 1 and i == 0 else theme.ink
        y = brush.words(found, box.x, y, box.w, face=Face.BOLD, colour=colour, ground=fill) + m.line
