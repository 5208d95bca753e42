"""What both buses promise, and where they promise nothing."""

from __future__ import annotations

import pytest

from drivers.clock import Mailbox
from kiosk.bus import BusEvent, BusGone, Connected, Disconnected, PublishRefused, Will
from kiosk.bus.contract import NOT_AUTHORIZED, REFUSED, UNDER_WAY_MAX
from tests.contract.bus.rigs import ONE, TWO, Client, Rig

TX = ONE.topic("tx")
RCPT = ONE.topic("rcpt")
STATE = ONE.topic("state")


def test_a_message_arrives_with_its_bytes_and_its_correlation(rig: Rig) -> None:
    gateway = rig.client("gateway", TX)
    kiosk = rig.client(ONE.device)
    kiosk.bus.publish(TX, bytes(range(256)), corr=b"\x00key\xff")
    rig.until(lambda: gateway.got)
    assert (gateway.got[0].topic, gateway.got[0].payload) == (TX, bytes(range(256)))
    assert (gateway.got[0].corr, gateway.got[0].retained) == (b"\x00key\xff", False)


def test_telemetry_needs_no_acknowledgement(rig: Rig) -> None:
    gateway = rig.client("gateway", ONE.topic("tele"))
    kiosk = rig.client(ONE.device)
    kiosk.bus.publish(ONE.topic("tele"), b"t", qos=0)
    rig.until(lambda: gateway.got)
    assert gateway.payloads == [b"t"]


def test_a_gateway_that_comes_later_still_learns_who_is_there(rig: Rig) -> None:
    kiosk = rig.client(ONE.device)
    kiosk.bus.publish(STATE, b"born", retain=True)
    rig.pass_time(0.05)
    gateway = rig.client("gateway", STATE)
    rig.until(lambda: gateway.got)
    assert (gateway.payloads, gateway.got[0].retained) == ([b"born"], True)


def test_a_torn_connection_leaves_a_will_and_comes_back_by_itself(rig: Rig) -> None:
    gateway = rig.client("gateway", STATE)
    kiosk = rig.client(ONE.device, will=Will(topic=STATE, payload=b"gone", delay_s=0))
    rig.tear(kiosk)
    rig.until(lambda: gateway.got)
    assert gateway.payloads == [b"gone"]
    rig.until(lambda: len(kiosk.connections) == 2)
    assert isinstance(kiosk.events[1], Disconnected)
    assert kiosk.connections[1].session_present


def test_a_goodbye_leaves_no_will(rig: Rig) -> None:
    gateway = rig.client("gateway", STATE)
    kiosk = rig.client(ONE.device, will=Will(topic=STATE, payload=b"gone", delay_s=0))
    kiosk.bus.close()
    rig.pass_time(0.3)
    assert gateway.got == []
    with pytest.raises(BusGone):
        kiosk.bus.publish(TX, b"x")


def test_the_will_is_dropped_when_the_machine_is_back_in_time(rig: Rig) -> None:
    gateway = rig.client("gateway", STATE)
    kiosk = rig.client(ONE.device, will=Will(topic=STATE, payload=b"gone", delay_s=5))
    rig.tear(kiosk)
    rig.until(lambda: len(kiosk.connections) == 2)
    assert gateway.got == []


def test_what_comes_for_an_absent_machine_waits_for_it(rig: Rig) -> None:
    gateway = rig.client("gateway")
    rig.client(ONE.device, RCPT).bus.close()
    rig.pass_time(0.1)
    gateway.bus.publish(RCPT, b"receipt")
    rig.pass_time(0.1)
    back = rig.client(ONE.device, RCPT)
    rig.until(lambda: back.got)
    assert back.connections == [Connected(session_present=True)]
    assert back.payloads == [b"receipt"]


def test_an_answer_that_nobody_waits_for_any_more_dies_on_the_way(rig: Rig) -> None:
    gateway = rig.client("gateway")
    rig.client(ONE.device, ONE.topic("rsp"), RCPT).bus.close()
    rig.pass_time(0.1)
    gateway.bus.publish(ONE.topic("rsp"), b"stale", expiry_s=1)
    gateway.bus.publish(RCPT, b"receipt")
    rig.pass_time(2.1)
    back = rig.client(ONE.device, ONE.topic("rsp"), RCPT)
    rig.until(lambda: back.got)
    assert back.payloads == [b"receipt"]


def test_without_a_broker_nothing_is_taken_and_the_bus_comes_back_with_it(rig: Rig) -> None:
    kiosk = rig.client(ONE.device)
    rig.stop()
    rig.until(lambda: isinstance(kiosk.events[-1], Disconnected))
    with pytest.raises(BusGone):
        kiosk.bus.publish(TX, b"x")
    rig.start()
    rig.until(lambda: len(kiosk.connections) == 2)
    gateway = rig.client("gateway", TX)
    kiosk.bus.publish(TX, b"again")
    rig.until(lambda: gateway.got)
    assert gateway.payloads == [b"again"]


def test_a_refused_publish_is_told_and_the_connection_stays(rig: Rig) -> None:
    kiosk = rig.client(ONE.device)
    kiosk.bus.publish(RCPT, b"forged")
    rig.until(lambda: len(kiosk.events) == 2)
    assert kiosk.events[1] == PublishRefused(RCPT, NOT_AUTHORIZED)
    gateway = rig.client("gateway", TX)
    kiosk.bus.publish(TX, b"fine")
    rig.until(lambda: gateway.got)
    assert gateway.payloads == [b"fine"]


def test_no_more_is_under_way_than_the_limit_and_all_that_was_taken_arrives(rig: Rig) -> None:
    gateway = rig.client("gateway", TX)
    kiosk = rig.client(ONE.device)
    taken = _burst(kiosk, 1_500)
    assert len(taken) >= UNDER_WAY_MAX
    rig.until(lambda: len(gateway.got) == len(taken))
    assert gateway.payloads == taken
    rig.until(lambda: _burst(kiosk, 1))


def _burst(kiosk: Client, count: int) -> list[bytes]:
    """As many of `count` messages as the bus takes at once."""
    taken: list[bytes] = []
    for n in range(count):
        try:
            kiosk.bus.publish(TX, b"%d" % n)
        except BusGone:
            return taken
        taken.append(b"%d" % n)
    return taken


def test_gateways_that_share_a_subscription_get_each_message_once(rig: Rig) -> None:
    first = rig.client("gateway", f"$share/gw/{TX}")
    kiosk = rig.client(ONE.device)
    for n in range(10):
        kiosk.bus.publish(TX, b"%d" % n)
    rig.until(lambda: len(first.got) == 10)
    assert first.payloads == [b"%d" % n for n in range(10)]


def test_a_second_connection_of_one_name_ends_the_first(rig: Rig) -> None:
    first = rig.client(TWO.device)
    rig.client(TWO.device)
    rig.until(lambda: len(first.events) > 1)
    assert isinstance(first.events[1], Disconnected)
    assert first.events[1].code >= REFUSED


def test_an_owner_that_stops_reading_loses_the_connection_and_not_the_bus(rig: Rig) -> None:
    mailbox: Mailbox[BusEvent] = rig.hub.mailbox(1)
    bus = rig.bus(ONE.device, [RCPT])
    bus.start(mailbox.put)
    gateway = rig.client("gateway")
    rig.until(lambda: len(mailbox) == 1)  # Connected, and nobody takes it
    gateway.bus.publish(RCPT, b"one")
    rig.pass_time(0.2)
    assert mailbox.get(0.0) == Connected(session_present=False)
    rig.until(lambda: len(mailbox) == 1)
    assert isinstance(mailbox.get(0.0), Disconnected)
    rig.until(lambda: mailbox.get(0.0) == Connected(session_present=True))
    bus.close()
