"""Memory of a machine's core: how much at rest, and how much more after many visits.

At rest it is measured twice: as it runs in production, with its devices in another process, and with them in its own,
as in the demo.
"""

from __future__ import annotations

import json
import random
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from drivers.clock import Hub
from drivers.tcp_link import listen
from kiosk.machine.simulate import SimBench
from kiosk.site.bench.place import DEVICE, place
from kiosk.site.bench.report import Area, Bound, Count, Line
from kiosk.site.bench.running import Child, cpu_s, rss_mib
from kiosk.site.folder import HOST

RSS_MIB_MAX: Final = 50.0
DEMO_RSS_MIB_MAX: Final = 70.0  # nobody asked for a limit; this one notices growth
GROWTH_MIB_MAX: Final = 1.0
UNIT_ENVIRONMENT: Final = {"MALLOC_ARENA_MAX": "1"}  # as in systemd/circdesk-core@.service
WARM_UP: Final = 300  # lists of the newest things are full by then
VISITS: Final = 400
THOUSAND: Final = 1_000
VISITS_S_MAX: Final = 600.0
IDLE_S: Final = 10.0


def measure(folder: Path, hub: Hub) -> Area:
    rss, busy = _in_production(folder / "production", hub)
    demo_rss, _ = _at_rest(folder / "demo", hub)
    out = folder / "visits.json"
    arguments = ("kiosk.site.bench.visits", str(folder / "visits"), str(WARM_UP), str(VISITS), str(out))
    Child(arguments, folder / "visits.log", hub).run(VISITS_S_MAX)
    result = json.loads(out.read_text("ascii"))
    held = [float(mib) for mib in result["mib"]][WARM_UP // int(result["every"]) :]
    lines = (
        _line("resident at rest, in production", rss, RSS_MIB_MAX),
        _line("resident at rest, with its simulated devices (demo)", demo_rss, DEMO_RSS_MIB_MAX),
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
        f"at rest the core uses {busy:.1%} of a processor",
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


def _in_production(folder: Path, hub: Hub) -> tuple[float, float]:
    """(MiB, share of a processor) of `circdesk run`, as its unit starts it. The devices are simulated over TCP."""
    bench = SimBench(hub, random.Random(1))
    with place(folder, hub) as site, ExitStack() as wires:
        path = site.folder.machine(DEVICE)
        text = path.read_text("utf-8")
        for part, serve in bench.far_ends.items():
            wire = listen(hub, HOST, 0, serve)
            wires.callback(wire.close)
            text = text.replace(f'"sim:{part}"', f'"tcp:{HOST}:{wire.port}"')
        path.write_text(text, "utf-8")
        core = Child(("kiosk", "run", str(path)), site.folder.root / "core.log", hub, env=UNIT_ENVIRONMENT)
        core.start("core ready")  # the first start makes the journal, and brings in what only that needs
        core.end()
        return _watched(core, "core ready", hub)


def _at_rest(folder: Path, hub: Hub) -> tuple[float, float]:
    """(MiB, share of a processor) of a machine that is open and that nobody uses."""
    with place(folder, hub) as site:
        arguments = ("kiosk.site.bench.alone", str(site.folder.root), DEVICE)
        return _watched(Child(arguments, site.folder.root / "alone.log", hub), "open", hub)


def _watched(core: Child, ready: str, hub: Hub) -> tuple[float, float]:
    try:
        core.start(ready)
        begin, before = hub.now(), cpu_s(core.pid)
        hub.wait_until(begin + IDLE_S)
        return rss_mib(core.pid), (cpu_s(core.pid) - before) / (hub.now() - begin)
    finally:
        core.end()


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
