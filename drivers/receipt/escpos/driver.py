"""The ESC/POS receipt printer: asks for paper before, for proof after, and never lets a page reach the wrong reader.

Three facts shape it. A status answer (DLE EOT) jumps the queue, so "ready" after sending says nothing of the page: the
proof is a Marker, which the printer answers only when it has worked through everything sent before. A printer that
runs out of paper keeps the rest of the page and prints it on the new roll: the rest is thrown away before anything
else is sent. And an answer has no number: a late one would prove a later page, so the wire is settled first.
"""

from __future__ import annotations

import contextlib
import enum

from drivers.clock import Clock
from drivers.errors import BadFrame, DeviceFault, DriverError, LinkLost, NoReply
from drivers.health import Health
from drivers.link import Opener
from drivers.receipt.contract import (
    Align,
    Cut,
    Doubt,
    NotStarted,
    Pair,
    Printed,
    PrinterIdentity,
    PrinterStatus,
    PrintOutcome,
    PrintUnknown,
    QrCode,
    ReceiptPage,
    Rule,
    Text,
)
from drivers.receipt.escpos import protocol
from drivers.receipt.escpos.encode import Encoder, EscposProfile
from drivers.receipt.escpos.library import Library
from drivers.receipt.escpos.port import Port
from drivers.receipt.escpos.protocol import Info

PROOF_POLL_S = 0.25  # how often a printer that is still busy with a page is asked whether it has stopped
SETTLE_QUIET_S = 0.15  # between two answers with nothing to print between them; a packet takes a few milliseconds
RESYNC_QUIET_S = 0.05


class _Buffer(enum.Enum):
    """What may wait inside the printer."""

    EMPTY = enum.auto()
    FOREIGN = enum.auto()  # the wire was just opened: whatever an earlier owner left
    LEFTOVER = enum.auto()  # a page of ours that was not proven


class EscposPrinter:
    """One printer behind any Link; keeps the ReceiptPrinter contract. Raises ValueError for an unusable profile."""

    def __init__(
        self, device: str, opener: Opener, clock: Clock, profile: EscposProfile, library: Library | None = None
    ) -> None:
        """`library` None: python-escpos is asked in this process."""
        self.device = device
        self._profile = profile
        self._encoder = Encoder(profile, library)
        self._port = Port(device, opener, clock)
        self._buffer = _Buffer.FOREIGN
        self._longest_piece_bytes = 0
        self._fragment_hangs = False  # the beginning of an unproven page may still hang from the printer

    @property
    def columns(self) -> int:
        return self._encoder.columns

    @property
    def health(self) -> Health:
        return self._port.wellness.health

    def status(self, by: float) -> PrinterStatus:
        status = self._ask(by)
        if self._buffer is _Buffer.LEFTOVER and not status.ready:
            self._take_back(by)
        return status

    def print(self, receipt: ReceiptPage, by: float) -> PrintOutcome:
        pieces = self._encoder.page(receipt, cut_first=self._fragment_hangs)
        before = self._ask(by)
        if not before.ready:
            return NotStarted(status=before)
        self._settle(by)
        self._buffer = _Buffer.LEFTOVER
        self._longest_piece_bytes = max(len(piece) for piece in pieces)
        self._fragment_hangs = True
        outcome = self._attempt(pieces, by)
        if isinstance(outcome, Printed):
            self._buffer = _Buffer.EMPTY
            self._fragment_hangs = False
        return outcome

    def identify(self, by: float) -> PrinterIdentity:
        status = self._ask(by)
        if not status.ready:
            raise DeviceFault(self.device, "not_ready", "answers who it is only when it is ready to print")
        self._settle(by)
        told: dict[Info, str] = {}
        for what in Info:
            text = self._port.info(what, by)
            if text is None:
                self._buffer = _Buffer.FOREIGN
                break
            told[what] = text
        return PrinterIdentity(
            maker=told.get(Info.MAKER, ""),
            model=told.get(Info.MODEL, ""),
            firmware=told.get(Info.FIRMWARE, ""),
            serial=told.get(Info.SERIAL, ""),
            font=told.get(Info.FONT, ""),
        )

    def self_test(self, by: float) -> PrintOutcome:
        return self.print(sample_page(self.device, self.columns), by)

    def close(self) -> None:
        self._port.close()

    def _ask(self, by: float) -> PrinterStatus:
        """The status, over a new wire if the old one turns out to be dead: printers hang up on an idle connection."""
        if not self._port.is_open:
            return self._ask_once(by)
        try:
            return self._ask_once(by)
        except LinkLost:
            return self._ask_once(by)

    def _ask_once(self, by: float) -> PrinterStatus:
        openings = self._port.openings
        quiet_s = RESYNC_QUIET_S if self._port.wellness.faults_in_row else 0.0
        self._port.ready(by)
        if self._port.openings != openings and self._buffer is _Buffer.EMPTY:
            self._buffer = _Buffer.FOREIGN
        self._port.forget(quiet_s)
        return self._port.status(by)

    def _settle(self, by: float) -> None:
        """Makes sure that nothing sent before waits in the printer and no answer to it is still to come.

        Between our Marker and the one it waits for there is nothing to print: once one answer came and then none for
        SETTLE_QUIET_S, it was the last. Raises NoReply if the printer does not answer: then nothing must be sent.
        """
        if self._buffer is _Buffer.EMPTY:
            return
        if self._buffer is _Buffer.LEFTOVER:
            # A wire that broke inside a command left the printer waiting for the rest of it: it would take our next
            # bytes for data. NUL completes any command, and alone means nothing.
            self._port.send(bytes(self._longest_piece_bytes))
        if self._profile.clears_buffer:
            self._clear(by)
        self._port.settle(self._profile.marker, SETTLE_QUIET_S, by)
        self._buffer = _Buffer.EMPTY

    def _clear(self, by: float) -> None:
        self._port.send(protocol.CLEAR)
        self._port.cleared(by)
        self._buffer = _Buffer.FOREIGN

    def _take_back(self, by: float) -> None:
        """Throws away the rest of a page while the printer stands still; what fails is tried at the next contact."""
        if self._profile.clears_buffer:
            with contextlib.suppress(DriverError):
                self._clear(by)

    def _attempt(self, pieces: tuple[bytes, ...], by: float) -> PrintOutcome:
        try:
            return self._send_and_prove(pieces, by)
        except LinkLost:
            return PrintUnknown(doubt=Doubt.WIRE)
        except NoReply:
            return PrintUnknown(doubt=Doubt.NO_PROOF)
        except BadFrame:
            return PrintUnknown(doubt=Doubt.GARBLED)

    def _send_and_prove(self, pieces: tuple[bytes, ...], by: float) -> PrintOutcome:
        for piece in (*pieces, self._profile.marker.value):
            if self._port.now() >= by:
                return PrintUnknown(doubt=Doubt.NO_PROOF)
            self._port.send(piece)
        while not self._port.marked(min(by, self._port.now() + PROOF_POLL_S)):
            status = self._port.status(by)
            if not status.ready:
                return self._stopped(status, by)
            if self._port.now() >= by:
                return PrintUnknown(doubt=Doubt.NO_PROOF, status=status)
        after = self._port.status(by)
        return Printed(status=after) if after.ready else self._stopped(after, by)

    def _stopped(self, status: PrinterStatus, by: float) -> PrintUnknown:
        self._take_back(by)
        return PrintUnknown(doubt=Doubt.STOPPED, status=status)


def sample_page(device: str, columns: int) -> ReceiptPage:
    """Shows at a glance whether width, alphabet, sizes, QR code and knife are right."""
    ruler = "".join(str(at % 10) for at in range(1, columns + 1))
    return ReceiptPage(
        (
            Text(text=device, align=Align.CENTER, bold=True, double=True),
            Text(text=ruler),
            Rule(),
            Text(text="借书凭条 還書憑條 “引号”——①㈠", align=Align.CENTER),
            Pair(key="图书 Book", value="2030-01-31"),
            Text(text="bold 粗体", bold=True),
            QrCode(data=f"circdesk:{device}"),
            Cut(),
        )
    )
