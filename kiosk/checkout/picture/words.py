"""What each refusal is called on a row, why, and where to put the book. Every one has a next step."""

from __future__ import annotations

from typing import Final, NamedTuple

from kiosk.domain import Refusal as R
from kiosk.messages.records import Op
from kiosk.screen import Icon


class Words(NamedTuple):
    """Sentence keys: the short word, the reason, what to do; and the picture of what to do."""

    word: str
    reason: str
    remedy: str
    icon: Icon


_SHELF: Final = ("do.shelf", Icon.SHELF)
_SHELF_ALL: Final = ("do.shelf_all", Icon.SHELF)  # a reason that holds for every book of this reader
_DESK: Final = ("do.desk", Icon.DESK)  # hand the book over
_ASK: Final = ("do.ask_desk", Icon.DESK)  # go there oneself
_KEEP: Final = ("do.return_in_time", Icon.CLOCK)  # the book is at home, and has a due date

WORDS: Final[dict[R, Words]] = {
    R.ITEM_UNKNOWN: Words("refusal.item_unknown", "item.unknown", *_DESK),
    R.ITEM_NOT_OURS: Words("refusal.item_not_ours", "item.not_ours", "do.home_library", Icon.DESK),
    R.ITEM_REFERENCE_ONLY: Words("refusal.item_reference_only", "item.reference_only", *_SHELF),
    R.ITEM_ON_HOLD_OTHER: Words("refusal.item_on_hold_other", "item.on_hold_other", *_SHELF),
    R.ITEM_ON_LOAN_OTHER: Words("refusal.item_on_loan_other", "item.on_loan_other", *_DESK),
    R.ITEM_ALREADY_YOURS: Words("refusal.item_already_yours", "item.already_yours", "do.renew", Icon.RENEW),
    R.ITEM_DESK_ONLY: Words("refusal.item_desk_only", "item.desk_only", *_DESK),
    R.ITEM_LOST: Words("refusal.item_lost", "say.item_lost", *_DESK),
    R.ITEM_DISCARDED: Words("refusal.item_discarded", "say.item_discarded", *_DESK),
    R.ITEM_DUPLICATE: Words("refusal.item_duplicate", "say.item_duplicate", *_DESK),
    R.ITEM_INCOMPLETE: Words("refusal.item_incomplete", "say.item_incomplete", "do.all_parts", Icon.DISC),
    R.ITEM_NOT_ON_LOAN: Words("refusal.item_not_on_loan", "checkin.not_on_loan", *_DESK),
    R.ITEM_IS_PATRON_CARD: Words("refusal.item_is_patron_card", "say.item_is_patron_card", "do.card", Icon.CARD),
    R.ITEM_TAG_UNREADABLE: Words("refusal.item_tag_unreadable", "item.tag_damaged", "do.scan", Icon.QR),
    R.ITEM_LIFTED: Words("refusal.item_lifted", "say.item_lifted", "do.again", Icon.BOOK),
    R.PATRON_UNKNOWN: Words("refusal.patron_other", "card.unknown", *_ASK),
    R.PATRON_CARD_LOST: Words("refusal.patron_other", "card.lost", *_ASK),
    R.PATRON_CARD_RANDOM: Words("refusal.patron_other", "card.random", "do.card", Icon.CARD),
    R.PATRON_EXPIRED: Words("refusal.patron_other", "card.expired", *_ASK),
    R.PATRON_LIMIT: Words("refusal.patron_limit", "patron.limit_reached", *_SHELF_ALL),
    R.PATRON_OVERDUE: Words("refusal.patron_overdue", "patron.overdue", *_SHELF_ALL),
    R.PATRON_FEES: Words("refusal.patron_fees", "patron.fees_block", *_ASK),
    R.PATRON_SUSPENDED: Words("refusal.patron_other", "patron.suspended", *_SHELF_ALL),
    R.PATRON_ORIENTATION: Words("refusal.patron_other", "patron.orientation", *_SHELF_ALL),
    R.PATRON_NOT_ALLOWED: Words("refusal.patron_other", "patron.not_allowed", *_SHELF),
    R.PATRON_LEAVING: Words("refusal.patron_other", "patron.leaving", *_SHELF_ALL),
    R.PIN_WRONG: Words("refusal.patron_other", "card.pin_wrong", "do.again", Icon.CARD),
    R.PIN_LOCKED: Words("refusal.patron_other", "card.pin_locked", *_ASK),
    R.PIN_NEEDED: Words("refusal.patron_other", "card.pin", "do.again", Icon.CARD),
    R.RENEW_MAX: Words("refusal.renew_max", "renew.max", *_KEEP),
    R.RENEW_OVERDUE: Words("refusal.renew_overdue", "renew.overdue", *_ASK),
    R.RENEW_RESERVED: Words("refusal.renew_reserved", "renew.reserved", *_KEEP),
    R.RENEW_TOO_EARLY: Words("refusal.renew_too_early", "renew.too_early", "do.renew_then", Icon.CLOCK),
    R.RENEW_NOT_YOURS: Words("refusal.renew_not_yours", "say.renew_not_yours", *_ASK),
    R.VOID: Words("refusal.service_away", "say.service_away", "do.again", Icon.BOOK),
    R.SERVICE_AWAY: Words("refusal.service_away", "say.service_away", "do.again", Icon.BOOK),
    R.OFFLINE_LIMIT: Words("refusal.offline_limit", "system.offline_limit", *_SHELF_ALL),
    R.OFFLINE_UNKNOWN_PATRON: Words("refusal.offline_not_here", "say.offline_unknown", "do.later", Icon.CLOCK),
    R.OFFLINE_NOT_HERE: Words("refusal.offline_not_here", "say.offline_not_here", "do.later", Icon.CLOCK),
    R.QUARANTINED: Words("refusal.item_desk_only", "item.desk_only", *_DESK),
    R.STAFF: Words("refusal.staff", "say.refused_plain", *_DESK),
}

_NO_RENEWAL: Final = frozenset({R.RENEW_MAX, R.RENEW_OVERDUE, R.RENEW_RESERVED, R.RENEW_TOO_EARLY, R.RENEW_NOT_YOURS})
_AWAY: Final = frozenset({R.VOID, R.SERVICE_AWAY, R.OFFLINE_NOT_HERE})
_HANDED_IN: Final = _AWAY | {
    R.ITEM_UNKNOWN,
    R.ITEM_NOT_OURS,
    R.ITEM_DESK_ONLY,
    R.ITEM_LOST,
    R.ITEM_DUPLICATE,
    R.ITEM_INCOMPLETE,
    R.ITEM_NOT_ON_LOAN,
    R.ITEM_IS_PATRON_CARD,
    R.ITEM_TAG_UNREADABLE,
    R.ITEM_LIFTED,
    R.QUARANTINED,
    R.STAFF,
}


def words(reason: R, op: Op) -> Words:
    """The words fit what was asked: nobody who returns a book is told that it cannot be lent, and nobody whose book
    is at home is told to put it on a shelf."""
    if op is Op.CHECKIN and reason not in _HANDED_IN:
        return WORDS[R.ITEM_DESK_ONLY]
    if op is Op.RENEW and reason not in _NO_RENEWAL | _AWAY:
        found = WORDS[R.RENEW_RESERVED if reason is R.ITEM_ON_HOLD_OTHER else reason]
        lending = reason in (R.ITEM_ON_HOLD_OTHER, R.PATRON_LIMIT, R.PATRON_OVERDUE, R.PATRON_SUSPENDED)
        remedy = _KEEP if lending else _ASK
        return Words(found.word, found.reason, *remedy)
    return WORDS[reason]
