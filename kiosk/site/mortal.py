"""A process that can be killed between any two steps it takes, in virtual time.

What runs in it sees a hub; `step` marks each moment at which the world notices something (a commit, a publish, bytes on
a wire). `kill_after` lets it die at one of them. The dead do nothing more: their tasks end where they stand, their
wires close, as the operating system would close them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import greenlet

from drivers.clock import Mailbox, Task, VirtualHub
from drivers.link import Link, Opener
from kiosk.bus import BusEvent
from kiosk.bus.memory import MemoryBroker, MemoryBus
from kiosk.journal.database import Database, Write
from kiosk.journal.disk import FileDisk
from kiosk.journal.entries import JournalFull
from kiosk.ledger import Ledger, Tx

T = TypeVar("T")

BALLAST_COMMITS: Final = 6
NOT_DURABLE: Final = "OFF"  # a kill of a process takes nothing from the operating system; power cuts are another proof


class Killed(BaseException):
    """A process has ended in the middle of what it did. Not an Exception: nobody may catch it and carry on."""

    def __init__(self, process: MortalHub, place: str) -> None:
        super().__init__(f"{process.name}: {place}")
        self.process = process


class MortalHub:
    """One process's view of a virtual hub. `wall_off_s` sets its clock wrong."""

    def __init__(self, hub: VirtualHub, name: str, *, wall_off_s: float = 0.0) -> None:
        self.name = name
        self.wall_off_s = wall_off_s
        self.dead = False
        self.steps = 0
        self._hub = hub
        self._at: int | None = None
        self._tasks: list[Any] = []  # Any: greenlet has no types
        self._wires: list[Link] = []
        self._at_death: list[Callable[[], None]] = []

    # -- the hub

    def now(self) -> float:
        return self._hub.now()

    def wall(self) -> float:
        return self._hub.wall() + self.wall_off_s

    def wait_until(self, when: float) -> None:
        self._hub.wait_until(when)

    def mailbox(self, limit: int) -> Mailbox[T]:
        return self._hub.mailbox(limit)

    def spawn(self, name: str, fn: Callable[[], None]) -> Task:
        def run() -> None:
            if self.dead:
                return
            self._tasks.append(greenlet.getcurrent())
            try:
                fn()
            except JournalFull as full:  # nobody answers it: a process that cannot write ends, and is started again
                raise Killed(self, str(full)) from full

        return self._hub.spawn(f"{self.name}/{name}", run)

    # -- death

    def step(self, place: str) -> None:
        """Raises Killed at the chosen step, and at every step of the dead."""
        self.steps += 1
        if self.dead or self.steps == self._at:
            raise Killed(self, place)

    def kill_after(self, steps: int) -> None:
        self._at = self.steps + steps

    def at_death(self, act: Callable[[], None]) -> None:
        """What the operating system does for the dead: closes files, wires and connections."""
        self._at_death.append(act)

    def wire(self, link: Link) -> Link:
        """A wire of this process: a step at each write and each arrival."""
        self._wires.append(link)
        return MortalLink(link, self)

    def bury(self) -> None:
        """Ends all tasks where they stand. Call it from outside of any task."""
        self.dead = True
        for task in self._tasks:
            if not task.dead:
                task.throw(greenlet.GreenletExit)
        for link in self._wires:
            link.close()
        for act in self._at_death:
            act()


class MortalLink:
    def __init__(self, link: Link, process: MortalHub) -> None:
        self._link = link
        self._process = process

    def write(self, data: bytes) -> None:
        self._process.step("before a write")
        self._link.write(data)
        self._process.step("after a write")

    def read(self, by: float) -> bytes:
        data = self._link.read(by)
        if data:
            self._process.step("after a read")
        return data

    def close(self) -> None:
        self._link.close()


def mortal_wires(process: MortalHub, wires: dict[str, Opener]) -> dict[str, Opener]:
    """The same devices, reached from this process."""

    def opened(opener: Opener) -> Opener:
        return lambda: process.wire(opener())

    return {name: opened(opener) for name, opener in wires.items()}


class MortalDisk(FileDisk):
    """A journal's disk. A kill may come before a commit or after it; while it is `full` nothing fits but a few commits
    in the room of the ballast."""

    def __init__(self, path: Path, process: MortalHub, full: Callable[[], bool] = lambda: False) -> None:
        super().__init__(path, synchronous=NOT_DURABLE)
        self._process = process
        self._full = full
        self._reserve = True
        self._room = 0  # commits
        process.at_death(self.give_back)

    def connect(self) -> Database:
        inner = super().connect()
        self._process.at_death(inner.close)
        return _MortalDatabase(inner, self._process, self._fits)

    def spend_ballast(self) -> bool:
        spent, self._reserve = self._reserve, False
        self._room = BALLAST_COMMITS if spent else 0
        return spent

    def renew_ballast(self) -> bool:
        self._reserve = self._reserve or not self._full()
        return self._reserve

    def _fits(self) -> bool:
        if not self._full():
            return True
        self._room -= 1
        return self._room >= 0


class _MortalDatabase:
    def __init__(self, inner: Database, process: MortalHub, fits: Callable[[], bool]) -> None:
        self.rows = inner.rows
        self.close = inner.close
        self._inner = inner
        self._process = process
        self._fits = fits

    def commit(self, writes: Sequence[Write]) -> None:
        self._process.step("before a commit")
        if not self._fits():
            raise JournalFull("no space left")
        self._inner.commit(writes)
        self._process.step("after a commit")


class MortalLedger(Ledger):
    """The gateway's ledger. A kill may come before a commit or after it."""

    process: MortalHub

    def run(self, work: Callable[[Tx], T]) -> T:
        self.process.step("before a commit")
        result = super().run(work)
        self.process.step("after a commit")
        return result


class MortalBus:
    """A client of the broker. A kill may come before a publish or after it; the broker then misses the client."""

    def __init__(self, broker: MemoryBroker, bus: MemoryBus, process: MortalHub) -> None:
        self._bus = bus
        self._process = process

        def hang_up() -> None:
            bus.closed = True
            broker.cut(bus.client_id)

        process.at_death(hang_up)

    def start(self, on_event: Callable[[BusEvent], None]) -> None:
        def hear(event: BusEvent) -> None:
            if not self._process.dead:
                on_event(event)

        self._bus.start(hear)

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 1,
        expiry_s: int | None = None,
        retain: bool = False,
        corr: bytes = b"",
    ) -> None:
        self._process.step("before a publish")
        self._bus.publish(topic, payload, qos=qos, expiry_s=expiry_s, retain=retain, corr=corr)
        self._process.step("after a publish")

    def close(self) -> None:
        self._bus.close()
