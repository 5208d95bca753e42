"""What a wire between host and simulator does wrong: shared by all pad simulators, knows no frame format."""

from __future__ import annotations

import enum
import random
from collections import deque

from drivers.clock import Clock
from drivers.link import Link
from drivers.rfid.field import Op

GARBAGE = bytes.fromhex("00F0FF02")


class WireFault(enum.StrEnum):
    """One misfortune of one request or its answer."""

    MUTE = "mute"  # the request is not heard at all
    ANSWER_LOST = "answer-lost"  # the device acts, nothing comes back
    WRONG_CRC = "wrong-crc"
    TRUNCATED = "truncated"
    SPLIT = "split"  # byte by byte
    GARBAGE = "garbage"  # stray bytes before the frame
    LATE = "late"  # after the host has given up
    UNPLUG_BEFORE = "unplug-before"  # the plug is pulled before the device acts
    UNPLUG_AFTER = "unplug-after"  # the device acts, the plug is pulled before it answers


class Mischief:
    """Decides what goes wrong: planned faults first, then `always`, then by `chance` from `rng`.

    `late_s` is how long a LATE answer takes, `split_gap_s` the pause between the bytes of a SPLIT one; `slow_s` delays
    every answer.
    """

    def __init__(self, rng: random.Random | None = None) -> None:
        self.late_s = 2.0
        self.slow_s = 0.0
        self.split_gap_s = 0.001
        self.always: WireFault | None = None
        self.chance: dict[WireFault, float] = {}
        self._rng = rng or random.Random(0)
        self._plans: deque[tuple[Op | None, WireFault]] = deque()

    def plan(self, *faults: WireFault, on: Op | None = None) -> None:
        """The next requests - of kind `on`, where given - meet these faults, one each, in this order."""
        self._plans.extend((on, fault) for fault in faults)

    def forget_plans(self) -> None:
        """Nothing planned happens any more."""
        self._plans.clear()

    def draw(self, op: Op | None) -> WireFault | None:
        """What happens to the request at hand; `op` is None for requests that do nothing on the air."""
        if self._plans and self._plans[0][0] in (None, op):
            return self._plans.popleft()[1]
        if self.always is not None:
            return self.always
        for fault, chance in self.chance.items():
            if self._rng.random() < chance:
                return fault
        return None

    def deliver(self, link: Link, clock: Clock, frame: bytes, fault: WireFault | None) -> None:
        """Puts the answer on the wire the way `fault` has it. Raises LinkLost when the host has gone."""
        delay_s = self.late_s if fault is WireFault.LATE else self.slow_s
        if delay_s:
            clock.wait_until(clock.now() + delay_s)
        match fault:
            case WireFault.MUTE | WireFault.ANSWER_LOST:
                return
            case WireFault.WRONG_CRC:
                link.write(frame[:-1] + bytes([frame[-1] ^ 0x01]))
            case WireFault.TRUNCATED:
                link.write(frame[: len(frame) // 2])
            case WireFault.GARBAGE:
                link.write(GARBAGE + frame)
            case WireFault.SPLIT:
                for byte in frame:
                    link.write(bytes([byte]))
                    clock.wait_until(clock.now() + self.split_gap_s)
            case _:
                link.write(frame)
