"""What a reader sees of our speed: touch to changed frame, first frame, memory, idle cost; and how soon the demo is up.

kiosk.ui.measure does the work in a process of its own, offscreen: without a graphics processor every frame is drawn
by the main one.
"""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Final

from drivers.clock import Hub
from kiosk.site.bench.raw import MS
from kiosk.site.bench.report import Area, Bound, Line
from kiosk.site.bench.running import Child

MEASURE_S_MAX: Final = 170.0
OPEN_S_MAX: Final = 60.0
WANTED: Final = (
    ("touch_p95_ms", "touch to changed frame in a visit, p95", "ms", 80.0),
    ("attract_p95_ms", "touch to changed frame on attract, p95", "ms", 100.0),
    ("first_frame_ms", "exec to first frame", "ms", 1_200.0),
    ("idle_cpu_percent", "idle, of one core", "%", 1.5),
    ("rss_mib", "resident", "MiB", 220.0),
)
DEMO_S_MAX: Final = 3.0


def measure(folder: Path, hub: Hub) -> Area:
    said = Child(("kiosk.ui.measure", str(folder / "cache")), folder / "measure.log", hub).run(MEASURE_S_MAX)
    figures = json.loads(next(line for line in reversed(said.splitlines()) if line.startswith("{")))
    lines = [_line(what, float(figures[name]), unit, wanted) for name, what, unit, wanted in WANTED]
    starts = [_demo_s(folder, hub) for _ in range(2)]
    lines.append(_line("second start of the demo, without its window", starts[1] * MS, "ms", DEMO_S_MAX * MS))
    frame = (
        f"a whole frame takes {figures['frame_p50_ms']:.0f} ms, building a list's screen {figures['build_p50_ms']:.0f}"
    )
    return Area(name="screen", lines=tuple(lines), notes=(frame,))


def _demo_s(folder: Path, hub: Hub) -> float:
    """From exec to the open machine: certificates, broker, gateway, library system and core."""
    arguments = ("kiosk", "demo", "--headless", "--no-pictures", "--out", str(folder / "demo"))
    demo = Child(arguments, folder / "demo.log", hub)
    begin = hub.now()
    try:
        demo.start(r"The machine is open", OPEN_S_MAX)
        return hub.now() - begin
    finally:
        demo.end(signal.SIGINT)  # it ends its own processes


def _line(what: str, measured: float, unit: str, wanted: float) -> Line:
    return Line(
        what=what,
        measured=measured,
        unit=unit,
        limit=wanted,
        limit_name="wanted",
        bound=Bound.AT_MOST,
        must=1.0,
    )
