"""A broker in memory, for tests and stories: same bytes, same promises, and the same ways to break them.

Everything that changes the broker runs in its one task, so that a virtual hub makes each run the same.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from drivers.clock import Hub, Mailbox, MailboxFull
from drivers.health import Wellness
from kiosk.bus.acl import SHARED, Access, Acl, matches
from kiosk.bus.contract import (
    NOT_AUTHORIZED,
    REFUSED,
    SERVER_UNAVAILABLE,
    SESSION_EXPIRY_S,
    SESSION_TAKEN_OVER,
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

QUEUE_MAX: Final = 1_000  # messages kept for one absent client (mosquitto's max_queued_messages)
_ACTS_MAX: Final = 100_000
_CONNECTION_LOST: Final = 0x80


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """Chances (0 to 1) for each message, and the span of its delay on each leg. The default is a fine day."""

    lose_connection: float = 0.0  # of the sender, with all that is under way
    double: float = 0.0
    refuse: float = 0.0  # PUBACK "unspecified error"
    delay_s: tuple[float, float] = (0.001, 0.001)  # a wide span reorders


FINE: Final = Weather()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    topic: str
    payload: bytes
    corr: bytes
    expires: float  # monotonic
    retain: bool
    qos: int


@dataclass(slots=True, eq=False)
class _Session:
    """What the broker knows of one client id. `line` is its connection, None while it is away."""

    subscriptions: tuple[str, ...] = ()
    line: _Line | None = None
    queue: deque[_Message] = field(default_factory=deque)
    ends: float = math.inf
    will: Will | None = None


@dataclass(slots=True, eq=False)
class _Line:
    """One connection: alive until somebody loses it."""

    bus: MemoryBus
    alive: bool = True
    under_way: int = 0


class MemoryBroker:
    """Knows clients by id; may be killed and started again. `weather` may be changed at any time."""

    def __init__(self, hub: Hub, rng: Random, weather: Weather = FINE, acl: Acl | None = None) -> None:
        self.weather = weather
        self._hub = hub
        self._rng = rng
        self._acl = acl
        self._sessions: dict[str, _Session] = {}
        self._retained: dict[str, _Message] = {}
        self._turns: dict[str, int] = {}  # whose turn it is in each shared subscription
        self._up = True
        self._unplugged: set[str] = set()
        self._acts: Mailbox[tuple[float, Callable[[], None]]] = hub.mailbox(_ACTS_MAX)
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._sequence = itertools.count()
        hub.spawn("broker", self._run)

    def bus(self, client_id: str, subscriptions: Sequence[str], *, will: Will | None = None) -> MemoryBus:
        """A client; with an ACL `client_id` is also the identity that a certificate would prove."""
        return MemoryBus(self, client_id, tuple(subscriptions), will)

    def stop(self, *, forget: bool = True) -> None:
        """Every connection is lost; `forget`: sessions, queues and retained messages too, as after kill -9."""
        self.do(lambda: self._stop(forget))

    def start(self) -> None:
        self.do(lambda: setattr(self, "_up", True))

    def cut(self, client_id: str) -> None:
        """Tears one connection; what is under way on it is lost."""
        self.do(lambda: self._lose(self._sessions.get(client_id)))

    def unplug(self, client_id: str) -> None:
        """This client's cable is out: it is cut off, and cannot come back before `plug`."""
        self._unplugged.add(client_id)
        self.cut(client_id)

    def plug(self, client_id: str) -> None:
        self._unplugged.discard(client_id)

    # -- used by MemoryBus

    def do(self, act: Callable[[], None], in_s: float = 0.0) -> None:
        """Runs `act` in the broker's task."""
        self._acts.put((self._hub.now() + in_s, act))

    def attach(self, bus: MemoryBus) -> None:
        """CONNECT and SUBSCRIBE; tried again with back-off while the broker is down."""
        if bus.closed:
            return
        if not self._up or bus.client_id in self._unplugged:
            bus.untold = Disconnected(SERVER_UNAVAILABLE, "connection refused")
        if bus.untold is not None:
            bus.tell()
            self._again(bus)
            return
        session = self._sessions.get(bus.client_id)
        present = session is not None and self._hub.now() < session.ends
        if session is None or not present:
            session = self._sessions[bus.client_id] = _Session()
        if session.line is not None and session.line.bus is bus:
            return
        self._lose(session, SESSION_TAKEN_OVER)
        line = _Line(bus)
        session.subscriptions, session.will, session.ends, session.line = bus.subscriptions, bus.will, math.inf, line
        bus.wellness = Wellness()
        bus.line = line
        bus.emit(Connected(present))
        for topic, message in self._retained.items():
            if any(matches(wanted, topic) and not wanted.startswith(SHARED) for wanted in bus.subscriptions):
                self._send(session, message, retained=True)
        while session.queue:
            self._send(session, session.queue.popleft())

    def detach(self, bus: MemoryBus) -> None:
        """DISCONNECT: the will is dropped, the session stays until it expires."""
        session = self._sessions.get(bus.client_id)
        if session is not None and bus.line is not None and session.line is bus.line:
            session.will = None
            self._lose(session, 0)

    def publish(
        self, line: _Line, topic: str, payload: bytes, *, expiry_s: int | None, retain: bool, corr: bytes, qos: int
    ) -> None:
        """From the client's task: the message is under way now."""
        expires = math.inf if expiry_s is None else self._hub.now() + expiry_s
        message = _Message(topic=topic, payload=payload, corr=corr, expires=expires, retain=retain, qos=qos)
        line.under_way += 1
        self.do(lambda: self._arrive(line, message), self._delay())

    # -- inside

    def _run(self) -> None:
        while True:
            by = self._later[0][0] if self._later else math.inf
            found = self._acts.get(by)
            if found is not None:
                heapq.heappush(self._later, (found[0], next(self._sequence), found[1]))
            while self._later and self._later[0][0] <= self._hub.now():
                heapq.heappop(self._later)[2]()

    def _arrive(self, line: _Line, message: _Message) -> None:
        if not line.alive:
            return  # lost with its connection
        identity = line.bus.client_id
        if self._rng.random() < self.weather.lose_connection:
            if self._rng.random() < 0.5:  # arrived, and only its PUBACK is lost
                self._route(message)
            self._lose(self._sessions.get(identity))
            return
        code = 0
        if self._acl is not None and not self._acl.allows(identity, Access.WRITE, message.topic):
            code = NOT_AUTHORIZED
        elif self._rng.random() < self.weather.refuse:
            code = 0x80
        else:
            self._route(message)
            if message.qos and self._rng.random() < self.weather.double:
                self._route(message)
        self.do(lambda: line.bus.acknowledged(line, message.topic, code), self._delay())

    def _route(self, message: _Message) -> None:
        if message.retain:
            if message.payload:
                self._retained[message.topic] = message
            else:
                self._retained.pop(message.topic, None)
        for session in self._takers(message.topic):
            self._send(session, message)

    def _takers(self, topic: str) -> list[_Session]:
        """Every session with a subscription of its own, and one of each sharing group."""
        takers: list[_Session] = []
        groups: dict[str, list[_Session]] = {}
        for session in self._sessions.values():
            for wanted in session.subscriptions:
                if matches(wanted, topic):
                    if wanted.startswith(SHARED):
                        groups.setdefault(wanted, []).append(session)
                    elif session not in takers:
                        takers.append(session)
        for wanted, members in groups.items():
            present = [session for session in members if session.line is not None] or members
            turn = self._turns[wanted] = self._turns.get(wanted, 0) + 1
            takers.append(present[turn % len(present)])
        return takers

    def _send(self, session: _Session, message: _Message, *, retained: bool = False) -> None:
        line = session.line
        if line is None:
            if self._hub.now() < session.ends and message.qos and len(session.queue) < QUEUE_MAX:
                session.queue.append(message)
            return
        if self._acl is not None and not self._acl.allows(line.bus.client_id, Access.READ, message.topic):
            return
        self.do(lambda: self._deliver(session, line, message, retained), self._delay())
        if message.qos and self._rng.random() < self.weather.double:
            self.do(lambda: self._deliver(session, line, message, retained), self._delay())

    def _deliver(self, session: _Session, line: _Line, message: _Message, retained: bool) -> None:
        if self._hub.now() >= message.expires:
            return
        if not line.alive:
            if self._sessions.get(line.bus.client_id) is session:
                self._send(session, message, retained=retained)  # QoS 1: without a PUBACK it is sent again
            return
        event = Delivered(topic=message.topic, payload=message.payload, corr=message.corr, retained=retained)
        line.bus.emit(event)

    def _lose(self, session: _Session | None, code: int = _CONNECTION_LOST) -> None:
        if session is None or session.line is None:
            return
        line, session.line = session.line, None
        line.alive = False
        session.ends = self._hub.now() + SESSION_EXPIRY_S
        if session.will is not None:
            will = session.will
            self.do(lambda: self._last_will(session, will), will.delay_s)
        line.bus.lost(line, code)
        self._again(line.bus)

    def _last_will(self, session: _Session, will: Will) -> None:
        if session.line is None and self._up:
            message = _Message(topic=will.topic, payload=will.payload, corr=b"", expires=math.inf, retain=True, qos=1)
            self._route(message)

    def _again(self, bus: MemoryBus) -> None:
        bus.wellness = bus.wellness.lost()
        self.do(lambda: self.attach(bus), bus.wellness.backoff_s * self._rng.uniform(0.5, 1.5))

    def _stop(self, forget: bool) -> None:
        self._up = False
        for session in list(self._sessions.values()):
            if forget:
                session.will = None
            self._lose(session)
        if forget:
            self._sessions.clear()
            self._retained.clear()

    def _delay(self) -> float:
        return self._rng.uniform(*self.weather.delay_s)


class MemoryBus:
    """A client of a MemoryBroker; made by `MemoryBroker.bus`."""

    def __init__(self, broker: MemoryBroker, client_id: str, subscriptions: tuple[str, ...], will: Will | None) -> None:
        self.client_id = client_id
        self.subscriptions = subscriptions
        self.will = will
        self.closed = False
        self.line: _Line | None = None
        self.untold: Disconnected | None = None  # the owner had no room for it yet
        self.wellness = Wellness()
        self._broker = broker
        self._on_event: OnEvent | None = None

    def start(self, on_event: OnEvent) -> None:
        self._on_event = on_event
        self._broker.do(lambda: self._broker.attach(self))

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
        line = self.line
        if line is None or not line.alive:
            raise BusGone("no connection to the broker in memory")
        if line.under_way >= UNDER_WAY_MAX:
            raise BusGone(f"{UNDER_WAY_MAX} messages wait for their PUBACK")
        self._broker.publish(line, topic, payload, expiry_s=expiry_s, retain=retain, corr=corr, qos=qos)

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self._broker.do(lambda: self._broker.detach(self))

    # -- used by the broker

    def emit(self, event: BusEvent) -> bool:
        """An owner that has stopped reading loses the connection, not the broker."""
        if self._on_event is not None:
            try:
                self._on_event(event)
            except MailboxFull:
                self._broker.cut(self.client_id)
                return False
        return True

    def tell(self) -> None:
        """The owner must learn of a lost connection before anything else, however late it reads."""
        if self.untold is not None and self.emit(self.untold):
            self.untold = None

    def lost(self, line: _Line, code: int) -> None:
        if self.line is line:
            self.line = None
            self.untold = Disconnected(code, "connection lost" if code else "closed by us")
            self.tell()

    def acknowledged(self, line: _Line, topic: str, code: int) -> None:
        if line.alive:
            line.under_way -= 1
            if code >= REFUSED:
                self.emit(PublishRefused(topic, code))
