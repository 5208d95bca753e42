"""PN532 on its high-speed UART: frames and answers. Pure.

Source: NXP UM0701-02 "PN532 User Manual" rev. 02, section 6.2.1 (frames), 7.2 and 7.3 (commands). Frames also run
against libnfc 1.8.0.

A frame is `00 00 FF LEN LCS TFI data DCS 00`; LEN + LCS and the sum of TFI..DCS are zero modulo 256. LEN FF with LCS FF
opens an extended frame with a 16-bit length. Length 00 FF is an ACK (from the host also: "abort"), FF 00 a NACK.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from drivers.card.contract import UID_LENGTHS, CardSeen

HOST_TO_CHIP = 0xD4
CHIP_TO_HOST = 0xD5
ERROR_TFI = 0x7F  # the one-byte "syntax error" frame, 6.2.1.5

START = b"\x00\xff"
ACK = bytes.fromhex("0000FF00FF00")
NACK = bytes.fromhex("0000FFFF0000")
SYNTAX_ERROR = bytes.fromhex("0000FF01FF7F8100")
# A sleeping chip wakes on the fifth rising edge of the line and misses what comes until its oscillator runs: 55 makes
# edges, the zeros give it time (7.2.11 and 6.3.2.3; the length is libnfc's).
WAKE = bytes.fromhex("5555") + bytes(14)
NORMAL_BYTES_MAX = 255  # TFI and data of a normal frame
FRAME_BYTES_MAX = 265  # TFI and data of any frame (6.2.1.2)
LEN_EXTENDED = 0xFF


class Command(enum.IntEnum):
    """Command codes; the answer carries the code plus one (table 11)."""

    DIAGNOSE = 0x00
    GET_FIRMWARE_VERSION = 0x02
    GET_GENERAL_STATUS = 0x04
    READ_REGISTER = 0x06
    WRITE_REGISTER = 0x08
    SET_PARAMETERS = 0x12
    SAM_CONFIGURATION = 0x14
    POWER_DOWN = 0x16
    RF_CONFIGURATION = 0x32
    IN_DATA_EXCHANGE = 0x40
    IN_COMMUNICATE_THRU = 0x42
    IN_DESELECT = 0x44
    IN_LIST_PASSIVE_TARGET = 0x4A
    IN_RELEASE = 0x52
    IN_SELECT = 0x54
    IN_AUTO_POLL = 0x60


class Status(enum.IntEnum):
    """Error codes that matter here (table 15); the low six bits of a status byte."""

    OK = 0x00
    TIMEOUT = 0x01
    AUTHENTICATION = 0x14
    WRONG_CONTEXT = 0x27


GET_FIRMWARE = bytes([Command.GET_FIRMWARE_VERSION])
SAM_NORMAL = bytes([Command.SAM_CONFIGURATION, 0x01, 0x00, 0x01])  # no SAM used, IRQ driven (7.2.10)
AUTOMATIC_RATS = bytes([Command.SET_PARAMETERS, 0x14])  # the power-up default, whatever another program left (7.2.9)
FEW_RETRIES = bytes(
    [Command.RF_CONFIGURATION, 0x05, 0xFF, 0x01, 0x02]
)  # else an empty field is waited on for ever (7.3.1)
FIELD_OFF = bytes([Command.RF_CONFIGURATION, 0x01, 0x00])
LIST_TWO_TYPE_A = bytes([Command.IN_LIST_PASSIVE_TARGET, 0x02, 0x00])  # 106 kbit/s type A, at most two (7.3.5)
MIFARE_READ = 0x30
CASCADE_TAG = b"\x88"
IC_PN532 = 0x32


@dataclass(frozen=True, slots=True)
class Ack:
    """The frame before was understood; from the host: abort what you do."""


@dataclass(frozen=True, slots=True)
class Nack:
    """Send the last answer again."""


@dataclass(frozen=True, slots=True)
class SyntaxRefused:
    """The chip does not know such a command."""


@dataclass(frozen=True, slots=True)
class Information:
    """A command or an answer: direction, and what follows it. May hold a uid or a key, hence no repr."""

    tfi: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Broken:
    """Something that began like a frame and is none; `part` names the field that was wrong."""

    part: str


Frame = Ack | Nack | SyntaxRefused | Information | Broken


def encode(data: bytes, tfi: int = HOST_TO_CHIP) -> bytes:
    """The frame around a command or an answer. Raises ValueError above what the chip takes."""
    body = bytes([tfi]) + data
    if len(body) > FRAME_BYTES_MAX:
        raise ValueError(f"{len(body)} bytes are more than a frame of {FRAME_BYTES_MAX} holds")
    if len(body) <= NORMAL_BYTES_MAX:
        head = bytes([len(body), -len(body) & 0xFF])
    else:
        length = len(body).to_bytes(2, "big")
        head = bytes([LEN_EXTENDED, LEN_EXTENDED]) + length + bytes([-sum(length) & 0xFF])
    return b"\x00" + START + head + body + bytes([-sum(body) & 0xFF, 0x00])


class Framer:
    """Cuts a stream into frames, however the bytes arrive. Never raises; noise between frames is passed over."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        self._buffer += data
        frames: list[Frame] = []
        while (frame := self._next()) is not None:
            frames.append(frame)
        return frames

    def _next(self) -> Frame | None:
        buffer = self._buffer
        start = buffer.find(START)
        if start < 0:
            del buffer[: len(buffer) - buffer.endswith(START[:1])]
            return None
        del buffer[:start]
        cut = _cut(bytes(buffer[: FRAME_BYTES_MAX + 8]))
        if cut is None:
            return None
        frame, used = cut
        del buffer[:used]
        return frame


def sums_to_zero(data: bytes) -> bool:
    """The check of both LEN LCS and TFI..DCS."""
    return sum(data) & 0xFF == 0


def _cut(data: bytes) -> tuple[Frame, int] | None:
    """The frame at the start code that `data` begins with, and the bytes used; None while it is not complete.

    Of a broken frame only the start code is used up: its length cannot be trusted to find the next one.
    """
    if len(data) < 4:
        return None
    match data[2], data[3]:
        case 0x00, 0xFF:
            return Ack(), 4
        case 0xFF, 0x00:
            return Nack(), 4
        case 0xFF, 0xFF:
            if len(data) < 7:
                return None
            if not sums_to_zero(data[4:7]):
                return Broken("length"), len(START)
            return _cut_body(data, 7, int.from_bytes(data[4:6], "big"))
    if not sums_to_zero(data[2:4]):
        return Broken("length"), len(START)
    return _cut_body(data, 4, data[2])


def _cut_body(data: bytes, at: int, length: int) -> tuple[Frame, int] | None:
    if not 1 <= length <= FRAME_BYTES_MAX:
        return Broken("length"), len(START)
    end = at + length + 1
    if len(data) < end:
        return None
    if not sums_to_zero(data[at:end]):
        return Broken("checksum"), len(START)
    if data[at] == ERROR_TFI and length == 1:
        return SyntaxRefused(), end
    return Information(data[at], data[at + 1 : end - 1]), end


def list_one(uid: bytes) -> bytes:
    """InListPassiveTarget for one known card (7.3.5): longer uids are given with their cascade tags."""
    first, second, third = uid[:-7], uid[-7:-4], uid[-4:]
    cascades = (CASCADE_TAG + first if first else b"") + (CASCADE_TAG + second if second else b"")
    return bytes([Command.IN_LIST_PASSIVE_TARGET, 0x01, 0x00]) + cascades + third


def authenticate(target: int, key_command: int, block: int, key: bytes, uid: bytes) -> bytes:
    """MIFARE Classic authentication through InDataExchange (7.3.8): of a longer uid the last four bytes count."""
    return bytes([Command.IN_DATA_EXCHANGE, target, key_command, block]) + key + uid[-4:]


def read_block(target: int, block: int) -> bytes:
    """Reads 16 bytes of the sector that was authenticated last."""
    return bytes([Command.IN_DATA_EXCHANGE, target, MIFARE_READ, block])


def targets(answer: bytes) -> tuple[CardSeen, ...]:
    """The cards in an InListPassiveTarget answer (7.3.5), type A: `NbTg {Tg SENS_RES2 SEL_RES len NFCID [ATS]}*`.

    A card with ISO 14443-4 carries its ATS, whose length byte counts itself. Raises ValueError, without the bytes.
    """
    if not answer:
        raise ValueError("no target count")
    count, rest = answer[0], answer[1:]
    cards = []
    for _ in range(count):
        card, rest = _target(rest)
        cards.append(card)
    if rest:
        raise ValueError(f"{len(rest)} bytes behind the last target")
    return tuple(cards)


def _target(data: bytes) -> tuple[CardSeen, bytes]:
    if len(data) < 5 or data[4] not in UID_LENGTHS or len(data) < 5 + data[4]:
        raise ValueError("a target is cut short or has a uid of an impossible length")
    end = 5 + data[4]
    card = CardSeen(uid=data[5:end], atqa=int.from_bytes(data[1:3], "big"), sak=data[3])
    if card.sak & 0x20:
        if end >= len(data) or not 1 <= data[end] <= len(data) - end:
            raise ValueError("an ATS is cut short")
        end += data[end]
    return card, data[end:]
