"""What this library asks of its ILS. A request knows its message, whether it changes anything, and its reply.

`wire` gives the fixed and the variable part; `read` turns the reply into a value or says why it cannot. Times are UTC
seconds since 1970; where one is None the time of sending stands.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, TypeVar

from kiosk.domain import Fen, ItemBarcode, PatronId
from kiosk.gateway.sip2 import reading
from kiosk.gateway.sip2.codec import Fields, Message
from kiosk.gateway.sip2.dates import sip_date
from kiosk.gateway.sip2.frame import BadMessage
from kiosk.gateway.sip2.money import format_fen
from kiosk.gateway.sip2.profile import Profile
from kiosk.gateway.sip2.replies import (
    CheckinReply,
    EndSessionReply,
    FeePaidReply,
    HoldReply,
    IlsStatus,
    ItemReply,
    ItemUpdateReply,
    LoanReply,
    LoginReply,
    PatronReply,
    RenewAllReply,
)

Reply_co = TypeVar("Reply_co", covariant=True)

Wire = tuple[tuple[str, ...], Fields]


class Request(Protocol[Reply_co]):
    """One message to the ILS."""

    command: ClassVar[str]
    answer: ClassVar[str]
    changes: ClassVar[bool]
    """True when the ILS may act on it: without a valid answer its effect is in doubt and it must not be repeated."""

    def wire(self, profile: Profile, now_s: float) -> Wire: ...
    def read(self, message: Message, profile: Profile) -> Reply_co | BadMessage: ...


class Summary(enum.IntEnum):
    """Which list a patron information request asks for; the value is the position of its Y. Koha answers only one."""

    NONE = 0
    HOLDS_READY = 1
    OVERDUE = 2
    CHARGED = 3
    FINES = 4
    RECALLED = 5
    HOLDS_WAITING = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """93 with user and password of the profile, in clear text (algorithm 0): use TLS."""

    command: ClassVar[str] = "93"
    answer: ClassVar[str] = "94"
    changes: ClassVar[bool] = False

    def wire(self, profile: Profile, now_s: float) -> Wire:
        place = (("CP", profile.location),) if profile.location else ()
        return ("0", "0"), (("CN", profile.user), ("CO", profile.password), *place)

    def read(self, message: Message, profile: Profile) -> LoginReply | BadMessage:
        return reading.login(message, profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalStatus:
    """99: "are you there, and what do you do?" Also the keep-alive."""

    command: ClassVar[str] = "99"
    answer: ClassVar[str] = "98"
    changes: ClassVar[bool] = False

    def wire(self, profile: Profile, now_s: float) -> Wire:
        return ("0", "080", "2.00"), ()

    def read(self, message: Message, profile: Profile) -> IlsStatus | BadMessage:
        return reading.ils_status(message, profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatronInformation:
    """63. `first` and `last` number the entries of the list asked for, from 1."""

    patron: PatronId = field(repr=False)
    pin: str | None = field(default=None, repr=False)
    summary: Summary = Summary.NONE
    first: int | None = None
    last: int | None = None
    command: ClassVar[str] = "63"
    answer: ClassVar[str] = "64"
    changes: ClassVar[bool] = False

    def wire(self, profile: Profile, now_s: float) -> Wire:
        summary = "".join("Y" if i == self.summary else " " for i in range(1, 11))
        pages = _optional(("BP", _number(self.first)), ("BQ", _number(self.last)))
        fields = (*_patron(profile, self.patron), *_passwords(profile, self.pin), *pages)
        return (profile.language, _date(profile, now_s), summary), fields

    def read(self, message: Message, profile: Profile) -> PatronReply | BadMessage:
        return reading.patron(message, profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatronStatus:
    """23: the flags without counts and lists."""

    patron: PatronId = field(repr=False)
    pin: str | None = field(default=None, repr=False)
    command: ClassVar[str] = "23"
    answer: ClassVar[str] = "24"
    changes: ClassVar[bool] = False

    def wire(self, profile: Profile, now_s: float) -> Wire:
        fields = (*_patron(profile, self.patron), ("AC", profile.terminal_password), ("AD", self.pin or ""))
        return (profile.language, _date(profile, now_s)), fields

    def read(self, message: Message, profile: Profile) -> PatronReply | BadMessage:
        return reading.patron(message, profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemInformation:
    """17."""

    item: ItemBarcode
    command: ClassVar[str] = "17"
    answer: ClassVar[str] = "18"
    changes: ClassVar[bool] = False

    def wire(self, profile: Profile, now_s: float) -> Wire:
        return (_date(profile, now_s),), (("AO", profile.institution), ("AB", self.item), _terminal(profile))

    def read(self, message: Message, profile: Profile) -> ItemReply | BadMessage:
        return reading.item(message, profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """11. `at_s` and `due_s` say what already happened off-line; `no_block` None leaves that to the profile."""

    patron: PatronId = field(repr=False)
    item: ItemBarcode
    at_s: float | None = None
    due_s: float | None = None
    no_block: bool | None = None
    fee_acknowledged: bool = False
    pin: str | None = field(default=None, repr=False)
    command: ClassVar[str] = "11"
    answer: ClassVar[str] = "12"
    changes: ClassVar[bool] = True

    def wire(self, profile: Profile, now_s: float) -> Wire:
        at_s = now_s if self.at_s is None else self.at_s
        due_s = at_s if self.due_s is None else self.due_s  # a blank date makes pysip2 hang up
        fixed = ("N", _no_block(profile, self.no_block), _date(profile, at_s), _date(profile, due_s))
        fields = (*_patron(profile, self.patron), ("AB", self.item), _terminal(profile))
        return fixed, (*fields, *_optional(("AD", self.pin)), *_fee_agreed(self.fee_acknowledged))

    def read(self, message: Message, profile: Profile) -> LoanReply | BadMessage:
        return reading.loan(message, profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkin:
    """09. `returned_s` is when the reader gave the item back: the ILS must reckon fines by it, not by the upload."""

    item: ItemBarcode
    returned_s: float | None = None
    location: str | None = None  # AP; None: the profile's
    no_block: bool | None = None
    command: ClassVar[str] = "09"
    answer: ClassVar[str] = "10"
    changes: ClassVar[bool] = True

    def wire(self, profile: Profile, now_s: float) -> Wire:
        returned_s = now_s if self.returned_s is None else self.returned_s
        place = profile.location if self.location is None else self.location
        fixed = (_no_block(profile, self.no_block), _date(profile, now_s), _date(profile, returned_s))
        return fixed, (("AP", place), ("AO", profile.institution), ("AB", self.item), _terminal(profile))

    def read(self, message: Message, profile: Profile) -> CheckinReply | BadMessage:
        return reading.checkin(message, profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renew:
    """29."""

    patron: PatronId = field(repr=False)
    item: ItemBarcode
    fee_acknowledged: bool = False
    no_block: bool | None = None
    command: ClassVar[str] = "29"
    answer: ClassVar[str] = "30"
    changes: ClassVar[bool] = True

    def wire(self, profile: Profile, now_s: float) -> Wire:
        now = _date(profile, now_s)
        fields = (*_patron(profile, self.patron), ("AB", self.item), _terminal(profile))
        return ("N", _no_block(profile, self.no_block), now, now), (*fields, *_fee_agreed(self.fee_acknowledged))

    def read(self, message: Message, profile: Profile) -> LoanReply | BadMessage:
        return reading.loan(message, profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewAll:
    """65."""

    patron: PatronId = field(repr=False)
    command: ClassVar[str] = "65"
    answer: ClassVar[str] = "66"
    changes: ClassVar[bool] = True

    def wire(self, profile: Profile, now_s: float) -> Wire:
        return (_date(profile, now_s),), (*_patron(profile, self.patron), _terminal(profile))

    def read(self, message: Message, profile: Profile) -> RenewAllReply | BadMessage:
        return reading.renew_all(message, profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSession:
    """35: this reader has finished. Ends a session only, so it may be repeated."""

    patron: PatronId = field(repr=False)
    command: ClassVar[str] = "35"
    answer: ClassVar[str] = "36"
    changes: ClassVar[bool] = False

    def wire(self, profile: Profile, now_s: float) -> Wire:
        return (_date(profile, now_s),), (*_patron(profile, self.patron), _terminal(profile))

    def read(self, message: Message, profile: Profile) -> EndSessionReply | BadMessage:
        return reading.end_session(message, profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeePaid:
    """37. `transaction` (BK) is our own key; most ILSs store it, none is known to refuse a second one."""

    patron: PatronId = field(repr=False)
    amount_fen: Fen
    transaction: str
    fee_type: str = "04"  # overdue
    fee_id: str | None = None  # CG; None: any open fee
    command: ClassVar[str] = "37"
    answer: ClassVar[str] = "38"
    changes: ClassVar[bool] = True

    def wire(self, profile: Profile, now_s: float) -> Wire:
        fixed = (_date(profile, now_s), self.fee_type, profile.payment_type, profile.currency)
        fields = (("BV", format_fen(self.amount_fen)), *_patron(profile, self.patron), _terminal(profile))
        return fixed, (*fields, *_optional(("CG", self.fee_id)), ("BK", self.transaction))

    def read(self, message: Message, profile: Profile) -> FeePaidReply | BadMessage:
        return reading.fee_paid(message, profile)


class HoldMode(enum.StrEnum):
    """What a hold request wants."""

    ADD = "+"
    DELETE = "-"
    CHANGE = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """15, for one copy. One fixed date only: a second one crashed a Koha session."""

    patron: PatronId = field(repr=False)
    item: ItemBarcode
    mode: HoldMode = HoldMode.ADD
    pickup: str | None = None
    command: ClassVar[str] = "15"
    answer: ClassVar[str] = "16"
    changes: ClassVar[bool] = True

    def wire(self, profile: Profile, now_s: float) -> Wire:
        place = _optional(("BS", self.pickup))
        fields = (*place, ("BY", "3"), *_patron(profile, self.patron), ("AB", self.item), _terminal(profile))
        return (self.mode.value, _date(profile, now_s)), fields

    def read(self, message: Message, profile: Profile) -> HoldReply | BadMessage:
        return reading.hold(message, profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemUpdate:
    """19: tells the ILS what was found on an item (CH)."""

    item: ItemBarcode
    properties: str
    command: ClassVar[str] = "19"
    answer: ClassVar[str] = "20"
    changes: ClassVar[bool] = True

    def wire(self, profile: Profile, now_s: float) -> Wire:
        fields = (("AO", profile.institution), ("AB", self.item), _terminal(profile), ("CH", self.properties))
        return (_date(profile, now_s),), fields

    def read(self, message: Message, profile: Profile) -> ItemUpdateReply | BadMessage:
        return reading.item_update(message, profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatronEnable:
    """25: lifts a block that a terminal had set."""

    patron: PatronId = field(repr=False)
    command: ClassVar[str] = "25"
    answer: ClassVar[str] = "26"
    changes: ClassVar[bool] = True

    def wire(self, profile: Profile, now_s: float) -> Wire:
        return (_date(profile, now_s),), (*_patron(profile, self.patron), _terminal(profile))

    def read(self, message: Message, profile: Profile) -> PatronReply | BadMessage:
        return reading.patron(message, profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockPatron:
    """01: blocks a card, for instance one left behind in a machine (`retained`)."""

    patron: PatronId = field(repr=False)
    why: str
    retained: bool = False
    command: ClassVar[str] = "01"
    answer: ClassVar[str] = "24"
    changes: ClassVar[bool] = True

    def wire(self, profile: Profile, now_s: float) -> Wire:
        fields = (("AO", profile.institution), ("AL", self.why), ("AA", self.patron), _terminal(profile))
        return ("Y" if self.retained else "N", _date(profile, now_s)), fields

    def read(self, message: Message, profile: Profile) -> PatronReply | BadMessage:
        return reading.patron(message, profile)


def _date(profile: Profile, wall_s: float) -> str:
    return sip_date(wall_s, profile.utc_offset_s, profile.date_zone)


def _patron(profile: Profile, patron: PatronId) -> Fields:
    return ("AO", profile.institution), ("AA", patron)


def _terminal(profile: Profile) -> tuple[str, str]:
    return "AC", profile.terminal_password


def _passwords(profile: Profile, pin: str | None) -> Fields:
    return (_terminal(profile), *_optional(("AD", pin)))


def _optional(*fields: tuple[str, str | None]) -> Fields:
    return tuple((name, value) for name, value in fields if value)


def _fee_agreed(yes: bool) -> Fields:
    return (("BO", "Y"),) if yes else ()


def _no_block(profile: Profile, wanted: bool | None) -> str:
    return "Y" if (profile.no_block if wanted is None else wanted) else "N"


def _number(value: int | None) -> str | None:
    return None if value is None else str(value)
