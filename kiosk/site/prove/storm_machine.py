"""A self-checkout's core in a process of its own, with simulated devices and readers that never tire.

Run by `storm`: MACHINE.toml SEED [MUTANT]. What lies where survives a kill in a small file beside the machine's own:
a book keeps its mark when the power goes.
"""

from __future__ import annotations

import json
import logging
import os
import random
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from drivers.clock import ThreadHub
from kiosk.flow.runtime import buttons_of
from kiosk.screen import Screen
from kiosk.site.desktop import Desktop, StoryFailed, load_settings
from kiosk.site.prove.mutants import Mutant, broken

CARDS: Final = ("04FA944D8F5CD9", "04F547D824CAD5")
ITEMS: Final = tuple(f"D10000{n:02d}" for n in (1, 2, 3, 5, 7, 9, 10, 11, 13, 14))
DONE_S: Final = 8.0
FRESH_S: Final = 20.0
AFI_OFF: Final = 0xC2


class Hands:
    """Borrows and returns at random; keeps the marks of all books in a file."""

    def __init__(self, desktop: Desktop, marks: Path, rng: random.Random) -> None:
        self._desktop = desktop
        self._marks = marks
        self._rng = rng
        with suppress(FileNotFoundError, ValueError):
            for item, afi in json.loads(marks.read_text()).items():
                desktop.books[item] = replace(desktop.books[item], afi=afi)

    def work(self) -> None:
        """One reader."""
        try:
            out = [item for item in ITEMS if self._desktop.books[item].afi == AFI_OFF]
            if out and self._rng.random() < 0.5:
                self._give_back(self._rng.sample(out, min(len(out), self._rng.randint(1, 2))))
            else:
                self._borrow([item for item in ITEMS if item not in out])
        except StoryFailed as spoilt:  # by a kill somewhere; the next reader comes
            print(spoilt, flush=True)
        self._desktop.lift()
        self._keep()

    def _borrow(self, items: list[str]) -> None:
        desk = self._desktop
        desk.wait_for("attract", FRESH_S)
        desk.put(*self._rng.sample(items, min(len(items), self._rng.randint(1, 3))))
        desk.tap(self._rng.choice(CARDS))
        desk.wait("a list to borrow", lambda s: _offers(s, "borrow"), DONE_S)
        desk.touch("borrow")
        desk.wait_for("done", DONE_S)
        desk.lift()
        self._keep()
        desk.touch("finish")

    def _give_back(self, items: list[str]) -> None:
        desk = self._desktop
        desk.wait_for("attract", FRESH_S)
        desk.touch("start.checkin")
        desk.put(*items)
        desk.wait("a list to return", lambda s: len(s.rows) == len(items) and _offers(s, "checkin"), DONE_S)
        desk.touch("checkin")
        desk.wait_for("done", DONE_S)
        desk.lift()
        self._keep()
        desk.touch("finish")

    def _keep(self) -> None:
        new = self._marks.with_name(self._marks.name + ".new")
        new.write_text(json.dumps({item: self._desktop.books[item].afi for item in ITEMS}))
        os.replace(new, self._marks)


def _offers(screen: Screen, button: str) -> bool:
    return any(each.id == button for each in buttons_of(screen))


def main(arguments: list[str]) -> int:
    """Ends when the file "enough" lies beside MACHINE.toml and the outbox has been told; or when it is killed."""
    path, seed, mutant = Path(arguments[0]), int(arguments[1]), arguments[2] if len(arguments) > 2 else ""
    logging.disable(logging.CRITICAL)
    hub = ThreadHub()
    rng = random.Random(f"{seed}/{os.getpid()}")
    with broken(Mutant(mutant) if mutant else None):
        desktop = Desktop(hub, load_settings(path), rng, boot=os.urandom(4).hex())
        desktop.start()
        hands = Hands(desktop, path.with_name("marks.json"), rng)
        print("core ready", flush=True)
        while True:
            if path.with_name("enough").exists():
                hub.wait_until(hub.now() + 0.5)  # nobody comes any more; the uplink goes on
            else:
                hands.work()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
