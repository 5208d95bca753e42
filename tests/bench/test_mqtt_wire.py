"""The simulated machines speak the broker's bytes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kiosk.site.bench import mqtt_wire as mqtt


def test_a_connect_is_what_the_standard_draws() -> None:
    """MQTT 5, 3.1.2: protocol name, version 5, clean start, keep alive, no properties; 3.1.3: the client's name."""
    assert mqtt.connect("k1") == bytes.fromhex("100f 0004 4d515454 05 02 012c 00 0002 6b31")


def test_a_subscription_asks_for_qos_1() -> None:
    assert mqtt.subscribe("a/b", 10) == bytes.fromhex("8209 000a 00 0003 612f62 01")


def test_an_acknowledgement_names_its_message() -> None:
    assert mqtt.puback(0x1234) == bytes.fromhex("4002 1234")


def test_a_question_carries_its_expiry_and_its_correlation() -> None:
    made = mqtt.publish("t", b"hi", 7, corr=b"c", expiry_s=10)
    assert made == bytes.fromhex("3211 0001 74 0007 09 02 0000000a 09 0001 63 6869")


@given(st.text(max_size=40), st.binary(max_size=400), st.integers(1, 65_535), st.binary(max_size=40))
def test_what_was_published_is_delivered(topic: str, payload: bytes, mid: int, corr: bytes) -> None:
    packets, rest = mqtt.cut(mqtt.publish(topic, payload, mid, corr=corr, expiry_s=10))
    assert rest == b""
    assert [mqtt.delivered(packet) for packet in packets] == [(mid, payload)]


@given(st.lists(st.integers(1, 65_535), max_size=20), st.integers(1, 7))
def test_packets_arrive_whole_however_the_wire_cuts_them(mids: list[int], size: int) -> None:
    data = b"".join(mqtt.puback(mid) for mid in mids)
    found, rest = [], b""
    for at in range(0, len(data), size):
        packets, rest = mqtt.cut(rest + data[at : at + size])
        found += packets
    assert rest == b""
    assert [int.from_bytes(packet.body, "big") for packet in found] == mids


@given(st.binary(max_size=300))
def test_noise_from_the_broker_never_stops_a_machine(noise: bytes) -> None:
    for packet in mqtt.cut(noise)[0]:
        mqtt.delivered(packet)
