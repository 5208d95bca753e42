"""ISO 28560-3 as the standard has it, and as vendors wrote it."""

from __future__ import annotations

import dataclasses

import pytest

from drivers.rfid.tags import (
    CannotEncode,
    Detail,
    Extension,
    MediaFormat,
    Oid,
    TagContent,
    TagFormat,
    TagItem,
    TagUsage,
    TagWarning,
    detect,
    detection,
    encode_28560_3,
    item_of,
)
from drivers.rfid.tags.crc import crc16
from drivers.rfid.tags.extensions import pack_extensions, parse_extensions
from drivers.rfid.tags.iso28560_2 import decode_28560_2
from drivers.rfid.tags.memory import reverse_blocks

BOOK = TagItem(primary_item_id="D1000001", owner_institution="CN-DEMO-NJU", usage_code=0x10)


def sealed(memory: bytes) -> bytes:
    """The same bytes with a right checksum."""
    checksum = crc16(memory[:19] + memory[21:34].ljust(13, b"\x00"))
    return memory[:19] + checksum.to_bytes(2, "little") + memory[21:]


def with_bytes(memory: bytes, at: int, new: bytes) -> bytes:
    return sealed(memory[:at] + new + memory[at + len(new) :])


def test_a_tag_with_reversed_blocks_names_its_item_and_is_written_back_reversed() -> None:
    tag = reverse_blocks(encode_28560_3(BOOK), 4)
    content = detect(tag)
    assert (content.primary_item_id, content.blocks_reversed) == ("D1000001", True)
    assert content.warnings == (TagWarning.BLOCKS_REVERSED,)
    item = item_of(content)
    assert item is not None
    assert encode_28560_3(item) == tag


def test_reversed_blocks_of_eight_bytes_are_recognised_by_the_size_the_tag_reports() -> None:
    tag = reverse_blocks(encode_28560_3(BOOK, 256, 8), 8)
    assert detect(tag, block_size=8).primary_item_id == "D1000001"
    assert detect(tag, block_size=4).primary_item_id is None


@pytest.mark.parametrize(("byte", "usage"), [(0x21, TagUsage.REFERENCE_ONLY), (0x71, TagUsage.DISCARDED)])
def test_exchanged_nibbles_still_say_that_an_item_may_not_leave(byte: int, usage: TagUsage) -> None:
    content = detect(with_bytes(encode_28560_3(BOOK), 0, bytes([byte])))
    assert (content.usage, content.warnings) == (usage, (TagWarning.NIBBLES_SWAPPED,))


def test_a_patron_card_is_not_taken_for_a_book() -> None:
    card = dataclasses.replace(BOOK, usage_code=TagUsage.PATRON_CARD.value)
    assert detect(encode_28560_3(card)).usage is TagUsage.PATRON_CARD


def test_a_version_nobody_knows_is_reported_and_the_usage_read_where_it_should_be() -> None:
    content = detect(with_bytes(encode_28560_3(BOOK), 0, b"\x01"))
    assert (content.usage, content.warnings) == (TagUsage.CIRCULATING, (TagWarning.VERSION_UNEXPECTED,))


@pytest.mark.parametrize(
    ("set_bytes", "parts", "ordinal", "warnings"),
    [
        (b"\x03\x02", 3, 2, ()),
        (b"\x02\x03", 3, 2, (TagWarning.SET_BYTES_SWAPPED,)),
        (b"\x03\x03", 3, 3, ()),
        (b"\x00\x00", 1, 1, ()),
        (b"\x04\x00", 4, 1, (TagWarning.SET_INCONSISTENT,)),
        (b"\x00\x04", 4, 1, (TagWarning.SET_BYTES_SWAPPED, TagWarning.SET_INCONSISTENT)),
    ],
)
def test_parts_and_ordinal_are_told_apart_in_either_order(
    set_bytes: bytes, parts: int, ordinal: int, warnings: tuple[TagWarning, ...]
) -> None:
    content = detect(with_bytes(encode_28560_3(BOOK), 1, set_bytes))
    assert (content.parts, content.ordinal, content.warnings) == (parts, ordinal, warnings)


def test_a_small_tag_is_read_with_either_checksum_and_written_with_the_padded_one() -> None:
    padded = encode_28560_3(BOOK, 32)
    unpadded = padded[:19] + crc16(padded[:19] + padded[21:]).to_bytes(2, "little") + padded[21:]
    assert padded != unpadded
    assert detect(padded).warnings == ()
    content = detect(unpadded)
    assert (content.primary_item_id, content.warnings) == ("D1000001", (TagWarning.CRC_UNPADDED,))
    item = item_of(content)
    assert item is not None
    assert encode_28560_3(item, 32) == padded


def test_the_first_eight_blocks_of_a_large_tag_are_enough_to_know_the_item() -> None:
    assert detect(encode_28560_3(BOOK)[:32]).primary_item_id == "D1000001"


def test_an_item_number_of_sixteen_characters_fills_its_field() -> None:
    item = dataclasses.replace(BOOK, primary_item_id="1234567890123456")
    assert detect(encode_28560_3(item)).primary_item_id == "1234567890123456"


def test_a_longer_item_number_moves_to_the_library_block() -> None:
    item = dataclasses.replace(BOOK, primary_item_id="12345678901234567", media_code=MediaFormat.CD_DVD.value)
    memory = encode_28560_3(item)
    assert memory[3:19] == b"\x01" + bytes(15)
    content = detect(memory)
    assert (content.primary_item_id, content.media, content.details) == ("12345678901234567", MediaFormat.CD_DVD, ())
    with pytest.raises(CannotEncode, match="32 bytes"):
        encode_28560_3(item, 32)


def test_an_item_number_in_the_library_block_beside_one_in_the_basic_block_is_an_alternative() -> None:
    alternative = (Detail(oid=Oid.ALTERNATIVE_ITEM_ID, text="OLD-7"),)
    memory = encode_28560_3(dataclasses.replace(BOOK, details=alternative))
    content = detect(memory)
    assert (content.primary_item_id, content.details) == ("D1000001", alternative)
    item = item_of(content)
    assert item is not None
    assert encode_28560_3(item) == memory


def test_a_number_too_long_for_an_item_is_none() -> None:
    block = Extension(block_id=1, payload=b"\x01" + b"1" * 41)
    memory = encode_28560_3(dataclasses.replace(BOOK, extensions=(block,)))
    assert detect(with_bytes(memory, 3, b"\x01" + bytes(15))).primary_item_id is None


@pytest.mark.parametrize("isil", ["DK-718500", "US-InU-Mu", "CN-110108-1-NLC", "ZDB-1-ABC", "O-12", "NJU", "OCLC-QUN"])
def test_every_owner_keeps_its_hyphens(isil: str) -> None:
    item = dataclasses.replace(BOOK, owner_institution=isil)
    assert detect(encode_28560_3(item)).owner_institution == isil


def test_a_country_prefix_loses_its_hyphen_on_the_tag_as_in_the_standard() -> None:
    memory = encode_28560_3(dataclasses.replace(BOOK, owner_institution="DK-718500"))
    assert memory[21:34] == b"DK718500".ljust(13, b"\x00")


def test_an_owner_too_long_for_a_small_tag_is_refused() -> None:
    with pytest.raises(CannotEncode, match="32 bytes"):
        encode_28560_3(dataclasses.replace(BOOK, owner_institution="CN-1234567890"), 32)
    assert detect(encode_28560_3(dataclasses.replace(BOOK, owner_institution="CN-123456789"), 32)).warnings == ()


@pytest.mark.parametrize("code", [0x12, 0x13, 0x14, 0x15])
def test_a_rule_the_layout_cannot_hold_is_refused_and_not_dropped(code: int) -> None:
    with pytest.raises(CannotEncode, match="type of usage"):
        encode_28560_3(dataclasses.replace(BOOK, usage_code=code))


def test_a_sub_class_without_a_rule_is_written_as_its_class() -> None:
    assert detect(encode_28560_3(dataclasses.replace(BOOK, usage_code=0x83))).usage_code == 0x80
    assert detect(encode_28560_3(dataclasses.replace(BOOK, usage_code=None))).usage is TagUsage.NO_INFORMATION


def test_unknown_extension_blocks_survive_a_rewrite() -> None:
    local = (Extension(block_id=101, payload=b"ta"), Extension(block_id=0x123456, payload=b"\x00\xff"))
    memory = encode_28560_3(dataclasses.replace(BOOK, extensions=local, media_code=1))
    item = item_of(detect(memory))
    assert item is not None
    changed = detect(encode_28560_3(dataclasses.replace(item, owner_institution="CN-DEMO-SEU")))
    assert changed.extensions[1:] == local
    assert (changed.owner_institution, changed.media) == ("CN-DEMO-SEU", MediaFormat.BOOK)


def test_a_library_block_with_more_than_is_known_survives_a_rewrite() -> None:
    block = Extension(block_id=1, payload=b"\x01ALT\x00OWN\x00future field")
    memory = encode_28560_3(dataclasses.replace(BOOK, extensions=(block,)))
    content = detect(memory)
    assert content.alternative_owner == "OWN"
    item = item_of(content)
    assert item is not None
    assert encode_28560_3(item) == memory


def test_the_fields_of_all_structured_blocks_are_read_back() -> None:
    details = tuple(
        Detail(oid=oid, text=text)
        for oid, text in [
            (Oid.ALTERNATIVE_ITEM_ID, "A-1"),
            (Oid.GS1_PRODUCT_ID, "9787300000008"),
            (Oid.SUPPLY_CHAIN_STAGE, "03"),
            (Oid.SHELF_LOCATION, "F2-SK-S01A-06-1"),
            (Oid.SUBSIDIARY_OF_OWNER, "Law"),
            (Oid.TITLE, "人工智能　导论"),
            (Oid.ILL_TRANSACTION_NUMBER, "77"),
        ]
    )
    content = detect(encode_28560_3(dataclasses.replace(BOOK, details=details, alternative_owner="NJU"), 256))
    assert set(content.details) == set(details)
    assert content.alternative_owner == "NJU"


def test_filling_between_extension_blocks_is_passed_over() -> None:
    block = Extension(block_id=4, payload=b"Title")
    assert parse_extensions(b"\x01\x01" + pack_extensions([block]) + b"\x01\x00") == ((block,), b"", b"")


@pytest.mark.parametrize("damage", ["checksum", "cut off", "too short", "long id cut off"])
def test_a_damaged_extension_block_is_kept_for_rewriting_and_the_item_is_still_known(damage: str) -> None:
    bad = {
        "checksum": b"\x06\x65\x00\x77\x74\x61",
        "cut off": b"\xff\x65\x00\x76\x74\x61",
        "too short": b"\x03\x65\x66",
        "long id cut off": b"\x05\x65\xff\x90\x0f",
    }[damage]
    good = Extension(block_id=4, payload=b"Title")
    memory = encode_28560_3(BOOK)[:34] + pack_extensions([good]) + bad
    content = detect(memory)
    assert (content.primary_item_id, content.extensions) == ("D1000001", (good,))
    assert (content.unparsed, content.warnings) == (bad, (TagWarning.EXTENSION_DAMAGED,))
    item = item_of(content)
    assert item is not None
    assert encode_28560_3(item, len(memory), 1) == memory


def test_bytes_behind_the_end_mark_are_reported() -> None:
    memory = encode_28560_3(BOOK)
    assert detect(memory[:40] + b"\x99" + memory[41:]).warnings == (TagWarning.DATA_AFTER_END,)


def test_a_tag_whose_number_is_no_text_has_none() -> None:
    content = detect(with_bytes(encode_28560_3(BOOK), 3, b"\xff\xfe"))
    assert (content.format, content.primary_item_id) == (TagFormat.ISO_28560_3, None)
    assert content.warnings == (TagWarning.NO_ITEM_ID,)
    assert item_of(content) is None


def test_an_owner_that_is_no_text_leaves_the_item_readable() -> None:
    content = detect(with_bytes(encode_28560_3(BOOK), 23, b"\xff"))
    assert (content.primary_item_id, content.owner_institution) == ("D1000001", None)


@pytest.mark.parametrize(
    "given",
    [
        {"details": (Detail(oid=Oid.LOCAL_DATA_A, text="x"),)},
        {"details": (Detail(oid=Oid.TITLE, text="a"), Detail(oid=Oid.TITLE, text="b"))},
        {"details": (Detail(oid=Oid.TITLE, text="a"),), "extensions": (Extension(block_id=4, payload=b"b"),)},
        {"details": (Detail(oid=Oid.SUPPLY_CHAIN_STAGE, text="late"),)},
        {"details": (Detail(oid=Oid.TITLE, text="t" * 252),)},
        {"extensions": (Extension(block_id=1 << 24, payload=b""),)},
        {"owner_institution": "CN-110108-1-NLC", "alternative_owner": "NLC"},
    ],
)
def test_what_has_no_place_in_the_layout_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(CannotEncode):
        encode_28560_3(dataclasses.replace(BOOK, **given), 512)  # type: ignore[arg-type]  # fields by name


def one_flip_away(memory: bytes) -> list[TagContent]:
    flipped = []
    for bit in range(34 * 8):
        damaged = bytearray(memory)
        damaged[bit // 8] ^= 1 << bit % 8
        flipped.append(detect(bytes(damaged)))
    return flipped


@pytest.mark.parametrize("parts", [1, 2, 5])
@pytest.mark.parametrize("turned", [False, True])
def test_a_damaged_tag_is_reported_damaged_and_never_names_another_item(parts: int, turned: bool) -> None:
    item = dataclasses.replace(BOOK, parts=parts, ordinal=parts, blocks_reversed=turned)
    memory = encode_28560_3(item)
    contents = one_flip_away(memory[:36])
    assert {content.primary_item_id for content in contents} <= {None, "D1000001"}
    assert sum(content.warnings == (TagWarning.CHECKSUM_BAD,) for content in contents) >= 34 * 8 - 16


def test_a_whole_tag_that_also_parses_as_data_sets_is_never_taken_for_them() -> None:
    item = dataclasses.replace(BOOK, primary_item_id="SB000001", parts=2, ordinal=1)
    memory = with_bytes(encode_28560_3(item), 0, b"\x21")
    assert decode_28560_2(memory).primary_item_id == "0153"
    order = (TagFormat.ISO_28560_2, TagFormat.ISO_28560_3)
    for dsfid in (None, 0x00, 0x06, 0x3E):
        content = detect(memory, dsfid=dsfid, order=order)
        assert (content.primary_item_id, TagWarning.AMBIGUOUS in content.warnings) == ("SB000001", False)
    assert detect(memory, order=order[:1]).primary_item_id is None


def test_a_tag_with_four_bytes_overwritten_is_still_known_as_a_damaged_one() -> None:
    memory = encode_28560_3(BOOK)
    damaged = memory[:24] + b"\xff\x01\xff\x02" + memory[28:]
    assert detect(damaged).warnings == (TagWarning.CHECKSUM_BAD,)
    without = (TagFormat.ISO_28560_2, TagFormat.RFID_501)
    assert detect(damaged, order=without).warnings == ()


@pytest.mark.parametrize("block", range(1, 8))
def test_a_tag_with_an_erased_block_is_still_known_as_a_damaged_one(block: int) -> None:
    memory = encode_28560_3(dataclasses.replace(BOOK, primary_item_id="1234567890123456", parts=2))
    erased = memory[: block * 4] + bytes(4) + memory[block * 4 + 4 :]
    assert detect(erased).warnings == (TagWarning.CHECKSUM_BAD,)


def test_without_the_check_for_damage_another_item_would_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detection, "looks_fixed_length", lambda memory: False)
    item = dataclasses.replace(BOOK, primary_item_id="SD654321", parts=2, ordinal=2)
    assert {content.primary_item_id for content in one_flip_away(encode_28560_3(item))} - {None, "SD654321"}


def test_a_tag_torn_between_two_writes_names_no_item() -> None:
    old, new = encode_28560_3(BOOK), encode_28560_3(dataclasses.replace(BOOK, primary_item_id="D2345678"))
    for blocks in range(1, 5):
        torn = new[: blocks * 4] + old[blocks * 4 :]
        assert torn in (old, new) or detect(torn).primary_item_id is None
