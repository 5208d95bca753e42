"""What is on the glass."""

from __future__ import annotations

import gc
import random
from dataclasses import replace
from typing import Any

import pytest

from kiosk.screen import Headline, Modes, Person, Row, Screen, wire
from kiosk.ui.engine import Pixels
from kiosk.ui.panel import PORTRAIT
from kiosk.ui.render import Studio
from kiosk.ui.scene import Box
from tests.ui import gallery
from tests.ui.kiosk_kit import Kiosk


def differing(one: Pixels, other: Pixels, box: Box, step: int = 4) -> int:
    """How many of the sampled pixels of a box are not the same."""
    xs, ys = range(int(box.x), int(box.right), step), range(int(box.y), int(box.bottom), step)
    return sum(one.at(x, y) != other.at(x, y) for y in ys for x in xs)


def drawn(slot: Any) -> object:
    """The instruction that draws a part's shapes; Any: Kivy has no types."""
    return slot.shapes.children[0] if slot.shapes.children else None


def test_a_book_that_arrives_redraws_its_row_and_leaves_the_others_alone(kiosk: Kiosk) -> None:
    full = gallery.pad("zh")
    kiosk.show(replace(full, rows=full.rows[:3]))
    before = dict(kiosk.app.painter._slots)
    shapes = {key: drawn(slot) for key, slot in before.items()}
    kiosk.show(replace(full, turn=2, rows=full.rows[:4]))
    after = kiosk.app.painter._slots
    for key in ("row:D1", "row:D2", "row:D3", "header" if "header" in after else "seal", "dock:dock.help"):
        assert after[key] is before[key]
        assert drawn(after[key]) is shapes[key]
    assert "row:D4" in after


def test_the_verdict_of_one_book_redraws_that_book_only(kiosk: Kiosk) -> None:
    kiosk.show(gallery.pad("zh"))
    before = {key: drawn(slot) for key, slot in kiosk.app.painter._slots.items()}
    rows = list(gallery.pad("zh").rows)
    rows[1] = replace(rows[1], value="已预约")
    kiosk.show(replace(gallery.pad("zh"), turn=2, rows=tuple(rows)))
    changed = [key for key, slot in kiosk.app.painter._slots.items() if drawn(slot) is not before[key]]
    assert changed == ["row:D2"]


def test_a_press_darkens_its_button_in_the_next_frame_and_nothing_else(kiosk: Kiosk) -> None:
    kiosk.show(gallery.ALL["offline"]("zh"))
    before, box = kiosk.pixels(), kiosk.target("start.checkin").box
    kiosk.down(box.cx, box.cy)
    pressed = kiosk.pixels()
    assert differing(before, pressed, box.inset(8)) > 100
    assert differing(before, pressed, kiosk.target("start.checkout").box) == 0
    kiosk.up(box.cx, box.cy)
    assert differing(before, kiosk.pixels(), box) == 0


def test_a_button_stays_dark_while_the_clock_beside_it_runs(kiosk: Kiosk) -> None:
    kiosk.show(gallery.ALL["done"]("zh"))
    before, box = kiosk.pixels(), kiosk.target("finish").box
    kiosk.down(box.cx, box.cy)
    kiosk.pump(1.2)
    assert differing(before, kiosk.pixels(), Box(box.x + 20, box.y + 20, 200, 60)) > 100


def test_what_is_painted_is_what_was_laid_out(kiosk: Kiosk) -> None:
    scene = kiosk.show(gallery.pad("zh"))
    pixels = kiosk.pixels()
    primary = scene.part("primary").box
    assert pixels.at(int(primary.x + 30), int(primary.cy)) == "#0F5B57"
    assert pixels.at(4, 4) == scene.ground
    row = scene.part("row:D1").box
    assert pixels.at(int(row.x + 8), int(row.cy)) == "#FFFDF8"


def test_high_contrast_is_black_and_yellow_on_the_glass(kiosk: Kiosk) -> None:
    scene = kiosk.show(replace(gallery.pad("zh"), modes=Modes(contrast=True)))
    pixels, primary = kiosk.pixels(), scene.part("primary").box
    assert pixels.at(4, 4) == "#000000"
    assert pixels.at(int(primary.x + 30), int(primary.cy)) == "#FFE14A"


def test_the_seconds_on_the_glass_run_by_themselves(kiosk: Kiosk) -> None:
    kiosk.show(gallery.ALL["timeout"]("zh"))
    assert kiosk.scene.part("countdown").says == "17 秒"
    before = kiosk.pixels()
    kiosk.pump(3.1)
    assert kiosk.scene.part("countdown").says == "14 秒"
    assert differing(before, kiosk.pixels(), kiosk.scene.part("countdown").box) > 100


def test_a_waiting_ring_turns_and_a_still_screen_is_not_drawn_again(kiosk: Kiosk) -> None:
    kiosk.show(gallery.ALL["help"]("zh"))
    kiosk.pixels()
    kiosk.pump(1.0)
    assert not kiosk.window.canvas.needs_redraw
    kiosk.show(gallery.ALL["working"]("zh"))
    before, ring = kiosk.pixels(), kiosk.scene.part("row:D3:wait").box
    kiosk.pump(0.4)
    assert kiosk.window.canvas.needs_redraw
    assert differing(before, kiosk.pixels(), ring, step=2) > 10


def test_a_new_book_rises_into_its_place(kiosk: Kiosk) -> None:
    full = gallery.pad("zh")
    kiosk.show(replace(full, rows=full.rows[:2]))
    kiosk.show(replace(full, turn=2, rows=full.rows[:3]))
    moving = kiosk.app.painter._slots["row:D3"]
    assert moving.moved[1] < 0
    kiosk.pump(0.3)
    assert moving.moved[1] == 0


def test_the_resting_picture_goes_dim_and_wakes_at_a_touch(kiosk: Kiosk) -> None:
    kiosk.show(gallery.ALL["attract"]("zh"))
    bright = kiosk.pixels().at(900, 1500)
    kiosk.hub.run(kiosk.hub.now() + 700)
    kiosk.app.frame()
    assert kiosk.pixels().at(900, 1500) != bright
    kiosk.down(500, 900)
    kiosk.up(500, 900)
    kiosk.pump()
    assert kiosk.pixels().at(900, 1500) == bright


def whole(kiosk: Kiosk) -> Pixels:
    """The glass when all of it is drawn again."""
    kiosk.app.glass.changed(None)
    return kiosk.pixels()


@pytest.mark.parametrize("name", ["attract", "pad", "working", "timeout", "loans"])
def test_drawing_only_what_changed_leaves_the_glass_as_drawing_all_of_it(kiosk: Kiosk, name: str) -> None:
    """Through a screen's life: rows come and go, a finger presses, time passes, the language changes."""
    make = gallery.ALL[name]
    screen = make("zh")
    kiosk.show(replace(screen, rows=screen.rows[:1]))
    kiosk.pixels()
    steps = (
        lambda: kiosk.show(replace(screen, turn=2)),
        lambda: kiosk.down(*middle(kiosk.scene.targets()[-1].box)),
        lambda: kiosk.pump(0.1),
        lambda: kiosk.move(0, 0),
        lambda: kiosk.up(0, 0),
        lambda: kiosk.pump(1.0),
        lambda: kiosk.show(replace(screen, turn=3, rows=screen.rows[1:], banner=None)),
        lambda: kiosk.show(replace(make("en"), turn=4)),
    )
    for step in steps:
        step()
        partly = kiosk.pixels()
        assert partly.rgb == whole(kiosk).rgb


def anew(kiosk: Kiosk, studio: Studio) -> Pixels:
    """The scene on the same glass, by a painter that has never drawn another."""
    from kiosk.ui.paint import Painter

    now, canvas, used = kiosk.hub.now(), kiosk.window.canvas, kiosk.app.painter._all
    canvas.remove(used)
    painter = Painter(canvas, studio.ruler, PORTRAIT.width_px, PORTRAIT.height_px)
    painter.show(kiosk.scene, now - 10.0)
    painter.tick(now)
    pixels = whole(kiosk)
    painter.close()
    canvas.add(used)
    return pixels


def test_a_screen_leaves_nothing_behind_under_the_next_ones(kiosk: Kiosk, studio: Studio) -> None:
    """Many screens in any order, some under one name, as when one screen changes."""
    chance = random.Random(3)
    for turn in range(1, 29):
        screen = gallery.ALL[chance.choice(sorted(gallery.ALL))](chance.choice(("zh", "en")))
        rows = chance.sample(screen.rows, chance.randint(0, len(screen.rows)))
        name = chance.choice((screen.name, "changing"))
        kiosk.show(replace(screen, turn=turn, name=name, rows=tuple(rows)))
        if turn > 20:  # by then every layer has been used before
            kiosk.pump(0.3)
            assert kiosk.pixels().rgb == anew(kiosk, studio).rgb, screen.name


def test_a_press_draws_again_no_more_than_its_button(kiosk: Kiosk) -> None:
    kiosk.show(gallery.pad("zh"))
    kiosk.pixels()
    box = next(target.box for target in kiosk.scene.targets() if target.primary)
    kiosk.down(box.cx, box.cy)
    waiting = kiosk.app.glass.waiting
    assert waiting is not None
    assert box.w * box.h <= waiting.w * waiting.h <= (box.w + 8) * (box.h + 8)


def middle(box: Box) -> tuple[float, float]:
    return box.cx, box.cy


SECRET = "".join(("陈", "晓", "鹭"))


def a_visit(kiosk: Kiosk) -> None:
    """A reader with an unmistakable name borrows a book of that name, and leaves."""
    screen = replace(
        gallery.pad("zh"),
        who=SECRET + "一",
        person=Person(name=SECRET + "二", value="7 册"),
        headline=Headline(text=SECRET + "三", numeral="1"),
        rows=(Row(id="x", title=SECRET + "四", value="可借"),),
    )
    kiosk.show(screen)
    kiosk.pixels()
    box = kiosk.target("cancel").box
    kiosk.down(box.cx, box.cy)
    kiosk.pump(0.1)
    kiosk.show(gallery.ALL["attract"]("zh"))


def traces(secret: str) -> list[str]:
    """Everything in this process that still holds the secret: in a string or, encoded, in bytes."""
    found = []
    for holder in gc.get_objects():
        for value in gc.get_referents(holder):
            kind = type(value)  # isinstance would wake weak proxies
            text = kind is str and value != secret and secret in value
            raw = kind in (bytes, bytearray) and secret.encode() in value
            if text or raw:
                found.append(f"{type(holder).__name__}: {str(value)[:40]}")
    return found


def test_one_frame_after_a_visit_nothing_in_the_process_knows_the_reader(kiosk: Kiosk) -> None:
    a_visit(kiosk)
    gc.collect()
    assert [trace for trace in traces(SECRET) if "code" not in trace.split(":")[0]] == []


def test_one_frame_after_a_visit_the_glass_shows_nothing_of_it(kiosk: Kiosk) -> None:
    kiosk.show(gallery.ALL["attract"]("zh"))
    clean = kiosk.pixels()
    a_visit(kiosk)
    assert differing(clean, kiosk.pixels(), Box(0, 0, PORTRAIT.width_px, PORTRAIT.height_px), step=5) == 0


def test_a_text_that_is_kept_would_be_found(kiosk: Kiosk) -> None:
    kiosk.pump()
    kept = [wire.encode_screen(Screen(turn=1, name="x", lang="zh", who=SECRET + "五"))]
    assert traces(SECRET)
    kept.clear()
