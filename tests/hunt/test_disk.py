"""The reducer knows how full the disk is, also when nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivers.clock import VirtualHub
from kiosk.flow.events import JournalState
from kiosk.flow.runtime import Edge, Runtime
from kiosk.flow.step import Now, Step
from kiosk.journal import Journal
from kiosk.journal.disk import FileDisk
from kiosk.messages.records import GENESIS
from kiosk.screen import Screen


@dataclass
class Listener:
    heard: list[JournalState]

    def decide(self, durable: None, volatile: None, event: Any, now: Now) -> Step[None]:
        if isinstance(event, JournalState):
            self.heard.append(event)
        return Step(volatile=None)

    def evolve(self, durable: None, body: Any) -> None:
        return None

    def picture(self, durable: None, volatile: None, now: Now) -> Screen:
        return Screen(turn=0, name="attract", lang="zh")


class SmallDisk(FileDisk):
    """A medium with or without room for the ballast."""

    room = False

    def renew_ballast(self) -> bool:
        return self.room


def nothing(_: Any) -> None:
    return None


def test_a_disk_that_was_low_at_the_start_and_has_room_again_is_told_without_a_record(tmp_path: Path) -> None:
    hub = VirtualHub()
    disk = SmallDisk(tmp_path / "journal.db", synchronous="OFF")
    journal = Journal(disk, device="k1", clock=hub, boot="b1")
    listener = Listener(heard=[])
    runtime: Runtime[None, None] = Runtime(
        hub=hub,
        journal=journal,
        reducer=listener,
        durable=None,
        volatile=None,
        edge=Edge(
            hear=lambda event: [event], seal=lambda p: p.intent, act=nothing, show=nothing, committed=lambda: None
        ),
    )
    hub.spawn("core", lambda: runtime.run("started"))
    hub.run(1.0)
    assert [event.ok for event in listener.heard] == [False], "nothing may be begun on a disk without a reserve"

    disk.room = True
    runtime.receipt(through=0, head=GENESIS, wall_ms=0)
    hub.run(20.0)
    runtime.post("a minute later")
    hub.run(21.0)
    assert [event.ok for event in listener.heard] == [False, True]
    runtime.stop()
    hub.run(22.0)
    journal.close()
