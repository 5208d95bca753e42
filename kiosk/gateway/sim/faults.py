"""Ways in which a library system fails, to be ordered at run time: which message, how often, from when on."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace


class FaultKind(enum.StrEnum):
    """What goes wrong. "Act" is the change in the ILS's own books."""

    IGNORE_RETURN_DATE = "ignore_return_date"  # the return counts as of now
    REJECT_NO_BLOCK = "reject_no_block"  # no-block messages are refused
    REFUSE_AFTER_ACT = "refuse_after_act"  # acts, and answers no
    MUTE_AFTER_ACT = "mute_after_act"  # acts, never answers
    MUTE = "mute"  # neither acts nor answers
    LATE_ANSWER = "late_answer"  # acts at once, answers after `seconds`
    LATE_ACT = "late_act"  # acts and answers after `seconds`, even when the terminal has long hung up
    CLOSE_BEFORE_ACT = "close_before_act"
    CLOSE_AFTER_ACT = "close_after_act"
    ASK_AGAIN = "ask_again"  # 96, without acting
    SPLIT = "split"  # the answer comes byte by byte, `seconds` in all
    NO_CR = "no_cr"  # the answer never ends
    BAD_CHECKSUM = "bad_checksum"
    GARBAGE = "garbage"  # bytes that are no message, after acting
    WRONG_SEQUENCE = "wrong_sequence"  # the answer carries another digit
    STRAY_FIRST = "stray_first"  # an answer with another digit, then the right one


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An order. `command` "" means every message but login and status; `times` None until it is cleared."""

    kind: FaultKind
    command: str = ""
    times: int | None = 1
    skip: int = 0
    seconds: float = 0.0

    def fits(self, command: str) -> bool:
        return command == self.command or (not self.command and command not in ("93", "99"))


class Faults:
    """The orders that stand. The first that fits a message takes it."""

    def __init__(self) -> None:
        self._orders: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._orders.append(fault)

    def clear(self) -> None:
        self._orders.clear()

    def pending(self) -> tuple[Fault, ...]:
        return tuple(self._orders)

    def take(self, command: str) -> Fault | None:
        """The fault for this message, counted off; None when all goes well."""
        for at, fault in enumerate(self._orders):
            if not fault.fits(command):
                continue
            if fault.skip:
                self._orders[at] = replace(fault, skip=fault.skip - 1)
                continue
            if fault.times is not None:
                if fault.times > 1:
                    self._orders[at] = replace(fault, times=fault.times - 1)
                else:
                    del self._orders[at]
            return fault
        return None
