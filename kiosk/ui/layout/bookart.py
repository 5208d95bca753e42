"""Small drawings of a row: the bound book and the calendar leaf."""

from __future__ import annotations

from typing import Final

from kiosk.ui.brush import Brush, Sheet
from kiosk.ui.scene import Box, Slab, Weight
from kiosk.ui.text import Face
from kiosk.ui.tokens import Size, blend

COVERS: Final = ("#0F5B57", "#A8321F", "#8A5A00", "#28485F", "#5A3B5C")
GOLD: Final = "#D9B36A"
CREAM: Final = "#F4EFE4"


def spine(brush: Brush, index: int, box: Box) -> None:
    """A small bound book, seen from the front. The colour only helps to tell rows apart."""
    cover = COVERS[index % len(COVERS)]
    k = box.w / 16
    brush.add(Slab(box, cover, 1.6 * k))
    brush.add(Slab(Box(box.x + 2.1 * k, box.y, 0.5 * k, box.h), blend(cover, "#FFFFFF", 0.25)))
    edge = Box(box.right - 0.9 * k, box.y + 0.6 * k, 0.5 * k, box.h - 1.2 * k)
    brush.add(Slab(edge, blend(cover, "#000000", 0.5)))
    left, wide = box.x + 2.6 * k, box.w - 3.6 * k
    match index % len(COVERS):
        case 0 | 4:
            label = Box(box.x + 5 * k, box.y + box.h * 0.17, 7.6 * k, box.h * 0.3)
            brush.add(Slab(label, CREAM, 0.5 * k))
            for share in (0.36, 0.62):
                rule = Box(label.x + 1.4 * k, label.y + label.h * share, label.w - 2.8 * k, 0.5 * k)
                brush.add(Slab(rule, cover))
        case 2:
            brush.add(Slab(Box(left, box.y + box.h * 0.2, wide, box.h * 0.14), CREAM))
            brush.add(Slab(Box(left, box.bottom - box.h * 0.14, wide, 0.5 * k), GOLD))
        case _:
            for share in (0.1, 0.15, 0.83, 0.88):
                brush.add(Slab(Box(left, box.y + box.h * share, wide, 0.6 * k), GOLD))


def leaf(brush: Brush, sheet: Sheet, texts: tuple[str, ...], box: Box) -> None:
    """A calendar leaf: month in the red head, the day large, the weekday below."""
    theme, outline = sheet.theme, sheet.theme.name == "contrast"
    month, day, weekday = (*texts, "", "", "")[:3]
    head = Box(box.x, box.y, box.w, box.h * 0.29)
    below = Box(box.x, head.bottom, box.w, box.bottom - head.bottom)
    paper = "#FFFFFF" if theme.name == "light" else theme.card
    red, on_red = (theme.card, theme.ink) if outline else (theme.seal, theme.on_seal)
    _sheet_of_paper(brush, sheet, box, below, red, paper, outline=outline)
    size = sheet.size(Size.CAPTION)
    top = brush.fit(month, head.w, [size], 1, Face.BOLD)
    y = head.cy - size / 2 + sheet.px(0.4)
    brush.words(top, head.x, y, head.w, face=Face.BOLD, colour=on_red, ground=red, align=0.5)
    em = sheet.size(Size.DISPLAY)
    gap = max(0.0, (below.h - em * 0.76 - (size if weekday else 0)) / 3)
    number = brush.fit(day, below.w, [em], 1, sheet.title_face)
    brush.words(
        number, below.x, below.y + gap - em * 0.13, below.w, face=sheet.title_face, ground=paper, align=0.5,
        weight=Weight.PRIMARY, instruction=False,
    )  # fmt: skip
    if weekday:
        foot = brush.fit(weekday, below.w, [size], 1, Face.BOLD)
        y = below.bottom - gap - size
        brush.words(foot, below.x, y, below.w, face=Face.BOLD, colour=theme.soft, ground=paper, align=0.5)


def _sheet_of_paper(brush: Brush, sheet: Sheet, box: Box, below: Box, head: str, paper: str, *, outline: bool) -> None:
    theme, radius = sheet.theme, sheet.px(3)
    brush.add(Slab(box, head, radius, theme.edge if outline else "", sheet.look.edge, theme.shadow))
    if outline:
        return
    brush.add(Slab(below, paper, radius), Slab(Box(below.x, below.y, below.w, radius), paper))
    for share in (0.26, 0.74):
        ring = Box(box.x + box.w * share - sheet.px(0.9), box.y - sheet.px(2), sheet.px(1.8), sheet.px(5))
        brush.add(Slab(ring, "#CFC7B5", sheet.px(0.9)))
