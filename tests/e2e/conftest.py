"""One day at a demo site with real processes, played once for all tests of this folder."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from drivers.clock import ThreadHub
from kiosk.bus import BusEvent, Delivered
from kiosk.bus.paho_bus import PahoBus
from kiosk.site.desktop import Desktop
from kiosk.site.folder import Ports, SiteFolder, lay_out
from kiosk.site.leaving import summarise
from kiosk.site.mosquitto import free_port
from kiosk.site.processes import Neighbours
from kiosk.site.story import Story
from kiosk.site.wiring import load_settings

DEVICE = "kiosk-1"
SPY = "spy"


@dataclass
class Spy:
    """A client that hears everything. No such client exists at a site; the broker's rules are widened for it."""

    hub: ThreadHub
    folder: SiteFolder
    heard: list[Delivered] = field(default_factory=list)
    bus: PahoBus | None = None

    def start(self) -> None:
        self.bus = PahoBus(
            hub=self.hub,
            broker=self.folder.broker_at(SPY),
            client_id=SPY,
            subscriptions=("lib/#",),
            rng=random.Random(1),
        )
        self.bus.start(self._hear)

    def stop(self) -> None:
        if self.bus is not None:
            self.bus.close()

    def _hear(self, event: BusEvent) -> None:
        if isinstance(event, Delivered):
            self.heard.append(event)


@dataclass
class Day:
    """What is left of the day."""

    summary: dict[str, Any]
    folder: SiteFolder
    heard: list[Delivered]
    desktop: Desktop
    out: Path


@pytest.fixture(scope="session")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    root = tmp_path_factory.mktemp("day")
    out = root / "out"
    out.mkdir()
    hub = ThreadHub()
    laid_out = lay_out(root / "site", Ports(broker=free_port(), ils=free_port()), (DEVICE, SPY), at=hub.wall())
    with (laid_out.broker_conf.parent / "acl").open("a") as rules:
        rules.write(f"\nuser {SPY}\ntopic read lib/#\n")
    folder = replace(laid_out, devices=(DEVICE,))
    neighbours = Neighbours(folder, hub)
    spy = Spy(hub, folder)
    try:
        neighbours.start()
        spy.start()
        desktop = Desktop(hub, load_settings(folder.machine(DEVICE)), random.Random(1), boot="e2e")
        story = Story(desktop, neighbours, out, pictures=False, say=lambda text: None)
        desktop.start()
        try:
            story.play()
        finally:
            desktop.stop()
        yield Day(summarise(folder, out, story.steps, story.shots, ""), folder, spy.heard, desktop, out)
    finally:
        spy.stop()
        neighbours.stop()
