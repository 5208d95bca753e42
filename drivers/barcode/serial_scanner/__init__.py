"""Scanners that send bytes over a serial line, each code ended by CR, LF or TAB."""

from drivers.barcode.serial_scanner.driver import SerialScanner, SerialSettings

__all__ = ["SerialScanner", "SerialSettings"]
