"""Far ends for a machine's wires: what lies on the pad, the card reader and in the printer, and how they misbehave.

Only demos, stories, benches and tests reach this module (an import contract says so). The simulators speak the
devices' own bytes; the machine's drivers cannot tell.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from drivers.card.pn532.sim import CardField, Pn532Sim, m1_card, phone
from drivers.clock import Hub
from drivers.errors import LinkLost
from drivers.link import Link, Opener, pipe
from drivers.receipt.escpos.sim import EscposSim
from drivers.rfid.contract import TagUid
from drivers.rfid.feig.sim import LIFELIKE, FeigSim, ReaderTraits
from drivers.rfid.field import Field, Tag
from drivers.rfid.tags import TagItem, encode_28560_2

AFI_ON = 0x07


@dataclass(frozen=True, slots=True, kw_only=True)
class SimBook:
    """One copy with its tag: what the demo puts on the pad."""

    uid: str
    item: str
    owner: str = ""
    afi: int = AFI_ON
    usage_code: int | None = 0x10
    parts: int = 1
    ordinal: int = 1


class SimBench:
    """The simulated devices of one machine. `wires` go to `machine.fitting.fit`; the rest is for hands and faults."""

    def __init__(self, hub: Hub, rng: random.Random, *, traits: ReaderTraits = LIFELIKE) -> None:
        self._hub = hub
        self.field = Field(rng)
        self.pad = FeigSim(hub, self.field, traits)
        self.cards = CardField()
        self.printer = EscposSim(hub=hub, line_s=0.01)
        self.plugged = {"card": True, "scanner": True}
        self._scanner: Link | None = None
        self._chip: Pn532Sim | None = None
        self.wires: Mapping[str, Opener] = {
            "pad": self._wire("pad", lambda link: self.pad.serve(link), lambda: self.pad.plugged),
            "card": self._wire("card", self._serve_card, lambda: self.plugged["card"]),
            "scanner": self._open_scanner,
            "printer": self.printer.open_pipe,
        }

    def _wire(self, name: str, serve: Callable[[Link], None], plugged: Callable[[], bool]) -> Opener:
        def open_() -> Link:
            if not plugged():
                raise LinkLost(name, "open", "unplugged")
            near, far = pipe(self._hub, name)
            self._hub.spawn(f"sim.{name}", lambda: serve(far))
            return near

        return open_

    @property
    def far_ends(self) -> Mapping[str, Callable[[Link], None]]:
        """What serves each device for a machine in another process, until the wire is cut."""
        return {
            "pad": self.pad.serve,
            "card": self._serve_card,
            "scanner": self._serve_scanner,
            "printer": self.printer.serve,
        }

    def _serve_scanner(self, link: Link) -> None:
        self._scanner = link
        with suppress(LinkLost):
            while True:
                link.read(math.inf)

    def _serve_card(self, link: Link) -> None:
        self._chip = Pn532Sim(link, self._hub, self.cards)
        self._chip.serve()

    def _open_scanner(self) -> Link:
        if not self.plugged["scanner"]:
            raise LinkLost("scanner", "open", "unplugged")
        near, self._scanner = pipe(self._hub, "scanner")
        return near

    # -- hands

    def put(self, *books: SimBook) -> None:
        """Lays books on the pad; a book that already lies there stays."""
        here = {tag.uid for tag in self.field.tags}
        self.field.put(*(_tag(book) for book in books if book.uid not in here))

    def lift(self, *uids: str) -> None:
        """Takes tags away; all of them where none is named."""
        here = {tag.uid for tag in self.field.tags}
        for uid in uids or tuple(here):
            if uid in here:
                self.field.lift(TagUid(uid))

    def afi_of(self, uid: str) -> int | None:
        return next((tag.afi for tag in self.field.tags if tag.uid == uid), None)

    def tap(self, uid_hex: str) -> None:
        """Lays a card on the reader."""
        self.cards.put(m1_card(uid_hex))

    def tap_phone(self) -> None:
        self.cards.put(phone())

    def take_cards(self) -> None:
        self.cards.clear()

    def scan(self, code: str) -> None:
        """The scanner reads a printed code."""
        if self._scanner is not None:
            self._scanner.write(code.encode() + b"\r")

    # -- faults

    def unplug(self, part: str) -> None:
        match part:
            case "pad":
                self.pad.plugged = False
            case "printer":
                self.printer.unplug()
            case "card" if self._chip is not None:
                self.plugged["card"] = False
                self._chip.unplug()
            case "scanner" if self._scanner is not None:
                self.plugged["scanner"] = False
                self._scanner.close()
            case _:
                pass

    def plug(self, part: str) -> None:
        match part:
            case "pad":
                self.pad.plugged = True
            case "printer":
                self.printer.plugged = True
            case _:
                self.plugged[part] = True


def _tag(book: SimBook) -> Tag:
    item = TagItem(
        primary_item_id=book.item,
        owner_institution=book.owner or None,
        usage_code=book.usage_code,
        parts=book.parts,
        ordinal=book.ordinal,
    )
    memory = encode_28560_2(item)
    return Tag(uid=TagUid(book.uid), memory=bytearray(memory), afi=book.afi, dsfid=0x06)
