"""A story as a file: what hands do at a machine, and what is expected after each step. Read whole, checked whole."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.settings import Mistake, SettingsError, read_sparse, refuse, text_of
from kiosk.settings.lines import line_of
from kiosk.settings.numbers import between, not_empty
from kiosk.site.desktop import demo_books
from kiosk.site.folder import CONFIG

NEIGHBOURS: Final = ("broker", "ils", "gateway")
ALL: Final = "all"
WITHIN_S_MAX: Final = 300.0
STEPS_MAX: Final = 200
_ACTIONS: Final = ("wait_s", "put", "lift", "tap", "touch", "down", "up")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """`[step.expect]`: what must be so within `within_s`. What is not named may be anything."""

    screen: str = ""
    button: str = ""  # one that can be touched
    rows: int | None = None
    numeral: str = ""  # the number of the headline
    offline: bool | None = None  # the offline notice; false: no notice at all
    marks_on: tuple[str, ...] = ()
    marks_off: tuple[str, ...] = ()
    settled: bool = False  # the audit finds nothing lost, doubled, unsettled or on its way
    within_s: float = 10.0

    def __post_init__(self) -> None:
        refuse(
            between("within_s", self.within_s, 0.1, WITHIN_S_MAX, "seconds"),
            "rows must not be negative" if self.rows is not None and self.rows < 0 else "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOf:
    """`[[step]]`: actions in the order of the fields, then what is expected."""

    tell: str = ""
    wait_s: float = 0.0  # nobody does anything for so long
    down: tuple[str, ...] = ()
    up: tuple[str, ...] = ()
    put: tuple[str, ...] = ()
    lift: tuple[str, ...] = ()
    tap: str = ""
    touch: str = ""
    text: str = ""
    expect: Expect = Expect()

    def __post_init__(self) -> None:
        unknown = [(name, each) for name in ("down", "up") for each in getattr(self, name) if each not in NEIGHBOURS]
        refuse(
            *(f"{name} names {each!r}; known are {', '.join(NEIGHBOURS)}" for name, each in unknown),
            between("wait_s", self.wait_s, 0, WITHIN_S_MAX, "seconds"),
            "text belongs to a touch" if self.text and not self.touch else "",
        )

    @property
    def acts(self) -> bool:
        return any(getattr(self, name) for name in _ACTIONS) or self.expect != Expect()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryFile:
    title: str
    step: tuple[StepOf, ...]

    def __post_init__(self) -> None:
        refuse(
            not_empty("title", self.title, "what the story is about belongs there"),
            *(
                (("step", str(n)), "this step does nothing and expects nothing")
                for n, step in enumerate(self.step)
                if not step.acts
            ),
            "" if 1 <= len(self.step) <= STEPS_MAX else f"a story has 1 to {STEPS_MAX} steps",
        )


def load_story(path: Path) -> StoryFile:
    """Raises SettingsError with every mistake: of the form, and books and cards that the demo library has not."""
    sparse = read_sparse(text_of(path), str(path), StoryFile)
    mistakes = list(sparse.mistakes)
    if sparse.knows_table("step"):
        for n, step in enumerate(sparse.value.step):
            for names, what in _strangers(step):
                line = line_of(sparse.lines, ("step", str(n), *names))
                mistakes.append(Mistake(file=str(path), line=line, what=what))
    if mistakes:
        raise SettingsError(sorted(mistakes, key=lambda mistake: mistake.line))
    return sparse.value


def _strangers(step: StepOf) -> list[tuple[tuple[str, ...], str]]:
    books, cards = demo_books(), _cards()
    named = {
        ("put",): step.put,
        ("lift",): () if step.lift == (ALL,) else step.lift,
        ("expect", "marks_on"): step.expect.marks_on,
        ("expect", "marks_off"): step.expect.marks_off,
    }
    wrong = [
        (where, f"there is no book {item!r} in config/demo/items.csv")
        for where, items in named.items()
        for item in items
        if item not in books
    ]
    if step.tap and step.tap not in cards:
        wrong.append((("tap",), "there is no such card in config/demo/cards.csv or staff.csv"))
    return wrong


def _cards() -> frozenset[str]:
    found: set[str] = set()
    for table in ("cards.csv", "staff.csv"):
        with (CONFIG / "demo" / table).open(encoding="utf-8", newline="") as file:
            found |= {row["card_uid"] for row in csv.DictReader(file)}
    return frozenset(found)
