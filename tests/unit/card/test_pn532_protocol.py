from __future__ import annotations

import contextlib
import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.card.contract import CardKind
from drivers.card.pn532 import protocol
from drivers.card.pn532.protocol import (
    ACK,
    CHIP_TO_HOST,
    NACK,
    SYNTAX_ERROR,
    Ack,
    Broken,
    Frame,
    Framer,
    Information,
    Nack,
    SyntaxRefused,
    encode,
    targets,
)

GARBAGE_RUNS = 1_000_000

# UM0701-02, 7.2.2 and 7.3.5; the card answer from a trace in nfc-tools/libnfc pull request 739.
GET_FIRMWARE = bytes.fromhex("0000FF02FED4022A00")
FIRMWARE = bytes.fromhex("0000FF06FAD50332010607E800")
SAM = bytes.fromhex("0000FF05FBD4140100011600")
LIST_ONE = bytes.fromhex("0000FF04FCD44A0100E100")
TRACED_CARD = bytes.fromhex("01 01 0004 08 04 1ADA7444")

datas = st.binary(max_size=264)
frames = st.one_of(
    st.just((ACK, Ack())),
    st.just((NACK, Nack())),
    st.just((SYNTAX_ERROR, SyntaxRefused())),
    datas.map(lambda data: (encode(data, CHIP_TO_HOST), Information(CHIP_TO_HOST, data))),
)


def test_commands_are_framed_as_the_manual_shows() -> None:
    assert encode(protocol.GET_FIRMWARE) == GET_FIRMWARE
    assert encode(protocol.SAM_NORMAL) == SAM
    assert encode(bytes.fromhex("4A0100")) == LIST_ONE


def test_an_answer_of_the_manual_is_understood() -> None:
    assert Framer().feed(FIRMWARE) == [Information(CHIP_TO_HOST, bytes.fromhex("0332010607"))]


def test_authentication_of_a_double_size_uid_takes_its_last_four_bytes() -> None:
    # A published example of the whole command for block 4 with key A.
    command = protocol.authenticate(1, 0x60, 4, bytes.fromhex("A73F5DC1D333"), bytes.fromhex("043318EA703280"))
    assert command.hex().upper() == "40016004A73F5DC1D333EA703280"


def test_a_long_uid_is_asked_for_with_its_cascade_tags() -> None:
    assert protocol.list_one(bytes.fromhex("84A1B2C3")).hex() == "4a010084a1b2c3"
    assert protocol.list_one(bytes.fromhex("04112233445566")).hex() == "4a0100" + "88041122" + "33445566"
    assert protocol.list_one(bytes(range(10))).hex() == "4a0100" + "88000102" + "88030405" + "06070809"


def test_the_card_of_a_trace_is_seen() -> None:
    (card,) = targets(TRACED_CARD)
    assert (card.hex, card.atqa, card.sak, card.kind) == ("1ADA7444", 0x0004, 0x08, CardKind.CLASSIC)


def test_two_targets_with_and_without_an_ats_are_told_apart() -> None:
    answer = bytes.fromhex("02" + "01 0008 20 07 04112233445566 05 78807002" + "02 0004 08 04 84A1B2C3")
    assert [card.hex for card in targets(answer)] == ["04112233445566", "84A1B2C3"]


@pytest.mark.parametrize("cut", range(len(TRACED_CARD)))
def test_a_target_cut_anywhere_is_no_card(cut: int) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        targets(TRACED_CARD[:cut])
    assert "1ADA" not in str(error.value).upper()


@pytest.mark.parametrize(
    "answer", ["00FF", "01 01 0004 08 05 1ADA744400", "01 01 0008 20 04 1ADA7444 09 78", "010100042004"]
)
def test_targets_of_impossible_shape_are_no_cards(answer: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        targets(bytes.fromhex(answer))


@given(st.binary(max_size=60))
def test_garbage_for_targets_raises_nothing_else(answer: bytes) -> None:
    try:
        for card in targets(answer):
            assert len(card.uid) in (4, 7, 10)
    except ValueError:
        pass


def test_more_than_a_frame_holds_is_a_bug_of_the_caller() -> None:
    encode(bytes(264))
    with pytest.raises(ValueError, match="265"):
        encode(bytes(265))


@given(datas)
def test_what_is_framed_comes_out_again(data: bytes) -> None:
    assert Framer().feed(encode(data)) == [Information(protocol.HOST_TO_CHIP, data)]


@given(st.lists(frames, max_size=8), st.data())
def test_frames_are_the_same_however_the_bytes_arrive(sent: list[tuple[bytes, Frame]], data: st.DataObject) -> None:
    stream = b"".join(raw for raw, _ in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    framer, got = Framer(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        got += framer.feed(stream[start:end])
    assert got == [frame for _, frame in sent]


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=6))
def test_garbage_is_cut_the_same_for_every_split(noise: bytes, cuts: list[int]) -> None:
    whole = Framer().feed(noise)
    framer, pieces = Framer(), []
    bounds = [0, *sorted(min(cut, len(noise)) for cut in cuts), len(noise)]
    for start, end in itertools.pairwise(bounds):
        pieces += framer.feed(noise[start:end])
    assert pieces == whole


@given(st.binary(max_size=300), datas)
def test_noise_that_is_no_start_of_a_frame_hides_nothing(noise: bytes, data: bytes) -> None:
    noise = noise.replace(b"\x00\xff", b"")
    frame = Information(CHIP_TO_HOST, data)
    assert Framer().feed(noise.rstrip(b"\x00") + encode(data, CHIP_TO_HOST)) == [frame]


def test_a_frame_after_a_broken_one_is_found() -> None:
    broken = bytearray(FIRMWARE)
    broken[7] ^= 1
    assert Framer().feed(bytes(broken) + FIRMWARE) == [
        Broken("checksum"),
        Information(CHIP_TO_HOST, bytes.fromhex("0332010607")),
    ]


def test_a_length_that_lies_swallows_no_more_than_one_frame_could_hold() -> None:
    liar = bytes.fromhex("0000FFFFFF0109F6")  # extended, 265 bytes promised
    framer = Framer()
    assert framer.feed(liar) == []
    got = framer.feed(FIRMWARE * 30)
    assert got[0] == Broken("checksum")
    assert Information(CHIP_TO_HOST, bytes.fromhex("0332010607")) in got


def _flipped(frame: bytes, at: int, mask: int) -> list[Frame]:
    wrong = bytearray(frame)
    wrong[at] ^= mask
    return Framer().feed(bytes(wrong))


def _no_flip_passes() -> None:
    """Every single wrong byte between the start code and the checksum is noticed."""
    frame = encode(TRACED_CARD, CHIP_TO_HOST)
    for at in range(3, len(frame) - 1):
        for mask in (0x01, 0x10, 0x80, 0xFF):
            assert not any(isinstance(got, Information) for got in _flipped(frame, at, mask)), f"byte {at}, mask {mask}"


def test_a_uid_with_a_wrong_byte_is_never_taken_for_a_card() -> None:
    _no_flip_passes()


def test_a_framer_that_ignores_the_checksums_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "sums_to_zero", lambda data: True)
    with pytest.raises(AssertionError):
        _no_flip_passes()


def test_frames_keep_uids_out_of_their_repr() -> None:
    frame = Information(CHIP_TO_HOST, TRACED_CARD)
    (card,) = targets(TRACED_CARD)
    assert "1ADA" not in repr(frame).upper() + repr(card).upper()
    assert repr(TRACED_CARD[-4:]) not in repr(frame) + repr(card)


@pytest.mark.slow
def test_a_million_pieces_of_garbage_raise_nothing() -> None:
    dice = random.Random(532)
    framer = Framer()
    alphabet = bytes.fromhex("0000000000FFFFFFFFFFD4D57F01") + bytes(range(256))
    good = 0
    for run in range(GARBAGE_RUNS):
        piece = bytes(dice.choices(alphabet, k=dice.randint(1, 24)))
        if run % 10 == 0:
            piece = encode(piece, CHIP_TO_HOST)
        for frame in framer.feed(piece):
            good += isinstance(frame, Information)
            if isinstance(frame, Information) and frame.data:
                with contextlib.suppress(ValueError):
                    targets(frame.data)
    assert good > GARBAGE_RUNS // 40
