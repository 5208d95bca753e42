"""The nouns of the library desk, and nothing that touches a clock, a disk or a wire."""

from kiosk.domain.nouns import (
    CardUid,
    Fen,
    ItemBarcode,
    Key,
    PatronId,
    Pseudonym,
    SecurityProof,
    SecurityState,
)
from kiosk.domain.refusal import Refusal

__all__ = [
    "CardUid",
    "Fen",
    "ItemBarcode",
    "Key",
    "PatronId",
    "Pseudonym",
    "Refusal",
    "SecurityProof",
    "SecurityState",
]
