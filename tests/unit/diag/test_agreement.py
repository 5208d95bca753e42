"""`circdesk diag` and the technician's page give the same number to the same trouble."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from drivers.receipt import PrinterError
from kiosk.domain.faults import device_fault
from kiosk.flow.events import PartChanged
from kiosk.machine.simulate import SimBench
from tests.unit.checkout.bench import Desktop
from tests.unit.diag.test_devices import Bench as Diag
from tests.unit.machine.test_parts import Counter


def _pulled(part: str) -> Callable[[SimBench], None]:
    def act(sim: SimBench) -> None:
        sim.unplug(part)
        if part in sim.plugged:  # also for one that nobody has opened yet
            sim.plugged[part] = False

    return act


def _low(sim: SimBench) -> None:
    sim.printer.paper_lines = 1


def _end(sim: SimBench) -> None:
    sim.printer.paper_lines = 0


def _open(sim: SimBench) -> None:
    sim.printer.cover_open = True


def _error(error: PrinterError) -> Callable[[SimBench], None]:
    return lambda sim: setattr(sim.printer, "error", error)


TROUBLES: dict[str, tuple[str, Callable[[SimBench], None]]] = {
    "all is well": ("printer", lambda sim: None),
    "pad unplugged": ("pad", _pulled("pad")),
    "card reader unplugged": ("card", _pulled("card")),
    "scanner unplugged": ("scanner", _pulled("scanner")),
    "printer unplugged": ("printer", _pulled("printer")),
    "paper low": ("printer", _low),
    "paper out": ("printer", _end),
    "cover open": ("printer", _open),
    **{f"printer {error.value}": ("printer", _error(error)) for error in PrinterError},
}


@pytest.mark.parametrize("name", TROUBLES)
def test_the_page_shows_the_number_that_diag_prints(name: str) -> None:
    part, act = TROUBLES[name]
    diag, counter, desk = Diag(), Counter(), Desktop()
    for sim in (diag.sim, counter.bench):
        act(sim)
    printed = diag.at(part).fault
    counter.run(30.0)
    changed = next(event for event in reversed(counter.heard) if isinstance(event, PartChanged) and event.part == part)
    shown = device_fault(part, changed.health.value, changed.code)
    assert (shown.code if shown else "") == (printed.code if printed else "")
    desk.hear(changed)
    assert desk.volatile.conditions[part].fault == (printed.number if printed else 0)
