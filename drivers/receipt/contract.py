"""What every receipt printer promises, and the page it is asked to print.

A receipt is a courtesy with one hard edge: the screen says "take your receipt" only when the printer has said that it
worked through the whole page. So `print` answers with what is known: proven, provably not begun, or unknown.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Protocol

from drivers.health import Health

ELEMENTS_MAX = 400
TEXT_CHARS_MAX = 1_000
FEED_LINES_MAX = 20
QR_BYTES_MAX = 300  # version 13 with error correction M: 69 modules, which still scan well on 58 mm paper


class Align(enum.StrEnum):
    """Where a line stands between the edges of the paper."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Running text; wrapped at the width of the paper. A line feed in it starts a new line."""

    text: str
    align: Align = Align.LEFT
    bold: bool = False
    double: bool = False  # twice as wide and twice as high

    def __post_init__(self) -> None:
        _limit("characters of text", len(self.text), TEXT_CHARS_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A key at the left edge, its value at the right edge; the value moves below a key that leaves it no room."""

    key: str
    value: str
    bold: bool = False

    def __post_init__(self) -> None:
        _limit("characters of text", len(self.key) + len(self.value), TEXT_CHARS_MAX)


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QrCode:
    """A QR code in the middle of the paper, with error correction M."""

    data: str

    def __post_init__(self) -> None:
        if not self.data or not self.data.isprintable():
            raise ValueError("a QR code needs data, and only printable characters")
        _limit("bytes of QR code", len(self.data.encode()), QR_BYTES_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Empty lines."""

    lines: int = 1

    def __post_init__(self) -> None:
        if self.lines < 1:
            raise ValueError(f"feed of {self.lines} lines")
        _limit("lines of feed", self.lines, FEED_LINES_MAX)


@dataclass(frozen=True, slots=True)
class Cut:
    """Feeds the last line past the knife and cuts; only feeds where there is no knife."""


Element = Text | Pair | Rule | QrCode | Feed | Cut


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """What shall be on the paper, top to bottom. Raises ValueError beyond the limits named in this module."""

    elements: tuple[Element, ...]

    def __post_init__(self) -> None:
        _limit("elements", len(self.elements), ELEMENTS_MAX)


def _limit(what: str, count: int, limit: int) -> None:
    if count > limit:
        raise ValueError(f"{count} {what} on a receipt, at most {limit} are allowed")


class Paper(enum.StrEnum):
    """What the sensors say of the roll. A printer without a near-end sensor goes from ENOUGH to END."""

    ENOUGH = "enough"
    NEAR_END = "near_end"
    END = "end"


class PrinterError(enum.StrEnum):
    """What stops a printer besides paper and cover."""

    PASSING = "passing"  # the head is too hot: it goes on by itself
    CUTTER = "cutter"  # the knife is stuck: clear the jam
    FATAL = "fatal"  # power or electronics: switch off, call service
    OTHER = "other"  # an error it does not explain


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterStatus:
    """What the printer says of itself, asked and answered just now."""

    paper: Paper
    cover_open: bool
    offline: bool
    error: PrinterError | None

    @property
    def paper_end(self) -> bool:
        return self.paper is Paper.END

    @property
    def paper_near_end(self) -> bool:
        """The roll is low: still prints, but staff should bring a new one."""
        return self.paper is Paper.NEAR_END

    @property
    def ready(self) -> bool:
        """A page sent at this moment may be expected to come out."""
        return not (self.paper_end or self.cover_open or self.offline or self.error is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterIdentity:
    """What the printer tells of itself; empty where it tells nothing."""

    maker: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""
    font: str = ""  # the multi-byte font, e.g. "CHINA GB18030"


class Doubt(enum.StrEnum):
    """Why nobody knows whether a page came out whole."""

    STOPPED = "stopped"  # the printer stopped on the way; `status` says why
    NO_PROOF = "no_proof"  # the deadline passed before it had worked through the page
    WIRE = "wire"  # the wire failed under the page
    GARBLED = "garbled"  # its answers made no sense


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """Proven: the printer has worked through the whole page, and afterwards still had paper and no complaint."""

    status: PrinterStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class NotStarted:
    """Proven: no byte of the page was sent, because the printer was not ready."""

    status: PrinterStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintUnknown:
    """All, a part or nothing of the page is on paper: show it on the screen, print again only if the reader asks."""

    doubt: Doubt
    status: PrinterStatus | None = None  # the last that was heard after the page was sent


PrintOutcome = Printed | NotStarted | PrintUnknown


class ReceiptPrinter(Protocol):
    """One printer on one wire. One owner; each call blocks until the monotonic time `by` at most."""

    @property
    def device(self) -> str: ...

    @property
    def health(self) -> Health: ...

    @property
    def columns(self) -> int:
        """How many Latin characters fit on a line; a Chinese character takes the place of two."""

    def status(self, by: float) -> PrinterStatus:
        """Asks now. Raises LinkLost, NoReply or BadFrame."""

    def print(self, receipt: ReceiptPage, by: float) -> PrintOutcome:
        """Asks for paper first, prints, and asks for proof.

        Raises LinkLost, NoReply or BadFrame only while nothing of the page has been sent; from the first byte on every
        trouble is a PrintUnknown. A page of which only a part came out is taken back from the printer before the next
        one is sent, where the model can do that.
        """

    def identify(self, by: float) -> PrinterIdentity:
        """Raises as `status` does, and DeviceFault when the printer is not ready to answer."""

    def self_test(self, by: float) -> PrintOutcome:
        """Prints a page that shows width, alphabet, sizes, QR code and knife; answers and raises as `print` does."""

    def close(self) -> None:
        """Gives the wire back; the next request opens it again."""
