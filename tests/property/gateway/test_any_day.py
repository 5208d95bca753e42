"""Random days: machines lend and take back, lose their network and their patience; the library system fails in every
way it can; the gateway is killed. In the evening nothing is lost and nothing has happened twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from kiosk.bus.memory import Weather
from kiosk.domain import ItemBarcode, PatronId
from kiosk.gateway.audit import Audit, audit
from kiosk.gateway.sim import FaultKind
from kiosk.messages.asks import EffectGranted, EffectRefused
from kiosk.messages.records import Intent, OfflineAccepted, Op, Outcome
from tests.unit.gateway.rig import DemoBooks, Fuse, Machine, Site, demo_data, told

READERS = [
    PatronId(row.patron_id) for row in demo_data().patrons if row.state.value == "ok" and row.patron_class == "UG"
]
BOOKS = [ItemBarcode(row.item_barcode) for row in demo_data().items if row.status.value == "available"][:4]
NAMES = ("kiosk-1", "kiosk-2", "kiosk-3")
FAULTS = [
    FaultKind.MUTE_AFTER_ACT,
    FaultKind.CLOSE_AFTER_ACT,
    FaultKind.REFUSE_AFTER_ACT,
    FaultKind.BAD_CHECKSUM,
    FaultKind.GARBAGE,
    FaultKind.MUTE,
    FaultKind.CLOSE_BEFORE_ACT,
    FaultKind.ASK_AGAIN,
    FaultKind.LATE_ANSWER,
    FaultKind.WRONG_SEQUENCE,
]
STEPS = 30


@dataclass
class Day:
    """What is where in truth: each book lies on the shelf or is with a reader."""

    site: Site
    rng: Random
    with_reader: dict[ItemBarcode, PatronId] = field(default_factory=dict)
    offline: set[str] = field(default_factory=set)
    kills: int = 0

    def live(self) -> list[Machine]:
        for name in NAMES:
            self.site.machine(name).birth()
        for _ in range(STEPS):
            self.step()
            self.revive()
        return self.evening()

    def step(self) -> None:
        rng, site = self.rng, self.site
        site.run(rng.choice((1, 30, 600)))
        machine = site.machines[rng.choice(NAMES)]
        match rng.randrange(10):
            case 0:
                self.network(machine)
            case 1:
                site.order(rng.choice(FAULTS), rng.choice(("11", "09", "17", "63")), seconds=rng.choice((0.5, 5.0)))
            case 2 if self.kills < 2:
                self.kills += 1
                site.fuse.at = site.fuse.count + rng.randint(1, 25)
            case _:
                self.visit(machine)

    def network(self, machine: Machine) -> None:
        """Goes away, or comes back and tells what it has."""
        if machine.name in self.offline:
            self.offline.remove(machine.name)
            machine.birth()
            machine.flush()
        else:
            self.offline.add(machine.name)
            machine.birth(online=False)

    def visit(self, machine: Machine) -> None:
        """Somebody borrows a book from the shelf, or brings one back."""
        book = self.rng.choice(BOOKS)
        if book in self.with_reader:
            self.take_back(machine, book)
        else:
            self.lend(machine, book, self.rng.choice(READERS[:6]))

    def lend(self, machine: Machine, book: ItemBarcode, reader: PatronId) -> None:
        intent = machine.intent(Op.CHECKOUT, book, reader)
        machine.write(intent)
        answer = None if machine.name in self.offline else self.ask(machine, intent)
        granted = isinstance(answer, EffectGranted)
        alone = answer is None and machine.name in self.offline
        if alone:
            machine.write(OfflineAccepted(key=intent.key))
        if granted and self.rng.random() < 0.15:
            machine.final(intent, self.rng.choice((Outcome.UNDONE, Outcome.CANCELLED)))
        elif granted or alone:
            machine.final(intent, Outcome.DELIVERED, offline=alone)
            self.with_reader[book] = reader
        else:
            machine.final(intent, Outcome.CANCELLED)
        self.tell(machine)

    def take_back(self, machine: Machine, book: ItemBarcode) -> None:
        intent = machine.intent(Op.CHECKIN, book)
        machine.write(intent)
        answer = None if machine.name in self.offline else self.ask(machine, intent)
        booked = isinstance(answer, EffectGranted | EffectRefused)
        machine.final(intent, Outcome.RETURNED, offline=not booked)
        del self.with_reader[book]
        self.tell(machine)

    def ask(self, machine: Machine, intent: Intent) -> object:
        machine.ask_effect(intent, answer_s=self.rng.choice((3.0, 8.0)), run=0)
        for _ in range(18):
            self.site.run(0.5)
            self.revive()
            answer = machine.answer(intent.key)
            if answer is not None:
                return answer
        return None

    def tell(self, machine: Machine) -> None:
        if machine.name not in self.offline and self.rng.random() < 0.8:
            machine.flush()

    def revive(self) -> None:
        if self.site.fuse.blown:
            self.site.run(self.rng.choice((0.5, 20)))
            self.site.restart()
            for name, machine in self.site.machines.items():
                if name not in self.offline:
                    machine.birth()

    def evening(self) -> list[Machine]:
        """Everything comes back and has time to settle."""
        self.site.fuse.at = None
        self.site.acs.faults.clear()
        for machine in self.site.machines.values():
            machine.birth()
        for _ in range(12):
            self.site.run(30)
            self.revive()
            for machine in self.site.machines.values():
                if machine.through < len(machine.journal):
                    machine.flush()
        return list(self.site.machines.values())


def a_day(tmp_path: Path, seed: int) -> tuple[Day, list[Audit]]:
    rng = Random(seed)
    site = Site(tmp_path, fuse=Fuse())
    site.broker.weather = Weather(double=0.05, delay_s=(0.001, 0.05))
    day = Day(site, rng)
    machines = day.live()
    return day, [audit([told(machine)], site.ledger, DemoBooks(site.audit)) for machine in machines]


def check(tmp_path: Path, seed: int) -> None:
    day, audits = a_day(tmp_path, seed)
    for found in audits:
        assert (found.lost, found.doubled, found.pending) == ((), (), ()), f"seed {seed}"
    tasked = {task.item for task in day.site.open_tasks()}
    for book in BOOKS:
        if book not in tasked:
            assert day.site.borrower(book) == day.with_reader.get(book), f"seed {seed}, {book}"


@pytest.mark.parametrize("seed", range(8))
def test_in_the_evening_of_any_day_nothing_is_lost_and_nothing_doubled(tmp_path: Path, seed: int) -> None:
    check(tmp_path, seed)


@pytest.mark.slow
def test_in_the_evening_of_five_hundred_days_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    for seed in range(100, 600):
        check(tmp_path / str(seed), seed)
