"""A storm of kills that somebody ends half-way leaves nothing behind: no process, no disk, no file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.clock import ThreadHub

UP_S_MAX = 90.0  # until all processes of the site run, on a busy machine
END_S_MAX = 120.0
LOOK_S = 0.1
PROCESSES = 5  # broker, library system, gateway, core, screen


@pytest.fixture
def storm(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = (sys.executable, "-m", "kiosk", "prove", "kills", "--real", "--count", "50", "--json")
    process = subprocess.Popen(command, env=os.environ | {"TMPDIR": str(tmp_path)}, start_new_session=True)
    yield process
    if process.poll() is None:
        process.kill()
        process.wait()


def running(place: Path) -> list[str]:
    """What runs on files in this folder."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = each.read_bytes()
        except OSError:  # it has just ended
            continue
        if os.fsencode(place) in words:
            found.append(words.replace(b"\0", b" ").decode())
    return found


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_storm_that_is_ended_takes_its_processes_and_disks_with_it(
    storm: subprocess.Popen[bytes], tmp_path: Path, sign: signal.Signals
) -> None:
    hub = ThreadHub()
    by = hub.now() + UP_S_MAX
    while len(running(tmp_path)) < PROCESSES and hub.now() < by:
        hub.wait_until(hub.now() + LOOK_S)
    assert len(running(tmp_path)) >= PROCESSES, "the storm did not begin"
    storm.send_signal(sign)
    assert storm.wait(END_S_MAX) == 128 + sign
    assert running(tmp_path) == []
    assert str(tmp_path) not in Path("/proc/mounts").read_text()
    assert list(tmp_path.glob("storm-*")) == []
