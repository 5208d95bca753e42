"""The uplink's own task: mailbox in, bus out, events to the core."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from drivers.clock import Hub
from kiosk.bus import Bus
from kiosk.journal import Outbox
from kiosk.keys import Signer, Verifier
from kiosk.messages.asks import Ask
from kiosk.messages.envelope import Happening
from kiosk.messages.topics import Address
from kiosk.uplink.events import UplinkEvent
from kiosk.uplink.snapshot import SnapshotCache


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who this machine is, and whose word it takes."""

    address: Address
    boot: str
    software: str
    signer: Signer
    gateway: Verifier


class Uplink:
    """All methods may be called from any task; none blocks. Events go to `on_event`, from the uplink's own task."""

    def __init__(
        self,
        *,
        hub: Hub,
        bus: Bus,
        outbox: Outbox,
        watermark: int,
        identity: Identity,
        snapshots: SnapshotCache,
        rng: Random,
        on_event: Callable[[UplinkEvent], None],
    ) -> None:
        raise NotImplementedError

    def start(self) -> None:
        raise NotImplementedError

    def committed(self) -> None:
        """The journal has new records. Cheap; call after every append."""
        raise NotImplementedError

    def ask(self, question: Ask, *, answer_s: float, corr: str) -> None:
        """Sends a question; exactly one Answered or NoAnswer with this `corr` follows in time, perhaps a late Answered.

        `corr` must be unique (for an effect: its key). A question that cannot be sent waits for the broker until its
        deadline. It is sent again after a lost connection: the gateway answers the same key the same way.
        """
        raise NotImplementedError

    def tell(self, happening: Happening) -> None:
        """A fault or state for people (lane evt); lost when there is no broker."""
        raise NotImplementedError

    def close(self) -> None:
        """Says goodbye and ends the task."""
        raise NotImplementedError
