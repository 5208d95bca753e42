"""What holds for all tests: what one leaves open comes to an end, and hypothesis tries the same cases each time.

A change is judged by what it changes, not by the day's luck. `HYPOTHESIS_PROFILE=anew` looks for cases nobody tried.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from drivers.clock import VirtualHub

settings.register_profile("same", derandomize=True)
settings.register_profile("anew", derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

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
