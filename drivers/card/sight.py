"""From noisy looks at the field to one story: a card was shown, it is gone, there are two. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from drivers.card.contract import CardKind, CardSeen, CardUid
from drivers.health import Health
from drivers.presence import Presence

RANDOM = CardUid("random")  # stands for a uid that is another one at every look


@dataclass(frozen=True, slots=True, kw_only=True)
class CardShown:
    """One card lies on the reader, alone. `block` is what its sector held, where the site asks for it."""

    uid: CardUid = field(repr=False)
    kind: CardKind
    block: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CardGone:
    """The reader is empty."""


@dataclass(frozen=True, slots=True)
class CardsMany:
    """Two cards or more: nobody can say whose turn it is. Ask the reader to show one."""


class WhyUnreadable(enum.StrEnum):
    RANDOM_UID = "random-uid"  # a phone, or a card that hides: its number means nothing
    FOREIGN = "foreign"  # it has no such sector as the site asks for, or another key: a card of another library


@dataclass(frozen=True, slots=True, kw_only=True)
class CardUnreadable:
    """One card lies on the reader, and it tells nobody's number."""

    why: WhyUnreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class CardHealth:
    """The reader's health changed. `code` is the last fault's, empty when well."""

    health: Health
    code: str = ""


CardEvent = CardShown | CardGone | CardsMany | CardUnreadable | CardHealth
_Picture = CardShown | CardGone | CardsMany | CardUnreadable


class Sight:
    """Folds looks into events: each tells the whole state of the reader, and none is told twice in a row.

    A card that is exchanged quickly for another is not called "two cards": only two in one look are, or two that keep
    answering in turn.
    """

    def __init__(self, *, seen_after: int = 1, left_after: int = 3) -> None:
        self._presence: Presence[CardUid] = Presence(seen_after=seen_after, left_after=left_after)
        self._known: dict[CardUid, CardSeen] = {}
        self._crowded = 0  # looks in a row with more than one card present
        self._left_after = left_after
        self._told: _Picture | None = CardGone()

    def look(self, cards: tuple[CardSeen, ...]) -> tuple[_Picture, ...]:
        """Takes what one poll saw."""
        uids = {RANDOM if card.random else card.hex: card for card in cards}
        self._presence.scan(uids)
        self._known = {
            uid: card for uid, card in (self._known | uids).items() if uid in self._presence.present | set(uids)
        }
        self._crowded = self._crowded + 1 if len(self._presence.present) > 1 else 0
        return self._tell(self._picture(together=len(cards) > 1))

    def lost(self) -> tuple[_Picture, ...]:
        """The reader is gone or mute: what it showed is no longer known to be there."""
        self._presence.clear()
        self._known.clear()
        self._crowded = 0
        return self._tell(CardGone())

    def forget(self) -> None:
        """What was told last did not arrive: the next look tells it again."""
        self._told = None

    def _picture(self, together: bool) -> _Picture | None:
        present = sorted(self._presence.present)
        if not present:
            return CardGone()
        if len(present) > 1:
            return CardsMany() if together or self._crowded >= self._left_after else self._told
        if present[0] == RANDOM:
            return CardUnreadable(why=WhyUnreadable.RANDOM_UID)
        return CardShown(uid=present[0], kind=self._known[present[0]].kind)

    def _tell(self, picture: _Picture | None) -> tuple[_Picture, ...]:
        if picture is None or picture == self._told:
            return ()
        self._told = picture
        return (picture,)
