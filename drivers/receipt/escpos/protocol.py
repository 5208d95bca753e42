"""What an ESC/POS printer says back. Pure.

Sources: Epson "ESC/POS Application Programming Guide", paper roll commands DLE EOT, DLE DC4 (fn = 8), GS r, GS I; the
same tables in Citizen CT-S300 and PPU-700 command references (DLE DC4, GS r) and HPRT TP80K programming manual (DLE
EOT, GS I). ESC/POS has no frames: answers are told apart by the bits that are fixed in each kind of byte.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from drivers.receipt.contract import Paper, PrinterError, PrinterStatus

DLE_EOT = b"\x10\x04"
# Throws away what is in the receive and print buffers; done at once, even offline. DLE DC4, fn = 8.
CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
CLEARED = b"\x37\x25\x00"
INFO_HEADER = 0x5F
INFO_BYTES_MAX = 82  # header, at most 80 characters, NUL

_REALTIME_MASK, _REALTIME_BITS = 0x93, 0x12
_IN_ORDER_MASK = 0x90
_XON, _XOFF = 0x11, 0x13


class Query(enum.IntEnum):
    """DLE EOT n: answered at once, whatever still waits in the buffer."""

    PRINTER = 1
    OFFLINE_CAUSE = 2
    ERROR_CAUSE = 3
    PAPER = 4

    @property
    def command(self) -> bytes:
        return DLE_EOT + bytes([self])


class Marker(enum.Enum):
    """A question that is answered in its turn, after everything sent before it was worked through.

    GS r 1 asks for the paper sensors, GS I 1 for the model number; which number comes back does not matter here. A
    printer that stops for want of paper answers neither until it goes on.
    """

    PAPER_SENSOR = b"\x1dr\x01"
    MODEL_ID = b"\x1dI\x01"


class Info(enum.IntEnum):
    """GS I n, printer information B: header 5Fh, text, NUL; answered in its turn."""

    FIRMWARE = 65
    MAKER = 66
    MODEL = 67
    SERIAL = 68
    FONT = 69

    @property
    def command(self) -> bytes:
        return b"\x1dI" + bytes([self])


class Kind(enum.Enum):
    """What a byte from the printer can be."""

    REALTIME = enum.auto()  # answers DLE EOT
    IN_ORDER = enum.auto()  # answers a Marker
    FLOW = enum.auto()  # XON or XOFF, which a serial printer may slip in anywhere
    NOISE = enum.auto()


def kind(byte: int) -> Kind:
    if byte in (_XON, _XOFF):
        return Kind.FLOW
    if byte & _REALTIME_MASK == _REALTIME_BITS:
        return Kind.REALTIME
    return Kind.IN_ORDER if byte & _IN_ORDER_MASK == 0 else Kind.NOISE


@dataclass(frozen=True, slots=True, kw_only=True)
class RealtimeAnswers:
    """The four status bytes of DLE EOT 1 to 4."""

    printer: int
    offline_cause: int
    error_cause: int
    paper: int

    def status(self) -> PrinterStatus:
        return PrinterStatus(
            paper=self._paper(),
            cover_open=bool(self.offline_cause & 0x04),
            offline=bool(self.printer & 0x08),
            error=self._error(),
        )

    def _paper(self) -> Paper:
        # Either sensor bit of a pair counts: two-roll printers use them one by one, others set both.
        if self.paper & 0x60 or self.offline_cause & 0x20:
            return Paper.END
        return Paper.NEAR_END if self.paper & 0x0C else Paper.ENOUGH

    def _error(self) -> PrinterError | None:
        if self.error_cause & 0x20:
            return PrinterError.FATAL
        if self.error_cause & 0x08:
            return PrinterError.CUTTER
        if self.error_cause & 0x40:
            return PrinterError.PASSING
        return PrinterError.OTHER if self.error_cause & 0x04 or self.offline_cause & 0x40 else None


def info_text(frame: bytes) -> str:
    """The text of an Info answer, NUL included or not; anything unprintable is dropped."""
    body = frame.removeprefix(bytes([INFO_HEADER])).split(b"\0", 1)[0]
    return "".join(char for char in body.decode("ascii", "ignore") if char.isprintable()).removeprefix("_")
