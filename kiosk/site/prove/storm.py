"""Claim: kill -9 of real processes, at random moments, loses no loan and doubles none.

A whole site as in production: mosquitto, demo library system, gateway, a self-checkout's core and its screen, each a
process of its own that is killed by a timetable of its own, so that several may be down at once. Meanwhile readers
borrow, return and renew at the glass, the library system fails, disks are full and clocks wrong. Then it is quiet until
everything has settled, and two judges look: `circdesk audit` over journal, ledger and library system, and the world
itself, which knows where each copy really is. Every KILLS_A_SITE kills another library begins. Slower and coarser than
`histories`, but nothing between the devices' far ends and the library system's books is simulated.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from drivers.clock import Hub, ThreadHub
from kiosk.domain import PatronId
from kiosk.gateway.audit import Audit, audit, read_journal
from kiosk.gateway.sim.audit import Audit as IlsAudit
from kiosk.gateway.sim.store import Store
from kiosk.ledger import audit_rows, open_ledger
from kiosk.site.audit import DemoBooks
from kiosk.site.prove.mutants import Mutant
from kiosk.site.prove.readers import Visits, World, harm
from kiosk.site.prove.report import ProveReport
from kiosk.site.prove.storm_site import StormSite, Victim
from kiosk.site.prove.storm_trouble import StormTrouble

CLAIM: Final = "kill -9 of real processes loses no loan and doubles none"
MUTANTS: Final = (Mutant.TX_ACTS.value,)  # the others show in `histories`, which has far more loans an hour
KILLS_A_SITE: Final = 50
LIFE_S: Final = (1.5, 16.0)  # a visit takes three to six seconds
DOWN_S: Final = (0.0, 1.5)
ILL_TIMED_CHANCE: Final = 0.6  # that a kill waits for books that are being worked on
ILL_TIMED_S_MAX: Final = 5.0
WORK_S_MAX: Final = 1.2
VISIT_S_MAX: Final = 150.0  # until the reader at the desk has gone
SETTLE_S_MAX: Final = 180.0
READERS: Final = 4
COPIES: Final = 8
LOOK_S: Final = 0.5
WORK_LOOK_S: Final = 0.03

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class _Found:
    """What one site showed, as sentences."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)  # doubts that are people's task
    keys: int = 0

    @property
    def settled(self) -> bool:
        return not (self.lost or self.doubled or self.wrong)

    def add(self, other: _Found) -> None:
        self.lost += other.lost
        self.doubled += other.doubled
        self.wrong += other.wrong
        self.named += other.named
        self.keys += other.keys


def storm(count: int, seed: int, mutant: str | None = None, progress: Progress = lambda done, of: None) -> ProveReport:
    """Kills `count` times. With a mutant it ends at the first site that shows it."""
    assert mutant is None or mutant in MUTANTS, mutant
    rng = Random(seed)
    total, told = _Found(), Counter[str]()
    done = 0
    while done < count and (mutant is None or total.settled):
        here = min(KILLS_A_SITE, count - done)
        begun = done
        found, counts = _site(here, rng.getrandbits(32), mutant, lambda n, begun=begun: progress(begun + n, count))  # type: ignore[misc]  # mypy: default argument
        total.add(found)
        told += counts
        done += here
    if not total.keys:
        total.wrong.append("nobody came, so nothing was proven")
    first = next(iter((*total.lost, *total.doubled, *total.wrong)), "")
    detail = ", ".join(f"{name} {times}" for name, times in sorted(told.items()))
    return ProveReport(
        claim=CLAIM,
        count=done,
        seed=seed,
        mutant=mutant,
        lost=len(total.lost),
        doubled=len(total.doubled),
        unsettled=len(total.named),
        wrong=len(total.wrong),
        detail=f"{first + '; ' if first else ''}{total.keys} keys; {detail}",
    )


def _site(kills: int, seed: int, mutant: str | None, progress: Callable[[int], None]) -> tuple[_Found, Counter[str]]:
    rng = Random(seed)
    crashed: list[str] = []
    hub = ThreadHub(lambda name, error: crashed.append(f"{name}: {error!r}"))
    root = Path(tempfile.mkdtemp(prefix="storm-"))
    site = StormSite(hub, root, rng, mutant)
    try:
        site.start()
        world = World.draw(hub, rng, _loans(site), (READERS, COPIES))
        visits = Visits(world, site.glass, Random(rng.getrandbits(32)), None)
        trouble = StormTrouble(site, Random(rng.getrandbits(32)))
        reaper = _Reaper(site, kills, rng, progress)
        for name, run in (("visits", visits.run), ("trouble", trouble.run), *reaper.tasks()):
            hub.spawn(name, run)
        while not crashed and not reaper.ended:
            hub.wait_until(hub.now() + LOOK_S)
        found = _Found() if crashed else _settled(site, world, visits, trouble)
        found.wrong += crashed + reaper.unexplained
        counts = reaper.killed + Counter({"visits": world.visits}) + trouble.counts
        return found, counts
    finally:
        site.close()
        shutil.rmtree(root, ignore_errors=True)


class _Reaper:
    """Kills every process by its own timetable, `kills` times in all, and starts it again."""

    def __init__(self, site: StormSite, kills: int, rng: Random, progress: Callable[[int], None]) -> None:
        self.killed: Counter[str] = Counter()
        self.unexplained: list[str] = []  # ends nobody brought about
        self._site = site
        self._hub: Hub = site.hub
        self._kills = kills
        self._progress = progress
        self._victims = site.victims()
        self._seeds = {victim.name: rng.getrandbits(32) for victim in self._victims}
        self._done: set[str] = set()

    @property
    def ended(self) -> bool:
        return len(self._done) == len(self._victims)

    def tasks(self) -> list[tuple[str, Callable[[], None]]]:
        return [(victim.name, lambda victim=victim: self._hunt(victim)) for victim in self._victims]  # type: ignore[misc]  # mypy: default argument

    def _hunt(self, victim: Victim) -> None:
        rng = Random(self._seeds[victim.name])
        while self._lives(victim, rng.uniform(*LIFE_S)):
            if rng.random() < ILL_TIMED_CHANCE:
                self._wait_for_work(rng.uniform(0.0, WORK_S_MAX))
            victim.kill()
            self.killed[f"{victim.name} killed"] += 1
            self._progress(self.killed.total())
            self._hub.wait_until(self._hub.now() + rng.uniform(*DOWN_S))
            victim.revive(self._hub)
        self._done.add(victim.name)

    def _wait_for_work(self, further_s: float) -> None:
        by = self._hub.now() + ILL_TIMED_S_MAX
        while self._hub.now() < by:
            screen = self._site.glass.screen
            if screen is not None and screen.name == "working":
                self._hub.wait_until(self._hub.now() + further_s)
                return
            self._hub.wait_until(self._hub.now() + WORK_LOOK_S)

    def _lives(self, victim: Victim, life_s: float) -> bool:
        """Waits for the victim's hour; False when there were kills enough before it."""
        by = self._hub.now() + life_s
        full = self._times_full(victim)
        while self._hub.now() < by and self.killed.total() < self._kills:
            self._hub.wait_until(min(by, self._hub.now() + LOOK_S))
            if victim.died_by_itself():
                if self._times_full(victim) == full:
                    self.unexplained.append(f"{victim.name} ended by itself: {_last_words(victim)}")
                victim.revive(self._hub)
        return self.killed.total() < self._kills

    def _times_full(self, victim: Victim) -> int:
        """A process may end when it cannot write, and be started again; for nothing else."""
        disk = self._site.disks.get(victim.name)
        return disk.times_full if disk is not None else 0


def _last_words(victim: Victim) -> str:
    assert victim.neighbour is not None
    said = victim.neighbour.log.read_text(errors="replace").strip().splitlines()
    return said[-1] if said else "without a word"


def _settled(site: StormSite, world: World, visits: Visits, trouble: StormTrouble) -> _Found:
    """A fine day, until nothing is open that is nobody's task; and then what the judges say."""
    hub = site.hub
    visits.enough = trouble.over = True
    by = hub.now() + VISIT_S_MAX
    while not (visits.ended and trouble.ended) and hub.now() < by:
        hub.wait_until(hub.now() + LOOK_S)
    world.clear(site.glass)
    by = hub.now() + SETTLE_S_MAX
    found = _judge(site, world)
    while not found.settled and hub.now() < by:
        hub.wait_until(hub.now() + LOOK_S)
        found = _judge(site, world)
    return found


def _judge(site: StormSite, world: World) -> _Found:
    ledger = open_ledger(f"sqlite:///{site.ledger}", site.hub)
    try:
        books = DemoBooks.of(site.folder.ils_db)
        told: Audit = audit([list(read_journal(site.journal))], ledger, books)
        keys, items = ledger.read(audit_rows.tasked)
    finally:
        ledger.close()
    found = _Found(keys=told.keys)
    kinds = ((told.lost, found.lost), (told.pending, found.lost), (told.doubled, found.doubled))
    for sentences, kind in (*kinds, (told.unsettled, found.wrong), (_harms(site, world), found.wrong)):
        for sentence in sentences:
            about = sentence.split(":")[0]
            (found.named if about in keys | items else kind).append(sentence)
    found.wrong += [f"{item}: the library system's own books disagree" for item in _books(site).unexplained()]
    return found


def _harms(site: StormSite, world: World) -> list[str]:
    charged = _loans(site)
    what = {item: harm(copy, charged(item)) for item, copy in world.copies.items()}
    return [f"{item}: {sentence}" for item, sentence in what.items() if sentence]


def _loans(site: StormSite) -> Callable[[str], PatronId | None]:
    books = _books(site)

    def charged(item: str) -> PatronId | None:
        loan = books.loan(item)
        return loan.patron if loan is not None else None

    return charged


def _books(site: StormSite) -> IlsAudit:
    return IlsAudit(Store(site.folder.ils_db))
