"""Receipt printers: a page goes in as a value, and what comes back is what is known about the paper.

`contract` holds the page, the status and the outcomes that every printer answers with; `layout` turns a page into
lines that fit; one folder per command language holds the bytes, the driver and the simulator.
"""

from drivers.receipt.contract import (
    Align,
    Cut,
    Doubt,
    Feed,
    NotStarted,
    Pair,
    Paper,
    Printed,
    PrinterError,
    PrinterIdentity,
    PrinterStatus,
    PrintOutcome,
    PrintUnknown,
    QrCode,
    ReceiptPage,
    ReceiptPrinter,
    Rule,
    Text,
)
from drivers.receipt.layout import page_text

__all__ = [
    "Align",
    "Cut",
    "Doubt",
    "Feed",
    "NotStarted",
    "Pair",
    "Paper",
    "PrintOutcome",
    "PrintUnknown",
    "Printed",
    "PrinterError",
    "PrinterIdentity",
    "PrinterStatus",
    "QrCode",
    "ReceiptPage",
    "ReceiptPrinter",
    "Rule",
    "Text",
    "page_text",
]
