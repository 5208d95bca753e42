"""Who kills in `storm`, and when: by chance, or at a moment that hurts, as it can be seen from outside the processes.

A moment is seen where the process has already done something: on the glass, on the tags, in the gateway's database.
What happens between two of its instructions is the business of `histories`.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from random import Random
from typing import Final

from drivers.clock import Hub, Task
from drivers.rfid.contract import TagUid
from drivers.rfid.field import Field
from kiosk.ledger.effects import State
from kiosk.site.mosquitto import BrokerFailed
from kiosk.site.processes import NeighbourFailed
from kiosk.site.prove.readers import AFI_OFF
from kiosk.site.prove.stop import Stop
from kiosk.site.prove.storm_site import StormSite, Victim

LIFE_S: Final = (1.5, 16.0)  # a visit takes three to six seconds
DOWN_S: Final = (0.0, 1.5)
AIMED_CHANCE: Final = 0.8  # that a kill waits for its moment
SHARP_CHANCE: Final = 0.75  # that the moment is the sharpest there is for this victim
AIM_S_MAX: Final = 15.0
WORK_S_MAX: Final = 1.2  # after books began to be worked on
MUTE_S: Final = (4.0, 9.0)  # the last gateway's absence: readers end, and the machine tells the broker so
GLASS_LOOK_S: Final = 0.03
LOOK_S: Final = 0.5
MOMENT_LOOK_S: Final = 0.015  # the library system takes ILS_MS for a message
TRIES_MAX: Final = 40
TRY_AGAIN_S: Final = 0.5
END_S_MAX: Final = 60.0
FINALE: Final = 2  # kills of the last act

Moment = Callable[[], bool]


class Reaper:
    """Kills every process by its own timetable, `kills` times in all, and starts it again."""

    def __init__(self, site: StormSite, kills: int, rng: Random, stop: Stop, progress: Callable[[int], None]) -> None:
        self.killed: Counter[str] = Counter()
        self.unexplained: list[str] = []  # ends nobody brought about
        self._site = site
        self._stop = stop
        self._ended = False
        self._hub: Hub = site.hub
        self._kills = kills
        self._progress = progress
        self._victims = {victim.name: victim for victim in site.victims()}
        self._seeds = {name: rng.getrandbits(32) for name in self._victims}
        self._rng = Random(rng.getrandbits(32))
        self._tasks: list[Task] = []
        self._finished: set[str] = set()

    @property
    def ended(self) -> bool:
        return len(self._finished) == len(self._victims)

    @property
    def _over(self) -> bool:
        return self._ended or self._stop.asked

    def start(self) -> None:
        for victim in self._victims.values():
            hunt: Callable[[], None] = lambda victim=victim: self._hunt(victim)  # type: ignore[misc]  # noqa: E731  # mypy: default argument
            self._tasks.append(self._hub.spawn(victim.name, hunt))

    def end(self) -> None:
        """From here on nothing is started again."""
        self._ended = True
        by = self._hub.now() + END_S_MAX
        for task in self._tasks:
            task.join(by)

    def finale(self) -> None:
        """The gateway dies over books that are worked on; some time later the broker, with all it holds for it. No
        later death of the core gives the machine a second chance to tell."""
        if self._kills < FINALE:
            return
        gateway, broker = self._victims["gateway"], self._victims["broker"]
        self._wait_for(self._working, GLASS_LOOK_S)
        self._kill(gateway)
        self._hub.wait_until(self._hub.now() + self._rng.uniform(*MUTE_S))
        self._kill(broker)
        self._revive(broker)
        self._revive(gateway)

    def _hunt(self, victim: Victim) -> None:
        rng = Random(self._seeds[victim.name])
        try:
            while self._lives(victim, rng.uniform(*LIFE_S)):
                if rng.random() < AIMED_CHANCE:
                    self._aim(victim, rng)
                self._kill(victim)
                self._hub.wait_until(self._hub.now() + rng.uniform(*DOWN_S))
                self._revive(victim)
        finally:
            self._finished.add(victim.name)

    def _kill(self, victim: Victim) -> None:
        victim.kill()
        self.killed[f"{victim.name} killed"] += 1
        self._progress(self.killed.total())

    def _revive(self, victim: Victim) -> None:
        """Raises NeighbourFailed or BrokerFailed when it does not come up for long."""
        for left in reversed(range(TRIES_MAX)):
            if self._over:
                return
            try:
                victim.start()
            except (NeighbourFailed, BrokerFailed):
                if not left:
                    raise
                self._hub.wait_until(self._hub.now() + TRY_AGAIN_S)
            else:
                return

    def _lives(self, victim: Victim, life_s: float) -> bool:
        """Waits for the victim's hour; False when there were kills enough before it."""
        by = self._hub.now() + life_s
        full = self._times_full(victim)
        while self._hub.now() < by and not self._enough():
            self._hub.wait_until(min(by, self._hub.now() + LOOK_S))
            if victim.died_by_itself() and not self._over:
                if self._times_full(victim) == full:
                    self.unexplained.append(f"{victim.name} ended by itself: {_last_words(victim)}")
                self._revive(victim)
        return not self._enough()

    def _enough(self) -> bool:
        return self._over or self.killed.total() >= self._kills - FINALE

    def _times_full(self, victim: Victim) -> int:
        """A process may end when it cannot write, and be started again; for nothing else."""
        disk = self._site.disks.get(victim.name)
        return disk.times_full if disk is not None else 0

    # -- moments

    def _aim(self, victim: Victim, rng: Random) -> None:
        sharp = rng.random() < SHARP_CHANCE
        if sharp and victim.name == "core":
            self._wait_for(mark_goes_off(self._site.bench.field), MOMENT_LOOK_S)
        elif sharp and victim.name == "gateway":
            with closing(sqlite3.connect(f"file:{self._site.ledger}?mode=ro", uri=True)) as ledger:
                self._wait_for(lambda: attempting(ledger), MOMENT_LOOK_S)
        elif self._wait_for(self._working, GLASS_LOOK_S):
            self._hub.wait_until(self._hub.now() + rng.uniform(0.0, WORK_S_MAX))

    def _wait_for(self, moment: Moment, look_s: float) -> bool:
        by = self._hub.now() + AIM_S_MAX
        while self._hub.now() < by and not self._over:
            if moment():
                return True
            self._hub.wait_until(self._hub.now() + look_s)
        return False

    def _working(self) -> bool:
        screen = self._site.glass.screen
        return screen is not None and screen.name == "working"


def mark_goes_off(field: Field) -> Moment:
    """A theft mark that was seen on is off."""
    seen_on: set[TagUid] = set()

    def off() -> bool:
        seen_on.update(tag.uid for tag in field.tags if tag.afi != AFI_OFF)
        return any(tag.afi == AFI_OFF and tag.uid in seen_on for tag in field.tags)

    return off


def attempting(ledger: sqlite3.Connection) -> bool:
    """A message to the library system is under way."""
    with suppress(sqlite3.OperationalError):  # the gateway is being started, or its disk is full
        row = ledger.execute("SELECT 1 FROM effects WHERE state = ? LIMIT 1", (State.ATTEMPTING,)).fetchone()
        return row is not None
    return False


def _last_words(victim: Victim) -> str:
    assert victim.neighbour is not None
    said = victim.neighbour.log.read_text(errors="replace").strip().splitlines()
    return said[-1] if said else "without a word"
