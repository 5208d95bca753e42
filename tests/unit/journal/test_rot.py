"""SQLite hands out rotten bytes without a word; the journal does not."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest

from kiosk.journal import (
    Journal,
    JournalBroken,
    JournalDamaged,
    JournalForeign,
    Outbox,
    VerifyReport,
    export,
    set_aside,
    verify,
)
from tests.unit.journal.books import loan, open_journal
from tests.unit.journal.rot import changed_seqs, flipped, record_pages, rows_of, sound_journal

LOANS = 6


def check_flips(directory: Path, bits: Iterable[int], data: bytes, rows: dict[int, tuple[object, ...]]) -> int:
    """Flips each bit alone; every one that changes a record must be found, and the record named."""
    path = directory / "flipped.db"
    harmful = 0
    for bit in bits:
        path.write_bytes(flipped(data, bit))
        after = rows_of(path)
        if after is not None and after == rows:
            continue
        harmful += 1
        report = _verified(path)
        assert report is None or not report.good, f"bit {bit}"
        if after is not None and report is not None:
            # What drops off the end has no successor that misses it: then the file is named (and receipts would tell).
            named = {problem.seq for problem in report.problems} | set(range(report.last_seq + 1, len(rows) + 1))
            assert changed_seqs(rows, after) & set(rows) <= named, f"bit {bit}"
    return harmful


def _verified(path: Path) -> VerifyReport | None:
    try:
        return verify(path)
    except JournalForeign:  # the first page no longer says that it is ours
        return None


def test_every_flipped_bit_that_changes_a_record_is_found_and_the_record_named(tmp_path: Path) -> None:
    data, rows = sound_journal(tmp_path / "sound.db", LOANS)
    rng = Random(7)
    pages = record_pages(data, rows)
    bits = [8 * rng.choice(rng.choice(pages)) + rng.randrange(8) for _ in range(400)]
    assert check_flips(tmp_path, bits, data, rows) > 200


@pytest.mark.slow
def test_all_single_bit_flips_of_all_pages_with_records(tmp_path: Path) -> None:
    data, rows = sound_journal(tmp_path / "sound.db", 3)
    bits = (8 * byte + bit for page in record_pages(data, rows) for byte in page for bit in range(8))
    assert check_flips(tmp_path, bits, data, rows) > 10_000


def test_a_start_on_a_rotten_file_never_hands_out_a_changed_record(tmp_path: Path) -> None:
    data, _ = sound_journal(tmp_path / "sound.db", LOANS)
    sound = open_journal(tmp_path / "sound.db")
    truth = sound.read(1, 1_000)
    sound.close()
    rng = Random(8)
    for bit in (rng.randrange(8 * len(data)) for _ in range(150)):
        directory = tmp_path / str(bit)
        directory.mkdir(exist_ok=True)
        path = directory / "journal.db"
        path.write_bytes(flipped(data, bit))
        journal = _opened(path)
        if journal is not None:
            assert _read(journal) in (truth, None), f"bit {bit}"
            assert journal.meta.epoch == truth[0].record.head.epoch
            assert journal.watermark in (0, 2), f"bit {bit}"  # never past what was receipted
            journal.close()


def _opened(path: Path) -> Journal | None:
    try:
        return open_journal(path)
    except (JournalBroken, JournalForeign):
        return None


def _read(journal: Journal) -> object:
    try:
        return journal.read(1, 1_000)
    except JournalBroken:
        return None


def test_a_damaged_journal_is_set_aside_and_service_goes_on_with_a_new_epoch(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    data, _ = sound_journal(path, LOANS)
    old = open_journal(path)
    epoch = old.meta.epoch
    old.close()
    path.write_bytes(data.replace(b'"item":"item-5"', b'"item":"item-6"', 1))
    with pytest.raises(JournalBroken):
        open_journal(path)
    aside = set_aside(path, "journal.damaged")
    fresh = open_journal(path)
    assert fresh.last[0] == 0
    assert fresh.meta.epoch != epoch
    fresh.append(loan(1))
    assert [problem.seq for problem in verify(aside).problems] == [23]


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_an_export_of_a_damaged_journal_holds_all_that_reads_back_and_names_the_rest(tmp_path: Path, form: str) -> None:
    path = tmp_path / "journal.db"
    data, rows = sound_journal(path, LOANS)
    path.write_bytes(data.replace(b'"item":"item-5"', b'"item":"item-6"', 1))
    out = io.StringIO()
    with pytest.raises(JournalDamaged) as caught:
        export(path, out, form)
    assert [problem.seq for problem in caught.value.problems] == [23]
    assert len(out.getvalue().splitlines()) == len(rows) - 1 + (form == "csv")


def test_the_outbox_does_not_hand_out_a_rotten_record_either(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    data, _ = sound_journal(path, LOANS)
    path.write_bytes(data.replace(b'"item":"item-5"', b'"item":"item-6"', 1))
    outbox = Outbox(path)
    assert len(outbox.read(1, 22)) == 22
    with pytest.raises(JournalBroken, match="record 23: does not match its hash"):
        outbox.read(1, 100)


def test_a_watermark_that_rots_is_started_over_and_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    data, _ = sound_journal(path, LOANS)
    assert data.count(b'"watermark":2') == 1
    path.write_bytes(data.replace(b'"watermark":2', b'"watermark":9'))
    assert [str(problem) for problem in verify(path).problems] == [
        "the file: the bookkeeping row 'progress' is damaged"
    ]
    assert open_journal(path).watermark == 0
