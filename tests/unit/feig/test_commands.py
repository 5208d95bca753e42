"""FEIG commands and answers: golden bytes from the manuals' layouts, both ways, and decoders that never raise."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.rfid.contract import TagUid, tag_uid
from drivers.rfid.feig import commands
from drivers.rfid.feig.commands import (
    EAS_ALARM,
    EAS_RESET,
    EAS_SET,
    Answer,
    Blocks,
    Detect,
    Eas,
    Inventory,
    ReadBlocks,
    ReaderFacts,
    Request,
    RfReset,
    SystemInfo,
    TagFacts,
    Version,
    WriteAfi,
    WriteBlocks,
    answer_frame,
    blocks_data,
    inventory_data,
    memory_shape,
    parse_answer,
    parse_blocks,
    parse_inventory,
    parse_request,
    parse_system_info,
    parse_version,
    request_frame,
    swap_blocks,
    system_info_data,
    version_data,
)
from drivers.rfid.feig.protocol import Command, Frame, Status, encode_frame
from tests.unit.feig.test_protocol import VECTORS

UID = TagUid("E004010012345678")

uids = st.binary(min_size=8, max_size=8).map(tag_uid)
bytes_ = st.integers(0, 255)


@st.composite
def block_writes(draw: st.DrawFn) -> WriteBlocks:
    size = draw(st.sampled_from([1, 2, 4, 8]))
    data = draw(st.binary(min_size=1, max_size=128 // size).map(lambda seed: (seed * size)[: len(seed) * size]))
    return WriteBlocks(uid=draw(uids), first=draw(bytes_), block_size=size, data=data)


requests: st.SearchStrategy[Request] = st.one_of(
    st.just(Detect()),
    st.just(Version()),
    st.just(RfReset()),
    st.builds(Inventory, st.booleans()),
    st.builds(ReadBlocks, uid=uids, first=bytes_, count=st.integers(1, 255)),
    block_writes(),
    st.builds(WriteAfi, uid=uids, afi=bytes_),
    st.builds(SystemInfo, uids),
    st.builds(Eas, uid=uids, code=st.sampled_from([EAS_SET, EAS_RESET, EAS_ALARM]), transparent=st.booleans()),
)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_the_driver_asks_with_the_published_bytes(vector: dict[str, object]) -> None:
    facts = {key: value for key, value in vector.items() if key not in ("name", "hex", "request")}
    request = getattr(commands, str(vector["request"]))(**facts)
    assert encode_frame(request_frame(request)).hex() == vector["hex"]


@pytest.mark.parametrize(
    ("request_", "command", "body"),
    [
        (Inventory(more=True), 0xB0, "0180"),
        (WriteBlocks(uid=UID, first=2, block_size=4, data=bytes.fromhex("0102030405060708")), 0xB0,
         "2401E00401001234567802020404030201" "08070605"),
        (Eas(uid=UID, code=EAS_SET), 0xB1, "04A201E004010012345678"),
        (Eas(uid=UID, code=EAS_RESET), 0xB1, "04A301E004010012345678"),
        (Eas(uid=UID, code=EAS_ALARM), 0xB1, "04A501E004010012345678"),
        (Eas(uid=UID, code=EAS_ALARM, transparent=True), 0xBF, "01" "0023" "0000" "22A504" "78563412000104E0"),
        (Eas(uid=UID, code=EAS_SET, transparent=True), 0xBF, "02" "0003" "0000" "22A204" "78563412000104E0"),
    ],
)  # fmt: skip
def test_requests_are_laid_out_as_in_the_manual(request_: Request, command: int, body: str) -> None:
    assert request_frame(request_) == Frame(address=0xFF, command=command, body=bytes.fromhex(body))


@given(requests, st.booleans())
def test_a_request_comes_back_as_it_went(request_: Request, advanced: bool) -> None:
    assert parse_request(request_frame(request_, advanced=advanced)) == request_


@pytest.mark.parametrize(
    ("command", "body", "status"),
    [
        (0x99, "", Status.UNKNOWN_COMMAND),
        (Command.DETECT, "", Status.LENGTH_ERROR),
        (Command.ISO, "2B01E0", Status.LENGTH_ERROR),
        (Command.ISO, "2B02E004010012345678", Status.PARAMETER_RANGE),
        (Command.ISO, "2301E0040100123456780000", Status.LENGTH_ERROR),
        (Command.ISO, "7701E004010012345678", Status.UNKNOWN_COMMAND),
        (Command.CUSTOM, "07A201E004010012345678", Status.UNKNOWN_COMMAND),
        (Command.TRANSPARENT, "00", Status.LENGTH_ERROR),
    ],
)
def test_a_reader_says_what_is_wrong_with_a_request(command: int, body: str, status: Status) -> None:
    assert parse_request(Frame(address=0xFF, command=command, body=bytes.fromhex(body))) is status


def test_an_inventory_answer_is_read() -> None:
    data = bytes.fromhex("020306E0040100123456780300E007000000000001")
    assert parse_inventory(data) == (UID, "E007000000000001")
    assert inventory_data([(UID, 0x06), (TagUid("E007000000000001"), 0x00)]) == data
    assert parse_inventory(b"\x00") == ()


def test_a_card_in_a_readers_pocket_is_not_taken_for_a_book() -> None:
    data = bytes.fromhex("0204080004AABBCCDDEEFF0306E004010012345678")
    assert parse_inventory(data) == (UID,)


def test_the_bytes_of_a_block_are_turned_round() -> None:
    data = bytes.fromhex("020400040302010108070605")
    assert parse_blocks(data) == Blocks(block_size=4, data=bytes.fromhex("0102030405060708"), locked=(False, True))
    assert blocks_data(4, [(False, bytes([1, 2, 3, 4])), (True, bytes([5, 6, 7, 8]))]) == data


def test_system_information_is_read() -> None:
    data = system_info_data(UID, dsfid=6, afi=7, mem=(3, 27), ic_ref=1)
    assert data == bytes.fromhex("06000400001234567807031B01")
    assert parse_system_info(data) == TagFacts(
        dsfid=6, uid_low=bytes.fromhex("12345678"), afi=7, block_size=4, blocks=28, ic_ref=1
    )


@pytest.mark.parametrize(
    ("mem", "shape"),
    [
        ("031B", (4, 28)),
        ("041C", (4, 28)),
        ("1B03", (4, 28)),
        ("1C04", (4, 28)),
        ("033F", (4, 64)),
        ("0440", (4, 64)),
        ("1F03", (4, 32)),
        ("0307", (4, 8)),
        ("07F9", (8, 250)),
        ("08FA", (8, 250)),
        ("0000", None),
        ("C8C8", None),
    ],
)
def test_the_memory_size_is_understood_however_it_is_counted(mem: str, shape: tuple[int, int] | None) -> None:
    first, second = bytes.fromhex(mem)
    assert memory_shape(first, second) == shape


@given(
    st.builds(
        ReaderFacts,
        firmware=st.integers(0, 0xFFFF),
        development=bytes_,
        hardware=bytes_,
        model=bytes_,
        tags=st.integers(0, 0xFFFF),
    )
)
def test_a_version_comes_back_as_it_went(facts: ReaderFacts) -> None:
    assert parse_version(version_data(facts)) == facts


@given(st.lists(st.tuples(uids, bytes_), max_size=25))
def test_an_inventory_comes_back_as_it_went(tags: list[tuple[TagUid, int]]) -> None:
    assert parse_inventory(inventory_data(tags)) == tuple(uid for uid, _ in tags)


@given(st.integers(1, 32), st.integers(0, 28), st.randoms(use_true_random=False))
def test_blocks_come_back_as_they_went(size: int, count: int, rng: random.Random) -> None:
    memory = rng.randbytes(size * count)
    parsed = parse_blocks(blocks_data(size, [(False, memory[at : at + size]) for at in range(0, len(memory), size)]))
    assert parsed == Blocks(block_size=size, data=memory, locked=(False,) * count)
    assert swap_blocks(swap_blocks(memory, size), size) == memory


@given(bytes_, bytes_, st.binary(max_size=40))
def test_an_answer_comes_back_as_it_went(command: int, status: int, data: bytes) -> None:
    answer = Answer(command=command, status=status, data=data)
    assert parse_answer(answer_frame(answer, address=3)) == answer


@given(st.binary(max_size=200), bytes_)
def test_garbage_never_raises(data: bytes, command: int) -> None:
    frame = Frame(address=0, command=command, body=data)
    parse_request(frame)
    parse_answer(frame)
    for parse in (parse_inventory, parse_blocks, parse_system_info, parse_version):
        parse(data)


@pytest.mark.slow
def test_a_million_pieces_of_garbage_never_raise() -> None:
    rng = random.Random(2)
    codes = [*Command, 0x00, 0xFE]
    for _ in range(1_000_000):
        data = rng.randbytes(rng.randrange(40))
        parse_request(Frame(address=0, command=rng.choice(codes), body=data))
        parse_inventory(data)
        parse_blocks(data)
        parse_system_info(data)
        parse_version(data)
