"""A broker in memory, for tests and stories: same bytes, same promises, and the same ways to break them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from drivers.clock import Hub
from kiosk.bus.contract import OnEvent, Will


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """Chances (0 to 1) for each message, and the span of its delay. The default is a fine day."""

    lose_connection: float = 0.0  # with what is under way
    double: float = 0.0
    refuse: float = 0.0  # PUBACK with a reason code of 0x80 and above
    delay_s: tuple[float, float] = (0.001, 0.001)  # a wide span reorders


class MemoryBroker:
    """Knows clients by id, identity and subscription; may be killed and started again."""

    def __init__(self, hub: Hub, rng: Random, weather: Weather = Weather()) -> None:
        raise NotImplementedError

    def bus(
        self, client_id: str, subscriptions: Sequence[str], *, will: Will | None = None, identity: str | None = None
    ) -> MemoryBus:
        """A client. `identity` is what a certificate would say (default: the client id)."""
        raise NotImplementedError

    def stop(self, *, forget: bool = True) -> None:
        """Every connection is lost; `forget`: sessions, queues and retained messages too, as after kill -9."""
        raise NotImplementedError

    def start(self) -> None:
        raise NotImplementedError

    def cut(self, client_id: str) -> None:
        """Tears one connection; what is under way on it is lost."""
        raise NotImplementedError


class MemoryBus:
    def start(self, on_event: OnEvent) -> None:
        raise NotImplementedError

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 1,
        expiry_s: int | None = None,
        retain: bool = False,
        corr: bytes = b"",
    ) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError
