"""`circdesk bench`: runs areas one after the other and prints the table."""

from __future__ import annotations

import argparse
import importlib
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from drivers.clock import Hub, ThreadHub
from kiosk.site.bench.facts import load, machine_facts
from kiosk.site.bench.report import Area, Report, table
from kiosk.site.bench.running import ChildFailed
from kiosk.site.mosquitto import BrokerFailed
from kiosk.site.processes import NeighbourFailed

AREAS: Final[dict[str, str]] = {
    "journal": "durable commits beside appends with fsync",
    "ask": "one question, machine to gateway and back",
    "five": "five books: pad to verdicts, touch to the last green row",
    "backlog": "what was written offline: received, and booked",
    "fleet": "a thousand machines on one gateway",
    "core": "memory of the core, over many visits",
    "screen": "touch to changed frame, start, idle cost",
}

Measure = Callable[[Path, Hub], Area]


def main(arguments: Sequence[str]) -> int:
    """0: measured; 1: a record was lost or doubled, or with --strict a limit was missed; 2: it could not run."""
    parser = argparse.ArgumentParser(
        prog="circdesk bench",
        description="Speed as ratios of raw limits, measured in one run.",
        epilog="; ".join(f"{name}: {what}" for name, what in AREAS.items()),
    )
    parser.add_argument("area", nargs="*", help="which areas; all without any")
    parser.add_argument("--json", type=Path, help="writes the numbers to this file, too")
    parser.add_argument("--strict", action="store_true", help="a missed limit is a failure")
    parser.add_argument("--folder", type=Path, help="where the files go: on the disk that is to be measured")
    given = parser.parse_args(arguments)
    unknown = sorted(set(given.area) - set(AREAS))
    if unknown:
        print(f"circdesk bench: no such area: {', '.join(unknown)}; there are {', '.join(AREAS)}", file=sys.stderr)
        return 2
    try:
        report = run(given.area or tuple(AREAS), given.folder)
    except (NeighbourFailed, BrokerFailed, ChildFailed) as error:
        print(f"circdesk bench: {error}", file=sys.stderr)
        return 2
    print(table(report))
    if given.json:
        given.json.write_text(json.dumps(report.data(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return verdict(report, strict=given.strict)


def verdict(report: Report, *, strict: bool) -> int:
    """The exit code. A record that was lost or doubled is a failure, however fast the rest was."""
    return 0 if report.honest and (report.met or not strict) else 1


def run(areas: Sequence[str], folder: Path | None = None) -> Report:
    """Measures the areas; raises NeighbourFailed, BrokerFailed or ChildFailed."""
    facts = machine_facts()
    return Report(machine=facts, areas=tuple(_measured(name, folder) for name in areas))


def _measured(name: str, folder: Path | None) -> Area:
    measure: Measure = importlib.import_module(f"kiosk.site.bench.{name}").measure
    hub = ThreadHub()
    root = Path(tempfile.mkdtemp(prefix=f"bench-{name}-", dir=folder))
    begin, before = hub.now(), load()
    print(f"measuring {name} ...", file=sys.stderr, flush=True)
    try:
        area = measure(root, hub)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return replace(area, seconds=hub.now() - begin, load=(before, load()))
