"""A whole uplink on a virtual hub: real journal, real engine, real worker, broker in memory, honest far end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import TypeVar

from drivers.clock import VirtualHub
from kiosk.bus.memory import FINE, MemoryBroker, Weather
from kiosk.domain import ItemBarcode, Key, Pseudonym, SecurityProof, SecurityState
from kiosk.domain.nouns import key_of
from kiosk.journal import Entry, Journal, Outbox
from kiosk.keys import new_signer
from kiosk.messages.records import Body, Final, Granted, Intent, Op, Outcome, Sealed
from kiosk.messages.topics import Address
from kiosk.uplink import Identity, Receipted, SnapshotCache, Uplink, UplinkEvent, last_will, subscriptions
from tests.unit.uplink.far_end import FarEnd

E = TypeVar("E", bound=UplinkEvent)

ADDRESS = Address(consortium="demo", site="main", device="kiosk-01")
DEVICE, GATEWAY = new_signer(), new_signer()


class Stage:
    def __init__(
        self,
        directory: Path,
        *,
        seed: int = 1,
        weather: Weather = FINE,
    ) -> None:
        self.hub = VirtualHub()
        self.rng = Random(seed)
        self.broker = MemoryBroker(self.hub, self.rng, weather)
        self.path = directory / "journal.db"
        self.events: list[UplinkEvent] = []
        self.times: list[float] = []  # of the events
        self.far = FarEnd(address=ADDRESS, clock=self.hub, signer=GATEWAY, device=DEVICE.verifier())
        self._minted = 0
        self.boot = 0
        self.start()

    def start(self) -> None:
        """The machine's next boot."""
        self.boot += 1
        self.journal = Journal.open(
            self.path,
            device=ADDRESS.device,
            clock=self.hub,
            boot=f"boot-{self.boot}",
            entropy=self.rng.randbytes,
            synchronous="OFF",
        )
        self.identity = Identity(
            address=ADDRESS,
            epoch=self.journal.meta.epoch,
            boot=f"boot-{self.boot}",
            software="1.0",
            signer=DEVICE,
            gateway=GATEWAY.verifier(),
        )
        will = last_will(self.identity, self.hub, self.journal.last)
        self.snapshots = SnapshotCache(self.path.with_name("snapshot"), GATEWAY.verifier(), self.journal.gateway_ms)
        self.uplink = Uplink(
            hub=self.hub,
            bus=self.broker.bus(ADDRESS.device, subscriptions(ADDRESS), will=will),
            outbox=Outbox(self.path),
            watermark=self.journal.watermark,
            identity=self.identity,
            snapshots=self.snapshots,
            gateway_ms=self.journal.gateway_ms,
            rng=self.rng,
            on_event=self._on_event,
            entropy=self.rng.randbytes,
        )
        self.uplink.start()

    def end(self) -> None:
        """The machine is switched off in good order."""
        self.uplink.close()
        self.run(0.1)
        self.journal.close()

    def gateway(self) -> FarEnd:
        self.far.start(self.broker.bus("gateway", FarEnd.subscriptions(ADDRESS)))
        return self.far

    def _on_event(self, event: UplinkEvent) -> None:
        self.events.append(event)
        self.times.append(self.hub.now())
        if isinstance(event, Receipted):
            self.journal.receipt(event.through, event.head, event.wall_ms)

    def run(self, seconds: float) -> None:
        self.hub.run(self.hub.now() + seconds)

    def append(self, bodies: Sequence[Body]) -> tuple[Entry, ...]:
        entries = self.journal.append(bodies)
        self.uplink.committed()
        return entries

    def mint(self) -> Key:
        self._minted += 1
        return key_of(ADDRESS.device, self.journal.meta.epoch, self._minted)

    def rows_here(self) -> list[str]:
        return [entry.hash for entry in self.journal.read(1, 100_000)]

    def rows_there(self) -> list[str]:
        """What the gateway has of this epoch, gaps and all."""
        epoch = self.journal.meta.epoch
        return [self.far.rows[key][0] for key in sorted(self.far.rows) if key[0] == epoch]

    def lend(self, count: int = 1) -> tuple[Entry, ...]:
        """`count` whole loans of three records each."""
        entries: tuple[Entry, ...] = ()
        for _ in range(count):
            intent = intent_of(self.mint())
            entries += self.append([intent, Granted(key=intent.key), delivered(intent)])
        return entries

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]


def intent_of(key: Key, item: str = "", pseudonym: str = "reader") -> Intent:
    return Intent(
        key=key,
        op=Op.CHECKOUT,
        item=ItemBarcode(item or f"3100{key.rsplit('-', 1)[1]:0>8}"),
        patron=Sealed(kid="2026-11-22-0", box="Ym94"),
        pseudonym=Pseudonym(pseudonym),
        security=SecurityState.ON,
        at_ms=1,
    )


def delivered(intent: Intent) -> Final:
    return Final(
        key=intent.key,
        op=intent.op,
        item=intent.item,
        outcome=Outcome.DELIVERED,
        security=SecurityState.OFF,
        proof=SecurityProof.PROVEN,
        at_ms=2,
    )
