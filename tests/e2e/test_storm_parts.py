"""What the storm of kills does to a site besides killing must really happen, or the storm proves less than it says."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from drivers.clock import ThreadHub
from drivers.rfid.field import Field, a_tag
from kiosk.domain import ItemBarcode, Key
from kiosk.ledger import effects, open_ledger
from kiosk.ledger.effects import Effect, State
from kiosk.messages.records import Op
from kiosk.site.prove.readers import AFI_OFF, CORE_AWAY
from kiosk.site.prove.storm_process import REREAD_S, WrongClock, clock_file
from kiosk.site.prove.storm_reaper import attempting, mark_goes_off
from kiosk.site.prove.storm_site import LIMIT_BYTES, SmallDisk
from kiosk.ui.app import LOST_NAME

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


def test_the_moment_at_which_a_mark_goes_off_is_seen_and_a_book_without_one_is_none() -> None:
    field = Field()
    brought_back, on_the_shelf = a_tag(1), a_tag(2)
    brought_back.afi = AFI_OFF
    off = mark_goes_off(field)
    field.put(brought_back, on_the_shelf)
    assert not off()
    assert field.write_afi(on_the_shelf.uid, AFI_OFF) is True
    assert off()


def test_a_message_to_the_library_system_under_way_is_seen_from_outside(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = open_ledger(f"sqlite:///{path}", ThreadHub())
    seen = []
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as outside:
        effect = Effect(key=Key("k-1"), op=Op.CHECKOUT, item=ItemBarcode("D1000001"))
        ledger.run(lambda tx: effects.add(tx, effect))
        for effect.state in (State.NEW, State.ATTEMPTING, State.GRANTED):
            ledger.run(lambda tx: effects.save(tx, effect))
            seen.append(attempting(outside))
    ledger.close()
    assert seen == [False, True, False]


def test_a_storm_without_a_ledger_yet_waits_on(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as outside:
        assert not attempting(outside)


def test_readers_know_the_screen_of_a_machine_whose_core_is_away() -> None:
    assert CORE_AWAY == LOST_NAME
