from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.barcode.rigs import SIMULATED, HardwareRig, Rig


@pytest.fixture(params=[*SIMULATED, pytest.param(HardwareRig, marks=pytest.mark.hardware)], ids=lambda kind: kind.name)
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """Every scanner, also a real one."""
    rig: Rig = request.param()
    yield rig
    rig.close()


@pytest.fixture(params=SIMULATED, ids=lambda kind: kind.name)
def sim_rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """Every scanner whose far end can be made to fail."""
    rig: Rig = request.param()
    yield rig
    rig.close()
