"""Claim: whatever dies or fails, no loan is lost, none happens twice, and every doubt is a task for people.

Each history is a library hour in virtual time: one to three self-checkouts with readers, the whole uplink, a gateway
and the demo library system, all of it the production code. Processes die at any commit, message or byte. Then it is
quiet until everything has settled, and two judges look: `kiosk.gateway.audit` over journals, ledger and library
system, and the world itself, which knows where each copy really is.
"""

from __future__ import annotations

import gc
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from kiosk.checkout.states import Volatile
from kiosk.domain import PatronId
from kiosk.flow.runtime import buttons_of
from kiosk.gateway.applier import Applier, NoReader
from kiosk.gateway.audit import Audit, audit, read_journal
from kiosk.gateway.tasks import Kind
from kiosk.ledger import audit_rows, effects, tasks
from kiosk.ledger.effects import Effect
from kiosk.machine.simulate import SimBench
from kiosk.screen import Screen, Touch
from kiosk.site.audit import DemoBooks
from kiosk.site.embedded import EmbeddedSite, Machine
from kiosk.site.prove.mutants import Mutant, broken
from kiosk.site.prove.readers import Visits, World, harm
from kiosk.site.prove.report import ProveReport
from kiosk.site.prove.trouble import Trouble

CLAIM: Final = "kills lose no loan and double none"
MUTANTS: Final = tuple(each.value for each in Mutant)
OPEN_S: Final = 8.0  # until the machines know gateway and keys
STEP_S: Final = 10.0
ACTIVE_S_MAX: Final = 900.0
RECOVER_S: Final = 45.0
QUIET_S_MAX: Final = 1_500.0
COPIES: Final = 7
READERS: Final = 5
TMPFS: Final = Path("/dev/shm")

Progress = Callable[[int, int], None]


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What one history showed. `wrong`: the world differs from the books, or a doubt is nobody's task."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    keys: int = 0
    kills: int = 0
    visits: int = 0
    trouble: Counter[str] = field(default_factory=Counter)

    @property
    def good(self) -> bool:
        return not (self.lost or self.doubled or self.wrong)


def kills(count: int, seed: int, mutant: str | None = None, progress: Progress = lambda done, of: None) -> ProveReport:
    """Plays `count` histories. With a mutant it ends at the first history that shows it."""
    rng = Random(seed)
    total = Verdict()
    done = 0
    first = ""
    wrong = Mutant(mutant) if mutant is not None else None
    with broken(wrong):
        for done in range(1, count + 1):
            history_seed = rng.getrandbits(64)
            verdict = history(history_seed, wrong)
            _add(total, verdict)
            progress(done, count)
            if not verdict.good:
                first = first or _told(history_seed, verdict)
                if mutant is not None:
                    break
    return ProveReport(
        claim=CLAIM,
        count=done,
        seed=seed,
        mutant=mutant,
        lost=len(total.lost),
        doubled=len(total.doubled),
        unsettled=len(total.unsettled),
        wrong=len(total.wrong),
        detail=first or f"{total.kills} kills, {total.visits} visits, {total.keys} keys",
    )


def _add(total: Verdict, one: Verdict) -> None:
    total.lost += one.lost
    total.doubled += one.doubled
    total.unsettled += one.unsettled
    total.wrong += one.wrong
    total.keys += one.keys
    total.kills += one.kills
    total.visits += one.visits
    total.trouble += one.trouble


def _told(seed: int, verdict: Verdict) -> str:
    what = (verdict.lost + verdict.doubled + verdict.wrong)[0]
    return f"history {seed}: {what}"


def history(seed: int, mutant: Mutant | None = None) -> Verdict:
    """One history; the same seed takes the same course."""
    rng = Random(seed)
    root = Path(tempfile.mkdtemp(prefix="kills-", dir=TMPFS if TMPFS.is_dir() else None))
    try:
        return _play(root, rng, mutant)
    except Exception as bug:  # whatever it is: a task of a process has crashed, and would crash again and again
        return Verdict(wrong=[f"crashed: {type(bug).__name__}: {bug}"])
    finally:
        gc.collect()  # connections of killed processes hang in cycles
        shutil.rmtree(root, ignore_errors=True)


def _play(root: Path, rng: Random, mutant: Mutant | None) -> Verdict:
    devices = tuple(f"kiosk-{n + 1}" for n in range(rng.choice((1, 1, 2, 3))))
    site = EmbeddedSite(root, rng, devices)
    world = _world(site, rng)
    visits = [
        Visits(world, _Desk(machine), Random(rng.getrandbits(64)), rng.randint(3, 7))
        for machine in site.machines.values()
    ]
    trouble = Trouble(site, Random(rng.getrandbits(64)))
    site.run(OPEN_S)
    trouble.plan(rng.uniform(30.0, 120.0), mutant)
    for each in visits:
        site.hub.spawn("visits", each.run)
    by = site.hub.now() + ACTIVE_S_MAX
    while site.hub.now() < by and not all(each.ended for each in visits):
        site.run(STEP_S)
    trouble.end()
    site.run(RECOVER_S)
    for machine in site.machines.values():  # nobody is there any more: the devices need not be looked at
        machine.bench.unplug("pad")
        machine.bench.unplug("card")
    by = site.hub.now() + QUIET_S_MAX
    while not _quiet(site) and site.hub.now() < by:
        site.run(STEP_S)
    return _judge(site, world, trouble)


def _world(site: EmbeddedSite, rng: Random) -> World:
    def holder(item: str) -> PatronId | None:
        loan = site.books.loan(item)
        return loan.patron if loan is not None else None

    return World.draw(site.hub, rng, holder, (READERS, COPIES))


@dataclass(frozen=True, slots=True)
class _Desk:
    """A machine in virtual time, as its readers stand before it."""

    machine: Machine

    @property
    def device(self) -> str:
        return self.machine.device

    @property
    def bench(self) -> SimBench:
        return self.machine.bench

    @property
    def screen(self) -> Screen | None:
        return self.machine.screen

    def press(self, button: str) -> None:
        core, screen = self.machine.core, self.machine.screen
        found = next((each for each in buttons_of(screen) if each.id == button), None) if screen is not None else None
        if core is not None and screen is not None and found is not None:
            core.touch(Touch(turn=screen.turn, button=button, confirms=found.confirms))

    def taken_in(self) -> set[str]:
        assert self.machine.core is not None
        volatile = self.machine.core.runtime.volatile
        assert isinstance(volatile, Volatile)
        return set(volatile.visit.taken_in) if volatile.visit is not None else set()


def _audit(site: EmbeddedSite) -> Audit:
    gateway, ledger = site.gateway.gateway, site.gateway.ledger
    assert gateway is not None, "the audit comes when everything is up"
    assert ledger is not None, "the audit comes when everything is up"
    applier = Applier(gateway.parts)

    def reader(effect: Effect) -> PatronId | None:
        try:
            return applier.reader(effect)
        except NoReader:
            return None

    journals = [list(read_journal(machine.journal)) for machine in site.machines.values()]
    return audit(journals, ledger, DemoBooks(site.books), reader)


def _quiet(site: EmbeddedSite) -> bool:
    """Everything has been told and nothing is owed."""
    ledger = site.gateway.ledger
    if ledger is None or site.gateway.process.dead:
        return False
    if ledger.read(effects.next_due_ms) is not None:
        return False
    return not _audit(site).pending


def _judge(site: EmbeddedSite, world: World, trouble: Trouble) -> Verdict:
    ledger = site.gateway.ledger
    assert ledger is not None, "the audit comes when everything is up"
    found = _audit(site)
    keys, items = ledger.read(audit_rows.tasked)
    forked = {task.device for task in ledger.read(tasks.open_tasks) if task.kind == Kind.FORK} & trouble.restored
    touched = {item for item, copy in world.copies.items() if copy.met & forked}
    touched |= {row.item for row in ledger.read(audit_rows.effects) if row.device in forked}  # renewals lay nowhere
    verdict = Verdict(keys=found.keys, kills=site.kills, visits=world.visits, trouble=Counter(trouble.counts))

    def named(text: str) -> bool:
        """People look at it: a task of its own, or the task about a machine whose disk was replaced."""
        about = text.split(":")[0].split("/")[0]
        if about in touched or any(about == device or about.startswith(f"{device}-") for device in forked):
            return True
        return about in keys or about in items

    for finding in found.lost:
        (verdict.unsettled if named(finding) else verdict.lost).append(finding)
    for finding in found.doubled:
        (verdict.unsettled if named(finding) else verdict.doubled).append(finding)
    for finding in found.pending:
        (verdict.unsettled if named(finding) else verdict.lost).append(f"{finding}: never arrived")
    for finding in found.unsettled:
        (verdict.unsettled if named(finding) else verdict.wrong).append(finding)
    for item, copy in world.copies.items():
        loan = site.books.loan(item)
        what = harm(copy, loan.patron if loan is not None else None)
        if what:
            (verdict.unsettled if named(item) else verdict.wrong).append(f"{item}: {what}")
    return verdict
