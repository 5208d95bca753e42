"""Where things stand, by panel and mode. Millimetres from the top left, turned into pixels at the end.

Buttons and dock keep their place on every screen of a panel and mode. Low reach brings the text down, and everything
touchable below 45 % of the height.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.screen import Art, Modes, Screen
from kiosk.ui.panel import Panel
from kiosk.ui.scene import Box
from kiosk.ui.tokens import LOW_REACH_FROM

PAGER_COLUMN_MM = 22.5
TARGET_MM = 20.3  # a target of a small panel
SMALL_GAP_MM = 3.3  # between targets of a small panel: 3 mm and a little for rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The regions of a screen.

    `side`: headline and buttons stand beside the content, not around it. `merged`: the headline stands in the seal
    line, and what it has no room for in `extra`, unless the pager stands there.
    """

    header: Box
    headline: Box
    content: Box
    primary: Box
    secondary: Box
    dock: Box
    dock_cells: Box
    side: bool
    inline: bool  # the headline has one low line only
    merged: bool = False
    extra: Box | None = None
    pager: Box | None = None  # None: at the foot of the content
    column: Box | None = None  # the side column with its margins, from the top of the screen to the dock


def frame(panel: Panel, screen: Screen) -> Frame:
    """The regions in pixels."""
    modes = screen.modes
    w, h = panel.width_mm, panel.height_mm
    if panel.portrait:
        found = _portrait(w, h if screen.dock else h + 27, modes)
    elif panel.roomy:
        found = _landscape(w, h if screen.dock else h + 27, modes)
    else:
        found = _small(w, h if screen.dock else h + 22.5, screen)
    if modes.mirrored and found.side:
        found = _mirrored(found, panel.width_mm)
    return _in_pixels(found, panel)


def _portrait(w: float, h: float, modes: Modes) -> Frame:
    margin = 14.0
    content_top = 108.0
    down = max(0.0, h * LOW_REACH_FROM + 1 - content_top) if modes.low else 0.0
    inner = w - 2 * margin
    return Frame(
        header=Box(margin, 10 + down, inner, 19),
        headline=Box(margin, 43 + down, inner, 57),
        content=Box(margin, content_top + down, inner, h - 126 - content_top - down),
        primary=Box(margin, h - 119, inner, 42),
        secondary=Box(margin, h - 71, inner, 26),
        dock=Box(0, h - 37, w, 37),
        dock_cells=Box(10, h - 33, w - 20, 28),
        side=False,
        inline=modes.large,
    )


def _landscape(w: float, h: float, modes: Modes) -> Frame:
    margin, side, gutter = 14.0, 172.0, 12.0
    bottom = h - 42
    main = w - 2 * margin - side - gutter
    side_x = margin + main + gutter
    down = h * LOW_REACH_FROM + 1 - 36 if modes.low else 0.0
    return Frame(
        header=Box(margin, 8 + (down - 40 if modes.low else 0), w - 2 * margin, 19),
        headline=Box(margin, down - 6, w - 2 * margin, 38) if modes.low else Box(side_x, 36, side, bottom - 36 - 86),
        content=Box(margin, 36 + down, main, bottom - 36 - down),
        primary=Box(side_x, bottom - 80, side, 48),
        secondary=Box(side_x, bottom - 26, side, 26),
        dock=Box(0, h - 35, w, 35),
        dock_cells=Box(margin, h - 31, w - 2 * margin, 26),
        side=True,
        inline=modes.low,
        column=Box(side_x - gutter / 2, 0, side + gutter / 2 + margin, h - 35),
    )


def _small(w: float, h: float, screen: Screen) -> Frame:
    """A side column: primary, a line of lesser buttons, a line for the pager; the headline is up beside the seal."""
    margin, side, gutter, target = 6.0, 76.0, 5.0, TARGET_MM
    bottom = h - 28.5
    main = w - 2 * margin - side - gutter
    side_x = margin + main + gutter
    lesser_y = bottom - 2 * target - SMALL_GAP_MM
    top = 20.5
    foot = Box(side_x, bottom - target, side, target)
    base = Frame(
        header=Box(margin, 3.5, w - 2 * margin, 14.5),
        headline=Box(margin, 3.5, w - 2 * margin, 14.5),
        content=Box(margin, top, main, bottom - top),
        primary=Box(side_x, top, side, lesser_y - SMALL_GAP_MM - top),
        secondary=Box(side_x, lesser_y, side, 2 * target + SMALL_GAP_MM),
        dock=Box(0, h - 25.5, w, 25.5),
        dock_cells=Box(margin, h - 23, w - 2 * margin, target + 0.2),
        side=True,
        inline=True,
        merged=True,
        extra=foot if len(screen.secondary) < 3 else None,
        pager=foot if len(screen.secondary) < 3 else None,
        column=Box(side_x - gutter / 2, 0, side + gutter / 2 + margin, h - 25.5),
    )
    return _small_low(base, w, h, screen) if screen.modes.low else base


def _small_low(base: Frame, w: float, h: float, screen: Screen) -> Frame:
    """Everything pressed stands in the lower band, side by side; what is only read has the whole width above it."""
    margin, gap = base.header.x, SMALL_GAP_MM
    top, bottom = h * LOW_REACH_FROM + 0.8, base.secondary.bottom
    tall, inner, upper = bottom - top, w - 2 * margin, base.content.y
    if screen.keypad is not None:
        lesser, primary = 39.0, 24.0
    elif touchable(screen):
        lesser, primary = (64.0 if len(screen.secondary) > 2 else 41.0), 40.0
    else:
        lesser, primary = (73.0, 54.5) if len(screen.secondary) > 2 else (51.0, 56.0)
    width = inner - lesser - primary - 2 * gap
    x = margin + width + gap
    content = Box(margin, upper, width, bottom - upper)
    extra, pager = Box(x, upper, w - margin - x, top - upper - gap), None
    if touchable(screen):
        content, extra = Box(margin, top, width, tall), Box(margin, upper, inner, top - upper - gap)
    if touchable(screen) and screen.keypad is None:
        content = Box(margin, top, width - PAGER_COLUMN_MM - gap, tall)
        pager = Box(content.right + gap, top, PAGER_COLUMN_MM, tall)
    elif not touchable(screen) and screen.art is not Art.SHELF and not _warns(screen):
        content = Box(margin, upper, inner, top - upper - gap)
        extra = Box(margin, top, width, tall - TARGET_MM - gap)
        pager = Box(margin, bottom - TARGET_MM, width, TARGET_MM)
    return replace(
        base,
        content=content,
        secondary=Box(x, top, lesser, tall),
        primary=Box(x + lesser + gap, top, primary, tall),
        extra=extra,
        pager=pager,
        column=Box(x - gap / 2, 0, w - x + gap / 2, base.dock.y),
    )


def touchable(screen: Screen) -> bool:
    """Something in the content itself is pressed."""
    return screen.keypad is not None or any(r.button for r in screen.rows) or any(t.button for t in screen.tiles)


def _warns(screen: Screen) -> bool:
    return screen.countdown is not None and screen.countdown.full_screen


def _mirrored(found: Frame, w: float) -> Frame:
    def flip(box: Box) -> Box:
        return Box(w - box.right, box.y, box.w, box.h)

    return replace(
        found,
        headline=flip(found.headline),
        content=flip(found.content),
        primary=flip(found.primary),
        secondary=flip(found.secondary),
        extra=flip(found.extra) if found.extra else None,
        pager=flip(found.pager) if found.pager else None,
        column=flip(found.column) if found.column else None,
    )


def _in_pixels(found: Frame, panel: Panel) -> Frame:
    def px(box: Box) -> Box:
        x, y = panel.px(box.x), panel.px(box.y)
        return Box(x, y, panel.px(box.right) - x, panel.px(box.bottom) - y)

    return replace(
        found,
        header=px(found.header),
        headline=px(found.headline),
        content=px(found.content),
        primary=px(found.primary),
        secondary=px(found.secondary),
        dock=px(found.dock),
        dock_cells=px(found.dock_cells),
        extra=px(found.extra) if found.extra else None,
        pager=px(found.pager) if found.pager else None,
        column=px(found.column) if found.column else None,
    )
