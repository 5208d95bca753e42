"""FEIG frames: golden bytes, every split of a stream, and a framer that no garbage stops."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.rfid.feig.protocol import (
    ADVANCED_BYTES_MAX,
    ANSWER_BYTES_MIN,
    REQUEST_BYTES_MIN,
    Command,
    Frame,
    Framer,
    Noise,
    crc16,
    encode_frame,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "feig.json").read_text())["frames"]

frames = st.builds(
    Frame,
    address=st.integers(0, 255),
    command=st.integers(0, 255),
    body=st.binary(min_size=1, max_size=400),
    advanced=st.booleans(),
)


def crc_bit_by_bit(data: bytes) -> int:
    """The definition of the manual, one bit at a time."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0x8408 if crc & 1 else crc >> 1
    return crc


def cut(chunks: list[bytes], shortest: int = ANSWER_BYTES_MIN) -> list[Frame | Noise]:
    framer = Framer(shortest)
    out = [item for chunk in chunks for item in framer.feed(chunk)]
    return out + framer.flush()


def as_sent(frame: Frame) -> Frame:
    """What does not fit a standard frame is sent as an advanced one."""
    too_long = len(frame.body) + 5 > 255
    return Frame(address=frame.address, command=frame.command, body=frame.body, advanced=frame.advanced or too_long)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_a_published_frame_is_understood_and_written_the_same(vector: dict[str, object]) -> None:
    raw = bytes.fromhex(str(vector["hex"]))
    [frame] = cut([raw], REQUEST_BYTES_MIN)
    assert isinstance(frame, Frame)
    assert encode_frame(frame) == raw


def test_an_advanced_frame_is_built_as_the_manual_draws_it() -> None:
    frame = Frame(address=0xFF, command=Command.DETECT, body=b"\x00", advanced=True)
    head = bytes.fromhex("020008FF5200")
    assert encode_frame(frame) == head + crc_bit_by_bit(head).to_bytes(2, "little")
    assert cut([encode_frame(frame)]) == [frame]


@given(st.binary(max_size=300))
def test_the_fast_checksum_is_the_one_of_the_manual(data: bytes) -> None:
    assert crc16(data) == crc_bit_by_bit(data)


@given(frames)
def test_a_frame_comes_back_as_it_went(frame: Frame) -> None:
    assert cut([encode_frame(frame)]) == [as_sent(frame)]


@given(st.lists(st.one_of(frames.map(encode_frame), st.binary(max_size=30)), max_size=6), st.data())
def test_every_split_of_a_stream_gives_the_same_frames(parts: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    chunks = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert cut(chunks) == cut([stream]) == cut([bytes([byte]) for byte in stream])


@given(st.lists(frames, min_size=1, max_size=4), st.binary(min_size=1, max_size=20).filter(lambda noise: noise[0] < 2))
def test_frames_behind_garbage_are_found_again(sent: list[Frame], garbage: bytes) -> None:
    stream = garbage + b"".join(encode_frame(frame) for frame in sent)
    found = [item for item in cut([stream]) if isinstance(item, Frame)]
    assert found[-1] == as_sent(sent[-1])


@given(frames, st.data())
def test_one_wrong_bit_is_never_a_frame_with_other_content(frame: Frame, data: st.DataObject) -> None:
    raw = bytearray(encode_frame(frame))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    assert as_sent(frame) not in cut([bytes(raw)])
    assert any(isinstance(item, Noise) for item in cut([bytes(raw)]))


@given(st.binary(max_size=600))
def test_garbage_is_never_an_error_and_never_lost(data: bytes) -> None:
    items = cut([data])
    back = b"".join(item.data if isinstance(item, Noise) else encode_frame(item) for item in items)
    assert len(back) == len(data)


def test_a_frame_cut_short_is_noise_after_the_silence() -> None:
    raw = encode_frame(Frame(address=0, command=Command.ISO, body=b"\x00"))
    framer = Framer()
    assert framer.feed(raw[:-1]) == []
    assert framer.pending
    assert framer.flush() == [Noise(raw[:-1])]
    assert framer.feed(raw) == [Frame(address=0, command=Command.ISO, body=b"\x00")]


def test_a_length_no_reader_can_mean_does_not_hold_the_line() -> None:
    good = encode_frame(Frame(address=0, command=Command.ISO, body=b"\x00"))
    huge = b"\x02" + (ADVANCED_BYTES_MAX + 1).to_bytes(2, "big")
    framer = Framer()
    assert Frame(address=0, command=Command.ISO, body=b"\x00") in framer.feed(huge + good) + framer.flush()


@pytest.mark.slow
def test_a_million_bytes_of_garbage_do_not_stop_the_framer() -> None:
    rng = random.Random(1)
    good = Frame(address=0, command=Command.VERSION, body=bytes(9))
    framer = Framer()
    for _ in range(2000):
        framer.feed(rng.randbytes(500))
        framer.flush()
        assert framer.feed(encode_frame(good)) == [good]
