"""The 3M tag ("RFID 501: RFID Standard for Libraries").

| bytes | field |
|---|---|
| 0 | 04 |
| 1 | ordinal (high nibble), number of parts (low nibble) |
| 2 | 00 |
| 3 | item type |
| 4-19 | item number, 00-padded |
| 20-23 | branch (12 bits), library (20 bits), most significant byte first |
| 24-27 | custom, a signed number, most significant byte first |

Source: Biblio-RFID, RFID501; 3M publishes no layout. There is no place for an owner's ISIL or a type of usage.
"""

from __future__ import annotations

from drivers.rfid.tags.content import Rfid501Fields, TagContent, TagFormat, TagItem, TagWarning
from drivers.rfid.tags.errors import CannotEncode, Malformed
from drivers.rfid.tags.memory import padded, text_field, whole_memory
from drivers.rfid.tags.usage import MediaFormat, TagUsage

SIGNATURE = 0x04
ITEM_ID_BYTES = 16
RECORD_BYTES = 24  # without the custom number
CUSTOM_END = 28
PARTS_MAX = 15
_MEDIA = {
    1: MediaFormat.BOOK,
    2: MediaFormat.OTHER,  # magazine
    3: MediaFormat.BOOK,  # bound journal
    4: MediaFormat.MAGNETIC_TAPE,  # audio tape
    5: MediaFormat.MAGNETIC_TAPE,  # video
    6: MediaFormat.CD_DVD,
    7: MediaFormat.OTHER,  # diskette
    8: MediaFormat.BOOK,  # with diskette
    9: MediaFormat.BOOK,  # with CD
    13: MediaFormat.BOOK,  # with audio tape
}
_ITEM_TYPE = {MediaFormat.BOOK: 1, MediaFormat.CD_DVD: 6, MediaFormat.MAGNETIC_TAPE: 4}


def decode_rfid501(memory: bytes) -> TagContent:
    """The content of a 3M tag. Raises Malformed."""
    if len(memory) < RECORD_BYTES or memory[0] != SIGNATURE or memory[2] != 0:
        raise Malformed("no 3M tag")
    raw = memory[4:20]
    item_id = text_field(raw)
    if not item_id or not item_id.isascii() or any(raw.partition(b"\x00")[2]):
        raise Malformed("no item number where a 3M tag has it")
    ordinal, parts = memory[1] >> 4, memory[1] & 0x0F
    consistent = 1 <= ordinal <= parts
    place = int.from_bytes(memory[20:24], "big")
    return TagContent(
        format=TagFormat.RFID_501,
        warnings=() if consistent else (TagWarning.SET_INCONSISTENT,),
        primary_item_id=item_id,
        media_code=_MEDIA.get(memory[3]),
        parts=parts if consistent else 1,
        ordinal=ordinal if consistent else 1,
        rfid501=Rfid501Fields(
            item_type=memory[3],
            branch=place >> 20,
            library=place & 0xFFFFF,
            custom=int.from_bytes(memory[24:CUSTOM_END], "big", signed=True) if len(memory) >= CUSTOM_END else 0,
        ),
    )


def encode_rfid501(item: TagItem, memory_bytes: int = 32, block_size: int = 4) -> bytes:
    """A whole memory. Raises CannotEncode for all the layout has no place for, and when the item does not fit."""
    if item.owner_institution or item.alternative_owner or item.details or item.elements or item.extensions:
        raise CannotEncode("a 3M tag has an item number and a type, nothing else")
    if TagUsage.of(item.usage_code) not in (TagUsage.CIRCULATING, TagUsage.NO_INFORMATION):
        raise CannotEncode("a 3M tag has no place for a type of usage")
    if item.parts > PARTS_MAX:
        raise CannotEncode(f"a 3M tag counts {PARTS_MAX} parts")
    if not item.primary_item_id.isascii():
        raise CannotEncode("the item number of a 3M tag is ASCII")
    kept = item.rfid501 or Rfid501Fields(item_type=_ITEM_TYPE.get(MediaFormat.of(item.media_code), 0))
    try:
        place = (kept.branch << 20 | kept.library).to_bytes(4, "big")
        custom = kept.custom.to_bytes(4, "big", signed=True)
        head = bytes([SIGNATURE, item.ordinal << 4 | item.parts, 0, kept.item_type])
    except (OverflowError, ValueError) as error:
        raise CannotEncode("a kept field is too large for a 3M tag") from error
    record = head + padded(item.primary_item_id, ITEM_ID_BYTES, "the item number") + place + custom
    return whole_memory(record, memory_bytes, block_size, blocks_reversed=item.blocks_reversed)
