"""Claim: kill -9 of real processes, at random moments, loses no loan and doubles none.

A whole site: mosquitto, demo library system, gateway, and a self-checkout whose core runs in a process of its own with
simulated devices and readers at them (`storm_machine`). Core, gateway, broker and library system are killed in turn by
chance and started again. At the end `circdesk audit` is the judge. Slower and coarser than `histories`, but nothing
below the devices' wires is simulated.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Final

from drivers.clock import ThreadHub
from kiosk.gateway.audit import Audit
from kiosk.ledger import audit_rows, open_ledger
from kiosk.site.audit import audit_folder
from kiosk.site.folder import Ports, SiteFolder, lay_out
from kiosk.site.mosquitto import free_port
from kiosk.site.processes import Neighbour, Neighbours
from kiosk.site.prove.report import ProveReport

CLAIM: Final = "kill -9 of real processes loses no loan and doubles none"
MUTANTS: Final = ("a tx intent acts",)
DEVICE: Final = "kiosk-1"
LIFE_S: Final = (1.0, 9.0)  # a visit takes three seconds
DOWN_S: Final = (0.0, 0.6)
SETTLE_S_MAX: Final = 120.0
LOOK_S: Final = 1.0

Progress = Callable[[int, int], None]


def storm(count: int, seed: int, mutant: str | None = None, progress: Progress = lambda done, of: None) -> ProveReport:
    """Kills `count` times at one site."""
    rng = Random(seed)
    hub = ThreadHub()
    root = Path(tempfile.mkdtemp(prefix="storm-"))
    folder = lay_out(root / "site", Ports(broker=free_port(), ils=free_port()), (DEVICE,), at=hub.wall())
    neighbours = Neighbours(folder, hub)
    module = "kiosk.site.prove.storm_machine"
    core = Neighbour(
        "core", (module, str(folder.machine(DEVICE)), str(seed), mutant or ""), "core ready", root / "core.log", hub
    )
    if mutant is not None:
        arguments = ("kiosk.site.prove.storm_gateway", str(folder.gateway), mutant)
        neighbours.gateway = Neighbour("gateway", arguments, "gateway ready", root / "gateway.log", hub)
    killed: Counter[str] = Counter()
    try:
        neighbours.start()
        core.start()
        for done in range(count):
            hub.wait_until(hub.now() + rng.uniform(*LIFE_S))
            name = rng.choice(("core", "core", "gateway", "broker", "library system"))
            _kill(name, core, neighbours, hub, rng)
            killed[name] += 1
            progress(done + 1, count)
        (root / "site" / "enough").touch()
        return _report(folder, hub, count, seed, mutant, killed)
    finally:
        core.stop()
        neighbours.stop()
        shutil.rmtree(root, ignore_errors=True)


def _kill(name: str, core: Neighbour, neighbours: Neighbours, hub: ThreadHub, rng: Random) -> None:
    down_s = rng.uniform(*DOWN_S)
    match name:
        case "core":
            core.kill()
            hub.wait_until(hub.now() + down_s)
            core.start()
        case "gateway":
            neighbours.gateway.kill()
            hub.wait_until(hub.now() + down_s)
            neighbours.gateway.start()
        case "broker":
            neighbours.broker.kill()
            hub.wait_until(hub.now() + down_s)
            neighbours.broker.start()
        case _:
            neighbours.ils.kill()
            hub.wait_until(hub.now() + down_s)
            neighbours.start_ils()


def _report(
    folder: SiteFolder, hub: ThreadHub, count: int, seed: int, mutant: str | None, killed: Counter[str]
) -> ProveReport:
    by = hub.now() + SETTLE_S_MAX
    found, excused = _look(folder)
    while hub.now() < by and (found.pending or set(found.unsettled) - excused):
        hub.wait_until(hub.now() + LOOK_S)
        found, excused = _look(folder)
    detail = ", ".join(f"{name} {times}" for name, times in sorted(killed.items()))
    first = next(iter((*found.lost, *found.doubled, *found.pending, *sorted(set(found.unsettled) - excused))), "")
    return ProveReport(
        claim=CLAIM,
        count=count,
        seed=seed,
        mutant=mutant,
        lost=len(found.lost) + len(found.pending),
        doubled=len(found.doubled),
        unsettled=len(excused),
        wrong=len(set(found.unsettled) - excused) + (found.keys == 0),  # where nobody came nothing was proven
        detail=f"{first or 'nothing to tell'}; {found.keys} keys; killed: {detail}",
    )


def _look(folder: SiteFolder) -> tuple[Audit, set[str]]:
    """The audit, and those of its doubts that are people's task."""
    found = audit_folder(folder)
    ledger = open_ledger(f"sqlite:///{folder.ledger}", ThreadHub())
    try:
        keys, items = ledger.read(audit_rows.tasked)
    finally:
        ledger.close()
    return found, {each for each in found.unsettled if each.split(":")[0] in keys | items}
