"""`circdesk screens check|render`: the 48 requirements on every screen, and every screen as a picture."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.checkout.gallery import gallery
from kiosk.checkout.search import flow_findings
from kiosk.screen import Modes, Screen
from kiosk.screen.sentences import LANGUAGES, Sentences, pseudo
from kiosk.site.folder import CACHE
from kiosk.site.plain import plainly, writable
from kiosk.site.wiring import load_sentences
from kiosk.ui.panel import LANDSCAPE, PORTRAIT, SMALL, Panel

if TYPE_CHECKING:
    from kiosk.ui.check.run import Looked, Task
    from kiosk.ui.render import Studio

FINDINGS_TOLD: Final = 60
PICTURES: Final = Path(__file__).parents[2] / "docs" / "screens"
# What docs/screens keeps: enough to judge by, small enough for a repository. "name:2" is the third of that name.
KEPT: Final = (
    ("attract", "zh", "normal", PORTRAIT),
    ("card", "zh", "normal", PORTRAIT),
    ("pad:2", "zh", "normal", PORTRAIT),
    ("pad:3", "en", "normal", PORTRAIT),
    ("pad:2", "zh", "large", PORTRAIT),
    ("pad:3", "en", "contrast", PORTRAIT),
    ("pad:2", "zh", "low", PORTRAIT),
    ("pad:2", "zh", "normal", LANDSCAPE),
    ("pad:2", "zh", "normal", SMALL),
    ("pad_empty:2", "zh", "normal", PORTRAIT),
    ("pin", "zh", "normal", PORTRAIT),
    ("put_back", "zh", "normal", PORTRAIT),
    ("done", "zh", "normal", PORTRAIT),
    ("done:2", "en", "normal", PORTRAIT),
    ("loans", "zh", "normal", PORTRAIT),
    ("declined", "en", "normal", PORTRAIT),
    ("timeout", "zh", "normal", PORTRAIT),
    ("clear_pad", "zh", "normal", PORTRAIT),
    ("out_of_service", "zh", "normal", PORTRAIT),
    ("tech", "zh", "normal", PORTRAIT),
)
MODES: Final = {
    "normal": Modes(),
    "large": Modes(large=True),
    "contrast": Modes(contrast=True),
    "low": Modes(low=True),
}


@plainly("screens")
def main(arguments: Sequence[str]) -> int:
    """0 all requirements hold, 1 one does not, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="circdesk screens", description="Checks and draws every screen.")
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    check = words.add_parser(
        "check",
        help="48 requirements on every screen, language, mode and panel",
        description="Checks 48 requirements on every screen, in each language and mode, on each panel.",
    )
    check.add_argument("--quick", action="store_true", help="one panel, without painting")
    check.add_argument("--pseudo", action="store_true", help="with sentences made longer, to find what does not fit")
    check.add_argument("--json", action="store_true", help="print the findings as JSON")
    render = words.add_parser(
        "render",
        help="pictures into docs/screens, or every screen into --out",
        description="Draws the pictures of docs/screens anew, or every screen into a folder.",
    )
    render.add_argument("--out", type=Path, metavar="FOLDER", help="every screen, into this folder")
    given = parser.parse_args(arguments)
    os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
    if given.word == "check":
        return _check(given)
    return _render(given.out and writable(given.out))


def _screens(sentences: Sentences) -> Iterator[Screen]:
    for lang in LANGUAGES:
        yield from gallery(sentences, lang, Modes())


def _check(given: argparse.Namespace) -> int:
    from kiosk.ui.check.crew import crew, looked_at
    from kiosk.ui.check.run import report, tasks

    signal.signal(signal.SIGTERM, _ended)
    panels: Sequence[Panel] = (PORTRAIT,) if given.quick else (PORTRAIT, LANDSCAPE, SMALL)
    wanted = tasks(_screens(_sentences(given.pseudo)), panels=panels, on_glass=not given.quick)
    with crew() as pool:
        flow = pool.submit(_flow, given.pseudo)
        looked = list(_counted(looked_at(pool, partial(_look, given.pseudo), wanted), len(wanted)))
        found = flow.result()
    told = report(looked, {number: lines.copy for number, lines in found.items()})
    if given.json:
        print(json.dumps([str(finding) for finding in told.findings], ensure_ascii=False, indent=2))
        return 0 if told.passed else 1
    for line in told.lines():
        print(line)
    for finding in told.findings[:FINDINGS_TOLD]:
        print(f"  {finding}", file=sys.stderr)
    print(f"\n{told.cases} screens looked at, {len(told.findings)} findings.")
    return 0 if told.passed else 1


def _sentences(longer: bool) -> Sentences:
    return pseudo(load_sentences()) if longer else load_sentences()


def _flow(longer: bool) -> dict[int, list[str]]:
    """In a worker: what the whole search finds."""
    return flow_findings(_sentences(longer))


def _look(longer: bool, batch: Sequence[Task]) -> list[Looked]:
    """In a worker: looks at some screens, in the one studio of the process."""
    from kiosk.ui.check.run import look_at

    return [look_at(task, _studio(longer)) for task in batch]


@cache
def _studio(longer: bool) -> Studio:
    from kiosk.ui.render import Studio

    return Studio(CACHE, _sentences(longer))


def _counted(looked: Iterator[Looked], total: int) -> Iterator[Looked]:
    """Tells on stderr how far it has come: in place on a terminal, else a line for every tenth."""
    place = sys.stderr.isatty()
    for number, one in enumerate(looked, 1):
        if number * 10 // total > (number - 1) * 10 // total or (place and number % 8 == 0):
            end = "\n" if not place or number == total else "\r"
            print(f"{number} of {total} screens looked at", file=sys.stderr, end=end, flush=True)
        yield one


def _ended(*_: object) -> None:
    """A check that is told to end takes its workers with it."""
    raise SystemExit(143)


def _render(out: Path | None) -> int:
    sentences, studio = load_sentences(), _studio(longer=False)
    drawn = 0
    if out is not None:
        for number, screen in enumerate(_screens(sentences)):
            studio.render(screen, PORTRAIT, out / f"{number:03d}-{screen.name}-{screen.lang}.png")
            drawn += 1
    else:
        by_lang = {lang: gallery(sentences, lang, Modes()) for lang in LANGUAGES}
        for name, lang, mode, panel in KEPT:
            name, _, nth = name.partition(":")
            screen = [screen for screen in by_lang[lang] if screen.name == name][int(nth or 0)]
            suffix = "" if panel is PORTRAIT else f"-{panel.name}"
            label = name.replace("_", "-") + f"-{lang}" + ("" if mode == "normal" else f"-{mode}") + suffix
            studio.render(replace(screen, modes=MODES[mode]), panel, PICTURES / f"{label}.png")
            drawn += 1
    print(f"{drawn} pictures drawn.")
    return 0
