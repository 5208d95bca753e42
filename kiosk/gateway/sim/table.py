"""Reads one CSV file column by column and collects what is wrong instead of stopping at the first."""

from __future__ import annotations

import csv
import enum
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

Value = TypeVar("Value")
Kind = TypeVar("Kind", bound=enum.StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong, and where: `line` counts from 1, the header; `column` is empty for the whole line."""

    file: str
    line: int
    column: str
    what: str

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" + (f", column {self.column}" if self.column else "")
        return f"{where}: {self.what}"


@dataclass(slots=True)
class Table:
    """One file. Iterate over its cells row by row; `problems` grows while they are read."""

    file: str
    columns: tuple[str, ...]
    problems: list[Problem]
    rows: list[Row] = field(default_factory=list)

    def parse(self, text: str) -> None:
        """Takes the file's text; a wrong header or a row of the wrong length is a problem of its line."""
        reader = csv.reader(io.StringIO(text))
        header = next(reader, [])
        if tuple(header) != self.columns:
            self.report(1, "", f"the header must be: {','.join(self.columns)}")
            return
        for cells in reader:
            line = reader.line_num
            if len(cells) != len(self.columns):
                self.report(line, "", f"{len(cells)} cells instead of {len(self.columns)}")
            else:
                self.rows.append(Row(self, line, dict(zip(self.columns, cells, strict=True))))

    def report(self, line: int, column: str, what: str) -> None:
        self.problems.append(Problem(file=self.file, line=line, column=column, what=what))

    def build(self, make: Callable[[Row], Value]) -> Iterator[Value]:
        """One value per row; rows with a problem are left out."""
        for row in self.rows:
            before = len(self.problems)
            value = make(row)
            if len(self.problems) == before:
                yield value

    def unique(self, column: str) -> set[str]:
        """All values of a key column; one that occurs twice, or is empty, is a problem."""
        seen: dict[str, int] = {}
        for row in self.rows:
            value = row.cells[column]
            if not value:
                row.report(column, "must not be empty")
            elif value in seen:
                row.report(column, f"occurs already in line {seen[value]}")
            else:
                seen[value] = row.line
        return set(seen)


@dataclass(frozen=True, slots=True)
class Row:
    """One line. Each reader reports a cell it cannot read and returns something harmless."""

    table: Table
    line: int
    cells: dict[str, str]

    def report(self, column: str, what: str) -> None:
        self.table.report(self.line, column, what)

    def text(self, column: str) -> str:
        value = self.cells[column]
        if not value:
            self.report(column, "must not be empty")
        return value

    def number(self, column: str, low: int, high: int) -> int:
        value = self.optional_number(column, low, high)
        if value is None and not self.cells[column]:
            self.report(column, "must not be empty")
        return 0 if value is None else value

    def optional_number(self, column: str, low: int, high: int) -> int | None:
        text = self.cells[column]
        if not text:
            return None
        try:
            value = int(text)
        except ValueError:
            self.report(column, "must be a whole number")
            return None
        if not low <= value <= high:
            self.report(column, f"must be from {low} to {high}")
        return value

    def yes_no(self, column: str) -> bool:
        text = self.cells[column]
        if text not in ("yes", "no"):
            self.report(column, "must be yes or no")
        return text == "yes"

    def choice(self, column: str, kind: type[Kind]) -> Kind:
        text = self.cells[column]
        if text in set(kind):
            return kind(text)
        self.report(column, f"must be one of {', '.join(kind)}")
        return next(iter(kind))

    def known(self, column: str, keys: set[str], what: str, *, empty_ok: bool = False) -> str:
        """A reference into another file."""
        text = self.cells[column]
        if not (text in keys or (empty_ok and not text)):
            self.report(column, f"no such {what}")
        return text
