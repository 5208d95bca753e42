"""Small runs of real areas: what they claim is counted again here. No time is asserted."""

from __future__ import annotations

import csv
import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from drivers.clock import ThreadHub
from kiosk.gateway.sim import load
from kiosk.site.bench import ask, journal
from kiosk.site.bench.commits import append_one, open_journal
from kiosk.site.bench.counting import journal_records
from kiosk.site.bench.place import barcode, many_books, reader
from kiosk.site.bench.running import Child, ChildFailed

SMALL = journal.Size(rounds=1, commits=20, groups=2, counted=(5, 25))


def test_every_commit_of_the_bench_is_a_record_on_disk(tmp_path: Path) -> None:
    area = journal.measure(tmp_path, ThreadHub(), SMALL)
    assert area.honest
    assert {count.believed for count in area.counts} == {20 + 2 * journal.GROUP}
    connection = sqlite3.connect(tmp_path / "bench.journal")
    assert connection.execute("SELECT count(DISTINCT key) FROM records").fetchone()[0] == 20 + 2 * journal.GROUP
    connection.close()


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_a_commit_costs_one_fdatasync_as_the_kernel_saw_it(tmp_path: Path) -> None:
    area = journal.measure(tmp_path, ThreadHub(), SMALL)
    line = next(each for each in area.lines if each.what.startswith("fdatasync"))
    assert line.measured == 1.0
    counted = (tmp_path / "strace-25").read_text("ascii")
    assert len(re.findall(r"fdatasync", counted)) >= 25


def test_a_record_that_is_gone_is_missed_by_the_count(tmp_path: Path) -> None:
    path = tmp_path / "j"
    written = open_journal(path, ThreadHub())
    for _ in range(10):
        append_one(written)
    written.close()
    assert journal_records(path) == 10
    connection = sqlite3.connect(path)
    guards = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (guard,) in guards:  # the journal forbids it; a damaged disk does not ask
        connection.execute(f"DROP TRIGGER {guard}")
    connection.execute("DELETE FROM records WHERE seq = 4")
    connection.commit()
    connection.close()
    assert journal_records(path) == 9


def test_the_books_of_a_bench_are_a_library_that_opens(tmp_path: Path) -> None:
    folder = many_books(tmp_path / "books", 30, 4)
    data = load(folder)
    known = {item.item_barcode for item in data.items}
    assert {barcode(n) for n in range(30)} <= known
    assert {reader(n) for n in range(4)} <= {patron.patron_id for patron in data.patrons}
    with (folder / "items.csv").open(encoding="utf-8", newline="") as file:
        uids = [row["tag_uid"] for row in csv.DictReader(file)]
    assert len(uids) == len(set(uids))


def test_a_process_that_fails_is_no_measurement(tmp_path: Path) -> None:
    child = Child(("kiosk.site.bench.commits",), tmp_path / "log", ThreadHub())
    with pytest.raises(ChildFailed, match="IndexError"):
        child.run(30.0)


@pytest.mark.slow
def test_every_question_of_the_bench_is_answered_and_every_loan_is_in_three_books(tmp_path: Path) -> None:
    area = ask.measure(tmp_path, ThreadHub(), rounds=1)
    assert area.honest
    wanted = {count.what: count.found for count in area.counts}
    assert wanted["executed by the library system"] == 2 * ask.EFFECTS
    assert wanted["keys in journal, ledger and books"] == 2 * ask.EFFECTS
    connection = sqlite3.connect(tmp_path / "site" / "ledger.db")
    assert connection.execute("SELECT count(*) FROM effects").fetchone()[0] == 2 * ask.EFFECTS
    connection.close()
