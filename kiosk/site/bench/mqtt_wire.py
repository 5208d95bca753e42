"""As much of MQTT 5 as a simulated machine speaks: bytes only. OASIS MQTT Version 5.0, sections 3.1 to 3.8 and 3.14.

A thousand real clients with their threads would measure this computer and not the gateway.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

CONNACK: Final = 2
PUBLISH: Final = 3
PUBACK: Final = 4
SUBACK: Final = 9
KEEPALIVE_S: Final = 300
_CONNECT, _SUBSCRIBE, _DISCONNECT = 0x10, 0x82, 0xE0
_PUBLISH_QOS1: Final = 0x32
_EXPIRY, _CORRELATION = 0x02, 0x09
_CLEAN_START: Final = 0x02


@dataclass(frozen=True, slots=True)
class Packet:
    """`kind` is the packet type (2.1.2), `flags` the low half of its first byte."""

    kind: int
    flags: int
    body: bytes


def connect(client_id: str) -> bytes:
    head = _text("MQTT") + bytes([5, _CLEAN_START]) + struct.pack("!H", KEEPALIVE_S)
    return _packet(_CONNECT, head + b"\0" + _text(client_id))


def subscribe(topic: str, mid: int) -> bytes:
    """At most once a topic, with QoS 1."""
    return _packet(_SUBSCRIBE, struct.pack("!H", mid) + b"\0" + _text(topic) + b"\x01")


def publish(topic: str, payload: bytes, mid: int, *, corr: bytes, expiry_s: int) -> bytes:
    """QoS 1, with the properties a machine sets."""
    properties = bytes([_EXPIRY]) + struct.pack("!I", expiry_s)
    properties += bytes([_CORRELATION]) + struct.pack("!H", len(corr)) + corr
    head = _text(topic) + struct.pack("!H", mid) + _length(len(properties)) + properties
    return _packet(_PUBLISH_QOS1, head + payload)


def puback(mid: int) -> bytes:
    return bytes([PUBACK << 4, 2]) + struct.pack("!H", mid)


def disconnect() -> bytes:
    return bytes([_DISCONNECT, 0])


def delivered(packet: Packet) -> tuple[int, bytes] | None:
    """(message id, payload) of a PUBLISH with QoS 1; None for a body that is none."""
    try:
        (size,) = struct.unpack_from("!H", packet.body)
        (mid,) = struct.unpack_from("!H", packet.body, 2 + size)
        properties, at = _number(packet.body, 4 + size)
    except (struct.error, IndexError):
        return None
    return mid, packet.body[at + properties :]


def cut(data: bytes) -> tuple[list[Packet], bytes]:
    """The whole packets at the start of `data`, and the rest."""
    packets = []
    while len(data) >= 2:
        try:
            size, at = _number(data, 1)
        except IndexError:
            break
        if len(data) < at + size:
            break
        packets.append(Packet(data[0] >> 4, data[0] & 0x0F, data[at : at + size]))
        data = data[at + size :]
    return packets, data


def _packet(first: int, body: bytes) -> bytes:
    return bytes([first]) + _length(len(body)) + body


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("!H", len(data)) + data


def _length(number: int) -> bytes:
    """Variable byte integer (1.5.5)."""
    out = bytearray()
    while True:
        number, low = divmod(number, 128)
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


def _number(data: bytes, at: int) -> tuple[int, int]:
    """(value, position after it) of a variable byte integer; IndexError when it is cut off."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if not byte & 0x80:
            return value, at
