"""What a finger does, and what the ui remembers of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.screen import Button, Keypad, Screen, Touch
from kiosk.ui.panel import PORTRAIT
from kiosk.ui.presenter import Presenter
from kiosk.ui.render import Studio
from kiosk.ui.scene import Target
from kiosk.ui.words import BUILT_IN
from tests.ui import gallery


@pytest.fixture
def presenter(studio: Studio) -> Presenter:
    return Presenter(PORTRAIT, studio.ruler, BUILT_IN)


def seat(presenter: Presenter, screen: Screen, now: float = 0.0) -> None:
    presenter.show(screen, now)
    presenter.scene(now)


def find(presenter: Presenter, id: str, now: float = 0.0) -> Target:
    return next(t for t in presenter.scene(now).targets() if t.id == id)


def tap(presenter: Presenter, id: str, now: float) -> Touch | None:
    box = find(presenter, id, now).box
    presenter.down(box.cx, box.cy, now)
    return presenter.up(box.cx, box.cy, now + 0.05)


def test_a_button_acts_when_the_finger_leaves_it_with_the_list_it_was_shown_with(presenter: Presenter) -> None:
    seat(presenter, replace(gallery.pad("zh"), turn=12))
    box = find(presenter, "borrow").box
    assert presenter.down(box.cx, box.cy, 1.0) is not None
    assert presenter.up(box.cx, box.cy, 1.1) == Touch(turn=12, button="borrow", confirms=("D1", "D2", "D3"))


def test_a_finger_that_slides_off_takes_its_touch_back(presenter: Presenter) -> None:
    seat(presenter, gallery.pad("zh"))
    box = find(presenter, "borrow").box
    presenter.down(box.cx, box.cy, 1.0)
    assert presenter.move(box.cx, box.y - 50) is None
    assert presenter.up(box.cx, box.y - 50, 1.2) is None


def test_a_finger_that_slides_back_on_still_presses(presenter: Presenter) -> None:
    seat(presenter, gallery.pad("zh"))
    box = find(presenter, "borrow").box
    presenter.down(box.cx, box.cy, 1.0)
    presenter.move(box.cx, box.y - 50)
    assert presenter.move(box.cx, box.cy) is not None
    assert presenter.up(box.cx, box.cy, 1.2) is not None


def test_a_trembling_finger_borrows_once(presenter: Presenter) -> None:
    seat(presenter, gallery.pad("zh"))
    assert tap(presenter, "borrow", 1.0) is not None
    assert tap(presenter, "borrow", 1.2) is None
    assert tap(presenter, "borrow", 2.0) is not None


def test_a_press_begun_before_the_list_changed_carries_the_old_turn_and_the_old_list(presenter: Presenter) -> None:
    seat(presenter, replace(gallery.pad("zh"), turn=3))
    box = find(presenter, "borrow").box
    presenter.down(box.cx, box.cy, 1.0)
    longer = replace(
        gallery.pad("zh"), turn=4, primary=Button(id="borrow", text="借走 4 册", confirms=("D1", "D2", "D3", "D4"))
    )
    seat(presenter, longer, 1.05)
    sent = presenter.up(box.cx, box.cy, 1.1)
    assert sent is not None
    assert (sent.turn, sent.confirms) == (3, ("D1", "D2", "D3"))


def test_typed_digits_leave_only_with_enter_and_are_then_forgotten(presenter: Presenter) -> None:
    seat(presenter, gallery.ALL["pin"]("zh"))
    for i, digit in enumerate("482913"):
        assert tap(presenter, f"ui.digit.{digit}", 1.0 + i * 0.2) is None
    sent = tap(presenter, "pin.enter", 4.0)
    assert sent is not None
    assert sent.text == "482913"
    assert "pin.enter" not in {t.id for t in presenter.scene(5.0).targets()}, "six digits are wanted again"


def test_the_same_digit_twice_in_quick_succession_counts_twice(presenter: Presenter) -> None:
    seat(presenter, gallery.ALL["pin"]("zh"))
    for i in range(6):
        tap(presenter, "ui.digit.7", 1.0 + i * 0.15)
    sent = tap(presenter, "pin.enter", 3.0)
    assert sent is not None
    assert sent.text == "777777"


def test_a_digit_can_be_erased_and_no_more_than_the_keypad_takes_can_be_typed(presenter: Presenter) -> None:
    seat(presenter, gallery.ALL["pin"]("zh"))
    for i, id in enumerate(("ui.digit.1", "ui.erase", *("ui.digit.2",) * 8)):
        tap(presenter, id, 1.0 + i * 0.5)
    sent = tap(presenter, "pin.enter", 9.0)
    assert sent is not None
    assert sent.text == "222222"


def test_digits_typed_by_one_reader_are_gone_for_the_next(presenter: Presenter) -> None:
    seat(presenter, gallery.ALL["pin"]("zh"))
    tap(presenter, "ui.digit.1", 1.0)
    seat(presenter, gallery.ALL["attract"]("zh"), 2.0)
    seat(presenter, gallery.ALL["pin"]("zh"), 3.0)
    assert presenter.scene(3.0).part("keypad:field").says.startswith("已输入 0")


def test_a_secret_never_reaches_the_scene(presenter: Presenter) -> None:
    seat(presenter, gallery.ALL["pin"]("zh"))
    keys = {part.key for part in presenter.scene(0.0).parts if part.role == "key"}
    for i, digit in enumerate("90210"):
        tap(presenter, f"ui.digit.{digit}", 1.0 + i * 0.5)
    texts = [w.text for part in presenter.scene(9.0).parts if part.key not in keys for w in part.words()]
    assert not any("90210" in text for text in texts)
    number = Keypad(title="", enter="e", enter_text="好", digits_max=8, secret=False)
    seat(presenter, replace(gallery.ALL["pin"]("zh"), name="number", keypad=number), 10.0)
    for i, digit in enumerate("90210"):
        tap(presenter, f"ui.digit.{digit}", 11.0 + i * 0.5)
    assert "90210" in [w.text for w in presenter.scene(19.0).part("keypad:field").words()]


def test_a_long_list_is_turned_by_its_button_and_starts_anew_for_the_next_reader(presenter: Presenter) -> None:
    seat(presenter, gallery.ALL["loans"]("zh"))
    first = [p.key for p in presenter.scene(0.0).parts if p.role == "row"]
    tap(presenter, "ui.page", 1.0)
    second = [p.key for p in presenter.scene(2.0).parts if p.role == "row"]
    assert set(first).isdisjoint(second)
    assert len(first) + len(second) == 8
    tap(presenter, "ui.page", 3.0)
    assert [p.key for p in presenter.scene(4.0).parts if p.role == "row"] == first


def test_the_seal_lets_the_technician_in_only_after_three_seconds(presenter: Presenter) -> None:
    seat(presenter, replace(gallery.ALL["attract"]("zh"), turn=5))
    seal = find(presenter, "ui.seal").box
    assert presenter.down(seal.cx, seal.cy, 10.0) is None, "nothing shows that the seal can be pressed"
    assert presenter.held(12.9) is None
    assert presenter.held(13.0) == Touch(turn=5, button="tech.enter")
    assert presenter.held(13.5) is None
    assert presenter.up(seal.cx, seal.cy, 14.0) is None


def test_a_finger_that_leaves_the_seal_early_lets_nobody_in(presenter: Presenter) -> None:
    seat(presenter, gallery.ALL["attract"]("zh"))
    seal = find(presenter, "ui.seal").box
    presenter.down(seal.cx, seal.cy, 10.0)
    presenter.up(seal.cx, seal.cy, 11.0)
    assert presenter.held(20.0) is None


def test_a_touch_anywhere_answers_the_time_out_warning(presenter: Presenter) -> None:
    seat(presenter, gallery.ALL["timeout"]("zh"))
    presenter.down(30, 700, 1.0)
    sent = presenter.up(500, 40, 1.1)
    assert sent is not None
    assert sent.button == "continue"


def test_a_button_on_the_warning_still_is_that_button(presenter: Presenter) -> None:
    seat(presenter, gallery.ALL["timeout"]("zh"))
    sent = tap(presenter, "cancel", 1.0)
    assert sent is not None
    assert sent.button == "cancel"


def test_seconds_are_counted_on_until_nothing_is_left(presenter: Presenter) -> None:
    seat(presenter, gallery.ALL["timeout"]("zh"))
    shown = [presenter.scene(second).part("countdown").says for second in (0.0, 1.0, 16.5, 40.0)]
    assert shown == ["17 秒", "16 秒", "1 秒", "0 秒"]


def test_nothing_is_laid_out_again_while_nothing_changes(presenter: Presenter) -> None:
    seat(presenter, gallery.pad("zh"))
    assert presenter.scene(1.0) is presenter.scene(99.0)


def test_only_books_that_were_not_there_before_come_in_with_a_movement(presenter: Presenter) -> None:
    full = gallery.pad("zh")
    seat(presenter, replace(full, rows=full.rows[:2]))
    seat(presenter, replace(full, rows=full.rows[:3]), 1.0)
    moving = {p.key for p in presenter.scene(1.0).parts if p.motion.value == "rise"}
    assert moving == {"row:D3"}


def test_the_resting_picture_dims_and_wanders_until_somebody_comes(presenter: Presenter) -> None:
    seat(presenter, gallery.ALL["attract"]("zh"))
    assert not presenter.dims(599.0)
    assert presenter.dims(601.0)
    assert presenter.shift_px(0.0) != presenter.shift_px(130.0)
    presenter.down(500, 500, 700.0)
    assert not presenter.dims(701.0)


def test_a_list_at_work_never_dims(presenter: Presenter) -> None:
    seat(presenter, gallery.pad("zh"))
    assert not presenter.dims(9999.0)
    assert presenter.shift_px(9999.0) == (0, 0)
