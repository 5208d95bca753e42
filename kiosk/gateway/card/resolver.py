"""What every source of cards promises, and the forms in which a card's uid is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal, Protocol

from kiosk.domain import PatronId, Refusal
from kiosk.gateway.config import CardForm

_HEX: Final = re.compile(r"(?:[0-9A-F]{2}){4,10}\Z")
_RANDOM: Final = re.compile(r"08[0-9A-F]{6}\Z")

Resolved = PatronId | Refusal


class CardResolver(Protocol):
    """Cards to readers. Safe to call from any task; must not block for long."""

    def resolve(self, card: str) -> Resolved:
        """The reader of a card, or PATRON_UNKNOWN, PATRON_CARD_LOST, PATRON_CARD_RANDOM."""

    def cards(self) -> Iterator[tuple[str, PatronId]]:
        """Every card that may be used, as the machines send it, with its reader; for offline snapshots."""

    def refresh(self) -> None:
        """Takes over what has changed at the source; called now and then."""


def is_random(card: str) -> bool:
    """A four-byte uid that begins with 08 is made up anew for every tap (ISO/IEC 14443-3, 6.5.4)."""
    return _RANDOM.match(card.upper()) is not None


def in_form(card: str, form: CardForm, digits: int) -> str:
    """A uid as read (hex, first byte first) in the site's form; anything that is no uid stays as it is."""
    text = card.strip().upper()
    if form is CardForm.AS_IS or _HEX.match(text) is None:
        return text
    raw = bytes.fromhex(text)
    match form:
        case CardForm.HEX:
            return text
        case CardForm.HEX_REVERSED:
            return raw[::-1].hex().upper()
        case CardForm.DECIMAL:
            return str(int.from_bytes(raw, "big")).zfill(digits)
        case CardForm.DECIMAL_REVERSED:
            return str(int.from_bytes(raw, "little")).zfill(digits)


def as_read(number: str, form: CardForm) -> str:
    """The inverse of `in_form`, as far as a decimal number allows: below 2**32 it is taken for a four-byte uid."""
    if form is CardForm.HEX_REVERSED and _HEX.match(number):
        return bytes.fromhex(number)[::-1].hex().upper()
    if form in (CardForm.DECIMAL, CardForm.DECIMAL_REVERSED) and number.isascii() and number.isdigit():
        value = int(number)
        size = 4 if value < 1 << 32 else 7
        order: Literal["big", "little"] = "big" if form is CardForm.DECIMAL else "little"
        return value.to_bytes(size, order).hex().upper() if value < 1 << 8 * size else number
    return number
