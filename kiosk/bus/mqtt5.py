"""MQTT 5 on the wire, as much of it as a bus needs. Bytes only: no socket, no clock.

Source: OASIS MQTT Version 5.0; the numbers in brackets are its sections. QoS 2, topic aliases and enhanced
authentication are never agreed upon by what we send, so a broker that uses them breaks the protocol.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

CONNACK: Final = 2
PUBLISH: Final = 3
PUBACK: Final = 4
SUBACK: Final = 9
PINGRESP: Final = 13
DISCONNECT: Final = 14

PACKET_BYTES_MAX: Final = 16 << 20  # also the limit in our broker's configuration
MID_MAX: Final = 65_535
_HEADER_BYTES_MAX: Final = 5  # [2.1.4]

_CONNECT, _SUBSCRIBE = 0x10, 0x82
PINGREQ: Final = bytes([0xC0, 0])  # [3.12]
GOODBYE: Final = bytes([0xE0, 0])  # [3.14] without a reason: normal disconnection, no will
_WILL_QOS1_RETAINED: Final = 0x2C  # [3.1.2.5]-[3.1.2.7]
_CLEAN_START: Final = 0x02  # [3.1.2.4]

_EXPIRY, _CORRELATION = 0x02, 0x09  # [2.2.2.2]
_SESSION_EXPIRY, _WILL_DELAY, _RECEIVE_MAXIMUM = 0x11, 0x18, 0x21
_BYTE, _TWO, _FOUR, _NUMBER, _TEXT, _PAIR = range(6)
_FORM_OF: Final = {
    **dict.fromkeys((0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A), _BYTE),
    **dict.fromkeys((0x13, 0x21, 0x22, 0x23), _TWO),
    **dict.fromkeys((0x02, 0x11, 0x18, 0x27), _FOUR),
    0x0B: _NUMBER,
    **dict.fromkeys((0x03, 0x08, 0x09, 0x12, 0x15, 0x16, 0x1A, 0x1C, 0x1F), _TEXT),
    0x26: _PAIR,
}
REASONS: Final = {  # [2.4], those that a connection, a subscription or a publish may end with
    0x00: "normal disconnection",
    0x04: "disconnection with will message",
    0x80: "unspecified error",
    0x81: "malformed packet",
    0x82: "protocol error",
    0x83: "implementation specific error",
    0x84: "unsupported protocol version",
    0x85: "client identifier not valid",
    0x86: "bad user name or password",
    0x87: "not authorized",
    0x88: "server unavailable",
    0x89: "server busy",
    0x8A: "banned",
    0x8B: "server shutting down",
    0x8C: "bad authentication method",
    0x8D: "keep alive timeout",
    0x8E: "session taken over",
    0x8F: "topic filter invalid",
    0x90: "topic name invalid",
    0x93: "receive maximum exceeded",
    0x95: "packet too large",
    0x96: "message rate too high",
    0x97: "quota exceeded",
    0x99: "payload format invalid",
    0x9A: "retain not supported",
    0x9B: "QoS not supported",
    0x9C: "use another server",
    0x9D: "server moved",
    0x9F: "connection rate exceeded",
}


class Malformed(Exception):
    """Bytes that are no packet of MQTT 5, or none that was agreed upon."""


@dataclass(frozen=True, slots=True)
class Packet:
    """`kind` is the packet type [2.1.2], `flags` the low half of its first byte."""

    kind: int
    flags: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LastWill:
    topic: str
    payload: bytes
    delay_s: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """CONNACK [3.2]. `receive_maximum` is how many publishes the broker takes before it has acknowledged one."""

    session_present: bool
    code: int
    receive_maximum: int


@dataclass(frozen=True, slots=True)
class Message:
    """PUBLISH [3.3]; `mid` is 0 where nothing has to be acknowledged."""

    topic: str
    payload: bytes
    mid: int
    corr: bytes
    retained: bool


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
            if size > PACKET_BYTES_MAX:
                raise Malformed(f"a packet of {size} bytes")
            if end < body + size:
                break
            packets.append(Packet(data[at] >> 4, data[at] & 0x0F, data[body : body + size]))
            at = body + size
        self._rest = data[at:]
        return packets


def connect(
    client_id: str,
    *,
    keepalive_s: int,
    clean: bool = False,
    session_expiry_s: int = 0,
    receive_maximum: int = MID_MAX,
    will: LastWill | None = None,
) -> bytes:
    """[3.1] The will is sent with QoS 1 and retained."""
    flags = (_CLEAN_START if clean else 0) | (_WILL_QOS1_RETAINED if will else 0)
    properties = struct.pack("!BIBH", _SESSION_EXPIRY, session_expiry_s, _RECEIVE_MAXIMUM, receive_maximum)
    body = (
        _text(b"MQTT") + struct.pack("!BBH", 5, flags, keepalive_s) + _counted(properties) + _text(client_id.encode())
    )
    if will is not None:
        body += (
            _counted(struct.pack("!BI", _WILL_DELAY, will.delay_s)) + _text(will.topic.encode()) + _text(will.payload)
        )
    return _packet(_CONNECT, body)


def subscribe(mid: int, topics: Sequence[str]) -> bytes:
    """[3.8] With QoS 1."""
    return _packet(_SUBSCRIBE, struct.pack("!HB", mid, 0) + b"".join(_text(each.encode()) + b"\x01" for each in topics))


def publish(
    topic: str, payload: bytes, *, mid: int = 0, retain: bool = False, expiry_s: int | None = None, corr: bytes = b""
) -> bytes:
    """[3.3] With QoS 1 where there is a `mid`, else with QoS 0."""
    properties = b"" if expiry_s is None else struct.pack("!BI", _EXPIRY, expiry_s)
    if corr:
        properties += struct.pack("!BH", _CORRELATION, len(corr)) + corr
    head = _text(topic.encode()) + (struct.pack("!H", mid) if mid else b"") + _counted(properties)
    return _packet(PUBLISH << 4 | (0x02 if mid else 0) | int(retain), head + payload)


def puback(mid: int) -> bytes:
    """[3.4] Success."""
    return struct.pack("!BBH", PUBACK << 4, 2, mid)


def accepted(body: bytes) -> Accepted:
    """[3.2] Raises Malformed."""
    try:
        known, _ = _properties(body, 2)
        return Accepted(bool(body[0] & 1), body[1], known.get(_RECEIVE_MAXIMUM, MID_MAX))
    except (struct.error, IndexError) as error:
        raise Malformed("CONNACK") from error


def subscribed(body: bytes) -> tuple[int, ...]:
    """[3.9] A reason code for each topic. Raises Malformed."""
    try:
        _, at = _properties(body, 2)
    except (struct.error, IndexError) as error:
        raise Malformed("SUBACK") from error
    return tuple(body[at:])


def message(packet: Packet) -> Message:
    """Raises Malformed."""
    body, qos = packet.body, packet.flags >> 1 & 3
    try:
        (size,) = struct.unpack_from("!H", body)
        at = 2 + size
        topic = body[2:at].decode()
        mid = 0
        if qos:
            (mid,) = struct.unpack_from("!H", body, at)
            at += 2
        corr, at = _correlation(body, at)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise Malformed("PUBLISH") from error
    if qos > 1 or bool(qos) != bool(mid) or not topic:
        raise Malformed("PUBLISH")
    return Message(topic, body[at:], mid, corr, bool(packet.flags & 1))


def acknowledged(body: bytes) -> tuple[int, int]:
    """[3.4] (message id, reason code). Raises Malformed."""
    if len(body) < 2:
        raise Malformed("PUBACK")
    return body[0] << 8 | body[1], body[2] if len(body) > 2 else 0


def disconnected(body: bytes) -> int:
    """[3.14] The reason code."""
    return body[0] if body else 0


def reason(code: int) -> str:
    """A code in words, for technicians."""
    return REASONS.get(code, f"reason code 0x{code:02X}")


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


def _correlation(data: bytes, at: int) -> tuple[bytes, int]:
    """The correlation data among the properties at `at`, and the position after them all."""
    size, at = _number(data, at)
    end = at + size
    if end > len(data):
        raise Malformed("properties")
    corr = b""
    while at < end:
        if data[at] == _CORRELATION:
            (size,) = struct.unpack_from("!H", data, at + 1)
            corr = data[at + 3 : at + 3 + size]
        at = _after(data, at)
    return corr, end


def _properties(data: bytes, at: int) -> tuple[dict[int, int], int]:
    """The properties of two bytes at `at`, and the position after all of them."""
    size, at = _number(data, at)
    end = at + size
    if end > len(data):
        raise Malformed("properties")
    found: dict[int, int] = {}
    while at < end:
        if _FORM_OF.get(data[at]) == _TWO:
            (found[data[at]],) = struct.unpack_from("!H", data, at + 1)
        at = _after(data, at)
    return found, end


def _after(data: bytes, at: int) -> int:
    """The position after the property at `at`."""
    form = _FORM_OF.get(data[at])
    match form:
        case 0 | 1 | 2:
            return at + 1 + (1, 2, 4)[form]
        case 3:
            return _number(data, at + 1)[1]
        case 4 | 5:
            at += 1
            for _ in range(form - 3):
                (size,) = struct.unpack_from("!H", data, at)
                at += 2 + size
            return at
    raise Malformed(f"property 0x{data[at]:02X}")
