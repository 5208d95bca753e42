"""Every published byte string is read, and written, as its source states; broken readers are caught by them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from drivers.rfid.tags import (
    Extension,
    MediaFormat,
    SystemInfo,
    TagFormat,
    TagUsage,
    compaction,
    crc,
    decode_system_info,
    detect,
    encode_28560_2,
    encode_28560_3,
    encode_rfid501,
    encode_system_info,
    extensions,
    iso15962,
    iso28560_2,
    iso28560_3,
    item_of,
    usage,
)
from drivers.rfid.tags.content import Element, Oid
from drivers.rfid.tags.isil import decode_isil, encode_isil
from tests.unit.tags import published
from tests.unit.tags.published import VECTORS, memory


@pytest.mark.parametrize("name", published.TAGS)
def test_a_published_tag_says_what_its_source_states(name: str) -> None:
    expected = published.TAGS[name]["expect"]
    content = published.seen(detect(memory(name)))
    assert {key: content[key] for key in expected} == expected


def test_every_published_text_is_read_from_its_compaction() -> None:
    assert published.texts_read_wrong(compaction.expand) == []


def test_every_published_text_is_written_in_the_same_bytes() -> None:
    assert published.texts_written_wrong(compaction.compact_as) == []


@pytest.mark.parametrize("entry", VECTORS["isil"], ids=lambda entry: str(entry["text"]))
def test_a_published_isil_is_read_and_written_in_the_same_bytes(entry: dict[str, str]) -> None:
    assert decode_isil(bytes.fromhex(entry["hex"])) == entry["text"]
    assert encode_isil(entry["text"]).hex() == entry["hex"]


def test_every_published_length_is_read_and_written() -> None:
    assert published.lengths_read_wrong(iso15962.decode_length) == []
    assert [iso15962.encode_length(entry["n"]).hex() for entry in VECTORS["length"]] == [
        entry["hex"] for entry in VECTORS["length"]
    ]


def test_the_checksum_gives_the_published_check_value() -> None:
    assert published.checksums_wrong(crc.crc16) == []


@pytest.mark.parametrize("entry", VECTORS["extensions"], ids=lambda entry: f"block {entry['block_id']}")
def test_a_published_extension_block_is_read_and_written(entry: dict[str, str]) -> None:
    block = Extension(block_id=int(entry["block_id"]), payload=bytes.fromhex(entry["payload"]))
    assert extensions.parse_extensions(bytes.fromhex(entry["hex"])) == ((block,), b"", b"")
    assert extensions.pack_extensions([block]).hex() == entry["hex"]


@pytest.mark.parametrize("entry", VECTORS["system_info"], ids=lambda entry: f"afi {entry['afi']:02x}")
def test_published_system_information_is_read_and_answered(entry: dict[str, str]) -> None:
    info = SystemInfo(uid=entry["uid"], dsfid=int(entry["dsfid"]), afi=int(entry["afi"]))
    assert decode_system_info(bytes.fromhex(entry["hex"])) == info
    assert encode_system_info(info).hex() == entry["hex"]


def test_the_example_of_annex_d_is_written_byte_for_byte() -> None:
    tag = memory("standard_annex_d")
    elements, _ = iso15962.parse_sets(tag)
    rewritten = [
        iso28560_2.text_element(element.oid, text)
        if element.oid != Oid.CONTENT_PARAMETER
        else Element(oid=element.oid, code=0, data=b"\xd0")
        for element in elements
        if (text := iso28560_2.element_text(element)) is not None
    ]
    assert iso15962.pack_sets(rewritten, 4, aligned={Oid.PRIMARY_ITEM_ID, Oid.OWNER_INSTITUTION}) == tag


@pytest.mark.parametrize("name", ["standard_b1", "standard_b2", "finnish_fixed_length", "small_tag_padded_checksum"])
def test_a_fixed_length_tag_is_written_back_byte_for_byte(name: str) -> None:
    tag = memory(name)
    item = item_of(detect(tag))
    assert item is not None
    assert encode_28560_3(item, len(tag), 1) == tag


def test_a_3m_tag_is_written_back_byte_for_byte() -> None:
    item = item_of(detect(memory("rfid501")))
    assert item is not None
    assert encode_rfid501(item) == memory("rfid501")


@pytest.mark.parametrize("name", published.of_format(TagFormat.ISO_28560_2))
def test_a_tag_of_data_sets_says_the_same_after_it_was_written_again(name: str) -> None:
    before = detect(memory(name))
    item = item_of(before)
    assert item is not None
    after = detect(encode_28560_2(item))
    # The content parameter is written anew, so it fits again.
    kept = {key: value for key, value in published.seen(before).items() if key != "warnings"}
    assert {key: published.seen(after)[key] for key in kept} == kept


def _concatenated_length(raw: bytes, at: int) -> tuple[int, int]:
    """The mistake of one published decoder: the bytes of a length taken as one number, flags and all."""
    end = at
    while raw[end] & 0x80:
        end += 1
    return int.from_bytes(raw[at : end + 1], "big"), end + 1


def test_a_length_decoder_that_concatenates_bytes_is_caught() -> None:
    assert published.lengths_read_wrong(_concatenated_length) == [128, 129, 16384, 16383]


def _reflected(data: bytes) -> int:
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x8408 if value & 1 else 0)
    return value


@pytest.mark.parametrize(
    "broken",
    [
        lambda data: _reflected(data),  # the order of bits of the air protocol's checksum
        lambda data: crc.crc16(data) ^ 0xFFFF,  # its final complement
        lambda data: int.from_bytes(crc.crc16(data).to_bytes(2, "little"), "big"),  # the order of the stored bytes
    ],
    ids=["reflected", "complemented", "bytes exchanged"],
)
def test_a_checksum_of_another_kind_is_caught(broken: Callable[[bytes], int], monkeypatch: pytest.MonkeyPatch) -> None:
    assert published.checksums_wrong(broken) == ["RFID tag data model"]
    monkeypatch.setattr(iso28560_3, "crc16", broken)
    assert {"standard_b1", "standard_b2", "small_tag_padded_checksum"} <= set(published.tags_read_wrong())


def test_a_decoder_that_wants_only_the_padded_checksum_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    true_crc = crc.crc16
    monkeypatch.setattr(iso28560_3, "crc16", lambda data: true_crc(data.ljust(32, b"\x00")))
    assert published.tags_read_wrong() == ["all_zero_32"]


def test_a_parser_that_reads_the_offset_behind_the_length_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(raw: bytes, at: int) -> tuple[Element, int]:
        length, pad = raw[at + 1], raw[at + 2] if raw[at] & 0x80 else 0
        start = at + (3 if raw[at] & 0x80 else 2)
        return Element(
            oid=raw[at] & 0x0F, code=raw[at] >> 4 & 7, data=raw[start : start + length]
        ), start + length + pad

    monkeypatch.setattr(iso15962, "_parse_set", broken)
    assert "standard_annex_d" in published.tags_read_wrong()


def test_a_parser_that_forgets_the_oid_escape_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iso15962, "OID_ESCAPE", 16)
    assert {"iso15962_annex_p", "chinese_zhiyan"} <= set(published.tags_read_wrong())


def test_filling_that_is_read_as_a_character_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    true_unpack = compaction._unpack
    monkeypatch.setattr(compaction, "_unpack", lambda data, width, *, filler: true_unpack(data, width, filler=-1))
    assert published.texts_read_wrong(compaction.expand) == ["ABC1234", "123456781234567"]


def test_a_type_of_usage_cut_down_to_its_class_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "_EXACT", {})
    assert published.tags_read_wrong() == ["chinese_not_for_sorting"]


def test_set_information_read_as_ordinal_before_parts_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    true_parts = iso28560_2._parts
    monkeypatch.setattr(
        iso28560_2, "_parts", lambda text: true_parts(text and text[len(text) // 2 :] + text[: len(text) // 2])
    )
    assert published.tags_read_wrong() == ["standard_annex_d"]


def test_usage_codes_are_the_published_ones() -> None:
    codes = {0x11: "CIRCULATING", 0x12: "NOT_FOR_AUTOMATIC_SORTING", 0x13: "NOT_ISSUE_OFFLINE"}
    codes |= {0x14: "NOT_RETURN_OFFLINE", 0x15: "NEITHER_OFFLINE", 0x16: "CIRCULATING", 0x20: "REFERENCE_ONLY"}
    codes |= {0x00: "ACQUISITION", 0x30: "LOCAL", 0x42: "LOCAL", 0x50: "UNKNOWN", 0x60: "NO_INFORMATION"}
    codes |= {0x73: "DISCARDED", 0x80: "PATRON_CARD", 0x83: "PATRON_CARD", 0x91: "EQUIPMENT", 0xF2: "UNKNOWN"}
    assert {code: TagUsage.of(code).name for code in codes} == codes


def test_media_formats_are_the_published_ones() -> None:
    names = {0: "UNDEFINED", 1: "BOOK", 2: "CD_DVD", 3: "MAGNETIC_TAPE", 4: "OTHER", 5: "OTHER_CAREFUL"}
    names |= {6: "VERY_SMALL", 7: "RESERVED", 8: "RESERVED", 127: "RESERVED", 128: "LOCAL", 255: "LOCAL"}
    assert {code: MediaFormat.of(code).name for code in names} == names


def test_every_usage_is_written_as_a_byte_that_reads_as_itself() -> None:
    assert [TagUsage.of(usage_.value) for usage_ in TagUsage] == list(TagUsage)
    assert dataclasses.replace(detect(b""), usage_code=None).usage is TagUsage.NO_INFORMATION
