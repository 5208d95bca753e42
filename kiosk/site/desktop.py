"""One self-checkout on simulated devices, in this process, with hands to use it."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from drivers.clock import Hub, Mailbox
from kiosk.checkout.assemble import CheckoutSettings, brain
from kiosk.flow.runtime import buttons_of
from kiosk.keys import Signer, Verifier
from kiosk.machine.assembly import Surroundings, open_core
from kiosk.machine.core import MachineCore
from kiosk.machine.simulate import AFI_ON, SimBench, SimBook
from kiosk.screen import Screen, Touch
from kiosk.site.folder import CONFIG
from kiosk.site.wiring import load_sentences, panel_of, real_bus
from kiosk.ui.panel import Panel

AFI_OFF: Final = 0xC2
SCREENS_WAITING_MAX: Final = 65_536
TAP_S: Final = 0.4
OUR_LIBRARY: Final = "JS01"


class StoryFailed(AssertionError):
    """What the story expected did not happen in time."""


def demo_books() -> dict[str, SimBook]:
    """Every item of the demo data with its tag; what is on loan has its mark off."""
    books: dict[str, SimBook] = {}
    with (CONFIG / "demo" / "items.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            books[row["item_barcode"]] = SimBook(
                uid=row["tag_uid"],
                item=row["item_barcode"],
                owner="CN-DEMO-CUMT" if row["owner_library"] == OUR_LIBRARY else "",
                afi=AFI_OFF if row["status"] == "charged" else AFI_ON,
            )
    return books


class Desktop:
    """A running machine and the hands at it. Waits by the hub's clock; raises StoryFailed when time is up."""

    def __init__(self, hub: Hub, settings: CheckoutSettings, rng: random.Random, *, boot: str) -> None:
        self.hub = hub
        self.settings = settings
        self.bench = SimBench(hub, rng)
        self.books = demo_books()
        self.seen: list[Screen] = []
        self.on_screen: Callable[[Screen], None] | None = None  # takes the screens instead of `wait`
        self._screens: Mailbox[Screen] = hub.mailbox(SCREENS_WAITING_MAX)
        platform = settings.platform()
        around = Surroundings(
            hub=hub,
            bus=real_bus(hub, settings.broker, rng),
            boot=boot,
            rng=rng,
            show=self._shown,
            signer=Signer(Path(settings.files.signer).read_text("ascii")),
            gateway=Verifier(Path(settings.files.gateway).read_text("ascii")),
            wires=self.bench.wires,
        )
        self.sentences = load_sentences()
        made = brain(settings.as_desk(), self.sentences)
        age_s = settings.policy.offline.snapshot_age_h_max * 3600
        self.core: MachineCore = open_core(made, platform, around, snapshot_age_s_max=age_s)

    def _shown(self, screen: Screen) -> None:
        if self.on_screen is not None:
            self.on_screen(screen)
        else:
            self._screens.put(screen)

    @property
    def panel(self) -> Panel:
        return panel_of(self.settings.panel)

    def start(self) -> None:
        self.core.start()

    def stop(self) -> None:
        self.core.stop()

    @property
    def screen(self) -> Screen:
        """The screen as it is now."""
        while (screen := self._screens.get(self.hub.now())) is not None:
            self.seen.append(screen)
        return self.seen[-1]

    def wait(self, what: str, holds: Callable[[Screen], bool], within_s: float = 10.0) -> Screen:
        """Waits for a screen that `holds`; `what` says in words what was expected."""
        by = self.hub.now() + within_s
        screen = self.screen if self.seen or len(self._screens) else None
        while screen is None or not holds(screen):
            screen = self._screens.get(by)
            if screen is None:
                last = self.seen[-1] if self.seen else None
                raise StoryFailed(f"expected {what} within {within_s:g} s; the screen was {_said(last)}")
            self.seen.append(screen)
        return screen

    def wait_for(self, name: str, within_s: float = 10.0) -> Screen:
        return self.wait(f"the screen {name!r}", lambda screen: screen.name == name, within_s)

    def touch(self, button: str, text: str = "") -> None:
        """Presses a button of the screen; raises StoryFailed when it is not there."""
        screen = self.screen
        found = next((b for b in buttons_of(screen) if b.id == button), None)
        if found is None:
            raise StoryFailed(f"there is no button {button!r} on {_said(screen)}")
        self.core.touch(Touch(turn=screen.turn, button=button, text=text, confirms=found.confirms))

    def put(self, *items: str) -> None:
        self.bench.put(*(self.books[item] for item in items))

    def lift(self, *items: str) -> None:
        """Takes books away, all where none is named; their marks go along."""
        uids = [self.books[item].uid for item in items] or [tag.uid for tag in self.bench.field.tags]
        by_uid = {book.uid: item for item, book in self.books.items()}
        for uid in uids:
            afi = self.bench.afi_of(uid)
            item = by_uid[uid]
            if afi is not None:
                self.books[item] = replace(self.books[item], afi=afi)
        self.bench.lift(*uids)

    def tap(self, card: str) -> None:
        """Shows a card and takes it away again once it was read."""
        self.bench.tap(card)
        self.hub.wait_until(self.hub.now() + TAP_S)
        self.bench.take_cards()


def _said(screen: Screen | None) -> str:
    if screen is None:
        return "nothing"
    head = screen.headline.text if screen.headline else ""
    return f"{screen.name!r} ({head})"
