"""A journal on paper: lines for a technician, files for a spreadsheet. Read-only, and nobody's name is in it."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final, TextIO

import msgspec

from kiosk.domain import ItemBarcode, Key
from kiosk.journal.database import Row, error_code, sorted_out
from kiosk.journal.entries import Entry, JournalDamaged, Problem
from kiosk.journal.reading import COLUMNS, entry, read
from kiosk.journal.verify import reader
from kiosk.messages import records
from kiosk.messages.records import Body, Booted, Noted

FORMS: Final = ("jsonl", "csv")
SHOWN: Final = 50
CHINA_MIN: Final = 8 * 60
PAGE: Final = 1_000
_FIELDS: Final = ("seq", "time", "kind", "key", "item", "what", "hash")


def show(
    path: Path,
    *,
    last: int = SHOWN,
    key: Key | None = None,
    item: ItemBarcode | None = None,
    utc_offset_min: int = CHINA_MIN,
) -> Iterator[str]:
    """The newest `last` records (of a key, of an item) in columns, oldest first, below a line that names the columns
    and the zone of the times; nothing when there is no such record."""
    conditions = [f"{name} = ?" for name, value in (("key", key), ("item", item)) if value is not None]
    values: Row = tuple(value for value in (key, item) if value is not None)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    with reader(path) as database:
        rows = database.rows(f"SELECT {COLUMNS} FROM records {where} ORDER BY seq DESC LIMIT ?", (*values, last))
    if not rows:
        return
    zone = timezone(timedelta(minutes=utc_offset_min))
    head = ("seq", f"time {zone.tzname(None)}", *_FIELDS[2:-1])
    table = [head, *(tuple(map(str, _fields(entry(row), zone)[:-1])) for row in reversed(rows))]
    widths = [max(len(line[column]) for line in table) for column in range(len(head))]
    for seq, *rest in table:
        cells = (cell.ljust(width) for cell, width in zip(rest, widths[1:], strict=True))
        yield "  ".join((seq.rjust(widths[0]), *cells)).rstrip()


def export(path: Path, out: TextIO, form: str) -> int:
    """Writes every record as JSON lines (the records themselves) or CSV (one line each); returns how many.

    Records that do not read back are left out, and named by the JournalDamaged that is raised after the last line.
    """
    # The other readers of a journal do without sqlite-utils, and so do they without its import.
    from sqlite_utils import Database

    if form not in FORMS:
        raise ValueError(f"form is one of {', '.join(FORMS)}, not {form!r}")
    with reader(path) as database:
        try:
            rows = Database(database.connection).table("records").rows_where(select=COLUMNS, order_by="seq")
            problems: list[Problem] = []
            written = _readable(rows, problems)
            lines = _csv_lines(written, out) if form == "csv" else _json_lines(written, out)
            count = sum(1 for _ in lines)
        except sqlite3.Error as error:
            raise sorted_out(error, error_code(error)) from error
    if problems:
        raise JournalDamaged(tuple(problems))
    return count


def _readable(rows: Iterable[dict[str, Any]], problems: list[Problem]) -> Iterator[Entry]:  # Any: as SQLite has it
    for row in rows:
        try:
            yield entry((row["seq"], row["bytes"], row["hash"]))
        except JournalDamaged as error:
            problems += error.problems


def entries(path: Path) -> Iterator[Entry]:
    """Every record, oldest first. Raises JournalForeign, JournalBroken, JournalDamaged, and OSError for no file."""
    first = 1
    with reader(path) as database:
        while page := read(database, first, PAGE):
            yield from page
            first += len(page)


def _json_lines(entries: Iterator[Entry], out: TextIO) -> Iterator[int]:
    for one in entries:
        line = {"seq": one.seq, "hash": one.hash, "record": msgspec.Raw(one.data)}
        yield out.write(msgspec.json.encode(line).decode() + "\n")


def _csv_lines(entries: Iterator[Entry], out: TextIO) -> Iterator[int]:
    writer = csv.writer(out)
    writer.writerow(_FIELDS)
    for one in entries:
        yield writer.writerow(_fields(one))


def _fields(one: Entry, zone: timezone | None = None) -> tuple[object, ...]:
    """The cells of a record; its time stands in `zone`, or with none in UTC and complete."""
    body = one.record.body
    moment = datetime.fromtimestamp(one.record.head.wall_ms / 1000, zone or UTC)
    time = f"{moment:%Y-%m-%d %H:%M:%S.%f}"[:-3] if zone else moment.isoformat(timespec="milliseconds")
    key = "" if isinstance(body, Booted | Noted) else body.key
    item = getattr(body, "item", "")
    return one.seq, time, records.kind_of(body), key, item, _what(body), one.hash


def _what(body: Body) -> str:
    """The few words that tell one record of a kind from another."""
    match body:
        case records.Intent():
            return f"{body.op} security={body.security}"
        case records.Granted() | records.OfflineAccepted():
            return f"due={body.due}" if body.due else ""
        case records.Refused():
            return str(body.reason)
        case records.Final():
            return f"{body.op} {body.outcome} security={body.security} {body.proof}{' offline' * body.offline}"
        case Booted():
            return f"boot={body.boot} software={body.software} clean={body.clean}"
        case Noted():
            return f"{body.what} fault={body.fault} {body.detail}".strip()
