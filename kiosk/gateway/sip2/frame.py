"""Frames on the wire: where one message ends, its sequence digit and its checksum. Bytes only, no characters.

Source: 3M Standard Interchange Protocol 2.00, "Error detection"; the deviations were read in or observed on Koha,
pysip2 and invenio-sip2 servers and on captured replies of Evergreen and dp2.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

FRAME_BYTES_MAX = 65_536
"""Longest message accepted. A patron with 200 loans of 60 characters makes 13 kB; beyond 64 kB nobody frames."""

_CR = b"\r"
_LEFTOVERS = b"\n\r\0"
_TRAILER = re.compile(rb"(?:AY([0-9]))?AZ([0-9A-Fa-f]{1,4})\Z")


class Checksum(enum.Enum):
    """What the trailer says about the bytes before it."""

    ABSENT = "absent"
    GOOD = "good"
    BAD = "bad"


class Flaw(enum.StrEnum):
    """Why bytes are no message."""

    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"  # the fixed part is not whole
    NO_COMMAND = "no_command"  # the first two characters are no message of SIP2
    BAD_FIELD = "bad_field"  # a mandatory field is missing or makes no sense


@dataclass(frozen=True, slots=True, kw_only=True)
class BadMessage:
    """Bytes that are no message: a value, since a wire may carry anything. `where` names the field, never its text."""

    flaw: Flaw
    where: str = ""


@dataclass(frozen=True, slots=True)
class Trailed:
    """A frame taken apart: `body` runs from the command to the last field."""

    body: bytes
    sequence: int | None
    checksum: Checksum


class Framer:
    """Bytes in, whole frames out, however the wire cut them. The terminator and what leads the next frame are dropped.

    Koha ends a message with CR LF, others with CR; some pad with NUL. CR cannot be the second byte of a GBK or UTF-8
    character, so cutting at the byte is safe before anything is decoded.
    """

    def __init__(self, limit: int = FRAME_BYTES_MAX) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._skipping = False

    def feed(self, data: bytes) -> list[bytes | BadMessage]:
        """Takes what arrived; returns the frames that it completed, in order. Too long a frame counts once."""
        frames: list[bytes | BadMessage] = []
        self._buffer += data
        while (end := self._buffer.find(_CR)) >= 0:
            frame = bytes(self._buffer[:end]).lstrip(_LEFTOVERS)
            del self._buffer[: end + 1]
            if self._skipping or len(frame) > self._limit:
                frames.extend(self._oversized())
                self._skipping = False
            elif frame:
                frames.append(frame)
        if len(self._buffer) > self._limit:
            frames.extend(self._oversized())
            self._buffer.clear()
        return frames

    @property
    def residue(self) -> bytes:
        """Bytes of an unfinished frame; line ends and NULs that only separate frames do not count."""
        return b"" if self._skipping else bytes(self._buffer).lstrip(_LEFTOVERS)

    def _oversized(self) -> list[BadMessage]:
        if self._skipping:
            return []
        self._skipping = True
        return [BadMessage(flaw=Flaw.TOO_LONG)]


def checksum(data: bytes) -> int:
    """Two's complement of the 16-bit sum of all bytes from the command up to and including the letters `AZ`."""
    return -sum(data) & 0xFFFF


def seal(body: bytes, sequence: int | None) -> bytes:
    """Adds the trailer: `AY<digit>AZ<checksum>`, or only `AZ<checksum>` without a digit (96 and 97)."""
    head = body + (b"AZ" if sequence is None else b"AY%dAZ" % sequence)
    return head + b"%04X" % checksum(head)


def split_trailer(frame: bytes) -> Trailed:
    """Takes the trailer off. Accepts 1-4 hex digits in either case: invenio-sip2 does not pad them with zeros."""
    found = _TRAILER.search(frame, max(0, len(frame) - 9))
    if found is None:
        return Trailed(frame, None, Checksum.ABSENT)
    good = checksum(frame[: found.start(2)]) == int(found.group(2), 16)
    digit = found.group(1)
    return Trailed(
        frame[: found.start()], None if digit is None else int(digit), Checksum.GOOD if good else Checksum.BAD
    )
