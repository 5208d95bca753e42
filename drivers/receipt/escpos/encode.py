"""From a laid-out page to ESC/POS bytes. python-escpos (MIT) builds the commands; the Chinese text is encoded here.

python-escpos guesses a code page for each run of text and sends no command that selects the printer's Chinese font, so
text goes round it: FS & (select multi-byte character mode) once, then GB 18030 bytes.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import assert_never

import segno

from drivers.receipt.contract import Align, Cut, Feed, QrCode, ReceiptPage
from drivers.receipt.escpos.library import STYLES, Here, Library
from drivers.receipt.escpos.protocol import Marker
from drivers.receipt.layout import Printable, Row, lay_out

FS_MULTI_BYTE = b"\x1c&"
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


class Encoder:
    """Builds pages for one profile. Raises ValueError for a profile that cannot be used."""

    def __init__(self, profile: EscposProfile, library: Library | None = None) -> None:
        self._library = library or Here()
        self._model = profile.model
        self._charset = profile.charset
        self._phrases = self._library.phrases(profile.model)
        self._styles = dict(zip(STYLES, self._phrases.styles, strict=True))
        self.columns: int = profile.columns or self._phrases.columns
        self._dots = self._phrases.dots or self.columns * DOTS_PER_COLUMN

    def page(self, receipt: ReceiptPage, *, cut_first: bool = False) -> tuple[bytes, ...]:
        """One piece of bytes per command group: sending may stop between two pieces, never inside one.

        `cut_first` cuts off what an earlier page left hanging. No piece holds DLE EOT, DLE ENQ or DLE DC4, which a
        printer would obey in the middle of any other data.
        """
        rows = lay_out(receipt, self.columns)
        return (self._begin(), *(self._piece(row) for row in ((Cut(),) if cut_first else ()) + rows))

    def _begin(self) -> bytes:
        return self._phrases.begin + FS_MULTI_BYTE

    def _piece(self, printable: Printable) -> bytes:
        match printable:
            case Row(align=align, bold=bold, double=double):
                style = self._styles[align, bold, 2 if double else 1]
                return style + encode_text(printable.text, self._charset) + b"\n"
            case QrCode(data=data):
                return self._styles[Align.CENTER, False, 1] + self._qr(data)
            case Feed(lines=lines):
                return self._phrases.feeds[lines - 1]
            case Cut():
                return self._phrases.cut
            case _:
                assert_never(printable)

    def _qr(self, data: str) -> bytes:
        modules = segno.make(data, error="m", micro=False, boost_error=False).symbol_size(border=0)[0]
        # At three dots a module and more no single dot stands alone, so a drawn code never holds the byte DLE (10h).
        size = max(QR_DOTS_MIN, min(QR_DOTS_MAX, self._dots // (int(modules) + QR_QUIET_MODULES)))
        return self._library.qr(self._model, data, size)


def encode_text(text: str, charset: Charset) -> bytes:
    """Clean text as the printer's font wants it; a character that the font lacks becomes SUBSTITUTE."""
    return b"".join(_encode_char(char, charset) for char in text)


def _encode_char(char: str, charset: Charset) -> bytes:
    try:
        return char.encode(charset.value)
    except UnicodeEncodeError:
        return SUBSTITUTE.encode(charset.value)
