"""The child process itself: real processes, real libnfc, a simulated chip on a pseudo terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.card.libnfc.driver import CHILD_MODULE, LibnfcReader
from drivers.card.libnfc.protocol import Identify, Poll, encode_request
from drivers.card.libnfc.runner import ProcessRunner
from drivers.card.pn532.protocol import Command
from drivers.card.pn532.sim import CardField, Faults, Pn532Sim, m1_card
from drivers.clock import ThreadHub
from drivers.errors import DeviceFault, LinkLost, NoReply
from drivers.serial_link import open_pty

PATIENCE_S = 20.0
IMPATIENCE_S = 0.4


class Bench:
    def __init__(self) -> None:
        self.hub = ThreadHub()
        self.field = CardField()
        far, self.path = open_pty(self.hub)
        self.sim = Pn532Sim(far, self.hub, self.field, look_s=0.02)
        self._task = self.hub.spawn("pn532", self.sim.serve)
        self.connstring = f"pn532_uart:{self.path}:115200"

    def reader(self, polls_per_child: int = 1000) -> LibnfcReader:
        return LibnfcReader(ProcessRunner(self.hub), self.hub, self.connstring, polls_per_child=polls_per_child)

    def by(self) -> float:
        return self.hub.now() + PATIENCE_S

    def soon(self) -> float:
        return self.hub.now() + IMPATIENCE_S

    def children(self) -> set[int]:
        """Processes of ours that serve this reader."""
        found = set()
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:  # ended meanwhile
                continue
            if self.connstring.encode() in words and CHILD_MODULE.encode() in words:
                found.add(int(folder.name))
        return found

    def one_child(self) -> int:
        """Our only child; a fresh one may still be on its way into its program."""
        by = self.by()
        while len(found := self.children()) != 1 and self.hub.now() < by:
            self.hub.wait_until(self.hub.now() + 0.01)
        (child,) = found
        return child

    def close(self) -> None:
        self.sim.unplug()
        assert self._task.join(self.by())


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()
    assert bench.children() == set()


def test_a_mute_reader_costs_the_child_its_life_and_the_next_look_a_new_one(bench: Bench) -> None:
    reader = bench.reader()
    bench.field.put(m1_card("84A1B2C3"))
    assert reader.poll(bench.by())
    first = bench.one_child()
    bench.sim.faults.mute_from = Command.IN_LIST_PASSIVE_TARGET  # where libnfc waits without a limit
    with pytest.raises(NoReply) as hang:
        reader.poll(bench.soon())
    assert hang.value.code == "hang"
    assert bench.children() == set()
    bench.sim.faults = Faults()
    assert [card.hex for card in reader.poll(bench.by())] == ["84A1B2C3"]
    assert bench.one_child() != first
    reader.close()


def test_a_child_is_replaced_before_it_grows_but_never_under_a_card(bench: Bench) -> None:
    reader = bench.reader(polls_per_child=3)
    card = m1_card("84A1B2C3")
    bench.field.put(card)
    reader.poll(bench.by())
    first = bench.one_child()
    for _ in range(4):
        assert reader.poll(bench.by())
    assert bench.children() == {first}
    bench.field.lift(card)
    assert reader.poll(bench.by()) == ()
    assert bench.one_child() != first
    bench.field.put(card)
    assert reader.poll(bench.by())
    reader.close()


def test_a_child_that_was_killed_by_the_system_is_a_lost_link_and_comes_back(bench: Bench) -> None:
    reader = bench.reader()
    assert reader.poll(bench.by()) == ()
    os.kill(bench.one_child(), signal.SIGKILL)
    with pytest.raises(LinkLost):
        reader.poll(bench.by())
    assert reader.poll(bench.by()) == ()
    reader.close()


def test_a_hung_child_without_a_parent_ends_itself(bench: Bench) -> None:
    short = f"import {CHILD_MODULE} as child; child.HANG_S_MAX = 1; child.main({bench.connstring!r})"
    child = subprocess.Popen(
        [sys.executable, "-c", short], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(encode_request(1, Identify()))
    child.stdin.flush()
    assert child.stdout.readline().startswith(b"1 reader chip: PN532")
    bench.sim.faults.mute_from = Command.IN_LIST_PASSIVE_TARGET
    child.stdin.write(encode_request(2, Poll()))
    child.stdin.close()
    assert child.wait(PATIENCE_S) == -signal.SIGALRM
    child.stdout.close()


def test_a_child_ends_when_its_parent_closes_the_door(bench: Bench) -> None:
    child = subprocess.run(
        [sys.executable, "-m", CHILD_MODULE, bench.connstring], input=b"", stdout=subprocess.PIPE, timeout=PATIENCE_S
    )
    assert (child.returncode, child.stdout) == (0, b"")


def test_a_machine_without_libfreefare_is_told_which_package_to_install(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pynfc.py").write_text("raise OSError('libfreefare.so: cannot open shared object file')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    reader = bench.reader()
    with pytest.raises(DeviceFault, match="libfreefare-dev"):
        reader.identify(bench.by())
    reader.close()
