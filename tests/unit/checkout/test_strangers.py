"""What one reader leaves behind never becomes the next one's: books, cards, answers, slips, words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.checkout.policy import CheckoutPolicy
from kiosk.domain import Pseudonym, Refusal, SecurityState
from kiosk.flow.devices import CardGone, CardShown, CodeKind, Printed, Scanned, TechnicianKnown
from kiosk.flow.events import Answered, JournalState, NoAnswer, PartChanged, PartHealth, Touched
from kiosk.flow.orders import PrintReceipt
from kiosk.flow.step import AskReader, CallStaff
from kiosk.messages.asks import Circulation, EffectRefused, ItemKnown, LoanLine, PatronHint, PatronRefused, Unavailable
from kiosk.messages.records import Intent
from kiosk.screen import Button, Touch
from tests.unit.checkout.bench import CARD, Desktop, desk, reader

OTHER = "04F547D824CAD5"


def borrowed(desktop: Desktop, *items: str) -> None:
    desktop.put(*items)
    desktop.tap()
    desktop.run(1)
    desktop.touch("borrow")
    desktop.run(2)
    assert desktop.screen.name == "done"


def press(desktop: Desktop, button: str, *confirms: str) -> None:
    """A second touch of the same turn: the screen had not been drawn anew."""
    desktop.hear(Touched(touch=Touch(turn=0, button=button, confirms=confirms)))


def values(desktop: Desktop) -> list[str]:
    return [row.value for row in desktop.screen.rows]


def test_books_just_borrowed_are_not_offered_again() -> None:
    for way in (("again",), ("account", "back")):
        desktop = Desktop()
        borrowed(desktop, "D1")
        for button in way:
            desktop.touch(button)
            desktop.run(1)
        assert values(desktop) == ["已借出"]
        assert not isinstance(desktop.screen.primary, Button)


def test_a_book_borrowed_by_mistake_can_be_returned_in_the_same_visit() -> None:
    desktop = Desktop()
    borrowed(desktop, "D1")
    desktop.touch("again")
    desktop.touch("to.checkin")
    desktop.run(1)
    desktop.touch("checkin")
    desktop.run(1)
    assert desktop.ends() == {"D1": "returned"}
    assert desktop.books["D1"].mark is SecurityState.ON


def test_books_of_an_earlier_round_left_behind_are_called_borrowed() -> None:
    desktop = Desktop()
    borrowed(desktop, "D1")
    desktop.touch("again")
    desktop.run(1)
    desktop.touch("cancel")
    assert "已经借好" in desktop.screen.headline.sub  # type: ignore[union-attr]


def test_lent_and_unlent_books_together_are_not_all_called_borrowed() -> None:
    def effect(intent: Intent) -> object:
        return EffectRefused(key=intent.key, reason=Refusal.ITEM_ON_HOLD_OTHER) if intent.item == "D2" else ok(intent)

    desktop = Desktop()
    ok = desktop.effect
    desktop.effect = effect
    borrowed(desktop, "D1", "D2")
    desktop.touch("finish")
    assert "有的已经办好，有的没有" in desktop.screen.headline.sub  # type: ignore[union-attr]
    told = [(row.title, row.value, row.remedy) for row in desktop.screen.rows]
    assert told == [
        ("书 D1", "已借出", "请带走。"),
        ("书 D2", "没有借出", "请放到旁边的书架上。"),
    ]
    desktop.lift("D2")
    assert desktop.screen.rows == ()


def test_left_returns_of_two_kinds_say_book_by_book_which_go_into_the_bin() -> None:
    desktop = Desktop()
    desktop.touch("start.checkin")
    desktop.put("D1")
    desktop.run(1)
    desktop.touch("checkin")
    desktop.run(1)
    desktop.touch("again")
    desktop.put("D2")
    desktop.run(1)
    desktop.touch("cancel")
    assert desktop.rows() == {"书 D1": "已收下", "书 D2": "还没有归还"}


def test_left_books_of_one_kind_are_not_named_before_the_next_reader() -> None:
    desktop = Desktop()
    borrowed(desktop, "D1", "D2")
    desktop.touch("finish")
    assert desktop.screen.rows == ()
    assert "书 D1" not in desktop.screen.speech


def test_asking_for_help_in_front_of_left_books_changes_nothing_about_them() -> None:
    desktop = Desktop()
    borrowed(desktop, "D1")
    desktop.touch("finish")
    desktop.touch("help")
    desktop.tap(OTHER)
    assert desktop.screen.name == "help"
    desktop.touch("back")
    assert desktop.screen.name == "clear_pad"
    assert "已经借好" in desktop.screen.headline.sub  # type: ignore[union-attr]


def test_help_lies_over_what_goes_on_and_swallows_no_answer() -> None:
    desktop = Desktop(patron=reader(loans=(LoanLine(item="D9", title="红楼梦", due="2026-12-01"),)))  # type: ignore[arg-type]
    desktop.touch("start.account")
    desktop.tap()
    desktop.touch("help")
    assert desktop.screen.name == "help"
    desktop.run(1)
    assert desktop.screen.name == "loans"


def test_help_is_there_while_books_are_being_dealt_with() -> None:
    desktop = Desktop()
    desktop.put("D1")
    desktop.tap()
    desktop.run(1)
    desktop.effect = lambda intent: None
    desktop.touch("borrow")
    desktop.touch("help")
    assert desktop.screen.name == "help"
    desktop.touch("back")
    assert desktop.screen.name == "working"


def test_help_from_the_first_screen_leads_back_to_it() -> None:
    desktop = Desktop()
    desktop.touch("help")
    desktop.touch("back")
    assert desktop.screen.name == "attract"


def test_a_card_left_lying_logs_nobody_in() -> None:
    desktop = Desktop()
    desktop.tap()
    desktop.run(1)
    desktop.touch("cancel")
    assert desktop.screen.banner is not None
    assert "卡" in desktop.screen.banner.text
    desktop.put("D1")  # somebody else's
    desktop.tap()  # the reader glimpses the card again
    desktop.run(1)
    assert desktop.screen.person is None
    desktop.hear(PartChanged(part="card", health=PartHealth.GONE))
    desktop.hear(CardGone())
    desktop.hear(PartChanged(part="card", health=PartHealth.OK))
    desktop.tap()  # and after a fault
    desktop.run(1)
    assert desktop.screen.person is None
    desktop.hear(CardGone())
    desktop.tap()
    desktop.run(1)
    assert desktop.screen.person is not None


def test_another_card_in_the_place_of_one_left_lying_is_welcome() -> None:
    desktop = Desktop()
    desktop.tap()
    desktop.run(1)
    desktop.touch("cancel")
    desktop.tap(OTHER)
    desktop.run(1)
    assert desktop.screen.name == "pad_empty"


def test_a_pin_is_asked_of_the_card_that_lies_there() -> None:
    """The next reader's PIN is never tried on the card of the one who walked away from the keypad."""
    desktop = Desktop(desk=desk(checkout=CheckoutPolicy(ask_pin=True)))
    desktop.tap()
    assert desktop.screen.name == "pin"
    desktop.tap(OTHER)
    desktop.touch("pin", "1234")
    asked = desktop.log[-3:]
    assert OTHER in [getattr(order, "card", "") for order in asked]
    assert CARD not in [getattr(order, "card", "") for order in asked]


def test_a_wrong_pin_is_called_wrong_even_where_nobody_counts_the_tries() -> None:
    desktop = Desktop(desk=desk(checkout=CheckoutPolicy(ask_pin=True)))
    desktop.patron = PatronRefused(reason=Refusal.PIN_WRONG)  # type: ignore[assignment]
    desktop.tap()
    desktop.touch("pin", "0000")
    desktop.run(1)
    assert "密码不正确" in desktop.screen.headline.sub  # type: ignore[union-attr]


def test_a_pin_that_nobody_could_check_opens_nothing() -> None:
    desktop = Desktop(hint=PatronHint(who="x", room=5))
    desktop.patron = PatronRefused(reason=Refusal.PIN_NEEDED)  # type: ignore[assignment]
    desktop.tap()
    desktop.run(1)
    assert desktop.screen.name == "pin"
    desktop.online = False
    desktop.touch("pin", "1234")
    corr = next(order.corr for order in reversed(desktop.log) if isinstance(order, AskReader))
    desktop.hear(NoAnswer(corr=corr))
    assert desktop.screen.name == "declined"


def test_a_card_in_the_middle_of_a_return_does_not_stop_it() -> None:
    desktop = Desktop(online=False)
    desktop.touch("start.checkin")
    desktop.put("D1", mark=SecurityState.OFF)
    desktop.tap()
    assert desktop.screen.name == "pad"
    assert desktop.screen.banner is not None
    assert "不用刷卡" in desktop.screen.banner.text


def test_a_late_slip_of_the_reader_before_is_not_called_this_readers() -> None:
    desktop = Desktop()
    borrowed(desktop, "D1")
    desktop.touch("print")
    desktop.touch("finish")
    desktop.lift()
    desktop.hear(CardGone())
    borrowed(desktop, "D2")
    desktop.touch("print")
    desktop.hear(Printed(ok=True))
    assert "正在打印" in desktop.screen.banner.text  # type: ignore[union-attr]
    desktop.hear(Printed(ok=False))
    assert "没有打印出来" in desktop.screen.banner.text  # type: ignore[union-attr]
    assert sum(isinstance(order, PrintReceipt) for order in desktop.log) == 2


def test_a_technicians_answer_opens_the_door_only_to_the_one_who_asked() -> None:
    desktop = Desktop()
    press(desktop, "tech.enter")
    desktop.hear(TechnicianKnown(name="张工"))
    assert desktop.screen.name == "tech_login"


def test_a_technician_is_warned_by_no_screen_and_loses_no_touch() -> None:
    desktop = Desktop()
    press(desktop, "tech.enter")
    desktop.tap(OTHER)
    desktop.touch("tech.pin", "4711")
    desktop.hear(TechnicianKnown(name="张工"))
    desktop.run(50)
    assert desktop.screen.name == "tech"
    desktop.touch("tech.part:pad")
    assert desktop.screen.name == "tech_part"


def test_a_language_nobody_used_goes_back_to_the_librarys() -> None:
    desktop = Desktop()
    desktop.touch("mode.language")
    desktop.touch("mode.large")
    assert desktop.screen.lang == "en"
    desktop.run(60)
    assert desktop.screen.lang == "zh"
    assert not desktop.screen.modes.large


def test_going_on_after_a_finished_loan_gives_the_whole_time_again() -> None:
    desktop = Desktop()
    borrowed(desktop, "D1")
    desktop.touch("again")
    desktop.run(40)
    assert desktop.screen.name == "pad"


def test_two_touches_in_one_turn_leave_started_books_alone() -> None:
    desktop = Desktop()
    desktop.put("D1")
    desktop.tap()
    desktop.run(1)
    desktop.touch("borrow")
    for button in ("cancel", "finish", "account", "again", "to.checkin", "back", "borrow", "card.again"):
        press(desktop, button, "D1")
    assert desktop.screen.name == "working"
    desktop.run(2)
    assert desktop.ends() == {"D1": "delivered"}
    assert sum(isinstance(body, Intent) for body in desktop.journal) == 1


def test_a_row_lifted_under_the_finger_still_gets_its_end() -> None:
    desktop = Desktop()
    desktop.put("D1", "D2")
    desktop.tap()
    desktop.run(1)
    desktop.books["D2"].on_pad = False
    desktop.hear(desktop._pad())
    press(desktop, "borrow", "D1", "D2")
    desktop.run(2)
    assert desktop.screen.headline.of == "2"  # type: ignore[union-attr]
    assert [row.reason for row in desktop.screen.rows] == ["书被拿开了，没有办理。请放回再试。", ""]


def test_a_scanned_book_can_be_left_out_again() -> None:
    desktop = Desktop(patron=reader(limit=10, charged=9))
    desktop.tap()
    desktop.run(1)
    for barcode in ("D1", "D2"):
        desktop.hear(Scanned(kind=CodeKind.ITEM, text=barcode))
    desktop.run(1)
    assert not isinstance(desktop.screen.primary, Button)
    desktop.touch("remove:D2")
    assert isinstance(desktop.screen.primary, Button)
    assert desktop.screen.primary.confirms == ("D1",)


def test_more_books_than_the_pad_can_vouch_for_are_not_dealt_with() -> None:
    desktop = Desktop(patron=reader(limit=50))
    desktop.put(*(f"D{n}" for n in range(13)))
    desktop.tap()
    desktop.run(1)
    assert not isinstance(desktop.screen.primary, Button)
    desktop.lift("D12")
    assert isinstance(desktop.screen.primary, Button)
    desktop.hear(PartChanged(part="pad", health=PartHealth.DEGRADED, code="too-many-tags"))
    assert not isinstance(desktop.screen.primary, Button)


def test_ones_own_book_on_the_pad_can_be_returned_with_one_touch() -> None:
    """The library system says only that it is on loan; its reader is not sent to the desk with it."""
    desktop = Desktop()
    desktop.known = {"D1": ItemKnown(item="D1", title="书 D1", circulation=Circulation.CHARGED)}  # type: ignore[arg-type]
    desktop.put("D1", mark=SecurityState.OFF)
    desktop.tap()
    desktop.run(1)
    assert "我要还书" in desktop.screen.rows[0].remedy
    desktop.touch("to.checkin")
    desktop.run(1)
    desktop.touch("checkin")
    desktop.run(1)
    assert desktop.ends() == {"D1": "returned"}


@pytest.mark.parametrize("ready", [None, 0, 1])
def test_only_the_library_system_says_that_a_held_book_is_somebody_elses(ready: int | None) -> None:
    desktop = Desktop(patron=reader(holds_ready=ready))
    desktop.known = {"D1": ItemKnown(item="D1", title="书 D1", circulation=Circulation.ON_HOLD_SHELF)}  # type: ignore[arg-type]
    desktop.put("D1")
    desktop.tap()
    desktop.run(1)
    assert isinstance(desktop.screen.primary, Button) is (ready != 0)


def test_a_forked_journal_lends_nothing_and_takes_everything_back() -> None:
    desktop = Desktop()
    desktop.hear(JournalState(ok=False, why="quarantined"))
    desktop.hear(JournalState(ok=True, why="no sealing key yet"))  # another reason went: this one stays
    assert desktop.screen.primary.id == "start.checkin"  # type: ignore[union-attr]
    desktop.put("D1")
    desktop.tap()
    desktop.run(1)
    assert values(desktop) == ["到台办理"]
    desktop.touch("to.checkin")
    desktop.run(1)
    desktop.touch("checkin")
    desktop.run(1)
    assert desktop.ends() == {"D1": "returned"}


def test_a_full_disk_begins_nothing_at_all() -> None:
    desktop = Desktop()
    desktop.touch("start.checkin")
    desktop.put("D1", mark=SecurityState.OFF)
    desktop.run(1)
    desktop.hear(JournalState(ok=False, why="disk"))
    desktop.touch("checkin")
    desktop.run(1)
    assert desktop.journal == []
    desktop.touch("finish")
    desktop.lift()
    assert desktop.screen.name == "out_of_service"


def test_calling_staff_ends_in_a_number_where_nobody_takes_the_call() -> None:
    desktop = Desktop()
    desktop.tap()
    desktop.run(1)
    desktop.touch("staff")
    corr = next(order.corr for order in desktop.log if isinstance(order, CallStaff))
    desktop.hear(Answered(corr=corr, answer=Unavailable()))
    assert "8359 0000" in desktop.screen.banner.text  # type: ignore[union-attr]


def test_a_loan_named_twice_in_the_account_is_renewed_once() -> None:
    line = LoanLine(item="D1", title="书 D1", due="2026-11-30")  # type: ignore[arg-type]
    desktop = Desktop(patron=reader(loans=(line, replace(line))))
    desktop.touch("start.account")
    desktop.tap()
    desktop.run(1)
    desktop.touch("renew")
    desktop.run(1)
    assert sum(isinstance(body, Intent) for body in desktop.journal) == 1


def test_a_useless_card_takes_no_return_away() -> None:
    desktop = Desktop()
    desktop.touch("start.checkin")
    desktop.put("D1", mark=SecurityState.OFF)
    desktop.run(1)
    desktop.touch("checkin")
    desktop.run(1)
    desktop.hear(CardShown(card="0812AB34", pseudonym=Pseudonym("p:random"), random=True))
    assert desktop.screen.name == "done"


def test_a_long_press_opens_no_door_while_a_reader_gives_a_pin() -> None:
    desktop = Desktop(desk=desk(checkout=CheckoutPolicy(ask_pin=True)))
    desktop.tap()
    press(desktop, "tech.enter")
    assert desktop.screen.name == "pin"


def test_a_long_press_among_the_technicians_screens_signs_nobody_out() -> None:
    desktop = Desktop()
    press(desktop, "tech.enter")
    desktop.tap(OTHER)
    desktop.touch("tech.pin", "4711")
    desktop.hear(TechnicianKnown(name="张工"))
    press(desktop, "tech.enter")
    assert desktop.screen.name == "tech"
