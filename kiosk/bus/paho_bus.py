"""MQTT 5 to a real broker through paho-mqtt.

Each connection has a paho client of its own: paho would otherwise send again, after any outage, what had no PUBACK
when the last connection broke. Version 5 is required: 3.1.1 reports a refused publish as a success.
"""

from __future__ import annotations

import math
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from drivers.clock import Hub, Mailbox, MailboxFull
from drivers.health import Wellness
from kiosk.bus.contract import (
    REFUSED,
    SERVER_UNAVAILABLE,
    SESSION_EXPIRY_S,
    UNDER_WAY_MAX,
    BusEvent,
    BusGone,
    Connected,
    Delivered,
    Disconnected,
    OnEvent,
    PublishRefused,
    Will,
)

KEEPALIVE_S: Final = 15
CONNECT_S_MAX: Final = 5.0
STEADY_S: Final = 5.0
UNREAD_S: Final = 0.1  # between two looks whether the owner has made room
_NOTICES_MAX: Final = 64
_QUOTA_EXCEEDED: Final = 0x97


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
        self._ends: Mailbox[tuple[_Connection | None, Disconnected]] = hub.mailbox(_NOTICES_MAX)
        self._connection: _Connection | None = None
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
        properties = _properties(PacketTypes.PUBLISH)
        if expiry_s is not None:
            properties.MessageExpiryInterval = expiry_s
        if corr:
            properties.CorrelationData = corr
        connection.publish(topic, payload, qos, retain, properties)

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._ends.put((None, Disconnected(0, "closed by us")))

    def emit(self, event: BusEvent, source: _Connection) -> None:
        """From paho's thread. An owner that has stopped reading loses the connection, not the process."""
        try:
            self._on_event(event)
        except MailboxFull:
            self.ended(source, Disconnected(_QUOTA_EXCEEDED, "too many messages wait to be read"))

    def ended(self, source: _Connection, event: Disconnected) -> None:
        self._ends.put((source, event))

    def _run(self) -> None:
        wellness = Wellness()
        while not self._closing:
            connection = _Connection(self, self._broker, self._client_id, self._subscriptions, self._will)
            since = self._hub.now()
            self._connection = connection
            end = connection.open() or self._end_of(connection)
            self._connection = None
            connection.close()
            self._tell(end)
            # Two machines with one name throw each other out: what does not last does not reset the back-off.
            steady = self._hub.now() - since >= STEADY_S
            wellness = Wellness().lost() if steady else wellness.lost()
            self._rest(wellness.backoff_s * self._rng.uniform(0.5, 1.5))

    def _end_of(self, connection: _Connection) -> Disconnected:
        """Waits for the end of this connection; notices of earlier ones are old news."""
        while True:
            notice = self._ends.get(math.inf)
            if notice is not None and notice[0] in (None, connection):
                return notice[1]

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
        until = self._hub.now() + seconds
        while not self._closing and self._hub.now() < until:
            self._ends.get(until)


class _Connection:
    """One paho client from CONNECT to its end. Callbacks run in paho's thread."""

    def __init__(
        self, bus: PahoBus, broker: BrokerAt, client_id: str, subscriptions: tuple[str, ...], will: Will | None
    ) -> None:
        self.ready = False
        self._bus = bus
        self._broker = broker
        self._subscriptions = subscriptions
        self._session_present = False
        self._limit = UNDER_WAY_MAX
        self._under_way: dict[int, str] = {}  # topic by message id
        self._acks: dict[int, int] = {}  # reason code by message id, until the publisher has filed the topic
        self._client = self._paho_client(client_id, will)

    def open(self) -> Disconnected | None:
        """Connects; None once the CONNECT is on its way, else why not."""
        properties = _properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = SESSION_EXPIRY_S
        properties.ReceiveMaximum = UNDER_WAY_MAX
        try:
            if self._broker.tls is not None:
                self._client.tls_set_context(_context(self._broker.tls))
            self._client.connect(
                self._broker.host, self._broker.port, KEEPALIVE_S, clean_start=False, properties=properties
            )
        except OSError as error:  # refused, unreachable, unknown host, handshake (ssl.SSLError is one)
            return Disconnected(SERVER_UNAVAILABLE, f"{type(error).__name__}: {error}")
        self._client.loop_start()
        return None

    def publish(self, topic: str, payload: bytes, qos: int, retain: bool, properties: Properties) -> None:
        if len(self._under_way) >= self._limit:
            raise BusGone(f"{self._limit} messages wait for their PUBACK")
        info = self._client.publish(topic, payload, qos, retain, properties)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise BusGone(mqtt.error_string(info.rc))
        self._under_way[info.mid] = topic
        self._settle(info.mid)

    def close(self) -> None:
        self.ready = False
        self._client.disconnect()
        self._client.loop_stop()

    def _settle(self, mid: int) -> None:
        """The PUBACK may come before `publish` has returned: whichever side comes second finds both halves."""
        if mid in self._acks:
            topic = self._under_way.pop(mid, None)
            if topic is not None:
                code = self._acks.pop(mid)
                if code >= REFUSED:
                    self._bus.emit(PublishRefused(topic, code), self)

    def _paho_client(self, client_id: str, will: Will | None) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_S_MAX
        client.max_inflight_messages_set(UNDER_WAY_MAX)
        if will is not None:
            properties = _properties(PacketTypes.WILLMESSAGE)
            properties.WillDelayInterval = will.delay_s
            client.will_set(will.topic, will.payload, qos=1, retain=True, properties=properties)
        client.on_socket_open = _without_delay
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        return client

    def _on_connect(
        self,
        client: mqtt.Client,
        userdata: Any,  # paho's type
        flags: mqtt.ConnectFlags,
        code: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if code.is_failure:
            self._bus.ended(self, Disconnected(code.value, str(code)))
            return
        self._session_present = flags.session_present
        # The broker may take less at a time than we would send (MQTT 5, 3.2.2.3.3).
        self._limit = min(UNDER_WAY_MAX, getattr(properties, "ReceiveMaximum", UNDER_WAY_MAX))
        if self._subscriptions:
            client.subscribe([(topic, SubscribeOptions(qos=1)) for topic in self._subscriptions])
        else:
            self._is_ready()

    def _on_subscribe(
        self,
        client: mqtt.Client,
        userdata: Any,  # paho's type
        mid: int,
        codes: list[ReasonCode],
        properties: Properties | None,
    ) -> None:
        refused = [code for code in codes if code.is_failure]
        if refused:
            self._bus.ended(self, Disconnected(refused[0].value, f"subscription: {refused[0]}"))
        else:
            self._is_ready()

    def _is_ready(self) -> None:
        self.ready = True
        self._bus.emit(Connected(self._session_present), self)

    def _on_disconnect(
        self,
        client: mqtt.Client,
        userdata: Any,  # paho's type
        flags: mqtt.DisconnectFlags,
        code: ReasonCode,
        properties: Properties | None,
    ) -> None:
        self._bus.ended(self, Disconnected(code.value, str(code)))

    def _on_message(self, client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:  # paho's type
        corr = getattr(message.properties, "CorrelationData", b"")
        event = Delivered(topic=message.topic, payload=bytes(message.payload), corr=corr, retained=message.retain)
        self._bus.emit(event, self)

    def _on_publish(
        self,
        client: mqtt.Client,
        userdata: Any,  # paho's type
        mid: int,
        code: ReasonCode,
        properties: Properties | None,
    ) -> None:
        self._acks[mid] = code.value
        self._settle(mid)


def _without_delay(client: mqtt.Client, userdata: Any, wire: Any) -> None:  # paho's types
    # Without it Nagle's algorithm and delayed acknowledgements make a question and its answer take 44 ms instead of
    # 0.6; the broker needs the same (set_tcp_nodelay).
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _properties(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call]  # paho leaves this one untyped


def _context(tls: Tls) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(tls.ca))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(tls.certificate, tls.key)
    return context
