"""A student borrows, returns and renews while network and library system come and go; every process is real."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.receipt.layout import width
from kiosk.cli import main
from kiosk.site.audit import audit_folder
from kiosk.site.folder import CONFIG
from kiosk.site.mosquitto import free_port
from kiosk.site.story import BOOKS, STUDENT
from tests.e2e.conftest import DEVICE, Day

PATRON, NAME, PIN = "9920130001", "本科生乙", "767488"
COLUMNS = 42  # of the demo's printer
SECRETS = (STUDENT, PATRON, NAME, PIN)


def forms(secret: str) -> Iterator[bytes]:
    """How it could stand in a file: as text, as JSON, as the bytes of a hexadecimal number."""
    yield secret.encode()
    yield secret.lower().encode()
    yield json.dumps(secret)[1:-1].encode()
    if secret == STUDENT:
        yield bytes.fromhex(secret)


def found_in(data: bytes) -> list[str]:
    return [secret for secret in SECRETS if any(form in data for form in forms(secret))]


def files_of(day: Day) -> list[Path]:
    """Everything the machine, the gateway and the broker have left behind; not the library system's and the card
    office's own files, which are about readers."""
    foreign = ("cards.csv", day.folder.ils_db.name, "ils.log")
    files = [path for path in day.folder.root.rglob("*") if path.is_file()]
    return [path for path in files if not path.name.startswith(foreign)]


def test_a_day_goes_as_told_and_nothing_is_lost_doubled_or_unsettled(day: Day) -> None:
    summary = day.summary
    assert summary["good"], summary["verdict"]
    assert (summary["lost"], summary["doubled"], summary["unsettled"]) == (0, 0, 0)
    assert len(summary["steps"]) >= 10


def test_the_audit_of_the_folder_compares_every_key_of_the_day(day: Day) -> None:
    report = audit_folder(day.folder)
    assert report.keys >= 8
    assert report.clean
    assert report.pending == ()


def test_no_file_of_machine_gateway_or_broker_names_the_reader(day: Day) -> None:
    files = files_of(day)
    names = {path.name for path in files}
    assert {f"{DEVICE}.journal", f"{DEVICE}.snapshot", "ledger.db", "gateway.log"} <= names
    assert {path.name: found for path in files if (found := found_in(path.read_bytes()))} == {}


def test_no_topic_and_no_payload_on_the_bus_names_the_reader(day: Day) -> None:
    lanes = {event.topic.split("/")[5] for event in day.heard}
    assert {"tx", "req", "rsp", "rcpt", "state"} <= lanes
    assert [event.topic for event in day.heard if found_in(event.topic.encode() + event.payload + event.corr)] == []


def test_the_search_would_find_a_reader(day: Day) -> None:
    ils = b"".join(path.read_bytes() for path in day.folder.root.glob(f"{day.folder.ils_db.name}*"))
    assert {PATRON, NAME, PIN} <= set(found_in(ils))
    assert found_in((day.folder.root / "cards.csv").read_bytes()) == [STUDENT, PATRON]


def test_the_receipt_names_the_books_and_masks_the_reader(day: Day) -> None:
    text = (day.out / "receipt.txt").read_text("utf-8")
    assert found_in(text.encode()) == []
    assert "4 册" in text
    lines = text.splitlines()
    for item in BOOKS:
        [line] = [line for line in lines if line.endswith(f" {item}")]
        assert re.match(r"[A-Z]", line), "its call number stands before it"
    head = lines[: lines.index(next(line for line in lines if line.startswith("---")))]
    assert len(head) == 4
    for line in head:
        left, right = len(line) - len(line.lstrip()), COLUMNS - width(line)
        assert abs(left - right) <= 1, line


def test_what_the_day_left_can_be_looked_at_with_the_tools_as_printed(
    day: Day, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The commands of summary.md, typed where the demo was started."""
    page = (day.out / "summary.md").read_text("utf-8")
    typed = [shlex.split(line)[1:] for line in page.splitlines() if line.startswith("./circdesk ")]
    assert {words[0] for words in typed} == {"journal", "audit", "config"}
    monkeypatch.chdir(tmp_path)
    for words in typed:
        assert main(words) == 0, words
        told = capsys.readouterr()
        assert told.out
        assert told.err == ""


def test_the_commands_of_the_front_page_work_as_printed(
    day: Day, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Typed where `./circdesk demo --headless --out demo` was typed before."""
    (tmp_path / "demo").symlink_to(day.out)
    monkeypatch.chdir(tmp_path)
    page = (CONFIG.parent / "README.md").read_text("utf-8")
    typed = [shlex.split(line)[1:] for line in page.splitlines() if line.startswith("./circdesk ")]
    closer = [words for words in typed if words[0] not in ("demo", "test")]
    assert len(closer) >= 6
    for words in closer:
        assert main(words) == 0, words
        assert capsys.readouterr().out


def test_the_audit_of_what_was_left_finds_a_loan_that_is_taken_out_of_the_books(day: Day, tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(day.out / "site", site)
    words = ["audit", "--journal", site / f"{DEVICE}.journal", "--gateway", site / "gateway.toml"]
    words += ["--demo-ils", site / "ils.db"]
    assert main([str(word) for word in words]) == 0
    with contextlib.closing(sqlite3.connect(site / "ils.db")) as books:
        books.execute("DELETE FROM loan WHERE item = ?", (BOOKS[3],))
        books.commit()
    assert main([str(word) for word in words]) == 1


def test_the_audit_asks_the_library_system_itself_and_says_so_when_it_is_silent(
    day: Day, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["audit", "--journal", str(day.folder.journal(DEVICE)), "--gateway", str(day.folder.gateway), "--ils"]
    assert main(words) == 0
    assert capsys.readouterr().err == ""
    site = tmp_path / "site"
    shutil.copytree(day.out / "site", site)
    gateway = site / "gateway.toml"
    there = f"port = {day.folder.ports.ils}"
    assert there in gateway.read_text("utf-8")
    gateway.write_text(gateway.read_text("utf-8").replace(there, f"port = {free_port()}"), encoding="utf-8")
    assert main([*words[:2], str(site / f"{DEVICE}.journal"), "--gateway", str(gateway), "--ils"]) == 1
    assert re.search(r"no answer about \d+ items", capsys.readouterr().err)


def test_the_page_of_the_day_renders(day: Day) -> None:
    page = (day.out / "summary.md").read_text("utf-8")
    assert "| | |" not in page
    assert not re.search(r"^ {1,3}!\[", page, re.MULTILINE)  # less than four blanks leave a list of ten items or more
    lines = (day.out / "journal.txt").read_text("utf-8").splitlines()
    assert "time UTC+08:00" in lines[0]
    assert (day.out / "receipt.txt").read_text("utf-8").endswith("\n")
