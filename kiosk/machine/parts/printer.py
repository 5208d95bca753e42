"""The receipt printer: asked for paper before it is offered, and believed only when it proves the page."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, Final

from drivers.clock import Hub, Mailbox, MailboxFull
from drivers.errors import DriverError
from drivers.receipt import (
    Align,
    Cut,
    NotStarted,
    Pair,
    Paper,
    Printed,
    PrinterStatus,
    ReceiptPage,
    ReceiptPrinter,
    Rule,
    Text,
)
from drivers.receipt.contract import Element
from kiosk.flow import devices
from kiosk.flow.devices import PaperChanged, PartTested
from kiosk.flow.orders import Receipt
from kiosk.machine.parts.common import Post, Wire, health_event

LOOK_S: Final = 5.0  # from look to look while nothing is printed
ASK_S_MAX: Final = 2.0
PRINT_S_MAX: Final = 15.0
ORDERS_MAX: Final = 8


class _Stop:
    pass


class _Test:
    pass


class PrinterPart:
    """Prints what is ordered, looks at the paper in between."""

    name = "printer"

    def __init__(self, *, hub: Hub, wire: Wire, make_printer: Callable[[Wire], ReceiptPrinter], post: Post) -> None:
        self.wire = wire
        self._hub = hub
        self._make_printer = make_printer
        self._post = post
        self._loop = self._new_loop()

    def _new_loop(self) -> _Loop:
        return _Loop(self._hub, self._make_printer(self.wire), self._post)

    def start(self) -> None:
        self._hub.spawn("printer", self._loop.run)

    def stop(self) -> None:
        self._loop.stop()
        self._loop = self._new_loop()

    def test(self) -> None:
        self._loop.order(_Test())

    def print(self, receipt: Receipt) -> None:
        """Prints; one devices.Printed follows."""
        if not self._loop.order(receipt):
            self._post(devices.Printed(ok=False))


class _Loop:
    """One run of the driver, with orders and a wire of its own: one that ends late takes nothing from its successor."""

    name = PrinterPart.name

    def __init__(self, hub: Hub, printer: ReceiptPrinter, post: Post) -> None:
        self._hub = hub
        self._printer = printer
        self._to_core = post
        self._orders: Mailbox[Receipt | _Stop | _Test] = hub.mailbox(ORDERS_MAX)
        self._stopped = False
        self._told: devices.Paper | None = None
        self._health_told = ("", "")

    def order(self, order: Receipt | _Test) -> bool:
        """False where it hangs, and enough waits for it already."""
        try:
            self._orders.put(order)
        except MailboxFull:
            return False
        return True

    def stop(self) -> None:
        self._stopped = True
        with contextlib.suppress(MailboxFull):  # then it ends after what it is at
            self._orders.put(_Stop())

    def run(self) -> None:
        while not self._stopped:
            self._look()
            match self._orders.get(self._hub.now() + LOOK_S):
                case Receipt() as receipt:
                    self._post(devices.Printed(ok=not self._stopped and self._print(receipt)))
                case _Test():
                    self._test()
                case _Stop() | None:
                    pass
        self._printer.close()
        while (order := self._orders.get(self._hub.now())) is not None:
            if isinstance(order, Receipt):
                self._post(devices.Printed(ok=False))

    def _post(self, event: Any) -> None:
        """Once stopped it still owes an answer to each slip, and has nothing to say of the printer any more."""
        if not self._stopped or isinstance(event, devices.Printed):
            self._to_core(event)

    def _print(self, receipt: Receipt) -> bool:
        try:
            outcome = self._printer.print(page(receipt), self._hub.now() + PRINT_S_MAX)
        except DriverError:
            return False
        match outcome:
            case Printed(status=status) | NotStarted(status=status):
                self._tell(status)
            case _:
                pass
        return isinstance(outcome, Printed)

    def _look(self) -> None:
        try:
            self._tell(self._printer.status(self._hub.now() + ASK_S_MAX))
        except DriverError as error:
            self._tell(None, error.code)

    def _tell(self, status: PrinterStatus | None, code: str = "") -> None:
        paper = _paper(status)
        if paper is not self._told:
            self._told = paper
            self._post(PaperChanged(paper=paper))
        health, code = self._printer.health, code if status is None else stopped_by(status)
        if (health.value, code) != self._health_told:
            self._health_told = (health.value, code)
            self._post(health_event(self.name, health, code))

    def _test(self) -> None:
        try:
            outcome = self._printer.self_test(self._hub.now() + PRINT_S_MAX)
        except DriverError as error:
            self._post(PartTested(part=self.name, ok=False, numbers=error.code))
            return
        self._post(PartTested(part=self.name, ok=isinstance(outcome, Printed), numbers=type(outcome).__name__.lower()))


def stopped_by(status: PrinterStatus) -> str:
    """What keeps a printer that answers from printing, or soon will; "" for nothing."""
    if status.paper_end:
        return "paper-end"
    if status.error is not None:
        return status.error.value
    if not status.ready:
        return "open"
    return "paper-low" if status.paper is Paper.NEAR_END else ""


def _paper(status: PrinterStatus | None) -> devices.Paper:
    if status is None:
        return devices.Paper.FAULT
    if status.paper_end:
        return devices.Paper.OUT
    if not status.ready:
        return devices.Paper.FAULT
    return devices.Paper.LOW if status.paper is Paper.NEAR_END else devices.Paper.READY


def page(receipt: Receipt) -> ReceiptPage:
    """The slip on paper."""
    elements: list[Element] = [
        Text(text=receipt.library, align=Align.CENTER, bold=True),
        Text(text=receipt.title, align=Align.CENTER, bold=True, double=True),
        Text(text=receipt.time, align=Align.CENTER),
    ]
    if receipt.reader:
        elements.append(Text(text=receipt.reader, align=Align.CENTER))
    elements.append(Rule())
    for line in receipt.lines:
        elements.append(Text(text=line.title))
        if line.call_number or line.item:
            elements.append(Pair(key=line.call_number, value=line.item))
        if line.word or line.due:
            elements.append(Pair(key=line.word, value=line.due, bold=True))
    elements += [Rule(), Text(text=receipt.count, bold=True)]
    elements += [Text(text=note) for note in receipt.notes]
    elements += [Text(text=receipt.reference), Cut()]
    return ReceiptPage(tuple(elements))
