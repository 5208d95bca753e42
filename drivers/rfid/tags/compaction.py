"""ISO/IEC 15962 compaction: one text in as few bytes as its characters allow.

Source: ISO/IEC 15962 and ISO 28560-2, clause on compaction (GB/T 35660.2-2017, pages 31 to 39); the 7-bit code as
published with dp2's test data and found on tags in the field.
"""

from __future__ import annotations

import enum
from collections.abc import Callable

from drivers.rfid.tags.errors import CannotEncode, Malformed

INTEGER_DIGITS_MAX = 19


class Code(enum.IntEnum):
    """Compaction codes: bits 6 to 4 of a precursor."""

    APPLICATION = 0  # the element says how, see iso28560_2
    INTEGER = 1
    NUMERIC = 2
    FIVE_BIT = 3
    SIX_BIT = 4
    SEVEN_BIT = 5
    OCTETS = 6
    UTF8 = 7


def compact(text: str) -> tuple[Code, bytes]:
    """The shortest encoding the characters allow; among equals the lower code."""
    encodings = [(code, encoder(text)) for code, encoder in _ENCODERS.items()]
    allowed = [(code, data) for code, data in encodings if data is not None]
    return min(allowed, key=lambda encoding: len(encoding[1]))


def compact_as(code: Code, text: str) -> bytes:
    """`text` under one code; raises CannotEncode when the code does not admit it."""
    encoder = _ENCODERS.get(code)
    data = encoder(text) if encoder else None
    if data is None:
        raise CannotEncode(f"compaction code {int(code)} does not admit this text")
    return data


def expand(code: Code, data: bytes) -> str:
    """The text compacted under codes 1 to 7; raises Malformed.

    Lenient where real writers are: shorter texts than an encoder may choose the code for, any padding bits.
    """
    decoder = _DECODERS.get(code)
    if decoder is None:
        raise Malformed("application-defined data has no general reading")
    return decoder(data)


def _integer(text: str) -> bytes | None:
    if not _digits(text) or text[0] == "0" or not 2 <= len(text) <= INTEGER_DIGITS_MAX:
        return None
    value = int(text)
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def _expand_integer(data: bytes) -> str:
    text = str(int.from_bytes(data, "big"))
    if not data or len(text) > INTEGER_DIGITS_MAX:
        raise Malformed("no integer of up to 19 digits")
    return text


def _numeric(text: str) -> bytes | None:
    if not _digits(text) or len(text) < 2:
        return None
    return bytes.fromhex(text if len(text) % 2 == 0 else text + "F")


def _expand_numeric(data: bytes) -> str:
    nibbles = data.hex()
    digits = nibbles[:-1] if nibbles.endswith("f") else nibbles
    if not _digits(digits):
        raise Malformed("a nibble is no digit")
    return digits


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _five_bit(text: str) -> bytes | None:
    if len(text) < 3 or any(not 0x41 <= ord(char) <= 0x5F for char in text):
        return None
    return _pack([ord(char) & 0x1F for char in text], 5, filler=0)


def _expand_five_bit(data: bytes) -> str:
    groups = _unpack(data, 5, filler=0)
    if 0 in groups:
        raise Malformed("0 stands for no 5-bit character")
    return "".join(chr(group | 0x40) for group in groups)


def _six_bit(text: str) -> bytes | None:
    if len(text) < 4 or text[-1] == " " or any(not 0x20 <= ord(char) <= 0x5F for char in text):
        return None
    return _pack([ord(char) & 0x3F for char in text], 6, filler=0b100000)


def _expand_six_bit(data: bytes) -> str:
    groups = _unpack(data, 6, filler=0b100000)
    return "".join(chr(group if group >= 0x20 else group | 0x40) for group in groups)


def _seven_bit(text: str) -> bytes | None:
    if len(text) < 8 or any(ord(char) > 0x7E for char in text):
        return None
    return _pack([ord(char) for char in text], 7, filler=0x7F)


def _expand_seven_bit(data: bytes) -> str:
    groups = _unpack(data, 7, filler=0x7F)
    if 0x7F in groups:
        raise Malformed("7F stands for no 7-bit character")
    return "".join(chr(group) for group in groups)


def _pack(groups: list[int], width: int, *, filler: int) -> bytes:
    """Groups of `width` bits one after the other; the last byte is filled with the first bits of `filler`."""
    value = 0
    for group in groups:
        value = value << width | group
    spare = -len(groups) * width % 8
    value <<= spare
    # At most 7 bits are spare: a filler of 7 ones, of 1 and zeros, or of zeros, cut to size.
    value |= filler >> (width - spare) if spare <= width else filler << (spare - width)
    return value.to_bytes((len(groups) * width + spare) // 8, "big")


def _unpack(data: bytes, width: int, *, filler: int) -> list[int]:
    """The whole groups of `width` bits; a last one like the filling is left out: no text ends in it."""
    value, bits = int.from_bytes(data, "big"), len(data) * 8
    mask = (1 << width) - 1
    groups = [value >> (bits - end) & mask for end in range(width, bits + 1, width)]
    if groups and groups[-1] == filler:
        groups.pop()
    return groups


def _octets(text: str) -> bytes | None:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return None


def _utf8(text: str) -> bytes | None:
    return text.encode("utf-8")


def _expand_octets(data: bytes) -> str:
    return data.decode("latin-1")


def _expand_utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("no UTF-8") from error


_ENCODERS: dict[Code, Callable[[str], bytes | None]] = {
    Code.INTEGER: _integer,
    Code.NUMERIC: _numeric,
    Code.FIVE_BIT: _five_bit,
    Code.SIX_BIT: _six_bit,
    Code.SEVEN_BIT: _seven_bit,
    Code.OCTETS: _octets,
    Code.UTF8: _utf8,
}

_DECODERS: dict[Code, Callable[[bytes], str]] = {
    Code.INTEGER: _expand_integer,
    Code.NUMERIC: _expand_numeric,
    Code.FIVE_BIT: _expand_five_bit,
    Code.SIX_BIT: _expand_six_bit,
    Code.SEVEN_BIT: _expand_seven_bit,
    Code.OCTETS: _expand_octets,
    Code.UTF8: _expand_utf8,
}
