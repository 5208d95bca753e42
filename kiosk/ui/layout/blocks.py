"""Blocks that stand one below the other and share a height, on as many pages as they need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from kiosk.ui.scene import Box, Part

AIR_MAX: Final = 0.8  # how much wider a gap may grow, as a share of itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """`least` and `want` in pixels; with `most` above `want` it takes a share of what is left over.

    An `item` is one of a list: it stands closer to its neighbours, and the pager counts it.
    """

    least: float
    want: float
    draw: Callable[[Box], list[Part]]
    most: float = 0.0
    item: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """Pixels between blocks, and between the items of a list."""

    block: float
    item: float

    def between(self, one: Block, other: Block) -> float:
        return self.item if one.item and other.item else self.block

    def total(self, blocks: Sequence[Block]) -> float:
        return sum(self.between(a, b) for a, b in pairwise(blocks))


def paged(blocks: Sequence[Block], room: float, gaps: Gaps, pager: float) -> list[list[Block]]:
    """Whole blocks to a page; `pager` pixels are kept free when there is more than one page."""
    if least(blocks, gaps) <= room + 0.5:
        return [list(blocks)]
    most = room - pager - gaps.item + 0.5
    pages: list[list[Block]] = [[]]
    for block in blocks:
        if pages[-1] and least([*pages[-1], block], gaps) > most:
            pages.append([])
        pages[-1].append(block)
    return _accompanied(pages, most, gaps)


def _accompanied(pages: list[list[Block]], most: float, gaps: Gaps) -> list[list[Block]]:
    """What ends a list does not stand on a page without any of it: the last items turn the page with it."""
    *_, before, last = pages
    while not any(b.item for b in last) and len(before) > 1 and before[-1].item:
        if least([before[-1], *last], gaps) > most:
            break
        last.insert(0, before.pop())
    return pages


def least(blocks: Sequence[Block], gaps: Gaps) -> float:
    return sum(block.least for block in blocks) + gaps.total(blocks)


def want(blocks: Sequence[Block], gaps: Gaps) -> float:
    return sum(block.want for block in blocks) + gaps.total(blocks)


def stack(blocks: Sequence[Block], box: Box, gaps: Gaps, *, airy: bool = False) -> list[Part]:
    """Draws the blocks from the top of the box down. `airy` uses up what is left over."""
    heights = _heights(blocks, box.h - gaps.total(blocks), airy=airy)
    air = 0.0
    if airy and len(blocks) > 1:
        spare = box.h - sum(heights) - gaps.total(blocks)
        air = max(0.0, min(AIR_MAX, spare / len(blocks) / gaps.block))
    parts: list[Part] = []
    y = box.y
    for i, (block, h) in enumerate(zip(blocks, heights, strict=True)):
        if i:
            y += gaps.between(blocks[i - 1], block) * (1 + air * (not block.item))
        parts += block.draw(Box(box.x, y, box.w, h))
        y += h
    return parts


def _heights(blocks: Sequence[Block], room: float, *, airy: bool) -> list[float]:
    heights = [block.want for block in blocks]
    spare = room - sum(heights)
    if spare < 0:
        give = [block.want - block.least for block in blocks]
        total = sum(give)
        share = min(1.0, -spare / total) if total else 0.0
        return [block.want - g * share for block, g in zip(blocks, give, strict=True)]
    grow = [max(0.0, block.most - block.want) if airy else 0.0 for block in blocks]
    total = sum(grow)
    share = min(1.0, spare / total) if total else 0.0
    return [h + g * share for h, g in zip(heights, grow, strict=True)]
