"""A whole site of real processes for a bench: broker, gateway and library system, laid out in one folder."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from drivers.clock import Hub
from kiosk.site.folder import CONFIG, Ports, SiteFolder, lay_out
from kiosk.site.mosquitto import free_port
from kiosk.site.processes import Neighbour, Neighbours

DEVICE: Final = "kiosk-1"
FIRST_ITEM: Final = 5_000_000
"""Barcodes of copies that exist for benches only begin here: D5000000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A site that runs."""

    folder: SiteFolder
    neighbours: Neighbours


@contextmanager
def place(
    root: Path,
    hub: Hub,
    *,
    devices: tuple[str, ...] = (DEVICE,),
    latency_ms: float = 0.0,
    swift: bool = False,
    data: Path | None = None,
    edit: Callable[[str], str] = lambda text: text,
) -> Iterator[Place]:
    """Runs a site while the block lasts. `swift` takes a library system that answers at once, `data` other books than
    the demo's, `edit` changes the text of the gateway's file."""
    ports = Ports(broker=free_port(), ils=free_port())
    folder = lay_out(root / "site", ports, devices, at=hub.wall())
    folder.gateway.write_text(edit(folder.gateway.read_text("utf-8")), encoding="utf-8")
    if data is not None:
        shutil.copy(data / "cards.csv", folder.root / "cards.csv")
    neighbours = Neighbours(folder, hub, latency_ms)
    books = ("--db", str(folder.ils_db), "--data", str(data or CONFIG / "demo"))
    if swift:
        arguments = ("kiosk.site.bench.swift_ils", "--port", str(ports.ils), *books)
    else:
        arguments = ("kiosk.gateway.sim", "--port", str(ports.ils), *books, "--latency-ms", str(latency_ms))
    neighbours.ils = Neighbour("library system", arguments, r"demo-ils ready", folder.root / "ils.log", hub)
    try:
        neighbours.start()
        yield Place(folder=folder, neighbours=neighbours)
    finally:
        neighbours.stop()


def many_books(folder: Path, items: int) -> Path:
    """The demo's data with `items` more copies in it, all available; returns the folder."""
    shutil.copytree(CONFIG / "demo", folder)
    path = folder / "items.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    like = next(row for row in rows if row["status"] == "available" and row["item_barcode"] == "D1000001")
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(like))
        for n in range(items):
            number = barcode(n)
            writer.writerow(like | {"item_barcode": number, "accession_no": number, "tag_uid": f"E0040150{n:08X}"})
    return folder


def barcode(n: int) -> str:
    """Number of the n-th copy that `many_books` adds."""
    return f"D{FIRST_ITEM + n:07d}"
