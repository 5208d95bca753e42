"""How each library system words the same answer, as data. Deviations that were observed or read; no others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One library system's habits on the wire."""

    name: str
    encoding: str = "utf-8"
    terminator: bytes = b"\r"
    date_zone: str = "    "
    due_format: str = "sip"  # "sip", or a strftime format
    status_width: int = 14  # Evergreen was captured with 13
    institution_suffix: str = ""  # Sierra sends a trailing blank
    institution_last: bool = False  # Evergreen puts AO after everything else
    checks_institution: bool = False  # dp2: AO must be the owner's code
    trailer: str = "echo"  # "echo" the request's, "fake" AZ0000, "four" always AY4
    charged_entry: str = "{barcode}"
    screen_ok: str = ""  # AF even when all is well
    screen_twice: bool = False  # Sierra sends two AF
    print_too: bool = False  # AG repeats AF
    valid_password: bool = True  # CQ; Evergreen sends none
    whole_amounts: bool = False  # Sierra: BV0 without decimals when nothing is owed
    fee_limit: bool = False  # CC
    expired_invalid: bool = False  # BLN for a membership that has ended
    membership: bool = False  # PA, last day of the membership
    patron_class: bool = False  # PC
    sorting: bool = True  # CV CT CY DA
    fine_told: bool = False  # BV in a 10, which the standard does not have
    sort_bins: Mapping[str, str] = field(default_factory=dict)  # CL by alert type
    extra_patron: tuple[tuple[str, str], ...] = ()
    extra_item: tuple[tuple[str, str], ...] = ()
    call_number_field: str = "CS"
    reason_field: str = ""
    until_field: str = ""
    renews_on_repeat: bool = True
    lends_over_waiting_hold: bool = True
    mute_before_login: bool = False  # Koha answers a 99 before login with silence; others hang up
    pages: int = 0  # most entries of a list in one 64; 0 = all


_PLAN_BINS = MappingProxyType({"01": "6", "02": "4", "04": "5"})

DEMO = Dialect(
    name="demo",
    reason_field="XR",
    until_field="XU",
    sort_bins=_PLAN_BINS,
    patron_class=True,
    membership=True,
    fee_limit=True,
    fine_told=True,
    lends_over_waiting_hold=False,
    extra_item=(("XZ", "private"),),
)

DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        dialect.name: dialect
        for dialect in (
            DEMO,
            Dialect(name="koha", terminator=b"\r\n", mute_before_login=True, patron_class=True),
            Dialect(
                name="sierra",
                date_zone="0000",
                institution_suffix=" ",
                screen_ok="Welcome",
                screen_twice=True,
                whole_amounts=True,
                fee_limit=True,
                sorting=False,
                renews_on_repeat=False,
            ),
            Dialect(
                name="polaris",
                due_format="%Y-%m-%d %H:%M:%S",
                screen_ok="Patron status is ok.",
                print_too=True,
                extra_patron=(("BC", "19930101"), ("U1", ""), ("PZ", "221116"), ("FA", "0.00")),
                renews_on_repeat=False,
            ),
            Dialect(
                name="evergreen",
                status_width=13,
                due_format="%Y-%m-%d",
                institution_last=True,
                trailer="fake",
                charged_entry="{barcode} {title}",
                valid_password=False,
                expired_invalid=True,
                membership=True,
                sorting=False,
                extra_patron=(("XI", "1"),),
            ),
            Dialect(
                name="dp2",
                due_format="%Y-%m-%d",
                checks_institution=True,
                trailer="four",
                screen_ok="成功",
                print_too=True,
                sorting=False,
                call_number_field="KC",
                extra_item=(("KQ", "01"), ("KP", "02")),
                renews_on_repeat=False,
            ),
            Dialect(name="libsys", encoding="gb18030", reason_field="XR", until_field="XU", pages=4),
        )
    }
)
"""The names agree with the client's profiles."""
