"""What every campus-card reader promises, whatever its protocol.

A reader lists the ISO 14443 type A cards in its field. It knows no reader, no account and no number format: a uid is an
identifier, not a proof (MIFARE Classic uids can be cloned), and `card_number` turns it into what the site calls a card
number.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import NewType, Protocol

CardUid = NewType("CardUid", str)  # hex, upper case, in the order the card sent it

UID_LENGTHS = (4, 7, 10)  # single, double, triple size (ISO/IEC 14443-3, 6.4.4)
RANDOM_UID_FIRST = 0x08  # first byte of a 4-byte uid that the card makes up anew each time (ISO/IEC 14443-3, table 7)
SAK_CLASSIC = 0x08  # NXP AN10833: set in 08, 09, 18, 28, 38, 88
SAK_ISO14443_4 = 0x20  # ISO/IEC 14443-3, table 9


class CardKind(enum.StrEnum):
    """What stands in the SAK byte. The ATQA is not asked: some readers swap its bytes."""

    CLASSIC = "classic"  # M1, S50, S70: sectors behind 6-byte keys
    CPU = "cpu"  # ISO 14443-4: CPU cards, DESFire, phones
    CPU_CLASSIC = "cpu+classic"  # one chip that is both
    MEMORY = "memory"  # Ultralight, NTAG
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSeen:
    """One card in the field. Its uid is reader data: it stays out of repr, logs and messages."""

    uid: bytes = field(repr=False)
    atqa: int
    sak: int

    @property
    def hex(self) -> CardUid:
        return CardUid(self.uid.hex().upper())

    @property
    def kind(self) -> CardKind:
        match bool(self.sak & SAK_ISO14443_4), bool(self.sak & SAK_CLASSIC):
            case (True, True):
                return CardKind.CPU_CLASSIC
            case (True, False):
                return CardKind.CPU
            case (False, True):
                return CardKind.CLASSIC
        return CardKind.MEMORY if self.sak == 0 else CardKind.OTHER

    @property
    def random(self) -> bool:
        """The card invents its uid each time it is shown, as phones do: no reader can be found by it."""
        return len(self.uid) == 4 and self.uid[0] == RANDOM_UID_FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderIdentity:
    """Who answers on the wire."""

    model: str
    firmware: str


class KeyKind(enum.IntEnum):
    """Which of a sector's two keys (NXP MF1S50, 10.1): the value is the authentication command."""

    A = 0x60
    B = 0x61


class CardReader(Protocol):
    """An open reader. Not thread-safe: one owner. `by` is monotonic time.

    Every call raises LinkLost (the wire is gone), NoReply (the deadline passed), BadFrame or DeviceFault. After any of
    them but LinkLost the reader may be asked again: it finds its own way back to a known state.
    """

    def identify(self, by: float) -> ReaderIdentity:
        """Asks who is there. Raises DeviceFault when it is another device."""

    def poll(self, by: float) -> tuple[CardSeen, ...]:
        """One look at the field: no card, one, or two (more are reported as two). The field is off afterwards."""

    def read_block(self, card: CardSeen, block: int, key: bytes, kind: KeyKind, by: float) -> bytes:
        """16 bytes of a MIFARE Classic card's block, where some sites keep the student number.

        `key` has 6 bytes. Raises Refused: "card-gone" (this card is not there), "auth" (wrong key) or "read".
        """

    def close(self) -> None:
        """Gives the wire back; harmless when repeated."""
