"""Refusals in the library's words: from codes and states, never from what the ILS writes for people."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from kiosk.domain import Fen, ItemBarcode, PatronId, Refusal
from kiosk.gateway.sip2 import (
    PROFILES,
    Alert,
    CheckinReply,
    Circulation,
    Due,
    ItemReply,
    LoanReply,
    PatronFlag,
    PatronReply,
    Profile,
    checkin_refusal,
    checkout_refusal,
    holds_item,
    patron_blocks,
    patron_refusal,
    pin_wrong,
    renewal_refusal,
)
from kiosk.gateway.sip2.judge import on_loan
from kiosk.gateway.sip2.profile import ChargedEntry
from kiosk.gateway.sip2.replies import Reason

TODAY = dt.date(2026, 11, 22)
PLAIN = Profile(name="plain")
DEMO = PROFILES["demo"]
ITEM = ItemBarcode("D1000001")
PATRON = PatronReply(patron=PatronId("99"), name="本科生", flags=frozenset(), valid=True, pin_ok=None, charged_count=0)
SHELVED = ItemReply(
    item=ITEM,
    known=True,
    title="红楼梦",
    circulation=Circulation.AVAILABLE,
    due=None,
    hold_queue=0,
    owner="JS01",
    permanent_location="F2-SK",
    current_location="F2-SK",
    call_number="I242.4/1",
    media_type="001",
    fee_fen=None,
    recall_day=None,
    pickup_day=None,
    reason=Reason(),
)
NO = LoanReply(
    ok=False,
    renewed=False,
    desensitize=None,
    security_inhibit=False,
    item=ITEM,
    title="红楼梦",
    due=None,
    fee_fen=None,
    fee_type="",
    media_type="001",
    transaction="",
    reason=Reason(),
)
LENT = replace(SHELVED, circulation=Circulation.CHARGED, due=Due(text="x", day=dt.date(2026, 12, 1)))
MINE = replace(PATRON, charged=(ITEM,), charged_count=1)


def _flagged(*flags: PatronFlag) -> PatronReply:
    return replace(PATRON, flags=frozenset(flags))


@pytest.mark.parametrize(
    ("flag", "reason"),
    [
        (PatronFlag.CARD_LOST, Refusal.PATRON_CARD_LOST),
        (PatronFlag.TOO_MANY_CHARGED, Refusal.PATRON_LIMIT),
        (PatronFlag.TOO_MANY_OVERDUE, Refusal.PATRON_OVERDUE),
        (PatronFlag.RECALL_OVERDUE, Refusal.PATRON_OVERDUE),
        (PatronFlag.EXCESSIVE_FINES, Refusal.PATRON_FEES),
        (PatronFlag.EXCESSIVE_FEES, Refusal.PATRON_FEES),
        (PatronFlag.CHARGE_DENIED, Refusal.PATRON_NOT_ALLOWED),
    ],
)
def test_each_flag_against_a_loan_has_its_reason(flag: PatronFlag, reason: Refusal) -> None:
    refused = patron_refusal(_flagged(PatronFlag.CHARGE_DENIED, flag), PLAIN, TODAY)
    assert refused is not None
    assert refused.reason is reason


@pytest.mark.parametrize("flag", [PatronFlag.HOLD_DENIED, PatronFlag.RECALL_DENIED, PatronFlag.RENEWAL_DENIED])
def test_who_may_not_place_holds_may_still_borrow(flag: PatronFlag) -> None:
    assert patron_refusal(_flagged(flag), PLAIN, TODAY) is None


def test_all_reasons_are_known_at_once_and_a_lost_card_comes_first() -> None:
    patron = _flagged(
        PatronFlag.CHARGE_DENIED, PatronFlag.EXCESSIVE_FINES, PatronFlag.TOO_MANY_CHARGED, PatronFlag.CARD_LOST
    )
    assert [block.reason for block in patron_blocks(patron, PLAIN, TODAY)] == [
        Refusal.PATRON_CARD_LOST,
        Refusal.PATRON_FEES,
        Refusal.PATRON_LIMIT,
    ]


def test_an_unknown_reader_is_told_from_a_blocked_one() -> None:
    """Koha answers for an unknown number with BLN, four flags and an empty name."""
    unknown = replace(_flagged(PatronFlag.CHARGE_DENIED, PatronFlag.HOLD_DENIED), valid=False, name="")
    assert [block.reason for block in patron_blocks(unknown, PLAIN, TODAY)] == [Refusal.PATRON_UNKNOWN]
    blocked = replace(PATRON, valid=False)
    assert [block.reason for block in patron_blocks(blocked, PLAIN, TODAY)] == [Refusal.PATRON_NOT_ALLOWED]


def test_a_missing_bl_is_decided_by_the_flags() -> None:
    assert patron_refusal(replace(PATRON, valid=None), PLAIN, TODAY) is None


def test_a_membership_that_has_ended_says_when() -> None:
    ended = replace(PATRON, expires=dt.date(2026, 11, 21), valid=False)
    refused = patron_refusal(ended, PLAIN, TODAY)
    assert refused is not None
    assert (refused.reason, refused.until) == (Refusal.PATRON_EXPIRED, dt.date(2026, 11, 21))
    assert patron_refusal(replace(PATRON, expires=TODAY), PLAIN, TODAY) is None


def test_a_reason_code_of_the_ils_outranks_guessing_and_brings_its_day() -> None:
    until = dt.date(2026, 12, 6)
    paused = replace(_flagged(PatronFlag.CHARGE_DENIED), reason=Reason(code="suspended", until=until))
    refused = patron_refusal(paused, DEMO, TODAY)
    assert refused is not None
    assert (refused.reason, refused.until) == (Refusal.PATRON_SUSPENDED, until)
    unheard = patron_refusal(paused, PLAIN, TODAY)
    assert unheard is not None
    assert unheard.reason is Refusal.PATRON_NOT_ALLOWED


def test_only_a_pin_that_was_checked_can_be_wrong() -> None:
    assert [pin_wrong(replace(PATRON, pin_ok=ok)) for ok in (True, False, None)] == [False, True, False]


@pytest.mark.parametrize(
    ("circulation", "reason"),
    [
        (Circulation.CHARGED, Refusal.ITEM_ON_LOAN_OTHER),
        (Circulation.RECALLED, Refusal.ITEM_ON_LOAN_OTHER),
        (Circulation.ON_HOLD_SHELF, Refusal.ITEM_ON_HOLD_OTHER),
        (Circulation.LOST, Refusal.ITEM_LOST),
        (Circulation.AVAILABLE, Refusal.ITEM_DESK_ONLY),
        (Circulation.OTHER, Refusal.ITEM_DESK_ONLY),
    ],
)
def test_a_refused_loan_is_explained_by_the_item(circulation: Circulation, reason: Refusal) -> None:
    item = replace(SHELVED, circulation=circulation)
    assert checkout_refusal(NO, item, PATRON, PLAIN, TODAY).reason is reason


def test_a_refused_loan_is_explained_by_the_reader_first() -> None:
    patron = _flagged(PatronFlag.CHARGE_DENIED, PatronFlag.TOO_MANY_CHARGED)
    assert checkout_refusal(NO, SHELVED, patron, PLAIN, TODAY).reason is Refusal.PATRON_LIMIT


def test_a_loan_of_what_one_already_has_says_so() -> None:
    assert checkout_refusal(NO, LENT, MINE, PLAIN, TODAY).reason is Refusal.ITEM_ALREADY_YOURS


def test_without_anything_to_go_by_the_item_goes_to_the_desk() -> None:
    assert checkout_refusal(NO, None, None, PLAIN, TODAY).reason is Refusal.ITEM_DESK_ONLY


def test_an_unknown_item_cannot_be_lent_renewed_or_returned() -> None:
    unknown = replace(SHELVED, known=False, title="", circulation=Circulation.OTHER)
    assert checkout_refusal(NO, unknown, PATRON, PLAIN, TODAY).reason is Refusal.ITEM_UNKNOWN
    assert renewal_refusal(NO, unknown, PATRON, PLAIN, TODAY).reason is Refusal.ITEM_UNKNOWN


def test_the_words_an_ils_writes_for_people_decide_nothing() -> None:
    shouting = replace(NO, messages=("ITEM LOST", "CARD EXPIRED", "NOT_FOR_LOAN: 1"))
    assert checkout_refusal(shouting, LENT, PATRON, PLAIN, TODAY) == checkout_refusal(NO, LENT, PATRON, PLAIN, TODAY)


@pytest.mark.parametrize(
    ("item", "patron", "reason"),
    [
        (SHELVED, PATRON, Refusal.ITEM_NOT_ON_LOAN),
        (LENT, PATRON, Refusal.RENEW_NOT_YOURS),
        (replace(LENT, hold_queue=2), MINE, Refusal.RENEW_RESERVED),
        (replace(LENT, circulation=Circulation.RECALLED), MINE, Refusal.RENEW_RESERVED),
        (replace(LENT, due=Due(text="x", day=dt.date(2026, 11, 21))), MINE, Refusal.RENEW_OVERDUE),
        (LENT, replace(MINE, flags=frozenset({PatronFlag.EXCESSIVE_FINES})), Refusal.PATRON_FEES),
        (LENT, replace(MINE, flags=frozenset({PatronFlag.TOO_MANY_RENEWALS})), Refusal.RENEW_MAX),
        (LENT, replace(MINE, flags=frozenset({PatronFlag.TOO_MANY_CHARGED})), Refusal.ITEM_DESK_ONLY),
        (LENT, MINE, Refusal.ITEM_DESK_ONLY),
        (replace(SHELVED, circulation=Circulation.OTHER), MINE, Refusal.ITEM_DESK_ONLY),
    ],
)
def test_a_refused_renewal_is_explained(item: ItemReply, patron: PatronReply, reason: Refusal) -> None:
    assert renewal_refusal(NO, item, patron, PLAIN, TODAY).reason is reason


def test_too_early_is_known_only_where_the_ils_says_so() -> None:
    early = replace(NO, reason=Reason(code="renew_too_early", until=dt.date(2026, 11, 28)))
    refused = renewal_refusal(early, LENT, MINE, DEMO, TODAY)
    assert (refused.reason, refused.until) == (Refusal.RENEW_TOO_EARLY, dt.date(2026, 11, 28))


def _back(code: str = "") -> CheckinReply:
    return CheckinReply(
        ok=False,
        resensitize=True,
        alert=True,
        alert_type=Alert.OTHER,
        item=ITEM,
        title="",
        permanent_location="",
        destination="",
        sort_bin="",
        call_number="",
        collection="",
        media_type="",
        fee_fen=Fen(0),
        reason=Reason(code=code),
        patron=None,
        hold_patron=None,
        hold_patron_name="",
    )


def test_a_refused_return_is_explained_by_what_the_ils_believes_afterwards() -> None:
    assert checkin_refusal(_back(), SHELVED, PLAIN).reason is Refusal.ITEM_NOT_ON_LOAN
    assert checkin_refusal(_back(), LENT, PLAIN).reason is Refusal.ITEM_DESK_ONLY
    assert checkin_refusal(_back(), None, PLAIN).reason is Refusal.ITEM_DESK_ONLY
    untold = replace(SHELVED, circulation=Circulation.OTHER)
    assert checkin_refusal(_back(), untold, PLAIN).reason is Refusal.ITEM_DESK_ONLY
    assert checkin_refusal(_back(), replace(SHELVED, known=False), PLAIN).reason is Refusal.ITEM_UNKNOWN
    assert checkin_refusal(_back("lost"), SHELVED, DEMO).reason is Refusal.ITEM_LOST


def test_who_has_an_item_is_read_from_the_list_of_loans_or_stays_unknown() -> None:
    first = replace(PLAIN, charged_entry=ChargedEntry.BARCODE_FIRST)
    opaque = replace(PLAIN, charged_entry=ChargedEntry.OPAQUE)
    titled = replace(MINE, charged=(f"{ITEM} 红楼梦",))
    assert holds_item(MINE, ITEM, PLAIN) is True
    assert holds_item(titled, ITEM, first) is True
    assert holds_item(replace(MINE, charged=("D1000009",)), ITEM, PLAIN) is False
    assert holds_item(titled, ITEM, opaque) is None
    assert holds_item(replace(MINE, charged=("红楼梦 曹雪芹",)), ITEM, PLAIN) is None
    assert holds_item(PATRON, ITEM, PLAIN) is False
    assert holds_item(replace(PATRON, charged_count=3), ITEM, PLAIN) is None
    assert holds_item(replace(PATRON, charged_count=None), ITEM, PLAIN) is None


def test_a_code_that_says_nothing_about_a_loan_is_taken_for_nothing() -> None:
    states = {code: on_loan(replace(SHELVED, circulation=code)) for code in Circulation}
    assert states[Circulation.OTHER] is None
    assert {code for code, state in states.items() if state} == {
        Circulation.CHARGED,
        Circulation.CHARGED_NOT_RECALLABLE,
        Circulation.RECALLED,
        Circulation.CLAIMED_RETURNED,
    }
