"""From a laid-out page to ESC/POS bytes. python-escpos (MIT) builds the commands; the Chinese text is encoded here.

python-escpos guesses a code page for each run of text and sends no command that selects the printer's Chinese font, so
text goes round it: FS & (select multi-byte character mode) once, then GB 18030 bytes.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, assert_never

import segno

from drivers.receipt.contract import Align, Cut, Feed, QrCode, ReceiptPage
from drivers.receipt.escpos.protocol import Marker
from drivers.receipt.layout import Printable, Row, lay_out

FS_MULTI_BYTE = b"\x1c&"
QR_LEVEL_M = 1  # python-escpos numbers the levels L, M, Q, H from 0
QR_DOTS_MIN, QR_DOTS_MAX = 3, 8
QR_QUIET_MODULES = 8  # four on either side, ISO/IEC 18004 clause 6.3.8
DOTS_PER_COLUMN = 12  # font A is 12 dots wide
SUBSTITUTE = "？"  # two cells wide, like every character that can be missing


class Charset(enum.StrEnum):
    """The Chinese font of the printer: what its self-test page, or GS I 69, calls it."""

    GB18030 = "gb18030"
    GBK = "gbk"
    GB2312 = "gb2312"


@dataclass(frozen=True, slots=True, kw_only=True)
class EscposProfile:
    """What the site's configuration says of the model."""

    model: str = "default"  # a profile name of python-escpos: columns, QR codes and knife come from there
    columns: int | None = None  # where the printer is set to another width than its profile says
    charset: Charset = Charset.GB18030
    clears_buffer: bool = False  # obeys DLE DC4 fn 8; Epson TM and Citizen CT models do
    marker: Marker = Marker.PAPER_SENSOR  # some models answer GS r on a serial wire only


def profiles() -> tuple[str, ...]:
    """The models that python-escpos knows by name."""
    from escpos.capabilities import CAPABILITIES

    return tuple(CAPABILITIES["profiles"])


class Encoder:
    """Builds pages for one profile. Raises ValueError for a profile that cannot be used."""

    def __init__(self, profile: EscposProfile) -> None:
        # Imported when the first printer is set up: the import takes 0.4 s, makes a directory in the temporary folder
        # and configures the root logger, which a machine without a receipt printer need not bear.
        from escpos.capabilities import CAPABILITIES
        from escpos.printer import Dummy

        if profile.model not in CAPABILITIES["profiles"]:
            raise ValueError(f"python-escpos knows no printer profile {profile.model!r}")
        # Any: python-escpos types its printers, not what it loads about them.
        self._canvas: Any = Dummy(profile=profile.model)
        self._charset = profile.charset
        self.columns: int = profile.columns or self._canvas.profile.get_columns("a")
        self._native_qr = bool(self._canvas.profile.supports("qrCode"))
        dots = self._canvas.profile.profile_data["media"]["width"].get("pixels")
        if not self._native_qr and not isinstance(dots, int):
            raise ValueError(f"profile {profile.model!r} has no QR codes of its own and no known width to draw them")
        self._dots = dots if isinstance(dots, int) else self.columns * DOTS_PER_COLUMN

    def page(self, receipt: ReceiptPage, *, cut_first: bool = False) -> tuple[bytes, ...]:
        """One piece of bytes per command group: sending may stop between two pieces, never inside one.

        `cut_first` cuts off what an earlier page left hanging. No piece holds DLE EOT, DLE ENQ or DLE DC4, which a
        printer would obey in the middle of any other data.
        """
        rows = lay_out(receipt, self.columns)
        return (self._begin(), *(self._piece(row) for row in ((Cut(),) if cut_first else ()) + rows))

    def _begin(self) -> bytes:
        self._canvas.clear()
        self._canvas.hw("INIT")
        self._canvas._raw(FS_MULTI_BYTE)
        return self._taken()

    def _piece(self, printable: Printable) -> bytes:
        self._canvas.clear()
        match printable:
            case Row():
                self._row(printable)
            case QrCode():
                self._qr(printable.data)
            case Feed():
                self._canvas.print_and_feed(printable.lines)
            case Cut():
                self._canvas.cut()
            case _:
                assert_never(printable)
        return self._taken()

    def _row(self, row: Row) -> None:
        self._style(row.align, row.bold, 2 if row.double else 1)
        self._canvas._raw(encode_text(row.text, self._charset) + b"\n")

    def _qr(self, data: str) -> None:
        self._style(Align.CENTER, False, 1)
        modules = segno.make(data, error="m", micro=False, boost_error=False).symbol_size(border=0)[0]
        # At three dots a module and more no single dot stands alone, so a drawn code never holds the byte DLE (10h).
        size = max(QR_DOTS_MIN, min(QR_DOTS_MAX, self._dots // (modules + QR_QUIET_MODULES)))
        self._canvas.qr(data, ec=QR_LEVEL_M, size=size, native=self._native_qr)

    def _style(self, align: Align, bold: bool, scale: int) -> None:
        # GS ! (custom_size) enlarges Latin and Chinese characters alike; ESC ! leaves the Chinese ones small.
        self._canvas.set(align=align.value, bold=bold, custom_size=True, width=scale, height=scale)

    def _taken(self) -> bytes:
        return bytes(self._canvas.output)


def encode_text(text: str, charset: Charset) -> bytes:
    """Clean text as the printer's font wants it; a character that the font lacks becomes SUBSTITUTE."""
    return b"".join(_encode_char(char, charset) for char in text)


def _encode_char(char: str, charset: Charset) -> bytes:
    try:
        return char.encode(charset.value)
    except UnicodeEncodeError:
        return SUBSTITUTE.encode(charset.value)
