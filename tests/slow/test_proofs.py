"""The safety claims at full size. Each proof's mutants are tried, too: a proof that they pass proves nothing."""

from __future__ import annotations

import pytest

from kiosk.site.prove import custody, fuzz, histories, kills, powercuts, storm

pytestmark = pytest.mark.slow


def test_two_thousand_library_hours_with_kills_lose_no_loan_and_double_none() -> None:
    report = histories.kills(2_000, seed=2026)
    assert report.holds, report


@pytest.mark.parametrize("mutant", histories.MUTANTS)
def test_kills_show_every_mistake_in_the_protocol(mutant: str) -> None:
    assert not histories.kills(120, seed=1, mutant=mutant).holds


def test_five_hundred_kills_of_real_processes_lose_no_loan_and_double_none() -> None:
    for seed in range(10):
        report = storm.storm(50, seed)
        assert report.holds, report


@pytest.mark.parametrize("mutant", storm.MUTANTS)
def test_kills_of_real_processes_show_a_mistake_in_the_protocol(mutant: str) -> None:
    assert not storm.storm(8, seed=6, mutant=mutant).holds


def test_five_hundred_kills_lose_no_acknowledged_record() -> None:
    report = kills.kills(500, seed=2026)
    assert report.holds, report


def test_twenty_thousand_power_cuts_lose_no_acknowledged_record() -> None:
    report = powercuts.powercuts(20_000, seed=2026)
    assert report.holds, report


def test_thirty_thousand_histories_of_a_copy_charge_no_innocent_reader() -> None:
    report = custody.custody(30_000, seed=2026)
    assert report.holds, report


@pytest.mark.parametrize("mutant", custody.MUTANTS)
def test_custody_shows_every_other_policy_as_wrong(mutant: str) -> None:
    assert not custody.custody(3_000, seed=1, mutant=mutant).holds


def test_a_million_broken_inputs_crash_nothing_and_hang_nothing() -> None:
    report = fuzz.fuzz(1_000_000, seed=2026)
    assert report.holds, report
