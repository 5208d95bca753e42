"""Fixtures: `rig` is every simulated way to reach a pad, `any_rig` a real one too (pytest -m hardware)."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.contract.rfid.rigs import HARDWARE_VARIABLE, SIMULATED, HardwareRig, Rig


@pytest.fixture(params=list(SIMULATED))
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    made = SIMULATED[request.param]()
    yield made
    made.close()


@pytest.fixture(params=[*SIMULATED, pytest.param("hardware", marks=pytest.mark.hardware)])
def any_rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    if request.param in SIMULATED:
        made: Rig = SIMULATED[request.param]()
    elif where := os.environ.get(HARDWARE_VARIABLE):
        made = HardwareRig(where)
    else:
        pytest.skip(f"{HARDWARE_VARIABLE} names no reader")
    yield made
    made.close()
