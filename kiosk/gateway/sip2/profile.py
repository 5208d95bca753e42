"""What differs from one library system to the next, as data. A site names a profile and fills in its own account."""

from __future__ import annotations

import codecs
import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from kiosk.domain import Refusal

CHINA_STANDARD_TIME_S = 8 * 3600
"""UTC+8 all year: China keeps no summer time, so a fixed offset is exact."""

DUE_FORMATS = (
    "%Y-%m-%d",
    "%Y%m%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M",
    "%Y.%m.%d",
    "%Y年%m月%d日",
)

_DAY = dt.datetime(2026, 11, 22, 9, 41, 7)  # no part of it is the one that strptime takes where nothing is said


class ReplyChecksum(enum.StrEnum):
    """What to make of the checksum of a reply."""

    CHECK = "check"  # a wrong one is a bad reply, a missing one is accepted
    REQUIRE = "require"  # a missing one is a bad reply, too
    IGNORE = "ignore"  # Evergreen may send a constant AZ0000


class ChargedEntry(enum.StrEnum):
    """What an AU entry of a patron's list of loans holds."""

    BARCODE = "barcode"
    BARCODE_FIRST = "barcode_first"  # barcode, blank, title
    OPAQUE = "opaque"  # titles or anything else: the borrower of an item cannot be read from it


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One library system as this library runs it. Raises ValueError when a setting can never work."""

    name: str
    institution: str = ""  # AO; dp2 refuses a loan when it is not the owner's code
    location: str = ""  # CP at login and AP at check-in
    user: str = ""  # CN
    password: str = field(default="", repr=False)  # CO
    terminal_password: str = field(default="", repr=False)  # AC

    encoding: str = "utf-8"
    terminator: bytes = b"\r"  # CR by the standard; invenio-sip2 dies on CR LF
    error_detection: bool = True
    reply_checksum: ReplyChecksum = ReplyChecksum.CHECK
    sequence_echoed: bool = True  # dp2 answers every request with the digit 4
    login: bool = True
    language: str = "019"  # Chinese
    currency: str = "CNY"
    payment_type: str = "02"  # the campus card has no code of its own; 02 is a card
    utc_offset_s: int = CHINA_STANDARD_TIME_S
    date_zone: str = "    "
    due_formats: tuple[str, ...] = DUE_FORMATS
    no_block: bool = False  # Koha's no-block check-in calls a routine that does not exist: keep it off
    charged_entry: ChargedEntry = ChargedEntry.BARCODE
    check_item_echo: bool = True  # a reply that names another item answers another question
    resends_max: int = 2  # answers to 96, for messages that change nothing

    reason_field: str = ""  # a private field in which the ILS gives machine-readable reasons
    until_field: str = ""  # the day that belongs to the reason (18-character date or a due format)
    expiry_field: str = "PA"  # Evergreen and newer Koha: the last day of a patron's membership
    reasons: Mapping[str, Refusal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            codecs.lookup(self.encoding)
            plain = all(chr(i).encode(self.encoding) == bytes([i]) for i in range(0x20, 0x7F))
        except (LookupError, UnicodeError) as error:
            raise ValueError(f"encoding {self.encoding!r} is not known") from error
        if not plain:
            raise ValueError(f"encoding {self.encoding!r} does not keep ASCII: no SIP2 frame could be read")
        if self.terminator not in (b"\r", b"\r\n"):
            raise ValueError("terminator must be CR or CR LF")
        if not (len(self.language) == 3 and self.language.isdigit()):
            raise ValueError("language must be three digits, such as 019")
        if not (len(self.currency) == 3 and self.currency.isalpha() and self.currency.isupper()):
            raise ValueError("currency must be three capital letters, such as CNY")
        if len(self.date_zone) != 4:
            raise ValueError("date_zone must be four characters")
        if not (len(self.payment_type) == 2 and self.payment_type.isdigit()):
            raise ValueError("payment_type must be two digits")
        for form in self.due_formats:
            _refuse_format(form)


def _refuse_format(form: str) -> None:
    """What is no format for `strptime`, or holds nothing of a date, fits no due date ever."""
    try:
        varies = dt.datetime.strptime(_DAY.strftime(form), form) != dt.datetime.strptime("", "")
    except ValueError:
        varies = False
    if not varies:
        raise ValueError(f'due_formats: {form!r} can fit no date; write it as strptime does, such as "%Y-%m-%d"')


_REASONS = MappingProxyType(
    {
        "not_ours": Refusal.ITEM_NOT_OURS,
        "reference": Refusal.ITEM_REFERENCE_ONLY,
        "on_hold": Refusal.ITEM_ON_HOLD_OTHER,
        "lost": Refusal.ITEM_LOST,
        "desk": Refusal.ITEM_DESK_ONLY,
        "card_lost": Refusal.PATRON_CARD_LOST,
        "expired": Refusal.PATRON_EXPIRED,
        "limit": Refusal.PATRON_LIMIT,
        "overdue": Refusal.PATRON_OVERDUE,
        "fees": Refusal.PATRON_FEES,
        "suspended": Refusal.PATRON_SUSPENDED,
        "orientation": Refusal.PATRON_ORIENTATION,
        "leaving": Refusal.PATRON_LEAVING,
        "renew_max": Refusal.RENEW_MAX,
        "renew_overdue": Refusal.RENEW_OVERDUE,
        "renew_reserved": Refusal.RENEW_RESERVED,
        "renew_too_early": Refusal.RENEW_TOO_EARLY,
        "renew_not_yours": Refusal.RENEW_NOT_YOURS,
    }
)

DEMO = Profile(name="demo", reason_field="XR", until_field="XU", reasons=_REASONS)

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            DEMO,
            Profile(name="koha"),
            Profile(name="sierra"),
            Profile(name="polaris"),
            Profile(name="evergreen", reply_checksum=ReplyChecksum.IGNORE, charged_entry=ChargedEntry.BARCODE_FIRST),
            Profile(name="dp2", error_detection=False, sequence_echoed=False),
            # No public description of the SIP2 of Libsys and Interlib exists; sites report GBK text.
            replace(DEMO, name="libsys", encoding="gb18030"),
        )
    }
)
"""Starting points by name of the library system."""
