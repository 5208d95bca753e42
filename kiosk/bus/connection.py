"""One connection to a broker, from CONNECT to its end.

Whoever publishes writes to the socket himself: handing a message to another thread costs more than sending it. The
bus's task waits for what comes. They take turns, since a TLS socket does not bear two at once.
"""

from __future__ import annotations

import contextlib
import math
import select
import socket
import ssl
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from drivers.clock import Hub, Mailbox, MailboxFull
from kiosk.bus import mqtt5
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
ACK_S: Final = 0.005  # an acknowledgement waits so long for a publish that it can go with
ACKS_MAX: Final = UNDER_WAY_MAX // 4
LOOK_MS: Final = 1_000  # between two looks at the keep-alive
CHUNK_BYTES: Final = 65_536
TOKEN: Final = "turn"
CONNECTION_LOST: Final = 0x80
MALFORMED: Final = 0x81
KEEP_ALIVE_TIMEOUT: Final = 0x8D
QUOTA_EXCEEDED: Final = 0x97


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


class Connection:
    """`open`, `serve` and `close` belong to the bus's task; `publish` and `end` may be called from any."""

    def __init__(
        self, hub: Hub, broker: BrokerAt, client_id: str, subscriptions: Sequence[str], will: Will | None
    ) -> None:
        self.ready = False
        self.wire: socket.socket | None = None
        self._hub = hub
        self._broker = broker
        self._client_id = client_id
        self._subscriptions = subscriptions
        self._will = will
        self._session_present = False
        self._limit = UNDER_WAY_MAX
        self._under_way: dict[int, str] = {}  # topic by message id
        self._mid = 0
        self._framer = mqtt5.Framer()
        self._unsent = b""
        self._news: list[tuple[BusEvent, int]] = []  # with the message id of what is to be acknowledged, or 0
        self._early: list[tuple[BusEvent, int]] = []  # what the broker had kept for us comes before our subscriptions
        self._acks: deque[int] = deque()
        self._acks_by = math.inf
        self._heard_at = self._spoke_at = hub.now()
        self._pinged_at: float | None = None
        self._end: Disconnected | None = None
        self._turn: Mailbox[str] = hub.mailbox(1)
        self._turn.put(TOKEN)
        self._woken, self._waker = socket.socketpair()
        self._waker.setblocking(False)
        self._events = select.poll()

    def open(self) -> Disconnected | None:
        """Connects; None once the CONNECT is on its way, else why not."""
        broker = self._broker
        try:
            wire = socket.create_connection((broker.host, broker.port), CONNECT_S_MAX)
            self.wire = wire
            # Without it Nagle's algorithm and delayed acknowledgements make a question and its answer take 44 ms; the
            # broker needs the same (set_tcp_nodelay).
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if broker.tls is not None:
                self.wire = wire = context(broker.tls).wrap_socket(wire, server_hostname=broker.host)
            wire.sendall(self._connect())
            wire.setblocking(False)
        except OSError as error:  # refused, unreachable, unknown host, handshake (ssl.SSLError is one)
            return Disconnected(SERVER_UNAVAILABLE, f"{type(error).__name__}: {error}")
        self._heard_at = self._spoke_at = self._hub.now()
        self._events.register(wire.fileno(), select.POLLIN)
        self._events.register(self._woken.fileno(), select.POLLIN)
        return None

    def serve(self, on_event: OnEvent, closing: Callable[[], bool]) -> Disconnected:
        """Hears, and says what did not go out at once, until the connection ends; tells why it did."""
        while self._end is None and not closing():
            self._wait()
            with self._taking_turns():
                self._read()
                self._keep_alive()
                self._write(b"")
            self._tell(on_event)
        return self._end or Disconnected(0, "closed by us")

    def publish(self, topic: str, payload: bytes, *, qos: int, expiry_s: int | None, retain: bool, corr: bytes) -> None:
        """Raises BusGone: nothing was handed to the broker."""
        with self._taking_turns():
            if not self.ready or self._end is not None:
                raise BusGone("the connection is gone")
            if len(self._under_way) >= self._limit:
                raise BusGone(f"{self._limit} messages wait for their PUBACK")
            mid = self._next_mid(topic) if qos else 0
            self._write(mqtt5.publish(topic, payload, mid=mid, retain=retain, expiry_s=expiry_s, corr=corr))
            unsent = bool(self._unsent) or self._end is not None
        if unsent:
            self._wake()

    def end(self, why: Disconnected) -> None:
        """The first reason counts."""
        self._end = self._end or why
        self._wake()

    def close(self) -> None:
        """Says goodbye where that is still possible."""
        with self._taking_turns():
            self.ready = False
            wire, self.wire = self.wire, None
            if wire is not None:
                with contextlib.suppress(OSError):
                    wire.send(self._unsent + mqtt5.GOODBYE)
                wire.close()
            self._woken.close()
            self._waker.close()

    # -- inside, in turn

    @contextlib.contextmanager
    def _taking_turns(self) -> Iterator[None]:
        self._turn.get(math.inf)
        try:
            yield
        finally:
            self._turn.put(TOKEN)

    def _write(self, data: bytes) -> None:
        """As much as the socket takes; the rest follows when there is room. Acknowledgements that wait go with it."""
        if data or self._acks_by <= self._hub.now() or len(self._acks) >= ACKS_MAX:
            for _ in range(len(self._acks)):
                data += mqtt5.puback(self._acks.popleft())
            self._acks_by = math.inf
        self._unsent += data
        if not self._unsent or self.wire is None:
            return
        try:
            # What TLS could not send must be the beginning of what it is given next.
            self._unsent = self._unsent[self.wire.send(self._unsent) :]
            self._spoke_at = self._hub.now()
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        except OSError as error:
            self._lost(error)

    def _read(self) -> None:
        """What there is, and what TLS took off the socket with it."""
        more = self.wire is not None
        while more and self._end is None:
            assert self.wire is not None
            try:
                data = self.wire.recv(CHUNK_BYTES)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return None
            except OSError as error:
                return self._lost(error)
            if not data:
                return self._lost(None)
            self._heard_at, self._pinged_at = self._hub.now(), None
            try:
                for packet in self._framer.feed(data):
                    self._heard(packet)
            except mqtt5.Malformed as error:
                self._end = self._end or Disconnected(MALFORMED, f"malformed packet: {error}")
            more = isinstance(self.wire, ssl.SSLSocket) and self.wire.pending() > 0
        return None

    def _heard(self, packet: mqtt5.Packet) -> None:
        match packet.kind:
            case mqtt5.PUBLISH:
                it = mqtt5.message(packet)
                event = Delivered(topic=it.topic, payload=it.payload, corr=it.corr, retained=it.retained)
                (self._news if self.ready else self._early).append((event, it.mid))
            case mqtt5.PUBACK:
                mid, code = mqtt5.acknowledged(packet.body)
                topic = self._under_way.pop(mid, None)
                if topic is not None and code >= REFUSED:
                    self._news.append((PublishRefused(topic, code), 0))
            case mqtt5.CONNACK:
                self._accepted(mqtt5.accepted(packet.body))
            case mqtt5.SUBACK:
                refused = [code for code in mqtt5.subscribed(packet.body) if code >= REFUSED]
                if refused:
                    self.end(Disconnected(refused[0], f"subscription: {mqtt5.reason(refused[0])}"))
                else:
                    self._is_ready()
            case mqtt5.DISCONNECT:
                code = mqtt5.disconnected(packet.body)
                self.end(Disconnected(code, mqtt5.reason(code)))
            case mqtt5.PINGRESP:
                pass
            case _:
                raise mqtt5.Malformed(f"packet type {packet.kind}")

    def _accepted(self, answer: mqtt5.Accepted) -> None:
        if answer.code >= REFUSED:
            self.end(Disconnected(answer.code, mqtt5.reason(answer.code)))
            return
        self._session_present = answer.session_present
        # The broker may take less at a time than we would send (MQTT 5, 3.2.2.3.3).
        self._limit = min(UNDER_WAY_MAX, answer.receive_maximum)
        if self._subscriptions:
            self._write(mqtt5.subscribe(self._next_mid(""), self._subscriptions))
            self._under_way.clear()
        else:
            self._is_ready()

    def _is_ready(self) -> None:
        self.ready = True
        self._news += [(Connected(self._session_present), 0), *self._early]
        self._early.clear()

    def _keep_alive(self) -> None:
        now = self._hub.now()
        if self._pinged_at is None:
            if now - min(self._heard_at, self._spoke_at) >= KEEPALIVE_S:
                self._pinged_at = now
                self._write(mqtt5.PINGREQ)
        elif now - self._pinged_at >= KEEPALIVE_S:
            self.end(Disconnected(KEEP_ALIVE_TIMEOUT, mqtt5.reason(KEEP_ALIVE_TIMEOUT)))
        if not self.ready and now - self._heard_at >= CONNECT_S_MAX:
            self.end(Disconnected(SERVER_UNAVAILABLE, "no answer to CONNECT"))

    def _next_mid(self, topic: str) -> int:
        while True:
            self._mid = self._mid % mqtt5.MID_MAX + 1
            if self._mid not in self._under_way:
                self._under_way[self._mid] = topic
                return self._mid

    def _lost(self, error: OSError | None) -> None:
        said = "the broker hung up" if error is None else f"{type(error).__name__}: {error}"
        self._end = self._end or Disconnected(CONNECTION_LOST, said)

    # -- inside, the bus's task alone

    def _tell(self, on_event: OnEvent) -> None:
        """Nobody's turn: the owner may publish. An owner that has stopped reading loses the connection, not the
        process, and the broker keeps what was not acknowledged."""
        news, self._news = self._news, []
        for event, mid in news:
            try:
                on_event(event)
            except MailboxFull:
                self.end(Disconnected(QUOTA_EXCEEDED, "too many messages wait to be read"))
                return
            if mid:
                self._acks.append(mid)

    def _wait(self) -> None:
        """Until there is something to hear, room for what could not be said, or a time to look."""
        assert self.wire is not None
        crowded, wait_ms = bool(self._unsent), LOOK_MS
        if crowded:
            self._events.modify(self.wire.fileno(), select.POLLIN | select.POLLOUT)
        if self._acks:
            now = self._hub.now()
            self._acks_by = min(self._acks_by, now + ACK_S)
            wait_ms = max(0, math.ceil((self._acks_by - now) * 1000))
        woken = self._woken.fileno()
        if any(number == woken for number, _ in self._events.poll(wait_ms)):
            self._woken.recv(CHUNK_BYTES)
        if crowded:
            self._events.modify(self.wire.fileno(), select.POLLIN)

    def _wake(self) -> None:
        with contextlib.suppress(OSError):  # it has been woken often enough, or is gone
            self._waker.send(b"!")

    def _connect(self) -> bytes:
        will = self._will
        last = None if will is None else mqtt5.LastWill(topic=will.topic, payload=will.payload, delay_s=will.delay_s)
        return mqtt5.connect(
            self._client_id,
            keepalive_s=KEEPALIVE_S,
            session_expiry_s=SESSION_EXPIRY_S,
            receive_maximum=UNDER_WAY_MAX,
            will=last,
        )


def context(tls: Tls) -> ssl.SSLContext:
    """What a client shows and trusts."""
    made = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(tls.ca))
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.load_cert_chain(tls.certificate, tls.key)
    return made
