"""A scanner on a bench: serial and keyboard, over wires in virtual time and over real file descriptors."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import pytest

from drivers.barcode import ScanForm, Scanner
from drivers.barcode.serial_scanner import SerialScanner, SerialSettings
from drivers.barcode.serial_scanner.sim import ScannerSetup, SerialScannerSim
from drivers.barcode.wedge import WedgeScanner, WedgeSettings, open_wedge
from drivers.barcode.wedge.device import EventFile
from drivers.barcode.wedge.sim import WedgeSetup, WedgeSim
from drivers.clock import Hub, ThreadHub, VirtualHub
from drivers.link import Link, pipe
from drivers.serial_link import open_pty, open_serial

T = TypeVar("T")

HARDWARE_VARIABLE = "CIRCDESK_SCANNER"  # serial:/dev/ttyACM0:9600 or wedge:/dev/input/by-id/...-event-kbd
BAUD = 9600
STORY_S_MAX = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What the set-up sheet says, for scanner and driver alike."""

    prefix: str = ""
    suffix: str = ""
    aim: bool = False
    no_end: bool = False
    chunk_bytes: int = 0
    length_max: int = 1024

    @property
    def form(self) -> ScanForm:
        return ScanForm(prefix=self.prefix, suffix=self.suffix, aim=self.aim, length_max=self.length_max)


class Rig:
    """One scanner and a way to open it. `scan` and `tear` are its trigger."""

    name = "none"
    gap_s = 0.05

    def __init__(self) -> None:
        self.hub: Hub = self.make_hub()
        self.sheet = Sheet()
        self.plug_in()

    def make_hub(self) -> Hub:
        return VirtualHub()

    def plug_in(self) -> None:
        near, self.far = pipe(self.hub)
        self._open_near: Callable[[], Link] = lambda: near

    def unplug(self) -> None:
        self.far.close()

    def set_up(self, sheet: Sheet) -> None:
        self.sheet = sheet

    def open(self) -> Scanner:
        raise NotImplementedError

    def scan(self, text: str) -> None:
        raise NotImplementedError

    def tear(self, text: str, after: int) -> None:
        raise NotImplementedError

    def by(self) -> float:
        return self.hub.now() + 10.0

    def soon(self) -> float:
        return self.hub.now() + 4 * self.gap_s

    def play(self, story: Callable[[], T]) -> T:
        """Runs a story as a task, and returns what it returns."""
        if not isinstance(self.hub, VirtualHub):
            return story()
        told: list[T] = []
        task = self.hub.spawn("story", lambda: told.append(story()))
        self.hub.run(self.hub.now() + STORY_S_MAX)
        assert task.join(self.hub.now()), "the story does not end"
        return told[0]

    def close(self) -> None:
        self.unplug()


class SerialRig(Rig):
    name = "serial over a pipe in virtual time"

    def open(self) -> Scanner:
        settings = SerialSettings(form=self.sheet.form, gap_s=self.gap_s, gap_ends=self.sheet.no_end)
        return SerialScanner(self._open_near(), self.hub, settings)

    def _sim(self) -> SerialScannerSim:
        sheet = self.sheet
        setup = ScannerSetup(
            prefix=sheet.prefix.encode(),
            suffix=sheet.suffix.encode(),
            aim=sheet.aim,
            end=b"" if sheet.no_end else b"\r",
            chunk_bytes=sheet.chunk_bytes,
        )
        return SerialScannerSim(self.far.write, setup)

    def scan(self, text: str) -> None:
        self._sim().scan(text)

    def tear(self, text: str, after: int) -> None:
        self._sim().tear(text, after)


class SerialPtyRig(SerialRig):
    name = "serial over a pseudo terminal"

    def make_hub(self) -> Hub:
        return ThreadHub()

    def plug_in(self) -> None:
        self.far, path = open_pty(self.hub)
        self._open_near = lambda: open_serial(path, BAUD, "N", clock=self.hub)


class WedgeRig(Rig):
    name = "wedge over a pipe in virtual time"

    def open(self) -> Scanner:
        settings = WedgeSettings(form=self.sheet.form, gap_s=self.gap_s, gap_ends=self.sheet.no_end)
        return WedgeScanner(self._open_near(), self.hub, settings)

    def _sim(self) -> WedgeSim:
        sheet = self.sheet
        setup = WedgeSetup(prefix=sheet.prefix, suffix=sheet.suffix, aim=sheet.aim, chunk_bytes=sheet.chunk_bytes)
        if sheet.no_end:
            setup.end = None
        return WedgeSim(self._write, self.hub, setup)

    def _write(self, data: bytes) -> None:
        self.far.write(data)

    def scan(self, text: str) -> None:
        self._sim().scan(text)

    def tear(self, text: str, after: int) -> None:
        self._sim().tear(text, after)


class WedgeFileRig(WedgeRig):
    name = "wedge over a file of events"

    def make_hub(self) -> Hub:
        return ThreadHub()

    def plug_in(self) -> None:
        read_end, self._write_end = os.pipe()
        self._plugged = True
        self._file = EventFile("scanner", read_end, lambda: os.close(read_end), self.hub)
        self._open_near = lambda: self._file

    def _write(self, data: bytes) -> None:
        os.write(self._write_end, data)

    def unplug(self) -> None:
        if self._plugged:
            self._plugged = False
            os.close(self._write_end)

    def close(self) -> None:
        super().close()
        self._file.close()


class HardwareRig(Rig):
    """A real scanner: a person scans what the test asks for, so run it with -s."""

    name = "real scanner"
    gap_s = 0.2

    def __init__(self) -> None:
        self._where = os.environ.get(HARDWARE_VARIABLE, "")
        if not self._where:
            pytest.skip(f"{HARDWARE_VARIABLE} does not say where the scanner is")
        super().__init__()

    def make_hub(self) -> Hub:
        return ThreadHub()

    def plug_in(self) -> None:
        pass

    def open(self) -> Scanner:
        kind, _, where = self._where.partition(":")
        if kind == "wedge":
            return WedgeScanner(open_wedge(where, clock=self.hub), self.hub)
        path, _, baud = where.rpartition(":")
        return SerialScanner(open_serial(path, int(baud), "N", clock=self.hub), self.hub)

    def scan(self, text: str) -> None:
        input(f"Press Enter, then scan a code that says {text} ")

    def by(self) -> float:
        return self.hub.now() + 60.0

    def close(self) -> None:
        pass


SIMULATED: tuple[type[Rig], ...] = (SerialRig, SerialPtyRig, WedgeRig, WedgeFileRig)
