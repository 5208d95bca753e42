"""A whole site of real processes for a bench: broker, gateway and library system, laid out in one folder."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterable, Iterator
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

FIRST_READER: Final = 40_000_000


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
    program = ("kiosk.site.bench.swift_ils",) if swift else ("kiosk.gateway.sim", "--latency-ms", str(latency_ms))
    books = ("--port", str(ports.ils), "--db", str(folder.ils_db), "--data", str(data or CONFIG / "demo"))
    neighbours.ils = Neighbour("library system", (*program, *books), r"demo-ils ready", folder.root / "ils.log", hub)
    try:
        neighbours.start()
        yield Place(folder=folder, neighbours=neighbours)
    finally:
        neighbours.stop()


def many_books(folder: Path, items: int, readers: int = 0) -> Path:
    """The demo's data with `items` more copies in it, all available, and more students; returns the folder."""
    shutil.copytree(CONFIG / "demo", folder)
    copies = ({"item_barcode": barcode(n), "accession_no": barcode(n), "tag_uid": _uid(n)} for n in range(items))
    _lengthen(folder / "items.csv", {"item_barcode": "D1000001"}, copies)
    students = ({"patron_id": reader(n), "card_uid": _card(n)} for n in range(readers))
    _lengthen(folder / "patrons.csv", {"patron_id": "9920130001"}, students)
    cards = ({"card_uid": _card(n), "patron_id": reader(n)} for n in range(readers))
    _lengthen(folder / "cards.csv", {"patron_id": "9920130001"}, cards)
    pins = ({"patron_id": reader(n)} for n in range(readers))
    _lengthen(folder / "pins.csv", {"patron_id": "9920130001"}, pins)
    return folder


def barcode(n: int) -> str:
    """Number of the n-th copy that `many_books` adds."""
    return f"D{FIRST_ITEM + n:07d}"


def reader(n: int) -> str:
    """Number of the n-th student that `many_books` adds."""
    return f"99{FIRST_READER + n:08d}"


def _uid(n: int) -> str:
    return f"E0040150{n:08X}"


def _card(n: int) -> str:
    return f"04BE9C{n:08X}"


def _lengthen(path: Path, like: dict[str, str], more: Iterable[dict[str, str]]) -> None:
    """Adds rows that differ from the first row with the values of `like` in the columns of `more`."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    model = next(row for row in rows if like.items() <= row.items())
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(model))
        writer.writerows(model | values for values in more)
