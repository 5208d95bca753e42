"""`circdesk prove` in small: the claims hold, each kind of mistake is caught, and the exit code says so."""

from __future__ import annotations

import json

import pytest

from kiosk.site.prove import histories
from kiosk.site.prove.command import main
from kiosk.site.prove.mutants import Mutant


def test_a_few_library_hours_with_kills_lose_no_loan_and_double_none() -> None:
    report = histories.kills(3, seed=7)
    assert report.holds, report


def test_the_same_seed_takes_the_same_course() -> None:
    once, again = (histories.history(11) for _ in range(2))
    assert once == again


@pytest.mark.parametrize("mutant", [Mutant.DO_NOTHING, Mutant.TX_ACTS])
def test_a_gateway_with_a_mistake_is_noticed(mutant: Mutant) -> None:
    assert not histories.kills(30, seed=1, mutant=mutant).holds


@pytest.mark.parametrize(
    ("claim", "count", "mutant"),
    [
        ("custody", "300", "clock order"),
        ("fuzz", "2000", "trusts a length"),
        ("fuzz", "2000", "believes a name"),
        ("fuzz", "2000", "signs the data only"),
        ("powercuts", "100", "off"),
    ],
)
def test_a_claim_that_stands_is_0_and_a_mutant_is_1(
    claim: str, count: str, mutant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([claim, "--count", count, "--json"]) == 0
    assert main([claim, "--count", count, "--mutant", mutant, "--json"]) == 1
    good, bad = (json.loads(text) for text in capsys.readouterr().out.replace("]\n[", "]\0[").split("\0"))
    assert good[0]["holds"]
    assert not bad[0]["holds"]


def test_a_mutant_that_got_through_is_never_said_to_hold(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["custody", "--count", "1", "--mutant", "blind 09"]) == 0
    assert capsys.readouterr().out.split()[:4] == ["custody", "[blind", "09]", "MISSED"]
    assert main(["custody", "--count", "300", "--mutant", "clock order"]) == 1
    assert capsys.readouterr().out.split()[:4] == ["custody", "[clock", "order]", "caught"]


def test_an_unknown_mutant_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["custody", "--mutant", "nobody"])
    assert ended.value.code == 2
    assert "has no mutant" in capsys.readouterr().err


def test_help_lists_every_claim_with_its_mutants(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    for word in ("kills --real", "powercuts", "custody", "fuzz", *histories.MUTANTS):
        assert word in told
