"""What a reducer returns, and the commands every machine shares. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from kiosk.domain import Key
from kiosk.messages.asks import Bond, Want
from kiosk.messages.records import Body, Intent
from kiosk.screen import Screen

D = TypeVar("D")
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """The instant of a turn. `mono` (seconds) orders and measures, `wall_ms` (UTC) is data."""

    mono: float
    wall_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Private:
    """An Intent whose bond (whose loan it is) the runtime seals before anything is written down."""

    intent: Intent
    bond: Bond


Draft = Body | Private


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Generic[V]):
    """One decision: the new volatile state, what to write down, and what to do once that is committed."""

    volatile: V
    records: tuple[Draft, ...] = ()
    commands: tuple[Any, ...] = ()


class Reducer(Protocol[D, V]):
    """A machine as a pure function. `evolve` is the only way durable state changes, live and in recovery."""

    def decide(self, durable: D, volatile: V, event: Any, now: Now) -> Step[V]: ...
    def evolve(self, durable: D, body: Body) -> D: ...
    def picture(self, durable: D, volatile: V, now: Now) -> Screen: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeAt:
    """Sets the timer `name` (again); `at` None takes it away. The timer comes back as events.Woke."""

    name: str
    at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskReader:
    """Who is this? `card` or `number` as it came from the device; the PIN is used once and kept nowhere."""

    corr: str
    card: str = ""
    number: str = ""
    pin: str | None = None
    want: Want = Want.SUMMARY
    answer_s: float = 5.0

    def __repr__(self) -> str:
        return f"AskReader(corr={self.corr!r}, want={self.want!s})"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAbout:
    """What is this item?"""

    corr: str
    item: str
    answer_s: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SendIntent:
    """Publishes the committed intent of `key` as a request (again, after a restart of a take-in)."""

    key: Key
    answer_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStaff:
    corr: str
    screen: str
    reason: str
    answer_s: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A happening for the site console (lane evt). Never reader data."""

    what: str
    fault: int = 0
    part: str = ""
    detail: str = ""
