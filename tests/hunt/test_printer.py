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
