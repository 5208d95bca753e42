"""The uplink between the core and the bus: whoever brings something takes a turn and does what follows from it.

A question is signed and sent by the task that asks, an answer checked by the task that heard it: each change of task
would cost a reader more than the work itself. A task of its own minds the clock and sends the journal's records.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Final

from drivers.clock import Hub, Mailbox, MailboxFull
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


class _Committed:
    pass


class _Closed:
    pass


class _Look:
    """Something is due earlier than the task had thought."""


_Work = _Committed | _Look | Happening
TOKEN: Final = "turn"


class Uplink:
    """All methods may be called from any task; none waits for the network. Events go to `on_event`, from whichever
    task is at work: it must only put into a mailbox."""

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
        self._closed = False
        self._sleeps_until = math.inf
        self._turn: Mailbox[str] = hub.mailbox(1)
        self._turn.put(TOKEN)
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
        self._bus.start(self._heard)

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
        self._act(lambda now: self._engine.asked(question, answer_s, corr, now))

    def tell(self, happening: Happening) -> None:
        """A fault or state for people (lane evt); lost when there is no broker."""
        self._inbox.put(happening)

    def refused(self) -> dict[Refusal, int]:
        """How many messages were not acted upon, and why: for diag."""
        return dict(self._engine.refused)

    def close(self) -> None:
        """Says goodbye and ends the task."""
        self._inbox.put(_Closed())

    def _heard(self, event: BusEvent) -> None:
        self._act(lambda now: self._engine.bus_event(event, now))

    def _run(self) -> None:
        item: _Work | _Closed | None = _Look()
        while True:
            if isinstance(item, _Closed):
                self._turn.get(math.inf)
                self._closed = True  # what is heard from here on stays unheard
                self._turn.put(TOKEN)
                self._bus.close()
                self._outbox.close()
                for salvage in self._salvages:
                    salvage.close()
                return
            self._act(partial(self._decided, item), until_woken=True)
            item = self._inbox.get(self._sleeps_until)

    def _decided(self, item: _Work | None, now: float) -> list[Action]:
        match item:
            case _Committed():
                self._committed_told = False  # before reading: what is committed from here on is told again
                return self._engine.committed(now)
            case Happening():
                return self._engine.told(item)
            case _:
                return self._engine.tick(now)

    def _act(self, decide: Callable[[float], list[Action]], *, until_woken: bool = False) -> None:
        """In turn. The uplink's own task wakes by itself for what it knew of when it went to sleep."""
        self._turn.get(math.inf)
        try:
            if not self._closed:
                self._do(decide(self._hub.now()))
            wakes_at = self._engine.wakes_at
            early = wakes_at < self._sleeps_until
            if until_woken or early:
                self._sleeps_until = wakes_at
        finally:
            self._turn.put(TOKEN)
        if early and not until_woken:
            self._inbox.put(_Look())

    def _do(self, actions: list[Action]) -> None:
        for action in actions:
            if isinstance(action, Publish):
                self._publish(action)
            else:
                self._tell(action)

    def _tell(self, event: UplinkEvent) -> None:
        try:
            self._on_event(event)
        except MailboxFull as full:
            raise AssertionError("the core has stopped reading") from full

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
