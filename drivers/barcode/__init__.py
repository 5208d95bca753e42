"""Barcodes and QR codes: what a reader holds under the light.

A `Scanner` (on a serial line in `serial_scanner`, or playing a keyboard in `wedge`) gives whole codes as text.
`ScanWatch` owns it and tells events: `Scanned`, `ScanUnreadable`, `ScannerHealth`. Half a barcode can be another
book's, so a code that is not known to be whole is never told.
"""

from drivers.barcode.contract import (
    Scan,
    ScanEvent,
    Scanned,
    Scanner,
    ScannerHealth,
    ScanUnreadable,
    WhyUnreadable,
)
from drivers.barcode.text import ScanForm
from drivers.barcode.watch import ScanWatch

__all__ = [
    "Scan",
    "ScanEvent",
    "ScanForm",
    "ScanUnreadable",
    "ScanWatch",
    "Scanned",
    "Scanner",
    "ScannerHealth",
    "WhyUnreadable",
]
