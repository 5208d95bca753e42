"""Campus cards: who holds one up to the machine.

A `CardReader` (PN532 by our own protocol in `pn532`, or any reader of libnfc in `libnfc`) lists the cards in its field.
`CardWatch` owns it and tells a story of events: `CardShown`, `CardGone`, `CardsMany`, `CardUnreadable`, `CardHealth`.
`card_number` turns a uid into the number the site's card centre knows. A uid is reader data, and an identifier,
not a proof.
"""

from drivers.card.contract import CardKind, CardReader, CardSeen, CardUid, KeyKind, ReaderIdentity
from drivers.card.number import ByteOrder, Digits, UidFormat, card_number
from drivers.card.sight import (
    CardEvent,
    CardGone,
    CardHealth,
    CardShown,
    CardsMany,
    CardUnreadable,
    WhyUnreadable,
)
from drivers.card.watch import CardWatch, Sector, WatchSettings

__all__ = [
    "ByteOrder",
    "CardEvent",
    "CardGone",
    "CardHealth",
    "CardKind",
    "CardReader",
    "CardSeen",
    "CardShown",
    "CardUid",
    "CardUnreadable",
    "CardWatch",
    "CardsMany",
    "Digits",
    "KeyKind",
    "ReaderIdentity",
    "Sector",
    "UidFormat",
    "WatchSettings",
    "WhyUnreadable",
    "card_number",
]
