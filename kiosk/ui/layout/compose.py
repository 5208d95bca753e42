"""One Screen, one Scene: header and headline on top, blocks below, buttons where they always are."""

from __future__ import annotations

from dataclasses import replace

from kiosk.screen import Art, Countdown, Keypad, Screen, Sentences
from kiosk.ui.brush import Sheet
from kiosk.ui.layout import art, buttons, keypad, panels, rest, rows, technician, warning
from kiosk.ui.layout.blocks import Block, Gaps, paged, stack, want
from kiosk.ui.layout.frame import SMALL_GAP_MM, Frame, frame, touchable
from kiosk.ui.layout.header import header
from kiosk.ui.layout.header import merged as merged_header
from kiosk.ui.layout.headline import headline, line
from kiosk.ui.panel import Panel
from kiosk.ui.scene import Box, Part, Scene
from kiosk.ui.text import Ruler
from kiosk.ui.tokens import look

PAGER_MM = 20.2
WARNING_SHARES = ((0.5, False), (0.5, True), (0.38, True))  # of the width for the dial, and whether to ask small
SMALL_DIAL_SHARES = (0.52, 0.44, 0.36)  # of the width of a small panel


def compose(
    screen: Screen,
    panel: Panel,
    ruler: Ruler,
    words: Sentences,
    *,
    page: int = 0,
    typed: str = "",
    past_s: float = 0.0,
    new: frozenset[str] = frozenset(),
) -> Scene:
    """Lays a screen out.

    `page`, `typed` and `past_s` are what the ui remembers by itself: the page of a list, the digits on the keypad, the
    whole seconds since the screen came. `new` names the rows that come in with a small movement.
    """
    secret = screen.keypad is not None and screen.keypad.secret
    sheet = Sheet(
        screen=screen,
        look=look(panel, screen.modes, screen.dark),
        ruler=ruler,
        words=words,
        page=page,
        typed=len(typed),
        shown="" if secret else typed,
        past_s=past_s,
        new=new,
    )
    places = frame(panel, screen)
    screen = buttons.spilled(sheet, places.primary)
    sheet = replace(sheet, screen=screen)
    pages = 1
    if screen.countdown is not None and screen.countdown.full_screen:
        parts = _warning(sheet, places)
    elif screen.art is Art.SHELF:
        parts = rest.scenery(sheet, places)
    else:
        parts, pages = _ordinary(sheet, places)
    parts += buttons.primary(sheet, places.primary)
    parts += buttons.secondaries(sheet, places.secondary)
    parts += buttons.dock(sheet, places.dock, places.dock_cells)
    full = screen.countdown is not None and screen.countdown.full_screen
    anywhere = next((p.target.id for p in parts if p.target and p.target.primary), "") if full else ""
    return Scene(
        name=screen.name,
        width_px=panel.width_px,
        height_px=panel.height_px,
        ground=sheet.theme.paper,
        press=sheet.theme.press,
        parts=tuple(parts),
        pages=pages,
        anywhere=anywhere,
    )


def _ordinary(sheet: Sheet, places: Frame) -> tuple[list[Part], int]:
    """Everything but buttons and dock, and how many pages the content has."""
    if places.merged:
        return _merged(sheet, places)
    parts, content = _top(sheet, places)
    content = _stretched(sheet, places, content)
    inner, foot = _foot(sheet, places, content)
    gaps, pager = _gaps(sheet), sheet.px(PAGER_MM)
    pages = paged(_blocks(sheet, inner, inner.h - pager - gaps.item, [], []), inner.h, gaps, pager)
    if len(pages) == 1:
        return parts + stack(pages[0], inner, gaps, airy=True) + foot, 1
    if inner is not content:  # the hint stood in the way: it comes last
        pages = paged(
            _blocks(sheet, content, content.h - pager - gaps.item, [], _foot_blocks(sheet, content.w)),
            content.h,
            gaps,
            pager,
        )
        foot = []
    return parts + _page(sheet, pages, content, None) + foot, len(pages)


def _all(pages: list[list[Block]]) -> list[Block]:
    return [block for page in pages for block in page]


def _page(sheet: Sheet, pages: list[list[Block]], content: Box, pager: Box | None) -> list[Part]:
    """One page of the blocks, and the button that leads to the next."""
    gaps, page = _gaps(sheet), sheet.page % len(pages)
    if len(pages) == 1:
        return stack(pages[0], content, gaps, airy=True)
    items = sum(block.item for block in _all(pages[page + 1 :]))
    if pager is not None:
        return stack(pages[page], content, gaps) + buttons.pager(sheet, pager, items, page, len(pages), whole=True)
    tall = sheet.px(PAGER_MM)
    room = Box(content.x, content.y, content.w, content.h - tall - gaps.item)
    place = Box(content.x, content.bottom - tall, content.w, tall)
    return stack(pages[page], room, gaps) + buttons.pager(sheet, place, items, page, len(pages))


def _merged(sheet: Sheet, places: Frame) -> tuple[list[Part], int]:
    """A small panel: headline beside the seal; lesser texts in the extra place, or else around the content."""
    content, gaps = places.content, _gaps(sheet)
    if not sheet.modes.low and not buttons.halves_fit(sheet, places.secondary):
        places = replace(places, extra=None, pager=None)
    parts, left_over = merged_header(sheet, places.header)
    if sheet.screen.keypad is not None and keypad.stands_alone(sheet, content.h):
        parts += _field_above(sheet, sheet.screen.keypad, places, left_over)
        left_over = ""
    pager = sheet.px(PAGER_MM) if places.pager is None else -gaps.item
    page_h = content.h - pager - gaps.item
    before, after = _guests(sheet, left_over, content.w), _foot_blocks(sheet, content.w)
    if places.extra is not None:
        first, last = _guests(sheet, left_over, places.extra.w), _foot_blocks(sheet, places.extra.w)
        aside = sheet.modes.low or (places.pager is not None and places.pager != places.extra)
        if aside and want([*first, *_upper(sheet, places.extra, places.extra.h)], gaps) <= places.extra.h:
            first += _upper(sheet, places.extra, places.extra.h)
            sheet = replace(sheet, screen=replace(sheet.screen, banner=None))
        kept = _fitting([*first, *last], places.extra.h, gaps)
        rest = _blocks(
            sheet,
            content,
            content.h - pager - gaps.item,
            before[min(kept, len(first)) :],
            after[max(0, kept - len(first)) :],
        )
        pages = paged(rest, content.h, gaps, pager)
        if len(pages) == 1 or places.pager != places.extra:
            parts += stack([*first, *last][:kept], places.extra, gaps)
            return parts + _page(sheet, pages, content, places.pager), len(pages)
    pages = paged(_blocks(sheet, content, page_h, before, after), content.h, gaps, pager)
    return parts + _page(sheet, pages, content, places.pager), len(pages)


def _fitting(blocks: list[Block], room: float, gaps: Gaps) -> int:
    """How many of the blocks, from the first, have room."""
    return max(n for n in range(len(blocks) + 1) if n == 0 or want(blocks[:n], gaps) <= room)


def _guests(sheet: Sheet, left_over: str, width: float) -> list[Block]:
    """What a small panel's headline has no room for: the rest of it, and the reader."""
    found = [panels.told(sheet, left_over, width)] if left_over else []
    person = sheet.screen.person
    if person is not None:
        h = line(sheet, person, Box(0, 0, width, 0)).box.h
        found.append(Block(least=h, want=h, draw=lambda box: [line(sheet, person, box)]))
    return found


def _field_above(sheet: Sheet, wanted: Keypad, places: Frame, text: str) -> list[Part]:
    """In the lowest place of a small panel the keys stand alone; the typed digits show above them."""
    cells = places.dock_cells
    upper = Box(cells.x, places.header.bottom, cells.w, places.content.y - places.header.bottom)
    tall = sheet.px(15)
    half = Box(upper.x + upper.w * 0.52, upper.cy - tall / 2, upper.w * 0.48, tall)
    if not text:
        return [keypad.field(sheet, wanted, half)]
    told = panels.told(sheet, text, half.w)
    place = Box(upper.x, upper.y + max(0.0, (upper.h - told.want) / 2), half.w, told.want)
    return [*told.draw(place), keypad.field(sheet, wanted, half)]


def _gaps(sheet: Sheet) -> Gaps:
    if sheet.look.panel.roomy:
        return Gaps(block=sheet.px(6), item=sheet.px(4.5))
    return Gaps(block=sheet.px(SMALL_GAP_MM), item=sheet.px(SMALL_GAP_MM if touchable(sheet.screen) else 2.2))


def _top(sheet: Sheet, places: Frame) -> tuple[list[Part], Box]:
    """Seal line, headline and person, and the content that is left."""
    screen, content = sheet.screen, places.content
    parts = header(sheet, places.header)
    found, bottom = headline(sheet, places.headline, inline=places.inline, beside=not places.side or sheet.modes.low)
    if places.side:
        return parts + found, content
    close = places.inline or bool(screen.headline and screen.headline.numeral)  # a list wants every line it can get
    top = bottom + sheet.px(7 if close else 10) if screen.headline or screen.person else places.headline.y
    # With a number above it the list always starts at the same place; in low reach nothing pressed stands higher.
    numbered = screen.headline is not None and bool(screen.headline.numeral) and not places.inline
    if numbered or (sheet.modes.low and touchable(screen)):
        top = max(top, content.y)
    return parts + found, Box(content.x, top, content.w, content.bottom - top)


def _stretched(sheet: Sheet, places: Frame, content: Box) -> Box:
    """Around the content nothing is kept free for buttons that are not there."""
    screen = sheet.screen
    if places.side or screen.primary is not None or screen.keypad is not None:
        return content
    bottom = places.primary.bottom if screen.secondary else places.secondary.bottom
    return Box(content.x, content.y, content.w, bottom - content.y)


def _foot_blocks(sheet: Sheet, width: float) -> list[Block]:
    screen = sheet.screen
    texts = [(f"hint:{i}" if i else "hint", line) for i, line in enumerate(screen.hint.split("\n")) if line]
    if screen.reference:
        texts.append(("reference", sheet.say("ui.reference", code=screen.reference)))
    return [panels.hint(sheet, text, width, key) for key, text in texts]


def _foot(sheet: Sheet, places: Frame, content: Box) -> tuple[Box, list[Part]]:
    """Hint and staff code: in the place of the lesser buttons if there are none, else at the foot of the content."""
    screen = sheet.screen
    close = Gaps(block=sheet.px(2), item=sheet.px(2))
    free = not screen.secondary and screen.primary is not None
    if free:
        blocks = _foot_blocks(sheet, places.secondary.w)
        tall = want(blocks, close)
        if tall <= places.secondary.h:
            box = places.secondary
            return content, stack(blocks, Box(box.x, box.cy - tall / 2, box.w, tall), close)
    blocks = _foot_blocks(sheet, content.w)
    if not blocks:
        return content, []
    tall = want(blocks, close)
    gap = sheet.px(4 if sheet.look.panel.roomy else 2.5)
    foot = stack(blocks, Box(content.x, content.bottom - tall, content.w, tall), close)
    return Box(content.x, content.y, content.w, content.h - tall - gap), foot


def _blocks(sheet: Sheet, room: Box, page_h: float, before: list[Block], after: list[Block]) -> list[Block]:
    """Everything in the order in which it is read, the picture where there is room for it.

    `page_h` is the height that one block may have when there are several pages.
    """
    gaps, screen = _gaps(sheet), sheet.screen
    upper, lower = [*before, *_upper(sheet, room, page_h)], [*_lower(sheet, room, page_h), *after]
    left = room.h - want([*upper, *lower], gaps) - gaps.block
    middle = _picture(sheet, room, left)
    if screen.art is Art.PUT_BACK and not sheet.look.panel.portrait:  # the seconds stay on the first page
        return [*middle, *upper, *lower]
    return [*upper, *middle, *lower] if _leads(sheet) else [*upper, *lower, *middle]


def _leads(sheet: Sheet) -> bool:
    """The picture comes before the list, unless it only accompanies it."""
    return not (sheet.screen.art is Art.STACK and sheet.screen.rows)


def _picture(sheet: Sheet, room: Box, left: float) -> list[Block]:
    """The picture in what is left of the room; without it a countdown that it holds still shows."""
    screen = sheet.screen
    least = sheet.px(44 if sheet.look.panel.roomy else 28)
    if screen.art not in (Art.NONE, Art.SHELF) and left >= least:
        want_h = min(left, room.w * 0.42)
        most = min(room.w * 0.7, left) if _leads(sheet) else min(want_h, sheet.px(70))
        return [Block(least=least, want=want_h, most=most, draw=lambda box: art.picture(sheet, box))]
    alone = screen.art is Art.PUT_BACK and screen.countdown is not None and sheet.look.panel.roomy
    return [panels.countdown(sheet, screen.countdown, room.w)] if alone and screen.countdown else []


def _upper(sheet: Sheet, room: Box, page_h: float) -> list[Block]:
    screen = sheet.screen
    blocks = [panels.progress(sheet)] if panels.has_progress(screen) else []
    return blocks + (panels.banner(sheet, screen.banner, room.w, page_h) if screen.banner else [])


def _lower(sheet: Sheet, room: Box, page_h: float) -> list[Block]:
    screen, width = sheet.screen, room.w
    blocks: list[Block] = []
    if screen.qr is not None and not screen.rows:
        blocks += panels.qr(sheet, screen.qr, width, page_h, small=False)
    if screen.keypad is not None:
        blocks.append(
            keypad.block(sheet, screen.keypad, width, room.h - want(_upper(sheet, room, page_h), _gaps(sheet)))
        )
    blocks += technician.tiles(sheet, screen.tiles, width) if screen.tiles else []
    if screen.diagram is not None:
        blocks.append(technician.diagram(sheet, screen.diagram, width))
    blocks += rows.blocks(sheet, width, page_h)
    if screen.lines:
        blocks.append(technician.lines(sheet, screen.lines, width))
    if screen.qr is not None and screen.rows:
        blocks += panels.qr(sheet, screen.qr, width, page_h, small=True)
    in_header = not sheet.look.panel.roomy and screen.countdown is not None and not screen.countdown.text
    told_above = in_header or screen.art is Art.PUT_BACK
    if screen.countdown is not None and not told_above:
        blocks.append(panels.countdown(sheet, screen.countdown, width))
    if screen.notes:
        blocks += panels.notes(sheet, screen.notes, width, page_h)
    return blocks


def _warning(sheet: Sheet, places: Frame) -> list[Part]:
    screen = sheet.screen
    assert screen.countdown is not None
    banner = (screen.banner.text, screen.banner.sub) if screen.banner else ()
    texts = [t for t in (*banner, screen.countdown.text, *screen.notes, screen.hint) if t]
    if places.merged:
        return _small_warning(sheet, places, screen.countdown, texts)
    parts = header(sheet, places.header)
    gap = sheet.px(6)
    for share, small in WARNING_SHARES:  # long sentences make the question smaller, then the dial
        text_room, dial_room = _warning_rooms(sheet, places, share)
        asked, bottom = warning.question(sheet, text_room, small=small)
        if not places.side or bottom + gap + warning.facts_h(sheet, texts, text_room.w) <= text_room.bottom:
            break
    parts += asked
    if places.side:
        below = Box(text_room.x, bottom + gap, text_room.w, text_room.bottom - bottom - gap)
        fact, _ = warning.facts(sheet, texts, below)
        dial = dial_room
    else:
        fact, top = warning.facts(sheet, texts, dial_room)
        dial = Box(dial_room.x, bottom + gap, dial_room.w, top - gap - bottom - gap)
    if fact is not None:
        parts.append(fact)
    return [*parts, warning.dial(sheet, screen.countdown, dial)]


def _small_warning(sheet: Sheet, places: Frame, countdown: Countdown, texts: list[str]) -> list[Part]:
    """The question in the seal line, the dial beside what happens then (below it in low reach)."""
    parts, left_over = merged_header(sheet, places.header)
    box, gap = places.content, sheet.px(3)
    gaps = Gaps(block=gap * 0.7, item=gap * 0.7)
    if sheet.modes.low:
        lower = places.secondary
        dial = Box(box.x, lower.y, box.w, lower.h)
        room = Box(places.header.x, box.y, places.header.w, lower.y - gap - box.y)
        blocks, tall = _told(sheet, left_over, texts, room.w, gaps)
    else:
        for share in SMALL_DIAL_SHARES:  # long sentences make the dial smaller
            side = min(box.h, box.w * share)
            dial = Box(box.x, box.cy - side / 2, side, side)
            room = Box(dial.right + gap, box.y, box.right - dial.right - gap, box.h)
            blocks, tall = _told(sheet, left_over, texts, room.w, gaps)
            if tall <= room.h:
                break
    parts += stack(blocks, Box(room.x, max(room.y, room.cy - tall / 2), room.w, room.h), gaps)
    return [*parts, warning.dial(sheet, countdown, dial)]


def _told(sheet: Sheet, left_over: str, texts: list[str], width: float, gaps: Gaps) -> tuple[list[Block], float]:
    blocks = [panels.told(sheet, left_over, width)] if left_over else []
    blocks += [panels.told(sheet, text, width, quiet=True, key=f"fact:{i}") for i, text in enumerate(texts)]
    return blocks, want(blocks, gaps)


def _warning_rooms(sheet: Sheet, places: Frame, share: float) -> tuple[Box, Box]:
    """Where the question stands, and where the dial: one place in portrait, two in landscape."""
    if not places.side:
        top = places.headline.y
        room = Box(places.content.x, top, places.content.w, places.content.bottom - top)
        return room, room
    if not sheet.modes.low:
        return places.headline, places.content
    box = places.content
    half = box.w * share
    below = Box(box.x + half, box.y, box.w - half, box.h)
    return below, Box(box.x, box.y - sheet.px(30), half, box.h + sheet.px(30))
