"""What each refusal is called on a row, why, and where to put the book. Every one has a next step."""

from __future__ import annotations

from typing import Final, NamedTuple

from kiosk.domain import Refusal as R
from kiosk.screen import Icon


class Words(NamedTuple):
    """Sentence keys: the short word, the reason, what to do; and the picture of what to do."""

    word: str
    reason: str
    remedy: str
    icon: Icon


_SHELF: Final = ("do.shelf", Icon.SHELF)
_DESK: Final = ("do.desk", Icon.DESK)

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
    R.PATRON_UNKNOWN: Words("refusal.patron_other", "card.unknown", *_DESK),
    R.PATRON_CARD_LOST: Words("refusal.patron_other", "card.lost", *_DESK),
    R.PATRON_CARD_RANDOM: Words("refusal.patron_other", "card.random", "do.card", Icon.CARD),
    R.PATRON_EXPIRED: Words("refusal.patron_other", "card.expired", *_DESK),
    R.PATRON_LIMIT: Words("refusal.patron_limit", "patron.limit_reached", *_SHELF),
    R.PATRON_OVERDUE: Words("refusal.patron_overdue", "patron.overdue", *_SHELF),
    R.PATRON_FEES: Words("refusal.patron_fees", "patron.fees_block", *_DESK),
    R.PATRON_SUSPENDED: Words("refusal.patron_other", "patron.suspended", *_SHELF),
    R.PATRON_ORIENTATION: Words("refusal.patron_other", "patron.orientation", *_SHELF),
    R.PATRON_NOT_ALLOWED: Words("refusal.patron_other", "patron.not_allowed", *_DESK),
    R.PATRON_LEAVING: Words("refusal.patron_other", "patron.leaving", *_SHELF),
    R.PIN_WRONG: Words("refusal.patron_other", "card.pin_wrong", "do.again", Icon.CARD),
    R.PIN_LOCKED: Words("refusal.patron_other", "card.pin_locked", *_DESK),
    R.PIN_NEEDED: Words("refusal.patron_other", "card.pin", "do.again", Icon.CARD),
    R.RENEW_MAX: Words("refusal.renew_max", "renew.max", "do.shelf", Icon.SHELF),
    R.RENEW_OVERDUE: Words("refusal.renew_overdue", "renew.overdue", "do.desk", Icon.DESK),
    R.RENEW_RESERVED: Words("refusal.renew_reserved", "renew.reserved", "do.desk", Icon.DESK),
    R.RENEW_TOO_EARLY: Words("refusal.renew_too_early", "renew.too_early", "do.later", Icon.CLOCK),
    R.RENEW_NOT_YOURS: Words("refusal.renew_not_yours", "say.renew_not_yours", *_DESK),
    R.VOID: Words("refusal.service_away", "say.service_away", "do.again", Icon.BOOK),
    R.SERVICE_AWAY: Words("refusal.service_away", "say.service_away", "do.again", Icon.BOOK),
    R.OFFLINE_LIMIT: Words("refusal.offline_limit", "system.offline_limit", *_SHELF),
    R.OFFLINE_UNKNOWN_PATRON: Words("refusal.offline_not_here", "say.offline_unknown", "do.later", Icon.CLOCK),
    R.OFFLINE_NOT_HERE: Words("refusal.offline_not_here", "say.offline_not_here", "do.later", Icon.CLOCK),
    R.QUARANTINED: Words("refusal.item_desk_only", "item.desk_only", *_DESK),
    R.STAFF: Words("refusal.staff", "say.refused_plain", *_DESK),
}
