"""The shipped table of sentences has every key that the code names: a library's own table is measured against it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from kiosk.screen.sentences import parse
from kiosk.site.folder import CONFIG

ROOT = CONFIG.parent
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


def _is_head(key: str, known: set[str]) -> bool:
    """The fixed head of a key that ends in a field: `tech.` of f"tech.{health}"."""
    return key.endswith(".") and any(other.startswith(key) for other in known)


def test_the_scan_would_see_a_missing_key(tmp_path: Path) -> None:
    tree = ast.parse('brush.say("home.nothing" if x else "home.title", n=1)')
    call = tree.body[0].value  # type: ignore[attr-defined]  # an expression statement
    assert list(_literals(call.args)) == ["home.nothing", "home.title"]
