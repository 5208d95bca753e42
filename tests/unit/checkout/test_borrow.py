"""A student borrows: every book ends as done, not done with the reason, or being confirmed."""

from __future__ import annotations

from dataclasses import replace

from kiosk.checkout.policy import OfflinePolicy
from kiosk.domain import ItemBarcode, Refusal, SecurityProof, SecurityState
from kiosk.flow.orders import SetSecurity
from kiosk.messages.asks import (
    Circulation,
    EffectGranted,
    EffectOpen,
    EffectRefused,
    ItemKnown,
    PatronHint,
    Unavailable,
)
from kiosk.messages.records import Final, Granted, Intent, OfflineAccepted
from tests.unit.checkout.bench import Book, Desktop, desk, reader, sentences


def _at_pad(desktop: Desktop, *items: str) -> None:
    desktop.put(*items)
    desktop.tap()
    desktop.run(1)
    assert desktop.screen.name == "pad"


def test_card_and_three_books_are_one_touch() -> None:
    desktop = Desktop()
    _at_pad(desktop, "D1", "D2", "D3")
    assert desktop.screen.primary.text == "借走 3 册"  # type: ignore[union-attr]
    desktop.touch("borrow")
    desktop.run(2)
    assert desktop.screen.name == "done"
    assert desktop.ends() == {"D1": "delivered", "D2": "delivered", "D3": "delivered"}
    assert {book.mark for book in desktop.books.values()} == {SecurityState.OFF}


def test_books_first_or_card_first_come_to_the_same_screen() -> None:
    first = Desktop()
    _at_pad(first, "D1")
    second = Desktop()
    second.tap()
    second.run(1)
    second.put("D1")
    second.run(1)
    assert first.screen.rows == second.screen.rows
    assert first.screen.primary == second.screen.primary


def test_the_mark_goes_off_only_after_the_grant_is_written() -> None:
    desktop = Desktop()
    _at_pad(desktop, "D1")
    desktop.effect = lambda intent: None
    desktop.touch("borrow")
    desktop.run(3)
    assert [type(body) for body in desktop.journal] == [Intent]
    assert not [c for c in desktop.log if isinstance(c, SetSecurity)]


def test_a_refused_book_says_why_and_the_others_go_on() -> None:
    def effect(intent: Intent) -> object:
        if intent.item == "D2":
            return EffectRefused(key=intent.key, reason=Refusal.ITEM_ON_HOLD_OTHER)
        return EffectGranted(key=intent.key, due="2026-12-22")

    desktop = Desktop(effect=effect)
    _at_pad(desktop, "D1", "D2", "D3")
    desktop.touch("borrow")
    desktop.run(2)
    assert desktop.ends() == {"D1": "delivered", "D2": "cancelled", "D3": "delivered"}
    assert desktop.books["D2"].mark is SecurityState.ON
    problem = next(row for row in desktop.screen.rows if row.title == "书 D2")
    assert problem.reason == "此书已被其他读者预约，暂不能借出。"
    assert problem.remedy


def test_a_book_that_was_refused_on_the_pad_is_named_at_the_end_and_does_not_bring_the_list_back() -> None:
    charged = ItemKnown(item=ItemBarcode("D2"), title="书 D2", circulation=Circulation.CHARGED)
    desktop = Desktop(known={"D2": charged})
    _at_pad(desktop, "D1", "D2")
    assert desktop.screen.primary.text == "借走 1 册"  # type: ignore[union-attr]
    desktop.touch("borrow")
    desktop.run(2)
    desktop.put()  # the pad tells the marks that were switched
    assert desktop.screen.name == "done"
    assert desktop.ends() == {"D1": "delivered"}
    assert desktop.books["D2"].mark is SecurityState.ON
    assert (desktop.screen.headline.numeral, desktop.screen.headline.of) == ("1", "2")  # type: ignore[union-attr]
    assert [row.reason for row in desktop.screen.rows] == ["此书的记录还没有归还。", ""]
    assert not desktop.screen.headline.stamp  # type: ignore[union-attr]


def test_a_book_laid_down_beside_finished_ones_brings_the_list_back() -> None:
    desktop = Desktop()
    _at_pad(desktop, "D1")
    desktop.touch("borrow")
    desktop.run(2)
    desktop.put("D2")
    desktop.run(1)
    assert desktop.screen.name == "pad"
    assert desktop.screen.primary.text == "借走 1 册"  # type: ignore[union-attr]


def test_who_has_borrowed_leaves_the_list_by_finishing_and_not_by_cancelling() -> None:
    charged = ItemKnown(item=ItemBarcode("D2"), title="书 D2", circulation=Circulation.CHARGED)
    desktop = Desktop(known={"D2": charged})
    _at_pad(desktop, "D1", "D2")
    assert desktop.screen.secondary[0].text == "取消"
    desktop.touch("borrow")
    desktop.run(2)
    desktop.touch("again")
    desktop.run(1)
    assert desktop.screen.secondary[0].text == "完成"
    assert desktop.screen.primary.text == "其余的书不能办理"  # type: ignore[union-attr]


def test_a_book_lifted_too_early_may_be_put_back() -> None:
    desktop = Desktop()
    _at_pad(desktop, "D1")
    desktop.touch("borrow")
    desktop.lift("D1")
    desktop.run(5)
    assert desktop.screen.name == "put_back"
    head = desktop.screen.headline
    assert head is not None
    assert (head.text, head.numeral) == (
        sentences().say("zh", "working.put_back_title"),
        "",
    )  # the request, and no number over it
    desktop.put("D1")
    desktop.run(1)
    assert desktop.ends() == {"D1": "delivered"}


def test_a_book_that_does_not_come_back_with_its_mark_on_is_undone() -> None:
    desktop = Desktop()
    _at_pad(desktop, "D1")
    desktop.touch("borrow")
    desktop.lift("D1")
    desktop.run(25)
    assert desktop.ends() == {"D1": "undone"}
    assert desktop.screen.rows[0].remedy == "《书 D1》未借出，请放到旁边的书架上。"


def test_after_a_write_nobody_saw_the_loan_stands_and_the_reader_is_told() -> None:
    desktop = Desktop(security=lambda book, wanted: SecurityProof.UNKNOWN)
    _at_pad(desktop, "D1")
    desktop.touch("borrow")
    desktop.run(0.08)
    desktop.lift("D1")
    desktop.run(30)
    assert desktop.ends() == {"D1": "stands"}
    assert "可能报警" in desktop.screen.rows[0].remedy


def test_a_mark_that_was_never_on_is_no_proof_for_an_undo() -> None:
    desktop = Desktop()
    desktop.books["D1"] = Book(uid="D1", item="D1", mark=SecurityState.UNKNOWN)  # type: ignore[arg-type]
    _at_pad(desktop, "D1")
    desktop.touch("borrow")
    desktop.lift("D1")
    desktop.run(30)
    assert desktop.ends() == {"D1": "stands"}


def test_a_doubtful_answer_lends_nothing() -> None:
    desktop = Desktop(
        desk=desk(offline=OfflinePolicy(checkout=False)), effect=lambda intent: EffectOpen(key=intent.key)
    )
    _at_pad(desktop, "D1")
    desktop.touch("borrow")
    desktop.run(2)
    assert desktop.ends() == {"D1": "cancelled"}
    assert desktop.books["D1"].mark is SecurityState.ON


def test_more_books_than_allowed_are_named_before_the_first_failure() -> None:
    desktop = Desktop(patron=reader(limit=10, charged=9))
    _at_pad(desktop, "D1", "D2", "D3")
    assert desktop.screen.banner is not None
    assert desktop.screen.banner.text == "您还可以借 1 册，请拿开 2 册。"
    desktop.lift("D2", "D3")
    desktop.run(1)
    desktop.touch("borrow")
    desktop.run(1)
    assert desktop.ends() == {"D1": "delivered"}


def test_without_network_a_known_reader_borrows_within_the_limit() -> None:
    hint = PatronHint(who="x", room=5)
    desktop = Desktop(online=False, hint=hint, desk=desk(offline=OfflinePolicy(items_per_patron=2)))
    _at_pad(desktop, "D1", "D2")
    desktop.touch("borrow")
    desktop.run(1)
    assert desktop.ends() == {"D1": "delivered", "D2": "delivered"}
    assert sum(isinstance(body, OfflineAccepted) for body in desktop.journal) == 2
    assert all(body.offline for body in desktop.journal if isinstance(body, Final))
    assert desktop.screen.banner is not None
    desktop.touch("again")
    desktop.lift()
    desktop.put("D3")
    desktop.run(1)
    assert desktop.screen.banner is not None
    assert desktop.screen.banner.text == "网络中断期间，每人最多借 2 册。"


def test_without_network_a_stranger_is_told_and_not_lent_to() -> None:
    desktop = Desktop(online=False)
    desktop.put("D1")
    desktop.tap()
    assert desktop.screen.name == "declined"
    assert desktop.journal == []


def test_an_outage_during_the_loan_is_decided_once_by_policy() -> None:
    desktop = Desktop(hint=PatronHint(who="x", room=5))
    desktop.effect = lambda intent: Unavailable()
    _at_pad(desktop, "D1")
    desktop.touch("borrow")
    desktop.run(8)
    assert desktop.ends() == {"D1": "delivered"}
    assert any(isinstance(body, OfflineAccepted) for body in desktop.journal)


def test_a_late_grant_after_the_reader_left_touches_nobody_else() -> None:
    desktop = Desktop(desk=desk(offline=OfflinePolicy(checkout=False)))
    _at_pad(desktop, "D1")
    desktop.effect = lambda intent: None
    desktop.touch("borrow")
    desktop.run(7)
    assert desktop.ends() == {"D1": "cancelled"}
    key = next(body.key for body in desktop.journal if isinstance(body, Intent))
    desktop.touch("finish")
    desktop.lift()
    desktop.patron = reader(name="李*华", patron="9920130002")
    desktop.tap("04F547D824CAD5")
    desktop.run(1)
    before = desktop.screen
    from kiosk.flow.events import Answered

    desktop.hear(Answered(corr=key, answer=EffectGranted(key=key, due="2026-12-22", title="红楼梦"), late=True))
    assert replace(desktop.screen, turn=before.turn) == before
    assert not any(isinstance(body, Granted) for body in desktop.journal)


def test_a_power_cut_before_the_grant_voids_the_intent() -> None:
    desktop = Desktop()
    _at_pad(desktop, "D1")
    desktop.effect = lambda intent: None
    desktop.touch("borrow")
    desktop.boot()
    assert desktop.ends() == {"D1": "cancelled"}


def test_a_power_cut_after_the_grant_is_judged_by_the_pad() -> None:
    for lifted, outcome in ((False, "undone"), (True, "stands")):
        desktop = Desktop()
        _at_pad(desktop, "D1")
        desktop.touch("borrow")
        desktop.soon.clear()
        key = next(body.key for body in desktop.journal if isinstance(body, Intent))
        desktop.journal.append(Granted(key=key, due="2026-12-22"))
        if lifted:
            desktop.books["D1"].on_pad = False
        desktop.boot()
        desktop.run(40)
        assert desktop.ends() == {"D1": outcome}


def test_a_set_is_lent_only_whole() -> None:
    desktop = Desktop()
    desktop.books["D1a"] = Book(uid="D1a", item="D1", parts=2, ordinal=1)  # type: ignore[arg-type]
    desktop.books["D1b"] = Book(uid="D1b", item="D1", parts=2, ordinal=2)  # type: ignore[arg-type]
    desktop.put("D1a")
    desktop.tap()
    desktop.run(1)
    assert desktop.screen.rows[0].value == "不成套"
    desktop.put("D1b")
    desktop.run(1)
    desktop.touch("borrow")
    desktop.run(1)
    assert desktop.ends() == {"D1": "delivered"}
    assert {book.mark for book in desktop.books.values()} == {SecurityState.OFF}


def test_two_books_with_one_number_go_to_the_desk() -> None:
    desktop = Desktop()
    desktop.books["a"] = Book(uid="a", item="D1")  # type: ignore[arg-type]
    desktop.books["b"] = Book(uid="b", item="D1")  # type: ignore[arg-type]
    _at_pad(desktop, "a", "b")
    assert desktop.screen.rows[0].value == "号码重复"
    assert not hasattr(desktop.screen.primary, "id")
