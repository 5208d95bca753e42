from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.bus.rigs import MemoryRig, MosquittoRig, Rig, make_certificates


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(params=["memory", "mosquitto"])
def rig(request: pytest.FixtureRequest, tmp_path: Path, certificates: Path) -> Iterator[Rig]:
    made: Rig = MemoryRig() if request.param == "memory" else MosquittoRig(tmp_path, certificates)
    yield made
    made.close()


@pytest.fixture
def mosquitto(tmp_path: Path, certificates: Path) -> Iterator[MosquittoRig]:
    made = MosquittoRig(tmp_path, certificates)
    yield made
    made.close()
