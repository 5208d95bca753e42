"""A scanner that plays a keyboard, read as input events and kept from everybody else."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from drivers.barcode.contract import Scan, ScanUnreadable, WhyUnreadable
from drivers.barcode.text import ScanForm, understand
from drivers.barcode.wedge.protocol import EventCutter, Typed, Typist
from drivers.clock import Clock
from drivers.link import Link

DISCARDS_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class WedgeSettings:
    """`gap_ends`: the scanner types no ENTER or TAB, so a pause of `gap_s` ends a code; else it tears one."""

    form: ScanForm = field(default_factory=ScanForm)
    gap_s: float = 0.1
    gap_ends: bool = False


class WedgeScanner:
    """See `drivers.barcode.contract.Scanner`. The link carries `struct input_event`s (`device.open_wedge`)."""

    def __init__(self, link: Link, clock: Clock, settings: WedgeSettings | None = None) -> None:
        self._link = link
        self._clock = clock
        self._settings = settings or WedgeSettings()
        self._forget()
        self._silent_at = 0.0  # from then on a code that has begun is over
        self._scans: deque[Scan] = deque()

    def read(self, by: float) -> Scan | None:
        while not self._scans:
            data = self._link.read(min(by, self._silent_at) if self._typist.partial else by)
            now = self._clock.now()
            if data:
                self._silent_at = now + self._settings.gap_s
                for event in self._cutter.feed(data):
                    self._keep(self._typist.feed(event))
            elif self._typist.partial and now >= self._silent_at:
                self._keep(self._typist.pause())
            if not self._scans and now >= by:
                return None
        return self._scans.popleft()

    def discard(self) -> None:
        for _ in range(DISCARDS_MAX):
            if not self._link.read(self._clock.now()):
                break
        self._forget()
        self._scans.clear()

    def close(self) -> None:
        self._link.close()

    def _forget(self) -> None:
        settings = self._settings
        self._cutter = EventCutter()
        self._typist = Typist(gap_s=settings.gap_s, gap_ends=settings.gap_ends, length_max=settings.form.length_max)

    def _keep(self, codes: list[Typed]) -> None:
        for code in codes:
            match code:
                case WhyUnreadable():
                    self._scans.append(ScanUnreadable(why=code))
                case text:
                    scan = understand(text, self._settings.form)
                    if scan is not None:
                        self._scans.append(scan)
