"""MQTT 5 to a real broker through paho-mqtt.

Each connection has a paho client of its own: paho would otherwise send again, after any outage, what had no PUBACK
when the last connection broke. Version 5 is required: 3.1.1 reports a refused publish as a success.

Paho's own thread is not used: a message would wait for it to wake up. Whoever publishes writes to the socket itself,
and the bus's task waits for what comes. They take turns, since neither paho's state nor a TLS socket bears two at once.
"""

from __future__ import annotations

import contextlib
import math
import select
import socket
import ssl
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties, VariableByteIntegers
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
LOOK_S: Final = 1.0  # between two looks at the keep-alive
TOKEN: Final = "turn"
_QUOTA_EXCEEDED: Final = 0x97
_MESSAGE_EXPIRY, _CORRELATION = 0x02, 0x09  # MQTT 5, 2.2.2.2


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
        self._goodbyes: Mailbox[str] = hub.mailbox(1)
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
        connection.publish(topic, payload, qos, retain, _PublishProperties(expiry_s, corr))

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._goodbyes.put("closed by us")
            connection = self._connection
            if connection is not None:
                connection.ended(Disconnected(0, "closed by us"))

    def _run(self) -> None:
        wellness = Wellness()
        while not self._closing:
            connection = _Connection(self._hub, self._broker, self._client_id, self._subscriptions, self._will)
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


class _Connection:
    """One paho client from CONNECT to its end. Its callbacks run in turn, mostly in the bus's task."""

    def __init__(
        self,
        hub: Hub,
        broker: BrokerAt,
        client_id: str,
        subscriptions: tuple[str, ...],
        will: Will | None,
    ) -> None:
        self.ready = False
        self._broker = broker
        self._subscriptions = subscriptions
        self._session_present = False
        self._limit = UNDER_WAY_MAX
        self._under_way: dict[int, str] = {}  # topic by message id
        self._news: list[tuple[BusEvent, int]] = []  # with the message id of what is still to be acknowledged, or 0
        self._end: Disconnected | None = None
        self._turn: Mailbox[str] = hub.mailbox(1)
        self._turn.put(TOKEN)
        self._woken, self._waker = socket.socketpair()
        self._waker.setblocking(False)
        self._client = self._paho_client(client_id, will)

    def open(self) -> Disconnected | None:
        """Connects; None once the CONNECT is on its way, else why not."""
        properties = _properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = SESSION_EXPIRY_S
        properties.ReceiveMaximum = UNDER_WAY_MAX
        try:
            if self._broker.tls is not None:
                self._client.tls_set_context(context(self._broker.tls))
            self._client.connect(
                self._broker.host, self._broker.port, KEEPALIVE_S, clean_start=False, properties=properties
            )
        except OSError as error:  # refused, unreachable, unknown host, handshake (ssl.SSLError is one)
            return Disconnected(SERVER_UNAVAILABLE, f"{type(error).__name__}: {error}")
        return None

    def serve(self, on_event: OnEvent, closing: Callable[[], bool]) -> Disconnected:
        """Reads, and writes what did not go out at once, until the connection ends; says why."""
        while self._end is None and not closing():
            wire = self._client.socket()
            if wire is None:
                break
            self._wait(wire)
            with self._taking_turns():
                self._read(wire)
                if self._client.want_write():
                    self._client.loop_write()
                self._client.loop_misc()
            self._tell(on_event)
        return self._end or Disconnected(0, "closed by us")

    def _tell(self, on_event: OnEvent) -> None:
        """Nobody's turn: the owner may publish. An owner that has stopped reading loses the connection, not the
        process, and the broker keeps what was not acknowledged."""
        news, self._news = self._news, []
        try:
            for event, _ in news:
                on_event(event)
        except MailboxFull:
            self.ended(Disconnected(_QUOTA_EXCEEDED, "too many messages wait to be read"))
            return
        with self._taking_turns():
            for _, mid in news:
                if mid:
                    self._client.ack(mid, 1)

    def ended(self, end: Disconnected) -> None:
        """The first reason counts."""
        self._end = self._end or end
        self._wake()

    def publish(self, topic: str, payload: bytes, qos: int, retain: bool, properties: _PublishProperties) -> None:
        with self._taking_turns():
            if len(self._under_way) >= self._limit:
                raise BusGone(f"{self._limit} messages wait for their PUBACK")
            # Paho only packs them, and its own class takes longer for that than for all the rest of a packet.
            info = self._client.publish(topic, payload, qos, retain, properties)  # type: ignore[arg-type]
            if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
                raise BusGone(mqtt.error_string(info.rc))
            if qos:
                self._under_way[info.mid] = topic
            unsent = self._client.want_write()
        if unsent:
            self._wake()

    def close(self) -> None:
        self.ready = False
        with self._taking_turns():
            self._client.disconnect()
            wire = self._client.socket()
            if wire is not None:  # the goodbye waits behind what a stalled broker does not read
                wire.close()
        self._woken.close()
        self._waker.close()

    @contextlib.contextmanager
    def _taking_turns(self) -> Iterator[None]:
        self._turn.get(math.inf)
        try:
            yield
        finally:
            self._turn.put(TOKEN)

    def _wait(self, wire: mqtt.SocketLike) -> None:
        """Until there is something to read, room for what could not be written, or a reason to look."""
        number = wire.fileno()
        if number < 0:  # whoever published has found it broken, and closed it
            return
        waiting = select.poll()
        waiting.register(number, select.POLLIN | (select.POLLOUT if self._client.want_write() else 0))
        waiting.register(self._woken.fileno(), select.POLLIN)
        if any(number == self._woken.fileno() for number, _ in waiting.poll(LOOK_S * 1000)):
            self._woken.recv(4_096)

    def _read(self, wire: mqtt.SocketLike) -> None:
        """One packet, and those that TLS has taken off the socket with it."""
        more = True
        while more and self._end is None:
            more = self._client.loop_read() == MQTTErrorCode.MQTT_ERR_SUCCESS and _pending(wire) > 0

    def _wake(self) -> None:
        with contextlib.suppress(OSError):  # it has been woken often enough, or is gone
            self._waker.send(b"!")

    def _paho_client(self, client_id: str, will: Will | None) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
            manual_ack=True,
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
            self.ended(Disconnected(code.value, str(code)))
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
            self.ended(Disconnected(refused[0].value, f"subscription: {refused[0]}"))
        else:
            self._is_ready()

    def _is_ready(self) -> None:
        self.ready = True
        self._news.append((Connected(self._session_present), 0))

    def _on_disconnect(
        self,
        client: mqtt.Client,
        userdata: Any,  # paho's type
        flags: mqtt.DisconnectFlags,
        code: ReasonCode,
        properties: Properties | None,
    ) -> None:
        self.ended(Disconnected(code.value, str(code)))

    def _on_message(self, client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:  # paho's type
        corr = getattr(message.properties, "CorrelationData", b"")
        event = Delivered(topic=message.topic, payload=bytes(message.payload), corr=corr, retained=message.retain)
        self._news.append((event, message.mid if message.qos else 0))

    def _on_publish(
        self,
        client: mqtt.Client,
        userdata: Any,  # paho's type
        mid: int,
        code: ReasonCode,
        properties: Properties | None,
    ) -> None:
        topic = self._under_way.pop(mid, None)
        if topic is not None and code.value >= REFUSED:
            self._news.append((PublishRefused(topic, code.value), 0))


class _PublishProperties:
    """What paho asks of the properties of a PUBLISH (MQTT 5, 3.3.2.3): their bytes."""

    def __init__(self, expiry_s: int | None, corr: bytes) -> None:
        self._expiry_s = expiry_s
        self._corr = corr

    def pack(self) -> bytes:
        packed = b"" if self._expiry_s is None else struct.pack("!BI", _MESSAGE_EXPIRY, self._expiry_s)
        if self._corr:
            packed += struct.pack("!BH", _CORRELATION, len(self._corr)) + self._corr
        size: bytes = VariableByteIntegers.encode(len(packed))  # type: ignore[no-untyped-call]  # paho leaves it untyped
        return size + packed


def _without_delay(client: mqtt.Client, userdata: Any, wire: Any) -> None:  # paho's types
    # Without it Nagle's algorithm and delayed acknowledgements make a question and its answer take 44 ms instead of
    # 0.6; the broker needs the same (set_tcp_nodelay).
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _pending(wire: mqtt.SocketLike) -> int:
    return wire.pending() if isinstance(wire, ssl.SSLSocket) else 0


def _properties(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call]  # paho leaves this one untyped


def context(tls: Tls) -> ssl.SSLContext:
    """What a client shows and trusts."""
    made = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(tls.ca))
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.load_cert_chain(tls.certificate, tls.key)
    return made
