"""The fixed part of every message: names and widths, in wire order. Variable fields carry their own names.

Source: 3M Standard Interchange Protocol 2.00; the widths agree with the servers of Koha, pysip2 and invenio-sip2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Layout:
    """One message. `fixed` holds (name, characters); `mandatory` the variable fields no reader can do without."""

    command: str
    name: str
    fixed: tuple[tuple[str, int], ...] = ()
    mandatory: tuple[str, ...] = ()


_DATE = ("date", 18)
_STATUS = (("patron_status", 14), ("language", 3), _DATE)
_LOAN_REPLY = (("ok", 1), ("renewal_ok", 1), ("magnetic", 1), ("desensitize", 1), _DATE)
_COUNTS = tuple((name, 4) for name in ("holds", "overdue", "charged", "fines", "recalls", "unavailable_holds"))
_ACS_FLAGS = tuple(
    (name, 1) for name in ("online", "checkin_ok", "checkout_ok", "renewal_policy", "status_update_ok", "offline_ok")
)

LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {
        layout.command: layout
        for layout in (
            Layout("01", "block patron", (("card_retained", 1), _DATE), ("AA",)),
            Layout("09", "checkin", (("no_block", 1), _DATE, ("return_date", 18)), ("AB",)),
            Layout("10", "checkin reply", (("ok", 1), ("resensitize", 1), ("magnetic", 1), ("alert", 1), _DATE)),
            Layout("11", "checkout", (("renewal", 1), ("no_block", 1), _DATE, ("nb_due_date", 18)), ("AA", "AB")),
            Layout("12", "checkout reply", _LOAN_REPLY),
            Layout("15", "hold", (("mode", 1), _DATE), ("AA",)),
            Layout("16", "hold reply", (("ok", 1), ("available", 1), _DATE)),
            Layout("17", "item information", (_DATE,), ("AB",)),
            Layout("18", "item information reply", (("circulation", 2), ("security", 2), ("fee_type", 2), _DATE)),
            Layout("19", "item status update", (_DATE,), ("AB",)),
            Layout("20", "item status update reply", (("ok", 1), _DATE)),
            Layout("23", "patron status", (("language", 3), _DATE), ("AA",)),
            Layout("24", "patron status reply", _STATUS),
            Layout("25", "patron enable", (_DATE,), ("AA",)),
            Layout("26", "patron enable reply", _STATUS),
            Layout("29", "renew", (("third_party", 1), ("no_block", 1), _DATE, ("nb_due_date", 18)), ("AA",)),
            Layout("30", "renew reply", _LOAN_REPLY),
            Layout("35", "end session", (_DATE,), ("AA",)),
            Layout("36", "end session reply", (("ended", 1), _DATE)),
            Layout("37", "fee paid", (_DATE, ("fee_type", 2), ("payment_type", 2), ("currency", 3)), ("BV", "AA")),
            Layout("38", "fee paid reply", (("accepted", 1), _DATE)),
            Layout("63", "patron information", (("language", 3), _DATE, ("summary", 10)), ("AA",)),
            Layout("64", "patron information reply", (*_STATUS, *_COUNTS)),
            Layout("65", "renew all", (_DATE,), ("AA",)),
            Layout("66", "renew all reply", (("ok", 1), ("renewed", 4), ("unrenewed", 4), _DATE)),
            Layout("93", "login", (("user_algorithm", 1), ("password_algorithm", 1)), ("CN", "CO")),
            Layout("94", "login reply", (("ok", 1),)),
            Layout("96", "resend, asked by the library system"),
            Layout("97", "resend, asked by the terminal"),
            Layout(
                "98",
                "library system status",
                (*_ACS_FLAGS, ("timeout", 3), ("retries", 3), _DATE, ("protocol", 4)),
            ),
            Layout("99", "terminal status", (("status", 1), ("print_width", 3), ("protocol", 4))),
        )
    }
)

SUPPORTED_ORDER = ("23", "11", "09", "01", "99", "97", "93", "63", "35", "37", "17", "19", "25", "15", "29", "65")
"""What the sixteen Y/N of BX in a 98 stand for."""
