"""Nobody is lent more than allowed, and nobody is told a wrong number."""

from __future__ import annotations

from kiosk.checkout.policy import OfflinePolicy
from kiosk.flow.devices import QueueCounted
from kiosk.flow.events import Answered
from kiosk.messages.asks import EffectGranted, PatronHint
from kiosk.messages.records import Intent, OfflineAccepted
from kiosk.screen import Button
from tests.unit.checkout.bench import Desktop, desk, reader

THREE = OfflinePolicy(items_per_patron=3)


def borrow(desktop: Desktop, *items: str) -> None:
    """One after another, in one visit."""
    for n, item in enumerate(items):
        if n:
            desktop.touch("again")
        desktop.lift()
        desktop.put(item)
        if n == 0:
            desktop.tap()
        desktop.run(1)
        if isinstance(desktop.screen.primary, Button):
            desktop.touch("borrow")
            desktop.run(10)


def given_alone(desktop: Desktop) -> int:
    return sum(isinstance(body, OfflineAccepted) for body in desktop.journal)


def test_loans_of_this_visit_count_when_the_network_goes() -> None:
    desktop = Desktop(patron=reader(limit=10, charged=9))
    borrow(desktop, "D1")
    desktop.network(False)
    borrow_more(desktop, "D2")
    assert given_alone(desktop) == 0
    assert desktop.screen.banner is not None
    assert "借满 10 册" in desktop.screen.banner.text


def borrow_more(desktop: Desktop, item: str) -> None:
    desktop.touch("again")
    desktop.lift()
    desktop.put(item)
    desktop.run(1)
    if isinstance(desktop.screen.primary, Button):
        desktop.touch("borrow")
        desktop.run(10)


def test_offline_loans_count_against_the_readers_own_limit_too() -> None:
    desktop = Desktop(desk=desk(offline=THREE), patron=reader(limit=10, charged=9))
    desktop.put("D1")
    desktop.tap()
    desktop.run(1)
    desktop.network(False)
    desktop.touch("borrow")
    desktop.run(1)
    borrow_more(desktop, "D2")
    assert given_alone(desktop) == 1


def test_the_snapshots_room_shrinks_with_every_offline_loan() -> None:
    desktop = Desktop(desk=desk(offline=THREE), online=False, hint=PatronHint(who="x", room=2))
    borrow(desktop, "D1", "D2", "D3")
    assert given_alone(desktop) == 2


def test_a_link_that_comes_and_goes_does_not_start_the_count_anew() -> None:
    """Not the link but the gateway's receipts say that the library system can count these loans."""
    desktop = Desktop(desk=desk(offline=OfflinePolicy(items_per_patron=1)), online=False)
    desktop.hint = PatronHint(who="x", room=9)
    borrow(desktop, "D1")
    desktop.network(True)
    desktop.network(False)
    borrow_more(desktop, "D2")
    assert given_alone(desktop) == 1
    desktop.network(True)
    desktop.hear(QueueCounted(waiting=0, oldest_s=0.0))
    desktop.network(False)
    desktop.run(1)
    assert isinstance(desktop.screen.primary, Button)


def test_a_loan_that_was_undone_is_not_counted() -> None:
    desktop = Desktop(desk=desk(offline=OfflinePolicy(items_per_patron=1)), online=False)
    desktop.hint = PatronHint(who="x", room=9)
    desktop.put("D1")
    desktop.tap()
    desktop.run(1)
    desktop.books["D1"].on_pad = False  # lifted, and the pad has not noticed yet
    desktop.touch("borrow")
    desktop.lift("D1")
    desktop.run(30)
    assert desktop.ends() == {"D1": "undone"}
    assert not any(desktop.durable.offline_loans.values())
    borrow_more(desktop, "D2")
    assert desktop.ends()["D2"] == "delivered"


def test_a_reader_let_in_by_the_snapshot_is_not_held_to_it_once_the_network_is_back() -> None:
    desktop = Desktop(desk=desk(offline=OfflinePolicy(items_per_patron=1)), online=False)
    desktop.hint = PatronHint(who="x", room=1)
    desktop.tap()
    desktop.network(True)
    desktop.put("D1", "D2")
    desktop.run(1)
    assert isinstance(desktop.screen.primary, Button)


def test_a_grant_that_came_late_is_counted_once() -> None:
    desktop = Desktop(desk=desk(offline=THREE), patron=reader(limit=10, charged=8), hint=PatronHint(who="x", room=2))
    desktop.put("D1")
    desktop.tap()
    desktop.run(1)
    desktop.effect = lambda intent: None
    desktop.security = None
    desktop.mute = True
    desktop.touch("borrow")
    desktop.run(7)
    key = next(body.key for body in desktop.journal if isinstance(body, Intent))
    desktop.hear(Answered(corr=key, answer=EffectGranted(key=key, due="2026-12-22"), late=True))
    assert desktop.volatile.visit is not None
    assert desktop.volatile.visit.given == 1


def test_a_loan_that_is_still_being_handed_out_counts_on_when_all_others_are_booked() -> None:
    """The gateway has its record, but no end of it yet: the library system cannot count it."""
    desktop = Desktop(desk=desk(offline=OfflinePolicy(items_per_patron=1)), online=False)
    desktop.hint = PatronHint(who="x", room=9)
    desktop.put("D1")
    desktop.tap()
    desktop.run(1)
    desktop.mute = True  # the pad takes its time
    desktop.touch("borrow")
    assert given_alone(desktop) == 1
    desktop.network(True)
    desktop.hear(QueueCounted(waiting=0, oldest_s=0.0))
    assert [n for n in desktop.durable.offline_loans.values() if n] == [1]
