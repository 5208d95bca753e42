"""Everything that goes wrong in a history, drawn by chance: kills at any step, lost answers, bad air, a wrong clock."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final

from drivers.rfid.field import AirFault, Op
from kiosk.bus.memory import FINE, Weather
from kiosk.gateway.audit import read_journal
from kiosk.gateway.sim import Fault, FaultKind
from kiosk.ledger import inbox
from kiosk.site.embedded import EmbeddedSite, Machine
from kiosk.site.prove.mutants import Mutant

STEPS_MACHINE_MAX: Final = 120  # until the step at which a process dies
STEPS_GATEWAY_MAX: Final = 60
LATE_S: Final = (0.5, 8.0)
BROKER_AWAY_S: Final = (0.5, 45.0)
CUT_OFF_S: Final = (5.0, 150.0)
DISK_FULL_S: Final = (1.0, 30.0)
CLOCK_OFF_S_MAX: Final = 7_200
GATEWAY_OFF_S_MAX: Final = 120
RESTORE_CHANCE: Final = 0.08
_SUFFIXES: Final = ("", "-wal", "-shm")
ILS_FAULTS: Final = tuple(
    kind for kind in FaultKind if kind not in (FaultKind.IGNORE_RETURN_DATE, FaultKind.REJECT_NO_BLOCK)
)
COMMANDS: Final = ("11", "09", "29", "17", "63", "")
_STORM: Final = Weather(lose_connection=0.02, double=0.15, refuse=0.02, delay_s=(0.001, 0.4))


_EMPHASIS: Final = {
    Mutant.PUBACK_CLEARS: "storm",
    Mutant.DO_NOTHING: "disk_replaced",
    Mutant.ASK_AGAIN: "machine_dies",
    Mutant.TX_ACTS: "gateway_dies",
    Mutant.BLIND_UNDO: "bad_air",
    Mutant.EARLY_OFF: "ils_fails",
    Mutant.FORGET_ATTEMPTS: "gateway_dies",
}
"""The trouble that would show each mutant soonest."""

EMPHASIS_TIMES: Final = 4


@dataclass(slots=True)
class Trouble:
    """`plan` lays out the troubles of `span_s` seconds; `end` makes it a fine day."""

    site: EmbeddedSite
    rng: Random
    restored: set[str] = field(default_factory=set)  # machines that came back from an old disk
    wrong_clocks: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    over: bool = False

    def plan(self, span_s: float, mutant: Mutant | None = None) -> None:
        self.site.acs.latency_s = self.rng.choice((0.0, 0.05, 0.2, 0.5))
        acts: list[Callable[[], None]] = [
            self.machine_dies,
            self.machine_dies,
            self.gateway_dies,
            self.gateway_dies,
            self.broker_dies,
            self.connection_lost,
            self.cut_off,
            self.disk_full,
            self.ils_fails,
            self.ils_fails,
            self.ils_away,
            self.bad_air,
            self.bad_air,
            self.pad_unplugged,
            self.storm,
        ]
        for _ in range(self.rng.randint(1, 7)):
            self._later(self.rng.uniform(4.0, span_s), self.rng.choice(acts))
        if mutant is not None:
            for _ in range(1 if mutant is Mutant.DO_NOTHING else EMPHASIS_TIMES):
                self._later(self.rng.uniform(4.0, span_s), getattr(self, _EMPHASIS[mutant]))
        if self.rng.random() < 0.1:
            self._later(self.rng.uniform(0.0, span_s), self.clock_wrong)
        if self.rng.random() < 0.1:
            self._later(self.rng.uniform(0.0, span_s), self.gateway_clock_moved)
        if self.rng.random() < RESTORE_CHANCE:
            self._later(self.rng.uniform(10.0, span_s / 2), self.disk_replaced)

    def end(self) -> None:
        self.over = True
        self.site.acs.latency_s = 0.0
        self.site.acs.faults.clear()
        self.site.ils.reopen()
        self.site.broker.weather = FINE
        self.site.broker.start()
        for machine in self.site.machines.values():
            machine.bench.field.forget_plans()
            machine.bench.plug("pad")
            machine.disk_full = False
            self.site.broker.plug(machine.device)

    # -- what goes wrong

    def machine_dies(self) -> None:
        self._machine().process.kill_after(self.rng.randint(1, STEPS_MACHINE_MAX))

    def gateway_dies(self) -> None:
        self.site.gateway.process.kill_after(self.rng.randint(1, STEPS_GATEWAY_MAX))

    def broker_dies(self) -> None:
        """kill -9: sessions, queues and what was retained are gone."""
        self.site.broker.stop(forget=True)
        self.site.later(self.rng.uniform(*BROKER_AWAY_S), self.site.broker.start)

    def connection_lost(self) -> None:
        self.site.broker.cut(self._machine().device)

    def cut_off(self) -> None:
        """One machine's cable: it goes on by itself, and tells later than the others."""
        machine = self._machine()
        self.site.broker.unplug(machine.device)
        self.site.later(self.rng.uniform(*CUT_OFF_S), lambda: self.site.broker.plug(machine.device))

    def disk_full(self) -> None:
        machine = self._machine()
        machine.disk_full = True
        self.site.later(self.rng.uniform(*DISK_FULL_S), lambda: setattr(machine, "disk_full", False))

    def ils_fails(self) -> None:
        for _ in range(self.rng.randint(1, 2)):
            fault = Fault(
                kind=self.rng.choice(ILS_FAULTS),
                command=self.rng.choice(COMMANDS),
                skip=self.rng.randint(0, 2),
                seconds=self.rng.uniform(*LATE_S),
            )
            self.site.acs.faults.add(fault)

    def ils_away(self) -> None:
        self.site.ils.close()
        self.site.acs.faults.add(Fault(kind=FaultKind.CLOSE_BEFORE_ACT, times=2))
        self.site.later(self.rng.uniform(2.0, 30.0), self.site.ils.reopen)

    def bad_air(self) -> None:
        bench = self._machine().bench
        ops = (Op.WRITE_AFI, Op.WRITE_AFI, Op.INFO, Op.READ, Op.INVENTORY)
        bench.field.plan(self.rng.choice(ops), *self.rng.choices(list(AirFault), k=self.rng.randint(1, 3)))

    def pad_unplugged(self) -> None:
        bench = self._machine().bench
        bench.unplug("pad")
        self.site.later(self.rng.uniform(0.2, 15.0), lambda: bench.plug("pad"))

    def storm(self) -> None:
        """Messages lost with their connection, doubled, and out of order."""
        self.site.broker.weather = _STORM
        self.site.later(self.rng.uniform(5.0, 40.0), lambda: setattr(self.site.broker, "weather", FINE))

    def clock_wrong(self) -> None:
        machine = self._machine()
        machine.wall_off_s = machine.process.wall_off_s = self.rng.uniform(-CLOCK_OFF_S_MAX, CLOCK_OFF_S_MAX)
        self.wrong_clocks.add(machine.device)

    def gateway_clock_moved(self) -> None:
        """Forward, and back again: what is done after it must not seem to be done before."""
        process = self.site.gateway.process
        process.wall_off_s = self.rng.uniform(0.0, GATEWAY_OFF_S_MAX)
        self.site.later(self.rng.uniform(1.0, 60.0), lambda: setattr(process, "wall_off_s", 0.0))

    def disk_replaced(self) -> None:
        """A technician puts an old image of the disk back: the machine knows less than it has told."""
        machine = self._machine()
        if machine.process.dead or not machine.journal.exists():
            return
        self.site.kill(machine.process)
        self._copy(machine, "", ".old")
        self._later(self.rng.uniform(20.0, 40.0), lambda: self._restore(machine))

    def _restore(self, machine: Machine) -> None:
        if not self._has_told_all(machine):
            return  # what only the lost disk knew is lost; no protocol can give it back
        self.site.kill(machine.process)
        self._copy(machine, ".old", "")
        self.restored.add(machine.device)

    def _has_told_all(self, machine: Machine) -> bool:
        ledger = self.site.gateway.ledger
        if ledger is None or self.site.gateway.process.dead:
            return False
        last = list(read_journal(machine.journal))[-1].record.head
        chain = ledger.read(lambda tx: inbox.chain_of(tx, last.device, last.epoch))
        return chain is not None and chain.through >= last.seq

    def _copy(self, machine: Machine, source: str, target: str) -> None:
        for suffix in _SUFFIXES:
            path = machine.journal
            old, new = path.with_name(f"{path.name}{source}{suffix}"), path.with_name(f"{path.name}{target}{suffix}")
            new.unlink(missing_ok=True)
            if old.exists():
                shutil.copy(old, new)

    def _machine(self) -> Machine:
        return self.rng.choice(list(self.site.machines.values()))

    def _later(self, in_s: float, act: Callable[[], None]) -> None:
        def counted() -> None:
            if self.over:
                return
            self.counts[act.__name__] = self.counts.get(act.__name__, 0) + 1
            act()

        self.site.later(in_s, counted)
