"""Every line has its room, and the rooms keep their walls."""

from __future__ import annotations

import functools
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.architecture import rules

ROOT = Path(__file__).parents[2]
CODE = ("kiosk", "drivers", "sorter", "print_station")
TEXTS = (*CODE, "tests", "docs", "config", "systemd", ".ci")
SUFFIXES = {".py", ".md", ".toml", ".csv", ".yaml", ".service", ".conf", ".rules", ".template", ".sql", ""}
TEST_LINES_MAX = 600
# Programs of their own, which have nothing but their output; and the two rooms that talk to a person.
SPEAKERS = (
    "kiosk.cli",
    "kiosk.__main__",
    "kiosk.site",
    "kiosk.gateway.sim.serving",
    "kiosk.gateway.sim.__main__",
    "kiosk.ui.measure",
)
Rule = Callable[[str], Iterable[str]]


@functools.cache
def sources(*folders: str) -> dict[str, str]:
    """Module name -> text of every Python file."""
    found = {}
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = path.read_text("utf-8")
    return found


def broken(texts: dict[str, str], rule: Rule) -> list[str]:
    return [f"{name}: {what}" for name, text in texts.items() for what in rule(text)]


@functools.cache
def pure_patterns() -> tuple[str, ...]:
    """The modules of the import contract on pure rooms: one list for both kinds of wall."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    [pure] = [contract for contract in contracts if contract["name"].startswith("pure rooms")]
    return tuple(pure["source_modules"])


def in_room(module: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch(module, pattern.replace("**.", "*")) or module.startswith(f"{pattern}.") for pattern in patterns)


def pure() -> dict[str, str]:
    return {name: text for name, text in sources(*CODE).items() if in_room(name, pure_patterns())}


def test_there_are_pure_rooms_to_look_at() -> None:
    names = set(pure())
    assert {"kiosk.domain.refusal", "kiosk.checkout.reduce.giveout", "drivers.rfid.feig.protocol"} <= names
    assert "kiosk.flow.runtime" not in names


def test_no_pure_room_asks_for_the_present() -> None:
    assert broken(pure(), rules.asks_for_the_present) == []


def test_drivers_get_time_and_threads_from_their_clock_alone() -> None:
    drivers = {name: text for name, text in sources("drivers").items() if name != "drivers.clock"}
    assert broken(drivers, lambda text: rules.imports(text, frozenset({"time", "threading", "queue", "asyncio"}))) == []


def test_only_the_command_line_speaks_on_standard_output() -> None:
    silent = {name: text for name, text in sources(*CODE).items() if not in_room(name, SPEAKERS)}
    assert broken(silent, rules.prints) == []


def test_nothing_is_left_unfinished() -> None:
    assert broken(sources(*CODE), rules.is_unfinished) == []


def test_no_value_shows_whose_it_is() -> None:
    """Demo data and proofs know readers by their numbers; a theme's `card` is a colour."""
    elsewhere = ("kiosk.site", "kiosk.gateway.sim", "kiosk.ui")
    told = {name: text for name, text in sources(*CODE).items() if not in_room(name, elsewhere)}
    assert broken(told, rules.shows_a_reader) == []


def test_every_package_tells_its_story() -> None:
    packages = {name: text for name, text in sources(*CODE).items() if (ROOT / name.replace(".", "/")).is_dir()}
    assert broken(packages, rules.has_no_docstring) == []


def test_no_file_hides_two_subjects() -> None:
    assert broken(sources(*CODE), rules.is_too_long) == []
    assert broken(sources("tests"), lambda text: rules.is_too_long(text, TEST_LINES_MAX)) == []


def texts() -> Iterator[Path]:
    for folder in TEXTS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in SUFFIXES and "__pycache__" not in path.parts:
                yield path
    yield from (path for path in sorted(ROOT.iterdir()) if path.suffix in {".md", ".toml"} or path.name == "circdesk")


def test_no_file_knows_somebodys_own_machine() -> None:
    here = Path(__file__).parent
    found = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in texts() if path.parent != here}
    assert len(found) > 300
    assert broken(found, rules.names_a_place) == []


def test_import_contracts_are_kept() -> None:
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [str(program), "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert "0 broken" in done.stdout


# -- each rule would notice


@pytest.mark.parametrize(
    ("rule", "bad"),
    [
        (rules.asks_for_the_present, "from datetime import datetime\nx = datetime.now()\n"),
        (rules.asks_for_the_present, "import datetime\nx = datetime.date.today()\n"),
        (rules.asks_for_the_present, "import time\nx = time.monotonic()\n"),
        (lambda text: rules.imports(text, frozenset({"time"})), "import os, time\n"),
        (lambda text: rules.imports(text, frozenset({"time"})), "def f():\n    from time import sleep\n"),
        (rules.prints, "def f():\n    print('x')\n"),
        (rules.is_unfinished, "x = 1  # TODO later\n"),
        (rules.is_unfinished, "def f():\n    raise NotImplementedError('x')\n"),
        (rules.shows_a_reader, "@dataclass(slots=True)\nclass X:\n    pin: str | None = None\n"),
        (rules.shows_a_reader, "@dataclass\nclass X:\n    who: PatronId\n"),
        (rules.has_no_docstring, "x = 1\n"),
        (rules.is_too_long, "x = 1\n" * 501),
        (rules.names_a_place, "PATH = '/home/alice/x'\n"),
        (rules.names_a_place, "see /root/x and more\n"),
    ],
)
def test_a_broken_line_is_noticed(rule: Rule, bad: str) -> None:
    assert list(rule(bad))


@pytest.mark.parametrize(
    ("rule", "fine"),
    [
        (rules.asks_for_the_present, "def f(now):\n    return datetime.fromtimestamp(now, UTC), clock.now()\n"),
        (rules.prints, "printer.print(page)\n"),
        (rules.shows_a_reader, "@dataclass\nclass X:\n    pin: str = field(repr=False)\n    patron: PatronSection\n"),
        (rules.is_unfinished, "with contextlib.suppress(NotImplementedError):\n    detach()\n"),
        (rules.names_a_place, "/var/lib/circdesk and lib/v1/{site}/rooted\n"),
    ],
)
def test_a_good_line_is_left_alone(rule: Rule, fine: str) -> None:
    assert list(rule(fine)) == []
