"""What a machine may believe about the gateway's clock, with its own clocks as witnesses. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayTime:
    """All in milliseconds. `reached_ms` was certainly reached when the monotonic clock stood at `at_mono_ms`.

    The gateway's signed times and the monotonic clock only ever go forward; the wall clock may be wrong either way.
    It is therefore allowed to make the estimate later, never earlier, and is never remembered.
    """

    reached_ms: int | None = None
    at_mono_ms: int = 0
    offset_ms: int | None = None  # gateway clock minus wall clock, at the newest gateway time

    def told(self, gateway_ms: int, wall_ms: int, mono_ms: int) -> GatewayTime:
        """After a signed message of the gateway. An old message, delivered late, teaches nothing."""
        reached_ms = self.reached(mono_ms)
        if reached_ms is not None and gateway_ms < reached_ms:
            return self
        return GatewayTime(reached_ms=gateway_ms, at_mono_ms=mono_ms, offset_ms=gateway_ms - wall_ms)

    def reached(self, mono_ms: int) -> int | None:
        """The latest time that has certainly come."""
        return None if self.reached_ms is None else self.reached_ms + max(0, mono_ms - self.at_mono_ms)

    def estimate(self, wall_ms: int, mono_ms: int) -> int | None:
        reached_ms = self.reached(mono_ms)
        if reached_ms is None or self.offset_ms is None:
            return reached_ms
        return max(reached_ms, wall_ms + self.offset_ms)
