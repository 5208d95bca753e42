"""What is written is read, what is unknown is kept, and no bytes whatever stop a machine."""

from __future__ import annotations

import dataclasses
import random
import re

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from drivers.rfid.tags import (
    CannotEncode,
    Charset,
    Element,
    Extension,
    FixedLayout,
    Malformed,
    Rfid501Fields,
    SystemInfo,
    TagContent,
    TagFormat,
    TagItem,
    TagWarning,
    converted,
    decode_system_info,
    describe,
    detect,
    encode_28560_2,
    encode_28560_3,
    encode_rfid501,
    encode_system_info,
    item_of,
    to_json,
)
from drivers.rfid.tags.compaction import Code, compact, compact_as, expand
from drivers.rfid.tags.isil import decode_isil, encode_isil
from drivers.rfid.tags.iso15962 import decode_length, encode_length
from drivers.rfid.tags.memory import reverse_blocks
from tests.property.tags import strategies
from tests.unit.tags import published

MEMORY_BYTES = 1024
LAYOUTS = (
    FixedLayout(name="ascii", offset=0, length=8, pattern="[A-Z][0-9]{7}"),
    FixedLayout(name="bcd", offset=4, length=6, charset=Charset.BCD),
    FixedLayout(name="hex", offset=0, length=4, charset=Charset.HEX, pattern="E2.*"),
)


def said(content: TagContent) -> dict[str, object]:
    """What an item's fields say, as a tag says it back."""
    return {
        "item": content.primary_item_id,
        "owner": content.owner_institution,
        "usage": content.usage,
        "media": content.media,
        "parts": (content.parts, content.ordinal),
        "details": {detail.oid: detail.text for detail in content.details},
        "reversed": content.blocks_reversed,
    }


def wanted(item: TagItem) -> dict[str, object]:
    content = TagContent(format=TagFormat.UNKNOWN, usage_code=item.usage_code, media_code=item.media_code)
    return {
        "item": item.primary_item_id,
        "owner": item.owner_institution,
        "usage": content.usage,
        "media": content.media,
        "parts": (item.parts, item.ordinal),
        "details": {detail.oid: detail.text for detail in item.details},
        "reversed": item.blocks_reversed,
    }


@given(strategies.data_set_items, st.sampled_from([4, 8]))
def test_data_sets_say_what_was_written(item: TagItem, block_size: int) -> None:
    memory = encode_28560_2(item, MEMORY_BYTES, block_size)
    content = detect(memory, block_size=block_size, dsfid=0x06)
    assert said(content) == wanted(item)


@given(strategies.fixed_length_items, st.sampled_from([4, 8]))
def test_the_fixed_length_model_says_what_was_written(item: TagItem, block_size: int) -> None:
    content = detect(encode_28560_3(item, MEMORY_BYTES, block_size), block_size=block_size)
    assert said(content) == wanted(item)


@given(strategies.item_ids, strategies.isils, st.sampled_from([0x10, 0x20, 0x70, 0x80]))
def test_a_small_tag_says_what_was_written_or_refuses_it(item_id: str, isil: str, usage_code: int) -> None:
    item = TagItem(primary_item_id=item_id, owner_institution=isil, usage_code=usage_code)
    try:
        memory = encode_28560_3(item, 32)
    except CannotEncode:
        prefix, _, unit = isil.partition("-")
        assert len(item_id) > 16 or len(prefix) > 2 or len(unit) > 9
        return
    assert said(detect(memory)) == wanted(item)


@given(
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=16),
    st.integers(1, 15),
    st.builds(
        Rfid501Fields,
        item_type=st.integers(0, 255),
        branch=st.integers(0, 0xFFF),
        library=st.integers(0, 0xFFFFF),
        custom=st.integers(-(1 << 31), (1 << 31) - 1),
    ),
    st.booleans(),
)
def test_a_3m_tag_says_what_was_written(item_id: str, parts: int, fields: Rfid501Fields, turned: bool) -> None:
    item = TagItem(primary_item_id=item_id, parts=parts, rfid501=fields, blocks_reversed=turned)
    content = detect(encode_rfid501(item), order=(TagFormat.RFID_501,))
    assert (content.primary_item_id, content.parts, content.rfid501, content.blocks_reversed) == (
        item_id,
        parts,
        fields,
        turned,
    )


@given(strategies.data_set_items, strategies.unknown_elements)
def test_elements_nobody_knows_survive_a_rewrite(item: TagItem, unknown: tuple[Element, ...]) -> None:
    memory = encode_28560_2(dataclasses.replace(item, elements=unknown), MEMORY_BYTES)
    again = item_of(detect(memory, dsfid=0x06))
    assert again is not None
    assert encode_28560_2(again, MEMORY_BYTES) == memory


@given(strategies.fixed_length_items, strategies.unknown_blocks)
def test_blocks_nobody_knows_survive_a_rewrite(item: TagItem, unknown: tuple[Extension, ...]) -> None:
    memory = encode_28560_3(dataclasses.replace(item, extensions=unknown), MEMORY_BYTES)
    again = item_of(detect(memory))
    assert again is not None
    assert detect(encode_28560_3(again, MEMORY_BYTES)) == detect(memory)


@given(st.text(max_size=40))
def test_every_text_is_read_back_from_its_compaction(text: str) -> None:
    assert expand(*compact(text)) == text


@given(st.sampled_from(list(Code)), st.text(st.characters(max_codepoint=0x80), max_size=24))
def test_every_code_gives_back_what_it_admits(code: Code, text: str) -> None:
    try:
        data = compact_as(code, text)
    except CannotEncode:
        return
    assert expand(code, data) == text
    assert len(compact(text)[1]) <= len(data)


@given(st.text(strategies.ISIL_CHARACTERS, max_size=16))
def test_every_isil_is_read_back(isil: str) -> None:
    assert decode_isil(encode_isil(isil)) == isil


@given(st.integers(0, (1 << 28) - 1), st.binary(max_size=3))
def test_every_length_is_read_back(length: int, behind: bytes) -> None:
    encoded = encode_length(length)
    assert decode_length(encoded + behind, 0) == (length, len(encoded))


@given(st.binary(max_size=40), st.integers(1, 9))
def test_turning_blocks_twice_changes_nothing(memory: bytes, block_size: int) -> None:
    assert reverse_blocks(reverse_blocks(memory, block_size), block_size) == memory


@given(
    st.builds(
        SystemInfo,
        uid=st.binary(min_size=8, max_size=8).map(lambda uid: uid.hex().upper()),
        dsfid=st.none() | st.integers(0, 255),
        afi=st.none() | st.integers(0, 255),
        blocks=st.integers(1, 256),
        block_size=st.integers(1, 32),
        ic_reference=st.none() | st.integers(0, 255),
    )
)
def test_system_information_is_read_back(info: SystemInfo) -> None:
    assert decode_system_info(encode_system_info(info)) == info


@given(st.binary(max_size=16))
def test_any_system_information_is_read_or_told_malformed(data: bytes) -> None:
    try:
        info = decode_system_info(data)
    except Malformed:
        return
    assert len(info.uid) == 16


@settings(max_examples=400)
@given(
    st.binary(max_size=130),
    st.integers(-1, 33),
    st.none() | st.integers(0, 255),
    st.none() | st.integers(0, 255),
    st.permutations(list(TagFormat)),
)
@example(b"", 0, 6, 0, list(TagFormat))
@example(b"\x80" * 112, 4, 6, 7, list(TagFormat))
@example(b"\x0f" * 112, 4, 6, 7, list(TagFormat))
@example(b"\xff" * 112, 4, 6, 7, list(TagFormat))
def test_no_bytes_whatever_stop_a_machine(
    memory: bytes, block_size: int, dsfid: int | None, afi: int | None, order: list[TagFormat]
) -> None:
    content = detect(memory, block_size=block_size, dsfid=dsfid, afi=afi, layouts=LAYOUTS, order=order)
    usable_in_every_way(content)


def usable_in_every_way(content: TagContent) -> None:
    assert 0 <= content.confidence <= 100
    assert 1 <= content.ordinal <= content.parts <= 255
    assert describe(content)[0][0] == "format"
    assert to_json(content)["usage"] == content.usage.name.lower()
    item, other = item_of(content), converted(content)
    assert (item is None) == (other is None) == (content.primary_item_id is None)


@settings(max_examples=300)
@given(st.sampled_from(sorted(published.TAGS)), st.integers(0, 1 << 32))
def test_a_damaged_published_tag_stops_no_machine(name: str, seed: int) -> None:
    memory = strategies.damaged(published.memory(name), random.Random(seed))
    usable_in_every_way(detect(memory, layouts=LAYOUTS, item_number=re.compile("[0-9]+")))


@settings(max_examples=300)
@given(strategies.data_set_items, st.integers(0, 1 << 32))
def test_what_can_be_read_from_a_damaged_tag_can_be_written_again(item: TagItem, seed: int) -> None:
    memory = strategies.damaged(encode_28560_2(item, MEMORY_BYTES), random.Random(seed))
    content = detect(memory)
    again = item_of(content)
    if again is None:
        return
    written = encode_for(content, again)
    assert detect(written, dsfid=PROMISE.get(content.format)).primary_item_id == content.primary_item_id


PROMISE = {TagFormat.ISO_28560_2: 0x06, TagFormat.ISO_28560_3: 0x3E}


def encode_for(content: TagContent, item: TagItem) -> bytes:
    if content.format is TagFormat.ISO_28560_3:
        return encode_28560_3(item, 4 * MEMORY_BYTES)
    if content.format is TagFormat.RFID_501:
        return encode_rfid501(item)
    return encode_28560_2(item, 4 * MEMORY_BYTES)


@settings(max_examples=300)
@given(
    strategies.fixed_length_items,
    st.lists(st.integers(0, 34 * 8 - 1), min_size=1, max_size=2, unique=True),
)
def test_two_wrong_bits_never_make_another_item_of_a_fixed_length_tag(item: TagItem, bits: list[int]) -> None:
    assume(len(item.primary_item_id) <= 16)
    memory = bytearray(encode_28560_3(dataclasses.replace(item, blocks_reversed=False), MEMORY_BYTES))
    for bit in bits:
        memory[bit // 8] ^= 1 << bit % 8
    content = detect(bytes(memory))
    assert content.primary_item_id in (None, item.primary_item_id)
    assert content.primary_item_id is None or content.format is TagFormat.ISO_28560_3


@settings(max_examples=300)
@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9.-]{3,23}", fullmatch=True), st.sampled_from([32, 112, 256]))
def test_a_plain_barcode_is_never_taken_for_another_format(text: str, size: int) -> None:
    content = detect(text.encode().ljust(size, b"\x00"))
    assert (content.format, content.primary_item_id) == (TagFormat.UNKNOWN, None)


@pytest.mark.slow
def test_a_million_damaged_tags_stop_no_machine() -> None:
    dice = random.Random(20261123)
    whole = [published.memory(name) for name in sorted(published.TAGS)]
    for number in range(50):
        item = TagItem(primary_item_id=f"D{number:07}", owner_institution="CN-DEMO-NJU", usage_code=0x10)
        whole += [encode_28560_2(item), encode_28560_3(item), reverse_blocks(encode_28560_3(item), 4)]
    formats = dict.fromkeys(TagFormat, 0)
    for _ in range(1_000_000):
        content = detect(strategies.damaged(dice.choice(whole), dice), layouts=LAYOUTS)
        formats[content.format] += 1
    assert all(formats.values()), formats


@pytest.mark.slow
def test_half_a_million_flipped_bits_never_make_another_item_of_a_fixed_length_tag() -> None:
    dice = random.Random(20261124)
    refused = 0
    for _ in range(250_000):
        number = dice.randrange(1, 13)
        item_id = "".join(dice.choice("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-") for _ in range(dice.randrange(4, 17)))
        item = TagItem(primary_item_id=item_id, owner_institution="DK-718500", parts=number, ordinal=number)
        memory = bytearray(encode_28560_3(item))
        for _ in range(dice.randrange(1, 4)):
            bit = dice.randrange(34 * 8)
            memory[bit // 8] ^= 1 << bit % 8
        content = detect(bytes(memory))
        assert content.primary_item_id in (None, item_id)
        refused += TagWarning.CHECKSUM_BAD in content.warnings
    assert refused > 200_000
