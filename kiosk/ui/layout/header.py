"""The seal line: which library, and where in the flow, who, or what time."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.screen import Icon, Steps
from kiosk.ui.brush import Brush, Sheet
from kiosk.ui.layout import headline, panels
from kiosk.ui.scene import Arc, Box, Disc, Part, Slab, Stroke, Target, Weight
from kiosk.ui.text import Face
from kiosk.ui.tokens import Size

SEAL_ID = "ui.seal"  # pressed for LONG_PRESS_S it is the technician's entry


@dataclass(frozen=True, slots=True)
class Colours:
    """Text, lesser text and what they stand on."""

    ink: str
    soft: str
    ground: str


def header(sheet: Sheet, box: Box, *, left: Colours | None = None, right: Colours | None = None) -> list[Part]:
    """Seal and name on one side; steps, name or clock on the other. Colours differ on the resting picture."""
    theme = sheet.theme
    plain = Colours(theme.ink, theme.soft, theme.paper)
    left, right = left or plain, right or plain
    parts = [seal(sheet, Box(box.x, box.y, box.h, box.h))]
    end: Part | None = None
    if sheet.screen.steps is not None:
        end = _steps(sheet, sheet.screen.steps, box)
    elif sheet.screen.who or sheet.screen.clock:
        end = _who_or_clock(sheet, box, right)
    taken = end.box.x if end else box.right
    room = Box(box.x + box.h + sheet.px(5), box.y, taken - box.x - box.h - sheet.px(13), box.h)
    return [p for p in (*parts, _name(sheet, room, left), end) if p is not None]


def merged(sheet: Sheet, box: Box) -> tuple[list[Part], str]:
    """Seal, headline and a short form of the steps in one line, where height is dear; and what did not fit in it."""
    parts = [seal(sheet, Box(box.x, box.y, box.h, box.h))]
    end: Part | None = None
    countdown = sheet.screen.countdown
    if countdown is not None and not countdown.full_screen and not countdown.text:
        end = panels.chip(sheet, countdown, box)
    elif sheet.screen.steps is not None:
        end = _steps(sheet, sheet.screen.steps, box, short=True)
    elif sheet.screen.who or sheet.screen.clock:
        end = _who_or_clock(sheet, box, Colours(sheet.theme.ink, sheet.theme.soft, sheet.theme.paper))
    x = box.x + box.h + sheet.px(4)
    head, over = headline.merged(sheet, Box(x, box.y, (end.box.x if end else box.right) - sheet.px(4) - x, box.h))
    return [p for p in (*parts, head, end) if p is not None], over


def seal(sheet: Sheet, box: Box) -> Part:
    """The vermilion stamp. A long press on it lets the technician in; nothing shows that."""
    brush, theme = sheet.brush(), sheet.theme
    line = max(1, round(box.w * 0.025))
    radius = box.w * 0.16
    inner = box.inset(box.w * 0.075)
    brush.add(Slab(box, theme.seal, radius))
    brush.add(Slab(inner, theme.on_seal, radius * 0.6), Slab(inner.inset(line), theme.seal, radius * 0.6 - line))
    em = round(box.w * 0.6)
    size = max((s for s in _scale(sheet) if s <= em), default=_scale(sheet)[0])
    found = brush.fit(sheet.screen.seal, box.w, [size], 1, sheet.title_face)
    brush.words(
        found, box.x, box.cy - size / 2, box.w, face=sheet.title_face, colour=theme.on_seal, ground=theme.seal,
        align=0.5, weight=Weight.DECOR, instruction=False,
    )  # fmt: skip
    target = Target(id=SEAL_ID, box=box, radius=radius, sends=False)
    return brush.part("seal", "seal", box, target=target, says=sheet.screen.seal)


def _scale(sheet: Sheet) -> list[int]:
    return sorted({sheet.size(size) for size in Size})


def _name(sheet: Sheet, room: Box, colours: Colours) -> Part | None:
    """Both names where there is room, else the reader's own language, else the seal alone."""
    zh, en = sheet.screen.library
    brush = sheet.brush()
    label, caption = sheet.size(Size.LABEL), sheet.size(Size.CAPTION)
    both = zh and en and max(brush.width(zh, label, Face.BOLD), brush.width(en, caption)) <= room.w
    if both and room.h >= label + caption * 1.25:
        top = room.cy - (label + caption * 1.34) / 2
        face = sheet.title_face
        bottom = brush.words(
            brush.fit(zh, room.w, [label], 1, face),
            room.x,
            top,
            room.w,
            face=face,
            colour=colours.ink,
            ground=colours.ground,
            instruction=False,
        )
        brush.words(
            brush.fit(en, room.w, [caption]),
            room.x,
            bottom + caption * 0.34,
            room.w,
            colour=colours.soft,
            ground=colours.ground,
        )
        return brush.part("library", "text", room, says=f"{zh} {en}")
    own = zh if sheet.screen.lang == "zh" else en
    lines = 2 if room.h >= caption * 2.2 else 1
    found = brush.fit(own, max(1.0, room.w), sheet.sizes(Size.LABEL, Size.CAPTION), lines, Face.BOLD)
    if not own or found.squeezed:
        return None
    top = room.cy - (found.size_px * (1 + 1.2 * (len(found.lines) - 1))) / 2
    brush.words(
        found,
        room.x,
        top,
        room.w,
        face=Face.BOLD,
        colour=colours.ink,
        ground=colours.ground,
        pitch=1.2,
        instruction=False,
    )
    return brush.part("library", "text", room, says=own)


def _steps(sheet: Sheet, steps: Steps, box: Box, *, short: bool = False) -> Part:
    """Discs with numbers, the word of each step, the present one in bold and underlined."""
    brush, theme = sheet.brush(), sheet.theme
    size = sheet.size(Size.LABEL)
    disc, gap, dash = round(size * 1.6), sheet.px(2), sheet.px(4.5)
    names = [n if i == steps.now or not short else "" for i, n in enumerate(steps.names, 1)]
    widths = [brush.width(n, size, Face.BOLD if i == steps.now else Face.SANS) for i, n in enumerate(names, 1)]
    total = sum(widths) + len(widths) * (disc + gap) + (len(widths) - 1) * (dash + 2 * gap)
    x = box.right - total
    left = x
    for i, (name, wide) in enumerate(zip(names, widths, strict=True), 1):
        _step_disc(brush, sheet, i, steps.now, Box(x, box.cy - disc / 2, disc, disc))
        x += disc + gap
        face = Face.BOLD if i == steps.now else Face.SANS
        colour = theme.ink if i == steps.now else theme.soft
        brush.words(
            brush.fit(name, wide + 1, [size], 1, face),
            x,
            box.cy - size / 2,
            wide,
            face=face,
            colour=colour,
            weight=Weight.BODY,
        )
        if i == steps.now:
            brush.add(Slab(Box(x, box.cy + size * 0.86, wide, max(3, sheet.px(0.8))), theme.go, sheet.px(0.4)))
        x += wide + gap
        if i < len(widths):
            brush.add(
                Stroke((x, box.cy, x + dash, box.cy), max(2, sheet.px(0.4)), theme.go if i < steps.now else theme.edge)
            )
            x += dash + gap
    says = f"{steps.now}/{len(steps.names)} {''.join(steps.names[steps.now - 1 : steps.now])}"
    return brush.part("steps", "steps", Box(left, box.y, total, box.h), says=says, signals=("word", "tick", "line"))


def _step_disc(brush: Brush, sheet: Sheet, i: int, now: int, box: Box) -> None:
    theme = sheet.theme
    if i < now:
        brush.badge(Icon.CHECK, box, theme.go, theme.on_go)
        return
    if i == now:
        brush.add(Disc(box.cx, box.cy, box.w / 2, theme.go))
    else:
        brush.add(Arc(box.cx, box.cy, box.w / 2 - sheet.px(0.25), max(2, sheet.px(0.5)), 0, 360, theme.edge))
    size = sheet.size(Size.CAPTION)
    colour, ground = (theme.on_go, theme.go) if i == now else (theme.soft, theme.paper)
    found = brush.fit(str(i), box.w, [size], 1, Face.BOLD)
    brush.words(found, box.x, box.cy - size / 2, box.w, face=Face.BOLD, colour=colour, ground=ground, align=0.5)


def _who_or_clock(sheet: Sheet, box: Box, colours: Colours) -> Part:
    brush, theme = sheet.brush(), sheet.theme
    text = sheet.screen.who or sheet.screen.clock
    found = brush.fit(text, box.w * 0.55, sheet.sizes(Size.BUTTON, Size.BODY, Size.LABEL), 1, Face.BOLD)
    size = found.size_px
    wide = max(brush.width(line, size, Face.BOLD) for line in found.lines)
    icon = round(size * 1.05) if sheet.screen.who else 0
    lead = icon + sheet.px(3) if icon else 0
    place = Box(box.right - wide - lead, box.y, wide + lead, box.h)
    if icon:
        brush.icon(Icon.PERSON, Box(place.x, box.cy - icon / 2, icon, icon), theme.go)
    brush.words(
        found,
        place.x + lead,
        box.cy - size / 2,
        wide,
        face=Face.BOLD,
        colour=colours.ink,
        ground=colours.ground,
        weight=Weight.BODY,
        instruction=False,
    )
    return brush.part("who" if sheet.screen.who else "clock", "text", place, says=text)
