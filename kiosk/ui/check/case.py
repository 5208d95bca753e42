"""One screen in one mode on one panel, with all its pages: what a checker looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kiosk.screen import Icon, Screen
from kiosk.ui.panel import Panel
from kiosk.ui.scene import Box, Part, Scene, Target, Words
from kiosk.ui.tokens import Look

HIDDEN = frozenset({"ui.seal"})  # no reader is meant to press it


@dataclass(frozen=True, slots=True)
class Finding:
    """A requirement that a screen breaks."""

    requirement: int
    where: str  # screen/language/mode/panel
    what: str

    def __str__(self) -> str:
        return f"{self.requirement:2} {self.where}: {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A screen laid out. `lay_out` gives it again in other circumstances."""

    screen: Screen
    mode: str
    panel: Panel
    look: Look
    pages: tuple[Scene, ...]
    lay_out: Callable[[Screen], Scene]

    @property
    def where(self) -> str:
        return f"{self.screen.name}/{self.screen.lang}/{self.mode}/{self.panel.name}"

    @property
    def staff(self) -> bool:
        """For the technician: some requirements are only about readers."""
        return self.screen.dark and self.screen.name.startswith("tech")

    def mm(self, px: float) -> float:
        return px / self.panel.px_per_mm

    def targets(self) -> Iterator[tuple[Scene, Part, Target]]:
        """Everything a person may press, on every page."""
        for scene in self.pages:
            for part in scene.parts:
                if part.target is not None and part.target.id not in HIDDEN:
                    yield scene, part, part.target

    def words(self) -> Iterator[tuple[Part, Words]]:
        for scene in self.pages:
            for part in scene.parts:
                for words in part.words():
                    yield part, words

    def language_box(self) -> Box | None:
        """Where the language switch stands."""
        button = next((b for b in self.screen.dock if b.icon is Icon.LANGUAGE), None)
        if button is None:
            return None
        return next((t.box for _, _, t in self.targets() if t.id == button.id), None)


Checker = Callable[[Case], Iterator[str]]
