"""ISO 28560-3 / DS/INF 163-1: the fixed-length model, 34 bytes and extension blocks, on small tags the first 32.

| bytes | field |
|---|---|
| 0 | version (high nibble, 1), type of usage class (low nibble) |
| 1, 2 | number of parts, ordinal |
| 3-18 | primary item identifier, 00-padded; 01 00 ... = it stands in extension block 1 |
| 19, 20 | CRC, least significant byte first, over bytes 0-18 and 21-33 |
| 21-33 | owner: ISIL prefix (2), ISIL unit (11), without the hyphen between; 01 = it stands in extension block 1 |
| 34- | extension blocks |

Source: ISO 28560-3, tables 2 to 5 and Annex B; its clarification of 2011-11-04; DS/INF 163-1, 3.2. What writers do
otherwise (libdanrfid, Lainuri, ISO28560 of TH Wildau) is read and named by a warning: nibbles of byte 0 exchanged,
set bytes exchanged, blocks reversed, and on 32-byte tags a CRC over 30 bytes instead of 32.
"""

from __future__ import annotations

from collections.abc import Sequence

from drivers.rfid.tags.content import Detail, Extension, Oid, TagContent, TagFormat, TagItem, TagWarning, is_item_id
from drivers.rfid.tags.crc import crc16
from drivers.rfid.tags.errors import CannotEncode, Malformed
from drivers.rfid.tags.extensions import (
    FIELDS,
    LIBRARY_BLOCK,
    build_block,
    pack_extensions,
    parse_extensions,
    read_fields,
)
from drivers.rfid.tags.memory import padded, text_field, whole_memory
from drivers.rfid.tags.usage import TagUsage

BASIC_BYTES = 34
SMALL_BYTES = 32
VERSION = 1
ITEM_ID_BYTES = 16
PREFIX_BYTES = 2
UNIT_BYTES = 11
ELSEWHERE = b"\x01"  # the field's text stands in the library extension block


def decode_28560_3(memory: bytes) -> TagContent:
    """The content of a tag whose checksum is right, in either form. Raises Malformed."""
    if len(memory) < SMALL_BYTES:
        raise Malformed("too short for a basic block")
    warnings = _check_crc(memory)
    if memory[0] >> 4 != VERSION and max(memory[1:3]) > _USUAL_PARTS_MAX:
        # A plain text, which one checksum in 65,536 fits by chance: it has letters in all three places.
        raise Malformed("neither a version nor a number of parts")
    usage_class, version_warnings = _usage_class(memory[0])
    parts, ordinal, set_warnings = _parts(memory[1], memory[2])
    extensions, unparsed, behind = parse_extensions(memory[BASIC_BYTES:])
    library = next((read_fields(block) for block in extensions if block.block_id == LIBRARY_BLOCK), {})
    item_id, alternative_id = _here_or_there(_item_id(memory), library.get(Oid.ALTERNATIVE_ITEM_ID))
    if item_id is not None and not is_item_id(item_id):
        item_id = None
    owner, alternative_owner = _here_or_there(_owner(memory), library.get(Oid.ALTERNATIVE_OWNER))
    warnings += version_warnings + set_warnings
    warnings += [TagWarning.EXTENSION_DAMAGED] if unparsed else []
    warnings += [TagWarning.DATA_AFTER_END] if any(behind) else []
    media = library.get(Oid.MEDIA_FORMAT)
    return TagContent(
        format=TagFormat.ISO_28560_3,
        warnings=tuple(warnings),
        primary_item_id=item_id,
        owner_institution=owner,
        alternative_owner=alternative_owner,
        usage_code=usage_class << 4,
        media_code=int(media, 16) if media else None,
        parts=parts,
        ordinal=ordinal,
        details=_details(extensions, alternative_id),
        extensions=extensions,
        unparsed=unparsed,
    )


def _check_crc(memory: bytes) -> list[TagWarning]:
    stored = int.from_bytes(memory[19:21], "little")
    basic = memory[:BASIC_BYTES] if len(memory) >= BASIC_BYTES else memory[:SMALL_BYTES].ljust(BASIC_BYTES, b"\x00")
    if crc16(_covered(basic)) == stored:
        return []
    if len(memory) < BASIC_BYTES and crc16(_covered(memory[:SMALL_BYTES])) == stored:
        return [TagWarning.CRC_UNPADDED]
    raise Malformed("the checksum is wrong")


def _covered(basic: bytes) -> bytes:
    return basic[:19] + basic[21:]


def _usage_class(byte: int) -> tuple[int, list[TagWarning]]:
    """The class nibble. Exchanged nibbles (21, 71: libdanrfid) show by a 1 where the usage should be."""
    high, low = byte >> 4, byte & 0x0F
    if high == VERSION:
        return low, []
    if low == VERSION and high:
        return high, [TagWarning.NIBBLES_SWAPPED]
    return low, [TagWarning.VERSION_UNEXPECTED]


def _parts(first: int, second: int) -> tuple[int, int, list[TagWarning]]:
    """Parts and ordinal. Sources disagree on the order, but an ordinal is never above the number of parts."""
    parts, ordinal = max(first, second), min(first, second)
    warnings = [TagWarning.SET_BYTES_SWAPPED] if second > first else []
    if parts and not ordinal:
        warnings.append(TagWarning.SET_INCONSISTENT)
    return max(parts, 1), max(ordinal, 1), warnings


def _item_id(memory: bytes) -> str | None:
    return text_field(memory[3:19]) or None  # ELSEWHERE is no text either


def _owner(memory: bytes) -> str | None:
    prefix, unit = text_field(memory[21:23]), text_field(memory[23:BASIC_BYTES])
    if prefix is None or unit is None:
        return None
    return f"{prefix}-{unit}" if prefix and unit else prefix or unit or None


def _here_or_there(basic: str | None, library: str | None) -> tuple[str | None, str | None]:
    """The text, and the alternative beside it: block 1 holds the first when the basic block has none."""
    return (basic, library) if basic else (library, None)


def _details(extensions: Sequence[Extension], alternative_id: str | None) -> tuple[Detail, ...]:
    found = [Detail(oid=Oid.ALTERNATIVE_ITEM_ID, text=alternative_id)] if alternative_id else []
    for block in extensions:
        if block.block_id != LIBRARY_BLOCK:
            found += [Detail(oid=oid, text=text) for oid, text in read_fields(block).items()]
    return tuple(found)


def looks_fixed_length(memory: bytes) -> bool:
    """Whether this is the fixed-length model, up to a few bytes that do not fit, whatever its checksum says.

    Such a tag can pass for data sets of ISO 28560-2 and would then name another item. A real ISO 28560-2 tag does not
    come here: the lengths and OIDs of its sets are no text, or, with the item number alone on the tag, the place of the
    checksum is 00.
    """
    if len(memory) < SMALL_BYTES or memory[19:21] == b"\x00\x00":
        return False
    strange = 0 if VERSION in (memory[0] >> 4, memory[0] & 0x0F) else 1
    strange += 0 if 1 <= min(memory[1], memory[2]) <= max(memory[1], memory[2]) <= _USUAL_PARTS_MAX else 1
    for field in (memory[3:19], memory[21:23], memory[23:BASIC_BYTES]):
        text, _, behind = field.partition(b"\x00")
        # Bytes behind the text each count, but a hole in a text counts once.
        strange += _strange_bytes(text) + min(sum(map(bool, behind)), _strange_bytes(behind) + 1)
    return strange <= _STRANGE_MAX


_USUAL_PARTS_MAX = 32
# Measured: three flipped bits make up to 3 things strange; of 300,000 random ISO 28560-2 tags none had fewer than 5.
_STRANGE_MAX = 4


def _strange_bytes(text: bytes) -> int:
    return sum(byte != 0 and not 0x20 < byte < 0x7F for byte in text)


def encode_28560_3(item: TagItem, memory_bytes: int = 112, block_size: int = 4) -> bytes:
    """A whole memory, its checksum in the padded form. Raises CannotEncode when the item does not fit.

    The layout has only the class of a type of usage: a rule such as "not for issue offline" is refused, not dropped.
    """
    if item.elements or item.rfid501:
        raise CannotEncode("what was kept of another format has no place in ISO 28560-3")
    small = memory_bytes < BASIC_BYTES
    item_id, library = _place_item_id(item)
    owner, owner_library = _place_owner(item, 9 if small else UNIT_BYTES)
    extensions = pack_extensions(_blocks(item, library | owner_library)) + item.unparsed
    if small and extensions:
        raise CannotEncode("a tag of 32 bytes has no extension blocks")
    head = bytes([VERSION << 4 | _class_of(item.usage_code), item.parts, item.ordinal]) + item_id
    checksum = crc16(head + owner).to_bytes(2, "little")
    basic = head + checksum + owner
    memory = basic[:SMALL_BYTES] if small else basic + extensions
    return whole_memory(memory, memory_bytes, block_size, blocks_reversed=item.blocks_reversed)


def _class_of(usage_code: int | None) -> int:
    usage = TagUsage.of(usage_code)
    code = TagUsage.NO_INFORMATION.value if usage_code is None else usage_code
    if TagUsage.of(code & 0xF0) is not usage:
        raise CannotEncode("this type of usage has no place in ISO 28560-3, which has only its class")
    return code >> 4


def _place_item_id(item: TagItem) -> tuple[bytes, dict[Oid, str]]:
    """The field of the basic block, and what goes to block 1 instead."""
    if len(item.primary_item_id.encode("utf-8")) <= ITEM_ID_BYTES:
        return padded(item.primary_item_id, ITEM_ID_BYTES, "the item number"), {}
    return ELSEWHERE.ljust(ITEM_ID_BYTES, b"\x00"), {Oid.ALTERNATIVE_ITEM_ID: item.primary_item_id}


def _place_owner(item: TagItem, unit_bytes: int) -> tuple[bytes, dict[Oid, str]]:
    owner = item.owner_institution
    width = PREFIX_BYTES + UNIT_BYTES
    if owner is None:
        return bytes(width), {}
    prefix, _, unit = owner.partition("-")
    fits = 0 < len(prefix.encode()) <= PREFIX_BYTES and 0 < len(unit.encode()) <= unit_bytes
    if fits and f"{prefix}-{unit}" == owner and unit == unit.strip() and prefix == prefix.strip():
        return padded(prefix, PREFIX_BYTES, "the prefix") + padded(unit, UNIT_BYTES, "the unit"), {}
    return ELSEWHERE.ljust(width, b"\x00"), {Oid.ALTERNATIVE_OWNER: owner}


def _blocks(item: TagItem, library: dict[Oid, str]) -> list[Extension]:
    fields: dict[int, dict[Oid, str]] = {LIBRARY_BLOCK: dict(library)} if library else {}
    given = [(detail.oid, detail.text) for detail in item.details]
    if item.alternative_owner is not None:
        given.append((Oid.ALTERNATIVE_OWNER, item.alternative_owner))
    if item.media_code is not None:
        given.append((Oid.MEDIA_FORMAT, f"{item.media_code:02x}"))
    for oid, text in given:
        block_id = _BLOCK_OF.get(oid)
        if block_id is None:
            raise CannotEncode(f"element {oid} has no place in ISO 28560-3")
        block = fields.setdefault(block_id, {})
        if oid in block:
            raise CannotEncode(f"the place of element {oid} is taken")
        block[Oid(oid)] = text
    blocks = [build_block(block_id, block) for block_id, block in sorted(fields.items())] + list(item.extensions)
    ids = [block.block_id for block in blocks if block.block_id in FIELDS]
    if len(set(ids)) != len(ids):
        raise CannotEncode("an extension block is given twice")
    return blocks


_BLOCK_OF: dict[int, int] = {oid: block_id for block_id, oids in FIELDS.items() for oid in oids}
