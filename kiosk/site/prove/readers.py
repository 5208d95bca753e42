"""Readers of a proof: they borrow, return and renew as people do, and the world remembers where each copy really is."""

from __future__ import annotations

import csv
import enum
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final, Protocol

from drivers.clock import Clock
from drivers.rfid.contract import TagUid
from drivers.rfid.field import Tag
from kiosk.domain import PatronId
from kiosk.flow.runtime import buttons_of
from kiosk.machine.simulate import SimBench, SimBook
from kiosk.screen import Screen
from kiosk.site.desktop import demo_books
from kiosk.site.folder import CONFIG

LOOK_S: Final = 0.1
TAP_S: Final = 0.4
AFI_OFF: Final = 0xC2
HASTY_CHANCE: Final = 0.25
FORGETFUL_CHANCE: Final = 0.07
GIVES_UP_CHANCE: Final = 0.05
LEAVES_CHANCE: Final = 0.5
CORE_AWAY: Final = "ui.lost"  # kiosk.ui.app.LOST_NAME, without all that a window needs
WAYS_OUT: Final = ("finish", "cancel", "back", "leave", "skip")


class Desk(Protocol):
    """A self-checkout as a reader stands before it."""

    @property
    def device(self) -> str: ...
    @property
    def bench(self) -> SimBench: ...
    @property
    def screen(self) -> Screen | None:
        """What the glass shows; None while it is dark."""

    def press(self, button: str) -> None:
        """A finger on a button; nothing happens where there is none."""

    def taken_in(self) -> set[str]:
        """The items that this visit has given back, as the reader is told."""


class Place(enum.Enum):
    SHELF = "shelf"  # in the library's hands
    PAD = "pad"
    OUT = "out"  # carried past the gate in silence
    DESK = "desk"  # kept by staff until they have looked it up: it sounded at the gate, or was forgotten unarmed


@dataclass(slots=True, eq=False)
class Copy:
    """One copy as it is in truth. `holder` is who carries it out."""

    book: SimBook
    place: Place = Place.SHELF
    holder: PatronId | None = None
    tag: Tag | None = None
    met: set[str] = field(default_factory=set)  # machines it lay on

    @property
    def armed(self) -> bool:
        return (self.tag.afi if self.tag is not None else self.book.afi) != AFI_OFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    card: str
    patron: PatronId


@dataclass(slots=True)
class World:
    clock: Clock
    copies: dict[str, Copy]
    readers: Sequence[Reader]
    busy: set[PatronId] = field(default_factory=set)
    visits: int = 0

    @classmethod
    def draw(cls, clock: Clock, rng: Random, holder: Callable[[str], PatronId | None], sizes: tuple[int, int]) -> World:
        """So many readers, and so few copies that everybody wants that they meet one another's loans.

        `holder` tells who has a copy already: loans from before are part of the world.
        """
        readers, copies = sizes
        known = [row for row in _rows("patrons") if row["state"] == "ok" and row["card_uid"]]
        loanable = [row["item_barcode"] for row in _rows("items") if row["status"] in ("available", "charged")]
        books = demo_books()
        return cls(
            clock=clock,
            readers=[
                Reader(card=row["card_uid"], patron=PatronId(row["patron_id"])) for row in rng.sample(known, readers)
            ],
            copies={item: _copy(books[item], holder(item)) for item in rng.sample(loanable, copies)},
        )

    def put(self, machine: Desk, copies: Sequence[Copy]) -> None:
        for copy in copies:
            copy.place = Place.PAD
            copy.met.add(machine.device)
            if copy.tag is not None:
                copy.book = replace(copy.book, afi=copy.tag.afi)
        machine.bench.put(*(copy.book for copy in copies))
        tags = {tag.uid: tag for tag in machine.bench.field.tags}
        for copy in copies:
            copy.tag = tags.get(TagUid(copy.book.uid), copy.tag)

    def lift(self, machine: Desk, copies: Sequence[Copy]) -> None:
        machine.bench.lift(*(copy.book.uid for copy in copies))

    def clear(self, machine: Desk) -> None:
        """Staff put what lies there on the shelf; what is not armed may be somebody's, and stays at the desk."""
        left = [copy for copy in self.copies.values() if copy.place is Place.PAD and machine.device in copy.met]
        uids = {tag.uid for tag in machine.bench.field.tags}
        for copy in left:
            if copy.book.uid in uids:
                self.lift(machine, [copy])
                copy.place, copy.holder = (Place.SHELF if copy.armed else Place.DESK), None


def _rows(name: str) -> list[dict[str, str]]:
    with (CONFIG / "demo" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _copy(book: SimBook, holder: PatronId | None) -> Copy:
    return Copy(book=book, place=Place.SHELF if holder is None else Place.OUT, holder=holder)


def harm(copy: Copy, charged: PatronId | None) -> str:
    """Where the world and the library system, which has it `charged` to somebody or nobody, differ to one's harm."""
    match copy.place:
        case Place.OUT if not copy.armed and charged is None:
            return "carried out with its mark off, and on loan to nobody"
        case Place.OUT if charged is not None and copy.holder is not None and charged != copy.holder:
            return "carried out by one reader, charged to another"
        case Place.SHELF | Place.PAD if copy.armed and charged is not None:
            return "charged to a reader, and it lies here with its mark on"
        case _:
            return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How people come and go. Where they are `brisk`, staff end a session that was left open, who has taken the books
    away looks at no screen, and some go with their books when the machine is out of order."""

    between_s: tuple[float, float] = (0.5, 4.0)
    hasty: float = HASTY_CHANCE  # the chance that one takes the books away in the middle of it
    free_s: float = 20.0  # until staff come
    patience: float = 1.0  # how long they wait for the machine, as a share of what others do
    brisk: bool = False


@dataclass(slots=True)
class Visits:
    """One machine's readers, one after another. `run` is a task of the site's hub; `count` None: until `enough`."""

    world: World
    machine: Desk
    rng: Random
    count: int | None
    manners: Manners = Manners()
    owed: Callable[[str], PatronId | None] | None = None  # nobody brings back what is on loan to nobody; None: all do
    enough: bool = False
    ended: bool = False

    def run(self) -> None:
        for _ in itertools.count() if self.count is None else range(self.count):
            if self.enough:
                break
            self._pause(self.rng.uniform(*self.manners.between_s))
            self._visit()
            self.world.visits += 1
        self.ended = True

    def _visit(self) -> None:
        if not self._free():
            return
        reader = self.rng.choice([each for each in self.world.readers if each.patron not in self.world.busy])
        self.world.busy.add(reader.patron)
        mine = [copy for copy in self.world.copies.values() if copy.place is Place.OUT and self._is_owed(copy)]
        kind = self.rng.random()
        if kind < 0.15:
            self._renew(reader)
        elif mine and kind < 0.55:
            self._give_back(self._some(mine))
        else:
            self._borrow(reader)
        self.world.busy.discard(reader.patron)

    def _is_owed(self, copy: Copy) -> bool:
        return self.owed is None or self.owed(copy.book.item) is not None

    def _free(self) -> bool:
        """Nobody sits down at another reader's session; staff clear what was left."""
        if self._wait(lambda: self._shows("attract"), self.manners.free_s):
            return True
        self.world.clear(self.machine)
        return self._wait(self._ended_by_staff if self.manners.brisk else lambda: self._shows("attract"), 80.0)

    def _ended_by_staff(self) -> bool:
        shown = [each.id for each in buttons_of(self.machine.screen)] if self.machine.screen is not None else []
        for button in shown:
            if button.partition(":")[0] in WAYS_OUT:
                self._touch(button)
                break
        return self._shows("attract")

    def _borrow(self, reader: Reader) -> None:
        copies = self._some([copy for copy in self.world.copies.values() if copy.place is Place.SHELF])
        if not copies:
            return None
        self.world.put(self.machine, copies)
        self._tap(reader)
        self._wait(self._rows_ready, 10.0)
        if self.rng.random() < GIVES_UP_CHANCE:
            return self._carry_off(copies, reader)
        self._touch("borrow")
        if self.rng.random() < self.manners.hasty and not self._snatch(copies) and self.manners.brisk:
            return self._carry_off(copies, reader)
        self._served()
        if self.rng.random() < FORGETFUL_CHANCE:
            self._touch("finish")
            self._pause(self.rng.uniform(5.0, 30.0) * self.manners.patience)
            return self.world.clear(self.machine)
        self._carry_off(copies, reader)
        self._touch("finish")
        return None

    def _carry_off(self, copies: Sequence[Copy], reader: Reader) -> None:
        """The gate sounds for what is armed, and it goes back on the shelf."""
        self.world.lift(self.machine, copies)
        for copy in copies:
            copy.place, copy.holder = (Place.SHELF, None) if copy.armed else (Place.OUT, reader.patron)

    def _snatch(self, copies: Sequence[Copy]) -> bool:
        """Takes the books away in the middle of it; some lay them back (True) when they are asked to."""
        self._pause(self.rng.uniform(0.0, 1.0))
        self.world.lift(self.machine, copies)
        if self.rng.random() >= 0.5:
            return False
        self._pause(self.rng.uniform(0.2, 8.0))
        self.world.put(self.machine, copies)
        return True

    def _give_back(self, copies: Sequence[Copy]) -> None:
        self._touch("start.checkin")
        self.world.put(self.machine, copies)
        self._wait(self._rows_ready, 10.0)
        self._touch("checkin")
        taken: set[str] = set()
        if self.rng.random() < self.manners.hasty:
            self._pause(self.rng.uniform(0.0, 1.0))
            self.world.lift(self.machine, copies)
        elif self._served():
            taken = self.machine.taken_in()
        self.world.lift(self.machine, copies)
        for copy in copies:
            if copy.book.item in taken:
                copy.place, copy.holder = Place.SHELF, None
            else:
                copy.place = Place.DESK if copy.armed else Place.OUT
        self._touch("finish")

    def _renew(self, reader: Reader) -> None:
        self._touch("start.account")
        self._tap(reader)
        self._wait(lambda: self._shows("loans") and self._has("renew"), 8.0)
        self._touch("renew")
        self._served()
        self._touch("finish")

    # -- eyes and hands

    def _some(self, copies: Sequence[Copy]) -> list[Copy]:
        return self.rng.sample(list(copies), min(len(copies), self.rng.randint(1, 3)))

    def _tap(self, reader: Reader) -> None:
        self.machine.bench.tap(reader.card)
        self._pause(TAP_S)
        self.machine.bench.take_cards()

    def _touch(self, button: str) -> None:
        self.machine.press(button)
        self._pause(LOOK_S)

    def _has(self, button: str) -> bool:
        return self.machine.screen is not None and any(each.id == button for each in buttons_of(self.machine.screen))

    def _shows(self, name: str) -> bool:
        return self.machine.screen is not None and self.machine.screen.name == name

    def _served(self) -> bool:
        """Waits for the end; nobody waits for a machine that has forgotten them, and some not for one out of order."""
        leaves = self.manners.brisk and self.rng.random() < LEAVES_CHANCE
        ends = ("done", "attract", CORE_AWAY) if leaves else ("done", "attract")
        self._wait(lambda: any(self._shows(end) for end in ends), 15.0)
        return self._shows("done")

    def _rows_ready(self) -> bool:
        screen = self.machine.screen
        if screen is None or screen.name != "pad" or not screen.rows:
            return False
        return not any(row.icon.value == "wait" for row in screen.rows)

    def _wait(self, holds: Callable[[], bool], seconds: float) -> bool:
        by = self.world.clock.now() + seconds * self.manners.patience
        while not holds():
            if self.world.clock.now() >= by:
                return False
            self._pause(LOOK_S)
        return True

    def _pause(self, seconds: float) -> None:
        self.world.clock.wait_until(self.world.clock.now() + seconds)
