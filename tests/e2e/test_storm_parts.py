"""What the storm of kills does to a site besides killing must really happen, or the storm proves less than it says."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.site.prove.storm_process import REREAD_S, WrongClock, clock_file
from kiosk.site.prove.storm_site import LIMIT_BYTES, SmallDisk

WRITER = """
import pathlib, sys
path = pathlib.Path(sys.argv[1])
for line in sys.stdin:
    try:
        path.write_bytes(bytes(int(line)))
        print("written", flush=True)
    except OSError:
        print("refused", flush=True)
"""


class Writer:
    """A process that writes so many bytes into a folder, and says whether it could."""

    def __init__(self, path: Path) -> None:
        command = (sys.executable, "-c", WRITER, str(path))
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def writes(self, size: int) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{size}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@pytest.fixture(params=["of its own", "forbidden to write"])
def disk_and_writer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[SmallDisk, Writer]]:
    folder = tmp_path / "disk"
    writer: list[Writer] = []
    disk = SmallDisk(folder, lambda: writer[0].process.pid)
    if request.param == "of its own" and not disk.own:
        pytest.skip("only root may mount a disk")
    if request.param == "forbidden to write":
        disk.close()
        disk.own = False
    writer.append(Writer(folder / "journal"))
    yield disk, writer[0]
    writer[0].process.kill()
    writer[0].process.communicate()
    disk.close()


def test_a_full_disk_refuses_what_is_written_and_takes_it_again_when_there_is_room(
    disk_and_writer: tuple[SmallDisk, Writer],
) -> None:
    disk, writer = disk_and_writer
    said = [writer.writes(2 * LIMIT_BYTES)]
    disk.fill()
    said.append(writer.writes(4 * LIMIT_BYTES))
    disk.free()
    said.append(writer.writes(4 * LIMIT_BYTES))
    assert said == ["written", "refused", "written"]
    assert disk.times_full == 1


def test_a_moved_clock_tells_another_time_of_day_and_runs_on_at_the_same_pace(tmp_path: Path) -> None:
    off = clock_file(tmp_path / "kiosk-1.toml")
    hub = WrongClock(off, lambda name, error: None)
    right = hub.wall() - hub.now()
    off.write_text("-7200")
    hub.wait_until(hub.now() + REREAD_S)
    assert hub.wall() - hub.now() - right == pytest.approx(-7200, abs=1.0)
    off.write_text("")  # half written: the last word stands
    hub.wait_until(hub.now() + REREAD_S)
    assert hub.wall() - hub.now() - right == pytest.approx(-7200, abs=1.0)
