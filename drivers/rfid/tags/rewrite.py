"""From what stood on a tag to what is to stand there again: nothing known or unknown gets lost on the way."""

from __future__ import annotations

from drivers.rfid.tags.content import Detail, Element, Extension, Oid, TagContent, TagFormat, TagItem
from drivers.rfid.tags.errors import CannotEncode
from drivers.rfid.tags.extensions import LIBRARY_BLOCK, build_block, read_fields


def item_of(content: TagContent) -> TagItem | None:
    """The item as it can be written back in the same format, with `dataclasses.replace` for what is to change.

    None when the tag names no item. Data behind an end mark is no data and is not kept.
    """
    if content.primary_item_id is None:
        return None
    block = next((block for block in content.extensions if block.block_id == LIBRARY_BLOCK), None)
    opaque = block if block is not None and not _rebuilds(block) else None
    return TagItem(
        primary_item_id=content.primary_item_id,
        owner_institution=content.owner_institution,
        alternative_owner=None if opaque else content.alternative_owner,
        usage_code=content.usage_code,
        media_code=None if opaque else content.media_code,
        parts=content.parts,
        ordinal=content.ordinal,
        details=() if opaque else _alternative_id(content),
        elements=_unsaid(content),
        extensions=tuple(kept for kept in content.extensions if kept is not block or opaque),
        unparsed=content.unparsed,
        rfid501=content.rfid501,
        blocks_reversed=content.blocks_reversed,
    )


def converted(content: TagContent) -> TagItem | None:
    """The item for writing in another format: what was understood, without the remains of the old one."""
    if content.primary_item_id is None:
        return None
    return TagItem(
        primary_item_id=content.primary_item_id,
        owner_institution=content.owner_institution,
        alternative_owner=content.alternative_owner,
        usage_code=content.usage_code,
        media_code=content.media_code,
        parts=content.parts,
        ordinal=content.ordinal,
        details=content.details,
    )


def _unsaid(content: TagContent) -> tuple[Element, ...]:
    """The elements of ISO 28560-2 that no field of the item writes again, byte for byte; of duplicates the first."""
    said: set[int] = {Oid.PRIMARY_ITEM_ID, Oid.CONTENT_PARAMETER}
    said |= {Oid.OWNER_INSTITUTION} if content.owner_institution is not None else set()
    said |= {Oid.ALTERNATIVE_OWNER} if content.alternative_owner is not None else set()
    said |= {Oid.TYPE_OF_USAGE} if content.usage_code is not None else set()
    said |= {Oid.MEDIA_FORMAT} if content.media_code is not None else set()
    said |= {Oid.SET_INFORMATION} if content.parts > 1 else set()
    first = {element.oid: element for element in reversed(content.elements)}
    return tuple(element for oid, element in sorted(first.items()) if oid not in said)


def _alternative_id(content: TagContent) -> tuple[Detail, ...]:
    if content.format is not TagFormat.ISO_28560_3:
        return ()
    return tuple(detail for detail in content.details if detail.oid == Oid.ALTERNATIVE_ITEM_ID)


def _rebuilds(block: Extension) -> bool:
    """Whether the library block says only what its fields say; otherwise it is kept as it is."""
    fields = read_fields(block)
    try:
        return bool(fields) and build_block(LIBRARY_BLOCK, fields).payload == block.payload.rstrip(b"\x00")
    except CannotEncode:
        return False
