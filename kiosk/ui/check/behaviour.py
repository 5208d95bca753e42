"""Checkers of how a screen answers a finger: the presenter is driven as a reader would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kiosk.screen import Art, Modes, Screen, Touch
from kiosk.ui.check.case import Case
from kiosk.ui.layout.header import SEAL_ID
from kiosk.ui.presenter import TECH_ENTRY, Presenter
from kiosk.ui.scene import Scene, Target
from kiosk.ui.text import Ruler
from kiosk.ui.tokens import DEBOUNCE_S, DIM_AFTER_S, LONG_PRESS_S, MARCH_S, SHIFT_EVERY_S, SPIN_HZ
from kiosk.ui.words import BUILT_IN

FLASH_HZ_MAX = 3.0


def _seated(case: Case, ruler: Ruler) -> tuple[Presenter, Scene]:
    presenter = Presenter(case.panel, ruler, BUILT_IN)
    presenter.show(case.screen, 0.0)
    return presenter, presenter.scene(0.0)


def _buttons(scene: Scene) -> list[Target]:
    return [t for t in scene.targets() if t.sends]


def release_sends(case: Case, ruler: Ruler) -> Iterator[str]:
    """A target reacts when the finger leaves it, and not when it slid off."""
    presenter, scene = _seated(case, ruler)
    for i, target in enumerate(_buttons(scene)):
        start = 10.0 * (i + 1)
        x, y = target.box.cx, target.box.cy
        presenter.down(x, y, start)
        sent = presenter.up(x, y, start + 0.1)
        if sent is None or sent.button != target.id or sent.confirms != target.confirms:
            yield f"{target.id}: a tap did not send it"
        presenter.down(x, y, start + 2.0)
        presenter.move(-5, -5)
        if presenter.up(-5, -5, start + 2.1) is not None and target.id != scene.anywhere:
            yield f"{target.id}: a finger that slid off still sent it"


def double_tap_sends_once(case: Case, ruler: Ruler) -> Iterator[str]:
    presenter, scene = _seated(case, ruler)
    for i, target in enumerate(_buttons(scene)):
        start = 10.0 * (i + 1)
        x, y, sent = target.box.cx, target.box.cy, 0
        for again in (start, start + DEBOUNCE_S / 2):
            presenter.down(x, y, again)
            sent += presenter.up(x, y, again + 0.02) is not None
        if sent != 1:
            yield f"{target.id}: a double tap sent {sent}"


def press_shows_at_once(case: Case, ruler: Ruler) -> Iterator[str]:
    """What darkens is known when the finger lands, before anything is laid out again."""
    presenter, scene = _seated(case, ruler)
    for i, target in enumerate(t for t in scene.targets() if t.id != SEAL_ID):
        if presenter.down(target.box.cx, target.box.cy, 10.0 + i) != target:
            yield f"{target.id}: a press does not show"


def seal_lets_technician_in(case: Case, ruler: Ruler) -> Iterator[str]:
    presenter, scene = _seated(case, ruler)
    seal = next((t for t in scene.targets() if t.id == SEAL_ID), None)
    if seal is None:
        yield "no seal to press"
        return
    presenter.down(seal.box.cx, seal.box.cy, 1.0)
    early = presenter.held(1.0 + LONG_PRESS_S - 0.1)
    late = presenter.held(1.0 + LONG_PRESS_S)
    if early is not None or late != Touch(turn=case.screen.turn, button=TECH_ENTRY):
        yield "a long press on the seal does not let the technician in"


def nothing_remains(case: Case, ruler: Ruler) -> Iterator[str]:
    """After the next screen of another name no text of this one is reachable from the presenter."""
    presenter, _ = _seated(case, ruler)
    blank = Screen(turn=case.screen.turn + 1, name="blank", lang=case.screen.lang, modes=case.screen.modes)
    presenter.show(blank, 1.0)
    scene = presenter.scene(1.0)
    secrets = [row.title for row in case.screen.rows] + [case.screen.who]
    shown = "".join(scene.texts())
    for secret in secrets:
        if secret and secret in shown:
            yield "a text of the previous screen is still shown"


def mirrors(case: Case, ruler: Ruler) -> Iterator[str]:
    """Left-handed: side columns, pagers and pairs of buttons change sides; the dock stays."""
    plain = replace(case.screen, modes=replace(case.screen.modes, mirrored=False))
    other = replace(case.screen, modes=replace(case.screen.modes, mirrored=True))
    one, two = case.lay_out(plain), case.lay_out(other)
    movable = not case.panel.portrait or len(case.screen.secondary) > 1 or one.pages > 1
    boxes = [{p.key: p.box for p in scene.parts if p.role != "dock"} for scene in (one, two)]
    if movable and boxes[0] == boxes[1]:
        yield "mirrored looks the same"


def language_keeps_state(case: Case, ruler: Ruler) -> Iterator[str]:
    """The same screen in another language keeps the page and the typed digits."""
    presenter, scene = _seated(case, ruler)
    if scene.pages < 2:
        return
    pager = next(t for t in scene.targets() if t.id == "ui.page")
    presenter.down(pager.box.cx, pager.box.cy, 1.0)
    presenter.up(pager.box.cx, pager.box.cy, 1.1)
    before = presenter.scene(1.2)
    presenter.show(replace(case.screen, turn=case.screen.turn + 1), 1.3)
    if [p.key for p in presenter.scene(1.3).parts] != [p.key for p in before.parts]:
        yield "the next turn of the same screen turned the page back"


def rests_gently(case: Case, ruler: Ruler) -> Iterator[str]:
    if case.screen.art is not Art.SHELF:
        return
    presenter, _ = _seated(case, ruler)
    if presenter.dims(1.0) or not presenter.dims(DIM_AFTER_S + 1):
        yield "the resting picture does not dim when nobody comes"
    if presenter.shift_px(0.0) == presenter.shift_px(SHIFT_EVERY_S + 1):
        yield "the resting picture stands still and burns in"


def slow_motion(case: Case, ruler: Ruler) -> Iterator[str]:
    if 1 / (2 * MARCH_S) > FLASH_HZ_MAX or SPIN_HZ > FLASH_HZ_MAX:
        yield "something flashes more than three times a second"


def modes_are_values(case: Case, ruler: Ruler) -> Iterator[str]:
    """The ui keeps no setting: what the next screen does not ask for is off."""
    back = case.lay_out(replace(case.screen, modes=Modes()))
    again = case.lay_out(replace(case.screen, modes=Modes()))
    if back != again:
        yield "the same screen came out differently the second time"
