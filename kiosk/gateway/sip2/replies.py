"""Replies of a library system as values. Free text of the ILS stays in `messages`, for the technician only."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass, field

from kiosk.domain import Fen, ItemBarcode, PatronId
from kiosk.gateway.sip2.dates import Due


class PatronFlag(enum.IntEnum):
    """The fourteen positions of a patron status; the value is the position, counted from 1."""

    CHARGE_DENIED = 1
    RENEWAL_DENIED = 2
    RECALL_DENIED = 3
    HOLD_DENIED = 4
    CARD_LOST = 5
    TOO_MANY_CHARGED = 6
    TOO_MANY_OVERDUE = 7
    TOO_MANY_RENEWALS = 8
    TOO_MANY_CLAIMS = 9
    TOO_MANY_LOST = 10
    EXCESSIVE_FINES = 11
    EXCESSIVE_FEES = 12
    RECALL_OVERDUE = 13
    TOO_MANY_BILLED = 14


class Circulation(enum.IntEnum):
    """Circulation status of an item (18)."""

    OTHER = 1
    ON_ORDER = 2
    AVAILABLE = 3
    CHARGED = 4
    CHARGED_NOT_RECALLABLE = 5
    IN_PROCESS = 6
    RECALLED = 7
    ON_HOLD_SHELF = 8
    TO_RESHELVE = 9
    IN_TRANSIT = 10
    CLAIMED_RETURNED = 11
    LOST = 12
    MISSING = 13


class Alert(enum.StrEnum):
    """Why a return needs attention (CV, a 3M extension for sorting machines)."""

    NONE = "00"
    HOLD_HERE = "01"
    HOLD_ELSEWHERE = "02"
    INTERLIBRARY = "03"
    SEND_TO_BRANCH = "04"
    CORRUPTED = "98"
    OTHER = "99"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A machine-readable reason in a private field, where the ILS has one (see Profile.reason_field)."""

    code: str = ""
    until: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginReply:
    """94."""

    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IlsStatus:
    """98. `supported` holds the commands BX admits to, or None when BX was not sent; a promise, not a proof."""

    online: bool
    checkin_ok: bool
    checkout_ok: bool
    renewal_ok: bool
    offline_ok: bool
    institution: str
    supported: frozenset[str] | None
    clock: dt.datetime | None  # the ILS's own local time, to compare with ours


@dataclass(frozen=True, slots=True, kw_only=True)
class PatronReply:
    """24, 26 and 64. Counts, limits and lists are None or empty in 24 and 26, and wherever the ILS gives none."""

    patron: PatronId = field(repr=False)
    name: str = field(repr=False)
    flags: frozenset[PatronFlag]
    valid: bool | None  # BL; None: not sent, decide by the flags
    pin_ok: bool | None  # CQ; None: the ILS did not check
    fee_fen: Fen | None = None
    fee_limit_fen: Fen | None = None
    holds_ready_count: int | None = None
    overdue_count: int | None = None
    charged_count: int | None = None
    holds_waiting_count: int | None = None
    charged_limit: int | None = None
    holds_ready: tuple[str, ...] = ()  # AS
    overdue: tuple[str, ...] = ()  # AT
    charged: tuple[str, ...] = ()  # AU
    fines: tuple[str, ...] = ()  # AV
    recalled: tuple[str, ...] = ()  # BU
    holds_waiting: tuple[str, ...] = ()  # CD
    patron_class: str = ""  # PC, sent by Koha and others
    expires: dt.date | None = None
    reason: Reason = Reason()
    messages: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemReply:
    """18. `known` is False when the ILS has no such item: status "other" and no title."""

    item: ItemBarcode
    known: bool
    title: str
    circulation: Circulation
    due: Due | None
    hold_queue: int | None
    owner: str
    permanent_location: str
    current_location: str
    call_number: str
    media_type: str
    fee_fen: Fen | None
    recall_day: dt.date | None
    pickup_day: dt.date | None
    reason: Reason
    messages: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanReply:
    """12 and 30."""

    ok: bool
    renewed: bool  # the ILS took it as a renewal
    desensitize: bool | None  # None: the ILS does not know the kind of security strip
    security_inhibit: bool  # CI: the item must not pass the gate
    item: ItemBarcode
    title: str
    due: Due | None
    fee_fen: Fen | None
    fee_type: str
    media_type: str
    transaction: str
    reason: Reason
    messages: tuple[str, ...] = field(default=(), repr=False)

    @property
    def fee_asked(self) -> bool:
        """Refused only until the reader agrees to a fee: ask, then send the same with `fee_acknowledged`."""
        return not self.ok and self.fee_fen is not None and self.fee_fen > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckinReply:
    """10. `ok` False does not prove that the item is still on loan: ask 17."""

    ok: bool
    resensitize: bool
    alert: bool
    alert_type: Alert | None
    item: ItemBarcode
    title: str
    permanent_location: str
    destination: str  # CT
    sort_bin: str  # CL
    call_number: str  # CS
    collection: str  # CR
    media_type: str
    fee_fen: Fen | None  # BV, where the ILS reckons the fine at once; the standard has no such field in a 10
    reason: Reason
    patron: PatronId | None = field(repr=False)  # AA, who had it
    hold_patron: PatronId | None = field(repr=False)  # CY: for staff only
    hold_patron_name: str = field(repr=False)  # DA: for staff only
    messages: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewAllReply:
    """66."""

    ok: bool
    renewed: tuple[str, ...]
    unrenewed: tuple[str, ...]
    renewed_count: int | None
    unrenewed_count: int | None
    messages: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSessionReply:
    """36."""

    ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FeePaidReply:
    """38."""

    accepted: bool
    transaction: str
    messages: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReply:
    """16."""

    ok: bool
    available: bool
    queue_position: int | None
    pickup: str
    item: ItemBarcode | None
    title: str
    messages: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemUpdateReply:
    """20."""

    ok: bool
    item: ItemBarcode
    messages: tuple[str, ...] = field(default=(), repr=False)
