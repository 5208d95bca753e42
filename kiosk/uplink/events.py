"""What the uplink tells the machine's core. Every value from outside passed the gateway's signature."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from kiosk.messages.asks import Answer
from kiosk.messages.envelope import Command, Standing


class Peer(enum.StrEnum):
    """Who is on the far side, nearest first. All are down until the first LinkUp."""

    BROKER = "broker"
    GATEWAY = "gateway"
    ILS = "ils"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkUp:
    what: Peer


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDown:
    what: Peer


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """`late`: NoAnswer was told before; whether the answer still matters is the reducer's decision."""

    corr: str
    answer: Answer
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """The deadline passed, or too many questions were waiting already. The answer may still come, as late."""

    corr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipted:
    """The core hands this to `Journal.receipt`: it owns the watermark. `exceptions` are for staff and screens."""

    through: int
    head: str
    wall_ms: int
    exceptions: tuple[Standing, ...] = ()
    quarantined: bool = False
    booked: bool = False  # true: nothing up to `through` waits for the library system; false tells nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkSeen:
    """The gateway's history and ours part ways (copied, rolled-back or damaged journal): new loans must stop."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotArrived:
    """A newer snapshot is in the cache."""

    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Commanded:
    """A remote command whose signature, boot, nonce and expiry hold. Told once: a replay is refused."""

    command: Command


UplinkEvent = LinkUp | LinkDown | Answered | NoAnswer | Receipted | ForkSeen | SnapshotArrived | Commanded


class Refusal(enum.StrEnum):
    """Why a message was not acted upon; counted in `Uplink.refused()`."""

    NO_MESSAGE = "no_message"
    UNSIGNED = "unsigned"  # or signed by somebody else
    FOREIGN = "foreign"  # for another machine
    WRONG_LANE = "wrong_lane"
    OTHER_EPOCH = "other_epoch"  # about a journal file that is not this one
    NO_QUESTION = "no_question"  # an answer nobody waits for, or its second copy
    COMMAND_BOOT = "command_boot"
    COMMAND_NONCE = "command_nonce"  # unknown, used or too old
    COMMAND_EXPIRED = "command_expired"
