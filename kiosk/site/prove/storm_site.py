"""The place of `storm`: processes of a site as in production, and devices that outlive them.

The simulated pad, card reader and printer stand in the storm's own process and are reached over TCP, so that a kill of
the core takes nothing from the tags: what was written on them is written. Journal and ledger lie on small disks of
their own, which can be full.
"""

from __future__ import annotations

import re
import resource
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from drivers.clock import Hub
from drivers.errors import DriverError
from drivers.link import Link
from drivers.tcp_link import Listener, listen
from kiosk.machine.simulate import SimBench
from kiosk.screen import Screen, Touch, wire
from kiosk.screen.values import Icon
from kiosk.site.folder import HOST, Ports, SiteFolder, lay_out
from kiosk.site.mosquitto import free_port
from kiosk.site.processes import Neighbour, Neighbours
from kiosk.site.prove.storm_process import clock_file

DEVICE: Final = "kiosk-1"
GLASS: Final = (540, 960)  # a quarter of the pixels: without a graphics processor each costs time
DISK_BYTES: Final = 32 << 20
LIMIT_BYTES: Final = 64 << 10
ILS_MS: Final = 120.0
LOOK_S: Final = 3600.0
MODULE: Final = "kiosk.site.prove.storm_process"


class Glass:
    """The far end of the ui's window: what it shows, and fingers. Dark while no ui runs."""

    def __init__(self, hub: Hub, bench: SimBench) -> None:
        self.device = DEVICE
        self.bench = bench
        self._hub = hub
        self._screen: Screen | None = None
        self._link: Link | None = None
        self._listener = listen(hub, HOST, 0, self._serve)

    @property
    def port(self) -> int:
        return self._listener.port

    @property
    def screen(self) -> Screen | None:
        return self._screen

    def press(self, button: str) -> None:
        link = self._link
        if link is not None:
            with suppress(DriverError):
                link.write(wire.encode_touch(Touch(turn=0, button=button)))

    def taken_in(self) -> set[str]:
        """Rows of the last screen are named visit:operation:item:number."""
        rows = self._screen.rows if self._screen is not None and self._screen.name == "done" else ()
        return {row.id.split(":")[2] for row in rows if ":checkin:" in row.id and row.icon in (Icon.CHECK, Icon.CLOCK)}

    def close(self) -> None:
        self._listener.close()

    def _serve(self, link: Link) -> None:
        self._link, framer = link, wire.Framer()
        try:
            while True:
                for body in framer.feed(link.read(self._hub.now() + LOOK_S)):
                    self._screen = wire.decode_screen(body)
        except DriverError:
            pass
        finally:
            if self._link is link:
                self._link = self._screen = None


class SmallDisk:
    """A disk of its own for one folder, as large as DISK_BYTES. Where that is not allowed, a process is forbidden to
    write instead (setrlimit(2), RLIMIT_FSIZE), which it takes for a broken disk."""

    def __init__(self, folder: Path, writer: Callable[[], int]) -> None:
        folder.mkdir()
        self.times_full = 0
        self._folder = folder
        self._filler = folder / "filler"
        self._writer = writer
        mount = ("mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "storm", str(folder))
        try:
            self.own = subprocess.run(mount, check=False, capture_output=True).returncode == 0
        except FileNotFoundError:
            self.own = False

    def fill(self) -> None:
        self.times_full += 1
        if not self.own:
            self._limit(LIMIT_BYTES)
            return
        with suppress(OSError), self._filler.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass

    def free(self) -> None:
        if self.own:
            self._filler.unlink(missing_ok=True)
        else:
            self._limit(resource.RLIM_INFINITY)

    def close(self) -> None:
        if self.own:
            subprocess.run(("umount", "-l", str(self._folder)), check=False, capture_output=True)

    def _limit(self, size: int) -> None:
        pid = self._writer()
        if pid:
            with suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@dataclass(slots=True)
class Victim:
    """A process that is killed by chance, and started again as a service manager would."""

    name: str
    start: Callable[[], object]
    kill: Callable[[], None]
    neighbour: Neighbour | None
    died: int = 0  # by itself

    def died_by_itself(self) -> bool:
        process = self.neighbour.process if self.neighbour is not None else None
        return process is not None and process.poll() is not None


@dataclass(slots=True)
class StormSite:
    """`start` opens it, `close` ends every process and gives the disks back."""

    hub: Hub
    root: Path
    rng: Random
    mutant: str | None
    folder: SiteFolder = field(init=False)
    neighbours: Neighbours = field(init=False)
    core: Neighbour = field(init=False)
    ui: Neighbour = field(init=False)
    bench: SimBench = field(init=False)
    glass: Glass = field(init=False)
    disks: dict[str, SmallDisk] = field(init=False)
    _wires: list[Listener] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.folder = lay_out(
            self.root / "site",
            Ports(broker=free_port(), ils=free_port()),
            (DEVICE,),
            at=self.hub.wall(),
            glass=GLASS,
        )
        self.neighbours = Neighbours(self.folder, self.hub, latency_ms=ILS_MS)
        self.bench = SimBench(self.hub, self.rng)
        self.bench.printer.idle_s = 1.0
        self.glass = Glass(self.hub, self.bench)
        path, wrong = self.folder.machine(DEVICE), (self.mutant,) if self.mutant else ()
        self.core = self._process("core", path, *wrong)
        self.ui = self._process("ui", path, str(self.glass.port))
        self.neighbours.gateway = self._process("gateway", self.folder.gateway, *wrong)
        self.disks = {
            "core": SmallDisk(self.folder.root / "desk", lambda: _pid(self.core)),
            "gateway": SmallDisk(self.folder.root / "library", lambda: _pid(self.neighbours.gateway)),
        }
        self._rewire()

    def _process(self, name: str, path: Path, *rest: str) -> Neighbour:
        return Neighbour(name, (MODULE, name, str(path), *rest), f"{name} ready", self.root / f"{name}.log", self.hub)

    def _rewire(self) -> None:
        """The demo's files, with wires that lead here and with journal and ledger on their disks."""
        path = self.folder.machine(DEVICE)
        text = path.read_text("utf-8")
        for part, serve in self.bench.far_ends.items():
            wire_ = listen(self.hub, HOST, 0, serve)
            self._wires.append(wire_)
            text = text.replace(f'"sim:{part}"', f'"tcp:{HOST}:{wire_.port}"')
        desk = self.folder.root / "desk"
        text = re.sub(rf'"{self.folder.root}/({DEVICE}\.(?:journal|snapshot))"', rf'"{desk}/\1"', text)
        path.write_text(text, "utf-8")
        gateway = self.folder.gateway.read_text("utf-8").replace("sqlite:///ledger.db", "sqlite:///library/ledger.db")
        self.folder.gateway.write_text(gateway, "utf-8")

    @property
    def journal(self) -> Path:
        return self.folder.root / "desk" / f"{DEVICE}.journal"

    @property
    def ledger(self) -> Path:
        return self.folder.root / "library" / "ledger.db"

    def victims(self) -> tuple[Victim, ...]:
        near = self.neighbours
        return (
            Victim("core", self.core.start, self.core.kill, self.core),
            Victim("ui", self.ui.start, self.ui.kill, self.ui),
            Victim("gateway", near.gateway.start, near.gateway.kill, near.gateway),
            Victim("broker", near.broker.start, near.broker.kill, None),
            Victim("library system", near.start_ils, near.ils.kill, near.ils),
        )

    def start(self) -> None:
        self.neighbours.start()
        self.core.start()
        self.ui.start()

    def move_clock(self, who: str, by_s: float) -> None:
        path = self.folder.gateway if who == "gateway" else self.folder.machine(DEVICE)
        clock_file(path).write_text(f"{by_s:.0f}", "ascii")

    def close(self) -> None:
        self.ui.stop()
        self.core.stop()
        self.neighbours.stop()
        for wire_ in self._wires:
            wire_.close()
        self.glass.close()
        for disk in self.disks.values():
            disk.close()


def _pid(neighbour: Neighbour) -> int:
    return neighbour.process.pid if neighbour.process is not None else 0
