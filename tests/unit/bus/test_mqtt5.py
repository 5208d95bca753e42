"""MQTT 5 on the wire: the standard's bytes, and no noise that stops a machine."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.bus import mqtt5
from kiosk.bus.mqtt5 import LastWill, Malformed, Message, Packet

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


def framed(data: bytes) -> list[Packet]:
    return mqtt5.Framer().feed(data)


def test_a_connect_is_what_the_standard_draws() -> None:
    """MQTT 5, 3.1.2: name, version 5, clean start, keep alive, session expiry, receive maximum; 3.1.3: the name."""
    made = mqtt5.connect("k1", keepalive_s=300, clean=True, session_expiry_s=60, receive_maximum=100)
    assert made == bytes.fromhex("1017 0004 4d515454 05 02 012c 08 11 0000003c 21 0064 0002 6b31")


def test_the_broker_is_told_what_to_say_when_a_machine_dies() -> None:
    """3.1.2.5: will, QoS 1, retained; 3.1.3.2: its delay, topic and payload follow the client's name."""
    made = mqtt5.connect("k", keepalive_s=15, will=LastWill(topic="t", payload=b"dead", delay_s=30))
    head = "1025 0004 4d515454 05 2c 000f 08 11 00000000 21 ffff 0001 6b"
    assert made == bytes.fromhex(head + "05 18 0000001e 0001 74 0004 64656164")


def test_a_subscription_asks_for_qos_1() -> None:
    assert mqtt5.subscribe(10, ["a/b", "c"]) == bytes.fromhex("820d 000a 00 0003 612f62 01 0001 63 01")


def test_an_acknowledgement_names_its_message() -> None:
    assert mqtt5.puback(0x1234) == bytes.fromhex("4002 1234")
    assert mqtt5.acknowledged(bytes.fromhex("1234")) == (0x1234, 0)
    assert mqtt5.acknowledged(bytes.fromhex("1234 87 00")) == (0x1234, 0x87)


def test_a_question_carries_its_expiry_and_its_correlation() -> None:
    made = mqtt5.publish("t", b"hi", mid=7, corr=b"c", expiry_s=10)
    assert made == bytes.fromhex("3211 0001 74 0007 09 02 0000000a 09 0001 63 6869")


def test_what_is_said_once_and_kept_has_no_number() -> None:
    assert mqtt5.publish("t", b"hi", retain=True) == bytes.fromhex("3106 0001 74 00 6869")


def test_the_broker_says_how_much_it_takes_at_a_time() -> None:
    """3.2.2.3: receive maximum among properties of every other form."""
    properties = "11 0000003c 12 0001 6b 1f 0002 6869 21 0014 24 01 26 0001 61 0001 62 27 00010000 2a 01"
    body = bytes.fromhex("01 00") + bytes([len(bytes.fromhex(properties))]) + bytes.fromhex(properties)
    assert mqtt5.accepted(body) == mqtt5.Accepted(True, 0, 20)
    assert mqtt5.accepted(bytes.fromhex("00 87 00")) == mqtt5.Accepted(False, 0x87, mqtt5.MID_MAX)


def test_each_subscription_has_its_answer() -> None:
    assert mqtt5.subscribed(bytes.fromhex("000a 00 01 87")) == (1, 0x87)


def test_a_delivered_message_may_carry_more_than_we_send() -> None:
    """3.3.2.3: payload format, content type and a subscription's number stand beside the correlation."""
    packet = bytes.fromhex("3318 0001 74 0007 10 01 01 03 0001 78 0b 8101 09 0002 6162 02 00000001")[:2]
    body = bytes.fromhex("0001 74 0007 13 01 01 03 0001 78 0b 8101 09 0002 6162 02 00000001 6869")
    (got,) = framed(bytes([packet[0], len(body)]) + body)
    assert mqtt5.message(got) == Message("t", b"hi", 7, b"ab", True)


def test_a_reason_is_told_in_words() -> None:
    assert mqtt5.reason(0x87) == "not authorized"
    assert mqtt5.reason(0xA7) == "reason code 0xA7"


@given(TEXTS, st.binary(max_size=400), st.integers(0, 65_535), st.binary(max_size=300), st.booleans())
def test_what_was_published_is_delivered(topic: str, payload: bytes, mid: int, corr: bytes, retain: bool) -> None:
    (packet,) = framed(mqtt5.publish(topic, payload, mid=mid, corr=corr, expiry_s=10, retain=retain))
    assert mqtt5.message(packet) == Message(topic, payload, mid, corr, retain)


@given(st.lists(st.binary(max_size=300), max_size=20), st.integers(1, 40))
def test_packets_arrive_whole_however_the_wire_cuts_them(payloads: list[bytes], size: int) -> None:
    data = b"".join(mqtt5.publish("t", payload, mid=1) for payload in payloads)
    framer = mqtt5.Framer()
    found = [packet for at in range(0, len(data), size) for packet in framer.feed(data[at : at + size])]
    assert [mqtt5.message(packet).payload for packet in found] == payloads


@given(st.binary(max_size=300))
def test_noise_is_malformed_or_a_packet_and_nothing_else(noise: bytes) -> None:
    read = (
        mqtt5.message,
        lambda packet: mqtt5.accepted(packet.body),
        lambda packet: mqtt5.subscribed(packet.body),
        lambda packet: mqtt5.acknowledged(packet.body),
        lambda packet: mqtt5.disconnected(packet.body),
    )
    packets = [Packet(3, 2, noise)]
    with contextlib.suppress(Malformed):
        packets += framed(noise)
    for each in read:
        for packet in packets:
            with contextlib.suppress(Malformed):
                each(packet)


def test_a_length_that_never_ends_is_malformed() -> None:
    for data in (bytes.fromhex("30 ffffffff 7f"), bytes.fromhex("30 ffffff7f")):
        with pytest.raises(Malformed):
            framed(data)
