"""Receipt printers that speak ESC/POS: Epson TM, Citizen CT, and most Chinese models."""

from drivers.receipt.escpos.driver import EscposPrinter
from drivers.receipt.escpos.encode import Charset, EscposProfile
from drivers.receipt.escpos.protocol import Marker

__all__ = ["Charset", "EscposPrinter", "EscposProfile", "Marker"]
