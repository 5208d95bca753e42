"""Full disks, killed processes, refused writes: nothing half, nothing lost, and service goes on."""

from __future__ import annotations

import itertools
import json
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.journal import Journal, JournalBroken, JournalFull, verify
from kiosk.journal.disk import BALLAST_BYTES, FileDisk
from kiosk.site.prove.kills import kills
from tests.unit.journal.books import loan, noted, open_journal

REPO = Path(__file__).parents[3]
_MOUNT = 'mount -t tmpfs -o size=40m none "$0" && exec "$1" -m tests.unit.journal.full_disk "$0"'


def test_a_full_disk_leaves_no_partial_record_and_service_resumes_when_there_is_room(tmp_path: Path) -> None:
    own_mounts = ["unshare", "--map-root-user", "--mount"]
    if subprocess.run([*own_mounts, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system gives no mount namespace")
    done = subprocess.run(
        [*own_mounts, "sh", "-c", _MOUNT, str(tmp_path), sys.executable],
        cwd=REPO,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["ballast"] == BALLAST_BYTES
    assert 0 < told["low_at"] < told["acknowledged"]  # warned first, with room to finish what was begun
    assert told["kept"] == told["acknowledged"]
    assert told["open_keys"] == 0  # the refused batch left nothing in memory either
    assert told["last"] == told["acknowledged"] + 1
    assert told["problems"] == 0
    assert told["low_after"] is False


@pytest.fixture
def small_files_only() -> Iterator[None]:
    """Writes beyond 300 kB fail with EFBIG, which SQLite calls a disk I/O error."""
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_after_a_disk_error_nothing_more_is_written_until_a_new_start(tmp_path: Path, small_files_only: None) -> None:
    path = tmp_path / "journal.db"
    journal = open_journal(path)
    with pytest.raises(JournalBroken):
        _append_for_ever(journal)
    acknowledged = journal.last[0]
    assert acknowledged > 0
    for act in (lambda: journal.append([noted(1)]), journal.checkpoint, lambda: journal.read(1, 1)):
        with pytest.raises(JournalBroken):
            act()
    journal.close()
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    again = open_journal(path)
    assert again.last[0] == acknowledged
    again.append([noted(1)])
    again.close()
    assert verify(path).good


def _append_for_ever(journal: Journal) -> None:
    for n in itertools.count():
        journal.append(loan(n))


def test_the_ballast_is_given_up_once_and_taken_back_when_there_is_room(tmp_path: Path) -> None:
    disk = FileDisk(tmp_path / "journal.db")
    assert disk.renew_ballast()
    assert disk.spend_ballast()
    assert not disk.spend_ballast()
    assert disk.renew_ballast()
    assert (tmp_path / "journal.db.ballast").stat().st_size == BALLAST_BYTES


def test_a_journal_on_a_disk_without_any_room_cannot_be_made(tmp_path: Path, small_files_only: None) -> None:
    with pytest.raises((JournalBroken, JournalFull)):
        open_journal(tmp_path / "journal.db", synchronous="FULL")
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    open_journal(tmp_path / "journal.db", synchronous="FULL").close()


@pytest.mark.slow
def test_killed_processes_lose_nothing_they_acknowledged() -> None:
    assert kills(25, seed=1).holds


@pytest.mark.slow
def test_a_thousand_killed_processes_lose_nothing_they_acknowledged() -> None:
    assert kills(1_000, seed=2).holds


@pytest.mark.slow
def test_acknowledging_before_the_commit_would_be_noticed() -> None:
    assert kills(25, seed=3, mutant="commit later").lost > 0
