"""Returns: the true time counts, holds are caught, and every copy is sent where it belongs."""

from __future__ import annotations

import pytest

from kiosk.domain import ItemBarcode, PatronId
from kiosk.gateway.sim import DemoData, FaultKind
from kiosk.gateway.sip2 import (
    Alert,
    Checkin,
    Checkout,
    Circulation,
    ItemInformation,
    PatronInformation,
    patron_loans,
)
from tests.unit.demo_ils.conftest import BOOK, READER, Library, library

LATE = ItemBarcode("D1000065")  # three days overdue with 9920130039, nobody waits for it
LATE_READER = PatronId("9920130039")


def test_a_book_returned_in_time_costs_nothing_however_late_it_is_booked(lib: Library) -> None:
    reply = lib.once(Checkin(item=LATE, returned_s=lib.today_s(-4)))
    assert (reply.ok, reply.fee_fen) == (True, None)
    assert lib.once(PatronInformation(patron=LATE_READER)).fee_fen == 0


def test_a_library_system_that_ignores_the_time_of_return_fines_the_reader(lib: Library) -> None:
    lib.order(FaultKind.IGNORE_RETURN_DATE, "09")
    reply = lib.once(Checkin(item=LATE, returned_s=lib.today_s(-4)))
    assert (reply.ok, reply.fee_fen) == (True, 30)
    assert lib.once(PatronInformation(patron=LATE_READER)).fee_fen == 30


def test_the_audit_knows_the_true_time_of_return(lib: Library) -> None:
    lib.once(Checkin(item=LATE, returned_s=lib.today_s(-1)))
    (effect,) = lib.audit.effects(item=LATE, op="checkin")
    assert effect.detail["returned_s"] == int(lib.audit.effects()[0].at_s - 86_400)
    assert effect.detail["fine_fen"] == 20


def test_a_return_from_the_future_counts_as_now(lib: Library) -> None:
    lib.once(Checkin(item=LATE, returned_s=lib.today_s(3)))
    (effect,) = lib.audit.effects(item=LATE, op="checkin")
    assert effect.detail["returned_s"] == effect.at_s


def test_a_book_somebody_waits_for_goes_to_the_hold_shelf(lib: Library) -> None:
    reply = lib.once(Checkin(item=ItemBarcode("D1000056")))
    assert (reply.ok, reply.alert, reply.alert_type, reply.sort_bin) == (True, True, Alert.HOLD_HERE, "6")
    assert reply.hold_patron == "9920130026"
    assert lib.ops("D1000056") == ["checkin", "hold_captured"]
    assert lib.once(ItemInformation(item=ItemBarcode("D1000056"))).circulation is Circulation.ON_HOLD_SHELF
    assert lib.once(PatronInformation(patron=PatronId("9920130026"))).holds_ready_count == 1


def test_a_hold_for_the_other_campus_travels(lib: Library) -> None:
    reply = lib.once(Checkin(item=ItemBarcode("D1000064")))
    assert (reply.alert_type, reply.destination) == (Alert.HOLD_ELSEWHERE, "WC-MAIN")


def test_the_first_in_the_queue_is_served_first(lib: Library) -> None:
    assert lib.once(Checkin(item=ItemBarcode("D1000022"))).hold_patron == "9920130014"


def test_any_copy_fills_a_hold_for_a_title(lib: Library) -> None:
    assert lib.once(Checkin(item=ItemBarcode("D1000192"))).hold_patron == "9920130028"
    assert lib.once(Checkin(item=ItemBarcode("D1000193"))).alert_type is None


@pytest.mark.parametrize(
    ("item", "place", "alert", "destination"),
    [
        ("D1000006", "F1-HALL", Alert.SEND_TO_BRANCH, "WC-MAIN"),
        ("D1000006", "WC-MAIN", None, ""),
        ("JX01-2000004", "F1-HALL", Alert.SEND_TO_BRANCH, "JX01"),
        ("D1000065", "H24", None, ""),
        ("D1000065", "somewhere", None, ""),
    ],
)
def test_a_copy_is_sent_home(lib: Library, item: str, place: str, alert: Alert | None, destination: str) -> None:
    reply = lib.once(Checkin(item=ItemBarcode(item), location=place))
    assert (reply.ok, reply.alert_type, reply.destination) == (True, alert, destination)


def test_a_copy_that_arrives_from_another_campus_is_available_again(lib: Library) -> None:
    reply = lib.once(Checkin(item=ItemBarcode("D1000008")))
    assert (reply.ok, reply.alert) == (False, True)  # it was not on loan
    assert lib.once(ItemInformation(item=ItemBarcode("D1000008"))).circulation is Circulation.AVAILABLE
    assert lib.once(Checkout(patron=READER, item=ItemBarcode("D1000008"))).ok


def test_a_lost_book_that_turns_up_goes_to_the_desk(lib: Library) -> None:
    reply = lib.once(Checkin(item=ItemBarcode("D1000040")))
    assert (reply.ok, reply.alert_type, reply.reason.code) == (False, Alert.OTHER, "lost")
    assert lib.once(ItemInformation(item=ItemBarcode("D1000040"))).circulation is Circulation.LOST


def test_an_unknown_book_raises_the_alert(lib: Library) -> None:
    reply = lib.once(Checkin(item=ItemBarcode("X1")))
    assert (reply.ok, reply.alert_type, reply.resensitize) == (False, Alert.OTHER, True)


def test_koha_lends_an_item_another_reader_waits_for_and_the_demo_does_not(data: DemoData) -> None:
    wanted = ItemBarcode("D1000193")  # any copy of its title is waited for
    for dialect, lends in (("koha", True), ("demo", False)):
        lib = library(data, dialect)
        lib.acs.circulation.store.take_back(wanted)
        assert lib.once(Checkout(patron=READER, item=wanted)).ok is lends


def test_a_long_list_of_loans_is_read_page_by_page(data: DemoData) -> None:
    lib = library(data, "libsys")  # four entries a page
    full = lib.play(lambda: patron_loans(lib.client, patron=PatronId("9920130037"), by=lib.hub.now() + 2))
    assert len(set(full.charged)) == 10
    assert lib.acs.received["63"] == 3


def test_the_books_of_a_day_add_up(lib: Library) -> None:
    lib.once(Checkout(patron=READER, item=BOOK))
    lib.once(Checkin(item=LATE))
    assert lib.audit.unexplained() == ()
    lib.acs.circulation.store.take_back(BOOK)  # a hand in the till
    assert lib.audit.unexplained() == (BOOK,)
