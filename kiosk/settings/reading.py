"""From TOML text to frozen dataclasses. An unknown key is an error: a misspelt setting must not be silently ignored."""

from __future__ import annotations

import dataclasses
import difflib
import enum
import pathlib
import re
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import msgspec

from kiosk.settings.lines import Path, index, line_of
from kiosk.settings.toml import parsed

T = TypeVar("T")

FILE_BYTES_MAX: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """`line` counts from 1; 0 for a file that is wrong as a whole."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.what}" if self.line else f"{self.file}: {self.what}"


class SettingsError(ValueError):
    """One or more mistakes, each with its place."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)


Told = str | tuple[Path, str]
"""A sentence about a table's own settings, with the place of the one it means where the sentence does not name it."""


class Wrong(ValueError):
    """Several things at once that a `__post_init__` has against its own settings."""

    def __init__(self, told: tuple[Told, ...]) -> None:
        super().__init__("; ".join(each if isinstance(each, str) else each[1] for each in told))
        self.told = told


def refuse(*told: Told) -> None:
    """Raises Wrong when there is anything to tell; an empty sentence is none."""
    if found := tuple(each for each in told if each):
        raise Wrong(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparse(Generic[T]):
    """What could be read of a file that may have mistakes.

    A setting that is wrong has its default in `value`; one without a default is not there at all: ask `knows` first.
    """

    value: T
    mistakes: tuple[Mistake, ...]
    holes: frozenset[Path]
    wrong: frozenset[Path]
    lines: dict[Path, int]

    @property
    def readable(self) -> bool:
        """False when nothing at all could be made of the file."""
        return () not in self.holes

    def knows(self, *path: str) -> bool:
        """Whether everything at and below `path` may be used."""
        return not any(_one_within_other(hole, path) for hole in self.holes)

    def knows_table(self, *path: str) -> bool:
        """Whether there is something at `path`, though settings below may not be."""
        return not any(path[: len(hole)] == hole for hole in self.holes)

    def faulty(self, path: Path) -> bool:
        """Whether a mistake at `path` itself is among the mistakes already."""
        return path in self.wrong


def text_of(path: pathlib.Path) -> str:
    """The text of a settings file. Raises SettingsError with the one mistake that keeps it from being read."""
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise SettingsError([Mistake(file=str(path), line=0, what=_reason(error))]) from error
    except ValueError as error:  # a NUL in the name
        raise SettingsError([Mistake(file=repr(str(path)), line=0, what="no file can be called that")]) from error
    if len(data) > FILE_BYTES_MAX:
        what = f"has more than {FILE_BYTES_MAX >> 20} MiB; this is no settings file"
        raise SettingsError([Mistake(file=str(path), line=0, what=what)])
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = "is not UTF-8 text; save the file in that encoding"
        raise SettingsError([Mistake(file=str(path), line=line, what=what)]) from error


def read(text: str, file: str, kind: type[T]) -> T:
    """Decodes the TOML in `text` into the dataclass `kind`. Raises SettingsError with every mistake found.

    A dataclass may check itself in `__post_init__` by raising ValueError with a sentence, or by `refuse` with several;
    each is reported at the first setting that it names, else at its table.
    """
    sparse = read_sparse(text, file, kind)
    if sparse.mistakes:
        raise SettingsError(list(sparse.mistakes))
    return sparse.value


def read_sparse(text: str, file: str, kind: type[T]) -> Sparse[T]:
    """The same for a file that may have mistakes: every one of them, and what is left without them."""
    values, broken = parsed(text)
    reader = _Reader(file=file, lines=index(text), unread=frozenset(name for _, name, _ in broken if name))
    for line, _, what in broken:
        reader.mistakes.append(Mistake(file=file, line=line, what=what))
    if values is None:
        value, reader.holes = _bare(kind, {}), [()]
    else:
        value = reader.table((), values, kind)
    return Sparse(
        value=typing.cast(T, value),  # the reader makes a `kind` of a table, and the file is one
        mistakes=tuple(sorted(reader.mistakes, key=lambda mistake: mistake.line)),
        holes=frozenset(reader.holes),
        wrong=frozenset(reader.wrong),
        lines=reader.lines,
    )


def _one_within_other(one: Path, other: Path) -> bool:
    size = min(len(one), len(other))
    return one[:size] == other[:size]


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


_HOLE: Final = object()


@dataclass(slots=True)
class _Reader:
    file: str
    lines: dict[Path, int]
    unread: frozenset[str]  # settings on lines that are no TOML: wrong, but not missing
    mistakes: list[Mistake] = dataclasses.field(default_factory=list)
    holes: list[Path] = dataclasses.field(default_factory=list)
    wrong: list[Path] = dataclasses.field(default_factory=list)

    def mistake(self, path: Path, what: str) -> None:
        self.mistakes.append(Mistake(file=self.file, line=line_of(self.lines, path), what=what))
        self.wrong.append(path)

    def table(self, path: Path, values: Any, kind: type[Any]) -> Any:
        if not isinstance(values, Mapping):
            self.mistake(path, f"{_name(path)} must be a table of settings: [{_name(path)}]")
            return _HOLE
        hints = typing.get_type_hints(kind)
        fields = {field.name: field for field in dataclasses.fields(kind)}
        for key in values:
            if key not in fields:
                self.mistake((*path, key), f"there is no setting {key!r} here{_like(key, fields)}")
        found: dict[str, Any] = {}
        for name, field in fields.items():
            given = self.value((*path, name), values[name], hints[name]) if name in values else _default(field)
            if name not in values and given is _HOLE and name not in self.unread:
                self.mistake(path, f"{_name((*path, name))} is missing")
            if given is _HOLE:
                given = _default(field)
            if given is _HOLE:
                self.holes.append((*path, name))
            else:
                found[name] = given
        made = _bare(kind, found)
        try:
            if hasattr(kind, "__post_init__"):
                made.__post_init__()
        except ValueError as error:
            for told in error.told if isinstance(error, Wrong) else (str(error),):
                self._against_itself(path, values, told)
        except AttributeError:
            if not any(_one_within_other(hole, path) for hole in self.holes):
                raise  # a bug; otherwise it asked for a setting that is not there, which is told already
        return made

    def _against_itself(self, path: Path, values: Mapping[str, Any], told: Told) -> None:
        """What a table says against itself, unless it comes from a default in a wrong setting's place."""
        if isinstance(told, str):
            sentence, named = told, list(_settings_in(told, path, values))
        else:
            sentence, named = told[1], [(*path, *told[0])]
        if not any(each in self.wrong for each in named):
            self.mistake(named[0] if named else path, sentence)

    def value(self, path: Path, value: Any, hint: Any) -> Any:
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin in (typing.Union, types.UnionType):
            table = next((kind for kind in arguments if dataclasses.is_dataclass(kind)), None)
            if table is not None:
                return self.value(path, value, table)
        if dataclasses.is_dataclass(hint) and isinstance(hint, type):
            return self.table(path, value, hint)
        if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis and _holds_table(arguments[0]):
            return self._whole(self.value((*path, str(n)), each, arguments[0]) for n, each in enumerate(_list(value)))
        if origin is dict and _holds_table(arguments[1]) and isinstance(value, Mapping):
            tables = {key: self.value((*path, key), each, arguments[1]) for key, each in value.items()}
            return _HOLE if any(each is _HOLE for each in tables.values()) else tables
        try:
            return msgspec.convert(value, hint)
        except msgspec.ValidationError as error:
            self.mistake(path, f"{_name(path)}: {_plain(error, hint)}")
            return _HOLE

    def _whole(self, tables: Iterator[Any]) -> Any:
        made = tuple(tables)
        return _HOLE if any(each is _HOLE for each in made) else made


def _bare(kind: type[Any], found: Mapping[str, Any]) -> Any:
    """A `kind` with what there is, unchecked."""
    made = object.__new__(kind)
    for name, value in found.items():
        object.__setattr__(made, name, value)
    return made


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default is not dataclasses.MISSING:
        return field.default
    return field.default_factory() if field.default_factory is not dataclasses.MISSING else _HOLE


def _settings_in(sentence: str, path: Path, values: Mapping[str, Any]) -> Iterator[Path]:
    """Where the settings that a sentence names stand in the table at `path`; it may name that table first."""
    for words in re.findall(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*", sentence):
        parts: Path = tuple(words.split("."))
        for inner in (parts, parts[1:] if parts[:1] == path[-1:] else ()):
            if inner and _is_setting(_at(values, inner)):
                yield (*path, *inner)


def _is_setting(value: Any) -> bool:
    """Whether something is set there that is no table and no list of tables."""
    return not (
        value is None
        or isinstance(value, Mapping)
        or (isinstance(value, list) and value and isinstance(value[0], Mapping))
    )


def _at(values: Any, path: Path) -> Any:
    for part in path:
        values = values.get(part) if isinstance(values, Mapping) else None
    return values


def _holds_table(kind: Any) -> bool:
    return isinstance(kind, type) and dataclasses.is_dataclass(kind)


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _name(path: Path) -> str:
    return ".".join(path) or "the file"


def _like(key: str, fields: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(key, fields, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(fields)}"


def _plain(error: msgspec.ValidationError, hint: Any) -> str:
    """msgspec's words for a technician."""
    text = re.sub(r"`(\w+) \| null`", r"`\1`", str(error).split(" - at ")[0])
    if text.startswith("Invalid enum value"):
        given = (hint, *typing.get_args(hint))
        kinds = [kind for kind in given if isinstance(kind, type) and issubclass(kind, enum.Enum)]
        if kinds:
            words = [str(member.value) for member in kinds[0]]
            said = re.search(r"'(.*)'", text)
            near = difflib.get_close_matches(said[1], words, n=1) if said else []
            meant = f"; did you mean {near[0]!r}?" if near else ""
            return f"must be one of {', '.join(words)}{meant}"
    for word, plain in {
        "`str`": "text",
        "`int`": "a whole number",
        "`float`": "a number",
        "`bool`": "true or false",
        "`array`": "a list in [ ]",
        "`object`": "a table of settings",
    }.items():
        text = text.replace(word, plain)
    return text[0].lower() + text[1:]
