"""A pad on a bench: the same driver over a pipe in virtual time, a pseudo terminal, TCP, or a real reader."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import Protocol, TypeVar

from drivers.clock import Clock, Hub, ThreadHub, VirtualHub
from drivers.errors import LinkLost
from drivers.link import Link
from drivers.rfid.contract import Pad, Proven, Security, SecurityProof, SecurityScheme
from drivers.rfid.feig import FeigOptions, FeigPad
from drivers.rfid.feig.sim import FeigSim, ReaderTraits
from drivers.rfid.field import Field, Tag
from drivers.rfid.mischief import Mischief
from drivers.serial_link import open_pty, open_serial
from drivers.tcp_link import listen, open_tcp

T = TypeVar("T")

PLAIN = SecurityScheme(afi_on=0x07, afi_off=0xC2)
WITH_EAS = SecurityScheme(afi_on=0x07, afi_off=0xC2, eas=True)
HURRIED = FeigOptions(reply_s=0.15, gap_s=0.0, silence_s=0.05, prove_s=0.05)
HARDWARE_VARIABLE = "CIRCDESK_PAD"  # serial:/dev/ttyUSB0:38400:E or tcp:192.0.2.7:10001


class MakePad(Protocol):
    def __call__(self, link: Link, clock: Clock, scheme: SecurityScheme, options: FeigOptions) -> Pad: ...


class Rig:
    """One reader (simulated unless said otherwise), its field, and the pad that drives it."""

    name = "none"

    def __init__(self, make_pad: MakePad = FeigPad) -> None:
        self.hub: Hub = self.make_hub()
        self.options = FeigOptions()
        self.scheme = PLAIN
        self.field = Field(random.Random(7))
        self.mischief = Mischief(random.Random(8))
        self.sim = FeigSim(self.hub, self.field, mischief=self.mischief)
        self.make_pad = make_pad
        self._pad: Pad | None = None

    def make_hub(self) -> Hub:
        return VirtualHub()

    def build(self, traits: ReaderTraits) -> None:
        """Another reader, before anything was asked."""
        self.sim = FeigSim(self.hub, self.field, traits, self.mischief)

    def open(self) -> Link:
        raise NotImplementedError

    def close(self) -> None:
        self.sim.plugged = False
        if self._pad is not None:
            self._pad.close()

    def lay(self, *tags: Tag) -> tuple[Tag, ...]:
        self.field.put(*tags)
        return tags

    def by(self, within_s: float = 30.0) -> float:
        return self.hub.now() + within_s

    def reconnect(self) -> None:
        """The plug is in again; the next story opens the wire anew."""
        self.sim.plugged = True
        self._pad = None

    def run(self, story: Callable[[Pad], T]) -> T:
        """Runs a story with the pad as one task and returns what it returns; opens the wire first where needed."""
        results: list[T] = []

        def task() -> None:
            if self._pad is None:
                self._pad = self.make_pad(self.open(), self.hub, self.scheme, self.options)
            results.append(story(self._pad))

        self.play(task)
        return results[0]

    def play(self, task: Callable[[], None]) -> None:
        running = self.hub.spawn("story", task)
        while not running.join(self.hub.now()):
            self.hub.wait_until(self.hub.now() + 0.25)
        if running.error is not None:
            raise running.error


class PipeRig(Rig):
    """Virtual time, an in-memory wire: what the most tests run on."""

    name = "pipe"

    def open(self) -> Link:
        return self.sim.connect()


class RealTimeRig(Rig):
    """Threads and a real wire, with short deadlines so that a mute reader does not cost seconds."""

    def __init__(self, make_pad: MakePad = FeigPad) -> None:
        super().__init__(make_pad)
        self.options = HURRIED
        self.mischief.late_s = 0.22
        self.mischief.split_gap_s = 0.0

    def make_hub(self) -> Hub:
        self.crashes: list[BaseException] = []
        return ThreadHub(on_crash=lambda name, error: None if name == "story" else self.crashes.append(error))

    def play(self, task: Callable[[], None]) -> None:
        running = self.hub.spawn("story", task)
        assert running.join(self.hub.now() + 60.0), "the story never ends"
        if running.error is not None:
            raise running.error
        assert not self.crashes


class PtyRig(RealTimeRig):
    """pyserial on a pseudo terminal."""

    name = "pty"
    path: str | None = None

    def open(self) -> Link:
        if not self.sim.plugged:
            raise LinkLost("pad", "open", "no such device")
        if self.path is None or not os.path.exists(self.path):
            far, self.path = open_pty(self.hub)
            self.hub.spawn("reader", lambda: self.sim.serve(far))
        return open_serial(self.path, 38_400, "E", clock=self.hub)


class TcpRig(RealTimeRig):
    """A reader with a network plug."""

    name = "tcp"

    def __init__(self, make_pad: MakePad = FeigPad) -> None:
        super().__init__(make_pad)
        self._listener = listen(self.hub, "127.0.0.1", 0, lambda link: self.sim.serve(link))

    def open(self) -> Link:
        return open_tcp("127.0.0.1", self._listener.port, clock=self.hub)

    def close(self) -> None:
        super().close()
        self._listener.close()


class HardwareRig(RealTimeRig):
    """The reader named by CIRCDESK_PAD, with at least one ICODE tag on it."""

    name = "hardware"

    def __init__(self, where: str) -> None:
        super().__init__()
        self.options = FeigOptions()
        self._where = where.split(":")

    def open(self) -> Link:
        kind, address, *rest = self._where
        if kind == "tcp":
            return open_tcp(address, int(rest[0]), clock=self.hub)
        return open_serial(address, int(rest[0]), "N" if rest[1] == "N" else "E", clock=self.hub)

    def lay(self, *tags: Tag) -> tuple[Tag, ...]:
        """The books were laid by hand; what is on them is not known here."""
        return ()


SIMULATED = {rig.name: rig for rig in (PipeRig, PtyRig, TcpRig)}


def is_proven(proof: SecurityProof, state: Security, *, writes: int) -> bool:
    """True for a proof of this state after this many writes."""
    return isinstance(proof, Proven) and (proof.state, proof.writes) == (state, writes)
