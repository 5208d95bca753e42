"""A card reader on a bench: both drivers before the same simulated chip, or a real reader."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

import pytest

from drivers.card.contract import CardReader
from drivers.card.libnfc.driver import LibnfcReader
from drivers.card.libnfc.runner import ProcessRunner
from drivers.card.pn532.driver import BAUD, Pn532Reader
from drivers.card.pn532.sim import Card, CardField, Pn532Sim
from drivers.clock import Hub, ThreadHub, VirtualHub
from drivers.errors import LinkLost
from drivers.link import Link, pipe
from drivers.serial_link import open_pty, open_serial

T = TypeVar("T")

HARDWARE_VARIABLE = "CIRCDESK_CARD_READER"  # serial:/dev/ttyUSB0 or libnfc:pn532_uart:/dev/ttyUSB0:115200
LOOK_S = 0.005
STORY_S_MAX = 600.0


class Rig:
    """One simulated chip, what lies on it, and a way to open the reader that drives it."""

    name = "pn532 over a pipe in virtual time"
    patience_s = 5.0  # for an answer that comes
    impatience_s = 0.15  # for one that does not

    def __init__(self) -> None:
        self.hub: Hub = VirtualHub()
        self.field = CardField()
        self.plug_in()

    def plug_in(self) -> None:
        """A (new) chip on a (new) cable, before the same field."""
        near, far = pipe(self.hub)
        self._near: Link = near
        self.sim = Pn532Sim(far, self.hub, self.field)
        self.hub.spawn("pn532", self.sim.serve)

    def unplug(self) -> None:
        self.sim.unplug()

    def open(self) -> CardReader:
        return Pn532Reader(self._near, self.hub)

    def put(self, card: Card) -> None:
        self.field.put(card)

    def lift(self, card: Card) -> None:
        self.field.lift(card)

    def by(self) -> float:
        return self.hub.now() + self.patience_s

    def soon(self) -> float:
        return self.hub.now() + self.impatience_s

    def play(self, story: Callable[[], T]) -> T:
        """Runs a story as a task, and returns what it returns."""
        told: list[T] = []
        task = self.hub.spawn("story", lambda: told.append(story()))
        assert isinstance(self.hub, VirtualHub)
        self.hub.run(self.hub.now() + STORY_S_MAX)
        assert task.join(self.hub.now()), "the story does not end"
        return told[0]

    def close(self) -> None:
        self.unplug()


class _ThreadRig(Rig):
    def __init__(self) -> None:
        self.hub = ThreadHub()
        self.field = CardField()
        self.plug_in()

    def plug_in(self) -> None:
        far, self.path = open_pty(self.hub)
        self.sim = Pn532Sim(far, self.hub, self.field, look_s=LOOK_S)
        self.task = self.hub.spawn("pn532", self.sim.serve)

    def unplug(self) -> None:
        super().unplug()
        assert self.task.join(self.hub.now() + self.patience_s)

    def play(self, story: Callable[[], T]) -> T:
        return story()


class PtyRig(_ThreadRig):
    name = "pn532 over a pseudo terminal"

    def open(self) -> CardReader:
        return Pn532Reader(open_serial(self.path, BAUD, "N", clock=self.hub), self.hub)


class LibnfcRig(_ThreadRig):
    name = "libnfc in a child process"
    patience_s = 20.0  # a Python starts
    impatience_s = 0.25

    def open(self) -> CardReader:
        return LibnfcReader(ProcessRunner(self.hub), self.hub, f"pn532_uart:{self.path}:{BAUD}")


class HardwareRig(Rig):
    """A real reader: a person does what the test asks for, so run it with -s."""

    name = "real reader"

    def __init__(self) -> None:
        self.hub = ThreadHub()
        self._where = os.environ.get(HARDWARE_VARIABLE, "")
        if not self._where:
            pytest.skip(f"{HARDWARE_VARIABLE} does not say where the reader is")

    def open(self) -> CardReader:
        kind, _, where = self._where.partition(":")
        if kind == "libnfc":
            return LibnfcReader(ProcessRunner(self.hub), self.hub, where)
        return Pn532Reader(open_serial(where, BAUD, "N", clock=self.hub), self.hub)

    def put(self, card: Card) -> None:
        input(f"Lay one more card with SAK {card.sak:02X} on the reader, then press Enter ")

    def lift(self, card: Card) -> None:
        input(f"Take the card with SAK {card.sak:02X} away, then press Enter ")

    def play(self, story: Callable[[], T]) -> T:
        return story()

    def close(self) -> None:
        pass


SIMULATED: tuple[type[Rig], ...] = (Rig, PtyRig, LibnfcRig)


def reopened(rig: Rig, reader: CardReader, error: Exception) -> CardReader:
    """What an owner does after a fault: open again when the wire is gone, ask again otherwise."""
    if isinstance(error, LinkLost):
        reader.close()
        return rig.open()
    return reader
