"""What a reader came for, largest: a number with its unit, or a sentence. Beside it the reader card or the stamp."""

from __future__ import annotations

from kiosk.screen import Headline, Person, Tone
from kiosk.ui.brush import HEADING_PITCH, Brush, Sheet, height
from kiosk.ui.scene import Arc, Box, Part, Slab, Turned, Weight
from kiosk.ui.text import Face
from kiosk.ui.tokens import Size

CAP_TOP_EM = 0.74  # top of a numeral above its baseline
STAMP_DEGREES = -7.0


def headline(sheet: Sheet, box: Box, *, inline: bool, beside: bool) -> tuple[list[Part], float]:
    """Draws headline, person and stamp from the top of the box; returns the bottom of what was drawn.

    `inline` keeps to one low line; `beside` puts the person in the right half instead of below.
    """
    screen = sheet.screen
    parts: list[Part] = []
    room = box
    guest = screen.person is not None or bool(screen.headline and screen.headline.stamp)
    halves = beside and guest
    if halves:
        room = Box(box.x, box.y, box.w * 0.5 - sheet.px(2), box.h)
    bottom = box.y
    if screen.headline is not None:
        part, bottom = _text(sheet, screen.headline, room, inline)
        parts.append(part)
    other = Box(box.x + box.w * 0.5 + sheet.px(4), box.y, box.w * 0.5 - sheet.px(4), max(bottom - box.y, sheet.px(34)))
    if screen.headline is not None and screen.headline.stamp and beside:
        parts.append(_stamp(sheet, screen.headline.stamp, other))
    elif screen.person is not None and halves and box.h < sheet.px(44):
        strip = line(sheet, screen.person, other)
        parts.append(line(sheet, screen.person, other.moved(0, max(0.0, (bottom - box.y - strip.box.h) / 2))))
    elif screen.person is not None and halves:
        tall = min(box.h, max(other.h, sheet.px(57)))
        parts.append(card(sheet, screen.person, Box(other.x, other.y, other.w, tall)))
        bottom = max(bottom, other.y + tall)
    elif screen.person is not None:
        gap = sheet.px(6)
        tall = sheet.px(46)
        if sheet.look.panel.roomy and not inline and bottom + gap + tall <= box.bottom:
            parts.append(card(sheet, screen.person, Box(box.x, bottom + gap, box.w, tall)))
            return parts, bottom + gap + tall
        strip = line(sheet, screen.person, Box(box.x, bottom + (gap if bottom > box.y else 0), box.w, 0))
        parts.append(strip)
        bottom = strip.box.bottom
    return parts, bottom


def _text(sheet: Sheet, head: Headline, room: Box, inline: bool) -> tuple[Part, float]:
    brush = sheet.brush()
    if head.numeral:
        bottom = (_numeral_line if inline else _numeral)(brush, sheet, head, room)
    else:
        bottom = _sentence(brush, sheet, head, room, inline)
    return brush.part("headline", "headline", Box(room.x, room.y, room.w, bottom - room.y), says=_spoken(head)), bottom


def _sentence(brush: Brush, sheet: Sheet, head: Headline, room: Box, inline: bool) -> float:
    face = sheet.title_face
    gap = sheet.px(6 if sheet.look.panel.roomy and not inline else 4 if sheet.look.panel.roomy else 2.5)
    sizes = sheet.primary_sizes(Size.DISPLAY, Size.HEADING, Size.BUTTON, Size.BODY)
    across = inline and not sheet.look.panel.portrait
    tall = room.h if across else max(room.h, sizes[0] * 4)
    found, sub = brush.fill(
        head.text, head.sub, (room.w, tall), sizes, sheet.primary_sizes(Size.BODY), face=face, lines_max=5, gap=gap,
        large_first=True,
    )  # fmt: skip
    bottom = brush.words(
        found, room.x, room.y, room.w, face=face, weight=Weight.PRIMARY, pitch=HEADING_PITCH, instruction=False
    )
    if sub:
        soft = sheet.theme.soft
        bottom = brush.words(sub, room.x, bottom + gap, room.w, colour=soft, weight=Weight.PRIMARY)
    return bottom


def merged(sheet: Sheet, box: Box) -> tuple[Part | None, str]:
    """The headline in one line beside the seal: numeral, unit, text. Returns also what did not fit there."""
    head = sheet.screen.headline
    if head is None or box.w <= 0:
        return None, ""
    brush, face = sheet.brush(), sheet.title_face
    sizes = sheet.sizes(Size.HEADING, Size.BUTTON, Size.BODY)
    if not head.numeral:
        found, _ = brush.fill(head.text, "", (box.w, box.h), sizes, (), face=face, pitch=1.1)
        if found.squeezed:  # a long sentence stands above the content instead
            return None, " ".join(t for t in (head.text, head.sub) if t)
        top = box.cy - height(found, 1.1) / 2
        brush.words(found, box.x, top, box.w, face=face, weight=Weight.PRIMARY, pitch=1.1, instruction=False)
        return brush.part("headline", "headline", box, says=_spoken(head)), head.sub
    size = sheet.size(Size.DISPLAY)
    top = box.cy - size * CAP_TOP_EM / 2
    x = _digits(brush, sheet, head, Box(box.x, top, box.w, box.h), size, Size.BUTTON)
    baseline = top + size * CAP_TOP_EM
    unit = brush.fit(head.unit, box.right - x, sizes[1:], 1, face)
    wide = max(brush.width(row, unit.size_px, face) for row in unit.lines)
    brush.words(unit, x, baseline - unit.size_px * 0.88, wide, face=face, weight=Weight.PRIMARY, instruction=False)
    x += wide + sheet.px(4)
    over = " ".join(t for t in (head.text, head.sub) if t)
    body = sheet.size(Size.BODY)
    if head.text and brush.width(head.text, body) <= box.right - x:
        text = brush.fit(head.text, box.right - x, [body])
        brush.words(text, x, baseline - body * 0.88, box.right - x, colour=sheet.theme.soft, weight=Weight.PRIMARY)
        over = head.sub
    return brush.part("headline", "headline", box, says=_spoken(head)), over


def _spoken(head: Headline) -> str:
    number = f"{head.numeral}/{head.of}" if head.of else head.numeral
    return " ".join(t for t in (head.text, number, head.unit, head.sub) if t)


def _numeral(brush: Brush, sheet: Sheet, head: Headline, room: Box) -> float:
    """Text above, then the numeral with its unit on the same baseline."""
    face = sheet.title_face
    top = room.y
    if head.text:
        found = brush.fit(head.text, room.w, sheet.sizes(Size.BUTTON, Size.BODY), 2, face, even=True)
        top = brush.words(
            found, room.x, top, room.w, face=face, weight=Weight.PRIMARY, pitch=HEADING_PITCH, instruction=False
        ) + sheet.px(7 if sheet.look.panel.roomy else 2.5)
    bottom = _number(brush, sheet, head, Box(room.x, top, room.w, room.h))
    return _sub(brush, sheet, head, room, bottom)


def _numeral_line(brush: Brush, sheet: Sheet, head: Headline, room: Box) -> float:
    """Numeral at the left, text over unit beside it."""
    face = sheet.title_face
    size = sheet.size(Size.NUMERAL if room.h > sheet.size(Size.NUMERAL) else Size.DISPLAY)
    cap = size * CAP_TOP_EM
    x = _digits(brush, sheet, head, Box(room.x, room.y, room.w, room.h), size, Size.HEADING)
    rest = room.right - x
    text_h = sheet.size(Size.BODY) + sheet.px(2) if head.text else 0.0
    sizes = sheet.primary_sizes(Size.HEADING, Size.BODY)
    tall = max(cap, room.h) - text_h
    unit, _ = brush.fill(head.unit, "", (rest, tall), sizes, (), face=face)
    text = brush.fit(head.text, rest, sheet.primary_sizes(Size.BODY), 2)
    block = height(unit, HEADING_PITCH) + (height(text) + sheet.px(2) if head.text else 0)
    top = room.y + max(0.0, (cap - block) / 2)
    if head.text:
        top = brush.words(text, x, top, rest, colour=sheet.theme.soft, weight=Weight.PRIMARY) + sheet.px(2)
    bottom = brush.words(unit, x, top, rest, face=face, weight=Weight.PRIMARY, pitch=HEADING_PITCH, instruction=False)
    return _sub(brush, sheet, head, room, max(room.y + cap, bottom))


def _number(brush: Brush, sheet: Sheet, head: Headline, room: Box) -> float:
    face = sheet.title_face
    size = sheet.size(Size.NUMERAL)
    if brush.width(head.numeral + head.of, size, face) > room.w * 0.72:
        size = sheet.size(Size.HERO)
    baseline = room.y + size * CAP_TOP_EM
    x = _digits(brush, sheet, head, room, size, Size.DISPLAY)
    unit = brush.fit(head.unit, room.right - x, sheet.sizes(Size.HEADING, Size.BUTTON, Size.BODY), 1, face)
    if unit.squeezed:
        unit = brush.fit(head.unit, room.right - x, sheet.sizes(Size.BUTTON, Size.BODY), 2, face)
    top = baseline - unit.size_px * (0.88 + HEADING_PITCH * (len(unit.lines) - 1))
    brush.words(unit, x, top, room.right - x, face=face, weight=Weight.PRIMARY, pitch=HEADING_PITCH, instruction=False)
    return baseline + unit.size_px * 0.12


def _digits(brush: Brush, sheet: Sheet, head: Headline, room: Box, size: int, of_size: Size) -> float:
    """Numeral and "/ n" with their tops at the room's; returns where the unit may start."""
    face, theme = sheet.title_face, sheet.theme
    baseline = room.y + size * CAP_TOP_EM
    number = brush.fit(head.numeral, room.w, [size], 1, face)
    wide = brush.width(head.numeral, size, face)
    brush.words(
        number,
        room.x,
        baseline - size * 0.88,
        wide,
        face=face,
        colour=theme.go,
        weight=Weight.PRIMARY,
        instruction=False,
    )
    x = room.x + wide + sheet.px(3)
    if head.of:
        em = sheet.size(of_size)
        text = f"/ {head.of}"
        found = brush.fit(text, room.w, [em], 1, face)
        wide = brush.width(text, em, face)
        brush.words(
            found, x, baseline - em * 0.88, wide, face=face, colour=theme.soft, weight=Weight.PRIMARY, instruction=False
        )
        x += wide
    return x + sheet.px(5)


def _sub(brush: Brush, sheet: Sheet, head: Headline, room: Box, bottom: float) -> float:
    if not head.sub:
        return bottom
    sub = brush.fit(head.sub, room.w, sheet.sizes(Size.LABEL, Size.CAPTION), 2)
    return brush.words(sub, room.x, bottom + sheet.px(3), room.w, colour=sheet.theme.soft)


def _stamp(sheet: Sheet, text: str, room: Box) -> Part:
    """The seal of a finished loan, set down a little askew as by hand."""
    brush, theme = sheet.brush(), sheet.theme
    side = min(room.h, sheet.px(50))
    box = Box(room.right - side - sheet.px(6), room.y + (room.h - side) / 2, side, side)
    ink = theme.stop if theme.name != "contrast" else theme.go
    w = max(3, side * 0.035)
    inner = box.inset(w * 2.1)
    inks = Brush(sheet)
    inks.add(
        Slab(box, ink, side * 0.11), Slab(box.inset(w), theme.paper, side * 0.085),
        Slab(inner, ink, side * 0.07), Slab(inner.inset(w * 0.45), theme.paper, side * 0.06),
    )  # fmt: skip
    sizes = [s for s in sheet.sizes(Size.DISPLAY, Size.HEADING, Size.BUTTON) if s * len(text) < side * 0.86]
    found = inks.fit(text, side, sizes or [sheet.size(Size.BODY)], 1, sheet.title_face)
    inks.words(
        found, box.x, box.cy - found.size_px / 2, side, face=sheet.title_face, colour=ink, align=0.5,
        weight=Weight.DECOR, instruction=False,
    )  # fmt: skip
    brush.add(Turned(tuple(inks.inks), STAMP_DEGREES, box.cx, box.cy))
    return brush.part("stamp", "stamp", box.inset(-side * 0.06), says=text)


def card(sheet: Sheet, person: Person, box: Box) -> Part:
    """The reader card: celadon when all is well, pale with an edge when something needs care."""
    brush, theme = sheet.brush(), sheet.theme
    calm = person.tone in (Tone.GO, Tone.PLAIN)
    plain = calm and theme.name == "light"
    fill = theme.go if plain else theme.mist_of(person.tone)
    ink, soft = (theme.on_go, theme.go_soft) if plain else (theme.ink, theme.soft)
    radius = sheet.px(5)
    brush.add(
        Slab(box, fill, radius, "" if plain else theme.of(person.tone), 0 if plain else sheet.look.edge, theme.shadow)
    )
    if plain:
        for i in range(4):
            r = sheet.px(8 + 8 * i)
            start = 270.0
            brush.add(
                Arc(box.right - sheet.px(10), box.bottom - sheet.px(1), r, 1.5, start, 90 if i == 0 else 74, "#2B6F6A")
            )
    pad = sheet.px(8)
    inner = box.inset(pad, sheet.px(6 if box.h > sheet.px(50) else 4.5))
    face = sheet.title_face
    if not person.value:
        inner = box.inset(
            pad, max(sheet.px(6), (box.h - sheet.size(Size.BUTTON) - sheet.size(Size.CAPTION) * 1.4) / 2 - sheet.px(2))
        )
    name = brush.fit(person.name, inner.w, sheet.sizes(Size.BUTTON, Size.BODY), 1, face)
    y = brush.words(
        name, inner.x, inner.y, inner.w, face=face, colour=ink, ground=fill, weight=Weight.PRIMARY, instruction=False
    )
    foot = brush.fit(person.value, inner.w * 0.7, sheet.sizes(Size.BUTTON, Size.BODY), 1, Face.BOLD)
    foot_top = inner.bottom - height(foot)
    size = sheet.sizes(Size.CAPTION)
    if person.kind and not sheet.modes.large:
        kind = brush.fit(person.kind, inner.w, size, 1)
        brush.words(kind, inner.x, y + sheet.px(2.4), inner.w, colour=soft, ground=fill)
    if person.value:
        rule = Box(inner.x, foot_top - sheet.px(3.4), inner.w, max(1, sheet.px(0.25)))
        if box.h > sheet.px(50):
            brush.add(Slab(rule, "#4E8A86" if plain else theme.of(person.tone)))
        wide = brush.width(person.value, foot.size_px, Face.BOLD)
        brush.words(
            foot, inner.x, foot_top, inner.w, face=Face.BOLD, colour=ink, ground=fill, align=1.0, weight=Weight.PRIMARY
        )
        label = brush.fit(person.label, inner.w - wide - sheet.px(4), sheet.sizes(Size.LABEL, Size.CAPTION), 1)
        brush.words(label, inner.x, foot_top + (height(foot) - label.size_px) / 2, inner.w, colour=soft, ground=fill)
    return brush.part("person", "person", box, says=_says(person), signals=("word",), tone=person.tone)


def line(sheet: Sheet, person: Person, room: Box) -> Part:
    """Name and number in one line, where there is no room for a card."""
    brush, theme = sheet.brush(), sheet.theme
    fill = theme.mist_of(person.tone)
    text = " · ".join(t for t in (person.name, " ".join(p for p in (person.label, person.value) if p)) if t)
    roomy = sheet.look.panel.roomy
    pad = sheet.px(5 if roomy else 2)
    lines = sheet.sizes(Size.BODY, Size.LABEL) if roomy else sheet.sizes(Size.LABEL)
    found = brush.fit(text, room.w - 2 * pad, lines, 1, Face.BOLD)
    if found.squeezed:
        found = brush.fit(text, room.w - 2 * pad, sheet.sizes(Size.LABEL), 3, Face.BOLD)
    rim = sheet.px(2.5 if roomy else 0.5)
    box = Box(room.x, room.y, room.w, height(found) + 2 * rim)
    edge = theme.edge if theme.name == "contrast" else ""
    brush.add(Slab(box, fill, sheet.px(3 if roomy else 2), edge, sheet.look.edge if edge else 0))
    brush.words(found, box.x + pad, box.y + rim, room.w - 2 * pad, face=Face.BOLD, ground=fill)
    return brush.part("person", "person", box, says=_says(person), signals=("word",), tone=person.tone)


def _says(person: Person) -> str:
    return " ".join(t for t in (person.name, person.kind, person.label, person.value) if t)
