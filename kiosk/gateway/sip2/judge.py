"""Replies in the library's own words: why a reader, an item or a renewal was refused. Pure.

Decided by status bits, circulation codes and, where the ILS has them, machine-readable reasons; never by the free text
of AF, which differs by language, version and mood. What no code explains is sent to the desk, not guessed at.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from kiosk.domain import ItemBarcode, Refusal
from kiosk.gateway.sip2.profile import ChargedEntry, Profile
from kiosk.gateway.sip2.replies import CheckinReply, Circulation, ItemReply, LoanReply, PatronFlag, PatronReply, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A reason, and the day that belongs to it: blocked until, expired on, renewable from."""

    reason: Refusal
    until: dt.date | None = None


_FLAG_REASONS = (
    (PatronFlag.CARD_LOST, Refusal.PATRON_CARD_LOST),
    (PatronFlag.TOO_MANY_OVERDUE, Refusal.PATRON_OVERDUE),
    (PatronFlag.RECALL_OVERDUE, Refusal.PATRON_OVERDUE),
    (PatronFlag.EXCESSIVE_FINES, Refusal.PATRON_FEES),
    (PatronFlag.EXCESSIVE_FEES, Refusal.PATRON_FEES),
    (PatronFlag.TOO_MANY_BILLED, Refusal.PATRON_FEES),
    (PatronFlag.TOO_MANY_CHARGED, Refusal.PATRON_LIMIT),
    (PatronFlag.TOO_MANY_LOST, Refusal.PATRON_NOT_ALLOWED),
    (PatronFlag.TOO_MANY_CLAIMS, Refusal.PATRON_NOT_ALLOWED),
)
"""Most specific first: a lost card outranks everything. Hold or recall denied alone is no reason to refuse a loan."""

_ITEM_REASONS = {
    Circulation.CHARGED: Refusal.ITEM_ON_LOAN_OTHER,
    Circulation.CHARGED_NOT_RECALLABLE: Refusal.ITEM_ON_LOAN_OTHER,
    Circulation.RECALLED: Refusal.ITEM_ON_LOAN_OTHER,
    Circulation.CLAIMED_RETURNED: Refusal.ITEM_ON_LOAN_OTHER,
    Circulation.ON_HOLD_SHELF: Refusal.ITEM_ON_HOLD_OTHER,
    Circulation.LOST: Refusal.ITEM_LOST,
    Circulation.MISSING: Refusal.ITEM_LOST,
}

_ON_LOAN = frozenset(
    {
        Circulation.CHARGED,
        Circulation.CHARGED_NOT_RECALLABLE,
        Circulation.RECALLED,
        Circulation.CLAIMED_RETURNED,
    }
)


def pin_wrong(patron: PatronReply) -> bool:
    """The ILS checked the PIN and it was not the reader's. Name and loans in such a reply must not be shown."""
    return patron.pin_ok is False


def patron_blocks(patron: PatronReply, profile: Profile, today: dt.date) -> tuple[Refused, ...]:
    """Every reason why this reader may not borrow, most specific first. A PIN is judged by `pin_wrong`."""
    if _unknown(patron):
        return (Refused(reason=Refusal.PATRON_UNKNOWN),)
    found: dict[Refusal, Refused] = {}
    told = _told(patron.reason, profile)
    if told is not None:
        found[told.reason] = told
    if patron.expires is not None and patron.expires < today:
        found.setdefault(Refusal.PATRON_EXPIRED, Refused(reason=Refusal.PATRON_EXPIRED, until=patron.expires))
    for flag, reason in _FLAG_REASONS:
        if flag in patron.flags:
            found.setdefault(reason, Refused(reason=reason))
    denied = PatronFlag.CHARGE_DENIED in patron.flags or patron.valid is False
    if denied and not found:
        return (Refused(reason=Refusal.PATRON_NOT_ALLOWED),)
    return tuple(found.values())


def patron_refusal(patron: PatronReply, profile: Profile, today: dt.date) -> Refused | None:
    """The first of `patron_blocks`, or None when this reader may borrow."""
    return next(iter(patron_blocks(patron, profile, today)), None)


def checkout_refusal(
    reply: LoanReply, item: ItemReply | None, patron: PatronReply | None, profile: Profile, today: dt.date
) -> Refused:
    """Why a checkout was refused, with what 17 and 63 said afterwards (None: not asked, or no answer)."""
    told = _told(reply.reason, profile)
    if told is not None:
        return told
    if item is not None and not item.known:
        return Refused(reason=Refusal.ITEM_UNKNOWN)
    if patron is not None:
        if holds_item(patron, reply.item, profile):
            return Refused(reason=Refusal.ITEM_ALREADY_YOURS)
        blocked = patron_refusal(patron, profile, today)
        if blocked is not None:
            return blocked
    return Refused(reason=Refusal.ITEM_DESK_ONLY) if item is None else _item_refusal(item, profile)


def renewal_refusal(
    reply: LoanReply, item: ItemReply | None, patron: PatronReply | None, profile: Profile, today: dt.date
) -> Refused:
    """Why a renewal was refused.

    Without a reason code or flag "too often" and "too early" cannot be told apart: such a reader is sent to the desk.
    """
    told = _told(reply.reason, profile)
    if told is not None:
        return told
    if item is not None:
        if not item.known:
            return Refused(reason=Refusal.ITEM_UNKNOWN)
        if on_loan(item) is False:
            return Refused(reason=Refusal.ITEM_NOT_ON_LOAN)
    if patron is not None and holds_item(patron, reply.item, profile) is False:
        return Refused(reason=Refusal.RENEW_NOT_YOURS)
    if item is not None:
        if item.circulation is Circulation.RECALLED or (item.hold_queue or 0) > 0:
            return Refused(reason=Refusal.RENEW_RESERVED)
        if item.due is not None and item.due.day is not None and item.due.day < today:
            return Refused(reason=Refusal.RENEW_OVERDUE)
    blocked = None if patron is None else patron_refusal(patron, profile, today)
    if blocked is not None and blocked.reason is not Refusal.PATRON_LIMIT:
        return blocked
    often = patron is not None and PatronFlag.TOO_MANY_RENEWALS in patron.flags
    return Refused(reason=Refusal.RENEW_MAX if often else Refusal.ITEM_DESK_ONLY)


def checkin_refusal(reply: CheckinReply, item: ItemReply | None, profile: Profile) -> Refused:
    """Why a return was refused, by what 17 says afterwards (None: not asked, or no answer).

    ITEM_NOT_ON_LOAN means that the books are in order: the item was home already, or is so in spite of the refusal.
    """
    told = _told(reply.reason, profile)
    if told is not None:
        return told
    if item is None:
        return Refused(reason=Refusal.ITEM_DESK_ONLY)
    if not item.known:
        return Refused(reason=Refusal.ITEM_UNKNOWN)
    if on_loan(item) is not False:
        return Refused(reason=Refusal.ITEM_DESK_ONLY)
    return Refused(reason=Refusal.ITEM_NOT_ON_LOAN)


def on_loan(item: ItemReply) -> bool | None:
    """Whether an item is out with a reader; None when the code says nothing about it."""
    return None if item.circulation is Circulation.OTHER else item.circulation in _ON_LOAN


def holds_item(patron: PatronReply, item: ItemBarcode, profile: Profile) -> bool | None:
    """Whether the reader's list of loans has this item; None when the list is missing, cut short or unreadable.

    A wrong "no" would send a checkout twice, so entries that do not look like the profile says are unreadable.
    """
    if profile.charged_entry is ChargedEntry.OPAQUE:
        return None
    words = [entry.split(" ", 1) for entry in patron.charged]
    if any(word[0].casefold() == item.casefold() for word in words):
        return True
    titled = any(len(word) > 1 for word in words)
    readable = not titled or profile.charged_entry is ChargedEntry.BARCODE_FIRST
    whole = patron.charged_count is not None and len(patron.charged) >= patron.charged_count
    return False if whole and readable else None


def _unknown(patron: PatronReply) -> bool:
    """Koha answers for an unknown number with BLN, the first four flags and an empty name."""
    return patron.valid is False and not patron.name


def _told(reason: Reason, profile: Profile) -> Refused | None:
    known = profile.reasons.get(reason.code)
    return None if known is None else Refused(reason=known, until=reason.until)


def _item_refusal(item: ItemReply, profile: Profile) -> Refused:
    told = _told(item.reason, profile)
    return told or Refused(reason=_ITEM_REASONS.get(item.circulation, Refusal.ITEM_DESK_ONLY))
