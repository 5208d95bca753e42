"""ISO/IEC 15962 data sets: `precursor [oid] [offset] length data [pad]`, one after the other, up to a 00.

precursor: bit 7 = an offset byte follows, bits 6 to 4 = compaction code, bits 3 to 0 = OID, 15 = the next byte holds
OID - 15. The offset byte counts the pad bytes after the data: a set that may be locked must fill whole blocks.
Source: ISO/IEC 15962; ISO 28560-2, Annex D (`91 00 05 ...` fills 8 bytes exactly) and tags whose pads are 80.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from drivers.rfid.tags.content import Element
from drivers.rfid.tags.errors import CannotEncode, Malformed

OFFSET_BIT = 0x80
OID_ESCAPE = 15
OID_MAX = 127
TERMINATOR = 0x00
NULL_BYTE = 0x80
LENGTH_GROUPS_MAX = 4  # 28 bits; no tag is larger


def parse_sets(memory: bytes) -> tuple[tuple[Element, ...], int]:
    """All data sets and where they end (at the 00, if there is one). Raises Malformed unless every byte fits.

    What pads hold is ignored, and the last pad may be cut off by the end of what was read.
    """
    elements: list[Element] = []
    at = 0
    while at < len(memory):
        if memory[at] == TERMINATOR:
            return tuple(elements), at
        if memory[at] == NULL_BYTE:
            at += 1
            continue
        element, at = _parse_set(memory, at)
        elements.append(element)
    return tuple(elements), len(memory)


def _parse_set(memory: bytes, at: int) -> tuple[Element, int]:
    precursor = memory[at]
    oid, at = precursor & 0x0F, at + 1
    if oid == 0:
        raise Malformed("OID 0 is no data element")
    if oid == OID_ESCAPE:
        oid, at = OID_ESCAPE + _byte(memory, at), at + 1
    if oid > OID_MAX:
        raise Malformed("an OID has 7 bits")
    pad = 0
    if precursor & OFFSET_BIT:
        pad, at = _byte(memory, at), at + 1
    length, at = decode_length(memory, at)
    if at + length > len(memory):
        raise Malformed("the data runs over the end of the memory")
    element = Element(oid=oid, code=precursor >> 4 & 0x07, data=memory[at : at + length])
    return element, at + length + pad


def decode_length(memory: bytes, at: int) -> tuple[int, int]:
    """A length and the place behind it: groups of 7 bits, most significant first, bit 7 = more. Raises Malformed."""
    length = 0
    for _ in range(LENGTH_GROUPS_MAX):
        byte, at = _byte(memory, at), at + 1
        length = length << 7 | byte & 0x7F
        if not byte & 0x80:
            return length, at
    raise Malformed("a length has too many bytes")


def _byte(memory: bytes, at: int) -> int:
    if at >= len(memory):
        raise Malformed("a data set is cut off")
    return memory[at]


def pack_sets(elements: Sequence[Element], block_size: int, aligned: Collection[int]) -> bytes:
    """The data sets in this order; those whose OID is in `aligned` end on a block boundary. Raises CannotEncode."""
    memory = b""
    for element in elements:
        packed = _pack_set(element, pad=None)
        overhang = (len(memory) + len(packed)) % block_size
        if element.oid in aligned and overhang:
            # The offset byte itself takes one of the missing bytes.
            packed = _pack_set(element, pad=block_size - overhang - 1)
        memory += packed
    return memory


def _pack_set(element: Element, *, pad: int | None) -> bytes:
    if not 1 <= element.oid <= OID_MAX:
        raise CannotEncode(f"{element.oid} is no OID")
    flag = 0 if pad is None else OFFSET_BIT
    head = [flag | element.code << 4 | min(element.oid, OID_ESCAPE)]
    if element.oid >= OID_ESCAPE:
        head.append(element.oid - OID_ESCAPE)
    if pad is not None:
        head.append(pad)
    return bytes(head) + encode_length(len(element.data)) + element.data + bytes(pad or 0)


def encode_length(length: int) -> bytes:
    """7-bit groups, most significant first; bit 7 of all but the last is set."""
    groups = [length & 0x7F]
    while length := length >> 7:
        groups.append(length & 0x7F | 0x80)
    return bytes(reversed(groups))
