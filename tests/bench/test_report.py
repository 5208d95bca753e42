"""A bench may be slow; it may not lie."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.site.bench.command import AREAS, main, verdict
from kiosk.site.bench.core import slope
from kiosk.site.bench.raw import percentile
from kiosk.site.bench.report import Area, Bound, Count, Line, Report, table

RATE = Line(what="commits", measured=800.0, unit="/s", limit=1_000.0, limit_name="raw", bound=Bound.AT_LEAST, must=0.75)
WAIT = Line(what="p99", measured=9.0, unit="ms", limit=10.0, limit_name="wanted", bound=Bound.AT_MOST, must=1.0)
KEPT = Count(what="records", believed=100, found=100)


def _report(*lines: Line, counts: tuple[Count, ...] = (KEPT,)) -> Report:
    return Report(machine={"cores": "2"}, areas=(Area(name="journal", lines=lines, counts=counts),))


def test_a_rate_must_reach_its_share_of_the_limit() -> None:
    assert RATE.met
    assert not replace(RATE, measured=749.0).met


def test_a_wait_must_stay_below_its_share_of_the_limit() -> None:
    assert WAIT.met
    assert not replace(WAIT, measured=10.1).met


def test_a_limit_that_was_not_measured_is_never_met_by_a_wait() -> None:
    assert not replace(WAIT, limit=0.0).met


@pytest.mark.parametrize("found", [99, 101])
def test_a_bench_that_lost_or_doubled_a_record_fails_however_fast_it_was(found: int) -> None:
    fast = replace(RATE, measured=1e9)
    assert verdict(_report(fast), strict=True) == 0
    assert verdict(_report(fast, counts=(KEPT, replace(KEPT, found=found))), strict=False) == 1


def test_a_missed_limit_fails_only_where_that_was_asked_for() -> None:
    slow = _report(replace(RATE, measured=1.0))
    assert verdict(slow, strict=False) == 0
    assert verdict(slow, strict=True) == 1


def test_the_table_shows_every_line_and_says_which_are_missed() -> None:
    text = table(_report(RATE, replace(WAIT, measured=11.0), counts=(replace(KEPT, found=7),)))
    rows = text.splitlines()
    assert next(row for row in rows if "commits" in row).endswith("yes")
    assert next(row for row in rows if "p99" in row).endswith("NO")
    assert next(row for row in rows if "records" in row).endswith("NO")
    assert len({row.index("must be") for row in rows if "must be" in row} | {rows[2].index(">=")}) == 1


def test_the_numbers_for_machines_say_the_same_as_the_table() -> None:
    data = json.loads(json.dumps(_report(RATE, counts=(replace(KEPT, found=7),)).data()))
    assert data["areas"][0]["lines"][0]["ratio"] == pytest.approx(0.8)
    assert data["areas"][0]["lines"][0]["met"] is True
    assert data["areas"][0]["honest"] is False
    assert "load" in data["areas"][0]


def test_an_unknown_area_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["haste"]) == 2
    said = capsys.readouterr().err
    assert all(name in said for name in AREAS)


@given(st.lists(st.floats(min_value=0.0, max_value=1e3), min_size=1, max_size=300))
def test_at_most_one_time_in_a_hundred_is_worse_than_the_p99(times: list[float]) -> None:
    worse = sum(time > percentile(times, 0.99) for time in times)
    assert worse <= len(times) / 100


@given(st.integers(min_value=-100, max_value=100), st.integers(min_value=2, max_value=20))
def test_memory_that_grows_evenly_has_that_slope(step: int, looks: int) -> None:
    assert slope([50.0 + step * n for n in range(looks)]) == pytest.approx(step)
