"""What the devices tell, in library language: one vocabulary for every machine that has such a device."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from kiosk.domain import ItemBarcode, Pseudonym, SecurityProof, SecurityState
from kiosk.messages.asks import ItemHint, PatronHint


class TagKind(enum.StrEnum):
    """What a tag on the pad turned out to be."""

    ITEM = "item"
    PATRON_CARD = "patron_card"
    BLANK = "blank"
    UNREADABLE = "unreadable"


class Usage(enum.StrEnum):
    """ISO 28560-1 type of usage, as far as a desk cares."""

    CIRCULATING = "circulating"
    NOT_ISSUE_OFFLINE = "not_issue_offline"  # 0x13, 0x15
    NOT_RETURN_OFFLINE = "not_return_offline"  # 0x14
    NEITHER_OFFLINE = "neither_offline"
    REFERENCE = "reference"  # 2x
    DISCARDED = "discarded"  # 7x


@dataclass(frozen=True, slots=True, kw_only=True)
class PadTag:
    """One tag on the pad, decoded. `hint` is what the offline snapshot knows of the item, if it is young enough."""

    uid: str
    kind: TagKind
    item: ItemBarcode = ItemBarcode("")
    owner: str = ""  # owner institution as on the tag, "" when the tag names none
    parts: int = 1
    ordinal: int = 1
    usage: Usage = Usage.CIRCULATING
    security: SecurityState = SecurityState.UNKNOWN
    hint: ItemHint | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PadHolds:
    """The whole pad, whenever it changes."""

    tags: tuple[PadTag, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardShown:
    """One card on the reader. `pseudonym` and `hint` were made from the number by the adapter; `random` is a phone's
    changing number."""

    card: str
    pseudonym: Pseudonym
    hint: PatronHint | None = None
    random: bool = False

    def __repr__(self) -> str:
        return f"CardShown(random={self.random})"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardGone:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class CardsMany:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class CardUnreadable:
    pass


class CodeKind(enum.StrEnum):
    ITEM = "item"
    PATRON = "patron"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """A barcode, told apart by the site's validators so that an item's and a reader's number are never confused."""

    kind: CodeKind
    text: str
    pseudonym: Pseudonym | None = None  # for a patron's code
    patron_hint: PatronHint | None = None
    item_hint: ItemHint | None = None

    def __repr__(self) -> str:
        return f"Scanned(kind={self.kind!s})"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityDone:
    """The outcome of SetSecurity for all tags of one item: the worst proof, and the state if it is the same for all.

    `before` is what was read before anything was written.
    """

    corr: str
    wanted: SecurityState
    state: SecurityState
    proof: SecurityProof
    before: SecurityState = SecurityState.UNKNOWN


class Paper(enum.StrEnum):
    READY = "ready"
    LOW = "low"
    OUT = "out"
    FAULT = "fault"  # cover, offline, mute, gone
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperChanged:
    paper: Paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """The outcome of Print: `ok` only when the printer proved it."""

    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianKnown:
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianRefused:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class PartTested:
    """Result of a self-test: `numbers` are short texts such as "5 tags, 23 ms"."""

    part: str
    ok: bool
    numbers: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WireLines:
    """The last frames of one part's wire, for the technician's eyes."""

    part: str
    lines: tuple[str, ...]


BACK_ONLINE: Final = "back_online"
"""What a machine notes once the library system has all that was decided without it: what was before counts no more."""
ARMING: Final = "arming"
"""What it notes before it arms a tag that did not come armed. The detail: the state before, then the uids."""
ARMED_S_MAX: Final = 86_400.0  # after a day somebody else may have lent it and taken it back


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCounted:
    """How many records wait for their receipt, the age of the oldest, and whether the library system has all others."""

    waiting: int
    oldest_s: float
    booked: bool = True
