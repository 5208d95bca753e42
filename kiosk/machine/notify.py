"""A word to systemd: ready, alive, stopping; and the conditions under which "alive" may be said.

Source: sd_notify(3) and systemd.service(5), WatchdogSec. A machine whose loop, journal or device task stands still
must not go on saying that it is well: then nothing is said, and systemd starts it again.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Mapping
from typing import Final, Generic, TypeVar

from drivers.clock import Clock, Hub, Mailbox, Task

T = TypeVar("T")

CORE_SILENT_S_MAX: Final = 30.0  # the loop comes round after each commit, and is poked every few seconds
PART_SILENT_S_MAX: Final = 60.0  # longest honest round: a pad full of tags that do not let themselves be read
_FEEDS_A_PERIOD: Final = 3
_ORDERS_MAX: Final = 4


class Notifier:
    """Speaks to systemd over NOTIFY_SOCKET; where there is none, or nobody listens, every word goes nowhere."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        period_us = environ.get("WATCHDOG_USEC", "")
        self.feed_s = int(period_us) / 1e6 / _FEEDS_A_PERIOD if period_us.isdigit() else None
        """Seconds between two words of life; None where no watchdog waits for any."""

    def ready(self) -> None:
        self.say("READY=1")

    def alive(self) -> None:
        self.say("WATCHDOG=1")

    def stopping(self) -> None:
        self.say("STOPPING=1")

    def status(self, text: str) -> None:
        """One line for `systemctl status`."""
        self.say(f"STATUS={text}")

    def say(self, text: str) -> None:
        """One word of the protocol, such as READY=1."""
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as words, contextlib.suppress(OSError):
            words.setblocking(False)  # a word that nobody fetches must not hold up the machine
            words.sendto(text.encode(), self._address)


class Heartbeat:
    """For a loop that goes round by itself, such as the screen's: ready at its first round, alive while it goes on."""

    def __init__(self, clock: Clock, notifier: Notifier) -> None:
        self._clock = clock
        self._notifier = notifier
        self._feed_at: float | None = None

    def round(self) -> bool:
        """Call it every time the loop comes round; always True, so that it may stand for "go on"."""
        now = self._clock.now()
        if self._feed_at is None:
            self._notifier.ready()
            self._feed_at = now
        if self._notifier.feed_s is not None and now >= self._feed_at:
            self._notifier.alive()
            self._feed_at = now + self._notifier.feed_s
        return True


class Poke:
    """Posted to the core's loop now and then: it is no event, but an idle loop comes round."""


class Pulse:
    """Feeds the watchdog while every task it knows has come round lately.

    A task comes round when it asks its mailbox for the next thing to do. Give it the hub of `hub_of`: whoever waits
    by that hub's mailboxes is heard of, and no task has to say so by itself.
    """

    def __init__(self, hub: Hub, notifier: Notifier) -> None:
        self._hub = hub
        self._notifier = notifier
        self._rounds: dict[str, _Rounds] = {}
        self._late: tuple[str, ...] = ()
        self._orders: Mailbox[None] = hub.mailbox(_ORDERS_MAX)
        self._stopped = False

    def hub_of(self, name: str, silent_s_max: float) -> Hub:
        """The hub for the task `name`, which may be silent for so long."""
        self._rounds[name] = _Rounds(self._hub, silent_s_max)
        return _HeardHub(self._hub, self._rounds[name])

    def start(self, poke: Callable[[], None]) -> None:
        """Says ready, then feeds the watchdog where there is one. `poke` makes the core's loop come round."""
        self._notifier.ready()
        feed_s = self._notifier.feed_s
        if feed_s is not None:
            self._hub.spawn("pulse", lambda: self._run(feed_s, poke))

    def stop(self) -> None:
        self._notifier.stopping()
        self._stopped = True
        self._orders.put(None)

    def late(self) -> tuple[str, ...]:
        """The tasks that stand still."""
        return tuple(name for name, rounds in self._rounds.items() if rounds.late)

    def _run(self, feed_s: float, poke: Callable[[], None]) -> None:
        while not self._stopped:
            poke()
            self._feed()
            self._orders.get(self._hub.now() + feed_s)

    def _feed(self) -> None:
        late = self.late()
        if late != self._late:
            self._late = late
            self._notifier.status(f"standing still: {', '.join(late)}" if late else "")
        if not late:
            self._notifier.alive()


class _Rounds:
    """When one task last came round."""

    def __init__(self, hub: Hub, silent_s_max: float) -> None:
        self._hub = hub
        self._silent_s_max = silent_s_max
        self._at = hub.now()

    def come(self) -> None:
        self._at = self._hub.now()

    @property
    def late(self) -> bool:
        return self._hub.now() - self._at > self._silent_s_max


class _HeardHub:
    """A hub that notes when one of its mailboxes is read."""

    def __init__(self, hub: Hub, rounds: _Rounds) -> None:
        self._hub = hub
        self._rounds = rounds

    def now(self) -> float:
        return self._hub.now()

    def wall(self) -> float:
        return self._hub.wall()

    def wait_until(self, when: float) -> None:
        self._hub.wait_until(when)

    def mailbox(self, limit: int) -> Mailbox[T]:
        inner: Mailbox[T] = self._hub.mailbox(limit)
        return _HeardMailbox(inner, self._rounds)

    def spawn(self, name: str, fn: Callable[[], None]) -> Task:
        return self._hub.spawn(name, fn)


class _HeardMailbox(Generic[T]):
    def __init__(self, inner: Mailbox[T], rounds: _Rounds) -> None:
        self._inner = inner
        self._rounds = rounds

    def put(self, item: T) -> None:
        self._inner.put(item)

    def get(self, by: float) -> T | None:
        self._rounds.come()
        item = self._inner.get(by)
        self._rounds.come()
        return item

    def __len__(self) -> int:
        return len(self._inner)
