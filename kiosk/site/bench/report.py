"""What a bench run found: lines of a table with their limits, and counts that must agree with an independent count."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final


class Bound(enum.StrEnum):
    """Which side of its bound a ratio must be on."""

    AT_LEAST = ">="
    AT_MOST = "<="


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One measurement. `limit` is in the same unit and was measured in the same run, unless `limit_name` says that it
    is a figure somebody wants. The ratio is measured / limit."""

    what: str
    measured: float
    unit: str
    limit: float
    limit_name: str
    bound: Bound
    must: float

    @property
    def ratio(self) -> float:
        return self.measured / self.limit if self.limit else float("inf")

    @property
    def met(self) -> bool:
        return self.ratio >= self.must if self.bound is Bound.AT_LEAST else self.ratio <= self.must


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What the bench believes it did, beside what somebody else has counted."""

    what: str
    believed: int
    found: int

    @property
    def agrees(self) -> bool:
        return self.believed == self.found


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """All of one area. `notes` are plain sentences, for instance why a line could not be measured."""

    name: str
    lines: tuple[Line, ...] = ()
    counts: tuple[Count, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    load: tuple[float, float] = (0.0, 0.0)  # one-minute load average before and after

    @property
    def honest(self) -> bool:
        """Nothing was lost, nothing happened twice: without that no speed counts."""
        return all(count.agrees for count in self.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    machine: dict[str, str]
    areas: tuple[Area, ...] = field(default_factory=tuple)

    @property
    def honest(self) -> bool:
        return all(area.honest for area in self.areas)

    @property
    def met(self) -> bool:
        return all(line.met for area in self.areas for line in area.lines)

    def data(self) -> dict[str, Any]:
        """For JSON."""
        return {"machine": self.machine, "areas": [_area_data(area) for area in self.areas]}


_HEADS: Final = ("", "what", "measured", "limit of this run", "ratio", "must be", "met")


def table(report: Report) -> str:
    """The report as aligned text."""
    rows = [_HEADS, *(row for area in report.areas for row in _rows(area))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    lines = ["  ".join(_aligned(row, widths)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    for area in report.areas:
        lines += [f"{area.name}: {note}" for note in area.notes]
    machine = ", ".join(f"{name} {value}" for name, value in report.machine.items())
    return "\n".join([*lines, "", machine])


def _rows(area: Area) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for line in area.lines:
        limit = f"{_number(line.limit)} {line.unit} {line.limit_name}"
        must = f"{line.bound.value} {line.must:g} x"
        measured = f"{_number(line.measured)} {line.unit}"
        rows.append((area.name, line.what, measured, limit, f"{line.ratio:.2f} x", must, "yes" if line.met else "NO"))
    for count in area.counts:
        found = f"{count.found} counted apart"
        rows.append((area.name, count.what, str(count.believed), found, "", "equal", "yes" if count.agrees else "NO"))
    return rows


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    numbers = (2, 4)
    return [cell.rjust(width) if at in numbers else cell.ljust(width) for at, (cell, width) in _cells(row, widths)]


def _cells(row: Sequence[str], widths: Sequence[int]) -> enumerate[tuple[str, int]]:
    return enumerate(zip(row, widths, strict=True))


def _number(value: float) -> str:
    if value >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def _area_data(area: Area) -> dict[str, Any]:
    return {
        "name": area.name,
        "seconds": round(area.seconds, 1),
        "load": area.load,
        "honest": area.honest,
        "lines": [asdict(line) | {"ratio": line.ratio, "met": line.met} for line in area.lines],
        "counts": [asdict(count) | {"agrees": count.agrees} for count in area.counts],
        "notes": area.notes,
    }
