from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.card.rigs import SIMULATED, HardwareRig, LibnfcRig, PtyRig, Rig


@pytest.fixture(params=[*SIMULATED, pytest.param(HardwareRig, marks=pytest.mark.hardware)], ids=lambda kind: kind.name)
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """Every reader, also a real one."""
    rig: Rig = request.param()
    yield rig
    rig.close()


@pytest.fixture(params=SIMULATED, ids=lambda kind: kind.name)
def sim_rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """Every reader whose far end can be made to fail."""
    rig: Rig = request.param()
    yield rig
    rig.close()


@pytest.fixture(params=[Rig, PtyRig, pytest.param(LibnfcRig, marks=pytest.mark.slow)], ids=lambda kind: kind.name)
def fault_rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """As sim_rig; a child process that is killed and started again for each fault takes seconds."""
    rig: Rig = request.param()
    yield rig
    rig.close()
