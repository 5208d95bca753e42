"""The contract on a real printer: `CIRCDESK_RECEIPT=usb:04b8:0202 pytest -m hardware tests/contract/receipt`.

Also `serial:/dev/ttyUSB0:9600` and `tcp:192.0.2.7:9100`. `CIRCDESK_RECEIPT_MODEL` is the python-escpos profile,
`CIRCDESK_RECEIPT_CLEARS=1` says that the model obeys DLE DC4 fn 8. Prints two short pages.
"""

from __future__ import annotations

import os
from functools import partial

import pytest

from drivers.clock import ThreadHub
from drivers.link import Opener
from drivers.receipt import Printed, ReceiptPrinter
from drivers.receipt.escpos import EscposPrinter, EscposProfile
from drivers.serial_link import open_serial
from drivers.tcp_link import open_tcp
from drivers.usb_link import UsbId, open_usb
from tests.contract.receipt.bench import page

pytestmark = pytest.mark.hardware
HUB = ThreadHub()
PRINT_S_MAX = 30.0


def opener(address: str) -> Opener:
    kind, _, rest = address.partition(":")
    first, _, second = rest.rpartition(":") if kind != "usb" else rest.partition(":")
    match kind:
        case "serial":
            return partial(open_serial, first, int(second), "N", clock=HUB, name="receipt")
        case "tcp":
            return partial(open_tcp, first, int(second), clock=HUB, name="receipt")
        case "usb":
            product, _, serial = second.partition(":")
            usb_id = UsbId(vendor=int(first, 16), product=int(product, 16), serial=serial)
            return partial(open_usb, usb_id, clock=HUB, name="receipt")
    raise ValueError(f"no wire is called {kind!r}")


@pytest.fixture
def printer() -> ReceiptPrinter:
    address = os.environ.get("CIRCDESK_RECEIPT")
    if not address:
        pytest.skip("CIRCDESK_RECEIPT names no printer")
    profile = EscposProfile(
        model=os.environ.get("CIRCDESK_RECEIPT_MODEL", "default"),
        clears_buffer=os.environ.get("CIRCDESK_RECEIPT_CLEARS") == "1",
    )
    return EscposPrinter("receipt", opener(address), HUB, profile)


def test_the_printer_on_the_bench_is_ready(printer: ReceiptPrinter) -> None:
    assert printer.status(HUB.now() + 2.0).ready


def test_the_printer_on_the_bench_proves_its_self_test_page(printer: ReceiptPrinter) -> None:
    assert isinstance(printer.self_test(HUB.now() + PRINT_S_MAX), Printed)


def test_the_printer_on_the_bench_proves_a_receipt(printer: ReceiptPrinter) -> None:
    assert isinstance(printer.print(page(), HUB.now() + PRINT_S_MAX), Printed)
