"""The demo with a display: the machine's own screen in a process of its own, the virtual bench beside it."""

from __future__ import annotations

import csv
import logging
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from drivers.clock import Hub
from drivers.unix_link import listen_unix
from kiosk.journal import show as show_journal
from kiosk.machine.screenport import ScreenPort
from kiosk.site.desktop import Desktop
from kiosk.site.folder import CACHE, CONFIG, TECHNICIAN_PIN, SiteFolder
from kiosk.site.leash import LEASH
from kiosk.site.processes import Neighbours
from kiosk.site.wiring import load_settings
from kiosk.ui.benchtop import Shelf, Thing, run_bench

CARDS: Final = (
    ("04FA944D8F5CD9", "本科生乙1"),
    ("0402A822711DC2", "研究生乙21"),
    ("04BC309EE0DBCC", "已借满 limit reached"),
    ("04603BD2BA3FAD", "有超期 overdue"),
    ("04A6E3DB6BA5D3", "欠费 fees"),
    ("0420345C05559E", "挂失 lost"),
    ("04A958EDE8AE81", "未入馆教育 orientation"),
    ("04A1D0C3B2E511", f"技术员 technician, PIN {TECHNICIAN_PIN}"),
)
BOOKS: Final = ("D1000001", "D1000007", "D1000009", "D1000016", "D1000175", "D1000004", "D1000028", "D1000085")
TITLE_CHARS_MAX: Final = 9
SCREEN_S_MAX: Final = 20.0
SAID_CHARS_MAX: Final = 2000


def show(folder: SiteFolder, neighbours: Neighbours, hub: Hub, out: Path | None = None) -> int:
    """Runs until the bench's window is closed, then leaves journal and receipts in `out`. Returns the exit code."""
    # Kivy sets its own level when it is imported; a filter stays.
    logging.getLogger("kivy").addFilter(lambda record: record.levelno >= logging.WARNING)
    device = folder.devices[0]
    settings = load_settings(folder.machine(device))
    desktop = Desktop(hub, settings, random.Random(), boot=os.urandom(4).hex())
    port = ScreenPort(hub)
    desktop.on_screen = port.show
    port.join(desktop.core.runtime.post, desktop.core.touch)
    listener = listen_unix(hub, settings.panel.socket, port.serve)
    command = [*LEASH, sys.executable, "-m", "kiosk", "ui", str(folder.machine(device)), "--window"]
    said = folder.root / "ui.log"  # Kivy and the sound libraries below it talk a lot
    with said.open("wb") as log:
        screen = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        neighbours.ready()
        desktop.start()
        print("The machine's screen and the virtual bench are open. Close the bench to end.", flush=True)
        bench = Bench(desktop, neighbours)
        run_bench(bench.shelves, bench.press, cache=CACHE, go_on=lambda: screen.poll() is None)
    finally:
        screen.terminate()
        screen.wait(SCREEN_S_MAX)
        listener.close()
        desktop.stop()
        if out is not None:
            _leave(folder, desktop.bench.printer.printed, out)
            print(f"Journal, receipts and the site's files are in {out}.", flush=True)
    if screen.returncode not in (0, -signal.SIGTERM):
        print(said.read_text(errors="replace")[-SAID_CHARS_MAX:], file=sys.stderr)
        return 1
    return 0


def _leave(folder: SiteFolder, receipts: Sequence[str], out: Path) -> None:
    """What can be looked at when everything is closed."""
    from kiosk.site.leaving import JOURNAL, LINES_MAX, SITE, clear, keep
    from kiosk.site.story import SLIP

    clear(out)
    keep(folder, out / SITE)
    lines = show_journal(folder.journal(folder.devices[0]), last=LINES_MAX)
    (out / JOURNAL).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (out / SLIP).write_text("\n\n".join(receipts), encoding="utf-8")


def titles() -> dict[str, str]:
    """What stands on the cover of each item of the demo data."""
    with (CONFIG / "demo" / "titles.csv").open(encoding="utf-8", newline="") as file:
        names = {row["title_id"]: row["title"] for row in csv.DictReader(file)}
    with (CONFIG / "demo" / "items.csv").open(encoding="utf-8", newline="") as file:
        return {row["item_barcode"]: names[row["title_id"]] for row in csv.DictReader(file)}


def _on_the_button(item: str, title: str) -> str:
    """Number and title, cut to the width of the bench's buttons."""
    return f"{item} {title if len(title) <= TITLE_CHARS_MAX else title[: TITLE_CHARS_MAX - 1] + '…'}"


class Bench:
    """What lies where, and what a press does."""

    def __init__(self, desktop: Desktop, neighbours: Neighbours) -> None:
        self._desktop = desktop
        self._neighbours = neighbours
        self._card = ""
        self._faults: set[str] = set()
        self._titles = titles()
        self._acts: dict[str, Callable[[str], None]] = {
            "card": self._tap,
            "book": self._move,
            "scan": self._desktop.bench.scan,
            "unplug": self._plug,
            "paper": self._paper,
            "ils": self._ils,
            "gateway": self._gateway,
        }

    def press(self, id_: str) -> None:
        act, _, what = id_.partition(":")
        self._acts[act](what)

    def shelves(self) -> Sequence[Shelf]:
        here = {tag.uid for tag in self._desktop.bench.field.tags}
        books = tuple(
            Thing(
                id=f"book:{item}",
                text=_on_the_button(item, self._titles[item]),
                on=self._desktop.books[item].uid in here,
            )
            for item in BOOKS
        )
        scans = tuple(Thing(id=f"scan:{item}", text=_on_the_button(item, self._titles[item])) for item in BOOKS[:2])
        faults = (
            ("unplug:pad", "感应区拔线 pad unplugged"),
            ("unplug:card", "读卡器拔线 card reader"),
            ("unplug:printer", "打印机拔线 printer"),
            ("paper:out", "缺纸 paper out"),
            ("ils:down", "馆务系统停 library system"),
            ("gateway:down", "网关停 gateway"),
        )
        return (
            Shelf(
                title="卡 Cards",
                things=tuple(Thing(id=f"card:{uid}", text=text, on=uid == self._card) for uid, text in CARDS),
            ),
            Shelf(title="感应区 Pad", things=books),
            Shelf(title="扫码 Scan", things=scans),
            Shelf(
                title="故障 Faults",
                things=tuple(Thing(id=id_, text=text, on=id_ in self._faults) for id_, text in faults),
            ),
        )

    def _tap(self, uid: str) -> None:
        self._desktop.bench.take_cards()
        self._card = "" if uid == self._card else uid
        if self._card:
            self._desktop.bench.tap(uid)

    def _move(self, item: str) -> None:
        here = {tag.uid for tag in self._desktop.bench.field.tags}
        if self._desktop.books[item].uid in here:
            self._desktop.lift(item)
        else:
            self._desktop.put(item)

    def _toggled(self, id_: str) -> bool:
        """True when the fault begins, False when it ends."""
        begins = id_ not in self._faults
        self._faults ^= {id_}
        return begins

    def _plug(self, part: str) -> None:
        bench = self._desktop.bench
        if self._toggled(f"unplug:{part}"):
            bench.unplug(part)
        else:
            bench.plug(part)

    def _paper(self, _: str) -> None:
        self._desktop.bench.printer.paper_lines = 0 if self._toggled("paper:out") else 100_000

    def _ils(self, _: str) -> None:
        if self._toggled("ils:down"):
            self._neighbours.ils.kill()
        else:
            self._neighbours.start_ils()

    def _gateway(self, _: str) -> None:
        if self._toggled("gateway:down"):
            self._neighbours.gateway.kill()
        else:
            self._neighbours.gateway.start()
