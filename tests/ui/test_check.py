"""The requirement checker, and that each of its checkers can fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kiosk.screen import (
    Art,
    Banner,
    Button,
    Clip,
    Countdown,
    Headline,
    Icon,
    Modes,
    Person,
    Row,
    Screen,
    Steps,
    Tone,
)
from kiosk.ui.check import MODES, REQUIREMENTS, How, Proof, check
from kiosk.ui.check import run as runner
from kiosk.ui.check.case import Case
from kiosk.ui.check.glass import sampled
from kiosk.ui.check.whole import of_all, trace
from kiosk.ui.layout import rest
from kiosk.ui.layout.header import Colours, header
from kiosk.ui.panel import PANELS, PORTRAIT, SMALL
from kiosk.ui.render import Studio
from kiosk.ui.scene import Box, Motion, Part, Scene, Slab, Target, Weight, Words
from kiosk.ui.text import Face
from tests.ui import gallery

BY_HAND = {29, 43, 48}
PROOFS = {18, 23, 25, 26, 28, 29, 30, 35, 36, 38}
PROVEN: dict[int, Proof] = dict.fromkeys(PROOFS, list)


@pytest.mark.parametrize("mode", ["plain", "all"])
def test_every_sample_screen_meets_every_requirement_on_every_panel(studio: Studio, mode: str) -> None:
    report = check(gallery.screens(), studio, modes={mode: gallery.MODES[mode]}, proofs=PROVEN, on_glass=False)
    assert [str(f) for f in report.findings] == []
    assert report.cases == 34 * len(PANELS)
    assert report.passed


@pytest.mark.slow
def test_every_sample_screen_meets_every_requirement_in_every_mode_and_on_the_glass(
    studio: Studio, window: Any
) -> None:
    report = check(gallery.screens(), studio, proofs=PROVEN)
    assert [str(f) for f in report.findings] == []
    assert report.cases == 34 * len(MODES) * len(PANELS)


def test_there_are_48_requirements_and_only_three_have_a_part_for_the_hand() -> None:
    assert [req.number for req in REQUIREMENTS] == list(range(1, 49))
    assert {req.number for req in REQUIREMENTS if How.HAND in req.how} == BY_HAND
    assert {req.number for req in REQUIREMENTS if How.PROOF in req.how} == PROOFS
    for req in REQUIREMENTS:
        assert req.screens or req.fingers or How.PROOF in req.how or How.WHOLE in req.how


def test_a_proof_that_is_not_passed_in_leaves_its_requirement_open(studio: Studio) -> None:
    report = check([], studio, proofs={35: list}, on_glass=False)
    assert 35 not in report.unproven
    assert 28 in report.unproven
    assert not report.passed
    assert any(line.startswith("28 open") for line in report.lines())


def test_what_a_proof_finds_is_a_finding(studio: Studio) -> None:
    report = check([], studio, proofs={35: lambda: ["no way home from PINPAD"]}, on_glass=False)
    assert [str(f) for f in report.findings] == ["35 machine: no way home from PINPAD"]


# -- broken screens ---------------------------------------------------------------------------------------------------

PLAIN = gallery.ALL["pad"]("zh")
BARE = Screen(turn=1, name="pad", lang="zh", dock=PLAIN.dock, speech="x")
BROKEN_SCREENS: dict[int, Screen] = {
    14: replace(PLAIN, headline=Headline(text="要借吗？"), banner=Banner(text="要凭条吗？")),
    15: replace(PLAIN, secondary=tuple(Button(id=f"b{i}", text="去") for i in range(5))),
    16: replace(PLAIN, dock=PLAIN.dock[1:]),
    17: replace(PLAIN, dock=tuple(b for b in PLAIN.dock if b.icon is not Icon.HELP)),
    25: replace(PLAIN, rows=(Row(id="1", title="红楼梦", icon=Icon.WAIT),)),
    26: replace(gallery.ALL["timeout"]("zh"), countdown=Countdown(left_s=9, total_s=10, full_screen=True)),
    27: replace(gallery.ALL["timeout"]("zh"), clip=Clip.NONE),
    29: replace(gallery.ALL["clear-pad"]("zh"), clip=Clip.NONE),
    31: replace(PLAIN, person=Person(name="王小明", value="7 册")),
    33: Screen(
        turn=1, name="pad", lang="zh", dock=PLAIN.dock, speech="x", headline=Headline(text="坏了"), art=Art.RESTING
    ),
    34: Screen(turn=1, name="pad", lang="zh", dock=PLAIN.dock, speech="x", reference="E-217"),
    37: replace(PLAIN, headline=Headline(text="", numeral="3", of="4", unit="册"), rows=PLAIN.rows[:2], person=None),
    40: replace(PLAIN, steps=Steps(names=("一", "二", "三"), now=4)),
    43: replace(PLAIN, speech=""),
    44: replace(PLAIN, clip=Clip.TIME),
    45: replace(PLAIN, banner=Banner(text="网络中断", icon=Icon.OFFLINE), rows=()),
    46: replace(PLAIN, rows=(Row(id="1", title="欠费", icon=Icon.FEE, tone=Tone.STOP, reason="2 元"),)),
    47: replace(PLAIN, secondary=(Button(id="tech.jog", text="点动"),)),
}


@pytest.mark.parametrize("number", sorted(BROKEN_SCREENS))
def test_a_screen_that_breaks_a_requirement_is_found(studio: Studio, number: int) -> None:
    screen = BROKEN_SCREENS[number]
    report = check([screen], studio, panels=[PORTRAIT], modes={"plain": Modes()}, on_glass=False)
    assert number in {f.requirement for f in report.findings}, [str(f) for f in report.findings]


# -- broken layouts ---------------------------------------------------------------------------------------------------


def small_primary(scene: Scene) -> Scene:
    return _part(scene, "primary", lambda p: _resized(p, h=-60))


def small_key(scene: Scene) -> Scene:
    return _part(scene, "dock:dock.help", lambda p: _resized(p, w=-150))


def close_buttons(scene: Scene) -> Scene:
    return _part(scene, "button:cancel", lambda p: _resized(p, w=40))


def painted_larger(scene: Scene) -> Scene:
    return _part(scene, "primary", lambda p: replace(p, box=p.box.inset(-20)))


def small_words(scene: Scene) -> Scene:
    return _words(scene, "hint", size_px=20)


def small_title(scene: Scene) -> Scene:
    return _words(scene, "row:D1", size_px=32)


def serif_button(scene: Scene) -> Scene:
    return _words(scene, "primary", face=Face.SERIF)


def pale_words(scene: Scene) -> Scene:
    return _words(scene, "hint", colour="#B0B0B0")


def pale_edge(scene: Scene) -> Scene:
    def pale(part: Part) -> Part:
        slab = part.inks[0]
        assert isinstance(slab, Slab)
        return replace(part, inks=(replace(slab, edge="#EFEFEF", fill="#FFFDF8"), *part.inks[1:]))

    return _part(scene, "button:cancel", pale)


def silent_colour(scene: Scene) -> Scene:
    return _part(scene, "row:D5", lambda p: replace(p, signals=()))


def text_outside(scene: Scene) -> Scene:
    return _words(scene, "hint", x=-40.0)


def text_on_text(scene: Scene) -> Scene:
    other = scene.part("row:D1").words()[0]
    return _words(scene, "hint", x=other.x, baseline=other.baseline)


def text_left_out(scene: Scene) -> Scene:
    return replace(scene, parts=tuple(p for p in scene.parts if p.key != "hint"))


def squeezed(scene: Scene) -> Scene:
    return _words(scene, "hint", squeezed=True)


def two_motions(scene: Scene) -> Scene:
    return _part(scene, "hint", lambda p: replace(p, motion=Motion.SPIN))


def no_pager(scene: Scene) -> Scene:
    return replace(scene, pages=2)


BROKEN_LAYOUTS: list[tuple[int, Callable[[Scene], Scene]]] = [
    (1, small_key),
    (2, small_primary),
    (3, close_buttons),
    (4, painted_larger),
    (5, small_words),
    (6, small_title),
    (7, serif_button),
    (8, pale_words),
    (9, pale_edge),
    (11, silent_colour),
    (13, text_outside),
    (13, text_on_text),
    (13, text_left_out),
    (13, squeezed),
    (21, no_pager),
    (41, two_motions),
]


@pytest.mark.parametrize(("number", "breakage"), BROKEN_LAYOUTS, ids=lambda v: getattr(v, "__name__", str(v)))
def test_a_layout_that_breaks_a_requirement_is_found(studio: Studio, number: int, breakage: Any) -> None:
    case = runner._case(studio, PLAIN, "plain", Modes(), PORTRAIT)
    before = _found(case, number)
    after = _found(replace(case, pages=tuple(breakage(scene) for scene in case.pages)), number)
    assert before == []
    assert after


def test_a_date_smaller_than_its_title_is_found(studio: Studio) -> None:
    case = runner._case(studio, gallery.ALL["loans"]("zh"), "plain", Modes(), PORTRAIT)
    assert _found(case, 39) == []
    smaller = _words(case.pages[0], "row:N0", only="11月25日", size_px=32)
    assert _found(replace(case, pages=(smaller,)), 39)


def test_seconds_that_run_out_unseen_are_found(studio: Studio) -> None:
    case = runner._case(studio, gallery.ALL["put-back"]("zh"), "plain", Modes(), PORTRAIT)
    assert _found(case, 25) == []
    scene = case.pages[0]
    hidden = replace(scene, parts=tuple(part for part in scene.parts if part.role != "countdown"))
    assert _found(replace(case, pages=(hidden,)), 25)


def test_a_target_out_of_low_reach_is_found(studio: Studio) -> None:
    case = runner._case(studio, PLAIN, "low", MODES["low"], PORTRAIT)
    high = Part(key="x", role="button", box=Box(0, 0, 99, 99), target=Target(id="x", box=Box(0, 0, 99, 99)))
    assert _found(case, 19) == []
    assert _found(replace(case, pages=(replace(case.pages[0], parts=(*case.pages[0].parts, high)),)), 19)


def test_eleven_type_sizes_on_a_panel_are_found(studio: Studio) -> None:
    case = runner._case(studio, PLAIN, "plain", Modes(), PORTRAIT)
    words = [Words("字", Face.SANS, 60 + i, 0, 0, 9, "#000000", "#FFFFFF") for i in range(11)]
    crowded = Part(key="x", role="text", box=Box(0, 0, 9, 9), inks=tuple(words))
    crammed = replace(case, pages=(replace(case.pages[0], parts=(crowded,)),))
    assert 12 in {f.requirement for f in of_all([trace(crammed)])}


def test_a_language_switch_that_moves_is_found(studio: Studio) -> None:
    case = runner._case(studio, PLAIN, "plain", Modes(), PORTRAIT)
    moved = _part(case.pages[0], "dock:dock.language", lambda p: _resized(p, w=8))
    assert 16 in {f.requirement for f in of_all([trace(case), trace(replace(case, pages=(moved,)))])}


def test_a_screen_missing_in_one_language_is_found(studio: Studio) -> None:
    report = check([PLAIN], studio, panels=[PORTRAIT], modes={"plain": Modes()}, on_glass=False)
    assert [str(f) for f in report.findings] == ["43 pad: missing in en"]


def test_weak_high_contrast_is_found(studio: Studio) -> None:
    case = runner._case(studio, PLAIN, "contrast", Modes(contrast=True), PORTRAIT)
    assert _found(case, 10) == []
    weak = _words(case.pages[0], "hint", colour="#9A9A9A")
    assert _found(replace(case, pages=(weak,)), 10)


@pytest.mark.parametrize(
    ("number", "name", "attribute", "value"),
    [
        (22, "pad", "up", lambda self, x, y, now: None),
        (23, "pad", "_trembles", lambda self, target, now: False),
        (24, "pad", "down", lambda self, x, y, now: None),
        (42, "attract", "dims", lambda self, now: False),
        (47, "pad", "held", lambda self, now: None),
    ],
)
def test_a_ui_that_answers_fingers_wrongly_is_found(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, number: int, name: str, attribute: str, value: object
) -> None:
    case = runner._case(studio, gallery.ALL[name]("zh"), "plain", Modes(), PORTRAIT)
    assert _found(case, number, studio) == []
    monkeypatch.setattr(f"kiosk.ui.presenter.Presenter.{attribute}", value)
    assert _found(case, number, studio)


def test_a_mirrored_layout_that_is_not_is_found(studio: Studio) -> None:
    case = runner._case(studio, PLAIN, "plain", Modes(), PORTRAIT)
    deaf = replace(case, lay_out=lambda screen: case.pages[0])
    assert _found(case, 20, studio) == []
    assert _found(deaf, 20, studio)


def test_a_page_that_turns_back_when_the_language_changes_is_found(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = runner._case(studio, gallery.ALL["loans"]("zh"), "plain", Modes(), PORTRAIT)
    assert _found(case, 16, studio) == []
    monkeypatch.setattr("kiosk.ui.presenter.Presenter._keep", lambda self, id: setattr(self, "_page", len(id)))
    monkeypatch.setattr("kiosk.ui.presenter.Presenter.scene", lambda self, now: case.pages[int(now > 1.25)])
    assert _found(case, 16, studio)


def test_text_that_lies_on_the_wrong_ground_is_found_on_the_glass(studio: Studio, window: Any) -> None:
    case = runner._case(studio, PLAIN, "plain", Modes(), PORTRAIT)
    assert list(sampled(case, studio)) == []
    blot = Part(key="blot", role="ground", box=Box(0, 0, 9, 9), inks=(Slab(case.pages[0].part("hint").box, "#3A4A50"),))
    parts = list(case.pages[0].parts)
    at = next(i for i, p in enumerate(parts) if p.key == "hint")
    dirty = replace(case.pages[0], parts=(*parts[:at], blot, *parts[at:]))
    assert any("hint" in what for what in sampled(replace(case, pages=(dirty,)), studio))


def test_a_name_that_runs_off_the_picture_is_found_on_every_panel(
    studio: Studio, window: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def over_the_edge(sheet: Any, frame: Any, stage: Any, plain: bool) -> list[Part]:
        return header(sheet, frame.header, left=Colours("#FFFFFF", "#DCEAE4", rest.GROUND))

    screens = [gallery.ALL["attract"](lang) for lang in ("zh", "en")]
    low = {"low": MODES["low"]}
    assert [str(f) for f in check(screens, studio, panels=[PORTRAIT, SMALL], modes=low).findings] == []
    monkeypatch.setattr(rest, "_header", over_the_edge)
    found = check(screens, studio, panels=[PORTRAIT, SMALL], modes=low).findings
    assert any(f.requirement == 8 and f.where.endswith("small") for f in found)


def _found(case: Case, number: int, studio: Studio | None = None) -> list[str]:
    req = REQUIREMENTS[number - 1]
    found = [what for checker in req.screens for what in checker(case)]
    if studio is not None:
        found += [what for finger in req.fingers for what in finger(case, studio.ruler)]
    return found


def _part(scene: Scene, key: str, change: Callable[[Part], Part]) -> Scene:
    assert any(p.key == key for p in scene.parts), key
    return replace(scene, parts=tuple(change(p) if p.key == key else p for p in scene.parts))


def _resized(part: Part, w: float = 0.0, h: float = 0.0) -> Part:
    box = Box(part.box.x, part.box.y, part.box.w + w, part.box.h + h)
    assert part.target is not None
    return replace(part, box=box, target=replace(part.target, box=box))


def _words(scene: Scene, key: str, only: str = "", **changes: Any) -> Scene:
    def meant(words: Words) -> bool:
        return (not only or words.text == only) and words.weight is not Weight.DECOR

    def change(part: Part) -> Part:
        inks = (replace(ink, **changes) if isinstance(ink, Words) and meant(ink) else ink for ink in part.inks)
        return replace(part, inks=tuple(inks))

    return _part(scene, key, change)
