"""What a technician sees of a journal: the same from a running machine, a copy and a read-only medium."""

from __future__ import annotations

import csv
import io
import os
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from kiosk.domain import ItemBarcode
from kiosk.journal import Journal, JournalForeign, VerifyReport, export, show, verify
from kiosk.messages.records import GENESIS
from tests.unit.journal.books import key, loan, noted, open_journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def running(path: Path) -> Journal:
    """A journal in use: what was written last is only in its log."""
    journal = open_journal(path)
    journal.append(loan(1))
    journal.checkpoint()
    journal.append([*loan(2), noted(3)])
    return journal


def test_a_running_journal_verifies_to_its_last_record(path: Path, running: Journal) -> None:
    report = verify(path)
    assert report.good
    assert (report.device, report.epoch, report.records) == ("kiosk-01", running.meta.epoch, 7)
    assert (report.last_seq, report.head) == running.last


def test_an_empty_journal_is_good(path: Path) -> None:
    open_journal(path)
    assert (verify(path).good, verify(path).head) == (True, GENESIS)


def test_a_read_only_copy_is_read_whole_with_its_log_and_left_untouched(path: Path, running: Journal) -> None:
    place = path.parent / "copy"
    place.mkdir()
    for name in ("journal.db", "journal.db-wal"):
        shutil.copyfile(path.with_name(name), place / name)
    before = {file.name: file.read_bytes() for file in place.iterdir()}
    report = _as_on_a_read_only_medium(place / "journal.db")
    assert (report.good, report.records) == (True, 7)
    assert {file.name: file.read_bytes() for file in place.iterdir()} == before


def test_a_read_only_copy_without_a_log_is_opened_where_it_is(path: Path, running: Journal) -> None:
    running.close()
    before = sorted(file.name for file in path.parent.iterdir())
    report = _as_on_a_read_only_medium(path)
    assert (report.good, report.records) == (True, 7)
    assert sorted(file.name for file in path.parent.iterdir()) == before


def test_the_chain_is_whole_after_the_days_secrets_are_destroyed(path: Path) -> None:
    journal = open_journal(path)
    journal.day_secret("2026-11-01")
    journal.append(loan(1))
    journal.day_secret("2026-11-22")
    journal.close()
    other = sqlite3.connect(path)
    assert other.execute("SELECT day FROM day_secrets").fetchall() == [("2026-11-22",)]
    other.close()
    assert verify(path).good


def test_a_record_taken_out_or_put_in_with_a_tool_is_named(path: Path, running: Journal) -> None:
    running.close()
    other = sqlite3.connect(path, isolation_level=None)
    for trigger in ("records_never_go", "records_never_change"):
        other.execute(f"DROP TRIGGER {trigger}")
    other.execute("DELETE FROM records WHERE seq = 3")
    other.execute("UPDATE records SET item = 'other' WHERE seq = 5")
    other.close()
    assert [str(problem) for problem in verify(path).problems] == [
        "the file: records_never_change is not as it was made",
        "the file: records_never_go is not as it was made",
        "record 3: is missing",
        "record 4: does not match its hash, or does not follow the one before",
        "record 5: is filed under something else than it says",
    ]


def test_a_file_that_is_no_journal_is_told_from_a_damaged_one(path: Path) -> None:
    path.write_bytes(b"diary" * 1_000)
    with pytest.raises(JournalForeign):
        verify(path)
    with pytest.raises(FileNotFoundError):
        verify(path.with_name("nothing.db"))


def test_show_tells_the_newest_records_in_order(path: Path, running: Journal) -> None:
    head, *lines = show(path, last=2)
    assert head.split()[:4] == ["seq", "time", "UTC+08:00", "kind"]
    assert [line.split()[0] for line in lines] == ["6", "7"]
    assert "checkout delivered security=off proven" in lines[0]
    assert [line.split()[3] for line in show(path, key=key(1))] == ["kind", "intent", "granted", "final"]
    assert [line.split()[0] for line in show(path, item=ItemBarcode("item-2"))] == ["seq", "4", "5", "6"]
    assert list(show(path, item=ItemBarcode("nothing"))) == []


def test_shown_records_stand_in_columns(path: Path, running: Journal) -> None:
    head, *lines = show(path)
    at = [head.index(word) for word in ("time", "kind", "key", "item", "what")]
    for line in lines:
        assert all(line[start - 2 : start] == "  " for start in at if start < len(line)), line
        assert line == line.rstrip()
    intent = lines[0]
    assert [intent[start:].split("  ")[0] for start in at[1:4]] == ["intent", str(key(1)), "item-1"]


def test_shown_times_are_those_of_the_library_and_the_zone_is_named(path: Path, running: Journal) -> None:
    entry = running.read(1, 1)[0]
    at = datetime.fromtimestamp(entry.record.head.wall_ms / 1000, UTC)
    for offset_min, zone in ((480, "UTC+08:00"), (0, "UTC"), (-210, "UTC-03:30")):
        head, first, *_ = show(path, utc_offset_min=offset_min)
        assert f"time {zone} " in head
        assert f"{at + timedelta(minutes=offset_min):%Y-%m-%d %H:%M:%S}." in first


def test_an_export_holds_every_record_as_it_was_written(path: Path, running: Journal) -> None:
    out = io.StringIO()
    assert export(path, out, "jsonl") == 7
    lines = [msgspec.json.decode(line) for line in out.getvalue().splitlines()]
    entries = running.read(1, 100)
    assert [line["hash"] for line in lines] == [entry.hash for entry in entries]
    assert [line["record"] for line in lines] == [msgspec.json.decode(entry.data) for entry in entries]


def test_an_export_for_a_spreadsheet_has_one_line_a_record(path: Path, running: Journal) -> None:
    out = io.StringIO()
    assert export(path, out, "csv") == 7
    lines = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert [line["kind"] for line in lines] == ["intent", "granted", "final"] * 2 + ["noted"]
    assert lines[3]["item"] == "item-2"
    assert lines[6]["what"] == "fault fault=3"
    with pytest.raises(ValueError, match="form is one of"):
        export(path, out, "xml")


def _as_on_a_read_only_medium(path: Path) -> VerifyReport:
    with pytest.MonkeyPatch.context() as patch:
        # Root may write anywhere, so the medium's answer is given here; the files' times would show a write.
        patch.setattr(os, "access", lambda *_: False)
        return verify(path)
