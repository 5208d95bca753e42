"""Where things stand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.screen import Art, Banner, Icon, Modes, Qr, Row, Screen, Tone
from kiosk.ui import icons
from kiosk.ui.panel import LANDSCAPE, PANELS, PORTRAIT, SMALL, Panel
from kiosk.ui.render import Studio
from kiosk.ui.scene import Motion, Scene, flat
from tests.ui import gallery

MM = PORTRAIT.px_per_mm


def rows(scene: Scene) -> list[str]:
    return [part.key for part in scene.parts if part.role == "row"]


def lay(studio: Studio, name: str, panel: Panel = PORTRAIT, lang: str = "zh", page: int = 0, **modes: bool) -> Scene:
    return studio.scene(replace(gallery.ALL[name](lang), modes=Modes(**modes)), panel, page=page)


def test_the_primary_stands_where_it_was_drawn(studio: Studio) -> None:
    """357 to 399 mm of 476, over the lesser buttons at 405 and the dock at 443."""
    scene = lay(studio, "pad")
    top, lesser = scene.part("primary").box, scene.part("button:cancel").box
    assert top.y / MM == pytest.approx(357, abs=0.4)
    assert top.bottom / MM == pytest.approx(399, abs=0.4)
    assert lesser.y / MM == pytest.approx(405, abs=0.4)
    assert scene.part("dock:dock.language").box.y / MM == pytest.approx(443, abs=0.4)


@pytest.mark.parametrize("panel", PANELS, ids=lambda p: p.name)
def test_primary_and_dock_never_move_from_screen_to_screen(studio: Studio, panel: Panel) -> None:
    places = set()
    for make in gallery.ALL.values():
        screen = make("zh")
        if screen.dock and screen.primary is not None:
            scene = studio.scene(screen, panel)
            keys = [p for p in scene.parts if p.key in ("primary", "strip")]
            places.add((keys[0].box, scene.part("dock:dock.language").box))
    assert len(places) == 1


def test_a_second_title_line_replaces_the_call_number(studio: Studio) -> None:
    zh, en = lay(studio, "pad"), lay(studio, "pad", lang="en")
    assert "TP311.13/128" in [w.text for w in zh.part("row:D1").words()]
    assert "TP311.13/128" not in [w.text for w in en.part("row:D1").words()]
    assert "TP311.13/128" in en.part("row:D1").says


def test_a_problem_is_told_inside_its_own_row(studio: Studio) -> None:
    part = lay(studio, "pad").part("row:D5")
    texts = [w.text for w in part.words()]
    assert "馆内阅览" in texts
    assert "请放到右侧书架，其余图书照常借走。" in texts
    assert part.box.h > lay(studio, "pad").part("row:D1").box.h


def test_in_large_text_the_rows_that_need_an_answer_come_first(studio: Studio) -> None:
    assert rows(lay(studio, "pad"))[0] == "row:D1"
    assert rows(lay(studio, "pad", large=True))[0] == "row:D5"


@pytest.mark.parametrize("panel", PANELS, ids=lambda p: p.name)
def test_every_book_is_on_exactly_one_page(studio: Studio, panel: Panel) -> None:
    for modes in gallery.MODES.values():
        screen = replace(gallery.ALL["loans"]("en"), modes=modes)
        count = studio.scene(screen, panel).pages
        shown = [
            p.key for page in range(count) for p in studio.scene(screen, panel, page=page).parts if p.role == "row"
        ]
        assert sorted(shown) == sorted(f"row:{row.id}" for row in screen.rows)


def test_the_pager_says_how_many_books_are_still_to_come(studio: Studio) -> None:
    scene = lay(studio, "loans")
    shown = len(rows(scene))
    assert scene.part("pager").says == f"还有 {8 - shown} 项"
    assert lay(studio, "loans", page=scene.pages - 1).part("pager").says == "回到第一页"


@pytest.mark.parametrize("panel", PANELS, ids=lambda p: p.name)
def test_low_reach_brings_text_down_and_everything_pressed_below_45_percent(studio: Studio, panel: Panel) -> None:
    for name in gallery.ALL:
        scene = lay(studio, name, panel, low=True)
        pressed = [t.box.y for t in scene.targets() if t.id != "ui.seal"]
        assert min(pressed) >= panel.height_px * 0.45 - 1, name


def test_left_handed_layout_changes_sides_but_not_the_dock(studio: Studio) -> None:
    right, left = lay(studio, "pad", LANDSCAPE), lay(studio, "pad", LANDSCAPE, mirrored=True)
    assert right.part("primary").box.x > LANDSCAPE.width_px / 2 > left.part("primary").box.right
    assert right.part("dock:dock.language").box == left.part("dock:dock.language").box


def test_a_row_that_is_pressed_has_a_solid_edge_and_brings_its_own_id(studio: Studio) -> None:
    scene = lay(studio, "choose")
    target = scene.part("row:C1").target
    assert target is not None
    assert (target.id, target.confirms) == ("choose.C1", ("C1",))


def test_a_strip_is_dashed_and_cannot_be_pressed(studio: Studio) -> None:
    part = lay(studio, "card").part("strip")
    assert part.target is None
    assert "Dashes" in {type(ink).__name__ for ink in part.inks}


def test_enter_cannot_be_pressed_before_enough_digits_are_typed(studio: Studio) -> None:
    screen = gallery.ALL["pin"]("zh")
    assert "pin.enter" not in {t.id for t in studio.scene(screen, PORTRAIT, typed="12345").targets()}
    assert "pin.enter" in {t.id for t in studio.scene(screen, PORTRAIT, typed="123456").targets()}


def test_a_mode_that_is_on_is_filled_and_ticked(studio: Studio) -> None:
    off, on = lay(studio, "pad"), lay(studio, "pad", large=True)
    assert "tick" not in off.part("dock:dock.large").signals
    assert "tick" in on.part("dock:dock.large").signals
    assert "tick" not in on.part("dock:dock.contrast").signals


def test_the_qr_code_keeps_four_modules_of_quiet_around_it(studio: Studio) -> None:
    code = next(ink for ink in flat(lay(studio, "card").part("qr").inks) if type(ink).__name__ == "Modules")
    rows = code.rows  # type: ignore[union-attr]  # the one ink of its kind
    for row in (*rows[:4], *rows[-4:]):
        assert set(row) == {"0"}
    assert all(row[:4] == row[-4:] == "0000" for row in rows)


@pytest.mark.parametrize("art", [a for a in Art if a not in (Art.NONE, Art.SHELF)])
def test_every_picture_can_be_drawn_in_every_theme(studio: Studio, art: Art) -> None:
    for modes in (Modes(), Modes(contrast=True)):
        for dark in (False, True):
            screen = Screen(turn=1, name="art", lang="zh", art=art, modes=modes, dark=dark)
            assert len(flat(studio.scene(screen, PORTRAIT).part("art").inks)) > 4


def test_every_icon_is_drawn() -> None:
    assert icons.known() == frozenset(Icon) - {Icon.NONE}


def test_one_thing_moves_on_a_screen_of_waiting_books(studio: Studio) -> None:
    moving = [p.key for p in lay(studio, "working").parts if p.motion is not Motion.NONE]
    assert moving == ["row:D3:wait"]


def test_a_banner_too_tall_for_a_small_panel_lets_go_of_its_second_half(studio: Studio) -> None:
    words = " ".join(["A sentence that takes up room on a small panel."] * 7)
    banner = Banner(text="Something happened", sub=words, tone=Tone.STOP)
    screen = Screen(turn=1, name="x", lang="en", banner=banner)
    pages = [studio.scene(screen, SMALL, page=page) for page in range(studio.scene(screen, SMALL).pages)]
    assert {"banner", "banner:sub"} <= {part.key for scene in pages for part in scene.parts}


def test_a_title_without_end_stops_at_its_limit_and_is_still_read_out_whole(studio: Studio) -> None:
    title = "江苏省地方志编纂委员会办公室编印的历代方志目录提要与馆藏分布" * 6
    screen = Screen(turn=1, name="x", lang="zh", rows=(Row(id="1", title=title),))
    part = studio.scene(screen, PORTRAIT).part("row:1")
    assert part.words()[-1].text.endswith("…")
    assert title in part.says


@pytest.mark.parametrize("panel", [PORTRAIT, LANDSCAPE], ids=lambda p: p.name)
def test_no_page_holds_the_code_for_the_slip_without_a_book(studio: Studio, panel: Panel) -> None:
    done = gallery.ALL["done"]("zh")
    for count in range(1, 13):
        listed = tuple(
            Row(id=f"D{i}", title="红楼梦", value="12月22日", spine=1, icon=Icon.CHECK) for i in range(count)
        )
        screen = replace(done, rows=listed, qr=Qr(content="借书凭条" * 20, text="用手机扫一扫", sub="凭条存入手机"))
        pages = [studio.scene(screen, panel, page=page) for page in range(studio.scene(screen, panel).pages)]
        assert [key for scene in pages for key in rows(scene)] == [f"row:{row.id}" for row in screen.rows]
        assert all(rows(scene) for scene in pages), f"{count} books"
