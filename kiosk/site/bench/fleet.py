"""A thousand machines on one gateway process: signed questions over mutual TLS at ten times the national mean.

1,251 libraries with 11 machines each lend and take back 123 million items a month: 47.5 a second in the mean.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

from drivers.clock import Hub
from kiosk.site.bench.crowd import ITEMS, device
from kiosk.site.bench.place import Place, many_books, place
from kiosk.site.bench.raw import MS, percentile
from kiosk.site.bench.report import Area, Bound, Count, Line
from kiosk.site.bench.running import Child, cpu_s, rss_mib

MACHINES: Final = 1_000
PROCESSES: Final = 2
RATE: Final = 475.0
SECONDS: Final = 15.0
CONNECT_S_MAX: Final = 100.0
P99_MS: Final = 10.0


def measure(folder: Path, hub: Hub) -> Area:
    devices = tuple(device(n) for n in range(MACHINES))
    with place(folder, hub, devices=devices, swift=True, data=many_books(folder / "books", ITEMS)) as site:
        crowds = [_crowd(site, n, hub) for n in range(PROCESSES)]
        try:
            for crowd in crowds:
                crowd.start("connected", CONNECT_S_MAX)
            gateway = site.neighbours.gateway.process
            assert gateway is not None
            begin, before = hub.now(), cpu_s(gateway.pid)
            for crowd in crowds:
                crowd.tell("go")
            for crowd in crowds:
                crowd.wait_for("asked", CONNECT_S_MAX)
            busy = (cpu_s(gateway.pid) - before) / (hub.now() - begin)
            note = f"the gateway used {busy:.2f} of a core and {rss_mib(gateway.pid):.0f} MiB"
        finally:
            for crowd in crowds:
                crowd.end()
        ils_log = site.folder.root / "ils.log"
    results = [json.loads(_out(folder, n).read_text("ascii")) for n in range(PROCESSES)]
    asked = sum(int(result["asked"]) for result in results)
    times = [float(seconds) for result in results for seconds in result["seconds"]]
    counts = (
        Count(what="questions asked: answered", believed=asked, found=len(times)),
        Count(what="questions asked: came to the library system", believed=asked, found=_heard(ils_log)),
    )
    return Area(name="fleet", lines=_lines(times, asked), counts=counts, notes=(note,))


def _crowd(site: Place, n: int, hub: Hub) -> Child:
    root, share = site.folder.root, MACHINES // PROCESSES
    numbers = (str(n * share), str(share), str(RATE / PROCESSES), str(SECONDS), str(n))
    out = str(_out(root.parent, n))
    arguments = ("kiosk.site.bench.crowd", str(root), str(site.folder.ports.broker), *numbers, out)
    return Child(arguments, root / f"crowd-{n}.log", hub)


def _out(folder: Path, n: int) -> Path:
    return folder / f"crowd-{n}.json"


def _heard(log: Path) -> int:
    """What the library system said at its end: how many item informations (17) it was asked for."""
    found = re.search(r"heard 17: (\d+)", log.read_text("utf-8"))
    return int(found[1]) if found else 0


def _lines(times: list[float], asked: int) -> tuple[Line, ...]:
    return (
        Line(
            what=f"{MACHINES} machines, {RATE:g} questions/s, p99",
            measured=percentile(times, 0.99) * MS,
            unit="ms",
            limit=P99_MS,
            limit_name="wanted",
            bound=Bound.AT_MOST,
            must=1.0,
        ),
        Line(
            what="questions a second that were asked",
            measured=asked / SECONDS,
            unit="/s",
            limit=RATE,
            limit_name="wanted",
            bound=Bound.AT_LEAST,
            must=0.95,
        ),
    )
