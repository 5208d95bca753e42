from __future__ import annotations

from collections import deque

import pytest

from drivers.card import (
    CardEvent,
    CardGone,
    CardHealth,
    CardReader,
    CardShown,
    CardUnreadable,
    CardWatch,
    Sector,
    WatchSettings,
    WhyUnreadable,
)
from drivers.card.pn532 import protocol
from drivers.card.pn532.driver import Pn532Reader
from drivers.card.pn532.sim import Card, CardField, Faults, Pn532Sim, cpu_card, m1_card, phone
from drivers.clock import VirtualHub
from drivers.errors import LinkLost
from drivers.health import Health
from drivers.link import Link, pipe

NUMBER = b"0820231234      "
SECTOR = Sector(block=5, key=bytes.fromhex("FFFFFFFFFFFF"))


class Desk:
    """A machine's card reader with its watch, in virtual time."""

    def __init__(self, settings: WatchSettings | None = None) -> None:
        self.hub = VirtualHub()
        self.field = CardField()
        self.events: list[CardEvent] = []
        self.opened = 0
        self.plugged = True
        self.faults = Faults()
        self.heard: deque[int] = deque()
        self.wires: list[Link] = []
        self.watch = CardWatch(self._open, self.hub, self.events.append, settings)
        self.task = self.hub.spawn("watch", self.watch.run)

    def unplug(self) -> None:
        self.plugged = False
        self.wires[-1].close()

    def _open(self) -> CardReader:
        self.opened += 1
        if not self.plugged:
            raise LinkLost("card-reader", "open", "not there")
        near, far = pipe(self.hub)
        chip = Pn532Sim(far, self.hub, self.field)
        chip.faults, chip.heard = self.faults, self.heard
        self.hub.spawn("pn532", chip.serve)
        self.wires.append(near)
        return Pn532Reader(near, self.hub)

    def wait(self, seconds: float) -> list[CardEvent]:
        """What was told meanwhile."""
        self.events.clear()
        self.hub.run(self.hub.now() + seconds)
        return list(self.events)

    def show(self, card: Card) -> list[CardEvent]:
        self.field.put(card)
        return self.wait(2)


def test_a_reader_that_works_says_so_once() -> None:
    desk = Desk()
    assert desk.wait(10) == [CardHealth(health=Health.OK)]


def test_a_card_is_told_within_a_third_of_a_second() -> None:
    desk = Desk()
    desk.wait(2)
    desk.field.put(m1_card("84A1B2C3"))
    assert [type(event) for event in desk.wait(0.3)] == [CardShown]


def test_a_mute_reader_is_told_the_card_is_gone_and_the_reader_comes_back() -> None:
    desk = Desk()
    desk.wait(2)
    desk.show(m1_card("84A1B2C3"))
    desk.faults.mute = True
    told = desk.wait(20)
    assert [event.health for event in told if isinstance(event, CardHealth)] == [Health.DEGRADED, Health.MUTE]
    assert told[-1] == CardGone()
    desk.faults.mute = False
    back = desk.wait(20)
    assert [type(event) for event in back] == [CardHealth, CardShown, CardHealth]
    assert back[-1] == CardHealth(health=Health.OK)


def test_one_broken_answer_does_not_end_the_visit() -> None:
    desk = Desk()
    desk.wait(2)
    desk.show(m1_card("84A1B2C3"))
    desk.faults.bad_checksums = 1
    told = desk.wait(3)
    assert [event.health for event in told if isinstance(event, CardHealth)] == [Health.DEGRADED, Health.OK]
    assert not any(isinstance(event, CardGone | CardShown) for event in told)


def test_a_reader_that_is_not_there_is_asked_for_more_and_more_seldom() -> None:
    desk = Desk()
    desk.wait(1)
    desk.unplug()
    desk.wait(60)
    tries = desk.opened
    desk.wait(60)
    assert 5 <= desk.opened - tries <= 7


def test_another_device_on_the_wire_is_never_asked_for_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.card.pn532.sim.chip.FIRMWARE", bytes.fromhex("33010607"))
    desk = Desk()
    told = desk.show(m1_card("84A1B2C3"))
    assert told[0] == CardHealth(health=Health.DEGRADED, code="not-pn532")
    assert not any(isinstance(event, CardShown) for event in told)
    assert protocol.Command.IN_LIST_PASSIVE_TARGET not in desk.heard


def test_a_parked_reader_is_left_alone_and_looks_at_once_when_woken() -> None:
    desk = Desk()
    desk.wait(2)
    desk.watch.park()
    desk.wait(1)
    heard = len(desk.heard)
    assert desk.show(m1_card("84A1B2C3")) == []
    desk.wait(24 * 3600)
    assert len(desk.heard) == heard
    desk.watch.wake()
    assert [type(event) for event in desk.wait(0.2)] == [CardShown]


def test_a_stopped_watch_gives_the_wire_back() -> None:
    desk = Desk()
    desk.wait(1)
    desk.watch.stop()
    desk.wait(1)
    assert desk.task.join(desk.hub.now())
    assert desk.task.error is None
    with pytest.raises(LinkLost):
        desk.wires[-1].write(b"x")


def test_a_phone_is_told_as_unreadable() -> None:
    desk = Desk()
    desk.wait(1)
    assert desk.show(phone()) == [CardUnreadable(why=WhyUnreadable.RANDOM_UID)]


def test_a_number_in_a_sector_comes_with_the_card() -> None:
    desk = Desk(WatchSettings(sector=SECTOR))
    desk.wait(1)
    (shown,) = desk.show(m1_card("84A1B2C3", {5: NUMBER}))
    assert isinstance(shown, CardShown)
    assert shown.block == NUMBER


def test_a_card_of_another_library_is_unreadable_where_a_sector_is_asked_for() -> None:
    desk = Desk(WatchSettings(sector=Sector(block=5, key=bytes(6))))
    desk.wait(1)
    assert desk.show(m1_card("84A1B2C3", {5: NUMBER})) == [CardUnreadable(why=WhyUnreadable.FOREIGN)]
    desk.field.clear()
    assert desk.wait(2) == [CardGone()]
    assert desk.show(cpu_card("04112233445566")) == [CardUnreadable(why=WhyUnreadable.FOREIGN)]


def test_a_sector_that_could_not_be_read_is_read_at_the_next_look() -> None:
    desk = Desk(WatchSettings(sector=SECTOR))
    desk.wait(1)
    desk.field.put(m1_card("84A1B2C3", {5: NUMBER}))
    desk.faults.late_s = 0.01
    while protocol.Command.IN_DATA_EXCHANGE not in desk.heard:
        desk.hub.run(desk.hub.now() + 0.001)
    desk.faults.silent = True
    told = desk.wait(1.2)
    assert told == [CardHealth(health=Health.DEGRADED, code="answer")]
    desk.faults.silent = False
    told += desk.wait(5)
    assert [event.block for event in told if isinstance(event, CardShown)] == [NUMBER]


def test_events_keep_the_reader_to_themselves() -> None:
    desk = Desk(WatchSettings(sector=SECTOR))
    desk.wait(1)
    (shown,) = desk.show(m1_card("84A1B2C3", {5: NUMBER}))
    assert "84A1" not in f"{shown} {shown!r}"
    assert "0820" not in f"{shown} {shown!r}"
    assert "FF" not in repr(SECTOR)


def test_a_watch_that_was_stopped_in_the_middle_of_a_look_says_nothing_more() -> None:
    """The technician has restarted the reader: its next watch speaks for it already."""
    desk = Desk()
    desk.wait(2)
    desk.faults.mute = True
    assert desk.wait(0.1) == [], "a look has begun that will fail"
    desk.watch.stop()
    assert desk.wait(20) == []
    assert desk.task.join(desk.hub.now())
