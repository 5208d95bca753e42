"""`circdesk story FILE`: plays a story on a whole machine, with real neighbours and simulated devices."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from drivers.clock import ThreadHub
from kiosk.checkout.settings import CheckoutSettings
from kiosk.flow.runtime import buttons_of
from kiosk.screen import Icon, Screen
from kiosk.settings import read, text_of
from kiosk.site.audit import audit_folder
from kiosk.site.desktop import Desktop, StoryFailed
from kiosk.site.folder import Ports, lay_out, temporary_root
from kiosk.site.leash import LEASH
from kiosk.site.mosquitto import BrokerFailed, Mosquitto, free_port
from kiosk.site.plain import FOUND, WRONG, plainly, say
from kiosk.site.processes import Neighbour, NeighbourFailed, Neighbours
from kiosk.site.storyfile import ALL, Expect, StepOf, StoryFile, load_story

DEVICE: Final = "kiosk-1"
LOOK_S: Final = 0.2


@plainly("story")
def main(arguments: Sequence[str]) -> int:
    """0: it went as told; 1: it did not; 2: the file has mistakes, or something could not be started."""
    parser = argparse.ArgumentParser(
        prog="circdesk story",
        description="Plays a story on a whole machine with simulated devices, and checks each step.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the story, such as config/stories/evening.toml")
    parser.add_argument("--json", action="store_true", help="print what happened as JSON")
    given = parser.parse_args(arguments)
    story = load_story(given.file)
    told: list[str] = []

    def tell(text: str) -> None:
        told.append(text)
        if not given.json:
            print(f"  {len(told):>2}. {text}", flush=True)

    root = temporary_root()
    try:
        failure = play_alone(story, root, tell)
    except (NeighbourFailed, BrokerFailed) as error:
        return say("story", str(error), WRONG)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    verdict = failure or f"{story.title}: went as told."
    if given.json:
        print(json.dumps({"good": not failure, "verdict": verdict, "steps": told}, ensure_ascii=False, indent=2))
    else:
        print(f"\n{verdict}")
    return FOUND if failure else 0


def play_alone(story: StoryFile, root: Path, tell: Callable[[str], None]) -> str:
    """Plays it at a site of its own below `root`; what went otherwise than told, or ""."""
    hub = ThreadHub()
    folder = lay_out(root / "site", Ports(broker=free_port(), ils=free_port()), (DEVICE,), at=hub.wall())
    neighbours = Neighbours(folder, hub, before=LEASH)
    try:
        neighbours.start()
        machine = folder.machine(DEVICE)
        settings = read(text_of(machine), str(machine), CheckoutSettings)
        desktop = Desktop(hub, settings, random.Random(1), boot=os.urandom(4).hex())
        desktop.start()
        try:
            Player(desktop, neighbours, tell).play(story)
        except StoryFailed as error:
            return str(error)
        finally:
            desktop.stop()
    finally:
        neighbours.stop()
    return ""


@dataclass(slots=True)
class Player:
    """Hands at one machine. Raises StoryFailed, which names the step."""

    desktop: Desktop
    neighbours: Neighbours
    tell: Callable[[str], None]

    def play(self, story: StoryFile) -> None:
        for number, step in enumerate(story.step, start=1):
            try:
                self._act(step)
                self._await(step.expect)
            except StoryFailed as error:
                raise StoryFailed(f"step {number}: {error}") from error
            self.tell(step.tell or f"step {number}")

    def _act(self, step: StepOf) -> None:
        desk = self.desktop
        desk.hub.wait_until(desk.hub.now() + step.wait_s)
        for name in step.down:
            self._neighbour(name).kill()
        for name in step.up:
            self._start(name)
        if step.put:
            desk.put(*step.put)
        if step.lift:
            desk.lift(*(() if step.lift == (ALL,) else step.lift))
        if step.tap:
            desk.tap(step.tap)
        if step.touch:
            desk.touch(step.touch, step.text)

    def _neighbour(self, name: str) -> Neighbour | Mosquitto:
        match name:
            case "broker":
                return self.neighbours.broker
            case "ils":
                return self.neighbours.ils
            case _:
                return self.neighbours.gateway

    def _start(self, name: str) -> None:
        if name == "ils":
            self.neighbours.start_ils()
        else:
            self._neighbour(name).start()

    def _await(self, expect: Expect) -> None:
        desk, hub = self.desktop, self.desktop.hub
        by = hub.now() + expect.within_s
        if expect.screen or expect.button or expect.rows is not None or expect.numeral or expect.offline is not None:
            desk.wait(_words(expect), lambda screen: _shows(screen, expect), expect.within_s)
        while missing := self._missing(expect):
            if hub.now() >= by:
                raise StoryFailed(f"{missing} within {expect.within_s:g} s")
            hub.wait_until(hub.now() + LOOK_S)

    def _missing(self, expect: Expect) -> str:
        """What is expected beside the screen and is not so, in words; "" for nothing."""
        desk, tags = self.desktop, self.desktop.settings.tags
        for items, afi, word in ((expect.marks_on, tags.afi_on, "on"), (expect.marks_off, tags.afi_off, "off")):
            for item in items:
                on_pad = desk.bench.afi_of(desk.books[item].uid)
                if (desk.books[item].afi if on_pad is None else on_pad) != afi:
                    return f"the theft mark of {item} is not {word}"
        if expect.settled:
            report = audit_folder(self.neighbours.folder)
            if not report.clean or report.unsettled or report.pending:
                return "not everything was settled"
        return ""


def _shows(screen: Screen, expect: Expect) -> bool:
    head = screen.headline.numeral if screen.headline else ""
    return (
        expect.screen in ("", screen.name)
        and (not expect.button or any(button.id == expect.button for button in buttons_of(screen)))
        and expect.rows in (None, len(screen.rows))
        and not (expect.rows and any(row.icon is Icon.WAIT for row in screen.rows))
        and expect.numeral in ("", head)
        and (expect.offline is None or _offline(screen, expect.offline))
    )


def _offline(screen: Screen, wanted: bool) -> bool:
    """The offline notice. Not wanted means no notice of any kind: a machine that still comes up is waited for."""
    if not wanted:
        return screen.banner is None
    return screen.banner is not None and screen.banner.icon is Icon.OFFLINE


def _words(expect: Expect) -> str:
    parts = [f"the screen {expect.screen!r}"] if expect.screen else []
    parts += [f"the button {expect.button!r}"] if expect.button else []
    parts += [f"{expect.rows} rows that are checked"] if expect.rows is not None else []
    parts += [f"the number {expect.numeral}"] if expect.numeral else []
    parts += [f"{'an' if expect.offline else 'no'} offline notice"] if expect.offline is not None else []
    return " with ".join(parts)
