"""Broken drivers that the claims must catch: each mutant fails the claim that it breaks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from drivers.errors import NoReply
from drivers.receipt import Paper, Printed, PrinterStatus
from drivers.receipt.contract import PrintOutcome
from drivers.receipt.escpos import EscposPrinter
from drivers.receipt.escpos.driver import _Buffer
from tests.contract.receipt import test_receipt_printer as claims
from tests.contract.receipt import test_receipt_trouble as longer_claims
from tests.contract.receipt.bench import PROFILE, Bench, bench

FINE = PrinterStatus(paper=Paper.ENOUGH, cover_open=False, offline=False, error=None)


class PrintsWithoutLooking(EscposPrinter):
    """Does not ask for paper before it prints, neither by status nor by settling."""

    def _ask(self, by: float) -> PrinterStatus:
        self._port.ready(by)
        self._buffer = _Buffer.EMPTY
        return FINE


class TakesSentForPrinted(EscposPrinter):
    """Reports success without asking for anything after."""

    def _send_and_prove(self, pieces: tuple[bytes, ...], by: float) -> PrintOutcome:
        for piece in pieces:
            self._port.send(piece)
        return Printed(status=FINE)


class TakesReadyForPrinted(EscposPrinter):
    """Asks for the status after, which jumps the queue and proves nothing."""

    def _send_and_prove(self, pieces: tuple[bytes, ...], by: float) -> PrintOutcome:
        for piece in pieces:
            self._port.send(piece)
        after = self._port.status(by)
        return Printed(status=after) if after.ready else self._stopped(after, by)


class LeavesTheRestInside(EscposPrinter):
    """Does not take back what the printer has not printed."""

    def _clear(self, by: float) -> None:
        self._buffer = _Buffer.FOREIGN


class BelievesLateAnswers(EscposPrinter):
    """Does not settle the wire before the next page."""

    def _settle(self, by: float) -> None:
        self._buffer = _Buffer.EMPTY


class LetsThePaperHang(EscposPrinter):
    """Prints the next receipt onto what the last one left hanging."""

    def _attempt(self, pieces: tuple[bytes, ...], by: float) -> PrintOutcome:
        outcome = super()._attempt(pieces, by)
        self._fragment_hangs = False
        return outcome


class LeavesACommandHalfSaid(EscposPrinter):
    """Does not complete the command in which the wire broke."""

    def _attempt(self, pieces: tuple[bytes, ...], by: float) -> PrintOutcome:
        outcome = super()._attempt(pieces, by)
        self._longest_piece_bytes = 0
        return outcome


CAUGHT: tuple[tuple[type[EscposPrinter], Callable[[Bench], None]], ...] = (
    (PrintsWithoutLooking, claims.test_paper_end_is_seen_before_a_byte_of_the_receipt_is_sent),
    (PrintsWithoutLooking, claims.test_an_open_cover_is_seen_before_a_byte_of_the_receipt_is_sent),
    (TakesSentForPrinted, claims.test_a_receipt_cut_short_by_paper_end_never_comes_out_for_the_next_reader),
    (TakesSentForPrinted, longer_claims.test_a_power_cut_after_the_last_byte_was_sent_is_never_taken_for_a_receipt),
    (TakesReadyForPrinted, longer_claims.test_a_power_cut_after_the_last_byte_was_sent_is_never_taken_for_a_receipt),
    (LeavesTheRestInside, longer_claims.test_the_rest_of_a_receipt_is_thrown_away_when_the_status_is_next_asked),
    (LeavesTheRestInside, claims.test_a_receipt_cut_short_by_paper_end_never_comes_out_for_the_next_reader),
    (LetsThePaperHang, longer_claims.test_what_hangs_from_the_printer_is_cut_off_before_the_next_reader),
    (LeavesACommandHalfSaid, longer_claims.test_a_wire_that_broke_inside_a_qr_code_does_not_swallow_the_next_receipt),
    (BelievesLateAnswers, longer_claims.test_a_late_answer_does_not_prove_the_next_readers_receipt),
)

NEED_UNCLEARABLE = (BelievesLateAnswers, LeavesACommandHalfSaid)


@pytest.mark.parametrize(("mutant", "claim"), CAUGHT)
@pytest.mark.parametrize("wire", ["pipe", "usb"])
def test_a_broken_driver_is_caught(mutant: type[EscposPrinter], claim: Callable[[Bench], None], wire: str) -> None:
    profile = longer_claims.UNCLEARABLE if mutant in NEED_UNCLEARABLE else PROFILE
    with bench(wire, profile=profile, make=mutant) as at, pytest.raises((AssertionError, NoReply)):
        claim(at)


@pytest.mark.parametrize(("mutant", "claim"), CAUGHT)
def test_the_real_driver_passes_what_catches_the_mutants(
    mutant: type[EscposPrinter], claim: Callable[[Bench], None]
) -> None:
    profile = longer_claims.UNCLEARABLE if mutant in NEED_UNCLEARABLE else PROFILE
    with bench("pipe", profile=profile) as at:
        claim(at)
