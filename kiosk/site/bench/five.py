"""Five books on the pad: how long a reader waits, with library systems as they are.

The core, its parts and their drivers run in this process on a lifelike pad (38,400 baud, air times as measured);
broker, gateway and library system are processes of their own. Nothing is drawn: `screen` measures that.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from drivers.clock import Hub
from kiosk.screen import Screen
from kiosk.site.audit import audit_folder
from kiosk.site.bench.counting import effects
from kiosk.site.bench.place import DEVICE, place
from kiosk.site.bench.raw import median
from kiosk.site.bench.report import Area, Bound, Count, Line
from kiosk.site.desktop import Desktop
from kiosk.site.wiring import load_settings

BOOKS: Final = ("D1000001", "D1000002", "D1000003", "D1000007", "D1000009")
STUDENT: Final = "04FA944D8F5CD9"
SETTLE_S_MAX: Final = 20.0
READER_S: Final = 2.0  # a reader takes longer than that from the card to the last book


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """A library system that takes `latency_ms` a message, and what a reader may have to wait with it."""

    latency_ms: float
    visits: int
    verdicts_s_max: float
    green_s_max: float


PACES: Final = (
    Pace(latency_ms=20.0, visits=5, verdicts_s_max=0.5, green_s_max=0.8),
    Pace(latency_ms=300.0, visits=3, verdicts_s_max=2.0, green_s_max=2.5),
)


@dataclass(slots=True)
class _Measured:
    """Seconds, one each visit."""

    down: list[float] = field(default_factory=list)  # the last book is laid down to the rows with verdicts
    verdicts: list[float] = field(default_factory=list)  # the pad has been read to the rows with verdicts
    green: list[float] = field(default_factory=list)


def measure(folder: Path, hub: Hub) -> Area:
    lines: list[Line] = []
    counts: list[Count] = []
    notes: list[str] = []
    for pace in PACES:
        measured, counted = _at(pace, folder / f"{pace.latency_ms:g}", hub)
        name = f"ILS {pace.latency_ms:g} ms a message"
        lines.append(_line(f"pad read to five verdicts, {name}", measured.verdicts, pace.verdicts_s_max))
        lines.append(_line(f"touch to last green row, {name}", measured.green, pace.green_s_max))
        notes.append(f"{name}: last book laid down to five verdicts {median(measured.down):.2f} s")
        counts += counted
    return Area(name="five", lines=tuple(lines), counts=tuple(counts), notes=tuple(notes))


def _at(pace: Pace, folder: Path, hub: Hub) -> tuple[_Measured, list[Count]]:
    measured = _Measured()
    with place(folder, hub, latency_ms=pace.latency_ms) as site:
        desk = Desktop(hub, load_settings(site.folder.machine(DEVICE)), random.Random(1), boot="bench")
        desk.start()
        try:
            desk.wait("an open machine", lambda s: s.name == "attract" and s.banner is None, 30.0)
            for _ in range(pace.visits):
                _borrow(desk, measured)
                _give_back(desk)
            by = hub.now() + SETTLE_S_MAX
            found = audit_folder(site.folder)
            while (found.pending or found.unsettled or not found.clean) and hub.now() < by:
                hub.wait_until(hub.now() + 0.5)
                found = audit_folder(site.folder)
        finally:
            desk.stop()
        name = f"ILS {pace.latency_ms:g} ms"
        moved = 2 * len(BOOKS) * pace.visits
        wrong = len(found.lost) + len(found.doubled) + len(found.unsettled) + len(found.pending)
        counts = [
            Count(what=f"loans and returns, {name}: executed", believed=moved, found=effects(site.folder.ils_db)),
            Count(what=f"loans and returns, {name}: keys audited", believed=moved, found=found.keys),
            Count(what=f"lost, doubled or unsettled, {name}", believed=0, found=wrong),
        ]
    return measured, counts


def _borrow(desk: Desktop, measured: _Measured) -> None:
    hub = desk.hub
    desk.tap(STUDENT)
    desk.wait("a known reader", lambda s: s.name == "pad_empty", 20.0)
    hub.wait_until(hub.now() + READER_S)
    laid = hub.now()
    desk.put(*BOOKS)
    desk.wait("five rows", lambda s: s.name == "pad" and len(s.rows) == len(BOOKS), 20.0)
    read = hub.now()
    desk.wait("five verdicts", _ready, 20.0)
    measured.verdicts.append(hub.now() - read)
    measured.down.append(hub.now() - laid)
    touched = hub.now()
    desk.touch("borrow")
    desk.wait_for("done", 30.0)
    measured.green.append(hub.now() - touched)
    _leave(desk)


def _give_back(desk: Desktop) -> None:
    desk.touch("start.checkin")
    desk.put(*BOOKS)
    desk.wait("five rows to return", _ready, 20.0)
    desk.touch("checkin")
    desk.wait_for("done", 30.0)
    _leave(desk)


def _leave(desk: Desktop) -> None:
    desk.lift()
    desk.touch("finish")
    desk.wait_for("attract")


def _ready(screen: Screen) -> bool:
    return (
        screen.name == "pad"
        and len(screen.rows) == len(BOOKS)
        and not any(row.icon.value == "wait" for row in screen.rows)
    )


def _line(what: str, times: list[float], wanted: float) -> Line:
    return Line(
        what=what,
        measured=median(times),
        unit="s",
        limit=wanted,
        limit_name="wanted",
        bound=Bound.AT_MOST,
        must=1.0,
    )
