"""A journal on paper: lines for a technician, files for a spreadsheet. Read-only, and nobody's name is in it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO

import msgspec

from kiosk.domain import ItemBarcode, Key
from kiosk.journal.database import Row
from kiosk.journal.entries import Entry
from kiosk.journal.reading import COLUMNS, entry
from kiosk.journal.verify import reader
from kiosk.messages import records
from kiosk.messages.records import Body, Booted, Noted

FORMS: Final = ("jsonl", "csv")
SHOWN: Final = 50
_FIELDS: Final = ("seq", "time", "kind", "key", "item", "what", "hash")


def show(path: Path, *, last: int = SHOWN, key: Key | None = None, item: ItemBarcode | None = None) -> Iterator[str]:
    """The newest `last` records (of a key, of an item), oldest first, one line each."""
    conditions = [f"{name} = ?" for name, value in (("key", key), ("item", item)) if value is not None]
    values: Row = tuple(value for value in (key, item) if value is not None)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    with reader(path) as database:
        rows = database.rows(f"SELECT {COLUMNS} FROM records {where} ORDER BY seq DESC LIMIT ?", (*values, last))
    for row in reversed(rows):
        yield "  ".join(str(field) for field in _fields(entry(row))[:-1])


def export(path: Path, out: TextIO, form: str) -> int:
    """Writes every record as JSON lines (the records themselves) or CSV (one line each); returns how many."""
    # The other readers of a journal do without sqlite-utils, and so do they without its import.
    from sqlite_utils import Database

    if form not in FORMS:
        raise ValueError(f"form is one of {', '.join(FORMS)}, not {form!r}")
    with reader(path) as database:
        rows = Database(database.connection).table("records").rows_where(select=COLUMNS, order_by="seq")
        entries = (entry((row["seq"], row["bytes"], row["hash"])) for row in rows)
        lines = _csv_lines(entries, out) if form == "csv" else _json_lines(entries, out)
        return sum(1 for _ in lines)


def _json_lines(entries: Iterator[Entry], out: TextIO) -> Iterator[int]:
    for one in entries:
        line = {"seq": one.seq, "hash": one.hash, "record": msgspec.Raw(one.data)}
        yield out.write(msgspec.json.encode(line).decode() + "\n")


def _csv_lines(entries: Iterator[Entry], out: TextIO) -> Iterator[int]:
    writer = csv.writer(out)
    writer.writerow(_FIELDS)
    for one in entries:
        yield writer.writerow(_fields(one))


def _fields(one: Entry) -> tuple[object, ...]:
    body = one.record.body
    time = datetime.fromtimestamp(one.record.head.wall_ms / 1000, UTC).isoformat(timespec="milliseconds")
    key = "" if isinstance(body, Booted | Noted) else body.key
    item = getattr(body, "item", "")
    return one.seq, time, records.kind_of(body), key, item, _what(body), one.hash


def _what(body: Body) -> str:
    """The few words that tell one record of a kind from another."""
    match body:
        case records.Intent():
            return f"{body.op} security={body.security}"
        case records.Granted() | records.OfflineAccepted():
            return f"due={body.due}"
        case records.Refused():
            return str(body.reason)
        case records.Final():
            return f"{body.op} {body.outcome} security={body.security} {body.proof}{' offline' * body.offline}"
        case Booted():
            return f"boot={body.boot} software={body.software} clean={body.clean}"
        case Noted():
            return f"{body.what} fault={body.fault} {body.detail}".strip()
