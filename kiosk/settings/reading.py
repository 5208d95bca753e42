"""From TOML text to frozen dataclasses. An unknown key is an error: a misspelt setting must not be silently ignored."""

from __future__ import annotations

import dataclasses
import difflib
import re
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from kiosk.settings.lines import Path, index, line_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.what}"


class SettingsError(ValueError):
    """One or more mistakes, each with its place."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)


def read(text: str, file: str, kind: type[T]) -> T:
    """Decodes the TOML in `text` into the dataclass `kind`. Raises SettingsError with every mistake found.

    A dataclass may check itself in `__post_init__` by raising ValueError with a sentence; it is reported at its table.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([Mistake(file=file, line=_toml_line(error), what=f"not readable: {error}")]) from error
    reader = _Reader(file=file, lines=index(text), mistakes=[])
    value = reader.table((), values, kind)
    if reader.mistakes:
        raise SettingsError(sorted(reader.mistakes, key=lambda mistake: mistake.line))
    return typing.cast(T, value)  # without mistakes the reader returns a `kind`


def _toml_line(error: tomllib.TOMLDecodeError) -> int:
    found = re.search(r"\(at line (\d+),", str(error))  # "Expected newline or end of document" has a line in it, too
    return int(found[1]) if found else 1


@dataclass(slots=True)
class _Reader:
    file: str
    lines: dict[Path, int]
    mistakes: list[Mistake]

    def wrong(self, path: Path, what: str) -> None:
        self.mistakes.append(Mistake(file=self.file, line=line_of(self.lines, path), what=what))

    def table(self, path: Path, values: Any, kind: type[Any]) -> Any:
        if not isinstance(values, Mapping):
            self.wrong(path, f"{_name(path)} must be a table of settings")
            return None
        hints = typing.get_type_hints(kind)
        fields = {field.name: field for field in dataclasses.fields(kind)}
        before = len(self.mistakes)
        for key in values:
            if key not in fields:
                self.wrong((*path, key), f"there is no setting {key!r} here{_like(key, fields)}")
        found: dict[str, Any] = {}
        for name, field in fields.items():
            if name in values:
                found[name] = self.value((*path, name), values[name], hints[name])
            elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
                self.wrong(path, f"{_name((*path, name))} is missing")
        if len(self.mistakes) > before:
            return None
        try:
            return kind(**found)
        except ValueError as error:
            self.wrong(path, str(error))
            return None

    def value(self, path: Path, value: Any, hint: Any) -> Any:
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin in (typing.Union, types.UnionType):
            table = next((kind for kind in arguments if dataclasses.is_dataclass(kind)), None)
            if table is not None:
                return self.value(path, value, table)
        if dataclasses.is_dataclass(hint) and isinstance(hint, type):
            return self.table(path, value, hint)
        if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis and _holds_table(arguments[0]):
            return tuple(self.value((*path, str(n)), each, arguments[0]) for n, each in enumerate(_list(value)))
        if origin is dict and _holds_table(arguments[1]) and isinstance(value, Mapping):
            return {key: self.value((*path, key), each, arguments[1]) for key, each in value.items()}
        try:
            return msgspec.convert(value, hint)
        except msgspec.ValidationError as error:
            self.wrong(path, f"{_name(path)}: {_plain(error)}")
            return None


def _holds_table(kind: Any) -> bool:
    return isinstance(kind, type) and dataclasses.is_dataclass(kind)


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _name(path: Path) -> str:
    return ".".join(path) or "the file"


def _like(key: str, fields: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(key, fields, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(fields)}"


def _plain(error: msgspec.ValidationError) -> str:
    """msgspec's words for a technician."""
    text = str(error).split(" - at ")[0]
    for word, plain in {
        "`str`": "text",
        "`int`": "a whole number",
        "`float`": "a number",
        "`bool`": "true or false",
    }.items():
        text = text.replace(word, plain)
    return text[0].lower() + text[1:]
