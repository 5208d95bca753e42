"""Pad, card reader, scanner and printer, each through its own driver. Who is asked answers with numbers."""

from __future__ import annotations

import os
from typing import Final

from drivers.barcode import Scanned, Scanner
from drivers.card import CardReader
from drivers.clock import Clock
from drivers.errors import BadFrame, DriverError, LinkLost, NoReply
from drivers.receipt import Paper, Printed, PrinterError, PrinterStatus, ReceiptPrinter
from drivers.rfid.contract import Pad
from kiosk.diag.findings import Finding, bad, care, good
from kiosk.domain.faults import Fault, device_fault, devices, port_code

LOOK_S_MAX: Final = 5.0
PRINT_S_MAX: Final = 15.0
_STOPPED: Final = {
    PrinterError.CUTTER: devices.PRINTER_CUTTER,
    PrinterError.PASSING: devices.PRINTER_HOT,
    PrinterError.FATAL: devices.PRINTER_BROKEN,
    PrinterError.OTHER: devices.PRINTER_BROKEN,
}


def look_at_pad(pad: Pad, clock: Clock) -> Finding:
    """Who it is, and every tag read once."""
    try:
        identity = pad.identify(clock.now() + LOOK_S_MAX)
        test = pad.self_test(clock.now() + LOOK_S_MAX)
    except DriverError as error:
        return trouble("pad", error)
    numbers = (
        f"{identity.model} {identity.firmware}",
        f"{test.tags_read}/{test.tags_found} tags",
        f"{test.elapsed_ms} ms",
        f"weakest {test.weakest_rssi}" if test.weakest_rssi is not None else "",
    )
    if test.tags_read < test.tags_found:
        return care("pad", devices.PAD_RADIO, *numbers, cause="some tags are seen but cannot be read")
    return good("pad", *numbers)


def look_at_card(reader: CardReader, clock: Clock) -> Finding:
    """Who it is, and how many cards lie there; never which."""
    try:
        identity = reader.identify(clock.now() + LOOK_S_MAX)
        began = clock.now()
        cards = reader.poll(clock.now() + LOOK_S_MAX)
    except DriverError as error:
        return trouble("card", error)
    many = {0: "no card", 1: "1 card"}.get(len(cards), "2 cards or more")
    return good("card", f"{identity.model} {identity.firmware}".strip(), many, _ms(clock, began))


def look_at_scanner(scanner: Scanner, clock: Clock, wait_s: float) -> Finding:
    """Its wire; and one code, when somebody scans within `wait_s`. A silent scanner is well."""
    try:
        began = clock.now()
        scan = scanner.read(began + wait_s)
    except DriverError as error:
        return trouble("scanner", error)
    if scan is None:
        return good("scanner", "open", "nothing was scanned" if wait_s else "")
    if isinstance(scan, Scanned):
        kind = f"AIM {scan.symbology}" if scan.symbology else ""
        return good("scanner", f"a code of {len(scan.text)} characters", kind)
    fault = device_fault("scanner", "garbled")
    assert fault is not None, "garbled is one of the six"
    return care("scanner", fault, cause=f"a scan could not be read: {scan.why}")


def look_at_printer(printer: ReceiptPrinter, clock: Clock, *, page: bool = False) -> Finding:
    """How it is; prints a test page when asked to."""
    try:
        began = clock.now()
        status = printer.status(began + LOOK_S_MAX)
        answered = _ms(clock, began)
        identity = printer.identify(clock.now() + LOOK_S_MAX) if status.ready else None
        outcome = printer.self_test(clock.now() + PRINT_S_MAX) if page and status.ready else None
    except DriverError as error:
        return trouble("printer", error)
    model = f"{identity.maker} {identity.model}".strip() if identity else ""
    numbers = (model, f"paper {status.paper.value}", answered, "page printed" if isinstance(outcome, Printed) else "")
    fault = _printer_fault(status)
    if fault is not None:
        return bad("printer", fault, *numbers)
    if outcome is not None and not isinstance(outcome, Printed):
        return care("printer", devices.RECEIPT_UNPROVEN, *numbers)
    if status.paper is Paper.NEAR_END:
        return care("printer", devices.PAPER_LOW, *numbers)
    return good("printer", *numbers)


def trouble(part: str, error: DriverError) -> Finding:
    """What a driver's error means, by number."""
    fault = device_fault(part, _kind(error), _code(error))
    assert fault is not None, "every kind of error has its place in the catalogue"
    return bad(part, fault, cause=f"{_told(error)} [{error.code}]")


def _printer_fault(status: PrinterStatus) -> Fault | None:
    if status.paper_end:
        return devices.PAPER_OUT
    if status.error is not None:
        return _STOPPED[status.error]
    return None if status.ready else devices.PRINTER_OPEN


def _told(error: DriverError) -> str:
    """The error's own words; where the system said no, they are shorter."""
    number = _errno(error)
    return error.message if number is None else f"{error.message.partition(':')[0]}: {os.strerror(number)}"


def _errno(error: DriverError) -> int | None:
    cause = error.__cause__
    return cause.errno if isinstance(cause, OSError) else None


def _kind(error: DriverError) -> str:
    match error:
        case LinkLost():
            return "gone"
        case NoReply():
            return "mute"
        case BadFrame():
            return "garbled"
        case _:
            return "refused"


def _code(error: DriverError) -> str:
    """The driver's word; for a port that could not be opened, the system's reason."""
    return port_code(_errno(error), error.code) if isinstance(error, LinkLost) else error.code


def _ms(clock: Clock, began: float) -> str:
    return f"{(clock.now() - began) * 1000:.0f} ms"
