"""What every receipt printer keeps on every wire."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from drivers.errors import BadFrame, LinkLost, NoReply
from drivers.health import Health
from drivers.receipt import Doubt, NotStarted, Paper, Printed, PrinterError, PrintUnknown, page_text
from tests.contract.receipt.bench import WIRES, Bench, bench, page

STATUS_BYTES = 12  # DLE EOT 1 to 4
SOON_S = 0.3


@pytest.fixture(params=WIRES)
def at(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with bench(request.param) as made:
        yield made


def test_a_ready_printer_says_that_it_is_ready(at: Bench) -> None:
    status = at.do(at.printer.status)
    assert status.ready
    assert status.paper is Paper.ENOUGH
    assert at.health() is Health.OK


def test_a_proven_receipt_lies_on_the_paper_as_it_was_laid_out(at: Bench) -> None:
    outcome = at.print(page())
    assert isinstance(outcome, Printed)
    assert at.sim.printed == (page_text(page(), at.printer.columns),)


def test_two_receipts_come_out_as_two(at: Bench) -> None:
    for title in ("边城", "活着"):
        assert isinstance(at.print(page(title)), Printed)
    assert at.sim.printed == tuple(page_text(page(title), at.printer.columns) for title in ("边城", "活着"))


def test_paper_end_is_seen_before_a_byte_of_the_receipt_is_sent(at: Bench) -> None:
    at.sim.paper_lines = 0
    outcome = at.print(page())
    assert isinstance(outcome, NotStarted)
    assert outcome.status.paper_end
    assert at.sim.received_bytes == STATUS_BYTES


def test_an_open_cover_is_seen_before_a_byte_of_the_receipt_is_sent(at: Bench) -> None:
    at.sim.cover_open = True
    outcome = at.print(page())
    assert isinstance(outcome, NotStarted)
    assert outcome.status.cover_open
    assert at.sim.received_bytes == STATUS_BYTES


def test_a_stuck_knife_is_named(at: Bench) -> None:
    at.sim.error = PrinterError.CUTTER
    status = at.do(at.printer.status)
    assert status.error is PrinterError.CUTTER
    assert not status.ready


def test_a_low_roll_still_prints_and_calls_for_staff(at: Bench) -> None:
    at.sim.paper_lines = 55
    outcome = at.print(page(books=1))
    assert isinstance(outcome, Printed)
    assert outcome.status.paper_near_end


def test_a_receipt_cut_short_by_paper_end_never_comes_out_for_the_next_reader(at: Bench) -> None:
    at.sim.paper_lines = 5
    first = at.print(page("first reader"))
    assert isinstance(first, PrintUnknown)
    assert first.doubt is Doubt.STOPPED
    assert first.status is not None
    assert first.status.paper_end
    at.repair()
    assert isinstance(at.print(page("second reader")), Printed)
    assert at.sim.printed[-1] == page_text(page("second reader"), at.printer.columns)
    assert "3. first reader" not in "".join(at.sim.printed)


def test_a_mute_printer_is_noticed_within_the_deadline(at: Bench) -> None:
    at.sim.faults.mute = True
    with pytest.raises(NoReply):
        at.print(page(), within_s=SOON_S)
    assert at.sim.hanging == []
    assert at.health() is Health.DEGRADED


def test_garbage_for_an_answer_is_a_fault_and_nothing_is_printed(at: Bench) -> None:
    at.sim.faults.garbage = b"\xff\xfe"
    with pytest.raises(BadFrame):
        at.print(page())
    assert at.sim.hanging == []


def test_an_unplugged_printer_is_found_again_and_prints_the_next_receipt_alone(at: Bench) -> None:
    at.do(at.printer.status)
    at.sim.faults.unplug_after_bytes = 200
    assert at.print(page("first reader")) == PrintUnknown(doubt=Doubt.WIRE)
    assert at.health() is Health.GONE
    with pytest.raises(LinkLost):
        at.do(at.printer.status)
    at.repair()
    assert isinstance(at.print(page("second reader")), Printed)
    assert at.sim.printed[-1] == page_text(page("second reader"), at.printer.columns)
    assert at.health() is Health.OK


def test_a_printer_that_lost_power_under_a_receipt_is_never_believed(at: Bench) -> None:
    assert isinstance(at.do(at.printer.self_test), Printed)
    at.sim.line_s = 0.05
    at.sim.faults.power_cycle_after_bytes = STATUS_BYTES + 500
    assert isinstance(at.print(page(books=20), within_s=0.6), PrintUnknown)


def test_a_printer_tells_who_it_is(at: Bench) -> None:
    identity = at.do(at.printer.identify)
    assert (identity.maker, identity.model, identity.font) == ("EPSON", "TM-T88V", "CHINA GB18030")


def test_the_self_test_page_is_as_wide_as_the_paper(at: Bench) -> None:
    assert isinstance(at.do(at.printer.self_test), Printed)
    assert ("1234567890" * 5)[: at.sim.columns] in at.sim.printed[0].splitlines()
