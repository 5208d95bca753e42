"""What a finger may press, and the strip that says to use the hands instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kiosk.screen import Button, Icon, Modes, Screen, Strip, Tone
from kiosk.ui.brush import HEADING_PITCH, Brush, Sheet, height
from kiosk.ui.layout.frame import SMALL_GAP_MM
from kiosk.ui.scene import Arc, Box, Dashes, Motion, Part, Slab, Target, Weight
from kiosk.ui.text import Face, Set, clusters
from kiosk.ui.tokens import TARGET_MM_MIN, Size, blend

RADIUS_MM = 8.0
LABEL_PITCH = 1.15
_MODE_OF = {Icon.LARGE: "large", Icon.CONTRAST: "contrast", Icon.REACH: "low", Icon.SPEECH: "speech"}


def primary(sheet: Sheet, box: Box) -> list[Part]:
    """The one thing to do now: a button, a strip, or the keypad's own button."""
    screen = sheet.screen
    if isinstance(screen.primary, Strip):
        return strip(sheet, screen.primary, box)
    if isinstance(screen.primary, Button):
        return [_primary_button(sheet, screen.primary, box)]
    if screen.keypad is not None:
        pad = screen.keypad
        if sheet.typed < pad.digits_min:
            return strip(sheet, Strip(text=pad.enter_text, tone=Tone.PLAIN), box)
        return [_primary_button(sheet, Button(id=pad.enter, text=pad.enter_text, icon=Icon.CHECK), box)]
    return []


def _primary_button(sheet: Sheet, button: Button, box: Box) -> Part:
    brush, theme = sheet.brush(), sheet.theme
    fill, ink = theme.of(button.tone), theme.on(button.tone)
    radius = sheet.px(min(RADIUS_MM, box.h / sheet.look.panel.px_per_mm / 4))
    brush.add(Slab(box, fill, radius, "", 0, theme.shadow))
    if theme.serif and not sheet.screen.dark:
        line = max(1, sheet.px(0.25))
        inner = box.inset(sheet.px(1))
        brush.add(
            Slab(inner, blend(fill, "#FFFFFF", 0.22), radius - sheet.px(1)),
            Slab(inner.inset(line), fill, radius - sheet.px(1) - line),
        )
    room = box.inset(sheet.px(5 if sheet.look.panel.roomy else 2), sheet.px(2))
    ring = min(sheet.px(21), int(box.h * 0.62)) if button.ring_s is not None else 0
    centre = (box.right - ring * 0.5 - sheet.px(8), box.cy)
    face = Face.BOLD
    if ring and box.w < sheet.px(70):  # narrow and tall: the ring stands below the word
        ring = min(ring, sheet.px(17))
        centre = (box.cx, box.bottom - ring * 0.5 - sheet.px(2))
        room = Box(room.x, room.y, room.w, room.h - ring)
    elif ring:  # centred where the ring leaves room on both sides, else beside it
        wide = brush.width(button.text, sheet.size(Size.BODY), face)
        inset = ring + sheet.px(4)
        room = room.inset(inset, 0) if wide <= room.w - 2 * inset else Box(room.x, room.y, room.w - inset, room.h)
    _label(brush, sheet, button, room, face, sheet.primary_sizes(Size.HEADING, Size.BUTTON, Size.BODY), ink, fill)
    if button.ring_s is not None:
        _ring(brush, sheet, button.ring_s, centre, ring, ink, fill)
    target = Target(id=button.id, box=box, radius=radius, confirms=button.confirms, primary=True)
    return brush.part(
        "primary", "button", box, target=target, says=_spoken(button), signals=("word", "fill"), tone=button.tone
    )


def _ring(
    brush: Brush, sheet: Sheet, ring_s: float, centre: tuple[float, float], size: int, ink: str, fill: str
) -> None:
    """The ring empties once a second; the number in it is its other signal."""
    left = max(0, round(ring_s - sheet.past_s))
    (cx, cy), r = centre, size * 0.44
    width = sheet.px(1.4)
    brush.add(Arc(cx, cy, r, width, 0, 360, blend(fill, ink, 0.25)))
    if left and ring_s > 0:
        brush.add(Arc(cx, cy, r, width, 0, 360 * min(1.0, left / ring_s), ink))
    sizes = [s for s in sheet.sizes(Size.BODY, Size.LABEL, Size.CAPTION) if s < r * 1.15] or [sheet.size(Size.CAPTION)]
    number = brush.fit(str(left), r * 1.8, sizes, 1, Face.BOLD)
    brush.words(
        number,
        cx - r,
        cy - number.size_px / 2,
        2 * r,
        face=Face.BOLD,
        colour=ink,
        ground=fill,
        align=0.5,
        instruction=False,
    )


def _label(
    brush: Brush, sheet: Sheet, button: Button, room: Box, face: Face, sizes: list[int], ink: str, ground: str
) -> None:
    """Icon and text, centred, `sub` below. A narrow button does without its icon before its word is broken."""
    gap_y = sheet.px(2.4 if sheet.look.panel.roomy else 1.4)
    found, sub, lead, weight = _label_set(brush, sheet, button, room, face, sizes, gap_y)
    tall = height(found, LABEL_PITCH)
    top = room.cy - (tall + (height(sub) + gap_y if sub else 0)) / 2
    wide = max(brush.width(line, found.size_px, face) for line in found.lines)
    left = room.x + (room.w - wide - lead) / 2
    if lead:
        side = found.size_px * 1.12
        tint = ink if ground != sheet.theme.card else sheet.theme.go
        brush.icon(button.icon, Box(left, top + (tall - side) / 2, side, side), tint)
    brush.words(
        found, left + lead, top, wide, face=face, colour=ink, ground=ground, align=0.5, weight=weight,
        pitch=LABEL_PITCH,
    )  # fmt: skip
    if sub:
        soft = sheet.theme.go_soft if ground == sheet.theme.go else ink
        brush.words(sub, room.x, top + tall + gap_y, room.w, colour=soft, ground=ground, align=0.5)


def _label_set(
    brush: Brush, sheet: Sheet, button: Button, room: Box, face: Face, sizes: list[int], gap: float
) -> tuple[Set, Set | None, float, Weight]:
    """The texts of a button, the width of its icon with its gap, and what the text counts as.

    With its icon on one line; without; broken into two; and only then a step smaller than what is read from afar.
    """
    subs = sheet.sizes(Size.LABEL, Size.CAPTION)
    lesser = sheet.sizes(Size.LABEL)
    tries: list[tuple[list[int], float, int, Weight]] = [
        (sizes, 1.46 if button.icon else 0.0, 1, Weight.PRIMARY),
        (sizes, 0.0, 1, Weight.PRIMARY),
        (sizes, 0.0, 3, Weight.PRIMARY),
        (lesser, 0.0, 2, Weight.BODY),
    ]
    for wanted, icon, lines, weight in tries:
        for size in wanted:
            wide = (room.w - icon * size, room.h)
            found, sub = brush.fill(
                button.text, button.sub, wide, [size], subs, face=face, lines_max=lines, pitch=LABEL_PITCH, gap=gap
            )
            if not found.squeezed and len(found.lines) <= lines and not _broken(button.text, found):
                return found, sub, icon * size, weight
    return found, sub, 0.0, weight


def _broken(text: str, found: Set) -> bool:
    """A line break inside a word: better smaller than that."""
    return not {piece for line in found.lines for piece in clusters(line)} <= set(clusters(text))


def spilled(sheet: Sheet, box: Box) -> Screen:
    """The screen as it can be drawn: a strip too small for its second sentence leaves it to the hint."""
    screen = sheet.screen
    if not isinstance(screen.primary, Strip) or not screen.primary.sub:
        return screen
    found, sub, _ = _strip_set(sheet, screen.primary, box)
    if not found.squeezed and not (sub and sub.squeezed):
        return screen
    hint = "\n".join(t for t in (screen.primary.sub, screen.hint) if t)
    return replace(screen, primary=replace(screen.primary, sub=""), hint=hint)


def strip(sheet: Sheet, wanted: Strip, box: Box) -> list[Part]:
    """Dashed: an action of the hands. Chevrons say do it, waves say keep still."""
    brush, theme = sheet.brush(), sheet.theme
    ground, ink = theme.mist_of(wanted.tone), theme.of(wanted.tone)
    radius = sheet.px(min(RADIUS_MM, box.h / sheet.look.panel.px_per_mm / 4))
    brush.add(Slab(box, ground, radius))
    brush.add(Dashes(box, radius, max(2, sheet.px(0.6)), ink, sheet.px(4), sheet.px(2.6)))
    found, sub, wing = _strip_set(sheet, wanted, box)
    face, gap = Face.BOLD, sheet.px(2.6 if sheet.look.panel.roomy else 1.4)
    room = _strip_room(sheet, box, wing)
    top = room.cy - (height(found, LABEL_PITCH) + (height(sub) + gap if sub else 0)) / 2
    colour = theme.soft if wanted.tone is Tone.PLAIN else theme.ink
    bottom = brush.words(
        found,
        room.x,
        top,
        room.w,
        face=face,
        colour=colour,
        ground=ground,
        align=0.5,
        weight=Weight.PRIMARY,
        pitch=LABEL_PITCH,
    )
    if sub:
        brush.words(sub, room.x, bottom + gap, room.w, colour=theme.soft, ground=ground, align=0.5)
    says = " ".join(t for t in (wanted.text, wanted.sub) if t)
    parts = [brush.part("strip", "strip", box, says=says, signals=("word", "dashes"), tone=wanted.tone)]
    if wing:
        parts += _wings(sheet, wanted.tone, box, ink)
    return parts


def _strip_room(sheet: Sheet, box: Box, wing: float) -> Box:
    roomy = sheet.look.panel.roomy
    return box.inset(sheet.px(4 if roomy else 2) + wing, sheet.px(2 if roomy else 0.5))


def _strip_set(sheet: Sheet, wanted: Strip, box: Box) -> tuple[Set, Set | None, float]:
    """The strip's texts and the width of the picture at either side; long sentences do without it."""
    sizes, subs = sheet.primary_sizes(Size.BUTTON, Size.BODY), sheet.sizes(Size.LABEL, Size.CAPTION)
    gap = sheet.px(2.6 if sheet.look.panel.roomy else 1.4)
    for wing in (sheet.px(24) if wanted.tone is not Tone.PLAIN and box.w > sheet.px(110) else 0, 0):
        room = _strip_room(sheet, box, wing)
        found, sub = sheet.brush().fill(
            wanted.text,
            wanted.sub,
            (room.w, room.h),
            sizes,
            subs,
            face=Face.BOLD,
            lines_max=3,
            pitch=LABEL_PITCH,
            gap=gap,
        )
        if not found.squeezed and not (sub and sub.squeezed):
            break
    return found, sub, wing


def strip_marches(screen: Screen) -> bool:
    """The strip's chevrons beat: then nothing else on the screen moves."""
    return isinstance(screen.primary, Strip) and screen.primary.tone in (Tone.GO, Tone.STOP)


def _wings(sheet: Sheet, tone: Tone, box: Box, ink: str) -> list[Part]:
    parts = []
    for side, cx in (("left", box.x + sheet.px(21)), ("right", box.right - sheet.px(21))):
        brush = sheet.brush()
        if tone is Tone.CARE:
            hand = Box(cx - sheet.px(6), box.cy - sheet.px(6), sheet.px(12), sheet.px(12))
            _keep_still(brush, hand, ink)
            parts.append(brush.part(f"strip:{side}", "icon", hand, tone=tone))
            continue
        k = sheet.px(5)
        for i in range(3):
            y = box.cy + (i - 1) * sheet.px(7)
            chevron = Box(cx - k, y - k, 2 * k, 2 * k)
            brush.icon(Icon.MORE, chevron, ink, 2.0 + i * 0.9)
        where = Box(cx - k, box.cy - sheet.px(12), 2 * k, sheet.px(24))
        parts.append(brush.part(f"strip:{side}", "icon", where, motion=Motion.MARCH, tone=tone))
    return parts


def _keep_still(brush: Brush, box: Box, ink: str) -> None:
    """A book on a plate between two still lines."""
    k = box.w / 24
    brush.add(Slab(Box(box.x + 4 * k, box.y + 9 * k, 16 * k, 8 * k), ink, 1.5 * k))
    brush.add(Slab(Box(box.x, box.y + 19.5 * k, 24 * k, 2.4 * k), ink, 1.2 * k))
    for i, x in enumerate((5, 12, 19)):
        tall = 4.4 if i == 1 else 3.4
        brush.add(Slab(Box(box.x + (x - 0.9) * k, box.y + (5.4 - tall) * k, 1.8 * k, tall * k), ink, 0.9 * k))


def secondaries(sheet: Sheet, box: Box) -> list[Part]:
    """One to three lesser buttons, in a row or, where the place is narrow, in a grid."""
    buttons = list(sheet.screen.secondary)
    if not buttons:
        return []
    if sheet.modes.mirrored:
        buttons.reverse()
    return [_secondary(sheet, button, cell) for button, cell in zip(buttons, _cells(sheet, buttons, box), strict=True)]


def _cells(sheet: Sheet, buttons: Sequence[Button], box: Box) -> list[Box]:
    """A row where the place is one button high; on a small panel two lines, or one below the other in low reach."""
    count = len(buttons)
    if box.h < sheet.px(40):
        return _shared(sheet, buttons, box, sheet.px(6 if count < 3 else 5))
    gap = sheet.px(SMALL_GAP_MM)
    upper, lower = box.rows(2, gap)
    if count == 3:
        return _three(sheet, buttons, upper, lower, gap)
    if count > 3:
        return [*_shared(sheet, buttons[:2], upper, gap), *_shared(sheet, buttons[2:], lower, gap)]
    if sheet.modes.low and count == 1:
        return [box]
    if sheet.modes.low or not halves_fit(sheet, box):
        return [upper, lower][-count:]
    return _shared(sheet, buttons, upper, gap)


def _three(sheet: Sheet, buttons: Sequence[Button], upper: Box, lower: Box, gap: float) -> list[Box]:
    """Two above one; the one is the last, unless another needs the whole line for its words."""
    first: list[Box] = []
    for alone in (2, 0, 1):
        pair = [i for i in range(3) if i != alone]
        left, right = _shared(sheet, [buttons[i] for i in pair], upper, gap)
        cells = {pair[0]: left, pair[1]: right, alone: lower}
        found = [cells[i] for i in range(3)]
        first = first or found
        if _fit_into(sheet, buttons, found):
            return found
    return first


def _shared(sheet: Sheet, buttons: Sequence[Button], box: Box, gap: float) -> list[Box]:
    """Equal widths; where a long word does not fit into its share, each button gets what its words need."""
    equal = box.columns(len(buttons), gap)
    brush, size = sheet.brush(), sheet.primary_sizes(Size.BODY)[-1]
    rim = 2 * _rim(sheet) + 2
    room = box.w - gap * (len(buttons) - 1)

    def halved(text: str) -> float:
        """Width of the narrowest two lines."""
        pieces = clusters(text)
        cuts = [("".join(pieces[:i]).strip(), "".join(pieces[i:]).strip()) for i in range(1, len(pieces))]
        wide = brush.width(text, size, Face.BOLD)
        return min((max(brush.width(line, size, Face.BOLD) for line in cut) for cut in cuts), default=wide)

    one = [brush.width(b.text, size, Face.BOLD) + rim for b in buttons]
    two = [halved(b.text) + rim for b in buttons]
    if all(need <= cell.w for need, cell in zip(two, equal, strict=True)):
        return equal
    for needs in (one, two):
        needs = [max(need, sheet.px(TARGET_MM_MIN + 0.3)) for need in needs]
        spare = (room - sum(needs)) / len(needs)
        if spare >= 0:
            edges = [box.x + sum(needs[:i]) + i * (spare + gap) for i in range(len(needs))]
            return [Box(x, box.y, need + spare, box.h) for x, need in zip(edges, needs, strict=True)]
    return equal


def halves_fit(sheet: Sheet, box: Box) -> bool:
    """Two lesser buttons have room side by side, which leaves the line below them to the pager."""
    buttons = sheet.screen.secondary
    if len(buttons) != 2:
        return True
    gap = sheet.px(SMALL_GAP_MM)
    return _fit_into(sheet, buttons, _shared(sheet, buttons, box.rows(2, gap)[0], gap))


def _fit_into(sheet: Sheet, buttons: Sequence[Button], cells: Sequence[Box]) -> bool:
    """No word of a button has to be broken or set smaller."""
    brush, rim, sizes = sheet.brush(), sheet.px(1.5), sheet.primary_sizes(Size.BODY)
    for button, cell in zip(buttons, cells, strict=True):
        room = cell.inset(rim, sheet.px(1))
        *_, weight = _label_set(brush, sheet, button, room, Face.BOLD, sizes, 0.0)
        if weight is not Weight.PRIMARY:
            return False
    return True


def _rim(sheet: Sheet) -> int:
    """Between the edge of a lesser button and its words."""
    return sheet.px(1.5 if not sheet.look.panel.roomy or sheet.modes.large else 3)


def _secondary(sheet: Sheet, button: Button, box: Box) -> Part:
    brush, theme = sheet.brush(), sheet.theme
    radius = sheet.px(6)
    brush.add(Slab(box, theme.card, radius, theme.edge, sheet.look.edge))
    sizes = sheet.primary_sizes(Size.BODY)
    rim = _rim(sheet)
    _label(brush, sheet, button, box.inset(rim, sheet.px(1)), Face.BOLD, sizes, theme.ink, theme.card)
    target = Target(id=button.id, box=box, radius=radius, confirms=button.confirms)
    return brush.part(
        f"button:{button.id}", "button", box, target=target, says=_spoken(button), signals=("word", "edge")
    )


def dock(sheet: Sheet, band: Box, cells: Box) -> list[Part]:
    """Language, large text, contrast, low reach, help: the same five places on every screen."""
    buttons = sheet.screen.dock
    if not buttons:
        return []
    brush, theme = sheet.brush(), sheet.theme
    brush.add(Slab(band, theme.dock), Slab(Box(band.x, band.y, band.w, max(1, sheet.px(0.25))), theme.hair))
    ground = brush.part("dock", "ground", band)
    return [ground, *(_dock_cell(sheet, b, c) for b, c in zip(buttons, _dock_boxes(sheet, cells), strict=True))]


def _dock_boxes(sheet: Sheet, cells: Box) -> list[Box]:
    """Five equal cells; where a word is wider than its cell, the others give way a little."""
    gap = sheet.px(3)
    buttons = sheet.screen.dock
    equal = cells.columns(len(buttons), gap)
    brush, size = sheet.brush(), sheet.size(Size.CAPTION)
    need = [brush.width(b.text, size, Face.BOLD) + sheet.px(5) for b in buttons]
    if all(n <= box.w for n, box in zip(need, equal, strict=True)):
        return equal
    need = [max(n, sheet.px(22)) for n in need]
    spare = (cells.w - gap * (len(buttons) - 1) - sum(need)) / len(buttons)
    boxes, x = [], cells.x
    for n in need:
        boxes.append(Box(x, cells.y, n + spare, cells.h))
        x += n + spare + gap
    return boxes


def is_on(button: Button, modes: Modes) -> bool:
    """A dock button shows the mode it stands for."""
    return bool(getattr(modes, _MODE_OF[button.icon])) if button.icon in _MODE_OF else False


def _dock_cell(sheet: Sheet, button: Button, box: Box) -> Part:
    brush, theme = sheet.brush(), sheet.theme
    on = is_on(button, sheet.modes)
    fill, ink = (theme.go, theme.on_go) if on else (theme.card, theme.ink)
    radius = sheet.px(4.5)
    edge = theme.go if on else theme.edge
    brush.add(Slab(box, fill, radius, edge, max(2, sheet.px(0.35))))
    wide = box.w > box.h * 2.6
    size = sheet.size(Size.CAPTION)
    icon_px = min(sheet.px(11), box.h - size * 1.35 - sheet.px(2.5)) if not wide else min(sheet.px(11), box.h * 0.5)
    found = brush.fit(button.text, box.w - sheet.px(2) - (icon_px * 1.4 if wide else 0), [size], 1, Face.BOLD)
    drawn = brush.width(button.text, size, Face.BOLD)
    if wide:
        left = box.cx - (icon_px * 1.4 + drawn) / 2
        brush.icon(button.icon, Box(left, box.cy - icon_px / 2, icon_px, icon_px), ink)
        brush.words(found, left + icon_px * 1.4, box.cy - size / 2, drawn, face=Face.BOLD, colour=ink, ground=fill)
    else:
        gap = max(sheet.px(0.8), (box.h - icon_px - size) * 0.16)
        top = box.cy - (icon_px + gap + size) / 2
        brush.icon(button.icon, Box(box.cx - icon_px / 2, top, icon_px, icon_px), ink)
        brush.words(found, box.x, top + icon_px + gap, box.w, face=Face.BOLD, colour=ink, ground=fill, align=0.5)
    if on:
        tick = sheet.px(6)
        brush.badge(Icon.CHECK, Box(box.right - tick - sheet.px(2), box.y + sheet.px(2), tick, tick), ink, fill)
    target = Target(id=button.id, box=box, radius=radius, confirms=button.confirms)
    signals = ("word", "fill", "tick") if on else ("word", "edge")
    return brush.part(f"dock:{button.id}", "dock", box, target=target, says=_spoken(button), signals=signals)


def pager(sheet: Sheet, box: Box, more: int, page: int, pages: int, *, whole: bool = False) -> list[Part]:
    """Which page this is, and a button that says how many are still to come. The last page leads back to the first.

    `whole` makes all of the box the button.
    """
    last = page + 1 == pages
    text = sheet.say("ui.first_page") if last else sheet.say("ui.more", n=more) if more else sheet.say("ui.next_page")
    label = sheet.say("ui.page", page=page + 1, pages=pages)
    icon = Icon.RENEW if last else Icon.MORE
    brush, theme, radius = sheet.brush(), sheet.theme, sheet.px(5)
    wide = box.w if whole else max(box.w * 0.42, sheet.px(40))
    x = box.x if sheet.modes.mirrored else box.right - wide
    place = Box(x, box.y, wide, box.h)
    brush.add(Slab(place, theme.card, radius, theme.edge, sheet.look.edge))
    narrow = place.w < sheet.px(30)
    shown = Button(
        id="ui.page", text=text, sub=label if whole and not narrow else "", icon=Icon.NONE if narrow else icon
    )
    sizes = sheet.primary_sizes(Size.BODY)
    room = place.inset(sheet.px(1 if narrow else 3), sheet.px(1))
    _label(brush, sheet, shown, room, Face.BOLD, sizes, theme.ink, theme.card)
    target = Target(id="ui.page", box=place, radius=radius, sends=False)
    parts = [brush.part("pager", "button", place, target=target, says=_spoken(shown), signals=("word", "edge"))]
    if whole:
        return parts
    note, gap = sheet.brush(), sheet.px(3)
    left = place.right + gap if sheet.modes.mirrored else box.x
    room = Box(left, box.y, box.w - wide - gap, box.h)
    found, _ = note.fill(label, "", (room.w, room.h), sheet.sizes(Size.LABEL, Size.CAPTION), (), lines_max=2)
    align = 1.0 if sheet.modes.mirrored else 0.0
    if found.squeezed:
        found = note.fit(f"{page + 1}/{pages}", room.w, sheet.sizes(Size.LABEL))
    top = box.cy - height(found, HEADING_PITCH) / 2
    note.words(found, room.x, top, room.w, colour=theme.soft, align=align, pitch=HEADING_PITCH)
    return [*parts, note.part("page", "text", room, says=label)]


def note_set(brush: Brush, sheet: Sheet, text: str, width: float, lines: int = 4) -> Set:
    """A hint: as few even lines as it takes."""
    return brush.fit(text, width, sheet.sizes(Size.LABEL, Size.CAPTION), lines, even=True)


def _spoken(button: Button) -> str:
    return " ".join(t for t in (button.text, button.sub) if t)
