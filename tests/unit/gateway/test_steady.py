"""The gateway's clock may be set back; the order of what it did may not."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from drivers.clock import VirtualHub
from kiosk.gateway.steady import SLOWED, STEP_S_MAX, SteadyHub
from kiosk.site.embedded import EmbeddedSite
from kiosk.site.mortal import MortalHub


@pytest.fixture
def clock() -> MortalHub:
    return MortalHub(VirtualHub(), "gateway")


def after(clock: MortalHub, seconds: float) -> None:
    clock._hub.run(clock.now() + seconds)


def test_what_is_done_after_the_clock_was_set_back_carries_a_later_time(clock: MortalHub) -> None:
    steady = SteadyHub(clock)
    told = [steady.wall()]
    clock.wall_off_s = -20.0
    for _ in range(60):
        after(clock, 1.0)
        told.append(steady.wall())
    assert all(later > earlier for earlier, later in pairwise(told))
    assert told[1] == pytest.approx(told[0] + SLOWED)
    assert told[-1] == clock.wall(), "the right time has caught up"


def test_a_gateway_that_starts_again_knows_how_late_it_was(clock: MortalHub) -> None:
    was = clock.wall()
    clock.wall_off_s = -20.0
    assert SteadyHub(clock, was).wall() == was


def test_a_clock_that_was_plainly_wrong_is_believed_when_it_is_set_right(clock: MortalHub) -> None:
    steady = SteadyHub(clock, clock.wall() + STEP_S_MAX + 60.0)
    assert steady.wall() == clock.wall()
    clock.wall_off_s = -10.0
    assert steady.wall() > clock.wall()


def test_a_gateway_stands_on_the_clock_that_never_goes_back(tmp_path: Path) -> None:
    site = EmbeddedSite(tmp_path, Random(1), ("kiosk-1",))
    site.run(10.0)
    gateway = site.gateway.gateway
    assert gateway is not None
    before = gateway.parts.now_ms()
    site.gateway.process.wall_off_s = -30.0
    site.run(5.0)
    assert gateway.parts.now_ms() > before
    site.kill(site.gateway.process)
    site.run(10.0)
    again = site.gateway.gateway
    assert again is not None
    site.gateway.process.wall_off_s = -30.0
    assert again.parts.now_ms() > before
