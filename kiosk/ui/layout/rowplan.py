"""How a row's texts are set, before its place is known: what stands where, and how high the row becomes.

Beside: title left, verdict right. Stacked (large text): the verdict goes under the title. A second title line replaces
the call number; a problem adds a strip at the foot of the row.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from kiosk.screen import Icon, Row, Tone
from kiosk.ui.brush import Sheet, height
from kiosk.ui.text import Face, Set
from kiosk.ui.tokens import TARGET_MM_MIN, Size

TITLE_PITCH: Final = 1.26
TITLE_LINES_MAX: Final = 4  # about a hundred letters; a longer title ends in an ellipsis and is read out whole
TITLE_LINES_MAX_SMALL: Final = 3
SENTENCE_LINES_MAX: Final = 8
STATES: Final = frozenset({Icon.CHECK, Icon.CROSS, Icon.BANG, Icon.WAIT, Icon.QUEUED})
VALUE_SHARE_MAX: Final = 0.42
REASON_SHARE_MAX: Final = 0.34
BESIDE_MM_MIN: Final = 105.0  # in a narrower column the verdict goes below the title


class Lead(enum.Enum):
    """What stands before the title."""

    NONE = 0
    TICK_BOX = 1
    STATE = 2
    ICON = 3
    TILE = 4
    LEAF = 5
    SPINE = 6


class Kind(enum.Enum):
    """A line under the title."""

    SUB = 0
    VALUE = 1
    STATE = 2
    ITEM = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Pixels of a row on one panel."""

    pad: int
    gap: int
    line: int  # between title and the lines below it
    air: int  # above and below the text
    air_least: int
    disc: int
    lead: dict[Lead, int]
    topic: int  # a small icon before the state line


def measures(sheet: Sheet) -> Measures:
    px = sheet.px
    if sheet.look.panel.roomy:
        lead = {
            Lead.TICK_BOX: 13,
            Lead.STATE: 14,
            Lead.ICON: 14,
            Lead.TILE: 26,
            Lead.LEAF: 49,
            Lead.SPINE: 16,
        }
        pad, gap, line, air, air_least, disc, topic = 7.0, 5.0, 3.2, 5.0, 4.0, 15.0, 8.4
    else:
        lead = {
            Lead.TICK_BOX: 11,
            Lead.STATE: 10,
            Lead.ICON: 10,
            Lead.TILE: 14,
            Lead.LEAF: 0,
            Lead.SPINE: 0,
        }
        pad, gap, line, air, air_least, disc, topic = 3.5, 3.0, 1.8, 3.2, 2.4, 9.5, 7.0
    return Measures(
        pad=px(pad), gap=px(gap), line=px(line), air=px(air), air_least=px(air_least), disc=px(disc), topic=px(topic),
        lead={Lead.NONE: 0} | {kind: px(mm) for kind, mm in lead.items()},
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPlan:
    """A row whose texts are set."""

    row: Row
    m: Measures
    stacked: bool
    lead: Lead
    face: Face
    title: Set
    below: tuple[tuple[Kind, Set], ...]
    label: Set | None  # right column, small
    verdict: Set | None  # right column, large: value or a short reason
    column: float  # width of the right column
    end: float  # width of the disc or chevron at the end, with its gap
    strip: tuple[Set, ...]
    h: float  # as it is drawn where there is room
    least: float

    @property
    def lead_w(self) -> float:
        return self.m.lead[self.lead]

    @property
    def text_x(self) -> float:
        """Where the title starts, from the left edge of the row."""
        return self.m.pad + (self.lead_w + self.m.gap if self.lead_w else 0)

    @property
    def tail(self) -> float:
        """Width of everything after the title."""
        return (self.column + self.m.gap if self.column else 0.0) + self.end

    @property
    def text_h(self) -> float:
        return height(self.title, TITLE_PITCH) + sum(height(s) + self.m.line for _, s in self.below)

    @property
    def strip_h(self) -> float:
        if not self.strip:
            return 0.0
        return sum(height(s) for s in self.strip) + self.m.line * (len(self.strip) - 1) + self.m.line * 2.4


def plan(sheet: Sheet, row: Row, width: float, title_lines: int = 0) -> RowPlan:
    """Sets the texts of a row that will be `width` pixels wide; `title_lines` cuts a title shorter than usual."""
    if sheet.modes.large or width < sheet.px(BESIDE_MM_MIN):
        return _plan(sheet, row, width, title_lines, stacked=True)
    beside = _plan(sheet, row, width, title_lines, stacked=False)
    if sheet.look.panel.roomy or len(beside.title.lines) < 3:
        return beside
    below = _plan(sheet, row, width, title_lines, stacked=True)
    return below if below.h < beside.h else beside


def _plan(sheet: Sheet, row: Row, width: float, title_lines: int, *, stacked: bool) -> RowPlan:
    m = measures(sheet)
    lead = _lead(sheet, row, stacked)
    label, verdict, column = _right_column(sheet, row, width, stacked)
    end = _end(sheet, row, m, stacked)
    start = m.pad + (m.lead[lead] + m.gap if m.lead[lead] else 0)
    whole = width - start - m.pad
    room = whole - (column + m.gap if column else 0) - end
    face = _face(sheet, row)
    title = _title(sheet, row, room, lead, face, title_lines)
    short_reason = verdict is not None and not row.value
    below = tuple(_below(sheet, row, room, whole, m, len(title.lines), stacked, short_reason))
    strip = tuple(_strip(sheet, row, whole, in_strip=not (stacked or short_reason or row.value)))
    draft = RowPlan(
        row=row, m=m, stacked=stacked, lead=lead, face=face, title=title, below=below, label=label, verdict=verdict,
        column=column, end=end, strip=strip, h=0, least=0,
    )  # fmt: skip
    return _with_heights(sheet, draft)


def _with_heights(sheet: Sheet, draft: RowPlan) -> RowPlan:
    m, row = draft.m, draft.row
    beside = sum(height(s) + m.line * 0.6 for s in (draft.label, draft.verdict) if s)
    inner = max(draft.text_h, beside, draft.lead_w if draft.lead is not Lead.LEAF else 0)
    touch = sheet.px(TARGET_MM_MIN + 0.3) if row.button else 0
    ideal, floor = _ideal(sheet, row, draft)
    h = max(inner + 2 * m.air, ideal, touch) + draft.strip_h
    least = max(inner + 2 * m.air_least, floor, touch) + draft.strip_h
    fields = {name: getattr(draft, name) for name in draft.__dataclass_fields__}
    return RowPlan(**{**fields, "h": round(h), "least": round(min(least, h))})


def _ideal(sheet: Sheet, row: Row, draft: RowPlan) -> tuple[float, float]:
    """Height of a row as designed, and the least that still looks like it."""
    if draft.lead is Lead.LEAF and draft.lead_w:
        return sheet.px(61), sheet.px(61)
    if not sheet.look.panel.roomy:
        return 0.0, 0.0
    if draft.stacked:
        return sheet.px(28), sheet.px(24)
    plain = not row.sub and not row.reason and row.icon in STATES and row.spine < 0
    return (sheet.px(26), sheet.px(23)) if plain else (sheet.px(38), sheet.px(32.5))


def has_topic(sheet: Sheet, row: Row) -> bool:
    """The icon stands small before the state line, under the title of a book."""
    return bool(row.icon) and row.icon not in STATES and row.spine >= 0 and not sheet.modes.large


def _lead(sheet: Sheet, row: Row, stacked: bool) -> Lead:
    if row.chosen is not None:
        return Lead.TICK_BOX
    if stacked:
        return Lead.STATE if row.icon in STATES else Lead.ICON if row.icon else Lead.NONE
    if row.leaf:
        return Lead.LEAF
    if row.icon and row.icon not in STATES and row.spine < 0:
        return Lead.TILE
    return Lead.SPINE if row.spine >= 0 and sheet.theme.name != "contrast" else Lead.NONE


def _end(sheet: Sheet, row: Row, m: Measures, stacked: bool) -> float:
    if row.icon in STATES and not (stacked and row.chosen is None):
        return m.disc + m.gap
    return m.topic + m.gap * 0.6 if row.button and row.chosen is None else 0.0


def _face(sheet: Sheet, row: Row) -> Face:
    book = row.spine >= 0 or row.icon in STATES
    return sheet.title_face if book and not row.leaf else Face.BOLD


def value_size(sheet: Sheet, row: Row) -> int:
    """A date or an amount is the largest thing on its row; a word is as large as the title."""
    return sheet.size(Size.BUTTON if any(c.isdigit() for c in row.value) else Size.BODY)


def _right_column(sheet: Sheet, row: Row, width: float, stacked: bool) -> tuple[Set | None, Set | None, float]:
    if stacked:
        return None, None, 0.0
    brush = sheet.brush()
    most = width * VALUE_SHARE_MAX
    label = brush.fit(row.label, most, sheet.sizes(Size.CAPTION), 2) if row.label else None
    verdict = None
    if row.value:
        sizes = sorted({value_size(sheet, row), sheet.size(Size.BODY)}, reverse=True)
        verdict = brush.fit(row.value, most, sizes, 2, Face.BOLD)
    elif row.reason:
        short = brush.fit(row.reason, width * REASON_SHARE_MAX, sheet.sizes(Size.BODY), 1, Face.BOLD)
        verdict = None if short.squeezed else short
    need = [brush.width(line, label.size_px) for line in label.lines] if label else []
    need += [brush.width(line, verdict.size_px, Face.BOLD) for line in verdict.lines] if verdict else []
    return label, verdict, max(need, default=0)


def _title(sheet: Sheet, row: Row, room: float, lead: Lead, face: Face, title_lines: int) -> Set:
    brush = sheet.brush()
    if title_lines:
        return brush.cut(row.title, room, sheet.size(Size.BODY), title_lines, face)
    body = sheet.sizes(Size.BUTTON if row.leaf else Size.BODY)
    if lead in (Lead.TILE, Lead.ICON) and row.spine < 0:
        found = brush.fit(row.title, room, sheet.sizes(Size.BUTTON), 1, face)
        if not found.squeezed:
            return found
    found = brush.fit(row.title, room, body, 2, face, even=True)
    if not found.squeezed:
        return found
    if row.spine < 0 and not row.chosen:  # a sentence, not the title of a book
        return brush.fit(row.title, room, body, SENTENCE_LINES_MAX, face)
    lines = TITLE_LINES_MAX if sheet.look.panel.roomy else TITLE_LINES_MAX_SMALL
    return brush.cut(row.title, room, body[-1], lines, face)


def _below(
    sheet: Sheet, row: Row, room: float, whole: float, m: Measures, title_lines: int, stacked: bool, short_reason: bool
) -> list[tuple[Kind, Set]]:
    brush, label, body = sheet.brush(), sheet.sizes(Size.LABEL), sheet.sizes(Size.BODY)
    found: list[tuple[Kind, Set]] = []
    crowded = stacked or title_lines > 1 or not sheet.look.panel.roomy
    call_number = row.spine >= 0 and bool(row.value or row.reason)
    if row.sub and not (call_number and crowded):
        found.append((Kind.SUB, brush.fit(row.sub, room, sheet.sizes(Size.CAPTION), 4)))
    if stacked and row.value:
        text = " ".join(t for t in (row.label, row.value) if t)
        found.append((Kind.VALUE, brush.fit(text, room, body, 3, Face.BOLD)))
    if row.reason and (stacked or row.value) and not short_reason:
        lead = m.topic * 1.3 if has_topic(sheet, row) else 0.0
        found.append(
            (Kind.STATE, brush.fit(row.reason, room - lead, body if stacked else label, SENTENCE_LINES_MAX, Face.BOLD))
        )
    wide = (whole if row.leaf else room) - m.gap
    found += [(Kind.ITEM, brush.fit(item, wide, label, 4)) for item in row.items]
    return found


def _strip(sheet: Sheet, row: Row, room: float, *, in_strip: bool) -> list[Set]:
    """The reason where it found no other place, and the remedy."""
    sizes = sheet.sizes(Size.BODY if sheet.modes.large else Size.LABEL)
    texts = [row.reason if in_strip else "", row.remedy]
    return [sheet.brush().fit(text, room, sizes, 6, Face.BOLD) for text in texts if text]


def meaning(row: Row) -> Tone:
    """A plain tick says "may be", in the colour of go and with a pale disc; a tick of tone go says done."""
    return Tone.GO if row.tone is Tone.PLAIN and row.icon is Icon.CHECK else row.tone
