"""Codes in a stream of bytes: each ends with CR, LF or TAB, as scanners are set up at the factory. Pure."""

from __future__ import annotations

from dataclasses import dataclass

ENDS = b"\r\n\t"


@dataclass(frozen=True, slots=True)
class TooLong:
    """More bytes than any code has came without an end; they were thrown away."""


Piece = bytes | TooLong


class Cutter:
    """Cuts a stream into codes, however the bytes arrive. Never raises. Empty pieces (CR before LF) are left out."""

    def __init__(self, bytes_max: int, ends: bytes = ENDS) -> None:
        self._bytes_max = bytes_max
        self._ends = frozenset(ends)
        self._buffer = bytearray()
        self._overrun = False

    @property
    def partial(self) -> bool:
        """A code has begun and not ended."""
        return self._overrun or bool(self._buffer)

    def feed(self, data: bytes) -> list[Piece]:
        pieces: list[Piece] = []
        for byte in data:
            if byte in self._ends:
                pieces += self.flush()
            elif len(self._buffer) < self._bytes_max and not self._overrun:
                self._buffer.append(byte)
            else:
                self._overrun = True
        return pieces

    def flush(self) -> list[Piece]:
        """What has come of a code so far, as if it ended here."""
        piece: Piece = TooLong() if self._overrun else bytes(self._buffer)
        self._buffer.clear()
        self._overrun = False
        return [piece] if piece != b"" else []
