"""What the ui remembers by itself, without Kivy: the page of a list, typed digits, the finger, the time since a screen.

Nothing of it outlives the screen it belongs to. A target reacts when the finger leaves it; a finger that slides off
takes its touch back; a second tap within `DEBOUNCE_S` is the tremor of the first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from kiosk.screen import Art, Screen, Sentences, Touch
from kiosk.ui.layout import compose
from kiosk.ui.layout.header import SEAL_ID
from kiosk.ui.layout.keypad import DIGIT_ID, ERASE_ID
from kiosk.ui.panel import Panel
from kiosk.ui.scene import Scene, Target
from kiosk.ui.text import Ruler
from kiosk.ui.tokens import DEBOUNCE_S, DIM_AFTER_S, KEY_DEBOUNCE_S, LONG_PRESS_S, SHIFT_EVERY_S, SHIFT_PX

PAGE_ID = "ui.page"
TECH_ENTRY = "tech.enter"
_WANDER = ((0, 0), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1))


@dataclass(frozen=True, slots=True)
class _Finger:
    """A press as it began: what it may send is what the reader saw then."""

    target: Target
    turn: int
    enters: bool  # the keypad's own button
    since: float
    inside: bool = True


class Presenter:
    """Turns Screens into Scenes and fingers into Touches. Times are monotonic seconds, given by the caller."""

    def __init__(self, panel: Panel, ruler: Ruler, words: Sentences) -> None:
        self._panel, self._ruler, self._words = panel, ruler, words
        self._screen: Screen | None = None
        self._scene: Scene | None = None
        self._drawn: tuple[float, int, str] | None = None
        self._shown_at = 0.0
        self._touched_at = 0.0
        self._page = 0
        self._typed = ""
        self._new: frozenset[str] = frozenset()
        self._finger: _Finger | None = None
        self._fired: tuple[float, str] = (-math.inf, "")

    @property
    def screen(self) -> Screen | None:
        return self._screen

    def show(self, screen: Screen, now: float) -> bool:
        """Takes the next screen; True when it is another one and nothing of the old may stay."""
        before = self._screen
        other = before is None or before.name != screen.name
        if other:
            self._page, self._typed, self._touched_at = 0, "", now
        ids = frozenset(row.id for row in before.rows) if before is not None and not other else None
        self._new = frozenset(row.id for row in screen.rows) - ids if ids is not None else frozenset()
        if screen.keypad is None:
            self._typed = ""
        self._screen, self._shown_at, self._scene = screen, now, None
        return other

    def scene(self, now: float) -> Scene:
        """The scene of this moment; the same object as long as nothing has changed."""
        assert self._screen is not None, "nothing has been shown yet"
        key = (self._past_s(now), self._page, self._typed)
        if self._scene is None or key != self._drawn:
            self._scene = compose(
                self._screen, self._panel, self._ruler, self._words,
                page=self._page, typed=self._typed, past_s=key[0], new=self._new,
            )  # fmt: skip
            self._drawn = key
        return self._scene

    def _past_s(self, now: float) -> float:
        """Whole seconds since the screen came, where anything counts them."""
        screen = self._screen
        assert screen is not None
        ring = getattr(screen.primary, "ring_s", None)
        counts = screen.countdown is not None or ring is not None
        return float(math.floor(max(0.0, now - self._shown_at))) if counts else 0.0

    # -- fingers ------------------------------------------------------------------------------------------------------

    def down(self, x: float, y: float, now: float) -> Target | None:
        """A finger lands; the target to darken, if it is one."""
        self._touched_at = now
        if self._screen is None or self._scene is None:
            return None
        target = self._scene.at(x, y)
        if target is None or self._trembles(target, now):
            self._finger = None
            return None
        pad = self._screen.keypad
        enters = pad is not None and target.id == pad.enter
        self._finger = _Finger(target, self._screen.turn, enters, now)
        return None if target.id == SEAL_ID or self._is_anywhere(target, x, y) else target

    @property
    def pressed(self) -> Target | None:
        """The target under a finger that is still down, where it is still shown."""
        finger, scene = self._finger, self._scene
        if finger is None or scene is None or not finger.inside or finger.target.id == SEAL_ID:
            return None
        return next((t for t in scene.targets() if t.id == finger.target.id and t.box == finger.target.box), None)

    def _trembles(self, target: Target, now: float) -> bool:
        fired_at, fired = self._fired
        if target.id.startswith(DIGIT_ID) and fired.startswith(DIGIT_ID):
            return now - fired_at < KEY_DEBOUNCE_S
        return now - fired_at < DEBOUNCE_S

    def _is_anywhere(self, target: Target, x: float, y: float) -> bool:
        return not target.box.holds(x, y)

    def move(self, x: float, y: float) -> Target | None:
        """A finger slides; the target to darken now."""
        finger = self._finger
        if finger is None or self._scene is None:
            return None
        self._finger = replace(finger, inside=self._still_on(finger, x, y))
        return finger.target if self._finger.inside and finger.target.box.holds(x, y) else None

    def _still_on(self, finger: _Finger, x: float, y: float) -> bool:
        everywhere = self._scene is not None and finger.target.id == self._scene.anywhere
        return finger.target.box.holds(x, y) or everywhere

    def up(self, x: float, y: float, now: float) -> Touch | None:
        """A finger leaves; the Touch to send, if it pressed something that is sent."""
        finger, self._finger = self._finger, None
        self._touched_at = now
        if finger is None or not self._still_on(finger, x, y) or finger.target.id == SEAL_ID:
            return None
        self._fired = (now, finger.target.id)
        if not finger.target.sends:
            self._keep(finger.target.id)
            return None
        return self._touch(finger)

    def _touch(self, finger: _Finger) -> Touch:
        """With the turn and the list that the reader saw when the finger landed; the core decides what it is worth."""
        text = ""
        if finger.enters:
            text, self._typed = self._typed, ""
            self._scene = None
        return Touch(turn=finger.turn, button=finger.target.id, text=text, confirms=finger.target.confirms)

    def _keep(self, id: str) -> None:
        """Presses that stay inside the ui: the next page, a digit."""
        pad = self._screen.keypad if self._screen is not None else None
        if id == PAGE_ID and self._scene is not None:
            self._page = (self._page + 1) % self._scene.pages
        elif pad is not None and id == ERASE_ID:
            self._typed = self._typed[:-1]
        elif pad is not None and id.startswith(DIGIT_ID) and len(self._typed) < pad.digits_max:
            self._typed += id.removeprefix(DIGIT_ID)

    def held(self, now: float) -> Touch | None:
        """The technician's entry: a finger that has rested on the seal for `LONG_PRESS_S`."""
        finger = self._finger
        if finger is None or finger.target.id != SEAL_ID or not finger.inside or now - finger.since < LONG_PRESS_S:
            return None
        self._finger = None
        return Touch(turn=finger.turn, button=TECH_ENTRY)

    # -- at rest ------------------------------------------------------------------------------------------------------

    def dims(self, now: float) -> bool:
        """Nobody has touched the resting picture for long."""
        return self._rests() and now - self._touched_at >= DIM_AFTER_S

    def shift_px(self, now: float) -> tuple[int, int]:
        """Where the resting picture has wandered to, against burning in."""
        if not self._rests():
            return 0, 0
        dx, dy = _WANDER[int((now - self._touched_at) // SHIFT_EVERY_S) % len(_WANDER)]
        return dx * SHIFT_PX, dy * SHIFT_PX

    def _rests(self) -> bool:
        return self._screen is not None and self._screen.art is Art.SHELF
