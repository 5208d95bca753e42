"""Who stands here: a visit begins, is warned, ends, and leaves nothing behind."""

from __future__ import annotations

import msgspec

from kiosk.domain import Refusal, SecurityState
from kiosk.flow.devices import CardsMany
from kiosk.flow.events import Answered, UiChanged
from kiosk.flow.step import CallStaff
from kiosk.messages.asks import LoanLine, PatronRefused, StaffTaken
from kiosk.messages.records import Final
from tests.unit.checkout.bench import Desktop, desk, reader


def _text(desktop: Desktop) -> str:
    return msgspec.json.encode(desktop.screen).decode()


def test_an_idle_reader_is_warned_and_a_touch_anywhere_goes_on() -> None:
    desktop = Desktop()
    desktop.tap()
    desktop.run(46)
    assert desktop.screen.name == "timeout"
    assert desktop.screen.countdown is not None
    assert desktop.screen.countdown.total_s >= 20
    for _ in range(12):
        desktop.touch("anywhere")
        assert desktop.screen.name == "pad_empty"
        desktop.run(46)
        assert desktop.screen.name == "timeout"
    desktop.run(21)
    assert desktop.screen.name == "attract"


def test_at_the_time_out_unconfirmed_books_are_not_borrowed_and_must_be_taken_away() -> None:
    desktop = Desktop()
    desktop.put("D1")
    desktop.tap()
    desktop.run(50)
    assert "还没有借" in "".join(desktop.screen.notes)
    desktop.run(30)
    assert desktop.screen.name == "clear_pad"
    assert desktop.journal == []
    desktop.tap("04F547D824CAD5")
    assert desktop.screen.name == "clear_pad"
    desktop.lift()
    assert desktop.screen.name == "attract"


def test_nothing_of_a_reader_is_left_one_turn_after_the_end() -> None:
    desktop = Desktop(patron=reader(loans=(LoanLine(item="D9", title="红楼梦", due="2026-12-01"),)))  # type: ignore[arg-type]
    desktop.touch("start.account")
    desktop.tap()
    desktop.run(1)
    assert "王*明" in _text(desktop)
    assert "红楼梦" in _text(desktop)
    desktop.touch("back")
    for secret in ("王*明", "红楼梦", "9920130001"):
        assert secret not in _text(desktop)
        assert secret not in repr(desktop.volatile)


def test_a_failed_login_of_the_next_reader_shows_nothing_of_the_one_before() -> None:
    desktop = Desktop()
    desktop.tap()
    desktop.run(1)
    desktop.touch("cancel")
    desktop.patron = PatronRefused(reason=Refusal.PIN_LOCKED, locked_s=600)  # type: ignore[assignment]
    desktop.tap("04F547D824CAD5")
    desktop.run(1)
    assert desktop.screen.name == "declined"
    assert "10 分钟" in _text(desktop)
    assert "王*明" not in _text(desktop)


def test_a_second_card_never_takes_over_a_visit() -> None:
    desktop = Desktop()
    desktop.put("D1")
    desktop.tap()
    desktop.run(1)
    desktop.patron = reader(name="李*华")
    desktop.tap("04F547D824CAD5")
    desktop.run(1)
    assert desktop.screen.person is not None
    assert desktop.screen.person.name == "王*明"
    assert desktop.screen.banner is not None
    desktop.hear(CardsMany())
    assert desktop.screen.banner.text == "读卡区有多张卡，请只留一张。"


def test_a_wrong_pin_counts_and_a_right_one_goes_on() -> None:
    from dataclasses import replace

    from kiosk.checkout.policy import CheckoutPolicy

    desktop = Desktop(desk=desk(checkout=CheckoutPolicy(ask_pin=True)))
    right = desktop.patron
    desktop.tap()
    assert desktop.screen.name == "pin"
    desktop.patron = PatronRefused(reason=Refusal.PIN_WRONG, tries_left=2)  # type: ignore[assignment]
    desktop.touch("pin", "0000")
    desktop.run(1)
    assert "2" in desktop.screen.headline.sub  # type: ignore[union-attr]
    desktop.patron = replace(right)
    desktop.touch("pin", "1234")
    desktop.run(1)
    assert desktop.screen.name == "pad_empty"
    assert "1234" not in repr(desktop.volatile)
    assert "1234" not in repr(desktop.log)


def test_called_is_shown_only_once_the_gateway_took_it() -> None:
    desktop = Desktop()
    desktop.tap()
    desktop.run(1)
    desktop.touch("staff")
    assert desktop.screen.banner is None
    corr = next(order.corr for order in desktop.log if isinstance(order, CallStaff))
    desktop.hear(Answered(corr=corr, answer=StaffTaken(reference="T1")))
    assert desktop.screen.banner is not None
    assert desktop.screen.banner.text == "已通知工作人员，请稍候。"


def test_without_a_network_the_phone_number_is_shown_instead() -> None:
    desktop = Desktop(online=False)
    desktop.touch("help")
    desktop.touch("staff")
    assert desktop.screen.banner is not None
    assert "8359 0000" in desktop.screen.banner.text


def test_the_language_changes_in_one_turn_and_keeps_the_state() -> None:
    desktop = Desktop()
    desktop.put("D1")
    desktop.tap()
    desktop.run(1)
    desktop.touch("mode.language")
    assert desktop.screen.lang == "en"
    assert desktop.screen.name == "pad"
    assert desktop.screen.primary.text == "Borrow 1 book"  # type: ignore[union-attr]
    desktop.touch("cancel")
    desktop.lift()
    assert desktop.screen.lang == "zh"


def test_a_dead_screen_lets_started_books_finish_and_starts_no_others() -> None:
    desktop = Desktop()
    desktop.put("D1", "D2")
    desktop.tap()
    desktop.run(1)
    desktop.touch("borrow")
    desktop.hear(UiChanged(present=False))
    desktop.run(30)
    assert desktop.ends() == {"D1": "delivered"}
    assert desktop.books["D2"].mark is SecurityState.ON


def test_borrowed_books_left_behind_are_called_borrowed() -> None:
    desktop = Desktop()
    desktop.put("D1")
    desktop.tap()
    desktop.run(1)
    desktop.touch("borrow")
    desktop.run(2)
    desktop.touch("finish")
    assert desktop.screen.name == "clear_pad"
    assert "已经借好" in desktop.screen.headline.sub  # type: ignore[union-attr]


def test_returning_books_needs_no_card_and_arms_first() -> None:
    desktop = Desktop()
    desktop.touch("start.checkin")
    desktop.put("D1", "D2", mark=SecurityState.OFF)
    desktop.run(1)
    desktop.touch("checkin")
    desktop.run(2)
    assert desktop.ends() == {"D1": "returned", "D2": "returned"}
    assert {book.mark for book in desktop.books.values()} == {SecurityState.ON}
    assert not [b for b in desktop.journal if isinstance(b, Final) and b.offline]


def test_a_return_without_an_answer_is_accepted_and_never_called_returned() -> None:
    desktop = Desktop(effect=lambda intent: None)
    desktop.touch("start.checkin")
    desktop.put("D1", mark=SecurityState.OFF)
    desktop.run(1)
    desktop.touch("checkin")
    desktop.run(10)
    finals = [body for body in desktop.journal if isinstance(body, Final)]
    assert [final.offline for final in finals] == [True]
    text = _text(desktop)
    assert "已归还" not in text
    assert "将按现在的时间登记归还" in text


def test_chosen_loans_are_renewed_and_the_others_are_not() -> None:
    loans = tuple(LoanLine(item=f"D{n}", title=f"书 D{n}", due="2026-11-30") for n in range(3))  # type: ignore[arg-type]
    desktop = Desktop(patron=reader(loans=loans))
    desktop.touch("start.account")
    desktop.tap()
    desktop.run(1)
    desktop.touch("row:D1")
    desktop.touch("renew")
    desktop.run(2)
    assert desktop.ends() == {"D1": "delivered"}
    assert desktop.screen.name == "done"
