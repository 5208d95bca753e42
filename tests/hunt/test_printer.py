"""A printer that hangs holds up paper, and nothing else."""

from __future__ import annotations

from kiosk.flow.devices import Printed
from kiosk.machine.parts import PrinterPart
from kiosk.machine.parts.printer import ORDERS_MAX
from tests.unit.machine.test_parts import SLIP, Counter


def test_a_hanging_printer_and_an_impatient_technician_do_not_end_the_core() -> None:
    counter = Counter()
    printer = counter.parts["printer"]
    assert isinstance(printer, PrinterPart)
    for _ in range(2 * ORDERS_MAX):
        printer.test()  # no time passes: nothing is taken out
    printer.print(SLIP)
    assert counter.last(Printed) == Printed(ok=False)


def test_a_restarted_printer_prints_while_the_run_before_it_is_still_ending() -> None:
    """The wire hangs in the middle of a slip: the technician restarts the driver, and the next slip comes out."""
    counter = Counter()
    printer = counter.parts["printer"]
    assert isinstance(printer, PrinterPart)
    counter.bench.printer.faults.mute = True
    printer.print(SLIP)
    counter.run(0.5)  # under way
    printer.print(SLIP)  # waits behind it
    printer.stop()
    counter.bench.printer.faults.mute = False
    printer.start()
    counter.run(40.0)
    assert [event.ok for event in counter.heard if isinstance(event, Printed)].count(False) >= 1
    asked = sum(isinstance(event, Printed) for event in counter.heard)
    assert asked == 2, "each slip has its answer"
    before = len(counter.bench.printer.printed)
    printer.print(SLIP)
    counter.run(10.0)
    assert counter.last(Printed) == Printed(ok=True)
    assert len(counter.bench.printer.printed) == before + 1


def test_a_restart_while_too_many_orders_wait_still_leaves_one_driver() -> None:
    counter = Counter()
    printer = counter.parts["printer"]
    assert isinstance(printer, PrinterPart)
    for _ in range(2 * ORDERS_MAX):
        printer.test()
    printer.stop()
    printer.start()
    counter.run(60.0)
    printer.print(SLIP)
    counter.run(10.0)
    assert counter.last(Printed) == Printed(ok=True)
