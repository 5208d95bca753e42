"""As much of MQTT 5 as a simulated machine speaks: bytes only.

A thousand real clients would measure this computer and not the gateway. Source: OASIS MQTT Version 5.0; the numbers in
brackets are its sections.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

PUBLISH: Final = 3
PUBACK: Final = 4
SUBACK: Final = 9

_HEADER_BYTES_MAX: Final = 5  # [2.1.4]

_CONNECT, _SUBSCRIBE = 0x10, 0x82
GOODBYE: Final = bytes([0xE0, 0])  # [3.14] without a reason: normal disconnection, no will
_CLEAN_START: Final = 0x02  # [3.1.2.4]

_EXPIRY, _CORRELATION = 0x02, 0x09  # [2.2.2.2]


class Malformed(Exception):
    """Bytes that are no packet of MQTT 5, or none that was agreed upon."""


@dataclass(frozen=True, slots=True)
class Packet:
    """`kind` is the packet type [2.1.2], `flags` the low half of its first byte."""

    kind: int
    flags: int
    body: bytes


class Framer:
    """Bytes in, whole packets out, however the wire cut them."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Packet]:
        """Raises Malformed; nothing that follows can be understood then."""
        data = self._rest + data
        packets = []
        at, end = 0, len(data)
        while at + 1 < end:
            size = body = 0
            for shift, place in enumerate(range(at + 1, min(at + _HEADER_BYTES_MAX, end))):
                size |= (data[place] & 0x7F) << 7 * shift
                if data[place] < 0x80:
                    body = place + 1
                    break
            if not body:
                if end - at >= _HEADER_BYTES_MAX:
                    raise Malformed("a length of more than four bytes")
                break
            if end < body + size:
                break
            packets.append(Packet(data[at] >> 4, data[at] & 0x0F, data[body : body + size]))
            at = body + size
        self._rest = data[at:]
        return packets


def connect(client_id: str, *, keepalive_s: int) -> bytes:
    """[3.1] A clean start without properties."""
    head = _text(b"MQTT") + struct.pack("!BBH", 5, _CLEAN_START, keepalive_s)
    return _packet(_CONNECT, head + _counted(b"") + _text(client_id.encode()))


def subscribe(mid: int, topics: Sequence[str]) -> bytes:
    """[3.8] With QoS 1."""
    return _packet(_SUBSCRIBE, struct.pack("!HB", mid, 0) + b"".join(_text(each.encode()) + b"\x01" for each in topics))


def publish(topic: str, payload: bytes, *, mid: int, expiry_s: int, corr: bytes) -> bytes:
    """[3.3] With QoS 1 and the properties a machine sets."""
    properties = struct.pack("!BI", _EXPIRY, expiry_s) + struct.pack("!BH", _CORRELATION, len(corr)) + corr
    head = _text(topic.encode()) + struct.pack("!H", mid) + _counted(properties)
    return _packet(PUBLISH << 4 | 0x02, head + payload)


def puback(mid: int) -> bytes:
    """[3.4] Success."""
    return struct.pack("!BBH", PUBACK << 4, 2, mid)


def delivered(packet: Packet) -> tuple[int, bytes]:
    """(message id, payload) of a PUBLISH [3.3] with QoS 1. Raises Malformed."""
    body = packet.body
    try:
        (size,) = struct.unpack_from("!H", body)
        (mid,) = struct.unpack_from("!H", body, 2 + size)
        properties, at = _number(body, 4 + size)
    except (struct.error, IndexError) as error:
        raise Malformed("PUBLISH") from error
    return mid, body[at + properties :]


def _packet(first: int, body: bytes) -> bytes:
    return bytes((first,)) + _counted(body)


def _counted(data: bytes) -> bytes:
    """With its length as a variable byte integer [1.5.5] before it."""
    number = len(data)
    if number < 0x80:
        return bytes((number,)) + data
    out = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out) + data


def _text(data: bytes) -> bytes:
    return struct.pack("!H", len(data)) + data


def _number(data: bytes, at: int) -> tuple[int, int]:
    """(value, position after it) of a variable byte integer; IndexError when it is cut off."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if byte < 0x80 or shift > 21:
            return value, at
