"""Real touches: X server, XTEST, SDL, Kivy's input provider, and the wire to the core."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    shutil.which("Xvfb") is None or shutil.which("xdotool") is None, reason="Xvfb or xdotool is not installed"
)


@pytest.fixture
def display() -> Iterator[str]:
    """An X server of the panel's size on a free display."""
    read, write = os.pipe()
    command = ("Xvfb", "-displayfd", str(write), "-screen", "0", "1080x1920x24", "-nolisten", "tcp")
    server = subprocess.Popen(command, pass_fds=(write,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as said:
        number = said.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(timeout=10)


def touch(display: str, *actions: str) -> None:
    subprocess.run(("xdotool", *actions), env={**os.environ, "DISPLAY": display}, check=True, timeout=10)


def test_a_finger_on_the_glass_borrows_once_and_one_that_slides_off_does_not(display: str, cache: Path) -> None:
    environment = {**os.environ, "DISPLAY": display, "SDL_VIDEODRIVER": "x11", "SDL_AUDIODRIVER": "dummy"}
    command = (sys.executable, "-m", "tests.ui.x_child", str(cache), "2")
    child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert child.stdout is not None
    try:
        word, x, y = child.stdout.readline().split()
        assert word == "ready"
        touch(display, "mousemove", x, y, "mousedown", "1", "sleep", "0.1", "mouseup", "1")
        assert child.stdout.readline().split() == ["touch", "borrow", "D1,D2,D3"]
        touch(display, "sleep", "0.4", "mousedown", "1", "sleep", "0.1")
        touch(display, "mousemove", x, "700", "sleep", "0.1", "mouseup", "1", "sleep", "0.4")
        touch(display, "mousemove", x, y, "click", "1")
        assert child.stdout.readline().split() == ["touch", "borrow", "D1,D2,D3"]
        assert child.wait(timeout=20) == 0
        assert child.stdout.read() == "", "three presses made two touches"
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
