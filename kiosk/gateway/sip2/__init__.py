"""SIP2, the language most library systems speak with self-service machines: codec, client, pool, and plain judgement.

Read in this order: `frame` (bytes), `codec` (named parts), `requests` and `replies` (typed values), `client` (one
connection), `pool` (several), `judge` (refusals in the library's words), `look` (what the ILS believes, after a doubt).

What a caller must know: `Pool.ask(request, by)` returns a typed reply or raises one of three. `NotSent` and `NoAnswer`
may be tried again. `Doubt` may not: the ILS may have acted. `look` first.
"""

from kiosk.gateway.sip2.client import Client
from kiosk.gateway.sip2.dates import Due
from kiosk.gateway.sip2.judge import (
    Refused,
    checkin_refusal,
    checkout_refusal,
    holds_item,
    patron_blocks,
    patron_refusal,
    pin_wrong,
    renewal_refusal,
)
from kiosk.gateway.sip2.look import LoanSeen, look, patron_loans
from kiosk.gateway.sip2.pool import Pool, PoolHealth
from kiosk.gateway.sip2.profile import PROFILES, Profile
from kiosk.gateway.sip2.replies import (
    Alert,
    CheckinReply,
    Circulation,
    FeePaidReply,
    HoldReply,
    IlsStatus,
    ItemReply,
    LoanReply,
    PatronFlag,
    PatronReply,
    RenewAllReply,
)
from kiosk.gateway.sip2.requests import (
    BlockPatron,
    Checkin,
    Checkout,
    EndSession,
    FeePaid,
    Hold,
    HoldMode,
    ItemInformation,
    ItemUpdate,
    PatronEnable,
    PatronInformation,
    PatronStatus,
    Renew,
    RenewAll,
    Request,
    Summary,
    TerminalStatus,
)
from kiosk.gateway.sip2.trouble import Cause, Doubt, IlsTrouble, NoAnswer, NotSent

__all__ = [
    "PROFILES",
    "Alert",
    "BlockPatron",
    "Cause",
    "Checkin",
    "CheckinReply",
    "Checkout",
    "Circulation",
    "Client",
    "Doubt",
    "Due",
    "EndSession",
    "FeePaid",
    "FeePaidReply",
    "Hold",
    "HoldMode",
    "HoldReply",
    "IlsStatus",
    "IlsTrouble",
    "ItemInformation",
    "ItemReply",
    "ItemUpdate",
    "LoanReply",
    "LoanSeen",
    "NoAnswer",
    "NotSent",
    "PatronEnable",
    "PatronFlag",
    "PatronInformation",
    "PatronReply",
    "PatronStatus",
    "Pool",
    "PoolHealth",
    "Profile",
    "Refused",
    "Renew",
    "RenewAll",
    "RenewAllReply",
    "Request",
    "Summary",
    "TerminalStatus",
    "checkin_refusal",
    "checkout_refusal",
    "holds_item",
    "look",
    "patron_blocks",
    "patron_loans",
    "patron_refusal",
    "pin_wrong",
    "renewal_refusal",
]
