"""The uplink's own task: mailbox in, bus out, events to the core."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from drivers.clock import Hub, Mailbox
from kiosk.bus import Bus, BusEvent, BusGone
from kiosk.journal import Outbox
from kiosk.journal.aside import Salvage
from kiosk.messages.asks import Ask
from kiosk.messages.envelope import Happening
from kiosk.uplink.engine import PROBE_S, SNAPSHOT_S, Action, Engine, Publish
from kiosk.uplink.estate import Estate
from kiosk.uplink.events import Refusal, UplinkEvent
from kiosk.uplink.letters import Identity
from kiosk.uplink.snapshot import SnapshotCache

INBOX_MAX: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    question: Ask
    answer_s: float
    corr: str


class _Committed:
    pass


class _Closed:
    pass


_Work = BusEvent | _Asked | _Committed | Happening


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
        gateway_ms: Callable[[], int | None],
        rng: Random,
        on_event: Callable[[UplinkEvent], None],
        entropy: Callable[[int], bytes] = os.urandom,
        probe_s: float = PROBE_S,
        snapshot_s: float = SNAPSHOT_S,
        salvages: tuple[Salvage, ...] = (),
    ) -> None:
        """`watermark` and `gateway_ms` are the Journal's, `outbox` a connection of its own; the uplink closes it.

        `probe_s`: after so long without a word from the gateway it is asked whether it is there. `snapshot_s`: how
        often a new offline snapshot is asked for. `salvages`: what older journals have still to tell; closed, too.
        """
        self._hub = hub
        self._bus = bus
        self._outbox = outbox
        self._address = identity.address
        self._on_event = on_event
        self._inbox: Mailbox[_Work | _Closed] = hub.mailbox(INBOX_MAX)
        self._committed_told = False
        self._salvages = salvages
        self._engine = Engine(
            identity=identity,
            outbox=outbox,
            watermark=watermark,
            snapshots=snapshots,
            gateway_ms=gateway_ms,
            clock=hub,
            rng=rng,
            entropy=entropy,
            probe_s=probe_s,
            snapshot_s=snapshot_s,
            estates=tuple(Estate(salvage, rng) for salvage in salvages if salvage.device == identity.address.device),
        )

    def start(self) -> None:
        self._hub.spawn(f"uplink {self._address.device}", self._run)
        self._bus.start(self._inbox.put)

    def committed(self) -> None:
        """The journal has new records. Cheap; call after every append."""
        if not self._committed_told:
            self._committed_told = True
            self._inbox.put(_Committed())

    def ask(self, question: Ask, *, answer_s: float, corr: str) -> None:
        """Sends a question; an Answered or a NoAnswer with this `corr` follows, after NoAnswer perhaps a late Answered.

        `corr` is the key for an effect, else a text that no other boot of this machine uses. A question that cannot
        be sent waits for the broker until its deadline.
        """
        self._inbox.put(_Asked(question=question, answer_s=answer_s, corr=corr))

    def tell(self, happening: Happening) -> None:
        """A fault or state for people (lane evt); lost when there is no broker."""
        self._inbox.put(happening)

    def refused(self) -> dict[Refusal, int]:
        """How many messages were not acted upon, and why: for diag."""
        return dict(self._engine.refused)

    def close(self) -> None:
        """Says goodbye and ends the task."""
        self._inbox.put(_Closed())

    def _run(self) -> None:
        while True:
            item = self._inbox.get(self._engine.wakes_at)
            if isinstance(item, _Closed):
                self._bus.close()
                self._outbox.close()
                for salvage in self._salvages:
                    salvage.close()
                return
            self._do(self._decided(item))

    def _decided(self, item: _Work | None) -> list[Action]:
        now = self._hub.now()
        match item:
            case None:
                return self._engine.tick(now)
            case _Asked():
                return self._engine.asked(item.question, item.answer_s, item.corr, now)
            case _Committed():
                self._committed_told = False  # before reading: what is committed from here on is told again
                return self._engine.committed(now)
            case Happening():
                return self._engine.told(item)
            case _:
                return self._engine.bus_event(item, now)

    def _do(self, actions: list[Action]) -> None:
        for action in actions:
            if isinstance(action, Publish):
                self._publish(action)
            else:
                self._on_event(action)

    def _publish(self, publish: Publish) -> None:
        try:
            self._bus.publish(
                self._address.topic(publish.lane),
                publish.payload,
                expiry_s=publish.expiry_s,
                retain=publish.retain,
                corr=publish.corr.encode(),
            )
        except BusGone:
            self._engine.not_sent(publish, self._hub.now())
