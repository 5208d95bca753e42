"""The safety claims at full size, by the same command that anybody may type; docs/proofs.md says what came of them.

Each proof's mutants are tried, too: a proof that they pass proves nothing. Progress goes to the terminal (pytest -s).
"""

from __future__ import annotations

import pytest

from kiosk.site.prove import custody, fuzz, histories, kills, powercuts, storm
from kiosk.site.prove.command import main

pytestmark = pytest.mark.slow

SEED = "2026"


def stands(*words: str, count: int, seed: str = SEED) -> bool:
    return main([*words, "--count", str(count), "--seed", seed]) == 0


def catches(mutant: str, *words: str, count: int, seed: str = "1") -> bool:
    return main([*words, "--count", str(count), "--seed", seed, "--mutant", mutant]) == 1


def test_thirty_thousand_histories_of_a_copy_charge_no_innocent_reader() -> None:
    assert stands("custody", count=30_000)


@pytest.mark.parametrize("mutant", custody.MUTANTS)
def test_custody_shows_every_other_policy_as_wrong(mutant: str) -> None:
    assert catches(mutant, "custody", count=3_000)


def test_twenty_thousand_power_cuts_lose_no_acknowledged_record() -> None:
    assert stands("powercuts", count=20_000)


@pytest.mark.parametrize("mutant", powercuts.MUTANTS)
def test_power_cuts_show_every_weaker_promise_to_the_disk(mutant: str) -> None:
    assert catches(mutant, "powercuts", count=500)


def test_a_million_broken_inputs_crash_nothing_and_hang_nothing() -> None:
    assert stands("fuzz", count=1_000_000)


@pytest.mark.parametrize("mutant", fuzz.MUTANTS)
def test_broken_inputs_show_a_decoder_that_trusts_them(mutant: str) -> None:
    assert catches(mutant, "fuzz", count=10_000)


def test_five_hundred_kills_lose_no_acknowledged_record() -> None:
    assert stands("journal", count=500)


@pytest.mark.parametrize("mutant", kills.MUTANTS)
def test_kills_show_a_journal_that_commits_later_than_it_says(mutant: str) -> None:
    assert catches(mutant, "journal", count=200)


def test_two_thousand_library_hours_with_kills_lose_no_loan_and_double_none() -> None:
    assert stands("kills", count=2_000)


@pytest.mark.parametrize("mutant", histories.MUTANTS)
def test_kills_show_every_mistake_in_the_protocol(mutant: str) -> None:
    assert catches(mutant, "kills", count=200)


def test_five_hundred_kills_of_real_processes_lose_no_loan_and_double_none() -> None:
    assert stands("kills", "--real", count=500)


@pytest.mark.parametrize("mutant", storm.MUTANTS)
def test_kills_of_real_processes_show_a_mistake_in_the_protocol(mutant: str) -> None:
    """Each is shown within 100 kills as a rule; chance has no last word within 400."""
    assert catches(mutant, "kills", "--real", count=400)
