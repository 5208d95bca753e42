"""Which format a tag has: hints, doubts and the site's own layouts."""

from __future__ import annotations

import ast
import dataclasses
import re
from pathlib import Path

import pytest

from drivers.rfid.tags import (
    CannotEncode,
    Charset,
    Detail,
    Element,
    FixedLayout,
    Malformed,
    MediaFormat,
    Oid,
    Rfid501Fields,
    SystemInfo,
    TagFormat,
    TagItem,
    TagUsage,
    TagWarning,
    decode_system_info,
    detect,
    detection,
    encode_28560_2,
    encode_28560_3,
    encode_rfid501,
    encode_system_info,
    item_of,
)
from drivers.rfid.tags.crc import crc16
from drivers.rfid.tags.memory import reverse_blocks
from tests.unit.tags import published

BOOK = TagItem(primary_item_id="D1000001")
OLD_TAGS = FixedLayout(name="old stock", offset=0, length=8, pattern="D[0-9]{7}")


@pytest.mark.parametrize("size", [28, 32, 112, 256])
def test_a_tag_without_content_is_blank(size: int) -> None:
    for memory in (bytes(size), b"\x55" * size, b"\x55" * (size - 4) + bytes(4)):
        assert detect(memory).format is TagFormat.BLANK


def test_the_last_block_of_a_blank_tag_is_as_long_as_the_tag_says() -> None:
    memory = b"\x55" * 56 + bytes(8)
    assert detect(memory, block_size=8).format is TagFormat.BLANK
    assert detect(memory, block_size=4).format is TagFormat.UNKNOWN


def test_nothing_read_is_not_blank() -> None:
    assert detect(b"").format is TagFormat.UNKNOWN


def test_a_foreign_tag_is_unknown_and_the_desk_offers_the_barcode() -> None:
    content = detect(b"\x03\x13\xd1\x01\x0fU\x04example.org/abc" + bytes(60))  # a web address on an NFC sticker
    assert (content.format, content.primary_item_id, content.confidence) == (TagFormat.UNKNOWN, None, 0)
    assert item_of(content) is None


def test_the_dsfid_raises_or_lowers_confidence_and_never_hides_an_item() -> None:
    memory = encode_28560_3(BOOK)
    unsaid, fits, differs = (detect(memory, dsfid=dsfid) for dsfid in (0x00, 0x3E, 0x06))
    assert [content.primary_item_id for content in (unsaid, fits, differs)] == ["D1000001"] * 3
    assert fits.confidence > unsaid.confidence > differs.confidence
    assert differs.warnings == (TagWarning.DSFID_DIFFERS,)
    assert detect(memory, dsfid=0x3E, afi=0x07).confidence == 100
    doubtful = detect(b"D1000001", layouts=[OLD_TAGS], dsfid=0x06, afi=0x44, item_number=re.compile("X"))
    assert (doubtful.primary_item_id, doubtful.confidence) == ("D1000001", 0)
    assert detect(encode_28560_2(BOOK), dsfid=0x06).confidence > detect(encode_28560_2(BOOK)).confidence


def test_a_library_afi_raises_confidence_and_a_foreign_one_lowers_it() -> None:
    memory = encode_28560_3(BOOK)
    known = {afi: detect(memory, afi=afi) for afi in (0x07, 0xC2, 0xD7, 0xDA, 0x21)}
    plain, foreign = detect(memory, afi=0x00), detect(memory, afi=0x44)
    assert all(content.confidence > plain.confidence and not content.warnings for content in known.values())
    assert plain.confidence > foreign.confidence
    assert foreign.warnings == (TagWarning.AFI_FOREIGN,)


def test_an_item_number_the_site_does_not_expect_is_told_and_still_given() -> None:
    pattern = re.compile("D[0-9]{7}")
    ours, theirs = (
        detect(encode_28560_2(BOOK), item_number=pattern),
        detect(encode_28560_2(dataclasses.replace(BOOK, primary_item_id="D10000011")), item_number=pattern),
    )
    assert (ours.warnings, theirs.warnings) == ((), (TagWarning.ITEM_NUMBER_UNEXPECTED,))
    assert (theirs.primary_item_id, theirs.confidence < ours.confidence) == ("D10000011", True)


def test_reversed_blocks_lower_confidence_and_data_sets_in_them_are_not_guessed_at() -> None:
    turned = detect(reverse_blocks(encode_28560_3(BOOK), 4))
    assert turned.confidence < detect(encode_28560_3(BOOK)).confidence
    assert detect(reverse_blocks(encode_28560_2(BOOK), 4)).primary_item_id is None


def test_a_dsfid_for_data_sets_speaks_for_them_where_the_bytes_are_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detection, "looks_fixed_length", lambda memory: True)
    memory = encode_28560_2(BOOK)
    assert detect(memory).primary_item_id is None
    assert detect(memory, dsfid=0x06).primary_item_id == "D1000001"


def test_a_format_the_site_does_not_have_is_not_tried() -> None:
    assert detect(encode_28560_2(BOOK), order=(TagFormat.ISO_28560_3,)).format is TagFormat.UNKNOWN


def test_when_two_formats_decode_the_site_s_order_decides_and_the_doubt_is_told() -> None:
    # A site layout over the same bytes reads another number than the data sets do.
    layout = FixedLayout(name="raw", offset=0, length=4, charset=Charset.HEX)
    memory = encode_28560_2(BOOK)
    content = detect(memory, layouts=[layout])
    assert (content.format, content.warnings) == (TagFormat.ISO_28560_2, (TagWarning.AMBIGUOUS,))
    turned = detect(memory, layouts=[layout], order=(TagFormat.FIXED, TagFormat.ISO_28560_2))
    assert (turned.format, turned.layout) == (TagFormat.FIXED, "raw")
    promised = detect(memory, layouts=[layout], order=(TagFormat.FIXED, TagFormat.ISO_28560_2), dsfid=0x06)
    assert promised.format is TagFormat.ISO_28560_2
    expected = detect(memory, layouts=[layout], item_number=re.compile("4.*"))
    assert expected.format is TagFormat.FIXED


def test_a_checksum_that_fits_by_chance_does_not_hide_a_readable_item() -> None:
    # The memory of data sets, with the two bytes at the checksum's place making it right by chance.
    base = encode_28560_2(dataclasses.replace(BOOK, elements=(Element(oid=16, code=6, data=b"\xff" * 30),)))
    chance = base[:19] + crc16(base[:19] + base[21:34]).to_bytes(2, "little") + base[21:]
    assert detect(chance, order=(TagFormat.ISO_28560_3,)).warnings[-1] is TagWarning.NO_ITEM_ID
    assert detect(chance).primary_item_id == "D1000001"


@pytest.mark.parametrize(
    ("layout", "raw", "item_id"),
    [
        (OLD_TAGS, b"D1000001", "D1000001"),
        (FixedLayout(name="block 5", offset=20, length=16, pattern="[0-9]+"), bytes(20) + b"0123456789", "0123456789"),
        (FixedLayout(name="spaces", offset=0, length=12), b"A123        ", "A123"),
        (FixedLayout(name="bcd", offset=1, length=4, charset=Charset.BCD), b"\xff\x01\x23\x45\x6f", "0123456"),
        (FixedLayout(name="epc", offset=0, length=3, charset=Charset.HEX, pattern="E2.*"), b"\xe2\x00\xab", "E200AB"),
        (
            FixedLayout(name="zeros", offset=0, length=4, charset=Charset.BCD, pattern="0*([1-9][0-9]+)"),
            b"\x00\x01\x23\x45",
            "12345",
        ),
    ],
    ids=lambda value: value.name if isinstance(value, FixedLayout) else "",
)
def test_a_layout_of_the_site_s_own_is_read_by_its_description(layout: FixedLayout, raw: bytes, item_id: str) -> None:
    content = detect(raw.ljust(112, b"\x00"), layouts=[layout])
    assert (content.primary_item_id, content.layout, content.usage) == (
        item_id,
        layout.name,
        TagUsage.NO_INFORMATION,
    )


@pytest.mark.parametrize(
    ("layout", "raw"),
    [
        (OLD_TAGS, b"X1000001"),
        (OLD_TAGS, b"D1000"),
        (FixedLayout(name="text", offset=0, length=6), "书书".encode()),
        (FixedLayout(name="text", offset=0, length=8), b"\xff\xfe\x01\x01\x01\x01\x01\x01"),
        (FixedLayout(name="bcd", offset=0, length=4, charset=Charset.BCD), b"\x1a\x00\x00\x01"),
        (FixedLayout(name="far", offset=110, length=8), b"!" * 112),
        (FixedLayout(name="long", offset=0, length=21, charset=Charset.HEX), b"!" * 112),
        (FixedLayout(name="empty group", offset=0, length=4, pattern="D()?.*"), b"D123"),
    ],
    ids=["pattern", "short", "not ascii", "no text", "no digit", "behind the end", "no item number", "empty group"],
)
def test_a_tag_that_does_not_fit_a_layout_is_left_alone(layout: FixedLayout, raw: bytes) -> None:
    assert detect(raw, layouts=[layout]).primary_item_id is None


@pytest.mark.parametrize("text", [b"wWz0LeHECi8DQb", b"0zWwHeLD8iCbQ"])
def test_a_plain_barcode_whose_checksum_fits_by_chance_is_no_fixed_length_tag(text: bytes) -> None:
    for memory in (text.ljust(34, b"\x00"), reverse_blocks(text.ljust(36, b"\x00"), 4)):
        chance = memory[:19] + crc16(memory[:19] + memory[21:34]).to_bytes(2, "little") + memory[21:]
        assert detect(chance).primary_item_id is None


@pytest.mark.parametrize("text", [b"A1230001", b"a1234567", b"q1234567", b"1000001", b"Q0000123", b"P12-345.6"])
def test_a_plain_barcode_of_an_old_vendor_is_not_taken_for_data_sets(text: bytes) -> None:
    for memory in (text.ljust(112, b"\x00"), text.ljust(112, b" "), text.ljust(16, b" ").ljust(112, b"\x00")):
        assert detect(memory).primary_item_id is None
        assert detect(reverse_blocks(memory, 4)).primary_item_id is None
    layout = FixedLayout(name="plain", offset=0, length=12)
    assert detect(text.ljust(112, b"\x00"), layouts=[layout]).primary_item_id == text.decode()


def test_layouts_are_tried_in_the_order_given() -> None:
    any_text = FixedLayout(name="any", offset=0, length=8)
    memory = b"D1000001" + bytes(24)
    assert detect(memory, layouts=[OLD_TAGS, any_text]).layout == "old stock"
    assert detect(memory, layouts=[any_text, OLD_TAGS]).layout == "any"


@pytest.mark.parametrize(
    "wrong", [{"offset": -1}, {"length": 0}, {"pattern": "("}], ids=["offset", "length", "pattern"]
)
def test_a_layout_that_cannot_be_is_refused_when_it_is_configured(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="layout old stock"):
        dataclasses.replace(OLD_TAGS, **wrong)  # type: ignore[arg-type]  # fields by name


def test_a_3m_tag_tells_number_parts_and_medium() -> None:
    item = TagItem(primary_item_id="1301234567", parts=3, ordinal=2, media_code=MediaFormat.CD_DVD.value)
    content = detect(encode_rfid501(item))
    assert (content.primary_item_id, content.parts, content.ordinal) == ("1301234567", 3, 2)
    assert (content.media, content.usage) == (MediaFormat.CD_DVD, TagUsage.NO_INFORMATION)


def test_a_3m_tag_with_turned_blocks_is_read_and_its_own_fields_survive_a_rewrite() -> None:
    kept = Rfid501Fields(item_type=13, branch=7, library=1234, custom=-5)
    memory = encode_rfid501(dataclasses.replace(BOOK, rfid501=kept, blocks_reversed=True))
    content = detect(memory)
    assert (content.rfid501, content.blocks_reversed, content.media) == (kept, True, MediaFormat.BOOK)
    item = item_of(content)
    assert item is not None
    assert encode_rfid501(item) == memory


def test_a_short_3m_tag_has_no_custom_number() -> None:
    memory = encode_rfid501(dataclasses.replace(BOOK, rfid501=Rfid501Fields(custom=-1)))
    for size in (24, 26):
        assert detect(memory[:size]).rfid501 == Rfid501Fields()
    assert detect(memory[:28]).rfid501 == Rfid501Fields(custom=-1)


def test_a_3m_tag_whose_set_cannot_be_counts_as_one_item() -> None:
    memory = encode_rfid501(BOOK)
    for byte in (0x00, 0x32, 0x03):
        content = detect(memory[:1] + bytes([byte]) + memory[2:])
        assert (content.parts, content.ordinal, content.warnings) == (1, 1, (TagWarning.SET_INCONSISTENT,))


def test_the_number_of_a_3m_tag_is_ascii() -> None:
    memory = encode_rfid501(BOOK)
    assert detect(memory[:4] + "书".encode().ljust(16, b"\x00") + memory[20:]).format is TagFormat.UNKNOWN


@pytest.mark.parametrize("at", [0, 2, 4, 19])
def test_bytes_that_only_begin_like_a_3m_tag_are_no_3m_tag(at: int) -> None:
    memory = bytearray(encode_rfid501(BOOK))
    memory[at] = 0x07
    assert detect(bytes(memory)).format is not TagFormat.RFID_501


@pytest.mark.parametrize(
    "given",
    [
        {"owner_institution": "CN-DEMO-NJU"},
        {"usage_code": 0x13},
        {"usage_code": 0x80},
        {"parts": 16},
        {"primary_item_id": "红"},
        {"primary_item_id": "12345678901234567"},
        {"details": (Detail(oid=Oid.TITLE, text="t"),)},
        {"rfid501": Rfid501Fields(branch=1 << 12)},
        {"rfid501": Rfid501Fields(custom=1 << 31)},
        {"rfid501": Rfid501Fields(item_type=256)},
    ],
)
def test_what_a_3m_tag_cannot_hold_is_refused_and_not_dropped(given: dict[str, object]) -> None:
    with pytest.raises(CannotEncode):
        encode_rfid501(dataclasses.replace(BOOK, **given))  # type: ignore[arg-type]  # fields by name


def test_system_information_gives_real_sizes() -> None:
    info = decode_system_info(bytes.fromhex("0f 6745230150 0104e0 06 07 1b03 01"))
    assert info == SystemInfo(uid="E004015001234567", dsfid=0x06, afi=0x07, blocks=28, block_size=4, ic_reference=1)
    assert info.ic_maker == "NXP"
    assert decode_system_info(bytes.fromhex("04674523015001 04e0 1b e3".replace(" ", ""))).block_size == 4
    assert encode_system_info(info).hex() == "0f67452301500104e006071b0301"
    assert SystemInfo(uid="E0FF000000000000").ic_maker is None


@pytest.mark.parametrize("cut", [0, 8, 9, 10, 11, 12, 13])
def test_system_information_that_is_cut_off_is_malformed(cut: int) -> None:
    with pytest.raises(Malformed):
        decode_system_info(bytes.fromhex("0f67452301500104e006071b0301")[:cut])


def test_a_uid_of_another_length_cannot_be_answered() -> None:
    with pytest.raises(ValueError, match="8 bytes"):
        encode_system_info(SystemInfo(uid="E004"))


def test_the_published_tags_say_the_same_in_a_site_that_knows_all_formats() -> None:
    layouts = [OLD_TAGS, FixedLayout(name="bcd", offset=0, length=6, charset=Charset.BCD, pattern="4[0-9]{11}")]
    for name, tag in published.TAGS.items():
        content = detect(published.memory(name), layouts=layouts, item_number=re.compile("[0-9A-Z]+"))
        assert content.format.value == tag["expect"]["format"]
        assert content.primary_item_id == tag["expect"]["primary_item_id"]


ROOM = Path(__file__).parents[3] / "drivers" / "rfid" / "tags"
IMPURE = {"time", "datetime", "uuid", "secrets", "threading", "queue", "asyncio", "socket", "sqlite3", "random", "os"}
IMPURE |= {"pathlib", "subprocess", "logging", "serial", "usb"}


@pytest.mark.parametrize("path", sorted(ROOM.glob("*.py")), ids=lambda path: path.name)
def test_what_reads_tags_touches_no_clock_disk_or_wire(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not IMPURE & {name.partition(".")[0] for name in names}
    assert all(name.startswith("drivers.rfid.tags") for name in names if name.startswith("drivers"))
