"""One device each: owns the driver's loop, speaks library to the core, can be tested, restarted and watched.

A part posts events of kiosk.flow from its own task and takes orders from the core without blocking it.
"""

from kiosk.machine.parts.card import CardPart
from kiosk.machine.parts.common import Hints, Part, Wire
from kiosk.machine.parts.pad import PadPart
from kiosk.machine.parts.printer import PrinterPart
from kiosk.machine.parts.scanner import ScannerPart

__all__ = ["CardPart", "Hints", "PadPart", "Part", "PrinterPart", "ScannerPart", "Wire"]
