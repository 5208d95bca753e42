"""MQTT 5 to a real broker through paho-mqtt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from drivers.clock import Hub
from kiosk.bus.contract import OnEvent, Will


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Paths of PEM files: the CA that signs the broker, and this end's own certificate and key."""

    ca: Path
    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAt:
    host: str
    port: int
    tls: Tls | None = None


class PahoBus:
    """One client connection; needs a ThreadHub (a real broker is never virtual)."""

    def __init__(
        self,
        *,
        hub: Hub,
        broker: BrokerAt,
        client_id: str,
        subscriptions: Sequence[str],
        rng: Random,
        will: Will | None = None,
    ) -> None:
        raise NotImplementedError

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
