"""What the gateway's rooms share: one value, put together once by the service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from drivers.clock import Hub
from kiosk.bus import Bus
from kiosk.gateway.card import CardResolver, Wallet
from kiosk.gateway.claims import Claims
from kiosk.gateway.config import GatewayConfig
from kiosk.gateway.daykeys import DayKeys
from kiosk.gateway.lease import Lease
from kiosk.gateway.notes import Notes
from kiosk.gateway.post import Post
from kiosk.gateway.registry import Registry
from kiosk.gateway.sip2.pool import Pool
from kiosk.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything here may be used from any task."""

    config: GatewayConfig
    hub: Hub
    bus: Bus
    ils: Pool
    ledger: Ledger
    registry: Registry
    cards: CardResolver
    wallet: Wallet | None  # None: no payments here
    claims: Claims
    day_keys: DayKeys
    lease: Lease
    post: Post
    notes: Notes
    site_secret: bytes
    rng: Random
    nudge: Callable[[], None]  # the settler has work

    def now_ms(self) -> int:
        return int(self.hub.wall() * 1000)
