"""Banner, notes, QR code, countdown and progress: what stands above or instead of a list."""

from __future__ import annotations

from kiosk.screen import Art, Banner, Countdown, Icon, Qr, Screen, Tone
from kiosk.ui.brush import Brush, Sheet, height
from kiosk.ui.layout.blocks import Block
from kiosk.ui.layout.buttons import note_set
from kiosk.ui.scene import Arc, Box, Disc, Modules, Part, Slab, Weight
from kiosk.ui.text import Face, Set
from kiosk.ui.tokens import Size

QUIET_MODULES = 4  # ISO/IEC 18004, 9.1: light margin of a QR code
PROGRESS_SEGMENTS_MAX = 12


def banner(sheet: Sheet, wanted: Banner, width: float, room: float) -> list[Block]:
    """A sentence about the whole visit: disc, word, edge. Too tall for a page, it lets go of its second half."""
    whole = _banner(sheet, wanted, width)
    if whole.least <= room or not wanted.sub:
        return [whole]
    short = Banner(text=wanted.text, tone=wanted.tone, icon=wanted.icon)
    return [_banner(sheet, short, width), told(sheet, wanted.sub, width, quiet=True, key="banner:sub")]


def _banner(sheet: Sheet, wanted: Banner, width: float) -> Block:
    roomy = sheet.look.panel.roomy
    pad, side = sheet.px(6 if roomy else 3), sheet.px(17 if roomy else 9.5)
    brush, theme = sheet.brush(), sheet.theme
    lead = side + sheet.px(6 if roomy else 2.5) if wanted.icon else 0
    room = width - 2 * pad - lead
    text = brush.fit(wanted.text, room, sheet.sizes(Size.BODY), 8, Face.BOLD)
    sub = brush.fit(wanted.sub, room, sheet.sizes(Size.LABEL, Size.CAPTION), 8) if wanted.sub else None
    gap = sheet.px(2.4 if roomy else 1.2)
    inner = height(text) + (height(sub) + gap if sub else 0)
    h = max(side, inner) + 2 * sheet.px(5 if roomy else 2.4)

    def draw(box: Box) -> list[Part]:
        fill = theme.mist_of(wanted.tone)
        ink = theme.of(wanted.tone)
        edged = wanted.tone in (Tone.CARE, Tone.STOP) or theme.name == "contrast"
        brush.add(Slab(box, fill, sheet.px(5), ink if edged else "", sheet.look.edge if edged else 0))
        if wanted.icon:
            brush.badge(wanted.icon, Box(box.x + pad, box.cy - side / 2, side, side), ink, theme.on(wanted.tone))
        x = box.x + pad + lead
        bottom = brush.words(text, x, box.cy - inner / 2, room, face=Face.BOLD, ground=fill, weight=Weight.PRIMARY)
        if sub:
            brush.words(sub, x, bottom + gap, room, colour=theme.soft, ground=fill)
        says = " ".join(t for t in (wanted.text, wanted.sub) if t)
        signals = ("icon", "word") if wanted.icon else ("word",)
        return [brush.part("banner", "banner", box, says=says, signals=signals, tone=wanted.tone)]

    return Block(least=h, want=h, draw=draw)


def notes(sheet: Sheet, texts: tuple[str, ...], width: float, room: float) -> list[Block]:
    """Short facts, one under the other, each with a small mark; a card each where one card is too tall for its page,
    or where they are all that the screen has."""
    whole = _notes(sheet, texts, width, "notes")
    if not alone(sheet) and (whole.least <= room or len(texts) == 1):
        return [whole]
    return [_notes(sheet, (text,), width, f"notes:{i}") for i, text in enumerate(texts)]


def alone(sheet: Sheet) -> bool:
    """Nothing but the facts stands below the headline, and there is room to set them apart."""
    screen, panel = sheet.screen, sheet.look.panel
    other = screen.rows or screen.tiles or screen.keypad or screen.qr or screen.lines or screen.art is not Art.NONE
    return panel.roomy and panel.portrait and not sheet.modes.low and not screen.dark and not other


def _notes(sheet: Sheet, texts: tuple[str, ...], width: float, key: str) -> Block:
    roomy = sheet.look.panel.roomy
    brush, theme = sheet.brush(), sheet.theme
    pad, lead = sheet.px(6 if roomy else 3.5), sheet.px(7 if roomy else 5)
    large = len(sheet.screen.notes) <= 3 and roomy and not sheet.screen.dark
    sizes = sheet.sizes(Size.BODY if large else Size.LABEL)
    found = [brush.fit(text, width - 2 * pad - lead, sizes, 8) for text in texts]
    gap, rim = sheet.px(5 if roomy else 2.4), sheet.px(11 if alone(sheet) else 6 if roomy else 3)
    h = sum(height(f) for f in found) + gap * (len(found) - 1) + 2 * rim

    def draw(box: Box) -> list[Part]:
        card = theme.card
        brush.slab(box, card, 5, edge=theme.edge if theme.name == "contrast" else "", lift=True)
        y = box.y + rim
        for item in found:
            brush.add(Disc(box.x + pad + sheet.px(1.4), y + item.size_px * 0.5, sheet.px(1.3), theme.go))
            y = brush.words(item, box.x + pad + lead, y, width - 2 * pad - lead, ground=card) + gap
        return [brush.part(key, "note", box, says=" ".join(texts))]

    return Block(least=h, want=h, draw=draw)


def qr(sheet: Sheet, wanted: Qr, width: float, room: float, *, small: bool) -> list[Block]:
    """The code on white with its quiet zone, what to do with it beside it. Grows with the room that is left.

    Where its texts are too long for the page, the second stands below the card.
    """
    whole = _qr(sheet, wanted, width, small=small)
    if whole.least <= room or not wanted.sub:
        return [whole]
    short = Qr(content=wanted.content, text=wanted.text)
    return [_qr(sheet, short, width, small=small), told(sheet, wanted.sub, width, quiet=True, key="qr:sub")]


def _qr(sheet: Sheet, wanted: Qr, width: float, *, small: bool) -> Block:
    roomy = sheet.look.panel.roomy
    memo = sheet.ruler.memo
    rows = memo.get(wanted.content) or memo.setdefault(wanted.content, matrix(wanted.content))
    least_mm, most_mm = (46.0, 58.0) if small and roomy else (56.0, 92.0) if roomy else (32.0, 48.0)
    pad = sheet.px(5 if roomy else 2.5)

    def module(h: float) -> int:
        return max(2, int((h - 2 * pad) // len(rows)))

    def inner_h(h: float) -> float:
        text, sub = _qr_texts(sheet, wanted, width - module(h) * len(rows) - 4 * pad)
        return height(text) + (height(sub) + sheet.px(4 if roomy else 2) if sub else 0) + 2 * pad

    start = sheet.px(least_mm) + 2 * pad
    least = max(start, inner_h(start))
    most = sheet.px(most_mm) + 2 * pad

    def draw(box: Box) -> list[Part]:
        brush, theme = sheet.brush(), sheet.theme
        brush.slab(box, theme.card, 5, edge=theme.edge if theme.name == "contrast" else "", lift=True)
        dot = module(min(box.h, most))
        while dot > module(start) and inner_h(dot * len(rows) + 2 * pad) > box.h:
            dot -= 1
        side = dot * len(rows)
        paper = Box(round(box.x + pad), round(box.cy - side / 2), side, side)
        brush.add(Slab(paper, "#FFFFFF"), Modules(paper.x, paper.y, dot, rows, "#14252B", "#FFFFFF"))
        room = box.w - side - 4 * pad
        text, sub = _qr_texts(sheet, wanted, room)
        gap = sheet.px(4 if roomy else 2)
        x = paper.right + 2 * pad
        top = box.cy - (height(text) + (height(sub) + gap if sub else 0)) / 2
        bottom = brush.words(text, x, top, room, face=Face.BOLD, ground=theme.card, weight=Weight.PRIMARY)
        if sub:
            brush.words(sub, x, bottom + gap, room, colour=theme.soft, ground=theme.card)
        says = " ".join(t for t in (wanted.text, wanted.sub) if t)
        return [brush.part("qr", "qr", box, says=says, signals=("word",))]

    return Block(least=least, want=least, most=max(least, most), draw=draw)


def _qr_texts(sheet: Sheet, wanted: Qr, room: float) -> tuple[Set, Set | None]:
    brush = sheet.brush()
    text = brush.fit(wanted.text, room, sheet.sizes(Size.BUTTON, Size.BODY), 3, Face.BOLD, even=True)
    if text.squeezed:
        text = brush.fit(wanted.text, room, sheet.sizes(Size.BODY), 6, Face.BOLD)
    return text, brush.fit(wanted.sub, room, sheet.sizes(Size.LABEL), 8, even=True) if wanted.sub else None


def matrix(content: str) -> tuple[str, ...]:
    """The modules of the smallest QR code with its quiet zone (error level M)."""
    import segno  # takes 80 ms, and the first picture has no code

    code = segno.make(content, error="m", micro=False, boost_error=False)
    return tuple("".join("1" if module else "0" for module in row) for row in code.matrix_iter(border=QUIET_MODULES))


def left_s(sheet: Sheet, countdown: Countdown) -> int:
    return max(0, round(countdown.left_s - sheet.past_s))


def countdown(sheet: Sheet, wanted: Countdown, width: float) -> Block:
    """A small ring, the seconds as a number, and what happens then."""
    roomy = sheet.look.panel.roomy
    side = sheet.px(18 if roomy else 14)
    brush, theme = sheet.brush(), sheet.theme
    seconds = left_s(sheet, wanted)
    gap = sheet.px(5)
    blank = "" if wanted.text.endswith(("，", "：")) else " "
    text = f"{wanted.text}{blank}{sheet.say('ui.seconds', n=seconds)}".strip()
    found = brush.fit(text, width - side - gap - sheet.px(8), sheet.sizes(Size.BODY, Size.LABEL), 2)
    h = max(side, height(found)) + sheet.px(4)

    def draw(box: Box) -> list[Part]:
        ring(
            brush,
            sheet,
            box.x + sheet.px(4) + side / 2,
            box.cy,
            side * 0.42,
            sheet.px(2),
            seconds,
            wanted.total_s,
            theme.go,
        )
        x = box.x + sheet.px(4) + side + gap
        brush.words(found, x, box.cy - height(found) / 2, width - side - gap, weight=Weight.PRIMARY)
        return [brush.part("countdown", "countdown", box, says=text, signals=("number",))]

    return Block(least=h, want=h, draw=draw)


def chip(sheet: Sheet, wanted: Countdown, box: Box) -> Part:
    """The seconds left, at the right end of the seal line."""
    brush, theme, seconds = sheet.brush(), sheet.theme, left_s(sheet, wanted)
    text = sheet.say("ui.seconds", n=seconds)
    found = brush.fit(text, box.w / 2, sheet.sizes(Size.BUTTON), 1, Face.BOLD)
    wide = brush.width(text, found.size_px, Face.BOLD)
    side, gap = box.h * 0.86, sheet.px(2.5)
    place = Box(box.right - wide - gap - side, box.y, wide + gap + side, box.h)
    ring(brush, sheet, place.x + side / 2, box.cy, side * 0.42, side * 0.15, seconds, wanted.total_s, theme.stop)
    brush.words(found, place.x + side + gap, box.cy - found.size_px / 2, wide, face=Face.BOLD, weight=Weight.PRIMARY)
    return brush.part("countdown", "countdown", place, says=text, signals=("number", "length"))


def ring(
    brush: Brush, sheet: Sheet, cx: float, cy: float, r: float, width: float, seconds: int, total_s: float, ink: str
) -> None:
    """A ring that has emptied as far as the time has gone."""
    track = "#4A4A4A" if sheet.theme.name == "contrast" else sheet.theme.hair
    brush.add(Arc(cx, cy, r, width, 0, 360, track))
    share = min(1.0, seconds / total_s) if total_s > 0 else 0.0
    if share > 0:
        brush.add(Arc(cx, cy, r, width, 0, 360 * share, ink))


def has_progress(screen: Screen) -> bool:
    """A flow that works through a list: n of m, with rows still waiting or at work."""
    head = screen.headline
    if head is None or not head.of.isdigit() or not head.numeral.isdigit():
        return False
    return int(head.of) <= PROGRESS_SEGMENTS_MAX and any(r.icon in (Icon.WAIT, Icon.QUEUED) for r in screen.rows)


def progress(sheet: Sheet) -> Block:
    """One segment a book: full is done, half is at work."""
    h = sheet.px(5 if sheet.look.panel.roomy else 3)

    def draw(box: Box) -> list[Part]:
        head = sheet.screen.headline
        assert head is not None
        done, count = int(head.numeral), int(head.of)
        brush, theme = sheet.brush(), sheet.theme
        rest = "#4A4A4A" if theme.name == "contrast" else theme.hair
        at_work = any(r.icon is Icon.WAIT for r in sheet.screen.rows)
        for i, cell in enumerate(box.columns(count, sheet.px(3))):
            brush.add(Slab(cell, theme.go if i < done else rest, box.h / 2))
            if i == done and at_work:
                brush.add(Slab(Box(cell.x, cell.y, cell.w * 0.6, cell.h), theme.go, box.h / 2))
        return [brush.part("progress", "progress", box, signals=("length",))]

    return Block(least=h, want=h, draw=draw)


def hint(sheet: Sheet, text: str, width: float, key: str = "hint") -> Block:
    """One quiet sentence, centred."""
    brush = sheet.brush()
    found = note_set(brush, sheet, text, width)
    h = height(found) + sheet.px(1)

    def draw(box: Box) -> list[Part]:
        brush.words(found, box.x, box.cy - height(found) / 2, box.w, colour=sheet.theme.soft, align=0.5)
        return [brush.part(key, "note", box, says=text)]

    return Block(least=h, want=h, draw=draw)


def told(sheet: Sheet, text: str, width: float, *, quiet: bool = False, key: str = "sub") -> Block:
    """What to do, where the headline has no line for it; `quiet` for lesser facts."""
    brush = sheet.brush()
    found = brush.fit(text, width, sheet.sizes(Size.LABEL if quiet else Size.BODY), 8)
    h = height(found)

    def draw(box: Box) -> list[Part]:
        colour, weight = (sheet.theme.soft, Weight.BODY) if quiet else (sheet.theme.ink, Weight.PRIMARY)
        brush.words(found, box.x, box.y, box.w, colour=colour, weight=weight)
        return [brush.part(key, "text", box, says=text)]

    return Block(least=h, want=h, draw=draw)
