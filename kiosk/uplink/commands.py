"""Remote commands: challenge and response, so that a recorded "open" opens nothing tomorrow. Pure.

The gateway first sends `challenge` (it does nothing but ask) and gets a nonce on lane evt; the command proper carries
it back. A nonce counts once, for NONCE_S on this machine's own monotonic clock, and only in the boot that made it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kiosk.messages.envelope import Command
from kiosk.uplink.events import Refusal

CHALLENGE: Final = "challenge"
NONCE: Final = "nonce"  # `what` of the Happening that answers it; the nonce is its `detail`
NONCE_S: Final = 10.0
NONCE_BYTES: Final = 16
NONCES_MAX: Final = 4


class Nonces:
    def __init__(self, boot: str, entropy: Callable[[int], bytes]) -> None:
        self._boot = boot
        self._entropy = entropy
        self._good_until: dict[str, float] = {}

    def new(self, now: float) -> str:
        """A fresh nonce; the oldest gives way when too many are open."""
        while len(self._good_until) >= NONCES_MAX:
            del self._good_until[next(iter(self._good_until))]
        nonce = self._entropy(NONCE_BYTES).hex()
        self._good_until[nonce] = now + NONCE_S
        return nonce

    def check(self, command: Command, now: float, gateway_ms: int) -> Refusal | None:
        """None when the command may be obeyed, once."""
        if command.boot != self._boot:
            return Refusal.COMMAND_BOOT
        if gateway_ms >= command.expires_ms:
            return Refusal.COMMAND_EXPIRED
        if command.op == CHALLENGE:
            return None
        if self._good_until.pop(command.nonce, now) <= now:
            return Refusal.COMMAND_NONCE
        return None
