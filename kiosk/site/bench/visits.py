"""`python -m kiosk.site.bench.visits FOLDER WARM_UP VISITS OUT`: visits to one machine in virtual time.

A visit is a loan of one book and its return. Machine, gateway, broker and library system share this process. The
library system's books do not count, and the gateway begins anew every EVERY visits, since it remembers its answers of a
day. Writes OUT (JSON): resident MiB at the start and after every EVERY visits, and what the library system booked.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Final

from kiosk.flow.runtime import buttons_of
from kiosk.machine.simulate import SimBook
from kiosk.screen import Screen, Touch
from kiosk.site.bench.place import DEVICE
from kiosk.site.bench.running import ChildFailed, rss_mib
from kiosk.site.desktop import demo_books
from kiosk.site.embedded import EmbeddedSite

STUDENT: Final = "04FA944D8F5CD9"
BOOK: Final = "D1000001"
STEP_S: Final = 0.2
SCREEN_S_MAX: Final = 60.0
EVERY: Final = 50  # visits between two looks
SETTLE_S: Final = 10.0


class Hands:
    """Uses the machine as a reader does."""

    def __init__(self, site: EmbeddedSite) -> None:
        self._site = site
        self._machine = site.machines[DEVICE]
        self._book: SimBook = demo_books()[BOOK]

    def visit(self) -> None:
        """Borrows the book, takes it, brings it back."""
        bench = self._machine.bench
        self._wait(lambda s: s.name == "attract" and s.banner is None)
        bench.tap(STUDENT)
        self._wait(lambda s: s.name == "pad_empty")
        bench.take_cards()
        bench.put(self._book)
        self._wait(_checked)
        self._touch("borrow")
        self._leave()
        self._touch("start.checkin")
        bench.put(self._book)
        self._wait(_checked)
        self._touch("checkin")
        self._leave()

    def _leave(self) -> None:
        self._wait(lambda s: s.name == "done")
        afi = self._machine.bench.afi_of(self._book.uid)
        assert afi is not None, "the book lies on the pad"
        self._book = SimBook(uid=self._book.uid, item=self._book.item, owner=self._book.owner, afi=afi)
        self._machine.bench.lift()
        self._touch("finish")
        self._wait(lambda s: s.name == "attract")

    def _touch(self, button: str) -> None:
        screen = self._wait(lambda s: any(each.id == button for each in buttons_of(s)))
        found = next(each for each in buttons_of(screen) if each.id == button)
        core = self._machine.core
        assert core is not None, "a machine that shows something runs"
        core.touch(Touch(turn=screen.turn, button=button, confirms=found.confirms))
        self._site.run(STEP_S)

    def _wait(self, holds: Callable[[Screen], bool]) -> Screen:
        """Raises ChildFailed when the screen does not come."""
        by = self._site.hub.now() + SCREEN_S_MAX
        while (screen := self._machine.screen) is None or not holds(screen):
            if self._site.hub.now() >= by:
                raise ChildFailed(f"the machine stays at {screen.name if screen else 'nothing'}")
            self._site.run(STEP_S)
        return screen


def _checked(screen: Screen) -> bool:
    return screen.name == "pad" and len(screen.rows) == 1 and screen.rows[0].icon.value != "wait"


def main() -> None:
    root, warm_up, visits, out = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    root.mkdir(parents=True)
    site = EmbeddedSite(root, Random(1), (DEVICE,))
    hands = Hands(site)
    held = [_held_mib(site)]
    for n in range(1, warm_up + visits + 1):
        hands.visit()
        if n % EVERY == 0:
            site.run(SETTLE_S)
            site.kill(site.gateway.process)
            held.append(_held_mib(site))
            site.run(SCREEN_S_MAX)
    booked = sum(site.books.counts()[BOOK].values())
    out.write_text(json.dumps({"mib": held, "every": EVERY, "booked": booked}), encoding="ascii")
    print("visited", flush=True)


def _held_mib(site: EmbeddedSite) -> float:
    """Resident memory without the library system's own books, which are kept in memory here."""
    gc.collect()
    database = site.acs.circulation.store.db
    pages, size = (database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return rss_mib(os.getpid()) - int(pages) * int(size) / 2**20


if __name__ == "__main__":
    main()
