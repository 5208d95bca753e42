"""Every claim that `circdesk prove` can try, with its mutants and how it tells them apart."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kiosk.site.prove.report import ProveReport

Progress = Callable[[int, int], None]
Proof = Callable[[int, int, str | None, Progress], ProveReport]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One proof. `where` is module:function, loaded when it is tried."""

    name: str
    where: str
    count: int  # tried when --count is not given
    unit: str
    says: str

    def proof(self) -> Proof:
        module, _, function = self.where.partition(":")
        found: Proof = getattr(importlib.import_module(module), function)
        return found

    def mutants(self) -> tuple[str, ...]:
        found: tuple[str, ...] = importlib.import_module(self.where.partition(":")[0]).MUTANTS
        return found


CLAIMS: Final = (
    Claim(
        name="kills",
        where="kiosk.site.prove.histories:kills",
        count=100,
        unit="library hours",
        says="whatever dies or fails at any step, no loan is lost or doubled, every doubt is a task for people",
    ),
    Claim(
        name="kills --real",
        where="kiosk.site.prove.storm:storm",
        count=10,
        unit="kills",
        says="the same with real processes, a real broker and kill -9, full disks and wrong clocks",
    ),
    Claim(
        name="journal",
        where="kiosk.site.prove.kills:kills",
        count=100,
        unit="kills",
        says="a killed process has lost no journal record it acknowledged",
    ),
    Claim(
        name="powercuts",
        where="kiosk.site.prove.powercuts:powercuts",
        count=2_000,
        unit="disk images",
        says="a power cut loses no acknowledged record and leaves none in part",
    ),
    Claim(
        name="custody",
        where="kiosk.site.prove.custody:custody",
        count=3_000,
        unit="histories of a copy",
        says="whatever order outages bring records in, the one who has the copy is charged, or people are asked",
    ),
    Claim(
        name="fuzz",
        where="kiosk.site.prove.fuzz:fuzz",
        count=100_000,
        unit="broken inputs",
        says="no input from any wire or file crashes or hangs its decoder",
    ),
)
