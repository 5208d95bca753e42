"""A barcode or QR scanner on a serial line (RS-232, or USB in its virtual COM port mode)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from drivers.barcode.contract import Scan, ScanUnreadable, WhyUnreadable
from drivers.barcode.serial_scanner.protocol import ENDS, Cutter, Piece, TooLong
from drivers.barcode.text import ScanForm, understand
from drivers.clock import Clock
from drivers.link import Link

BYTES_PER_CHARACTER_MAX = 4  # UTF-8 and GB 18030
DISCARDS_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialSettings:
    """`gap_ends`: the scanner sends no end character, so a silence of `gap_s` ends a code; else it tears one."""

    form: ScanForm = field(default_factory=ScanForm)
    ends: bytes = ENDS
    gap_s: float = 0.2
    gap_ends: bool = False
    encoding: str = "utf-8"  # or gb18030, as scanners for the Chinese market send QR text


class SerialScanner:
    """See `drivers.barcode.contract.Scanner`."""

    def __init__(self, link: Link, clock: Clock, settings: SerialSettings | None = None) -> None:
        self._link = link
        self._clock = clock
        self._settings = settings or SerialSettings()
        self._cutter = self._new_cutter()
        self._silent_at = 0.0  # from then on a code that has begun is over
        self._scans: deque[Scan] = deque()

    def read(self, by: float) -> Scan | None:
        while not self._scans:
            data = self._link.read(min(by, self._silent_at) if self._cutter.partial else by)
            now = self._clock.now()
            if data:
                self._silent_at = now + self._settings.gap_s
                self._keep(self._cutter.feed(data))
            elif self._cutter.partial and now >= self._silent_at:
                self._keep(self._cutter.flush(), torn=not self._settings.gap_ends)
            if not self._scans and now >= by:
                return None
        return self._scans.popleft()

    def discard(self) -> None:
        for _ in range(DISCARDS_MAX):
            if not self._link.read(self._clock.now()):
                break
        self._cutter = self._new_cutter()
        self._scans.clear()

    def close(self) -> None:
        self._link.close()

    def _new_cutter(self) -> Cutter:
        return Cutter(self._settings.form.length_max * BYTES_PER_CHARACTER_MAX, self._settings.ends)

    def _keep(self, pieces: list[Piece], *, torn: bool = False) -> None:
        for piece in pieces:
            scan = self._understand(piece, torn)
            if scan is not None:
                self._scans.append(scan)

    def _understand(self, piece: Piece, torn: bool) -> Scan | None:
        if isinstance(piece, TooLong):
            return ScanUnreadable(why=WhyUnreadable.TOO_LONG)
        if torn:
            return ScanUnreadable(why=WhyUnreadable.TORN)
        try:
            text = piece.decode(self._settings.encoding)
        except UnicodeDecodeError:
            return ScanUnreadable(why=WhyUnreadable.GARBAGE)
        return understand(text, self._settings.form)
