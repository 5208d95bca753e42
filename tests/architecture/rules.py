"""Rules that no linter knows, each a function from a file's text to what is wrong with it."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator

LINES_MAX = 500
_PRESENT = {"now", "today", "utcnow"}
_SECRETS = {"pin", "card", "reply_key", "hash_key", "private"}
_READERS = re.compile(r"\b(PatronId|CardUid)\b")
_UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
# Folders of somebody's own machine; what a real one has (/var, /etc, /run, /opt, /dev) is fine.
_PLACES = re.compile(r"(?<![\w.])/(?:home|root|Users|workspace|work|mnt)/[\w.]|\b[A-Z]:\\\\")


@functools.lru_cache(maxsize=2_000)
def _tree(source: str) -> ast.Module:
    return ast.parse(source)


def asks_for_the_present(source: str) -> Iterator[str]:
    """datetime.now() and its like: in a pure room time is a parameter."""
    for node in ast.walk(_tree(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner = ast.unparse(node.func.value)
        if node.func.attr in _PRESENT and owner.split(".")[-1] in ("datetime", "date"):
            yield f"line {node.lineno}: {owner}.{node.func.attr}()"
        elif owner == "time":
            yield f"line {node.lineno}: time.{node.func.attr}()"


def imports(source: str, names: frozenset[str]) -> Iterator[str]:
    for node in ast.walk(_tree(source)):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found = [node.module or ""]
        else:
            continue
        for name in found:
            if name.split(".")[0] in names:
                yield f"line {node.lineno}: import of {name}"


def prints(source: str) -> Iterator[str]:
    for node in ast.walk(_tree(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield f"line {node.lineno}: print()"


def is_unfinished(source: str) -> Iterator[str]:
    for number, line in enumerate(source.splitlines(), start=1):
        if found := _UNFINISHED.search(line):
            yield f"line {number}: {found[1]}"
    for node in ast.walk(_tree(source)):
        if isinstance(node, ast.Raise) and node.exc is not None:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if isinstance(raised, ast.Name) and raised.id == "NotImplementedError":
                yield f"line {node.lineno}: raise NotImplementedError"


def shows_a_reader(source: str) -> Iterator[str]:
    """A field with a reader's number, card or PIN, or with a key, in what repr() shows: and so in any crash or log."""
    for node in ast.walk(_tree(source)):
        if not isinstance(node, ast.ClassDef) or not any("dataclass" in ast.unparse(by) for by in node.decorator_list):
            continue
        if any(isinstance(each, ast.FunctionDef) and each.name == "__repr__" for each in node.body):
            continue
        for field in node.body:
            if not isinstance(field, ast.AnnAssign) or "repr=False" in ast.unparse(field):
                continue
            kind, name = ast.unparse(field.annotation), ast.unparse(field.target)
            secret = name in _SECRETS and re.search(r"\b(str|bytes)\b", kind)
            if "Callable" not in kind and (secret or _READERS.search(kind)):
                yield f"line {field.lineno}: {node.name}.{name}"


def has_no_docstring(source: str) -> Iterator[str]:
    if not ast.get_docstring(_tree(source)):
        yield "no docstring"


def is_too_long(source: str, lines_max: int = LINES_MAX) -> Iterator[str]:
    lines = source.count("\n")
    if lines > lines_max:
        yield f"{lines} lines, at most {lines_max}"


def names_a_place(text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _PLACES.search(line):
            yield f"line {number}: {found[0]}"
