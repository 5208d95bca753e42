"""Every state a reader or an item can be in is refused for its own reason, as far as the library system says it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from kiosk.domain import ItemBarcode, PatronId, Refusal
from kiosk.gateway.sim import DIALECTS, DemoData
from kiosk.gateway.sip2 import (
    Checkout,
    ItemInformation,
    PatronInformation,
    Renew,
    checkout_refusal,
    patron_blocks,
    patron_loans,
    renewal_refusal,
)
from kiosk.gateway.sip2.dates import local_time
from tests.unit.demo_ils.conftest import BOOK, READER, Library, library

P = "99201300"
READERS: dict[str, tuple[Refusal | None, Refusal | None]] = {
    # reader: reason in a dialect with reason codes, reason by flags alone
    P + "01": (None, None),
    P + "37": (Refusal.PATRON_LIMIT, Refusal.PATRON_LIMIT),
    P + "38": (Refusal.PATRON_OVERDUE, Refusal.PATRON_OVERDUE),
    P + "40": (Refusal.PATRON_FEES, Refusal.PATRON_FEES),
    P + "41": (None, None),  # owes less than the limit
    P + "42": (Refusal.PATRON_SUSPENDED, Refusal.PATRON_NOT_ALLOWED),
    P + "43": (Refusal.PATRON_CARD_LOST, Refusal.PATRON_CARD_LOST),
    P + "44": (Refusal.PATRON_EXPIRED, Refusal.PATRON_NOT_ALLOWED),
    P + "45": (Refusal.PATRON_ORIENTATION, Refusal.PATRON_NOT_ALLOWED),
    P + "48": (Refusal.PATRON_LEAVING, Refusal.PATRON_NOT_ALLOWED),
    "JS02-99000049": (None, None),
    "JS05-99000054": (None, None),  # frozen by the consortium, which the library system does not know
}


def _today(lib: Library) -> dt.date:
    return local_time(lib.hub.wall(), lib.profile.utc_offset_s).date()


@pytest.mark.parametrize("reader", sorted(READERS))
@pytest.mark.parametrize("dialect", ["demo", "libsys", "koha", "sierra", "polaris", "dp2"])
def test_a_reader_is_refused_for_the_right_reason(data: DemoData, dialect: str, reader: str) -> None:
    lib = library(data, dialect)

    def story() -> None:
        account = lib.ask(PatronInformation(patron=PatronId(reader)))
        blocks = [block.reason for block in patron_blocks(account, lib.profile, _today(lib))]
        coded, flagged = READERS[reader]
        expected = coded if DIALECTS[dialect].reason_field else flagged
        assert blocks == ([] if expected is None else [expected])
        reply = lib.ask(Checkout(patron=PatronId(reader), item=BOOK))
        assert reply.ok == (expected is None)

    lib.play(story)
    assert lib.ops(BOOK) == (["checkout"] if READERS[reader][0] is None else [])


def test_a_suspension_and_a_membership_say_until_when(lib: Library) -> None:
    def story() -> None:
        paused = lib.ask(PatronInformation(patron=PatronId(P + "42")))
        (block,) = patron_blocks(paused, lib.profile, _today(lib))
        assert block.until == _today(lib) + dt.timedelta(days=14)
        ended = lib.ask(PatronInformation(patron=PatronId(P + "44")))
        (block,) = patron_blocks(ended, lib.profile, _today(lib))
        assert block.until == _today(lib) - dt.timedelta(days=20)

    lib.play(story)


def test_an_evergreen_membership_that_has_ended_is_known_by_its_date(data: DemoData) -> None:
    lib = library(data, "evergreen")
    ended = lib.once(PatronInformation(patron=PatronId(P + "44")))
    assert ended.valid is False
    assert [block.reason for block in patron_blocks(ended, lib.profile, _today(lib))] == [Refusal.PATRON_EXPIRED]


ITEMS = {
    "D9999999": (Refusal.ITEM_UNKNOWN, Refusal.ITEM_UNKNOWN),
    "D1000004": (Refusal.ITEM_ON_LOAN_OTHER, Refusal.ITEM_ON_LOAN_OTHER),
    "D1000040": (Refusal.ITEM_LOST, Refusal.ITEM_LOST),
    "D1000057": (Refusal.ITEM_ON_HOLD_OTHER, Refusal.ITEM_ON_HOLD_OTHER),
    "D1000175": (Refusal.ITEM_REFERENCE_ONLY, Refusal.ITEM_DESK_ONLY),
    "JS02-2000001": (Refusal.ITEM_ON_LOAN_OTHER, Refusal.ITEM_ON_LOAN_OTHER),
}


@pytest.mark.parametrize("item", sorted(ITEMS))
@pytest.mark.parametrize("dialect", ["demo", "koha"])
def test_an_item_is_refused_for_the_right_reason(data: DemoData, dialect: str, item: str) -> None:
    lib = library(data, dialect)

    def story() -> None:
        reply = lib.ask(Checkout(patron=READER, item=ItemBarcode(item)))
        info = lib.ask(ItemInformation(item=ItemBarcode(item)))
        who = patron_loans(lib.client, patron=READER, by=lib.hub.now() + 2)
        refused = checkout_refusal(reply, info, who, lib.profile, _today(lib))
        assert not reply.ok
        assert refused.reason is ITEMS[item][0 if dialect == "demo" else 1]

    lib.play(story)


def test_a_hold_that_is_ready_is_lent_to_its_reader_and_to_nobody_else(lib: Library) -> None:
    kept = ItemBarcode("D1000012")  # for READER
    assert not lib.once(Checkout(patron=PatronId(P + "10"), item=kept)).ok
    assert lib.once(Checkout(patron=READER, item=kept)).ok
    assert lib.once(PatronInformation(patron=READER)).holds_ready_count == 1


RENEWALS = {
    ("9920130001", "D1000004"): (None, None),
    ("9920130001", "D1000015"): (Refusal.RENEW_TOO_EARLY, Refusal.ITEM_DESK_ONLY),
    ("9920130003", "D1000017"): (Refusal.RENEW_MAX, Refusal.ITEM_DESK_ONLY),
    ("9920130004", "D1000022"): (Refusal.RENEW_RESERVED, Refusal.RENEW_RESERVED),
    ("9920130029", "D1000104"): (Refusal.RENEW_RESERVED, Refusal.RENEW_RESERVED),  # recalled
    ("9920130039", "D1000065"): (Refusal.RENEW_OVERDUE, Refusal.RENEW_OVERDUE),
    ("9920130042", "D1000074"): (Refusal.PATRON_SUSPENDED, Refusal.PATRON_NOT_ALLOWED),
    ("9920130001", "D1000065"): (Refusal.RENEW_NOT_YOURS, Refusal.RENEW_NOT_YOURS),
}


@pytest.mark.parametrize(("reader", "item"), sorted(RENEWALS))
@pytest.mark.parametrize("dialect", ["demo", "koha"])
def test_a_renewal_is_refused_for_the_right_reason(data: DemoData, dialect: str, reader: str, item: str) -> None:
    lib = library(data, dialect)

    def story() -> None:
        before = lib.ask(ItemInformation(item=ItemBarcode(item)))
        reply = lib.ask(Renew(patron=PatronId(reader), item=ItemBarcode(item)))
        expected = RENEWALS[(reader, item)][0 if dialect == "demo" else 1]
        assert reply.ok == (expected is None)
        if expected is None:
            assert before.due is not None
            assert reply.due is not None
            assert reply.due.day == (before.due.day or dt.date.min) + dt.timedelta(days=30)
        else:
            who = patron_loans(lib.client, patron=PatronId(reader), by=lib.hub.now() + 2)
            assert renewal_refusal(reply, before, who, lib.profile, _today(lib)).reason is expected

    lib.play(story)


def test_a_renewal_that_comes_too_early_says_when_to_come_back(lib: Library) -> None:
    def story() -> None:
        reply = lib.ask(Renew(patron=PatronId(P + "01"), item=ItemBarcode("D1000015")))
        refused = renewal_refusal(reply, None, None, lib.profile, _today(lib))
        assert refused.until == _today(lib) + dt.timedelta(days=13)

    lib.play(story)


def test_dp2_lends_only_under_the_institutions_own_code(data: DemoData) -> None:
    lib = library(data, "dp2")
    lib.client.profile = replace(lib.profile, institution="XX99")
    assert not lib.once(Checkout(patron=READER, item=BOOK)).ok
    assert lib.ops(BOOK) == []
