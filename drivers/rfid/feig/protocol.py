"""FEIG ISO host mode on the wire: bytes to frames and back. Pure; no input makes the framer raise.

Sources: FEIG H20800-16e-ID-B and H60301-3e-ID-B (ID ISC.MR/PR/PRH101), ID ISC.MR200 H40801-5e-ID-B. Section numbers
below are those of H60301-3e unless said otherwise.
"""

from __future__ import annotations

import binascii
import enum
from dataclasses import dataclass

STANDARD_BYTES_MAX = 255
# The format allows 65535; no reader of the family sends more than a buffer of a few hundred, and a corrupt length must
# not make us wait for bytes that never come.
ADVANCED_BYTES_MAX = 4096
REQUEST_BYTES_MIN = 5
ANSWER_BYTES_MIN = 6
STX = 0x02  # first byte of an advanced frame; no standard frame is that short
_MIRROR = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
ANY_READER = 0xFF  # COM-ADR every reader listens to; it answers with its own


class Command(enum.IntEnum):
    """Control bytes."""

    DETECT = 0x52  # 5.1
    VERSION = 0x65  # 5.4
    RF_RESET = 0x69  # 5.6
    ISO = 0xB0  # 6.1
    CUSTOM = 0xB1  # 8
    TRANSPARENT = 0xBF  # 8.6


class Status(enum.IntEnum):
    """Status bytes of answers (annex D)."""

    OK = 0x00
    NO_TRANSPONDER = 0x01
    DATA_FALSE = 0x02
    WRITE_ERROR = 0x03
    ADDRESS_ERROR = 0x04
    WRONG_TYPE = 0x05
    AUTHENTICATION = 0x08
    GENERAL = 0x0E
    EEPROM = 0x10
    PARAMETER_RANGE = 0x11
    UNKNOWN_COMMAND = 0x80
    LENGTH_ERROR = 0x81
    NOT_AVAILABLE = 0x82
    RF_COMMUNICATION = 0x83
    RF_WARNING = 0x84
    NO_VALID_DATA = 0x92
    BUFFER_OVERFLOW = 0x93
    MORE_DATA = 0x94
    ISO15693_ERROR = 0x95
    ISO14443_ERROR = 0x96
    HARDWARE_WARNING = 0xF1


def crc16(data: bytes) -> int:
    """CRC of a frame: reflected polynomial 8408, start FFFF, no final xor (2.2.2)."""
    # The C library has the same polynomial unreflected (1021): mirror every byte, then the result. In plain Python a
    # stream of garbage would cost milliseconds a byte.
    mirrored = binascii.crc_hqx(data.translate(_MIRROR), 0xFFFF)
    return _MIRROR[mirrored >> 8] | _MIRROR[mirrored & 0xFF] << 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame without its length and CRC. The first byte of an answer's `body` is its status."""

    address: int
    command: int
    body: bytes = b""
    advanced: bool = False


@dataclass(frozen=True, slots=True)
class Noise:
    """Bytes that belong to no valid frame."""

    data: bytes


def encode_frame(frame: Frame) -> bytes:
    """The bytes on the wire. What does not fit a standard frame becomes an advanced one, as readers do it (2.2.1)."""
    content = bytes([frame.address, frame.command]) + frame.body
    standard_len = len(content) + 3
    if frame.advanced or standard_len > STANDARD_BYTES_MAX:
        head = bytes([STX]) + (len(content) + 5).to_bytes(2, "big")
    else:
        head = bytes([standard_len])
    return head + content + crc16(head + content).to_bytes(2, "little")


class Framer:
    """Cuts a byte stream into frames; every split of a stream gives the same result.

    `shortest` is the shortest standard frame of the direction listened to. A byte that cannot begin a frame, or a
    frame whose CRC is wrong, costs one byte; then the search goes on behind it. Length bytes lie, so a frame that
    never completes must be given up by the caller: after a silence, `flush`.
    """

    def __init__(self, shortest: int = ANSWER_BYTES_MIN) -> None:
        self._shortest = shortest
        self._buffer = bytearray()
        self._noise = bytearray()

    @property
    def pending(self) -> bool:
        """True while bytes wait for the rest of their frame."""
        return bool(self._buffer or self._noise)

    def feed(self, data: bytes) -> list[Frame | Noise]:
        """Takes the next bytes of the stream."""
        self._buffer += data
        return self._cut(complete=False)

    def flush(self) -> list[Frame | Noise]:
        """Nothing more is coming: what is left is cut as far as it goes, the rest is noise."""
        out = self._cut(complete=True)
        self._spill(out)
        return out

    def _cut(self, *, complete: bool) -> list[Frame | Noise]:
        out: list[Frame | Noise] = []
        while self._buffer:
            length = self._frame_len()
            if length > len(self._buffer) and not complete:
                break
            frame = self._frame(length)
            if frame is None:
                self._noise.append(self._buffer.pop(0))
                continue
            self._spill(out)
            out.append(frame)
            del self._buffer[:length]
        return out

    def _spill(self, out: list[Frame | Noise]) -> None:
        if self._noise:
            out.append(Noise(bytes(self._noise)))
            self._noise.clear()

    def _frame_len(self) -> int:
        """Length of the frame the buffer may begin with; 0 for none. At least one byte more while undecided."""
        first = self._buffer[0]
        if first != STX:
            return first if first >= self._shortest else 0
        if len(self._buffer) < 3:
            return len(self._buffer) + 1
        length = int.from_bytes(self._buffer[1:3], "big")
        return length if self._shortest + 2 <= length <= ADVANCED_BYTES_MAX else 0

    def _frame(self, length: int) -> Frame | None:
        if not 0 < length <= len(self._buffer):
            return None
        raw = bytes(self._buffer[:length])
        if crc16(raw[:-2]) != int.from_bytes(raw[-2:], "little"):
            return None
        advanced = raw[0] == STX
        content = raw[3 if advanced else 1 : -2]
        if len(content) < 2:
            return None
        return Frame(address=content[0], command=content[1], body=content[2:], advanced=advanced)
