"""Any course of paper, cover, plug, power and speed: what a printer driver says of the paper is true."""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from drivers.errors import DriverError
from drivers.receipt import NotStarted, Printed, PrintUnknown, page_text
from drivers.receipt.contract import PrintOutcome
from drivers.receipt.escpos import EscposPrinter, EscposProfile
from tests.contract.receipt.bench import VIRTUAL_WIRES, Bench, MakePrinter, bench, page
from tests.contract.receipt.test_receipt_mutants import TakesReadyForPrinted

TRIES_MAX = 12
BYTES = st.none() | st.integers(min_value=1, max_value=900)

COURSE = {
    "wire": st.sampled_from(VIRTUAL_WIRES),
    "clears": st.booleans(),
    "paper_lines": st.sampled_from((0, 1, 2, 5, 9, 12, 15, 17, 20, 25, 1_000)),
    "line_s": st.sampled_from((0.0, 0.01, 0.3)),
    "cover_opens_s": st.none() | st.floats(min_value=0.0, max_value=6.0),
    "unplug_after": BYTES,
    "power_cycle_after": BYTES,
    "within_s": st.sampled_from((0.2, 1.0, 4.0, 30.0)),
}


def run_course(
    make: MakePrinter,
    *,
    wire: str,
    clears: bool,
    paper_lines: int,
    line_s: float,
    cover_opens_s: float | None,
    unplug_after: int | None,
    power_cycle_after: int | None,
    within_s: float,
) -> None:
    profile = EscposProfile(model="TM-T88V", clears_buffer=clears)
    with bench(wire, profile=profile, make=make) as at:
        at.sim.paper_lines = paper_lines
        at.sim.line_s = line_s
        at.sim.faults.unplug_after_bytes = unplug_after
        at.sim.faults.power_cycle_after_bytes = power_cycle_after
        if cover_opens_s is not None:
            _open_cover_at(at, cover_opens_s)
        _print_and_check(at, "first reader", within_s)
        at.hub.wait_until(at.hub.now() + 10.0)
        at.repair()
        at.sim.faults.unplug_after_bytes = at.sim.faults.power_cycle_after_bytes = None
        outcomes: list[PrintOutcome | None] = []
        while not outcomes or (not isinstance(outcomes[-1], Printed) and len(outcomes) < TRIES_MAX):
            outcomes.append(_print_and_check(at, "second reader", 60.0))
        assert isinstance(outcomes[-1], Printed), "a printer in order prints again"
        assert at.sim.printed.count(page_text(page("second reader"), at.printer.columns)) == len(
            [outcome for outcome in outcomes if isinstance(outcome, Printed)]
        )


def _print_and_check(at: Bench, title: str, within_s: float) -> PrintOutcome | None:
    wanted = page_text(page(title), at.printer.columns)
    before = _all_text(at)
    try:
        outcome = at.print(page(title), within_s=within_s)
    except DriverError:
        outcome = None
    match outcome:
        case Printed():
            assert at.sim.printed[-1:] == (wanted,)
            assert at.sim.hanging == []
        case NotStarted() | None:
            assert _all_text(at).count(title) <= before.count(title)
        case PrintUnknown():
            pass
    return outcome


def _all_text(at: Bench) -> str:
    return "\n".join((*at.sim.printed, at.sim.hanging_text))


def _open_cover_at(at: Bench, seconds: float) -> None:
    def run() -> None:
        at.hub.wait_until(seconds)
        at.sim.cover_open = True

    at.hub.spawn("reader at the cover", run)


@settings(max_examples=120, deadline=None)
@given(**COURSE)
def test_whatever_happens_printed_means_on_paper_and_not_started_means_no_ink(**course: object) -> None:
    run_course(EscposPrinter, **course)  # type: ignore[arg-type]  # hypothesis passes keywords by name


@pytest.mark.slow
@settings(max_examples=5_000, deadline=None)
@given(**COURSE)
def test_thousands_of_courses_end_the_same_way(**course: object) -> None:
    run_course(EscposPrinter, **course)  # type: ignore[arg-type]  # as above


def test_a_driver_that_takes_ready_for_printed_does_not_survive_the_courses() -> None:
    @settings(
        max_examples=200,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        report_multiple_bugs=False,
    )
    @given(**COURSE)
    def search(**course: object) -> None:
        run_course(TakesReadyForPrinted, **course)  # type: ignore[arg-type]  # as above

    with pytest.raises(AssertionError):
        search()
