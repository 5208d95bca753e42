"""How each part and link of the machine is, since when, and what the gateway has been told of it."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.flow.events import PartHealth


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """`fault` and `told` are numbers of the catalogue, 0 for none; `told` is the last one reported."""

    health: PartHealth
    fault: int = 0
    since_ms: int = 0  # wall time
    told: int = 0
    due: bool = False  # a look at whether to report it is waited for
