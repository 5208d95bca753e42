"""Every reason for a "no", as the library knows them. A refusal is a value; its sentence is chosen by the screen."""

from __future__ import annotations

import enum


class Refusal(enum.StrEnum):
    """Derived from SIP2 codes and status bits or from this machine's own rules, never from an ILS's free text."""

    # the item
    ITEM_UNKNOWN = "item_unknown"
    ITEM_NOT_OURS = "item_not_ours"
    ITEM_REFERENCE_ONLY = "item_reference_only"
    ITEM_ON_HOLD_OTHER = "item_on_hold_other"
    ITEM_ON_LOAN_OTHER = "item_on_loan_other"
    ITEM_ALREADY_YOURS = "item_already_yours"
    ITEM_DESK_ONLY = "item_desk_only"  # the ILS says no and no code says why
    ITEM_LOST = "item_lost"
    ITEM_DISCARDED = "item_discarded"
    ITEM_DUPLICATE = "item_duplicate"  # two tags with one number on the pad
    ITEM_INCOMPLETE = "item_incomplete"  # a set with parts missing from the pad
    ITEM_NOT_ON_LOAN = "item_not_on_loan"
    ITEM_IS_PATRON_CARD = "item_is_patron_card"
    ITEM_TAG_UNREADABLE = "item_tag_unreadable"
    ITEM_LIFTED = "item_lifted"  # taken off the pad before anything was done
    # the patron
    PATRON_UNKNOWN = "patron_unknown"
    PATRON_CARD_LOST = "patron_card_lost"
    PATRON_CARD_RANDOM = "patron_card_random"  # a phone or card that shows another number every time
    PATRON_EXPIRED = "patron_expired"
    PATRON_LIMIT = "patron_limit"
    PATRON_OVERDUE = "patron_overdue"
    PATRON_FEES = "patron_fees"
    PATRON_SUSPENDED = "patron_suspended"
    PATRON_ORIENTATION = "patron_orientation"
    PATRON_NOT_ALLOWED = "patron_not_allowed"
    PATRON_LEAVING = "patron_leaving"
    PIN_WRONG = "pin_wrong"
    PIN_LOCKED = "pin_locked"
    PIN_NEEDED = "pin_needed"
    # renewals
    RENEW_MAX = "renew_max"
    RENEW_OVERDUE = "renew_overdue"
    RENEW_RESERVED = "renew_reserved"
    RENEW_TOO_EARLY = "renew_too_early"
    RENEW_NOT_YOURS = "renew_not_yours"
    # the way to the library system
    VOID = "void"  # the key was cancelled before the library system was asked
    SERVICE_AWAY = "service_away"
    OFFLINE_LIMIT = "offline_limit"
    OFFLINE_UNKNOWN_PATRON = "offline_unknown_patron"
    OFFLINE_NOT_HERE = "offline_not_here"  # this service, item or reader needs the network
    QUARANTINED = "quarantined"  # this machine's journal is forked: returns only
    STAFF = "staff"  # the outcome could not be told; people are on it
