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

from drivers.clock import Task, ThreadHub
from kiosk.domain import PatronId
from kiosk.gateway.audit import Audit, audit, read_journal
from kiosk.gateway.sim.audit import Audit as IlsAudit
from kiosk.gateway.sim.store import Store
from kiosk.ledger import audit_rows, open_ledger
from kiosk.site.audit import DemoBooks
from kiosk.site.mosquitto import BrokerFailed
from kiosk.site.processes import NeighbourFailed
from kiosk.site.prove.mutants import Mutant
from kiosk.site.prove.readers import Manners, Visits, World, harm
from kiosk.site.prove.report import ProveReport
from kiosk.site.prove.stop import Stop, heard
from kiosk.site.prove.storm_reaper import Reaper
from kiosk.site.prove.storm_site import StormSite
from kiosk.site.prove.storm_trouble import StormTrouble

CLAIM: Final = "kill -9 of real processes loses no loan and doubles none"
MUTANTS: Final = (Mutant.TX_ACTS.value, Mutant.PUBACK_CLEARS.value, Mutant.EARLY_OFF.value)
KILLS_A_SITE: Final = 50
VISIT_S_MAX: Final = 150.0  # until the reader at the desk has gone
SETTLE_S_MAX: Final = 180.0
READERS: Final = 4
COPIES: Final = 8
LOOK_S: Final = 0.5
TROUBLE_S_MAX: Final = 20.0
MANNERS: Final = Manners(between_s=(0.1, 0.6), hasty=0.4, free_s=5.0, patience=0.4, brisk=True)

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
    with heard() as stop:
        while done < count and (mutant is None or total.settled):
            here = min(KILLS_A_SITE, count - done)

            def further(killed: int, before: int = done) -> None:
                progress(before + killed, count)

            found, counts = _site(here, rng.getrandbits(32), mutant, stop, further)
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


def _site(
    kills: int, seed: int, mutant: str | None, stop: Stop, progress: Callable[[int], None]
) -> tuple[_Found, Counter[str]]:
    """Leaves by SystemExit when it was asked to stop. However it leaves, its processes and disks are gone."""
    rng = Random(seed)
    crashed: list[str] = []
    hub = ThreadHub(lambda name, error: crashed.append(f"{name}: {error!r}"))
    root = Path(tempfile.mkdtemp(prefix="storm-"))
    site = StormSite(hub, root, rng, mutant)
    reaper = Reaper(site, kills, rng, stop, progress)
    trouble = StormTrouble(site, Random(rng.getrandbits(32)))
    tasks: list[Task] = []
    try:
        site.start()
        world = World.draw(hub, rng, _loans(site), (READERS, COPIES))
        visits = Visits(world, site.glass, Random(rng.getrandbits(32)), None, MANNERS, _loans(site))
        hub.spawn("visits", visits.run)
        tasks.append(hub.spawn("trouble", trouble.run))
        reaper.start()
        while not (crashed or reaper.ended or stop.asked):
            hub.wait_until(hub.now() + LOOK_S)
        if not (crashed or stop.asked):
            reaper.finale()
        found = _Found() if crashed else _settled(site, world, visits, trouble, stop)
        if stop.asked:
            stop.leave()
        found.wrong += crashed + reaper.unexplained
        counts = reaper.killed + Counter({"visits": world.visits}) + trouble.counts
        return found, counts
    except (NeighbourFailed, BrokerFailed):
        if stop.asked:  # a terminal's Ctrl-C reaches the processes, too
            stop.leave()
        raise
    finally:
        trouble.over = True
        reaper.end()
        for task in tasks:
            task.join(hub.now() + TROUBLE_S_MAX)
        site.close()
        shutil.rmtree(root, ignore_errors=True)


def _settled(site: StormSite, world: World, visits: Visits, trouble: StormTrouble, stop: Stop) -> _Found:
    """A fine day, until nothing is open that is nobody's task; and then what the judges say."""
    hub = site.hub
    visits.enough = trouble.over = True
    by = hub.now() + VISIT_S_MAX
    while not ((visits.ended and trouble.ended) or stop.asked) and hub.now() < by:
        hub.wait_until(hub.now() + LOOK_S)
    world.clear(site.glass)
    by = hub.now() + SETTLE_S_MAX
    found = _judge(site, world)
    while not (found.settled or stop.asked) and hub.now() < by:
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
