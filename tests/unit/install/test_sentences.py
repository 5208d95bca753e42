"""The shipped table of sentences has every key that the code names: a library's own table is measured against it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from kiosk.flow.events import LinkName, PartHealth
from kiosk.screen.sentences import parse
from kiosk.site.folder import CONFIG

ROOT = CONFIG.parent
SPEAKERS = ("kiosk", "sorter", "print_station")
ROOMS = ("kiosk/checkout", "sorter", "print_station")  # kiosk.ui keeps its few words to itself


def keys() -> Iterator[tuple[str, str]]:
    """(place, key) of every call of `say` with a literal key, and of every f-string's fixed head."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "say":
                    yield from ((f"{path.name}:{node.lineno}", key) for key in _literals(node.args))


def _literals(arguments: list[ast.expr]) -> Iterator[str]:
    for argument in arguments:
        for node in ast.walk(argument):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value.strip("."):
                yield node.value


def test_every_key_the_code_names_is_in_the_table() -> None:
    table = parse((CONFIG / "locale" / "sentences.csv").read_text("utf-8")).table
    named = [(place, key) for place, key in keys() if " " not in key and not key.startswith("tech.part.")]
    assert len(named) > 100
    missing = [f"{place}: {key}" for place, key in named if key not in table and not _is_head(key, set(table))]
    assert missing == []


def test_every_sentence_in_the_table_is_said_somewhere() -> None:
    """A key stands in the code as it is, or belongs to a family whose last word is a state, a step, a part or `sub`."""
    named = set(_families())
    for room in SPEAKERS:
        for path in sorted((ROOT / room).rglob("*.py")):
            named |= _constants(ast.parse(path.read_text("utf-8")))
    table = parse((CONFIG / "locale" / "sentences.csv").read_text("utf-8")).table
    assert [key for key in table if key.partition("#")[0] not in named] == []


def test_a_sentence_that_nobody_says_would_be_seen() -> None:
    said = _constants(ast.parse('brush.say("home.title" if x else head, n=1)'))
    assert "home.title" in said
    assert "home.nobody" not in said | set(_families())


def _families() -> Iterator[str]:
    yield from (f"tech.{health.value}" for health in PartHealth)
    yield from (f"step.{name}" for name in ("card", "books", "choose", "done"))
    yield from (f"home.{kind}_sub" for kind in ("invite", "invite_return"))
    yield from (f"tech.part.{part}" for part in ("pad", "card", "scanner", "printer", *LinkName))


def _constants(tree: ast.Module) -> set[str]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _is_head(key: str, known: set[str]) -> bool:
    """The fixed head of a key that ends in a field: `tech.` of f"tech.{health}"."""
    return key.endswith(".") and any(other.startswith(key) for other in known)


def test_the_scan_would_see_a_missing_key(tmp_path: Path) -> None:
    tree = ast.parse('brush.say("home.nothing" if x else "home.title", n=1)')
    call = tree.body[0].value  # type: ignore[attr-defined]  # an expression statement
    assert list(_literals(call.args)) == ["home.nothing", "home.title"]
