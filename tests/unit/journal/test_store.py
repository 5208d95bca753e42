"""What was decided is written once, in order, and found again."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from drivers.clock import VirtualHub
from kiosk.domain import ItemBarcode, Pseudonym
from kiosk.journal import ForkSuspected, Journal, JournalBusy, JournalForeign, Outbox
from kiosk.journal.migrations import LATEST
from kiosk.journal.store import DAYS_KEPT
from kiosk.messages import records
from kiosk.messages.records import GENESIS, Booted
from tests.unit.journal.books import DEVICE, final, granted, intent, key, loan, noted, open_journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path) -> Journal:
    return open_journal(path)


def test_records_are_numbered_without_gaps_and_chained_by_hash(journal: Journal) -> None:
    assert journal.last == (0, GENESIS)
    entries = journal.append([intent(1), granted(1)]) + journal.append([final(1)])
    prev = GENESIS
    for seq, entry in enumerate(entries, start=1):
        head = entry.record.head
        assert (entry.seq, head.seq, head.prev, head.device) == (seq, seq, prev, DEVICE)
        assert head.epoch == journal.meta.epoch
        prev = records.chain_hash(prev, entry.data)
        assert entry.hash == prev
        assert records.decode(entry.data) == entry.record
    assert journal.last == (3, prev)
    assert journal.read(1, 10) == entries
    assert journal.read(2, 1) == entries[1:2]
    assert journal.read(4, 10) == ()


def test_an_append_of_nothing_is_nothing(journal: Journal) -> None:
    assert journal.append([]) == ()
    assert journal.last == (0, GENESIS)


def test_a_start_finds_everything_as_it_was(path: Path, journal: Journal) -> None:
    journal.append([*loan(1), intent(2), granted(2), noted(7)])
    meta, last, entries = journal.meta, journal.last, journal.read(1, 100)
    journal.close()
    again = open_journal(path, boot="boot-2")
    assert (again.last, again.read(1, 100), again.meta.epoch) == (last, entries, meta.epoch)
    assert again.meta.clean
    (more,) = again.append([noted(8)])
    assert (more.seq, more.record.head.prev, more.record.head.boot) == (7, last[1], "boot-2")


def test_a_run_that_did_not_end_by_itself_is_noticed(path: Path, journal: Journal) -> None:
    assert journal.meta.clean
    journal.append([noted(1)])
    journal._let_go()  # the process is gone
    again = open_journal(path)
    assert not again.meta.clean
    assert again.last[0] == 1


def test_every_journal_file_has_an_epoch_of_its_own(tmp_path: Path) -> None:
    epochs = {open_journal(tmp_path / f"{n}.db").meta.epoch for n in range(3)}
    assert len(epochs) == 3


def test_open_keys_are_the_intents_without_an_end(path: Path, journal: Journal) -> None:
    journal.append([*loan(1), intent(2), intent(3), granted(3), intent(4)])
    journal.append([final(2)])
    assert journal.open_keys() == (intent(3), intent(4))
    assert [entry.record.body for entry in journal.open_entries()] == [intent(3), granted(3), intent(4)]
    again = _reopened(path, journal)
    assert again.open_keys() == (intent(3), intent(4))
    assert again.open_entries() == tuple(again.read(seq, 1)[0] for seq in (5, 6, 7))


def test_many_closed_keys_do_not_hide_an_old_open_one(path: Path, journal: Journal) -> None:
    journal.append([intent(1)])
    for n in range(2, 900):
        journal.append(loan(n))
    again = _reopened(path, journal)
    assert again.open_keys() == (intent(1),)
    again.append([final(1)])
    again.append(loan(900))
    assert _reopened(path, again).open_keys() == ()


def test_records_of_a_key_are_found_by_kind(journal: Journal) -> None:
    first, second, third = journal.append(loan(1))
    journal.append(loan(2))
    assert journal.entry_of(key(1), "intent") == first
    assert journal.entry_of(key(1), "granted") == second
    assert journal.entry_of(key(1), "final") == third
    assert journal.entry_of(key(1), "refused") is None
    assert journal.entry_of(key(9), "intent") is None


def test_the_newest_of_a_kind_tells_how_far_keys_were_minted(journal: Journal) -> None:
    assert journal.newest("intent") is None
    journal.append([*loan(1), intent(2), noted(1), Booted(boot="b", software="1", clean=True)])
    newest = journal.newest("intent")
    assert newest is not None
    assert newest.record.body == intent(2)


def test_a_key_is_never_minted_twice(path: Path, journal: Journal) -> None:
    journal.append(loan(1))
    with pytest.raises(AssertionError):
        journal.append([intent(1)])


def test_records_cannot_be_changed_taken_out_or_skipped_with_any_tool(path: Path, journal: Journal) -> None:
    journal.append(loan(1))
    journal.close()
    other = sqlite3.connect(path, isolation_level=None)
    insert = "INSERT OR REPLACE INTO records (seq, kind, bytes, hash) VALUES (?, 'noted', x'00', x'00')"
    for statement in (
        "UPDATE records SET item = 'x' WHERE seq = 1",
        "DELETE FROM records WHERE seq = 3",
        insert.replace("?", "5"),
        insert.replace("?", "3"),
    ):
        with pytest.raises(sqlite3.IntegrityError):
            other.execute(statement)
    other.close()
    assert open_journal(path).last[0] == 3


# -- the outbox


def test_unreceipted_records_of_an_item_or_a_reader_include_all_of_their_keys(journal: Journal) -> None:
    journal.append([intent(1, item="A", pseudonym="p"), granted(1), final(1, item="A")])
    journal.append([intent(2, item="B", pseudonym="q"), noted(1), intent(3, item="A", pseudonym="q")])
    assert journal.unreceipted() == (1, 2, 3, 4, 5, 6)
    assert journal.unreceipted(item=ItemBarcode("A")) == (1, 2, 3, 6)
    assert journal.unreceipted(pseudonym=Pseudonym("q")) == (4, 6)
    assert journal.unreceipted(item=ItemBarcode("B"), pseudonym=Pseudonym("p")) == (1, 2, 3, 4)
    _receipt(journal, 3)
    assert journal.unreceipted(item=ItemBarcode("A")) == (6,)
    assert journal.unreceipted() == (4, 5, 6)


def test_a_receipt_never_moves_the_watermark_back(path: Path, journal: Journal) -> None:
    journal.append([*loan(1), *loan(2)])
    _receipt(journal, 5)
    _receipt(journal, 2)
    assert journal.watermark == 5
    assert _reopened(path, journal).watermark == 5


def test_a_receipt_for_other_bytes_or_for_the_future_is_a_fork(journal: Journal) -> None:
    entries = journal.append(loan(1))
    with pytest.raises(ForkSuspected):
        journal.receipt(2, entries[2].hash, 1)
    with pytest.raises(ForkSuspected):
        journal.receipt(4, entries[2].hash, 1)
    with pytest.raises(ForkSuspected):
        journal.receipt(0, entries[0].hash, 1)
    journal.receipt(0, GENESIS, 1)
    assert journal.watermark == 0


def test_a_receipt_costs_no_commit_of_its_own_and_may_be_lost(path: Path, journal: Journal) -> None:
    journal.append(loan(1))
    before = path.with_name("journal.db-wal").stat().st_size
    _receipt(journal, 3)
    assert path.with_name("journal.db-wal").stat().st_size == before
    journal._let_go()
    assert open_journal(path).watermark == 0


def test_the_next_commit_keeps_the_receipt(path: Path, journal: Journal) -> None:
    journal.append(loan(1))
    _receipt(journal, 3)
    journal.append([noted(1)])
    journal._let_go()
    assert open_journal(path).watermark == 3


def test_a_quiet_moment_keeps_the_receipt_too(path: Path, journal: Journal) -> None:
    journal.append(loan(1))
    _receipt(journal, 3)
    journal.checkpoint()
    journal._let_go()
    assert open_journal(path).watermark == 3


def test_the_uplink_reads_while_the_owner_writes(path: Path, journal: Journal) -> None:
    outbox = Outbox(path)
    assert outbox.last == (0, GENESIS)
    for n in range(1, 5):
        journal.append(loan(n))
        assert outbox.last == journal.last
    assert outbox.read(1, 100) == journal.read(1, 100)
    assert outbox.hash_of(0) == GENESIS
    assert outbox.hash_of(12) == journal.last[1]
    assert outbox.hash_of(13) is None
    journal.checkpoint()
    journal.append([noted(1)])
    assert outbox.last == journal.last
    outbox.close()


# -- time


def test_heads_carry_both_clocks_the_boot_and_the_offset(path: Path) -> None:
    hub = VirtualHub(wall=1_000_000.0)
    journal = open_journal(path, clock=hub, boot="b7")
    hub.run(2.5)
    (entry,) = journal.append([noted(1)])
    head = entry.record.head
    assert (head.wall_ms, head.mono_ms, head.boot, head.offset_ms) == (1_000_002_500, 2_500, "b7", None)
    journal.receipt(1, entry.hash, 1_000_010_000)
    (entry,) = journal.append([noted(2)])
    assert entry.record.head.offset_ms == 7_500


def test_a_clock_set_back_changes_neither_order_nor_the_known_gateway_time(path: Path) -> None:
    hub = VirtualHub(wall=1_000_000.0)
    journal = open_journal(path, clock=hub)
    journal.receipt(0, GENESIS, 2_000_000_000)
    assert journal.gateway_ms() == 2_000_000_000
    hub.set_wall(500_000.0)
    hub.run(10.0)
    first, second = journal.append([noted(1), noted(2)])
    assert (first.seq, second.seq) == (1, 2)
    assert first.record.head.wall_ms == 500_010_000
    assert journal.gateway_ms() == 2_000_010_000
    journal.close()
    hub.set_wall(0.0)
    again = open_journal(path, clock=hub)
    assert again.gateway_ms() == 2_000_010_000
    assert open_journal(path.with_name("new.db"), clock=hub).gateway_ms() is None


def test_an_old_receipt_delivered_late_does_not_turn_the_gateways_clock_back(path: Path) -> None:
    hub = VirtualHub(wall=1_000.0)
    journal = open_journal(path, clock=hub)
    journal.receipt(0, GENESIS, 5_000_000)
    journal.receipt(0, GENESIS, 4_000_000)
    (entry,) = journal.append([noted(1)])
    assert entry.record.head.offset_ms == 4_000_000
    assert journal.gateway_ms() == 5_000_000


# -- who may open it


def test_a_second_owner_is_refused_and_a_technician_may_look(path: Path, journal: Journal) -> None:
    with pytest.raises(JournalBusy):
        open_journal(path)
    journal.close()
    open_journal(path).close()


def test_a_journal_of_another_machine_is_refused(path: Path, journal: Journal) -> None:
    journal.close()
    with pytest.raises(JournalForeign):
        open_journal(path, device="kiosk-02")
    open_journal(path).close()  # and the refusal did not keep the lock


def test_a_file_that_is_no_journal_is_refused_and_left_alone(path: Path) -> None:
    path.write_bytes(b"somebody's diary" * 100)
    with pytest.raises(JournalForeign):
        open_journal(path)
    assert path.read_bytes() == b"somebody's diary" * 100
    assert not path.with_name("journal.db-wal").exists()


def test_another_sqlite_file_is_refused(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE t (x)")
    other.close()
    with pytest.raises(JournalForeign):
        open_journal(path)


def test_a_journal_of_newer_software_is_refused(path: Path, journal: Journal) -> None:
    journal.close()
    other = sqlite3.connect(path)
    other.execute("PRAGMA user_version = 99")
    other.close()
    with pytest.raises(JournalForeign):
        open_journal(path)


def test_a_journal_of_older_software_is_brought_up_to_date(path: Path, journal: Journal) -> None:
    journal.append(loan(1))
    journal.close()
    other = sqlite3.connect(path)
    other.execute("PRAGMA user_version = 0")
    other.close()
    assert open_journal(path).last[0] == 3
    version = sqlite3.connect(path).execute("PRAGMA user_version").fetchone()
    assert version == (LATEST,)


def test_a_closed_journal_may_be_closed_again(journal: Journal) -> None:
    journal.close()
    journal.close()


# -- pseudonyms


def test_a_days_secret_is_the_same_all_day_and_after_a_restart(path: Path, journal: Journal) -> None:
    secret = journal.day_secret("2026-11-22")
    assert len(secret) == 32
    assert journal.day_secret("2026-11-22") == secret
    assert journal.day_secret("2026-11-23") != secret
    journal._let_go()
    assert open_journal(path).day_secret("2026-11-22") == secret


def test_old_secrets_are_destroyed_and_leave_no_trace_in_any_file(path: Path) -> None:
    journal = open_journal(path, synchronous="FULL")
    old = journal.day_secret("2026-11-01")
    for n in range(5):
        journal.append(loan(n))
    assert DAYS_KEPT < 21
    journal.day_secret("2026-11-22")
    journal.checkpoint()
    for name in ("journal.db", "journal.db-wal"):
        assert old not in path.with_name(name).read_bytes(), name
    assert path.with_name("journal.db-wal").stat().st_size > 0  # laid out again
    assert journal.day_secret("2026-11-01") != old
    journal.append([noted(1)])
    journal.close()
    assert open_journal(path).last[0] == 16


def _receipt(journal: Journal, through: int) -> None:
    journal.receipt(through, journal.read(through, 1)[0].hash, 1)


def _reopened(path: Path, journal: Journal) -> Journal:
    journal.close()
    return open_journal(path)


def test_a_secret_destroyed_right_before_a_power_cut_leaves_no_trace_after_the_next_start(path: Path) -> None:
    journal = open_journal(path, synchronous="FULL")
    old = journal.day_secret("2026-11-01")
    journal.day_secret("2026-11-22")
    cut = path.with_name("cut")
    cut.mkdir()
    for name in ("journal.db", "journal.db-wal"):
        shutil.copy(path.with_name(name), cut / name)
    assert old in (cut / "journal.db-wal").read_bytes()

    again = open_journal(cut / "journal.db", synchronous="FULL")
    again.checkpoint()
    for name in ("journal.db", "journal.db-wal"):
        assert old not in (cut / name).read_bytes(), name
    again.close()
