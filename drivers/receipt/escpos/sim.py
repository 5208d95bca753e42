"""An ESC/POS printer at the far end of the wire: obeys the same bytes, and fails the way printers fail.

It has a receive buffer, a knife, a roll of paper with an end, and two ways of answering: DLE commands at once, all
others in their turn. When paper or cover stop it, what it was sent stays in the buffer and comes out later, as on the
real thing. Sources as in `protocol`; the rest are properties of the models named there.
"""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass, field
from functools import partial

from drivers.clock import Hub
from drivers.errors import LinkLost
from drivers.link import Link, pipe
from drivers.receipt.contract import FEED_LINES_MAX, Align, Feed, PrinterError, QrCode
from drivers.receipt.escpos import protocol
from drivers.receipt.escpos.protocol import Info, Query
from drivers.receipt.layout import Row, rows_text, width

STALL_POLL_S = 0.25
START_S = 2.0
QR_LINES = 8
DOTS_PER_LINE = 30
NEAR_END_LINES = 60
FEED_PAST_KNIFE = 6
_ALIGNS = (Align.LEFT, Align.CENTER, Align.RIGHT)
_QUERIES = {query.value: query for query in Query}
_INFO = {
    Info.FIRMWARE.value: b"1.00 SIM",
    Info.MAKER.value: b"EPSON",
    Info.MODEL.value: b"TM-T88V",
    Info.SERIAL.value: b"S1M0001",
    Info.FONT.value: b"CHINA GB18030",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A raster image on the paper, in dots."""

    dots_wide: int
    dots_high: int


Mark = Row | QrCode | Feed | Picture


@dataclass(slots=True, kw_only=True)
class Faults:
    """What is wrong, set at any time. Byte counts run from the moment they are set."""

    mute: bool = False
    ignores_markers: bool = False
    reply_delay_s: float = 0.0
    garbage: bytes = b""  # comes instead of each answer
    unplug_after_bytes: int | None = None
    power_cycle_after_bytes: int | None = None  # the wire stays, as a serial one does


@dataclass(slots=True, kw_only=True)
class _Style:
    align: Align = Align.LEFT
    bold: bool = False
    scale: int = 1
    multi_byte: bool = False


@dataclass(slots=True, kw_only=True)
class EscposSim:
    """One printer. `line_s` is how long a line takes; `idle_s` how often a wire that cannot be closed from outside is
    looked at (real wires only: on a virtual hub nothing happens while nothing is sent).
    """

    hub: Hub
    columns: int = 42
    line_s: float = 0.0
    can_clear: bool = True
    tells_identity: bool = True
    idle_s: float = math.inf
    paper_lines: int = 100_000
    cover_open: bool = False
    switched_off_line: bool = False
    error: PrinterError | None = None
    plugged: bool = True
    faults: Faults = field(default_factory=Faults)
    pages: list[tuple[Mark, ...]] = field(init=False, default_factory=list)
    hanging: list[Mark] = field(init=False, default_factory=list)
    received_bytes: int = field(init=False, default=0)
    _incoming: bytearray = field(init=False, default_factory=bytearray)
    _buffer: bytearray = field(init=False, default_factory=bytearray)
    _line: bytearray = field(init=False, default_factory=bytearray)
    _style: _Style = field(init=False, default_factory=_Style)
    _qr: bytes = field(init=False, default=b"")
    _busy_until: float = field(init=False, default=0.0)
    _started_at: float = field(init=False, default=0.0)
    _link: Link | None = field(init=False, default=None)

    @property
    def printed(self) -> tuple[str, ...]:
        """The pages that were cut off, as text."""
        return tuple(self._text(page) for page in self.pages)

    @property
    def hanging_text(self) -> str:
        """What is on the paper below the last cut."""
        return self._text(tuple(self.hanging))

    @property
    def stopped(self) -> bool:
        return self.paper_lines == 0 or self.cover_open or self.switched_off_line or self.error is not None

    def open_pipe(self) -> Link:
        """An Opener: the driver's end of a new in-memory wire to this printer."""
        if not self.plugged:
            raise LinkLost("printer", "absent", "the plug is out")
        near, far = pipe(self.hub, "printer")
        self.hub.spawn("printer", partial(self.serve, far))
        return near

    def serve(self, link: Link) -> None:
        """Is the printer on this wire until it is unplugged or the host hangs up."""
        self._link = link
        try:
            while self.plugged:
                self._receive(link.read(self._wake_at()))
                self._work()
        except LinkLost:
            return
        finally:
            link.close()

    def unplug(self) -> None:
        """Pulls the plug. In memory the wire is dead at once; a real one is closed by its task within `idle_s`."""
        self.plugged = False
        if math.isinf(self.idle_s):
            self.hang_up()

    def hang_up(self) -> None:
        """Ends an in-memory connection, as a network printer does with an idle host, and waits for the next."""
        if self._link is not None:
            self._link.close()

    def power_cycle(self) -> None:
        """Off and on: what waited inside is gone, what comes while it starts is not heard, what is on paper stays."""
        self._forget()
        self._style = _Style()
        self._started_at = self.hub.now() + START_S

    def _wake_at(self) -> float:
        if not self._buffer:
            return self.hub.now() + self.idle_s
        # In steps: whoever loads paper or closes the cover need not tell the task that prints.
        return self._busy_until if self._busy_until > self.hub.now() else self.hub.now() + STALL_POLL_S

    def _text(self, page: tuple[Mark, ...]) -> str:
        shown = tuple(
            Row(text=f"[{mark.dots_wide} x {mark.dots_high}]", align=Align.CENTER)
            if isinstance(mark, Picture)
            else mark
            for mark in page
        )
        return rows_text(shown, self.columns)

    # -- what is done at once ---------------------------------------------------------------------------------------

    def _receive(self, data: bytes) -> None:
        for byte in data:
            self.received_bytes += 1
            if self.hub.now() >= self._started_at:
                self._incoming.append(byte)
                self._sort_out()
            self._count_down()

    def _count_down(self) -> None:
        faults = self.faults
        if faults.unplug_after_bytes is not None:
            faults.unplug_after_bytes -= 1
            if faults.unplug_after_bytes <= 0:
                faults.unplug_after_bytes = None
                self.plugged = False
                raise LinkLost("printer", "unplugged", "the plug is out")
        if faults.power_cycle_after_bytes is not None:
            faults.power_cycle_after_bytes -= 1
            if faults.power_cycle_after_bytes <= 0:
                faults.power_cycle_after_bytes = None
                self.power_cycle()

    def _sort_out(self) -> None:
        """Real-time commands are obeyed wherever they stand in the stream; all else waits its turn."""
        incoming = bytes(self._incoming)
        if not incoming.startswith(b"\x10"):
            self._buffer += incoming
        elif protocol.DLE_EOT.startswith(incoming[:2]) and len(incoming) < 3:
            return
        elif incoming.startswith(protocol.DLE_EOT):
            if incoming[2] in _QUERIES:
                self._reply(bytes([self._realtime(_QUERIES[incoming[2]])]))
        elif self.can_clear and protocol.CLEAR.startswith(incoming):
            if incoming != protocol.CLEAR:
                return
            self._forget()
            self._reply(protocol.CLEARED)
        else:
            self._buffer += incoming
        self._incoming.clear()

    def _realtime(self, query: Query) -> int:
        match query:
            case Query.PRINTER:
                bits = 0x08 if self.stopped else 0
            case Query.OFFLINE_CAUSE:
                bits = (0x04 if self.cover_open else 0) | (0x20 if self.paper_lines == 0 else 0)
                bits |= 0x40 if self.error else 0
            case Query.ERROR_CAUSE:
                causes = {PrinterError.CUTTER: 0x08, PrinterError.FATAL: 0x20, PrinterError.PASSING: 0x40}
                bits = causes.get(self.error, 0) if self.error else 0
            case Query.PAPER:
                bits = 0x0C if self.paper_lines <= NEAR_END_LINES else 0
                bits |= 0x60 if self.paper_lines == 0 else 0
        return 0x12 | bits

    def _reply(self, answer: bytes) -> None:
        if self.faults.mute or self._link is None:
            return
        if self.faults.reply_delay_s:
            self.hub.wait_until(self.hub.now() + self.faults.reply_delay_s)
        self._link.write(self.faults.garbage or answer)

    def _forget(self) -> None:
        self._incoming.clear()
        self._buffer.clear()
        self._line.clear()
        self._busy_until = self.hub.now()

    # -- what waits its turn ----------------------------------------------------------------------------------------

    def _work(self) -> None:
        while self._buffer and not self.stopped and self._busy_until <= self.hub.now():
            command = _first_command(bytes(self._buffer))
            if not command:
                return  # the rest of it is still on the wire
            del self._buffer[: len(command)]
            self._obey(command)

    def _obey(self, command: bytes) -> None:
        match command[:2]:
            case b"\x1b@":
                self._line.clear()
                self._style = _Style()
            case b"\x1ba":
                self._style.align = _ALIGNS[command[2] % 3]
            case b"\x1bE":
                self._style.bold = bool(command[2] & 1)
            case b"\x1d!":
                self._style.scale = 2 if command[2] == 0x11 else 1
            case b"\x1c&":
                self._style.multi_byte = True
            case b"\x1bd":
                self._end_line()
                self._feed(command[2])
            case b"\x1dV":
                self._cut()
            case b"\x1dr" | b"\x1dI":
                self._answer_in_turn(command)
            case b"\x1d(":
                self._two_dimensional(command)
            case b"\x1dv":
                picture = Picture(dots_wide=_word(command, 4) * 8, dots_high=_word(command, 6))
                self._put(picture, math.ceil(picture.dots_high / DOTS_PER_LINE))
            case _ if command == b"\n":
                self._end_line(always=True)
            case _ if command[0] >= 0x20:
                self._line += command
            case _:
                pass  # a command that changes nothing on this paper

    def _answer_in_turn(self, command: bytes) -> None:
        if command[1:2] == b"I" and command[2] in _INFO:
            if self.tells_identity:
                self._reply(bytes([protocol.INFO_HEADER]) + _INFO[command[2]] + b"\0")
        elif not self.faults.ignores_markers:
            near_end = command[1:2] == b"r" and self.paper_lines <= NEAR_END_LINES
            self._reply(b"\x03" if near_end else b"\x00")

    def _two_dimensional(self, command: bytes) -> None:
        if command[2:3] + command[5:6] != b"k1":
            return
        function, data = command[6:7], command[8:]
        if function == b"P":
            self._qr = data
        elif function == b"Q":
            with contextlib.suppress(ValueError):  # what makes no code leaves no mark
                self._put(QrCode(data=self._qr.decode()), QR_LINES)

    def _feed(self, lines: int) -> None:
        for at in range(0, lines, FEED_LINES_MAX):
            part = min(FEED_LINES_MAX, lines - at)
            self._put(Feed(lines=part), part)

    def _end_line(self, *, always: bool = False) -> None:
        """Prints the line; one that is too long goes on below, as the printer's own wrapping does."""
        if not self._line and not always:
            return
        text = bytes(self._line).decode("gb18030" if self._style.multi_byte else "cp437", "replace")
        self._line.clear()
        room = self.columns // self._style.scale
        line = ""
        for char in text:
            if width(line + char) > room:
                self._put_row(line)
                line = ""
            line += char
        self._put_row(line)

    def _put_row(self, text: str) -> None:
        style = self._style
        self._put(Row(text=text, align=style.align, bold=style.bold, double=style.scale == 2), style.scale)

    def _put(self, mark: Mark, lines: int) -> None:
        self.hanging.append(mark)
        self.paper_lines = max(0, self.paper_lines - lines)
        self._busy_until = max(self._busy_until, self.hub.now()) + lines * self.line_s

    def _cut(self) -> None:
        if self.hanging and self.hanging[-1] == Feed(lines=FEED_PAST_KNIFE):
            self.hanging.pop()
        if self.hanging:
            self.pages.append(tuple(self.hanging))
        self.hanging.clear()


def _first_command(buffer: bytes) -> bytes:
    """The first command, text run or control character of the buffer; b"" while a part of it is missing."""
    if buffer[0] >= 0x20:
        end = next((at for at, byte in enumerate(buffer) if byte < 0x20), len(buffer))
        return buffer[:end]
    if buffer[0] not in b"\x1b\x1c\x1d":
        return buffer[:1]
    length = _command_length(buffer)
    return buffer[:length] if length and len(buffer) >= length else b""


def _command_length(buffer: bytes) -> int:
    """Bytes of an ESC, FS or GS command, 0 while too little of it is there; unknown ones are two bytes."""
    match buffer[:2]:
        case head if len(head) < 2:
            return 0
        case b"\x1dV" if buffer[2:3] in (b"A", b"B"):
            return 4
        case b"\x1ba" | b"\x1bE" | b"\x1b!" | b"\x1bd" | b"\x1bt" | b"\x1d!" | b"\x1dV" | b"\x1dr" | b"\x1dI":
            return 3
        case b"\x1d(":
            return 5 + _word(buffer, 3) if len(buffer) >= 5 else 0
        case b"\x1dv":
            return 8 + _word(buffer, 4) * _word(buffer, 6) if len(buffer) >= 8 else 0
        case _:
            return 2


def _word(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "little")
