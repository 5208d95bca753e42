"""When to try a device again."""

from __future__ import annotations

from drivers.health import BACKOFF_S_MAX, Wellness


def test_a_device_that_is_away_for_months_is_still_tried_again() -> None:
    wellness = Wellness()
    for _ in range(5_000):
        wellness = wellness.lost()
    assert wellness.backoff_s == BACKOFF_S_MAX
