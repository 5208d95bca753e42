"""The far end of a scanner's serial line: what a scanner sends when its trigger is pulled, well or badly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class ScannerSetup:
    """As printed on the scanner's set-up sheet, and how it fails."""

    prefix: bytes = b""
    aim: bool = False
    suffix: bytes = b""
    end: bytes = b"\r"
    encoding: str = "utf-8"
    chunk_bytes: int = 0  # the line delivers pieces of this size; 0: at once


class SerialScannerSim:
    """Writes to its wire by `write`; hears nothing, as most scanners do."""

    def __init__(self, write: Callable[[bytes], None], setup: ScannerSetup | None = None) -> None:
        self.setup = setup or ScannerSetup()
        self._write = write

    def scan(self, text: str, symbology: str = "C1") -> None:
        """A code is read."""
        self.send(self._body(text, symbology) + self.setup.end)

    def tear(self, text: str, after: int) -> None:
        """The cable is shaken after so many bytes: the rest never comes."""
        self.send(self._body(text, "C1")[:after])

    def send(self, data: bytes) -> None:
        """These very bytes."""
        step = self.setup.chunk_bytes or max(1, len(data))
        for at in range(0, len(data), step):
            self._write(data[at : at + step])

    def _body(self, text: str, symbology: str) -> bytes:
        aim = f"]{symbology}".encode() if self.setup.aim else b""
        return self.setup.prefix + aim + text.encode(self.setup.encoding) + self.setup.suffix
