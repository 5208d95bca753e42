"""Time and concurrency as parameters: the only place in the project that touches threads or reads a clock.

Edge code blocks in four places: `Link.read`, `Mailbox.get`, `Hub.wait_until` and `Task.join`. In production these are
threads (`ThreadHub`); in tests, stories and the month replay they are greenlets over a heap of (time, sequence)
(`VirtualHub`), where two runs take the same course and hours pass in milliseconds.
"""

from __future__ import annotations

import heapq
import itertools
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

import greenlet

T = TypeVar("T")

CUT_SHORT_MAX = 1_000
ENDINGS_MAX = 10  # rounds of tasks that wait once more while they are being ended


class Clock(Protocol):
    """Reads time. `now` orders and measures (monotonic seconds); `wall` is only data (UTC seconds since 1970)."""

    def now(self) -> float: ...
    def wall(self) -> float: ...
    def wait_until(self, when: float) -> None: ...


class MailboxFull(Exception):
    """More is waiting than the limit given at construction: the owner has stopped reading."""


class Mailbox(Protocol[T]):
    """A bounded queue into one owner."""

    def put(self, item: T) -> None:
        """Adds an item; raises MailboxFull at the limit."""

    def get(self, by: float) -> T | None:
        """The oldest item, or None once the monotonic time `by` has passed. Never returns early without an item."""

    def __len__(self) -> int: ...


class Task(Protocol):
    """A running function. An exception in it is kept in `error` and reported to the hub's `on_crash`."""

    name: str
    error: BaseException | None

    def join(self, by: float) -> bool:
        """Waits until the function has ended; True when it has."""


class Hub(Clock, Protocol):
    """A clock that can also start work and make mailboxes that agree with it."""

    def mailbox(self, limit: int) -> Mailbox[T]: ...
    def spawn(self, name: str, fn: Callable[[], None]) -> Task: ...


OnCrash = Callable[[str, BaseException], None]


class _ThreadMailbox(Generic[T]):
    """A SimpleQueue wakes its reader in half the time of a Condition. Tasks that put at the same instant may go over
    the limit by one each."""

    def __init__(self, limit: int) -> None:
        self._items: queue.SimpleQueue[T] = queue.SimpleQueue()
        self._limit = limit

    def put(self, item: T) -> None:
        if self._items.qsize() >= self._limit:
            raise MailboxFull(f"limit {self._limit}")
        self._items.put(item)

    def get(self, by: float) -> T | None:
        while True:
            left = by - time.monotonic()
            try:
                if left <= 0:
                    return self._items.get_nowait()
                return self._items.get(timeout=min(left, threading.TIMEOUT_MAX))
            except queue.Empty:
                if left <= 0:
                    return None

    def __len__(self) -> int:
        return self._items.qsize()


class _ThreadTask:
    def __init__(self, name: str, fn: Callable[[], None], on_crash: OnCrash) -> None:
        self.name = name
        self.error: BaseException | None = None
        self._fn = fn
        self._on_crash = on_crash
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._fn()
        except BaseException as error:  # a bug in a worker must reach the supervisor, whatever it is
            self.error = error
            self._on_crash(self.name, error)

    def join(self, by: float) -> bool:
        self._thread.join(max(0.0, min(by - time.monotonic(), threading.TIMEOUT_MAX)))
        return not self._thread.is_alive()


def _crash_loudly(name: str, error: BaseException) -> None:
    threading.excepthook(
        threading.ExceptHookArgs((type(error), error, error.__traceback__, threading.current_thread()))
    )


class ThreadHub:
    """Production: real time, daemon threads. `on_crash(task name, error)` runs in the crashed thread."""

    def __init__(self, on_crash: OnCrash = _crash_loudly) -> None:
        self._on_crash = on_crash

    def now(self) -> float:
        return time.monotonic()

    def wall(self) -> float:
        return time.time()

    def wait_until(self, when: float) -> None:
        left = when - time.monotonic()
        if left > 0:
            time.sleep(left)

    def mailbox(self, limit: int) -> Mailbox[T]:
        return _ThreadMailbox(limit)

    def spawn(self, name: str, fn: Callable[[], None]) -> Task:
        return _ThreadTask(name, fn, self._on_crash)


class _VirtualMailbox(Generic[T]):
    def __init__(self, hub: VirtualHub, limit: int) -> None:
        self._hub = hub
        self._limit = limit
        self._items: deque[T] = deque()
        self._waiters: deque[_Waiter] = deque()

    def put(self, item: T) -> None:
        if len(self._items) >= self._limit:
            raise MailboxFull(f"limit {self._limit}")
        self._items.append(item)
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.woken:
                self._hub.wake(waiter)
                break

    def get(self, by: float) -> T | None:
        while not self._items:
            if self._hub.now() >= by:
                return None
            while self._waiters and self._waiters[0].woken:  # waited in vain
                self._waiters.popleft()
            waiter = self._hub.park(by)
            self._waiters.append(waiter)
            self._hub.switch()
        return self._items.popleft()

    def __len__(self) -> int:
        return len(self._items)


class _Waiter:
    __slots__ = ("green", "woken")

    def __init__(self, green: greenlet.greenlet) -> None:
        self.green = green
        self.woken = False


class _VirtualTask:
    def __init__(self, hub: VirtualHub, name: str, fn: Callable[[], None]) -> None:
        self.name = name
        self.error: BaseException | None = None
        self.ended = False
        self._hub = hub
        self._fn = fn

    def run(self) -> None:
        try:
            self._fn()
        except greenlet.GreenletExit:
            raise
        except BaseException as error:  # kept for the owner; re-raised from VirtualHub.run
            self.error = error
            self._hub.crashed(self.name, error)
        finally:
            self.ended = True

    def join(self, by: float) -> bool:
        while not self.ended and self._hub.now() < by:
            self._hub.wait_until(min(by, self._hub.now() + 0.001))
        return self.ended


class VirtualHub:
    """Tests and replays: one thread, greenlets, a heap of (time, sequence). Deterministic.

    `run(until)` drives everything spawned up to the virtual monotonic time `until`, or until nothing is left to do.
    An exception in a task is raised from `run` unless `on_crash` was given. Calls from outside a task (the test's own
    code) must not block: they put, then `run`.
    """

    def __init__(self, *, wall: float = 1_795_305_600.0, on_crash: OnCrash | None = None) -> None:
        self._now = 0.0
        self._wall_at_zero = wall
        self._heap: list[tuple[float, int, _Waiter]] = []
        self._sequence = itertools.count()
        self._cut_short = 0  # waits in the heap whose task has gone on already
        self._main = greenlet.getcurrent()
        self._on_crash = on_crash
        self._crash: BaseException | None = None

    def now(self) -> float:
        return self._now

    def wall(self) -> float:
        return self._wall_at_zero + self._now

    def set_wall(self, wall: float) -> None:
        """Moves the wall clock only, as a person or a bad time server does."""
        self._wall_at_zero = wall - self._now

    def wait_until(self, when: float) -> None:
        if greenlet.getcurrent() is self._main:
            self.run(when)
            return
        if when > self._now:
            self.park(when)
            self.switch()

    def mailbox(self, limit: int) -> Mailbox[T]:
        return _VirtualMailbox(self, limit)

    def spawn(self, name: str, fn: Callable[[], None]) -> Task:
        task = _VirtualTask(self, name, fn)
        waiter = _Waiter(greenlet.greenlet(task.run, parent=self._main))
        self._push(self._now, waiter)
        return task

    def run(self, until: float) -> None:
        """Lets virtual time pass up to `until` (monotonic seconds)."""
        while self._heap and self._heap[0][0] <= until:
            when, _, waiter = heapq.heappop(self._heap)
            if waiter.woken:
                self._cut_short -= 1
                continue
            waiter.woken = True
            self._now = max(self._now, when)
            waiter.green.switch()
            if self._crash is not None:
                crash, self._crash = self._crash, None
                raise crash
        self._now = max(self._now, until)

    def close(self) -> None:
        """Ends every task where it waits: its `finally` blocks run, and what it held is let go.

        A waiting greenlet that reaches itself through what it holds is never collected as garbage (greenlet's
        documentation, "Garbage-collecting live greenlets").
        """
        for _ in range(ENDINGS_MAX):
            waiting, self._heap, self._cut_short = self._heap, [], 0
            for _, _, waiter in waiting:
                if not waiter.green.dead:
                    waiter.green.throw()
            if not self._heap:
                return

    def crashed(self, name: str, error: BaseException) -> None:
        if self._on_crash is not None:
            self._on_crash(name, error)
        else:
            self._crash = error

    def park(self, by: float) -> _Waiter:
        waiter = _Waiter(greenlet.getcurrent())
        if waiter.green is self._main:
            raise RuntimeError("blocking call outside a task of the virtual hub")
        self._push(by, waiter)
        return waiter

    def wake(self, waiter: _Waiter) -> None:
        waiter.woken = True
        self._cut_short += 1
        if self._cut_short > CUT_SHORT_MAX and 2 * self._cut_short > len(self._heap):
            # Most mailboxes are waited for without an end: such a wait would stay here for ever.
            self._heap = [entry for entry in self._heap if not entry[2].woken]
            heapq.heapify(self._heap)
            self._cut_short = 0
        self._push(self._now, _Waiter(waiter.green))

    def switch(self) -> None:
        self._main.switch()

    def _push(self, when: float, waiter: _Waiter) -> None:
        heapq.heappush(self._heap, (when, next(self._sequence), waiter))
