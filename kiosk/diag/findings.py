"""What one look says."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from kiosk.domain.faults import Fault


class State(enum.StrEnum):
    GOOD = "good"
    CARE = "care"  # works, and somebody should do something
    BAD = "bad"
    IDLE = "idle"  # not looked at; `cause` says why


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`numbers` are short texts such as "5/5 tags, 23 ms"; `cause` is what this very device or file said."""

    part: str
    state: State
    numbers: str = ""
    fault: Fault | None = None
    cause: str = ""


def good(part: str, *numbers: str) -> Finding:
    return Finding(part=part, state=State.GOOD, numbers=_joined(numbers))


def care(part: str, fault: Fault, *numbers: str, cause: str = "") -> Finding:
    return Finding(part=part, state=State.CARE, numbers=_joined(numbers), fault=fault, cause=cause)


def bad(part: str, fault: Fault, *numbers: str, cause: str = "") -> Finding:
    return Finding(part=part, state=State.BAD, numbers=_joined(numbers), fault=fault, cause=cause)


def idle(part: str, cause: str, fault: Fault | None = None) -> Finding:
    return Finding(part=part, state=State.IDLE, cause=cause, fault=fault)


def _joined(numbers: tuple[str, ...]) -> str:
    return ", ".join(number for number in numbers if number)
