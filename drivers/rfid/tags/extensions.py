"""Extension blocks of the fixed-length model: `LEN ID XOR payload`, one after the other.

LEN counts itself, 0 ends the list, 1 is one byte of filling. ID is 16 bits, least significant byte first; a high byte
of FF makes it `low FF middle high`. The exclusive or of all LEN bytes is 0.
Source: RFID Data Model for Libraries (DS/INF 163-1), 3.3; fields of the structured blocks: ISO 28560-3, tables 5 to 9.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence

from drivers.rfid.tags.content import Extension, Oid
from drivers.rfid.tags.errors import CannotEncode, Malformed
from drivers.rfid.tags.memory import text_field

LIBRARY_BLOCK = 1
FIELDS: dict[int, tuple[Oid, ...]] = {
    # In block 1 the item number and the owner stand for elements 1 and 3 when the basic block has no room for them.
    LIBRARY_BLOCK: (Oid.MEDIA_FORMAT, Oid.ALTERNATIVE_ITEM_ID, Oid.ALTERNATIVE_OWNER),
    2: (
        Oid.SUPPLIER_ID,
        Oid.LOCAL_PRODUCT_ID,
        Oid.ORDER_NUMBER,
        Oid.SUPPLIER_INVOICE_NUMBER,
        Oid.GS1_PRODUCT_ID,
        Oid.SUPPLY_CHAIN_STAGE,
    ),
    3: (Oid.SHELF_LOCATION, Oid.MARC_MEDIA_FORMAT, Oid.ONIX_MEDIA_FORMAT, Oid.SUBSIDIARY_OF_OWNER),
    4: (Oid.TITLE,),
    5: (
        Oid.ILL_BORROWING_INSTITUTION,
        Oid.ILL_TRANSACTION_NUMBER,
        Oid.ALTERNATIVE_ILL_BORROWING_INSTITUTION,
    ),
}
BYTE_FIELDS = (Oid.MEDIA_FORMAT, Oid.SUPPLY_CHAIN_STAGE)
LENGTH_MAX = 255
_ESCAPE = 0xFF


def parse_extensions(data: bytes) -> tuple[tuple[Extension, ...], bytes, bytes]:
    """The good blocks, what stands from the first damaged one on, and what stands behind the end mark."""
    blocks: list[Extension] = []
    at = 0
    while at < len(data):
        length = data[at]
        if length == 0:
            return tuple(blocks), b"", data[at + 1 :]
        if length == 1:
            at += 1
            continue
        try:
            blocks.append(_parse_block(data[at : at + length], length))
        except Malformed:
            return tuple(blocks), data[at:], b""
        at += length
    return tuple(blocks), b"", b""


def _parse_block(frame: bytes, length: int) -> Extension:
    if len(frame) < length or length < 4 or functools.reduce(operator.xor, frame):
        raise Malformed("an extension block is cut off or its checksum is wrong")
    if frame[2] != _ESCAPE:
        return Extension(block_id=frame[1] | frame[2] << 8, payload=frame[4:])
    if length < 6:
        raise Malformed("a long block id is cut off")
    return Extension(block_id=frame[1] | frame[3] << 8 | frame[4] << 16, payload=frame[6:])


def pack_extensions(blocks: Sequence[Extension]) -> bytes:
    """The frames of `blocks`, without an end mark. Raises CannotEncode."""
    return b"".join(_pack_block(block) for block in blocks)


def _pack_block(block: Extension) -> bytes:
    low, middle, high = block.block_id & 0xFF, block.block_id >> 8 & 0xFF, block.block_id >> 16
    if not 0 <= block.block_id < 1 << 24:
        raise CannotEncode("a block id has 24 bits")
    block_id = [low, middle] if block.block_id < _ESCAPE << 8 else [low, _ESCAPE, middle, high]
    length = 1 + len(block_id) + 1 + len(block.payload)
    if length > LENGTH_MAX:
        raise CannotEncode(f"extension block {block.block_id} has {length} bytes, at most {LENGTH_MAX} fit")
    frame = bytes([length, *block_id, 0]) + block.payload
    checksum = functools.reduce(operator.xor, frame)
    return frame[: 1 + len(block_id)] + bytes([checksum]) + frame[2 + len(block_id) :]


def read_fields(block: Extension) -> dict[Oid, str]:
    """The fields of a structured block as text, bytes as two hex digits; empty and unreadable ones are left out.

    Missing fields and a missing last 00 are legal (DS/INF 163-1, 3.3.5).
    """
    fields: dict[Oid, str] = {}
    rest = block.payload
    for oid in FIELDS.get(block.block_id, ()):
        if not rest:
            break
        if oid in BYTE_FIELDS:
            text: str | None = f"{rest[0]:02x}"
            rest = rest[1:]
        else:
            raw, _, rest = rest.partition(b"\x00")
            text = text_field(raw)
        if text:
            fields[oid] = text
    return fields


def build_block(block_id: int, fields: Mapping[Oid, str]) -> Extension:
    """A structured block with these fields; the last 00 is left out, as in ISO 28560-3, B.2. Raises CannotEncode."""
    order = FIELDS[block_id]
    last = max(order.index(oid) for oid in fields)
    payload = b"".join(_field(oid, fields) for oid in order[: last + 1])
    return Extension(block_id=block_id, payload=payload if order[last] in BYTE_FIELDS else payload[:-1])


def _field(oid: Oid, fields: Mapping[Oid, str]) -> bytes:
    if oid not in BYTE_FIELDS:
        return fields.get(oid, "").encode("utf-8") + b"\x00"
    try:
        return bytes([int(fields.get(oid, "00"), 16)])
    except ValueError as error:
        raise CannotEncode(f"element {int(oid)} is one byte, as two hex digits") from error
