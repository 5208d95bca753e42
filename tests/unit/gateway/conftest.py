from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.gateway.rig import Machine, Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def kiosk(site: Site) -> Machine:
    site.run(6)  # what comes just after a connection may have waited at the broker, and says nothing about now
    machine = site.machine("kiosk-1")
    machine.birth()
    return machine
