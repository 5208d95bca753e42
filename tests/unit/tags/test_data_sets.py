"""ISO 28560-2: how data sets are chosen, laid out, read leniently and refused."""

from __future__ import annotations

import dataclasses

import pytest

from drivers.rfid.tags import (
    CannotEncode,
    Detail,
    Element,
    Extension,
    Malformed,
    MediaFormat,
    Oid,
    Rfid501Fields,
    TagFormat,
    TagItem,
    TagUsage,
    TagWarning,
    converted,
    detect,
    encode_28560_2,
    encode_28560_3,
    item_of,
    text_element,
)
from drivers.rfid.tags.compaction import Code, compact, compact_as, expand
from drivers.rfid.tags.isil import decode_isil, encode_isil
from drivers.rfid.tags.iso15962 import decode_length, parse_sets

BOOK = TagItem(primary_item_id="123456789012")
NUMBER = bytes.fromhex("9100051cbe991a14")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1203", Code.INTEGER),
        ("0123", Code.NUMERIC),
        ("12345678901234567890", Code.NUMERIC),
        ("ABC", Code.FIVE_BIT),
        ("D1000001", Code.SIX_BIT),
        ("d1000001", Code.SEVEN_BIT),
        ("d1", Code.OCTETS),
        ("7", Code.OCTETS),
        ("Zürich", Code.OCTETS),
        ("²³", Code.OCTETS),
        ("٣٤", Code.UTF8),
        ("红楼梦", Code.UTF8),
    ],
)
def test_the_shortest_code_the_characters_allow_is_chosen(text: str, code: Code) -> None:
    assert compact(text)[0] is code
    assert expand(*compact(text)) == text


def test_an_item_number_keeps_its_leading_zeros() -> None:
    assert detect(encode_28560_2(dataclasses.replace(BOOK, primary_item_id="0123"))).primary_item_id == "0123"


def test_a_compaction_that_takes_any_digits_for_an_integer_would_lose_the_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "drivers.rfid.tags.iso28560_2.compact", lambda text: (Code.INTEGER, int(text).to_bytes(2, "big"))
    )
    assert detect(encode_28560_2(dataclasses.replace(BOOK, primary_item_id="0123"))).primary_item_id != "0123"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (Code.INTEGER, "0123"),
        (Code.INTEGER, "7"),
        (Code.INTEGER, "12345678901234567890"),
        (Code.NUMERIC, "7"),
        (Code.FIVE_BIT, "AB"),
        (Code.FIVE_BIT, "AB@"),
        (Code.SIX_BIT, "ABC "),
        (Code.SIX_BIT, "A1B"),
        (Code.SEVEN_BIT, "short"),
        (Code.SEVEN_BIT, "delete \x7f"),
        (Code.OCTETS, "红"),
        (Code.APPLICATION, "x"),
    ],
)
def test_a_code_refuses_what_it_does_not_admit(code: Code, text: str) -> None:
    with pytest.raises(CannotEncode):
        compact_as(code, text)


@pytest.mark.parametrize(
    ("code", "data"),
    [
        (Code.INTEGER, ""),
        (Code.INTEGER, "ffffffffffffffff"),
        (Code.NUMERIC, "1a"),
        (Code.NUMERIC, "f1"),
        (Code.NUMERIC, ""),
        (Code.FIVE_BIT, "0001"),
        (Code.SEVEN_BIT, "ff62c9"),
        (Code.UTF8, "ff"),
        (Code.APPLICATION, "41"),
    ],
)
def test_bytes_that_are_no_compaction_are_told(code: Code, data: str) -> None:
    with pytest.raises(Malformed):
        expand(code, bytes.fromhex(data))


def test_the_item_number_stands_first_in_blocks_of_its_own() -> None:
    item = dataclasses.replace(BOOK, owner_institution="US-InU-Mu", usage_code=0x10)
    assert encode_28560_2(item)[:8] == NUMBER
    assert encode_28560_2(item, 256, 8)[:8] == NUMBER
    short = encode_28560_2(dataclasses.replace(item, primary_item_id="21111115"), 256, 8)
    assert short[:8] == bytes.fromhex("910104 0142214b 00")
    assert short[8] == Oid.CONTENT_PARAMETER
    shorter = encode_28560_2(dataclasses.replace(item, primary_item_id="4660"), 256, 8)
    assert shorter[:9] == bytes.fromhex("9103021234000000 02")


def test_a_number_that_fills_its_blocks_needs_no_offset_byte() -> None:
    assert encode_28560_2(dataclasses.replace(BOOK, primary_item_id="4660"))[:5] == bytes.fromhex("1102123400")


def test_the_content_parameter_lists_what_else_is_on_the_tag() -> None:
    item = dataclasses.replace(
        BOOK,
        owner_institution="US-InU-Mu",
        parts=12,
        ordinal=3,
        details=(Detail(oid=Oid.SHELF_LOCATION, text="QA268.L55"),),
    )
    assert encode_28560_2(item)[8:11] == bytes.fromhex("0201d0")
    far = dataclasses.replace(BOOK, alternative_owner="NJU", usage_code=0x10)
    assert encode_28560_2(far)[8:13] == bytes.fromhex("0203200008")
    assert encode_28560_2(BOOK)[8:].strip(b"\x00") == b""


@pytest.mark.parametrize(
    ("parts", "ordinal", "digits"), [(2, 1, "0201"), (12, 3, "1203"), (99, 99, "9999"), (200, 7, "200007")]
)
def test_a_set_is_written_in_two_halves_of_digits(parts: int, ordinal: int, digits: str) -> None:
    content = detect(encode_28560_2(dataclasses.replace(BOOK, parts=parts, ordinal=ordinal)))
    assert (content.parts, content.ordinal) == (parts, ordinal)
    element = next(element for element in content.elements if element.oid == Oid.SET_INFORMATION)
    assert expand(Code(element.code), element.data) == digits


def on_a_tag(*elements: Element) -> bytes:
    return encode_28560_2(dataclasses.replace(BOOK, elements=elements))


@pytest.mark.parametrize(
    ("text", "parts", "ordinal"),
    [("21", 2, 1), ("201", 2, 1), ("1203", 12, 3), ("12003", 12, 3), ("0302", 3, 2)],
)
def test_a_set_is_read_with_one_two_or_three_digits_each(text: str, parts: int, ordinal: int) -> None:
    content = detect(on_a_tag(text_element(Oid.SET_INFORMATION, text)))
    assert (content.parts, content.ordinal, content.warnings) == (parts, ordinal, ())


@pytest.mark.parametrize("text", ["1304", "0312", "0100", "99", "A-B", "999001"])
def test_a_set_that_cannot_be_is_reported_unless_it_can(text: str) -> None:
    content = detect(on_a_tag(text_element(Oid.SET_INFORMATION, text)))
    possible = {"1304": (13, 4), "99": (9, 9)}
    assert (content.parts, content.ordinal) == possible.get(text, (1, 1))
    assert content.warnings == (() if text in possible else (TagWarning.SET_INCONSISTENT,))


def test_set_information_as_an_application_defined_integer_is_read() -> None:
    assert detect(on_a_tag(Element(oid=4, code=0, data=b"\x04\xb3"))).parts == 12


@pytest.mark.parametrize(
    ("code", "data", "usage"),
    [
        (0, b"\x15", TagUsage.NEITHER_OFFLINE),
        (6, b"\x80", TagUsage.PATRON_CARD),
        (2, b"\x70", TagUsage.DISCARDED),
        (1, b"\x14", TagUsage.REFERENCE_ONLY),  # the number twenty, meant as the digits 2 and 0
        (6, b"12", TagUsage.NOT_FOR_AUTOMATIC_SORTING),
        (0, b"", TagUsage.NO_INFORMATION),
    ],
)
def test_a_type_of_usage_is_read_in_every_way_it_is_written(code: int, data: bytes, usage: TagUsage) -> None:
    content = detect(on_a_tag(Element(oid=5, code=code, data=data)))
    assert (content.usage, content.warnings) == (usage, ())


@pytest.mark.parametrize("data", [b"\x01\x02\x03", b"0x"])
def test_a_type_of_usage_that_is_no_byte_is_reported_unreadable(data: bytes) -> None:
    content = detect(on_a_tag(Element(oid=5, code=6, data=data)))
    assert (content.usage_code, content.warnings) == (None, (TagWarning.ELEMENT_UNREADABLE,))


def test_usage_and_media_format_are_written_as_one_byte_each() -> None:
    content = detect(encode_28560_2(dataclasses.replace(BOOK, usage_code=0x13, media_code=5)))
    assert (content.usage, content.media) == (TagUsage.NOT_ISSUE_OFFLINE, MediaFormat.OTHER_CAREFUL)


def test_an_owner_that_is_no_isil_is_written_as_plain_text() -> None:
    assert detect(encode_28560_2(dataclasses.replace(BOOK, owner_institution="南大"))).owner_institution == "南大"


@pytest.mark.parametrize("isil", ["CN-110108-1-NLC", "CN-120104-C-YBL", "a:/b", "A1b2C3", "-", "1a", "zZ9:/"])
def test_an_isil_of_any_shape_is_read_back(isil: str) -> None:
    assert decode_isil(encode_isil(isil)) == isil


def test_a_shift_that_leads_to_no_character_is_malformed() -> None:
    with pytest.raises(Malformed):
        decode_isil(bytes([0b11101_111, 0b00_000000]))


def test_a_title_may_be_chinese() -> None:
    details = (Detail(oid=Oid.TITLE, text="红楼梦　上"),)
    assert detect(encode_28560_2(dataclasses.replace(BOOK, details=details))).details == details


def test_null_bytes_between_data_sets_are_passed_over() -> None:
    assert detect(b"\x80\x80" + NUMBER + b"\x80" + b"\x05\x01\x20\x00").usage is TagUsage.REFERENCE_ONLY


def test_data_sets_may_run_to_the_last_byte_of_the_memory() -> None:
    assert detect(NUMBER).primary_item_id == "123456789012"
    assert parse_sets(NUMBER)[1] == 8


def test_a_long_text_has_a_length_of_two_bytes() -> None:
    details = (Detail(oid=Oid.LOCAL_DATA_B, text="红" * 60),)
    memory = encode_28560_2(dataclasses.replace(BOOK, details=details), 256)
    assert b"\x7f\x01\x81\x34" in memory
    assert detect(memory).details == details


def test_a_length_without_end_is_malformed() -> None:
    with pytest.raises(Malformed):
        decode_length(b"\x81\x81\x81\x81\x01", 0)


@pytest.mark.parametrize(
    "memory",
    [
        "9100051cbe991a",  # data cut off
        "9100",  # a head cut off
        "11021234100105",  # OID 0
        "0305acc09ebaa0",  # no item number
        "1101",  # a length and nothing behind it
        "110107",  # an integer of one digit
        "41020420",  # two characters in 6 bits
        "7101ff",  # no UTF-8
        "6100",  # an empty number
        "610201020000",  # control characters
        "1102123411021235",  # two item numbers
        "11021234" + "0f710130",  # OID 128
    ],
)
def test_what_does_not_parse_to_the_end_or_names_no_item_is_no_such_tag(memory: str) -> None:
    assert detect(bytes.fromhex(memory)).format is TagFormat.UNKNOWN


def test_oddities_are_reported_and_the_item_is_still_known() -> None:
    duplicate = detect(NUMBER + b"\x05\x01\x10\x05\x01\x20")
    assert (duplicate.usage, duplicate.warnings) == (TagUsage.CIRCULATING, (TagWarning.ELEMENT_DUPLICATE,))
    assert detect(NUMBER + b"\x00\x00\x07").warnings == (TagWarning.DATA_AFTER_END,)
    assert detect(NUMBER + b"\x02\x01\x80").warnings == (TagWarning.CONTENT_PARAMETER_DIFFERS,)
    assert detect(NUMBER + b"\x77\x01\xff").warnings == (TagWarning.ELEMENT_UNREADABLE,)


def test_unreadable_and_unknown_elements_survive_a_rewrite() -> None:
    strange = (Element(oid=3, code=7, data=b"\xff"), Element(oid=90, code=6, data=b"\x00\x01"))
    content = detect(on_a_tag(*strange))
    item = item_of(content)
    assert item is not None
    after = detect(encode_28560_2(dataclasses.replace(item, usage_code=0x20)))
    assert [element for element in after.elements if element in strange] == list(strange)
    assert after.usage is TagUsage.REFERENCE_ONLY


def test_of_doubled_elements_the_first_survives_a_rewrite_and_a_set_that_cannot_be_stays_as_it_is() -> None:
    content = detect(NUMBER + b"\x66\x01A\x66\x01B" + b"\x24\x02\x03\x12")
    item = item_of(content)
    assert item is not None
    after = detect(encode_28560_2(item))
    assert after.details == (Detail(oid=Oid.SHELF_LOCATION, text="A"),)
    assert Element(oid=4, code=2, data=b"\x03\x12") in after.elements


def test_a_tag_can_be_converted_to_the_other_format() -> None:
    item = dataclasses.replace(
        BOOK,
        owner_institution="CN-DEMO-NJU",
        usage_code=0x10,
        media_code=2,
        parts=3,
        ordinal=2,
        details=(Detail(oid=Oid.TITLE, text="红楼梦"),),
    )
    once = converted(detect(encode_28560_2(item)))
    assert once is not None
    back = converted(detect(encode_28560_3(once)))
    assert back == item
    assert converted(detect(b"")) is None


@pytest.mark.parametrize(
    "given",
    [
        {"extensions": (Extension(block_id=101, payload=b""),)},
        {"unparsed": b"x"},
        {"rfid501": Rfid501Fields()},
        {"blocks_reversed": True},
        {"usage_code": 1, "elements": (Element(oid=5, code=0, data=b"\x10"),)},
        {"elements": (Element(oid=1, code=6, data=b"x"),)},
        {"elements": (Element(oid=128, code=6, data=b"x"),)},
        {"details": (Detail(oid=Oid.TYPE_OF_USAGE, text="lend"),)},
        {"details": (Detail(oid=Oid.TITLE, text="x" * 200),)},
    ],
)
def test_what_has_no_place_on_the_tag_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(CannotEncode):
        encode_28560_2(dataclasses.replace(BOOK, **given))  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize("size", [(30, 4), (112, 0)])
def test_a_memory_that_is_no_whole_number_of_blocks_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(CannotEncode, match="whole blocks"):
        encode_28560_2(BOOK, *size)


@pytest.mark.parametrize(
    "given",
    [
        {"primary_item_id": ""},
        {"primary_item_id": " 1"},
        {"primary_item_id": "1" * 41},
        {"primary_item_id": "1\x00"},
        {"owner_institution": ""},
        {"details": (Detail(oid=17, text="a\nb"),)},
        {"parts": 0},
        {"ordinal": 2},
        {"parts": 256},
        {"usage_code": 256},
        {"media_code": -1},
    ],
)
def test_an_item_no_tag_could_hold_cannot_be_made(given: dict[str, object]) -> None:
    with pytest.raises(CannotEncode):
        dataclasses.replace(BOOK, **given)  # type: ignore[arg-type]  # fields by name


def test_a_refusal_never_quotes_the_number_on_the_card() -> None:
    card = TagItem(primary_item_id="SECRET-READER-NUMBER-1234567890", usage_code=0x80)
    with pytest.raises(CannotEncode) as refusal:
        encode_28560_3(card, 32)
    assert "SECRET" not in str(refusal.value)
