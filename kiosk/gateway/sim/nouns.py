"""What the demo ILS knows at one moment, as values for its rules."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from kiosk.domain import Fen, ItemBarcode, PatronId
from kiosk.gateway.sim.rows import ItemState


class Why(enum.StrEnum):
    """Why the ILS says no. The value is what a dialect with a reason field sends."""

    PATRON_UNKNOWN = "patron_unknown"
    PIN_WRONG = "pin_wrong"
    ITEM_UNKNOWN = "item_unknown"
    NOT_OURS = "not_ours"
    REFERENCE = "reference"
    ON_HOLD = "on_hold"
    ON_LOAN = "on_loan"
    LOST = "lost"
    DESK = "desk"
    NOT_ON_LOAN = "not_on_loan"
    CARD_LOST = "card_lost"
    BLOCKED = "blocked"
    EXPIRED = "expired"
    LIMIT = "limit"
    OVERDUE = "overdue"
    FEES = "fees"
    SUSPENDED = "suspended"
    ORIENTATION = "orientation"
    LEAVING = "leaving"
    RENEW_MAX = "renew_max"
    RENEW_OVERDUE = "renew_overdue"
    RENEW_RESERVED = "renew_reserved"
    RENEW_TOO_EARLY = "renew_too_early"
    RENEW_NOT_YOURS = "renew_not_yours"
    NO_BLOCK = "no_block"


@dataclass(frozen=True, slots=True)
class Barrier:
    """A reason and, where there is one, the UTC second of the day that belongs to it."""

    why: Why
    until_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    item: ItemBarcode
    patron: PatronId = field(repr=False)
    out_s: int
    due_s: int
    renewals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingHold:
    hold: int
    patron: PatronId = field(repr=False)
    pickup: str
    recall: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """`waiting` are the holds this copy could fill, oldest first; `kept_for` the reader whose hold it fills now."""

    barcode: ItemBarcode
    title_id: str
    title: str
    call_number: str
    owner: str
    permanent_location: str
    current_location: str
    media_type: str
    state: ItemState
    loan: Loan | None
    waiting: tuple[WaitingHold, ...]
    kept_for: PatronId | None = field(default=None, repr=False)
    kept_until_s: int | None = None

    @property
    def recalled(self) -> bool:
        return self.loan is not None and any(hold.recall for hold in self.waiting)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patron:
    patron: PatronId = field(repr=False)
    name: str = field(repr=False)
    patron_class: str
    pin: str = field(repr=False)
    limit: int
    loan_days: int
    expires_s: int | None
    suspended_until_s: int | None
    card_lost: bool
    no_orientation: bool
    leaving: bool
    blocked: bool
    loans: tuple[Loan, ...]
    owed_fen: Fen

    def overdue(self, now_s: int) -> tuple[Loan, ...]:
        return tuple(loan for loan in self.loans if loan.due_s < now_s)
