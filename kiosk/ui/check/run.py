"""Runs the table over screens, modes and panels, one screen at a time: what was looked at is let go at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from kiosk.screen import Art, Modes, Screen
from kiosk.ui.check.case import Case, Finding
from kiosk.ui.check.glass import sampled
from kiosk.ui.check.table import REQUIREMENTS, How, Requirement
from kiosk.ui.check.whole import Trace, of_all, trace
from kiosk.ui.panel import PANELS, Panel
from kiosk.ui.render import Studio
from kiosk.ui.scene import Scene
from kiosk.ui.tokens import look

MODES: Final[Mapping[str, Modes]] = {
    "plain": Modes(),
    "large": Modes(large=True),
    "contrast": Modes(contrast=True),
    "low": Modes(low=True, mirrored=True),
}

FINGER_MODES: Final = ("plain", "low")  # how a target answers does not depend on its colours

Proof = Callable[[], Iterable[str]]
"""A machine's own proof of a requirement: returns what is wrong, nothing when all is well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A screen to look at in one mode on one panel; `paint` also reads its colours back from the glass."""

    screen: Screen
    mode: str
    modes: Modes
    panel: Panel
    paint: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What remains of a screen that was looked at."""

    findings: tuple[Finding, ...]
    trace: Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found, and how much was looked at."""

    findings: tuple[Finding, ...]
    cases: int
    unproven: tuple[int, ...]  # requirements whose proof was not passed in
    by_hand: tuple[int, ...]

    @property
    def passed(self) -> bool:
        return not self.findings and not self.unproven

    def lines(self) -> list[str]:
        """One line a requirement."""
        broken: dict[int, int] = {}
        for finding in self.findings:
            broken[finding.requirement] = broken.get(finding.requirement, 0) + 1
        return [self._line(req, broken.get(req.number, 0)) for req in REQUIREMENTS]

    def _line(self, req: Requirement, count: int) -> str:
        word = f"FAIL {count}" if count else "open" if req.number in self.unproven else "pass"
        hand = " (part of it by hand)" if req.number in self.by_hand else ""
        return f"{req.number:2} {word:8} {req.text}{hand}"


def check(
    screens: Iterable[Screen],
    studio: Studio,
    *,
    panels: Sequence[Panel] = PANELS,
    modes: Mapping[str, Modes] = MODES,
    proofs: Mapping[int, Proof] | None = None,
    on_glass: bool = True,
) -> Report:
    """Checks every screen in every mode on every panel, in this process."""
    wanted = tasks(screens, panels=panels, modes=modes, on_glass=on_glass)
    return report((look_at(task, studio) for task in wanted), proofs)


def tasks(
    screens: Iterable[Screen],
    *,
    panels: Sequence[Panel] = PANELS,
    modes: Mapping[str, Modes] = MODES,
    on_glass: bool = True,
) -> list[Task]:
    """Everything to look at, in the order in which it is reported.

    `on_glass` also paints each screen on the first panel, and the resting picture (whose texts lie on a drawing) on
    every one, and compares the ground under each text with the one it was meant for.
    """
    shown = list(screens)
    return [
        Task(
            screen=screen,
            mode=name,
            modes=wanted,
            panel=panel,
            paint=on_glass and (panel == panels[0] or screen.art is Art.SHELF),
        )
        for panel in panels
        for name, wanted in modes.items()
        for screen in shown
    ]


def look_at(task: Task, studio: Studio) -> Looked:
    case = _case(studio, task.screen, task.mode, task.modes, task.panel)
    findings = list(_of_case(case, studio))
    if task.paint:
        findings += [Finding(8, case.where, what) for what in sampled(case, studio)]
    return Looked(findings=tuple(findings), trace=trace(case))


def report(looked: Iterable[Looked], proofs: Mapping[int, Proof] | None = None) -> Report:
    """Gathers what was seen, in its order, then what holds for all screens together, then the machine's own proofs.

    `proofs` are run once each; a requirement that needs one and gets none is reported as unproven.
    """
    findings: list[Finding] = []
    traces: list[Trace] = []
    for one in looked:
        findings += one.findings
        traces.append(one.trace)
    findings += of_all(traces)
    proofs = proofs or {}
    for number, prove in sorted(proofs.items()):
        findings += [Finding(number, "machine", what) for what in prove()]
    needed = [req.number for req in REQUIREMENTS if How.PROOF in req.how]
    return Report(
        findings=tuple(findings),
        cases=len(traces),
        unproven=tuple(n for n in needed if n not in proofs),
        by_hand=tuple(req.number for req in REQUIREMENTS if How.HAND in req.how),
    )


def _case(studio: Studio, screen: Screen, mode: str, modes: Modes, panel: Panel) -> Case:
    screen = replace(screen, modes=modes)
    typed = "1" * screen.keypad.digits_min if screen.keypad is not None else ""

    def lay_out(wanted: Screen) -> Scene:
        return studio.scene(wanted, panel, typed=typed)

    first = lay_out(screen)
    rest = [studio.scene(screen, panel, page=page, typed=typed) for page in range(1, first.pages)]
    return Case(
        screen=screen,
        mode=mode,
        panel=panel,
        look=look(panel, modes, screen.dark),
        pages=(first, *rest),
        lay_out=lay_out,
    )


def _of_case(case: Case, studio: Studio) -> Iterator[Finding]:
    for req in REQUIREMENTS:
        for check_screen in req.screens:
            yield from (Finding(req.number, case.where, what) for what in check_screen(case))
        for check_finger in req.fingers if case.mode in FINGER_MODES else ():
            yield from (Finding(req.number, case.where, what) for what in check_finger(case, studio.ruler))
