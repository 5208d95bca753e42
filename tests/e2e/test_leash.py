"""A demo that dies leaves nobody behind: no broker, no gateway, no library system, no screen."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from drivers.clock import ThreadHub
from kiosk.site.leash import LEASH

UP_S_MAX: Final = 60.0
GONE_S_MAX: Final = 20.0
LOOK_S: Final = 0.05
# Starts a child that would live for ten minutes, behind the words that stand in its own arguments.
PARENT: Final = """
import subprocess, sys, time
subprocess.Popen([*sys.argv[1:], "sleep", "600"])
time.sleep(600)
"""
FAMILY: Final = {"mosquitto", "kiosk.gateway.sim", "kiosk gateway", "kiosk ui"}


def test_a_demo_whose_window_is_killed_takes_its_neighbours_and_its_screen_along(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kiosk", "demo", "--out", str(tmp_path / "out")]
    environment = os.environ | {"DISPLAY": ":none", "SDL_VIDEODRIVER": "offscreen", "SDL_AUDIODRIVER": "dummy"}
    with (tmp_path / "said").open("wb") as said:
        demo = subprocess.Popen(command, stdout=said, stderr=said, env=environment | {"TMPDIR": str(tmp_path)})
    _waited(lambda: demo.poll() is not None or _names(demo.pid) == FAMILY)
    children = _children(demo.pid)
    demo.kill()
    demo.wait()
    assert _gone(children)
    assert len(children) == len(FAMILY), (tmp_path / "said").read_text(errors="replace")


@pytest.mark.parametrize(("before", "gone"), [(LEASH, True), ((), False)], ids=["leash", "no leash"])
def test_only_the_leash_ends_a_child_with_its_parent(before: tuple[str, ...], gone: bool) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, *before])
    assert _waited(lambda: "sleep 600 " in _children(parent.pid).values())
    children = _children(parent.pid)
    parent.kill()
    parent.wait()
    assert _gone(children, within_s=GONE_S_MAX if gone else 1.0) == gone


def _names(parent: int) -> set[str]:
    lines = _children(parent).values()
    return {name for name in FAMILY if any(name in line for line in lines)}


def _gone(children: dict[int, str], within_s: float = GONE_S_MAX) -> bool:
    """Whether all of them end by themselves in time; then ends those that did not."""
    try:
        return _waited(lambda: not any(_line(pid) == line for pid, line in children.items()), within_s)
    finally:
        for pid, line in children.items():
            if _line(pid) == line:
                os.kill(pid, 9)


def _waited(holds: Callable[[], bool], within_s: float = UP_S_MAX) -> bool:
    hub = ThreadHub()
    by = hub.now() + within_s
    while not holds() and hub.now() < by:
        hub.wait_until(hub.now() + LOOK_S)
    return holds()


def _children(parent: int) -> dict[int, str]:
    """Command line of each child (proc(5), task/[tid]/children)."""
    pids = [int(pid) for of in Path(f"/proc/{parent}/task").glob("*/children") for pid in of.read_text("ascii").split()]
    return {pid: line for pid in pids if (line := _line(pid))}


def _line(pid: int) -> str:
    """The command line of a process, nothing where it has ended, reaped or not (proc(5))."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""
