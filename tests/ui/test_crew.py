"""The check spread over processes says the same as in one, and nobody works on when it is stopped."""

from __future__ import annotations

import multiprocessing
import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from kiosk.screen import Modes
from kiosk.ui.check.crew import BATCH, crew, looked_at
from kiosk.ui.check.run import Looked, Task, check, look_at, report, tasks
from kiosk.ui.panel import PORTRAIT, SMALL
from kiosk.ui.render import Studio
from tests.ui import gallery
from tests.ui.conftest import CACHE

MUTE = [replace(gallery.ALL[name](lang), speech="") for name in ("pad", "done", "loans") for lang in ("zh", "en")]
PANELS = (PORTRAIT, SMALL)
MODES = {"plain": Modes()}


@cache
def _studio() -> Studio:
    return Studio(CACHE)


def look(batch: Sequence[Task]) -> list[Looked]:
    return [look_at(task, _studio()) for task in batch]


def test_many_hands_find_the_same_in_the_same_order(studio: Studio) -> None:
    wanted = tasks(MUTE, panels=PANELS, modes=MODES, on_glass=False)
    assert len(wanted) > BATCH
    with crew() as pool:
        found = report(looked_at(pool, look, wanted))
    assert found == check(MUTE, studio, panels=PANELS, modes=MODES, on_glass=False)
    mute = [f.where for f in found.findings if f.requirement == 43]
    assert mute == [f"{screen.name}/{screen.lang}/plain/{panel.name}" for panel in PANELS for screen in MUTE]


def test_a_check_that_is_stopped_leaves_nobody_at_work() -> None:
    with pytest.raises(KeyboardInterrupt):
        _interrupted()
    assert multiprocessing.active_children() == []


def _interrupted() -> None:
    with crew() as pool:
        pool.submit(signal.pause)
        assert pool.submit(os.getpid).result() != os.getpid()
        raise KeyboardInterrupt


PARENT = """
import os, signal
from kiosk.ui.check.crew import crew
if __name__ == "__main__":
    with crew() as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        signal.pause()
"""


def test_workers_do_not_outlive_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    watched = os.pidfd_open(worker)
    parent.kill()
    parent.wait()
    poll = select.poll()
    poll.register(watched)
    assert poll.poll(20_000), "the worker still runs"
    os.close(watched)
