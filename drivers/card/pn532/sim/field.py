"""Cards in a radio field: who answers a request, and what a card keeps. Used by the simulated PN532.

The states follow ISO/IEC 14443-3 (6.2) and -4: a halted card is silent until the field drops; an active one answers
only the second request; one in the protocol layer answers no request at all. Real chips are kinder (traces of PN532 1.x
show a deselected card found again), so a driver that lives with this field lives with those.
"""

from __future__ import annotations

import enum
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

SECTOR_BLOCKS = 4
BLOCK_BYTES = 16
KEY_FACTORY = bytes.fromhex("FFFFFFFFFFFF")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card as the air sees it. `uid` None: it makes up four bytes at each activation, 08 first, as phones do."""

    uid: bytes | None
    atqa: int = 0x0004
    sak: int = 0x08
    ats: bytes = b""  # with its length byte; only when the SAK says ISO 14443-4
    key: bytes = KEY_FACTORY  # key A and B of all sectors
    blocks: Mapping[int, bytes] = field(default_factory=dict)  # what is not named reads as zeros


def m1_card(uid_hex: str, blocks: Mapping[int, bytes] | None = None) -> Card:
    """MIFARE Classic 1K, the usual campus card of the older kind."""
    return Card(uid=bytes.fromhex(uid_hex), blocks=blocks or {})


def cpu_card(uid_hex: str) -> Card:
    """An ISO 14443-4 card with a fixed uid (FM1208 class). The ATS is invented."""
    return Card(uid=bytes.fromhex(uid_hex), atqa=0x0008, sak=0x20, ats=bytes.fromhex("0578807002"))


def phone() -> Card:
    """A phone that emulates a card: a new random uid each time."""
    return Card(uid=None, atqa=0x0004, sak=0x20, ats=bytes.fromhex("0578807002"))


class _State(enum.Enum):
    IDLE = enum.auto()
    ACTIVE = enum.auto()
    PROTOCOL = enum.auto()
    HALTED = enum.auto()


class Present:
    """A card that lies in the field, powered or not."""

    def __init__(self, card: Card, dice: random.Random) -> None:
        self.card = card
        self._dice = dice
        self.power_off()

    def power_off(self) -> None:
        self.uid = self.card.uid if self.card.uid is not None else bytes([0x08]) + self._dice.randbytes(3)
        self.state = _State.IDLE
        self.sector: int | None = None  # the one authenticated last

    def activate(self) -> bool:
        """Request, anticollision, select and, where the card knows it, the protocol layer; a retry is included."""
        if self.state in (_State.HALTED, _State.PROTOCOL):
            return False
        self.state = _State.PROTOCOL if self.card.ats else _State.ACTIVE
        self.sector = None
        return True

    def halt(self) -> None:
        self.state = _State.HALTED

    def authenticate(self, block: int, key: bytes, uid: bytes) -> bool:
        good = self.state is _State.ACTIVE and key == self.card.key and uid == self.uid[-4:]
        self.sector = block // SECTOR_BLOCKS if good else None
        if not good:
            self.state = _State.HALTED
        return good

    def read(self, block: int) -> bytes | None:
        if self.state is not _State.ACTIVE or self.sector != block // SECTOR_BLOCKS:
            return None
        return self.card.blocks.get(block, bytes(BLOCK_BYTES))


class CardField:
    """What lies on the reader. `put`, `lift` and `clear` may be called while a simulator runs."""

    def __init__(self, *cards: Card, seed: int = 0) -> None:
        self._dice = random.Random(seed)
        self._present: tuple[Present, ...] = tuple(Present(card, self._dice) for card in cards)

    def put(self, card: Card) -> None:
        self._present = (*self._present, Present(card, self._dice))

    def lift(self, card: Card) -> None:
        self._present = tuple(present for present in self._present if present.card is not card)

    def clear(self) -> None:
        self._present = ()

    def power_off(self) -> None:
        """The field drops: every card forgets where it was."""
        for present in self._present:
            present.power_off()

    def activate(self, most: int, uid: bytes = b"") -> list[Present]:
        """Brings up to `most` cards up, lowest uid first (the anticollision decides); with `uid` only that card."""
        willing = sorted(self._present, key=lambda present: present.uid)
        found: list[Present] = []
        for present in willing:
            if len(found) < most and uid in (b"", present.uid) and present.activate():
                found.append(present)
        return found

    def holds(self, present: Present) -> bool:
        return present in self._present
