"""Questions of a machine and answers of the gateway (lanes `req/{op}` and `rsp`).

A question names how long its asker waits (`answer_s`, relative, also the broker's expiry). What is personal travels
inside `sealed`; the answer to a sealed question is encrypted under the one-time `reply_key` inside it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

import msgspec

from kiosk.domain import ItemBarcode, Key, PatronId, Refusal
from kiosk.messages.records import Sealed


class Want(enum.StrEnum):
    SUMMARY = "summary"  # counts and flags only
    LOANS = "loans"  # and every loan with title and due date, holds and fees
    END = "end"  # SIP2 35: the reader has gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """Inside the box of an AskPatron. Exactly one of card, patron or typed number names the reader."""

    card: str = field(default="", repr=False)  # card number in the site's form
    patron: PatronId | None = field(default=None, repr=False)
    pin: str = field(default="", repr=False)  # never stored, never repeated by a retry
    pin_given: bool = False
    reply_key: str = field(default="", repr=False)  # base64, 32 bytes, used once


@dataclass(frozen=True, slots=True, kw_only=True)
class Bond:
    """Inside the box of an Intent: whose loan it is. Destroying the day key erases this link, not the chain."""

    patron: PatronId | None = field(repr=False)
    card: str = field(repr=False)
    item: ItemBarcode


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPatron:
    sealed: Sealed  # a Credential
    want: Want


@dataclass(frozen=True, slots=True, kw_only=True)
class AskItem:
    item: ItemBarcode


@dataclass(frozen=True, slots=True, kw_only=True)
class AskEffect:
    """The Intent's journal record, sent early: same bytes, same hash.

    `depends` are unreceipted seqs of this item or reader that the gateway settles first.
    """

    record: msgspec.Raw
    hash: str
    depends: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AskStaff:
    place: str
    screen: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSnapshot:
    """For offline checks: patrons (keyed hashes), items on hold, the block list; and the day keys to seal with."""

    have: str = ""  # version the machine holds, "" for none


Ask = AskPatron | AskItem | AskEffect | AskStaff | AskSnapshot


class Circulation(enum.StrEnum):
    """SIP2 circulation status (18), reduced to what a reader or a bin needs to know."""

    AVAILABLE = "available"  # 03, 09, 10 and others that may be lent
    CHARGED = "charged"  # 04, 05, 07
    ON_HOLD_SHELF = "on_hold_shelf"  # 08
    IN_TRANSIT = "in_transit"  # 10
    LOST = "lost"  # 12
    MISSING = "missing"  # 13
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanLine:
    item: ItemBarcode
    title: str
    due: str  # ISO date where the ILS's form is known, else its text
    overdue: bool = False
    call_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLine:
    title: str
    ready: bool
    place: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeLine:
    amount_fen: int
    what: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatronKnown:
    """None for a number means the ILS did not say. `blocks` are reasons against lending; returns are always open."""

    patron: PatronId = field(repr=False)
    name: str = field(repr=False)  # already masked: a kiosk never holds a full name
    patron_class: str = ""
    limit: int | None = None
    charged: int | None = None
    overdue: int | None = None
    holds_ready: int | None = None
    holds_waiting: int | None = None
    fee_fen: int = 0
    fee_limit_fen: int | None = None
    until: str = ""  # end of a suspension, or of the borrowing rights, when known
    blocks: tuple[Refusal, ...] = ()
    loans: tuple[LoanLine, ...] = field(default=(), repr=False)
    holds: tuple[HoldLine, ...] = field(default=(), repr=False)
    fees: tuple[FeeLine, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatronRefused:
    """Shows nothing of the account. `tries_left` and `locked_s` only for a wrong PIN."""

    reason: Refusal
    tries_left: int | None = None
    locked_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedAnswer:
    """PatronKnown or PatronRefused, AES-256-GCM under the question's reply_key (kiosk.keys.open_reply)."""

    box: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemKnown:
    item: ItemBarcode
    title: str
    call_number: str = ""
    circulation: Circulation = Circulation.AVAILABLE
    reference_only: bool = False
    media_type: str = ""  # SIP2 CK
    discs: int = 0
    location: str = ""  # permanent location
    owner: str = ""
    due: str = ""  # when on loan
    queue: int = 0  # holds waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemUnknown:
    item: ItemBarcode


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectGranted:
    """`alert` and `bin` guide a returned item; they name no reader."""

    key: Key
    due: str = ""
    title: str = ""
    was_on_loan: bool = True  # False: a return of an item the ILS did not have on loan
    hold: bool = False  # a reader waits for this item: holds bin
    bin: str = ""  # SIP2 CL, "" when the ILS has no view
    destination: str = ""  # SIP2 CT
    fee_fen: int = 0
    days_late: int = 0
    paused_until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectRefused:
    key: Key
    reason: Refusal
    detail: str = ""  # a date or a number the sentence needs, never the ILS's free text


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectOpen:
    """The library system was asked and its answer is in doubt.

    `task` is the staff's reference when it went to people.
    """

    key: Key
    task: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffTaken:
    """The call reached the gateway and is shown to staff."""

    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayKey:
    kid: str
    public: str  # base64
    day: str  # ISO date it is meant for


@dataclass(frozen=True, slots=True, kw_only=True)
class PatronHint:
    """One reader in the offline snapshot: keyed hashes of each of his numbers, and the rules that matter."""

    who: str  # HMAC-SHA256(snapshot key, card or patron number), hex
    patron: str = ""  # with a card's number: the patron number, veiled by the card's (kiosk.keys.veil), hex
    room: int  # how many more items he may have, as of the snapshot
    blocks: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemHint:
    item: ItemBarcode
    title: str
    call_number: str = ""
    location: str = ""
    blocked: Refusal | None = None  # reference only, on hold for another...
    discs: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """`hash_key` (base64) is the key of `PatronHint.who`, changed with every version.

    `at_ms` is the gateway's clock.
    """

    version: str
    at_ms: int
    hash_key: str = field(default="", repr=False)
    patrons: tuple[PatronHint, ...] = ()
    items: tuple[ItemHint, ...] = ()
    day_keys: tuple[DayKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """The gateway is there, the library system behind it is not."""

    reason: Refusal = Refusal.SERVICE_AWAY


Answer = (
    SealedAnswer
    | ItemKnown
    | ItemUnknown
    | EffectGranted
    | EffectRefused
    | EffectOpen
    | StaffTaken
    | Snapshot
    | Unavailable
)
PatronAnswer = PatronKnown | PatronRefused | Unavailable
