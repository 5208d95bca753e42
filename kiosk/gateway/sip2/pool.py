"""A few connections to one ILS, lent out one at a time, reconnected with growing patience, kept awake.

Each connection belongs to whoever holds it; it changes hands through a mailbox, so nothing here needs a lock. Koha runs
one process per connection: choose the size with the ILS's administrator.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from drivers.clock import Hub, Mailbox
from drivers.health import Health, Wellness
from drivers.link import Opener
from kiosk.gateway.sip2.client import Client
from kiosk.gateway.sip2.profile import Profile
from kiosk.gateway.sip2.requests import Request, TerminalStatus
from kiosk.gateway.sip2.trouble import Cause, IlsTrouble, NotSent

Reply = TypeVar("Reply")

KEEP_ALIVE_S = 240.0
"""Koha's example configuration hangs up after 600 s of silence; its comment expects a status every 5-7 minutes."""

KEEP_ALIVE_ANSWER_S_MAX = 5.0
_TURN = "turn"
_OURS = (Cause.WAITING, Cause.UNSENDABLE, Cause.TOO_LATE)


@dataclass(slots=True)
class _Slot:
    client: Client
    wellness: Wellness = field(default_factory=Wellness)
    retry_at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolHealth:
    """For the site console: the best connection's health, how many are open, and what last went wrong."""

    health: Health
    connected: int
    size: int
    last_cause: Cause | None


class Pool:
    """Shared by any number of tasks. `ask` is one request; `lease` holds one connection for several."""

    def __init__(
        self, hub: Hub, opener: Opener, profile: Profile, *, size: int = 2, keep_alive_s: float = KEEP_ALIVE_S
    ) -> None:
        self.profile = profile
        self._hub = hub
        self._keep_alive_s = keep_alive_s
        self._slots = [_Slot(Client(opener, profile, hub)) for _ in range(size)]
        self._idle: Mailbox[_Slot] = hub.mailbox(size)
        self._stop: Mailbox[None] = hub.mailbox(1)
        self._turn: Mailbox[str] = hub.mailbox(1)
        self._turn.put(_TURN)
        self._last_cause: Cause | None = None
        self._closed = False
        for slot in self._slots:
            self._idle.put(slot)

    def ask(self, request: Request[Reply], by: float) -> Reply:
        """One request on any connection, by the monotonic time `by`. Raises NotSent, NoAnswer or Doubt."""
        with self.lease(by) as client:
            return client.ask(request, by)

    @contextmanager
    def lease(self, by: float) -> Iterator[Client]:
        """One connected client for the length of the block. Raises NotSent when none can be had by `by`."""
        slot = self._take(by)
        try:
            self._connect(slot, by)
            yield slot.client
            slot.wellness = slot.wellness.good()
        except IlsTrouble as trouble:
            self._learn(slot, trouble)
            raise
        except BaseException:
            slot.client.close()  # whatever was under way, its answer must not meet the next request
            raise
        finally:
            if self._closed:
                slot.client.close()
            self._idle.put(slot)

    def health(self) -> PoolHealth:
        """A snapshot; connections in use count with what was known when they were taken."""
        order = (Health.OK, Health.DEGRADED, Health.MUTE, Health.GONE)
        return PoolHealth(
            health=min((slot.wellness.health for slot in self._slots), key=order.index),
            connected=sum(slot.client.connected for slot in self._slots),
            size=len(self._slots),
            last_cause=self._last_cause,
        )

    def keep_alive(self) -> None:
        """Runs until `close`: opens connections that are down, wakes those that have been idle. Spawn it as a task."""
        while not self._closed:
            for _ in self._slots:
                if not self._closed:
                    self._tend_one()
            self._stop.get(self._hub.now() + self._keep_alive_s / 4)

    def close(self) -> None:
        """Hangs up what is idle at once and the rest when it comes back. New leases get NotSent."""
        if not self._closed:
            self._closed = True
            self._stop.put(None)
            for _ in range(len(self._idle)):
                slot = self._idle.get(self._hub.now())
                if slot is not None:
                    slot.client.close()
                    self._idle.put(slot)

    def _take(self, by: float) -> _Slot:
        """A connection for whoever has waited longest: a task that gives one back and wants it again goes behind."""
        if self._turn.get(by) is None:
            raise NotSent("99", Cause.BUSY)
        try:
            return self._next(by)
        finally:
            self._turn.put(_TURN)

    def _next(self, by: float) -> _Slot:
        """The longest idle connection, but one that may connect now before one that must still wait."""
        for _ in self._slots:
            if self._closed:
                raise NotSent("99", Cause.CLOSED)
            slot = self._idle.get(by)
            if slot is None:
                raise NotSent("99", Cause.BUSY)
            if self._usable(slot) or len(self._idle) == 0:
                return slot
            self._idle.put(slot)
        slot = self._idle.get(by)
        if slot is None:
            raise NotSent("99", Cause.BUSY)
        return slot

    def _usable(self, slot: _Slot) -> bool:
        return slot.client.connected or slot.retry_at <= self._hub.now()

    def _connect(self, slot: _Slot, by: float) -> None:
        if slot.client.connected:
            return
        if slot.retry_at >= by:
            raise NotSent("93", Cause.WAITING)
        self._hub.wait_until(slot.retry_at)
        slot.client.connect(by)

    def _learn(self, slot: _Slot, trouble: IlsTrouble) -> None:
        if trouble.cause in _OURS:  # says nothing about the ILS
            return
        self._last_cause = trouble.cause
        lost = isinstance(trouble, NotSent) or trouble.cause is Cause.LINK_LOST
        slot.wellness = slot.wellness.lost() if lost else slot.wellness.fault()
        slot.retry_at = self._hub.now() + slot.wellness.backoff_s

    def _tend_one(self) -> None:
        slot = self._idle.get(self._hub.now())
        if slot is None:
            return
        now = self._hub.now()
        by = now + KEEP_ALIVE_ANSWER_S_MAX
        try:
            if not slot.client.connected and slot.retry_at <= now:
                slot.client.connect(by)
            elif slot.client.connected and slot.client.used_at + self._keep_alive_s / 2 <= now:
                slot.client.ask(TerminalStatus(), by)
        except IlsTrouble as trouble:
            self._learn(slot, trouble)
        else:
            if slot.client.connected:
                slot.wellness = slot.wellness.good()
        finally:
            self._idle.put(slot)
