"""What every bus promises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

SESSION_EXPIRY_S: Final = 3_600  # how long a broker keeps what it has for an absent client
UNDER_WAY_MAX: Final = 100  # publishes without a PUBACK; also our receive maximum (MQTT 5, 3.1.2.11.3)
REFUSED: Final = 0x80  # reason codes from here on are errors (MQTT 5, 2.4)
NOT_AUTHORIZED: Final = 0x87
SERVER_UNAVAILABLE: Final = 0x88
SESSION_TAKEN_OVER: Final = 0x8E


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A message for one of our subscriptions. `corr` is MQTT 5 correlation data."""

    topic: str
    payload: bytes
    corr: bytes = b""
    retained: bool = False


@dataclass(frozen=True, slots=True)
class Connected:
    """The broker took us; `session_present` as it said. Subscriptions are in place."""

    session_present: bool


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection is gone, or an attempt failed; the bus tries again by itself with jittered back-off.

    `code` is MQTT's reason code. What was published and not acknowledged may or may not have arrived; it is never
    sent again by the bus (a question from before an outage would come back to life).
    """

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class PublishRefused:
    """The broker refused a publish (MQTT 5 reason code of 0x80 and above, such as 0x87 not authorized)."""

    topic: str
    code: int


BusEvent = Delivered | Connected | Disconnected | PublishRefused
OnEvent = Callable[[BusEvent], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Will:
    """Published, retained, by the broker when the connection ends without a goodbye."""

    topic: str
    payload: bytes
    delay_s: int = 30


class BusGone(Exception):
    """Not connected, or too much is under way: the message was not handed to the broker."""


class Bus(Protocol):
    """One client connection. `on_event` is called from the bus's own thread: it must only put into a mailbox."""

    def start(self, on_event: OnEvent) -> None: ...

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
        """Hands a message to the broker without waiting for its PUBACK; raises BusGone."""

    def close(self) -> None:
        """Says goodbye (no will) and ends; harmless when repeated."""
