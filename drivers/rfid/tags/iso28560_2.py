"""ISO 28560-2 (WH/T 44, GB/T 35660.2): what the data sets of a library tag mean, and how to write them.

Source: ISO 28560-2, clause 6 and Annex D; elements as ISO 28560-1. Tags in the field write the type of usage as one
raw byte (code 0 or 6) or as the text "10" (code 1 or 2); both are read.
"""

from __future__ import annotations

from collections.abc import Sequence

from drivers.rfid.tags.compaction import Code, compact, expand
from drivers.rfid.tags.content import (
    PARTS_MAX,
    Detail,
    Element,
    Oid,
    TagContent,
    TagFormat,
    TagItem,
    TagWarning,
    is_item_id,
)
from drivers.rfid.tags.errors import CannotEncode, Malformed
from drivers.rfid.tags.isil import decode_isil, encode_isil
from drivers.rfid.tags.iso15962 import pack_sets, parse_sets
from drivers.rfid.tags.memory import is_graphic, whole_memory

ISIL_ELEMENTS = (Oid.OWNER_INSTITUTION, Oid.ILL_BORROWING_INSTITUTION)
BYTE_ELEMENTS = (Oid.TYPE_OF_USAGE, Oid.MEDIA_FORMAT, Oid.SUPPLY_CHAIN_STAGE)
_NO_DETAIL = {
    Oid.PRIMARY_ITEM_ID,
    Oid.CONTENT_PARAMETER,
    Oid.OWNER_INSTITUTION,
    Oid.SET_INFORMATION,
    Oid.TYPE_OF_USAGE,
    Oid.MEDIA_FORMAT,
    Oid.ALTERNATIVE_OWNER,
}


def decode_28560_2(memory: bytes) -> TagContent:
    """The content of a tag that begins with a precursor. Raises Malformed unless all of it parses and names an item.

    Blocks must stand in their order: nothing tells a turned memory from another item's data sets.
    """
    elements, end = parse_sets(memory)
    by_oid: dict[int, Element] = {}
    for element in elements:
        by_oid.setdefault(element.oid, element)
    item_id = _item_id([element for element in elements if element.oid == Oid.PRIMARY_ITEM_ID])
    texts = {oid: text for oid, element in by_oid.items() if (text := element_text(element)) is not None}
    parts, ordinal, set_warnings = _parts(texts.get(Oid.SET_INFORMATION))
    warnings = [
        *(_differences(elements, by_oid, texts)),
        *set_warnings,
        *([TagWarning.DATA_AFTER_END] if any(memory[end:]) else []),
    ]
    return TagContent(
        format=TagFormat.ISO_28560_2,
        warnings=tuple(warnings),
        primary_item_id=item_id,
        owner_institution=texts.get(Oid.OWNER_INSTITUTION) or None,
        alternative_owner=texts.get(Oid.ALTERNATIVE_OWNER) or None,
        usage_code=_byte_code(texts.get(Oid.TYPE_OF_USAGE)),
        media_code=_byte_code(texts.get(Oid.MEDIA_FORMAT)),
        parts=parts,
        ordinal=ordinal,
        details=tuple(Detail(oid=oid, text=text) for oid, text in texts.items() if oid not in _NO_DETAIL and text),
        elements=elements,
    )


def _item_id(elements: Sequence[Element]) -> str:
    """Stricter than other elements: a plain text or a damaged tag must not pass for an item."""
    if len(elements) != 1:
        raise Malformed("no primary item identifier, or more than one")
    element = elements[0]
    text = _text(element).strip(" ")
    if not is_item_id(text) or len(text) < _CHARS_MIN.get(Code(element.code), 1):
        raise Malformed("a primary item identifier that is no text, too long or too short for its compaction code")
    return text


# No encoder may choose these codes for less. The head of a damaged fixed-length tag looks like one digit.
_CHARS_MIN = {Code.INTEGER: 2, Code.NUMERIC: 2, Code.FIVE_BIT: 3, Code.SIX_BIT: 4}


def element_text(element: Element) -> str | None:
    """What an element says, as text; None when it is unreadable.

    The content parameter reads as OIDs ("3 4 6"), one-byte elements as two hex digits, an ISIL with its hyphens.
    """
    try:
        text = _text(element).strip("\x00 ")
    except Malformed:
        return None
    return text if is_graphic(text) else None


def _text(element: Element) -> str:
    code = Code(element.code)
    if element.oid in BYTE_ELEMENTS:
        return _byte_text(code, element.data)
    if code is not Code.APPLICATION:
        return expand(code, element.data)
    if element.oid == Oid.CONTENT_PARAMETER:
        return " ".join(str(oid) for oid in _listed(element.data))
    if element.oid in ISIL_ELEMENTS:
        return decode_isil(element.data)
    if element.oid == Oid.SET_INFORMATION:
        return expand(Code.INTEGER, element.data)
    return expand(Code.UTF8, element.data)


def _byte_text(code: Code, data: bytes) -> str:
    if not data:
        return ""
    if code in (Code.APPLICATION, Code.OCTETS) and len(data) == 1:
        return data.hex()
    text = expand(Code.OCTETS if code is Code.APPLICATION else code, data).lower()
    if not 1 <= len(text) <= 2 or any(char not in "0123456789abcdef" for char in text):
        raise Malformed("no byte in two hex digits")
    return text.zfill(2)


def _byte_code(text: str | None) -> int | None:
    return int(text, 16) if text else None


def _listed(bitmap: bytes) -> list[int]:
    """The OIDs of a content parameter: its first bit stands for OID 3."""
    return [3 + at * 8 + bit for at, byte in enumerate(bitmap) for bit in range(8) if byte << bit & 0x80]


def _parts(text: str | None) -> tuple[int, int, list[TagWarning]]:
    """Parts and ordinal of a set: decimal digits, first half and second half ("1203", "21", "012003")."""
    if not text:
        return 1, 1, []
    if not (text.isascii() and text.isdigit()):
        return 1, 1, [TagWarning.SET_INCONSISTENT]
    digits = text.zfill(len(text) + len(text) % 2)
    parts, ordinal = int(digits[: len(digits) // 2]), int(digits[len(digits) // 2 :])
    if 1 <= ordinal <= parts <= PARTS_MAX:
        return parts, ordinal, []
    return 1, 1, [TagWarning.SET_INCONSISTENT]


def _differences(elements: Sequence[Element], by_oid: dict[int, Element], texts: dict[int, str]) -> list[TagWarning]:
    warnings = []
    if len(elements) != len(by_oid):
        warnings.append(TagWarning.ELEMENT_DUPLICATE)
    if len(texts) != len(by_oid):
        warnings.append(TagWarning.ELEMENT_UNREADABLE)
    listing = by_oid.get(Oid.CONTENT_PARAMETER)
    present = sorted(oid for oid in by_oid if oid > Oid.CONTENT_PARAMETER)
    if listing is not None and listing.code == Code.APPLICATION and _listed(listing.data) != present:
        warnings.append(TagWarning.CONTENT_PARAMETER_DIFFERS)
    return warnings


def encode_28560_2(item: TagItem, memory_bytes: int = 112, block_size: int = 4) -> bytes:
    """A whole memory: the item number first, in blocks of its own so that it may be locked, then what else is said.

    Raises CannotEncode when the item does not fit.
    """
    if item.extensions or item.unparsed or item.rfid501 or item.blocks_reversed:
        raise CannotEncode("what was kept of another format has no place in ISO 28560-2")
    code, data = compact(item.primary_item_id)
    number = Element(oid=Oid.PRIMARY_ITEM_ID, code=code, data=data)
    further = sorted(_further(item), key=lambda element: element.oid)
    oids = [element.oid for element in further]
    if len(set(oids)) != len(oids) or any(oid <= Oid.CONTENT_PARAMETER for oid in oids):
        raise CannotEncode("an element is given twice")
    listing = [Element(oid=Oid.CONTENT_PARAMETER, code=Code.APPLICATION, data=_bitmap(oids))] if oids else []
    memory = pack_sets([number, *listing, *further], max(block_size, 1), aligned={Oid.PRIMARY_ITEM_ID})
    return whole_memory(memory, memory_bytes, block_size)


def _further(item: TagItem) -> list[Element]:
    texts = [(detail.oid, detail.text) for detail in item.details]
    if item.owner_institution is not None:
        texts.append((Oid.OWNER_INSTITUTION, item.owner_institution))
    if item.alternative_owner is not None:
        texts.append((Oid.ALTERNATIVE_OWNER, item.alternative_owner))
    if item.parts > 1:
        width = 2 if item.parts < 100 else 3
        texts.append((Oid.SET_INFORMATION, f"{item.parts:0{width}}{item.ordinal:0{width}}"))
    if item.usage_code is not None:
        texts.append((Oid.TYPE_OF_USAGE, f"{item.usage_code:02x}"))
    if item.media_code is not None:
        texts.append((Oid.MEDIA_FORMAT, f"{item.media_code:02x}"))
    return [text_element(oid, text) for oid, text in texts] + list(item.elements)


def text_element(oid: int, text: str) -> Element:
    """An element that reads as `text` (see `element_text`). Raises CannotEncode."""
    if oid in BYTE_ELEMENTS:
        try:
            return Element(oid=oid, code=Code.APPLICATION, data=bytes([int(text, 16)]))
        except ValueError as error:
            raise CannotEncode(f"element {oid} is one byte, as two hex digits") from error
    if oid in ISIL_ELEMENTS:
        try:
            return Element(oid=oid, code=Code.APPLICATION, data=encode_isil(text))
        except CannotEncode:
            pass  # not made of ISIL characters: an ordinary text
    code, data = compact(text)
    return Element(oid=oid, code=code, data=data)


def _bitmap(oids: Sequence[int]) -> bytes:
    bits = sum(1 << (max(oids) - oid) for oid in oids)
    width = max(oids) - 2
    spare = -width % 8
    return (bits << spare).to_bytes((width + spare) // 8, "big")
