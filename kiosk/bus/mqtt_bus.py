"""MQTT 5 to a real broker: connects, connects again, and tells its owner.

Nothing outlives a connection: what had no PUBACK when it broke is never sent again, for a question from before an
outage would come back to life. Version 5 is required: 3.1.1 reports a refused publish as a success.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

from drivers.clock import Hub, Mailbox, MailboxFull
from drivers.health import Wellness
from kiosk.bus.connection import BrokerAt, Connection, Tls
from kiosk.bus.contract import BusGone, Disconnected, OnEvent, Will

__all__ = ["BrokerAt", "MqttBus", "Tls"]

STEADY_S: Final = 5.0
UNREAD_S: Final = 0.1  # between two looks whether the owner has made room


class MqttBus:
    """One client connection at a time; needs a ThreadHub (a real broker is never virtual)."""

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
        self._hub = hub
        self._broker = broker
        self._client_id = client_id
        self._subscriptions = tuple(subscriptions)
        self._rng = rng
        self._will = will
        self._goodbyes: Mailbox[str] = hub.mailbox(1)
        self._connection: Connection | None = None
        self._closing = False

    def start(self, on_event: OnEvent) -> None:
        self._on_event = on_event
        self._hub.spawn(f"bus {self._client_id}", self._run)

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
        connection = self._connection
        if connection is None or not connection.ready:
            raise BusGone(f"no connection to {self._broker.host}")
        connection.publish(topic, payload, qos=qos, expiry_s=expiry_s, retain=retain, corr=corr)

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._goodbyes.put("closed by us")
            connection = self._connection
            if connection is not None:
                connection.end(Disconnected(0, "closed by us"))

    def _run(self) -> None:
        wellness = Wellness()
        while not self._closing:
            connection = Connection(self._hub, self._broker, self._client_id, self._subscriptions, self._will)
            since = self._hub.now()
            self._connection = connection
            end = connection.open() or connection.serve(self._on_event, lambda: self._closing)
            self._connection = None
            connection.close()
            self._tell(end)
            # Two machines with one name throw each other out: what does not last does not reset the back-off.
            steady = self._hub.now() - since >= STEADY_S
            wellness = Wellness().lost() if steady else wellness.lost()
            self._rest(wellness.backoff_s * self._rng.uniform(0.5, 1.5))

    def _tell(self, end: Disconnected) -> None:
        """The owner must learn of it before anything else, however late it reads."""
        while True:
            try:
                self._on_event(end)
                return
            except MailboxFull:
                if self._closing:
                    return
                self._rest(UNREAD_S)

    def _rest(self, seconds: float) -> None:
        """Waits before the next attempt; shorter only when we are closed meanwhile."""
        if not self._closing:
            self._goodbyes.get(self._hub.now() + seconds)
