"""What the platform tells every machine about links, parts, touches and answers."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from kiosk.domain import Pseudonym
from kiosk.messages.asks import Answer, PatronAnswer
from kiosk.screen import Touch


class LinkName(enum.StrEnum):
    """What stands between the screen and the library system."""

    GATEWAY = "gateway"  # broker and gateway, seen as one: the gateway answers or it does not
    ILS = "ils"


class PartHealth(enum.StrEnum):
    """As drivers tell it (drivers.health), and `absent` for a part this machine was not given."""

    OK = "ok"
    DEGRADED = "degraded"
    MUTE = "mute"
    GONE = "gone"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """First event after the fold of the journal: derive what is owed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Woke:
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A touch that belongs to the screen as it is shown; the runtime has dropped all others."""

    touch: Touch


@dataclass(frozen=True, slots=True, kw_only=True)
class UiChanged:
    """The ui process came or went."""

    present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChanged:
    link: LinkName
    up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PartChanged:
    part: str
    health: PartHealth
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalState:
    """Not ok: the disk runs full, or the gateway's history and ours part ways. Nothing new may be given out."""

    ok: bool
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer to the question `corr`, in time or late: `late` when the deadline had passed. `who` is the pseudonym of
    a reader's patron number, by whichever of his numbers he was asked about."""

    corr: str
    answer: Answer | PatronAnswer
    late: bool = False
    who: Pseudonym | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """The deadline of `corr` passed, or the question could not be sent at all."""

    corr: str
