"""What holds against every library system, whoever wrote it: the client's side of the contract."""

from __future__ import annotations

import datetime as dt

import pytest

from kiosk.domain import Fen, ItemBarcode, PatronId, Refusal
from kiosk.gateway.sip2 import (
    BlockPatron,
    Cause,
    Checkin,
    Checkout,
    Circulation,
    EndSession,
    FeePaid,
    Hold,
    HoldMode,
    ItemInformation,
    ItemUpdate,
    NotSent,
    PatronEnable,
    PatronInformation,
    PatronStatus,
    Pool,
    Renew,
    RenewAll,
    Summary,
    checkin_refusal,
    checkout_refusal,
    look,
    patron_blocks,
    patron_loans,
    pin_wrong,
    renewal_refusal,
)
from tests.contract.sip2.conftest import Ils

TODAY = dt.date(2026, 11, 22)
NOBODY = PatronId("0000000000")
NOTHING = ItemBarcode("D9999999")


def test_login_is_followed_by_a_status_that_names_what_the_ils_can_do(ils: Ils) -> None:
    def story() -> None:
        status = ils.client().connect(ils.hub.now() + 5)
        assert status.online
        assert status.institution == "JS01"
        assert status.supported is not None
        assert {"63", "17", "11", "09", "29", "37", "93"} <= status.supported

    ils.run(story)


def test_a_wrong_password_ends_before_any_reader_is_asked_about(ils: Ils) -> None:
    def story() -> None:
        client = ils.client(password="wrong")
        with pytest.raises(NotSent) as caught:
            ils.ask(client, PatronInformation(patron=ils.patron))
        assert caught.value.cause is Cause.LOGIN_REFUSED

    ils.run(story)


def test_a_reader_is_known_by_number_and_pin(ils: Ils) -> None:
    def story() -> None:
        client = ils.client()
        right = ils.ask(client, PatronInformation(patron=ils.patron, pin=ils.pin))
        wrong = ils.ask(client, PatronInformation(patron=ils.patron, pin="0000"))
        assert right.name == "本科生乙1"
        assert patron_blocks(right, client.profile, TODAY) == ()
        assert not pin_wrong(right)
        assert pin_wrong(wrong) or wrong.pin_ok is None

    ils.run(story)


def test_an_unknown_reader_is_unknown(ils: Ils) -> None:
    def story() -> None:
        client = ils.client()
        for request in (PatronInformation(patron=NOBODY), PatronStatus(patron=NOBODY)):
            blocks = patron_blocks(ils.ask(client, request), client.profile, TODAY)
            assert [block.reason for block in blocks] == [Refusal.PATRON_UNKNOWN]

    ils.run(story)


def test_a_book_goes_out_is_seen_with_its_reader_and_comes_back(ils: Ils) -> None:
    def story() -> None:
        client = ils.client()
        before = look(client, item=ils.item, patron=ils.patron, by=ils.hub.now() + 5)
        assert (before.known, before.on_loan, before.lent_to_patron) == (True, False, False)

        lent = ils.ask(client, Checkout(patron=ils.patron, item=ils.item))
        assert (lent.ok, lent.title) == (True, "红楼梦")
        assert lent.due is not None
        assert lent.due.day is not None

        during = look(client, item=ils.item, patron=ils.patron, by=ils.hub.now() + 5)
        assert (during.on_loan, during.lent_to_patron) == (True, True)
        assert during.due is not None
        assert during.due.day == lent.due.day
        other = look(client, item=ils.item, patron=NOBODY, by=ils.hub.now() + 5)
        assert other.lent_to_patron is False

        assert ils.ask(client, Checkin(item=ils.item)).ok
        after = look(client, item=ils.item, patron=ils.patron, by=ils.hub.now() + 5)
        assert (after.on_loan, after.lent_to_patron) == (False, False)

    ils.run(story)


def test_a_loan_to_nobody_or_of_nothing_is_refused_with_its_reason(ils: Ils) -> None:
    def story() -> None:
        client = ils.client()
        for patron, item, reason in (
            (NOBODY, ils.item, Refusal.PATRON_UNKNOWN),
            (ils.patron, NOTHING, Refusal.ITEM_UNKNOWN),
        ):
            reply = ils.ask(client, Checkout(patron=patron, item=item))
            info = ils.ask(client, ItemInformation(item=item))
            who = patron_loans(client, patron=patron, by=ils.hub.now() + 5)
            assert not reply.ok
            assert checkout_refusal(reply, info, who, client.profile, TODAY).reason is reason

    ils.run(story)


def test_a_second_return_is_refused_and_known_to_be_harmless(ils: Ils) -> None:
    def story() -> None:
        client = ils.client()
        reply = ils.ask(client, Checkin(item=ils.item))
        info = ils.ask(client, ItemInformation(item=ils.item))
        assert (reply.ok, reply.resensitize) == (False, True)
        assert checkin_refusal(reply, info, client.profile).reason is Refusal.ITEM_NOT_ON_LOAN

    ils.run(story)


def test_a_renewal_of_what_is_not_on_loan_is_refused(ils: Ils) -> None:
    def story() -> None:
        client = ils.client()
        reply = ils.ask(client, Renew(patron=ils.patron, item=ils.item))
        info = ils.ask(client, ItemInformation(item=ils.item))
        who = patron_loans(client, patron=ils.patron, by=ils.hub.now() + 5)
        assert not reply.ok
        assert renewal_refusal(reply, info, who, client.profile, TODAY).reason is Refusal.ITEM_NOT_ON_LOAN

    ils.run(story)


def test_renewing_everything_accounts_for_every_loan(ils: Ils) -> None:
    def story() -> None:
        client = ils.client()
        ils.ask(client, Checkout(patron=ils.patron, item=ils.item))
        loans = patron_loans(client, patron=ils.patron, by=ils.hub.now() + 5)
        reply = ils.ask(client, RenewAll(patron=ils.patron))
        assert reply.ok
        assert (reply.renewed_count, reply.unrenewed_count) == (len(reply.renewed), len(reply.unrenewed))
        assert len(reply.renewed) + len(reply.unrenewed) == loans.charged_count
        ils.ask(client, Checkin(item=ils.item))

    ils.run(story)


def test_a_fee_is_paid_in_part_and_never_twice_over(ils: Ils) -> None:
    def story() -> None:
        client = ils.client()
        owed = ils.ask(client, PatronInformation(patron=ils.debtor)).fee_fen
        assert owed is not None
        paid = ils.ask(client, FeePaid(patron=ils.debtor, amount_fen=Fen(40), transaction="m1-ab-1"))
        assert (paid.accepted, paid.transaction) == (True, "m1-ab-1")
        assert ils.ask(client, PatronInformation(patron=ils.debtor)).fee_fen == owed - 40
        too_much = FeePaid(patron=ils.debtor, amount_fen=Fen(owed), transaction="m1-ab-2")
        assert not ils.ask(client, too_much).accepted

    ils.run(story)


def test_a_hold_is_placed_counted_and_cancelled(ils: Ils) -> None:
    def story() -> None:
        client = ils.client()
        assert ils.ask(client, Hold(patron=ils.patron, item=ils.other, pickup="F1-HALL")).ok
        assert ils.ask(client, ItemInformation(item=ils.other)).hold_queue == 1
        waiting = ils.ask(client, PatronInformation(patron=ils.patron, summary=Summary.HOLDS_WAITING))
        assert waiting.holds_waiting_count == 1
        assert ils.ask(client, Hold(patron=ils.patron, item=ils.other, mode=HoldMode.DELETE)).ok
        assert ils.ask(client, ItemInformation(item=ils.other)).hold_queue == 0

    ils.run(story)


def test_a_card_is_blocked_and_enabled(ils: Ils) -> None:
    def story() -> None:
        client = ils.client()
        blocked = ils.ask(client, BlockPatron(patron=ils.patron, why="left in the slot", retained=True))
        assert patron_blocks(blocked, client.profile, TODAY)
        enabled = ils.ask(client, PatronEnable(patron=ils.patron))
        assert patron_blocks(enabled, client.profile, TODAY) == ()

    ils.run(story)


def test_the_small_messages_are_answered(ils: Ils) -> None:
    def story() -> None:
        client = ils.client()
        assert ils.ask(client, EndSession(patron=ils.patron)).ended
        assert ils.ask(client, ItemUpdate(item=ils.item, properties="disc missing")).ok
        assert not ils.ask(client, ItemUpdate(item=NOTHING, properties="")).ok
        assert ils.ask(client, PatronStatus(patron=ils.patron)).name == "本科生乙1"

    ils.run(story)


def test_titles_come_through_in_every_script(ils: Ils) -> None:
    def story() -> None:
        client = ils.client()
        info = ils.ask(client, ItemInformation(item=ils.item))
        assert (info.title, info.circulation) == ("红楼梦", Circulation.AVAILABLE)

    ils.run(story)


def test_one_connection_serves_a_whole_morning(ils: Ils) -> None:
    def story() -> None:
        client = ils.client()
        for _ in range(35):
            assert ils.ask(client, ItemInformation(item=ils.item)).known
        assert client.connected

    ils.run(story)


def test_a_pool_works_like_a_client(ils: Ils) -> None:
    def story() -> None:
        pool = Pool(ils.hub, ils.opener, ils.profile, size=2)
        loans = look(pool, item=ils.item, patron=ils.patron, by=ils.hub.now() + 5)
        assert loans.known
        pool.close()

    ils.run(story)
