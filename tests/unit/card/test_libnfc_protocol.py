from __future__ import annotations

import contextlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.card.contract import CardSeen, KeyKind
from drivers.card.libnfc.protocol import (
    LINE_BYTES_MAX,
    Answer,
    Block,
    Cards,
    Fault,
    Identify,
    Lines,
    Poll,
    ReadBlock,
    Reader,
    Refusal,
    Request,
    decode_answer,
    decode_request,
    encode_answer,
    encode_request,
)

uids = st.sampled_from([4, 7, 10]).flatmap(lambda size: st.binary(min_size=size, max_size=size))
cards = st.builds(CardSeen, uid=uids, atqa=st.integers(0, 0xFFFF), sak=st.integers(0, 0xFF))
words = st.text(alphabet="abcdefghijklmnopqrstuvwxyz-0123456789", min_size=1, max_size=12)
requests = st.one_of(
    st.just(Identify()),
    st.just(Poll()),
    st.builds(
        ReadBlock,
        uid=uids,
        block=st.integers(0, 255),
        key=st.binary(min_size=6, max_size=6),
        kind=st.sampled_from(KeyKind),
    ),
)
answers = st.one_of(
    words.map(Reader),
    st.lists(cards, max_size=2).map(lambda some: Cards(tuple(some))),
    st.binary(min_size=16, max_size=16).map(Block),
    words.map(Refusal),
    words.map(Fault),
)
numbers = st.integers(0, 10**9)


def test_lines_read_as_the_docstring_shows() -> None:
    block = ReadBlock(uid=bytes.fromhex("04A1B2C3"), block=4, key=b"\xff" * 6, kind=KeyKind.A)
    assert encode_request(8, block) == b"8 block 04A1B2C3 4 60 FFFFFFFFFFFF\n"
    seen = CardSeen(uid=bytes.fromhex("04A1B2C3"), atqa=4, sak=8)
    assert encode_answer(7, Cards((seen,))) == b"7 cards 0004:08:04A1B2C3\n"


@given(numbers, requests)
def test_a_request_arrives_as_it_was_meant(number: int, request: Request) -> None:
    assert decode_request(encode_request(number, request)) == (number, request)


@given(numbers, answers)
def test_an_answer_arrives_as_it_was_meant(number: int, answer: Answer) -> None:
    assert decode_answer(encode_answer(number, answer)) == (number, answer)


@given(st.one_of(st.binary(max_size=60), st.text(max_size=40).map(lambda text: b"7 cards " + text.encode())))
def test_garbage_is_refused_and_nothing_else(line: bytes) -> None:
    for decode in (decode_request, decode_answer):
        with contextlib.suppress(ValueError):
            decode(line)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"cards",
        b"7 cards 0004:08:84A1B2",
        b"7 cards 0004:08",
        b"7 cards -004:08:84A1B2C3",
        b"7 cards 10004:08:84A1B2C3",
        b"7 cards 0004:08:84A1B2C3 0004:08:84A1B2C4 0004:08:84A1B2C5",
        b"7 block 84A1B2C3",
        b"7 block 84A1B2C3 5 62 FFFFFFFFFFFF",
        b"7 block 84A1B2C3 5 60 FF",
        "7 卡".encode(),
    ],
)
def test_a_line_that_is_almost_right_is_refused_without_repeating_it(line: bytes) -> None:
    for decode in (decode_request, decode_answer):
        with pytest.raises(ValueError, match=r"^(no|not|another)") as error:
            decode(line)
        assert "84A1" not in str(error.value)


@given(
    st.lists(st.binary(max_size=30).filter(lambda line: b"\n" not in line), max_size=6), st.lists(st.integers(0, 200))
)
def test_lines_are_the_same_however_the_bytes_arrive(lines: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(line + b"\n" for line in lines)
    bounds = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    cutter, got = Lines(), []
    for start, end in itertools.pairwise(bounds):
        got += cutter.feed(stream[start:end])
    assert got == lines


def test_a_line_without_end_does_not_fill_the_memory() -> None:
    cutter = Lines()
    for _ in range(100):
        assert cutter.feed(b"x" * LINE_BYTES_MAX) == []
    assert len(cutter._buffer) <= LINE_BYTES_MAX
