"""Memory of a machine's core: how much at rest, and how much more after many visits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from drivers.clock import Hub
from kiosk.site.bench.place import DEVICE, place
from kiosk.site.bench.report import Area, Bound, Count, Line
from kiosk.site.bench.running import Child, cpu_s, rss_mib

RSS_MIB_MAX: Final = 50.0
GROWTH_MIB_MAX: Final = 1.0
WARM_UP: Final = 300  # lists of the newest things are full by then
VISITS: Final = 400
THOUSAND: Final = 1_000
VISITS_S_MAX: Final = 600.0
IDLE_S: Final = 10.0


def measure(folder: Path, hub: Hub) -> Area:
    rss, busy = _at_rest(folder, hub)
    out = folder / "visits.json"
    arguments = ("kiosk.site.bench.visits", str(folder / "visits"), str(WARM_UP), str(VISITS), str(out))
    Child(arguments, folder / "visits.log", hub).run(VISITS_S_MAX)
    result = json.loads(out.read_text("ascii"))
    held = [float(mib) for mib in result["mib"]][WARM_UP // int(result["every"]) :]
    lines = (
        _line("resident at rest, with its simulated devices", rss, RSS_MIB_MAX),
        _line(
            "growth in 1,000 visits, whole site in one process", slope(held) * _looks(result["every"]), GROWTH_MIB_MAX
        ),
    )
    counts = (
        Count(
            what="loans and returns: booked by the library system",
            believed=2 * (WARM_UP + VISITS),
            found=int(result["booked"]),
        ),
    )
    notes = (
        f"at rest the core uses {busy:.1%} of a processor, its simulated devices included",
        f"growth is the slope over {VISITS} visits after {WARM_UP}, and the simulated devices' own notes are in it",
    )
    return Area(name="core", lines=lines, counts=counts, notes=notes)


def slope(held: list[float]) -> float:
    """MiB from one look to the next: the straight line with the least squares through all looks."""
    count = len(held)
    middle, mean = (count - 1) / 2, sum(held) / count
    across = sum((n - middle) * (mib - mean) for n, mib in enumerate(held))
    return across / sum((n - middle) ** 2 for n in range(count))


def _looks(every: int) -> float:
    return THOUSAND / every


def _at_rest(folder: Path, hub: Hub) -> tuple[float, float]:
    """(MiB, share of a processor) of a machine that is open and that nobody uses."""
    with place(folder, hub) as site:
        alone = Child(("kiosk.site.bench.alone", str(site.folder.root), DEVICE), site.folder.root / "alone.log", hub)
        try:
            alone.start("open")
            begin, before = hub.now(), cpu_s(alone.pid)
            hub.wait_until(begin + IDLE_S)
            return rss_mib(alone.pid), (cpu_s(alone.pid) - before) / (hub.now() - begin)
        finally:
            alone.end()


def _line(what: str, mib: float, wanted: float) -> Line:
    return Line(
        what=what,
        measured=mib,
        unit="MiB",
        limit=wanted,
        limit_name="wanted",
        bound=Bound.AT_MOST,
        must=1.0,
    )
