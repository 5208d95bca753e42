"""Where a message ends and whether its bytes are whole. Vectors: a Koha 3.17 server, observed live."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.gateway.sip2.frame import BadMessage, Checksum, Flaw, Framer, checksum, seal, split_trailer

LOGIN = b"9300CNterm1|COterm1|CPCPL|AY0AZF5F4"
LIVE = (
    LOGIN,
    b"941AY0AZFDFD",
    b"9900802.00AY1AZFCA0",
    b"98YYYYNN10000520261122    0319182.00AOCPL|BXYYYYYYYYYYYNYYYY|AY1AZEE77",
    b"96AZFEF6",
    b"97AZFEF5",
    "121NNY20261122    031919AOCPL|AA23529000105040|AB01003880001|"
    "AJC程序设计（第四版）|AH20261222    235900|AY5AZD7DB".encode(),
)


@pytest.mark.parametrize("frame", LIVE)
def test_checksums_of_a_live_koha_are_right(frame: bytes) -> None:
    assert split_trailer(frame).checksum is Checksum.GOOD


@pytest.mark.parametrize("frame", LIVE)
def test_what_we_seal_is_what_koha_sent(frame: bytes) -> None:
    trailed = split_trailer(frame)
    assert seal(trailed.body, trailed.sequence) == frame


def test_a_wrong_checksum_is_seen() -> None:
    assert split_trailer(b"9900802.00AY1AZ0000").checksum is Checksum.BAD


def test_a_checksum_over_characters_would_reject_every_chinese_title() -> None:
    """The broken variant: it agrees with the right sum on plain ASCII, which is how it survives its author's tests."""

    def over_characters(text: str) -> int:
        return -sum(ord(char) for char in text) & 0xFFFF

    ascii_only, chinese = LIVE[1], LIVE[-1]
    assert over_characters(ascii_only[:-4].decode()) == checksum(ascii_only[:-4]) == 0xFDFD
    assert checksum(chinese[:-4]) == 0xD7DB
    assert over_characters(chinese[:-4].decode()) != 0xD7DB


def test_a_checksum_without_leading_zeros_or_in_small_letters_is_accepted() -> None:
    body = next(b"941" + b"x" * n for n in range(600) if checksum(b"941" + b"x" * n + b"AY0AZ") < 0x1000)
    value = checksum(body + b"AY0AZ")
    assert split_trailer(body + b"AY0AZ%X" % value) == split_trailer(body + b"AY0AZ%04x" % value)
    assert split_trailer(body + b"AY0AZ%X" % value).checksum is Checksum.GOOD


def test_a_message_without_trailer_is_no_bad_message() -> None:
    assert split_trailer(b"941") == split_trailer(b"941")
    assert split_trailer(b"941").checksum is Checksum.ABSENT


@given(st.data())
def test_frames_come_out_whole_however_the_wire_cuts_them(data: st.DataObject) -> None:
    ends = data.draw(st.lists(st.sampled_from([b"\r", b"\r\n", b"\r\n\0\0"]), min_size=len(LIVE), max_size=len(LIVE)))
    stream = b"\n" + b"".join(frame + end for frame, end in zip(LIVE, ends, strict=True))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    framer = Framer()
    frames = [
        frame
        for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)
        for frame in framer.feed(stream[start:end])
    ]
    assert frames == list(LIVE)
    assert framer.residue == b""


def test_half_a_frame_is_kept_and_known_to_be_there() -> None:
    framer = Framer()
    assert framer.feed(b"\r\n941AY0A") == []
    assert framer.residue == b"941AY0A"
    assert framer.feed(b"ZFDFD\r") == [b"941AY0AZFDFD"]


def test_a_wire_that_never_ends_a_message_cannot_fill_the_memory() -> None:
    framer = Framer(limit=100)
    found = [frame for _ in range(50) for frame in framer.feed(b"x" * 30)]
    assert found == [BadMessage(flaw=Flaw.TOO_LONG)]
    assert framer.feed(b"tail\r941AY0AZFDFD\r") == [b"941AY0AZFDFD"]


def test_one_frame_that_is_too_long_does_not_take_the_next_with_it() -> None:
    framer = Framer(limit=20)
    assert framer.feed(b"y" * 21 + b"\r941\r") == [BadMessage(flaw=Flaw.TOO_LONG), b"941"]


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_no_bytes_upset_the_framer(chunks: list[bytes]) -> None:
    framer = Framer(limit=60)
    for chunk in chunks:
        for frame in framer.feed(chunk):
            if not isinstance(frame, BadMessage):
                assert b"\r" not in frame
                split_trailer(frame)
