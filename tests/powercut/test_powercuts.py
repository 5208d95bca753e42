"""The power may fail at any moment; a disk may say no at any moment."""

from __future__ import annotations

from random import Random

import pytest

from drivers.clock import VirtualHub
from kiosk.journal import Journal, JournalBroken
from kiosk.site.prove.power_vfs import LOG, NAME, Memory, MemoryDisk, Op, after_power_cut
from kiosk.site.prove.powercuts import MUTANTS, powercuts
from tests.unit.journal.books import DEVICE, loan, noted


def opened(memory: Memory) -> Journal:
    return Journal(MemoryDisk(memory), device=DEVICE, clock=VirtualHub(), boot="b", entropy=Random(1).randbytes)


def test_power_cuts_lose_no_acknowledged_record_and_leave_none_in_part() -> None:
    report = powercuts(300, seed=1)
    assert report.holds, report


@pytest.mark.slow
def test_twenty_thousand_power_cuts_lose_no_acknowledged_record() -> None:
    report = powercuts(20_000, seed=2)
    assert report.holds, report


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_weaker_promise_to_the_disk_is_noticed(mutant: str) -> None:
    assert not powercuts(200, seed=3, mutant=mutant).holds


def test_the_same_seed_cuts_the_same_way() -> None:
    assert powercuts(64, seed=4, mutant="off") == powercuts(64, seed=4, mutant="off")


def test_what_was_not_synced_may_be_there_in_any_part() -> None:
    ops = [Op("f", 0, b"a" * 1024), Op("f", sync=True), Op("f", 0, b"b" * 1024), Op("f", 1024, b"c"), Op("g", 0, b"d")]
    rng = Random(5)
    images = {(image.get("f"), image.get("g")) for image in (after_power_cut({}, ops, rng) for _ in range(300))}
    a, b = b"a" * 512, b"b" * 512
    whole = {f for f, _ in images}
    assert {a + a, b + a, a + b, b + b, a + a + b"c", b + b + b"c"} <= whole
    assert {g for _, g in images} == {None, b"d"}


def test_what_was_synced_is_always_there_and_never_on_a_lying_disk_alone() -> None:
    ops = [Op("f", 0, b"a"), Op("f", sync=True), Op("g", 0, b"b")]
    rng = Random(6)
    assert all(after_power_cut({}, ops, rng)["f"] == b"a" for _ in range(50))
    assert any("f" not in after_power_cut({}, ops, rng, lying=True) for _ in range(50))


@pytest.mark.parametrize("at", range(1, 6))
def test_after_a_failed_sync_nothing_more_is_written_and_the_next_start_has_all_that_was_told(at: int) -> None:
    memory = Memory()
    journal = opened(memory)
    countdown = [at]

    def fails(op: Op) -> bool:
        countdown[0] -= op.sync
        return op.sync and countdown[0] <= 0

    memory.fails = fails
    for n in range(at - 1):
        journal.append(loan(n))
    with pytest.raises(JournalBroken):
        journal.append(loan(at))
    acknowledged = journal.last[0]
    memory.fails = lambda op: False
    writes = len(memory.ops)
    with pytest.raises(JournalBroken):
        journal.append([noted(1)])
    assert len(memory.ops) == writes
    journal.close()
    again = opened(memory)
    assert acknowledged == 3 * (at - 1)
    assert again.last[0] in (acknowledged, acknowledged + 3)  # the refused batch: whole or not at all
    again.append([noted(2)])
    again.close()


def test_a_log_that_is_laid_out_in_advance_is_written_over_and_not_grown() -> None:
    memory = Memory()
    journal = opened(memory)
    laid_out = len(memory.files[LOG])
    for n in range(40):
        journal.append([noted(n)])
        if n % 3 == 0:
            journal.checkpoint()
    assert len(memory.files[LOG]) == laid_out
    syncs = sum(op.sync and op.name == LOG for op in memory.ops)
    assert syncs >= 40
    assert NAME in memory.files
    journal.close()


def erased_log() -> tuple[list[Op], int, int]:
    """(everything done, where the erasing of a log with a destroyed secret began, records): see Journal.checkpoint."""
    memory = Memory()
    journal = opened(memory)
    journal.day_secret("2026-11-01")
    for n in range(8):
        journal.append(loan(n))
    journal.day_secret("2026-11-22")
    begin = len(memory.ops)
    journal.checkpoint()
    return list(memory.ops), begin, journal.last[0]


def images_without_all_records(ops: list[Op], begin: int, records: int) -> int:
    rng = Random(7)
    bad = 0
    for cut in range(begin, len(ops) + 1):
        for _ in range(60):
            image = after_power_cut({}, ops[:cut], rng)
            try:
                journal = opened(Memory(files={name: bytearray(data) for name, data in image.items()}))
            except JournalBroken:
                bad += 1
                continue
            bad += journal.last[0] != records
            journal.close()
    return bad


def test_the_log_is_erased_without_danger_at_any_moment() -> None:
    assert images_without_all_records(*erased_log()) == 0


def test_zeros_over_a_log_whose_end_is_not_on_the_disk_yet_would_bring_back_old_pages() -> None:
    ops, begin, records = erased_log()
    cut_to_nothing = max(n for n, op in enumerate(ops) if op.name == LOG and op.data is None and not op.sync)
    assert ops[cut_to_nothing + 1] == Op(LOG, sync=True)
    hasty = ops[: cut_to_nothing + 1] + ops[cut_to_nothing + 2 :]
    assert images_without_all_records(hasty, begin, records) > 0
