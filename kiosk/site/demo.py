"""`circdesk demo`: a whole site on simulated devices, and a story that shows what it can do."""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

from drivers.clock import ThreadHub
from kiosk.site.folder import Ports, SiteFolder, lay_out, temporary_root
from kiosk.site.leash import LEASH
from kiosk.site.mosquitto import BrokerFailed, free_port
from kiosk.site.plain import WRONG, plainly, say, writable
from kiosk.site.processes import NeighbourFailed, Neighbours

DEVICE = "kiosk-1"
FULL = (1080, 1920)
HALF = (540, 960)  # fits on a desk beside the bench


@plainly("demo")
def main(arguments: Sequence[str]) -> int:
    """0: the story went as told; 1: it did not; 2: something could not be started."""
    parser = argparse.ArgumentParser(
        prog="circdesk demo",
        description="Starts broker, gateway, demo library system and one self-checkout machine on simulated devices.",
    )
    parser.add_argument("--headless", action="store_true", help="play a story without a window, as without a display")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("circdesk-demo"),
        metavar="FOLDER",
        help="where the story leaves pictures, receipt, journal, the site's files and a summary (circdesk-demo)",
    )
    parser.add_argument("--machine", choices=["kiosk"], default="kiosk", help="which machine: the self-checkout")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    parser.add_argument("--no-pictures", action="store_true", help="play the story without drawing screens")
    given = parser.parse_args(arguments)
    headless = given.headless or not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    out = writable(given.out)
    root = temporary_root()
    try:
        return _run(root, out, headless=headless, as_json=given.json, pictures=not given.no_pictures)
    except (NeighbourFailed, BrokerFailed) as error:
        return say("demo", str(error), WRONG)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _run(root: Path, out: Path, *, headless: bool, as_json: bool, pictures: bool) -> int:
    signal.signal(signal.SIGTERM, _ended)
    hub = ThreadHub()
    ports = Ports(broker=free_port(), ils=free_port())
    glass = FULL if headless else HALF
    folder = lay_out(root / "site", ports, (DEVICE,), at=hub.wall(), glass=glass)
    neighbours = Neighbours(folder, hub, before=LEASH)
    say = _silent if as_json else _say
    say("Starting the broker, the demo library system and the gateway ...")
    try:
        neighbours.launch()  # while they come up, this process loads what it needs itself
        if headless:
            return _story(folder, neighbours, hub, out, as_json=as_json, pictures=pictures)
        from kiosk.site.window import show

        return show(folder, neighbours, hub, out)
    finally:
        neighbours.stop()


def _story(
    folder: SiteFolder, neighbours: Neighbours, hub: ThreadHub, out: Path, *, as_json: bool, pictures: bool
) -> int:
    from kiosk.site.desktop import Desktop, StoryFailed
    from kiosk.site.leaving import clear, commands, summarise
    from kiosk.site.story import Story
    from kiosk.site.wiring import load_settings

    clear(out)
    os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
    # Kivy sets its own level when it is imported; a filter stays.
    logging.getLogger("kivy").addFilter(lambda record: record.levelno >= logging.WARNING)
    desktop = Desktop(hub, load_settings(folder.machine(DEVICE)), random.Random(1), boot=os.urandom(4).hex())
    story = Story(desktop, neighbours, out, pictures=pictures, say=_silent if as_json else _say)
    neighbours.ready()
    desktop.start()
    failure = ""
    try:
        story.play()
    except StoryFailed as error:
        failure = str(error)
    finally:
        desktop.stop()
    summary = summarise(folder, out, story.steps, story.shots, failure)
    if as_json:
        print(json.dumps(summary, ensure_ascii=False, indent=2))
    else:
        _say(f"\n{summary['verdict']}\nPictures, receipt, journal and summary are in {out}. Look closer with:")
        for command in commands(DEVICE, out):
            _say(f"  ./circdesk {command}")
    return 0 if summary["good"] else 1


def _ended(*_: object) -> None:
    """A demo that is told to end takes its neighbours with it."""
    raise SystemExit(143)


def _say(text: str) -> None:
    print(text, flush=True)


def _silent(text: str) -> None:
    """--json prints only the summary."""
