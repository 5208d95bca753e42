"""Who can be reached is told when it changes, and a short flutter is not told at all."""

from __future__ import annotations

from kiosk.domain import ItemBarcode
from kiosk.messages.asks import AskItem, Unavailable
from kiosk.uplink import LinkDown, LinkUp, Peer
from tests.unit.uplink.stage import ADDRESS, Stage


def changes(stage: Stage) -> list[LinkUp | LinkDown]:
    return [event for event in stage.events if isinstance(event, LinkUp | LinkDown)]


def settled(stage: Stage) -> None:
    stage.gateway()
    stage.run(5.0)
    assert changes(stage) == [LinkUp(what=Peer.BROKER), LinkUp(what=Peer.GATEWAY), LinkUp(what=Peer.ILS)]
    stage.events.clear()
    stage.times.clear()


def test_broker_gateway_and_library_system_come_up_in_this_order(stage: Stage) -> None:
    settled(stage)


def test_a_broker_alone_is_no_gateway(stage: Stage) -> None:
    stage.run(60.0)
    assert changes(stage) == [LinkUp(what=Peer.BROKER)]


def test_a_reconnect_within_moments_is_not_told(stage: Stage) -> None:
    settled(stage)
    for _ in range(5):
        stage.broker.cut(ADDRESS.device)
        stage.run(3.0)
    assert changes(stage) == []


def test_a_broker_that_stays_away_is_told_with_the_gateway_behind_it(stage: Stage) -> None:
    settled(stage)
    stage.broker.stop(forget=False)
    stage.run(30.0)
    assert changes(stage) == [LinkDown(what=Peer.BROKER), LinkDown(what=Peer.GATEWAY)]
    stage.broker.start()
    stage.run(30.0)
    assert changes(stage)[2:] == [LinkUp(what=Peer.BROKER), LinkUp(what=Peer.GATEWAY)]


def test_a_gateway_that_falls_silent_is_told_and_comes_back_after_two_good_signs(stage: Stage) -> None:
    settled(stage)
    stage.far.mute = True
    stage.run(120.0)
    assert changes(stage) == [LinkDown(what=Peer.GATEWAY)]
    assert stage.times[stage.events.index(LinkDown(what=Peer.GATEWAY))] < 50.0  # probe, then silence
    stage.far.mute = False
    births = len(stage.far.births)
    stage.run(20.0)
    assert changes(stage)[1:] == [LinkUp(what=Peer.GATEWAY)]
    assert len(stage.far.births) - births >= 2


def test_a_question_without_answer_notices_a_dead_gateway_sooner_than_the_probe(stage: Stage) -> None:
    settled(stage)
    stage.far.mute = True
    asked = stage.hub.now()
    stage.uplink.ask(AskItem(item=ItemBarcode("1")), answer_s=5.0, corr="q")
    stage.run(10.0)
    assert LinkDown(what=Peer.GATEWAY) in stage.events
    assert stage.times[stage.events.index(LinkDown(what=Peer.GATEWAY))] - asked <= 8.1


def test_an_idle_hour_with_a_good_link_tells_nothing(stage: Stage) -> None:
    settled(stage)
    stage.run(3_600.0)
    assert changes(stage) == []


def test_a_library_system_that_goes_away_and_comes_back_is_told(stage: Stage) -> None:
    settled(stage)
    stage.far.answer = lambda ask: Unavailable()
    stage.far.ils_up = False
    stage.uplink.ask(AskItem(item=ItemBarcode("1")), answer_s=5.0, corr="q")
    stage.run(20.0)
    assert changes(stage) == [LinkDown(what=Peer.ILS)]
    stage.far.ils_up = True
    stage.run(10.0)
    assert changes(stage) == [LinkDown(what=Peer.ILS), LinkUp(what=Peer.ILS)]
