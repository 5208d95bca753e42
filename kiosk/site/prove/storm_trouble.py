"""What goes wrong in `storm` besides the kills: the library system, disks, clocks, the air over the pad, a plug."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Final

from drivers.errors import DriverError
from drivers.rfid.field import AirFault, Op
from kiosk.gateway.sim import FaultKind
from kiosk.site.prove.storm_site import StormSite
from kiosk.site.prove.trouble import COMMANDS, ILS_FAULTS

EVERY_S: Final = (1.0, 9.0)
LATE_S: Final = (0.5, 8.0)
FULL_S: Final = (1.0, 6.0)
CLOCK_S: Final = (2.0, 20.0)
CLOCK_OFF_S_MAX: Final = {"core": 7_200.0, "gateway": 20.0}
UNPLUGGED_S: Final = (0.2, 5.0)


@dataclass(slots=True)
class StormTrouble:
    """`run` is a task of the storm's hub; `end` makes it a fine day."""

    site: StormSite
    rng: Random
    counts: Counter[str] = field(default_factory=Counter)
    over: bool = False
    ended: bool = False

    def run(self) -> None:
        acts: tuple[Callable[[], None], ...] = (
            self.ils_fails,
            self.ils_fails,
            self.ils_fails,
            self.bad_air,
            self.bad_air,
            self.pad_unplugged,
            self.disk_full,
            self.clock_moved,
        )
        while not self.over:
            self._pause(EVERY_S)
            act = self.rng.choice(acts)
            self.counts[act.__name__.replace("_", " ")] += 1
            act()
        self._fine()
        self.ended = True

    def _fine(self) -> None:
        """The library system may be down at this moment; started again it knows no faults."""
        self._order({"do": "clear"})
        for name, disk in self.site.disks.items():
            disk.free()
            self.site.move_clock(name, 0.0)
        self.site.bench.field.forget_plans()
        self.site.bench.plug("pad")

    # -- what goes wrong

    def ils_fails(self) -> None:
        kind: FaultKind = self.rng.choice(ILS_FAULTS)
        self._order(
            {
                "do": "fault",
                "kind": kind.value,
                "command": self.rng.choice(COMMANDS),
                "skip": self.rng.randint(0, 2),
                "seconds": self.rng.uniform(*LATE_S),
            }
        )

    def bad_air(self) -> None:
        ops = (Op.WRITE_AFI, Op.WRITE_AFI, Op.INFO, Op.READ, Op.INVENTORY)
        faults = self.rng.choices(list(AirFault), k=self.rng.randint(1, 3))
        self.site.bench.field.plan(self.rng.choice(ops), *faults)

    def pad_unplugged(self) -> None:
        self.site.bench.unplug("pad")
        self._pause(UNPLUGGED_S)
        self.site.bench.plug("pad")

    def disk_full(self) -> None:
        disk = self.site.disks[self.rng.choice(("core", "core", "gateway"))]
        disk.fill()
        self._pause(FULL_S)
        disk.free()

    def clock_moved(self) -> None:
        name = self.rng.choice(("core", "core", "gateway"))
        limit_s = CLOCK_OFF_S_MAX[name]
        self.site.move_clock(name, self.rng.uniform(-limit_s, limit_s))
        self._pause(CLOCK_S)
        self.site.move_clock(name, 0.0)

    # -- inside

    def _order(self, order: dict[str, object]) -> None:
        with suppress(DriverError):  # it has just been killed
            self.site.neighbours.ils_order(json.dumps(order).encode())

    def _pause(self, seconds: tuple[float, float]) -> None:
        by = self.site.hub.now() + self.rng.uniform(*seconds)
        while not self.over and self.site.hub.now() < by:
            self.site.hub.wait_until(min(by, self.site.hub.now() + 0.5))
