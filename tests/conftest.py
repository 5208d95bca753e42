"""What a test leaves open, it leaves to all tests after it in the same process: here that comes to an end."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from typing import Any

import pytest

from drivers.clock import VirtualHub

FILES_SWEPT = 200  # beyond, objects that nobody can reach any more are collected, with the files they hold
FILES_MAX = 300


@pytest.fixture(autouse=True)
def _nothing_left_open(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ends what still runs on the test's virtual hubs, and fails the test with which open files pile up."""
    hubs: list[VirtualHub] = []
    made = VirtualHub.__init__

    def remembered(hub: VirtualHub, **options: Any) -> None:
        made(hub, **options)
        hubs.append(hub)

    monkeypatch.setattr(VirtualHub, "__init__", remembered)
    yield
    for hub in hubs:
        hub.close()
    hubs.clear()
    if _open_files() > FILES_SWEPT:
        gc.collect()
        left = _open_files()
        assert left <= FILES_MAX, f"{left} files are open: who does not close what?"


def _open_files() -> int:
    return len(os.listdir("/proc/self/fd"))
