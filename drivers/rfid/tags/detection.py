"""Which format a tag has, and what it says: never raises, whatever the bytes are."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable, Sequence

from drivers.rfid.tags.content import TagContent, TagFormat, TagWarning
from drivers.rfid.tags.errors import Malformed
from drivers.rfid.tags.fixed import FixedLayout, decode_fixed
from drivers.rfid.tags.iso28560_2 import decode_28560_2
from drivers.rfid.tags.iso28560_3 import decode_28560_3, looks_fixed_length
from drivers.rfid.tags.memory import is_blank, reverse_blocks
from drivers.rfid.tags.rfid501 import decode_rfid501

DEFAULT_ORDER = (TagFormat.ISO_28560_3, TagFormat.ISO_28560_2, TagFormat.RFID_501, TagFormat.FIXED)

DSFID_FORMATS = {0x06: TagFormat.ISO_28560_2, 0x3E: TagFormat.ISO_28560_3}
"""What the data format identifier promises. Many tags carry 00 whatever is on them: it is a hint."""

LIBRARY_AFIS = frozenset({0x07, 0xC2, 0xD7, 0xDA, 0x21})
"""In stock and on loan (ISO 28560-1), secured and not secured at 3M sites, on loan as libdanrfid writes it."""

_CONFIDENCE = {
    TagFormat.BLANK: 100,
    TagFormat.ISO_28560_3: 90,  # a checksum
    TagFormat.ISO_28560_2: 75,  # every byte parses
    TagFormat.RFID_501: 60,  # two constant bytes and a text
    TagFormat.FIXED: 50,  # a pattern the site chose
    TagFormat.UNKNOWN: 0,
}
_DSFID_FITS, _DSFID_DIFFERS = 10, -20
_AFI_KNOWN, _AFI_FOREIGN = 5, -10
_ITEM_NUMBER_UNEXPECTED = -30
_BLOCKS_REVERSED = -5


def detect(
    memory: bytes,
    *,
    block_size: int = 4,
    dsfid: int | None = None,
    afi: int | None = None,
    layouts: Sequence[FixedLayout] = (),
    order: Sequence[TagFormat] = DEFAULT_ORDER,
    item_number: re.Pattern[str] | None = None,
) -> TagContent:
    """What is written on a tag.

    `memory` is the user memory from block 0 on, as read. Formats not in `order` are not tried; where several decode,
    the one the DSFID promises wins, then one with a readable item number, then one whose number matches
    `item_number` (as a whole), then the first in `order`. AFI and DSFID else only move the confidence.
    """
    if is_blank(memory, block_size):
        return TagContent(format=TagFormat.BLANK, confidence=_CONFIDENCE[TagFormat.BLANK])
    turned = reverse_blocks(memory, block_size)
    candidates = _candidates(memory, turned, dsfid, layouts, order)
    if not candidates:
        damaged = TagFormat.ISO_28560_3 in order and _looks_fixed_length(memory, turned)
        return TagContent(format=TagFormat.UNKNOWN, warnings=(TagWarning.CHECKSUM_BAD,) if damaged else ())

    def merit(content: TagContent) -> tuple[bool, bool, bool]:
        fits = DSFID_FORMATS.get(dsfid or 0) is content.format
        return fits, content.primary_item_id is not None, _expected(content, item_number)

    best = max(candidates, key=merit)
    item_ids = {content.primary_item_id for content in candidates if content.primary_item_id}
    ambiguous = [TagWarning.AMBIGUOUS] if len(item_ids) > 1 else []
    return _scored(best, ambiguous, dsfid, afi, item_number)


def _candidates(
    memory: bytes, turned: bytes, dsfid: int | None, layouts: Sequence[FixedLayout], order: Sequence[TagFormat]
) -> list[TagContent]:
    """Everything that decodes, in the site's order; where a checksum or a signature tells, in turned blocks too."""
    fixed_length = _try(decode_28560_3, memory) or _try_turned(decode_28560_3, turned)
    found: dict[TagFormat, list[TagContent | None]] = {
        TagFormat.ISO_28560_3: [fixed_length],
        TagFormat.RFID_501: [_try(decode_rfid501, memory) or _try_turned(decode_rfid501, turned)],
        TagFormat.FIXED: [_try(functools.partial(decode_fixed, layout=layout), memory) for layout in layouts],
    }
    # The head of a fixed-length tag often passes for a data set with another number, more so when it is damaged.
    promised = DSFID_FORMATS.get(dsfid or 0) is TagFormat.ISO_28560_2
    if not _looks_fixed_length(memory, turned) or (promised and fixed_length is None):
        found[TagFormat.ISO_28560_2] = [_try(decode_28560_2, memory)]
    return _in_order(found, order)


def _in_order(found: dict[TagFormat, list[TagContent | None]], order: Sequence[TagFormat]) -> list[TagContent]:
    return [content for tag_format in order for content in found.get(tag_format, []) if content is not None]


_Decoder = Callable[[bytes], TagContent]


def _try(decoder: _Decoder, memory: bytes) -> TagContent | None:
    try:
        return decoder(memory)
    except Malformed:
        return None


def _try_turned(decoder: _Decoder, turned: bytes) -> TagContent | None:
    content = _try(decoder, turned)
    if content is None:
        return None
    return dataclasses.replace(content, blocks_reversed=True, warnings=(*content.warnings, TagWarning.BLOCKS_REVERSED))


def _looks_fixed_length(memory: bytes, turned: bytes) -> bool:
    return looks_fixed_length(memory) or looks_fixed_length(turned)


def _expected(content: TagContent, item_number: re.Pattern[str] | None) -> bool:
    return item_number is None or item_number.fullmatch(content.primary_item_id or "") is not None


def _scored(
    content: TagContent,
    warnings: list[TagWarning],
    dsfid: int | None,
    afi: int | None,
    item_number: re.Pattern[str] | None,
) -> TagContent:
    confidence = _CONFIDENCE[content.format]
    if promised := DSFID_FORMATS.get(dsfid or 0):
        confidence += _DSFID_FITS if promised is content.format else _DSFID_DIFFERS
        warnings += [] if promised is content.format else [TagWarning.DSFID_DIFFERS]
    if afi:
        confidence += _AFI_KNOWN if afi in LIBRARY_AFIS else _AFI_FOREIGN
        warnings += [] if afi in LIBRARY_AFIS else [TagWarning.AFI_FOREIGN]
    if content.primary_item_id is None:
        warnings.append(TagWarning.NO_ITEM_ID)
    elif not _expected(content, item_number):
        confidence += _ITEM_NUMBER_UNEXPECTED
        warnings.append(TagWarning.ITEM_NUMBER_UNEXPECTED)
    if content.blocks_reversed:
        confidence += _BLOCKS_REVERSED
    return dataclasses.replace(
        content, confidence=max(0, min(100, confidence)), warnings=(*content.warnings, *warnings)
    )
