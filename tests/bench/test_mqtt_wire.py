"""The wire of the bench's machines: the standard's bytes, however they are cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.site.bench import mqtt_wire as mqtt
from kiosk.site.bench.mqtt_wire import Malformed, Packet

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


def test_a_connect_is_what_the_standard_draws() -> None:
    """MQTT 5, 3.1.2: name, version 5, clean start, keep alive, no properties; 3.1.3: the client's name."""
    assert mqtt.connect("k1", keepalive_s=300) == bytes.fromhex("100f 0004 4d515454 05 02 012c 00 0002 6b31")


def test_a_subscription_asks_for_qos_1() -> None:
    assert mqtt.subscribe(10, ["a/b", "c"]) == bytes.fromhex("820d 000a 00 0003 612f62 01 0001 63 01")


def test_an_acknowledgement_names_its_message() -> None:
    assert mqtt.puback(0x1234) == bytes.fromhex("4002 1234")


def test_a_question_carries_its_expiry_and_its_correlation() -> None:
    made = mqtt.publish("t", b"hi", mid=7, corr=b"c", expiry_s=10)
    assert made == bytes.fromhex("3211 0001 74 0007 09 02 0000000a 09 0001 63 6869")


def test_a_delivered_message_may_carry_more_than_we_send() -> None:
    """3.3.2.3: payload format, content type and a subscription's number stand beside the correlation."""
    body = bytes.fromhex("0001 74 0007 13 01 01 03 0001 78 0b 8101 09 0002 6162 02 00000001 6869")
    (packet,) = mqtt.Framer().feed(bytes([0x32, len(body)]) + body)
    assert (packet.kind, mqtt.delivered(packet)) == (mqtt.PUBLISH, (7, b"hi"))


@given(TEXTS, st.lists(st.binary(max_size=300), max_size=20), st.integers(1, 65_535), st.integers(1, 40))
def test_what_was_published_is_delivered_however_the_wire_cuts_it(
    topic: str, payloads: list[bytes], mid: int, size: int
) -> None:
    data = b"".join(mqtt.publish(topic, payload, mid=mid, corr=b"c", expiry_s=10) for payload in payloads)
    framer = mqtt.Framer()
    found = [packet for at in range(0, len(data), size) for packet in framer.feed(data[at : at + size])]
    assert [mqtt.delivered(packet) for packet in found] == [(mid, payload) for payload in payloads]


def test_what_is_no_packet_is_malformed() -> None:
    with pytest.raises(Malformed):
        mqtt.Framer().feed(bytes.fromhex("30 ffffffff 7f"))
    for body in (b"", b"\0\5abc", b"\0\1a\0"):
        with pytest.raises(Malformed):
            mqtt.delivered(Packet(mqtt.PUBLISH, 2, body))
