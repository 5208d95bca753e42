"""Scanners that play a keyboard, each code ended by ENTER or TAB."""

from drivers.barcode.wedge.device import open_wedge
from drivers.barcode.wedge.driver import WedgeScanner, WedgeSettings

__all__ = ["WedgeScanner", "WedgeSettings", "open_wedge"]
