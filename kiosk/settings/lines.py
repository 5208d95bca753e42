"""Where a setting stands in its file: TOML parsers give values, technicians need lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_TABLE: Final = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY: Final = re.compile(
    r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_PART: Final = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")
_TEXT_OR_COMMENT: Final = re.compile(
    r"""\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''.*?'''|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|\#[^\n]*""", re.DOTALL
)

Path = tuple[str, ...]


def index(text: str) -> dict[Path, int]:
    """Line (from 1) of every table and key; the n-th table of an array has its number in the path."""
    lines: dict[Path, int] = {(): 1}
    around: dict[Path, int] = {}  # tables without a line of their own: `[a.b]` makes `a`
    counts: dict[Path, int] = {}
    table: Path = ()
    for number, line in _statements(text):
        if head := _TABLE.match(line):
            table = _numbered(_parts(head[2]), counts)
            if head[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                lines.setdefault(table, number)
                table = (*table, str(counts[table]))
            lines.setdefault(table, number)
            for depth in range(1, len(table)):
                around.setdefault(table[:depth], number)
        elif key := _KEY.match(line):
            path = (*table, *_parts(key[1]))
            for depth in range(len(table) + 1, len(path) + 1):
                lines.setdefault(path[:depth], number)
    return around | lines


def line_of(lines: dict[Path, int], path: Path) -> int:
    """The line of `path`, or of the nearest table around it."""
    while path not in lines:
        path = path[:-1]
    return lines[path]


def key_of(line: str) -> str:
    """The name of the setting that a line sets; "" for none."""
    key = _KEY.match(line)
    return _parts(key[1])[-1] if key else ""


def without_texts(line: str) -> str:
    """A line without its whole texts and its comment."""
    return _TEXT_OR_COMMENT.sub("", line)


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Lines at which a statement begins: not the inner ones of a long text or of a list over several lines."""
    inside = _inside_long_texts(text)
    bare_lines = _TEXT_OR_COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text).split("\n")
    depth = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if depth == 0 and number not in inside:
            yield number, line
        if depth > 0 or not _TABLE.match(line):
            bare = bare_lines[number - 1]
            depth = max(0, depth + sum(map(bare.count, "[{")) - sum(map(bare.count, "]}")))


def _inside_long_texts(text: str) -> set[int]:
    inside: set[int] = set()
    for found in _TEXT_OR_COMMENT.finditer(text):
        if more := found[0].count("\n"):
            first = text.count("\n", 0, found.start()) + 1
            inside |= set(range(first + 1, first + 1 + more))
    return inside


def _numbered(path: Path, counts: dict[Path, int]) -> Path:
    """`[a.b]` after `[[a]]` belongs to the newest of the tables a."""
    placed: Path = ()
    for part in path[:-1]:
        placed = (*placed, part)
        if placed in counts:
            placed = (*placed, str(counts[placed]))
    return (*placed, path[-1])


def _parts(name: str) -> Path:
    return tuple(part.strip("\"'") for part in _PART.findall(name))
