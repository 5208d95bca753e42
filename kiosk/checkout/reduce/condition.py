"""Keeps since when each part and link is as it is, and tells the gateway of faults and of their end, once each.

A device on a loose plug comes and goes many times a minute: what stands `REPORT_S` after a change is what is told.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kiosk.checkout.condition import Condition
from kiosk.checkout.reduce.turn import Turn
from kiosk.domain.faults import device_fault, numbered, uplink
from kiosk.flow.events import LinkChanged, LinkName, PartChanged, PartHealth, Woke
from kiosk.flow.step import Report

REPORT_S: Final = 5.0
WELL_AGAIN: Final = "well_again"
_TIMER: Final = "condition:"
_AWAY: Final = {LinkName.GATEWAY: uplink.GATEWAY_AWAY, LinkName.ILS: uplink.ILS_AWAY}


def hear(turn: Turn, event: object) -> Turn:
    match event:
        case PartChanged(part=part, health=health, code=code):
            fault = device_fault(part, health.value, code)
            return _changed(turn, part, health, fault.number if fault else 0)
        case LinkChanged(link=link, up=up):
            health = PartHealth.OK if up else PartHealth.GONE
            return _changed(turn, link.value, health, 0 if up else _AWAY[link].number)
        case Woke(name=name) if name.startswith(_TIMER):
            return _tell(turn, name.removeprefix(_TIMER))
        case _:
            return turn


def _changed(turn: Turn, name: str, health: PartHealth, fault: int) -> Turn:
    before = turn.volatile.conditions.get(name, Condition(health=PartHealth.ABSENT))
    if (before.health, before.fault) == (health, fault):
        return turn
    due = before.due or fault != before.told
    after = replace(before, health=health, fault=fault, since_ms=turn.now.wall_ms, due=due)
    turn = turn.know(conditions={**turn.volatile.conditions, name: after})
    if before.due or not due:  # a look that is waited for is not put off by later changes
        return turn
    return turn.wake(f"{_TIMER}{name}", turn.now.mono + REPORT_S)


def _tell(turn: Turn, name: str) -> Turn:
    """What stands now, if the gateway does not know it yet."""
    condition = turn.volatile.conditions[name]
    fault, ended = numbered(condition.fault), numbered(condition.told)
    looked = replace(condition, told=condition.fault, due=False)
    turn = turn.know(conditions={**turn.volatile.conditions, name: looked})
    if looked.told == condition.told:
        return turn
    if fault is not None:
        return turn.do(Report(what=fault.name, fault=fault.number, part=name))
    return turn.do(Report(what=WELL_AGAIN, part=name, detail=ended.code if ended else ""))
