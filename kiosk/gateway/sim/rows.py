"""The demo data as values: what a library has on the day it opens. Offsets in days are relative to that day."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from kiosk.domain import CardUid, Fen, ItemBarcode, PatronId


class ItemState(enum.StrEnum):
    """Where a copy is, as items.csv says it."""

    AVAILABLE = "available"
    CHARGED = "charged"
    ON_HOLD = "on_hold"
    IN_TRANSIT = "in_transit"
    LOST = "lost"
    MISSING = "missing"
    REFERENCE = "reference"


class PatronState(enum.StrEnum):
    """What is particular about a reader. Limits, overdues and fees follow from other files; consortium states are
    the consortium's to judge, not the library system's."""

    OK = "ok"
    LIMIT_REACHED = "limit_reached"
    OVERDUE = "overdue"
    FEES_OVER_LIMIT = "fees_over_limit"
    FEES_UNDER_LIMIT = "fees_under_limit"
    SUSPENDED = "suspended"
    CARD_LOST = "card_lost"
    EXPIRED = "expired"
    NO_ORIENTATION = "no_orientation"
    LEAVING = "leaving"
    CONS_FROZEN = "cons_frozen"
    CONS_YEAR_LIMIT = "cons_year_limit"
    CONS_REFUSED = "cons_refused"
    CONS_NO_ENTRY = "cons_no_entry"


class HoldState(enum.StrEnum):
    WAITING = "waiting"
    READY = "ready"


class StaffRole(enum.StrEnum):
    TECHNICIAN = "technician"
    LIBRARIAN = "librarian"
    LIBRARY_ADMIN = "library_admin"
    VENDOR = "vendor"


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryRow:
    code: str
    name_zh: str
    consortium: str
    auth: str
    loans_to_members: bool
    anywhere_return: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRow:
    place: str
    name_zh: str
    name_en: str
    campus: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleRow:
    title_id: str
    title: str
    author: str
    class_number: str
    call_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    item_barcode: ItemBarcode
    title_id: str
    call_number: str
    owner_library: str
    permanent_location: str
    shelf_location: str
    media_type: str
    parts: int
    status: ItemState
    tag_uid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PatronRow:
    patron_id: PatronId = field(repr=False)
    name_demo: str = field(repr=False)
    patron_class: str
    home_library: str
    card_uid: CardUid = field(repr=False)
    charged_items_limit: int
    loan_days: int
    state: PatronState
    state_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanRow:
    item_barcode: ItemBarcode
    patron_id: PatronId = field(repr=False)
    out_days: int
    due_days: int
    renewals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRow:
    """`item_barcode` None: any copy of the title will do."""

    hold_id: str
    title_id: str
    item_barcode: ItemBarcode | None
    patron_id: PatronId = field(repr=False)
    state: HoldState
    placed_days: int
    until_days: int | None
    pickup: str
    recall: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeRow:
    fee_id: str
    patron_id: PatronId = field(repr=False)
    item_barcode: ItemBarcode | None
    fee_type: str
    amount_fen: Fen
    made_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRow:
    staff_id: str
    role: StaffRole
    card_uid: CardUid = field(repr=False)
    pin_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoData:
    """A whole library. The first library is this one."""

    libraries: tuple[LibraryRow, ...]
    places: tuple[PlaceRow, ...]
    titles: tuple[TitleRow, ...]
    items: tuple[ItemRow, ...]
    patrons: tuple[PatronRow, ...]
    loans: tuple[LoanRow, ...]
    holds: tuple[HoldRow, ...]
    fees: tuple[FeeRow, ...]
    staff: tuple[StaffRow, ...]
    pins: dict[PatronId, str] = field(repr=False)
    cards: dict[CardUid, PatronId] = field(repr=False)
    lost_cards: frozenset[CardUid] = field(repr=False)

    @property
    def this_library(self) -> str:
        return self.libraries[0].code
