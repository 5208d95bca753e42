"""Claim: a process that is killed at any moment has lost no record it acknowledged, and left no half of one.

Each case forks a child that appends to a journal and says after each append how far it came, kills it (SIGKILL) after
a few milliseconds, opens the journal again and reads everything back. A kill does not touch the operating system's
cache: `powercuts` is the harder half of the story.
"""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Final

from drivers.clock import Clock, ThreadHub
from drivers.waiting import readable
from kiosk.domain import Key
from kiosk.journal import Journal, verify
from kiosk.messages.records import Body, Granted, Noted
from kiosk.site.prove.report import ProveReport

CLAIM: Final = "a killed process loses no acknowledged record"
MUTANTS: Final = ("commit later",)
DEVICE: Final = "kiosk-01"
LIFE_S: Final = (0.001, 0.030)  # from the moment the journal is open, or from the fork
OPENING_SHARE: Final = 0.2  # of the children are killed while they may still be opening it
OPEN_S_MAX: Final = 30.0
BATCH_MAX: Final = 8
LATER_RECORDS: Final = 64  # the mutant's "more efficient" commit

Progress = Callable[[int, int], None]


def kills(count: int, seed: int, mutant: str | None = None, progress: Progress = lambda done, of: None) -> ProveReport:
    """Kills `count` children. `lost`: acknowledged and not there; `wrong`: the journal does not verify."""
    assert mutant is None or mutant in MUTANTS, mutant
    rng = Random(seed)
    hub = ThreadHub()
    lost = wrong = kept = last = 0
    with tempfile.TemporaryDirectory(prefix="kills-") as directory:
        path = Path(directory) / "journal.db"
        for done in range(count):
            acknowledged = _run_and_kill(path, rng, hub, mutant) or last
            journal = _open(path, hub, rng)
            last = journal.last[0]
            lost += max(0, acknowledged - last)
            kept += max(0, last - acknowledged)
            journal.close()
            progress(done + 1, count)
        report = verify(path)
        wrong += len(report.problems) + (report.records == 0)  # children that never wrote prove nothing
    detail = f"{kept} records were on disk before they could be acknowledged"
    return ProveReport(claim=CLAIM, count=count, seed=seed, mutant=mutant, lost=lost, wrong=wrong, detail=detail)


def _run_and_kill(path: Path, rng: Random, hub: ThreadHub, mutant: str | None) -> int:
    """The last seq the child acknowledged before it was killed, 0 for none."""
    hear, say = os.pipe()
    child_seed = rng.getrandbits(32)
    child = os.fork()
    if child == 0:
        os.close(hear)
        _append_until_killed(path, say, Random(child_seed), hub, mutant)
    os.close(say)
    if rng.random() >= OPENING_SHARE:  # however busy the machine, most children get as far as writing
        readable(hear, OPEN_S_MAX)
    hub.wait_until(hub.now() + rng.uniform(*LIFE_S))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    said = b""
    while chunk := os.read(hear, 65_536):
        said += chunk
    os.close(hear)
    numbers = said.split(b"\n")[:-1]  # what comes after the last newline is half a number
    return int(numbers[-1]) if numbers else 0


def _append_until_killed(path: Path, say: int, rng: Random, hub: ThreadHub, mutant: str | None) -> None:
    try:
        journal = _open(path, hub, rng)
        os.write(say, b"%d\n" % journal.last[0])
        waiting: list[Body] = []
        while True:
            waiting += _bodies(rng)
            told = journal.last[0] + len(waiting)
            if mutant is None or len(waiting) >= LATER_RECORDS:
                journal.append(waiting)
                waiting = []
            os.write(say, b"%d\n" % told)
    finally:
        os._exit(1)  # a child of a fork must not run its parent's exit handlers


def _bodies(rng: Random) -> list[Body]:
    fresh = Noted(what="kill", detail=rng.randbytes(8).hex(), at_ms=0)
    return [fresh, *(Granted(key=Key(f"k-{n}")) for n in range(rng.randrange(BATCH_MAX)))]


def _open(path: Path, clock: Clock, rng: Random) -> Journal:
    return Journal.open(path, device=DEVICE, clock=clock, boot="boot", entropy=rng.randbytes)
