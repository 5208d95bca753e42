"""The ui and its core: screens in, touches out, and what happens when one of them is gone."""

from __future__ import annotations

from dataclasses import replace

from kiosk.screen import Button, Clip, Modes, Touch
from kiosk.ui.app import CORE_AWAITED_S, RECONNECT_EVERY_S
from tests.ui import gallery
from tests.ui.kiosk_kit import Kiosk


def test_a_tap_on_borrow_reaches_the_core_with_the_books_it_was_shown_with(kiosk: Kiosk) -> None:
    kiosk.show(replace(gallery.pad("zh"), turn=41))
    kiosk.tap("borrow")
    assert kiosk.touches() == [Touch(turn=41, button="borrow", confirms=("D1", "D2", "D3"))]


def test_turning_a_page_is_nobody_elses_business(kiosk: Kiosk) -> None:
    kiosk.show(gallery.ALL["loans"]("zh"))
    first = {p.key for p in kiosk.scene.parts if p.role == "row"}
    kiosk.tap("ui.page")
    assert first.isdisjoint({p.key for p in kiosk.scene.parts if p.role == "row"})
    assert kiosk.touches() == []


def test_a_pin_goes_to_the_core_once_and_only_with_enter(kiosk: Kiosk) -> None:
    kiosk.show(gallery.ALL["pin"]("zh"))
    for digit in "482913":
        kiosk.tap(f"ui.digit.{digit}")
    assert kiosk.touches() == []
    kiosk.tap("pin.enter")
    assert kiosk.touches() == [Touch(turn=1, button="pin.enter", text="482913")]


def test_the_language_changes_in_one_frame_and_the_page_stays(kiosk: Kiosk) -> None:
    kiosk.show(gallery.ALL["loans"]("zh"))
    kiosk.tap("ui.page")
    kiosk.show(replace(gallery.ALL["loans"]("en"), turn=2))
    assert kiosk.scene.part("page").says.startswith("Page 2")


def test_three_seconds_on_the_seal_let_the_technician_in(kiosk: Kiosk) -> None:
    kiosk.show(replace(gallery.ALL["attract"]("zh"), turn=8))
    seal = kiosk.target("ui.seal").box
    kiosk.down(seal.cx, seal.cy)
    kiosk.pump(2.8)
    assert kiosk.touches() == []
    kiosk.pump(0.4)
    assert kiosk.touches() == [Touch(turn=8, button="tech.enter")]


def test_without_a_core_the_machine_says_so_in_both_languages(kiosk: Kiosk) -> None:
    kiosk.core_is_up = False
    kiosk.pump(CORE_AWAITED_S + 0.2)
    texts = " ".join(kiosk.scene.texts())
    assert "本机暂停服务" in texts
    assert "This machine is out of service" in texts


def test_a_machine_that_is_only_starting_does_not_alarm_anybody(kiosk: Kiosk) -> None:
    kiosk.core_is_up = False
    kiosk.pump(CORE_AWAITED_S - 0.5)
    assert kiosk.app.painter.scene is None


def test_a_lost_core_is_shown_in_the_readers_language_and_a_new_one_is_found(kiosk: Kiosk) -> None:
    kiosk.show(gallery.pad("en"))
    assert kiosk.core is not None
    kiosk.core_is_up = False
    kiosk.core.close()
    kiosk.pump()
    assert kiosk.scene.name == "ui.lost"
    assert kiosk.scene.part("headline").says.startswith("This machine is out of service")
    assert not [t for t in kiosk.scene.targets() if t.sends]
    kiosk.core_is_up = True
    kiosk.pump(RECONNECT_EVERY_S + 0.1)
    kiosk.show(gallery.ALL["attract"]("zh"))
    assert kiosk.scene.name == "attract"


def test_a_core_that_talks_nonsense_is_hung_up_on(kiosk: Kiosk) -> None:
    kiosk.show(gallery.ALL["attract"]("zh"))
    assert kiosk.core is not None
    kiosk.core.write(b"\x00\x00\x00\x05hello")
    kiosk.pump()
    assert kiosk.scene.name == "ui.lost"


def test_a_touch_that_meets_a_dead_wire_shows_that_the_machine_rests(kiosk: Kiosk) -> None:
    kiosk.show(gallery.pad("zh"))
    assert kiosk.core is not None
    box = kiosk.target("borrow").box
    kiosk.down(box.cx, box.cy)
    kiosk.core_is_up = False
    kiosk.core.close()
    kiosk.up(box.cx, box.cy)
    kiosk.pump()
    assert kiosk.scene.name == "ui.lost"


def test_of_several_screens_in_one_frame_the_last_is_shown_and_each_sound_is_heard(kiosk: Kiosk) -> None:
    from kiosk.screen import wire

    kiosk.pump()
    assert kiosk.core is not None
    for screen in (gallery.ALL["put-back"]("zh"), gallery.ALL["done"]("zh")):
        kiosk.core.write(wire.encode_screen(screen))
    kiosk.pump()
    assert kiosk.scene.name == "done"
    assert kiosk.clips == [Clip.ATTENTION, Clip.DONE]


def test_another_reader_between_two_frames_finds_no_digits_of_the_first(kiosk: Kiosk) -> None:
    from kiosk.screen import wire

    kiosk.show(gallery.ALL["pin"]("zh"))
    kiosk.tap("ui.digit.1")
    assert kiosk.core is not None
    for screen in (gallery.ALL["attract"]("zh"), gallery.ALL["pin"]("zh")):
        kiosk.core.write(wire.encode_screen(screen))
    kiosk.pump()
    assert kiosk.scene.part("keypad:field").says.startswith("已输入 0")


def test_the_voice_reads_a_screen_and_stops_when_the_next_one_comes(kiosk: Kiosk) -> None:
    aloud = Modes(speech=True)
    kiosk.show(replace(gallery.pad("zh"), modes=aloud))
    assert kiosk.spoken[-1].text == "感应区上有五册书，三册可以借走。"
    kiosk.show(replace(gallery.ALL["done"]("zh"), modes=aloud))
    assert kiosk.spoken[0].ended
    assert kiosk.spoken[-1].text == "借好了，共四册。"


def test_the_voice_says_the_same_sentence_only_once(kiosk: Kiosk) -> None:
    screen = replace(gallery.pad("zh"), modes=Modes(speech=True))
    kiosk.show(screen)
    kiosk.show(replace(screen, turn=2, rows=screen.rows[:3]))
    assert len(kiosk.spoken) == 1


def test_a_machine_that_is_not_asked_to_speak_is_silent(kiosk: Kiosk) -> None:
    kiosk.show(gallery.pad("zh"))
    assert kiosk.spoken == []


def test_buttons_about_the_voice_stay_in_the_ui(kiosk: Kiosk) -> None:
    voice = tuple(Button(id=f"voice.{what}", text=what) for what in ("repeat", "louder"))
    kiosk.show(replace(gallery.pad("zh"), secondary=voice, modes=Modes(speech=True)))
    kiosk.spoken[-1].ended = True
    kiosk.tap("voice.louder")
    kiosk.tap("voice.repeat")
    assert kiosk.touches() == []
    assert [s.text for s in kiosk.spoken] == ["感应区上有五册书，三册可以借走。"] * 2
    assert kiosk.spoken[1].argv != kiosk.spoken[0].argv
