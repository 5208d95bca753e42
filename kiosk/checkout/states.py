"""Everything a desk knows: what must survive a power cut, and what may not survive a reader.

`Durable` is the fold of the journal: open obligations and the counter that mints keys. `Volatile` is the rest. A
`Visit` is one reader's privacy scope and dies with the reader; a `Task` carries one item through its steps and
outlives the visit, so that a late answer of reader A's ends its obligation and can never reach reader B's screen.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from kiosk.checkout.condition import Condition
from kiosk.checkout.policy import Service
from kiosk.domain import ItemBarcode, Key, Pseudonym, Refusal, SecurityProof, SecurityState
from kiosk.flow.devices import PadTag, Paper
from kiosk.flow.events import PartHealth
from kiosk.messages.asks import EffectGranted, ItemHint, ItemKnown, ItemUnknown, PatronHint, PatronKnown
from kiosk.messages.records import Op
from kiosk.screen import Modes


class Stage(enum.StrEnum):
    """How far the journal has carried a key."""

    ASKED = "asked"
    GRANTED = "granted"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """A key without a Final."""

    key: Key
    op: Op
    item: ItemBarcode
    security: SecurityState
    at_ms: int
    pseudonym: Pseudonym | None
    stage: Stage
    due: str = ""
    tags: tuple[str, ...] = ()  # of the very copy


@dataclass(frozen=True, slots=True, kw_only=True)
class Arming:
    """How a tag was marked before this machine began to arm it, and when (ms, this machine's clock)."""

    before: SecurityState
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Durable:
    """`offline_loans` counts per pseudonym since the network was last there; `armed` names tags of returns that have
    not come about, for a day."""

    device: str
    epoch: str
    minted: int = 0
    obligations: Mapping[Key, Obligation] = field(default_factory=dict)
    offline_loans: Mapping[Pseudonym, int] = field(default_factory=dict)
    armed: Mapping[str, Arming] = field(default_factory=dict)  # by uid


class Phase(enum.StrEnum):
    """Where a task stands."""

    QUEUED = "queued"
    ARMING = "arming"  # take-in: mark ON before anything is asked
    ASKING = "asking"
    SECURING = "securing"  # give-out: mark OFF after the grant is committed
    PUT_BACK = "put_back"  # granted, mark not proven off, tag gone: waiting for it
    REARMING = "rearming"  # granted, but not to be lent after all: mark ON before the loan is undone
    ENDED = "ended"


class End(enum.StrEnum):
    """How an item ended for the reader: every item gets exactly one."""

    DONE = "done"
    NOT_DONE = "not_done"
    UNSURE = "unsure"  # being confirmed, with a reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One item under way. `uids` is empty for an item handled by its printed barcode."""

    id: str
    visit: int
    op: Op
    item: ItemBarcode
    title: str
    call_number: str = ""
    uids: tuple[str, ...] = ()
    owner: str = ""
    phase: Phase = Phase.QUEUED
    key: Key | None = None
    before: SecurityState = SecurityState.UNKNOWN
    state: SecurityState = SecurityState.UNKNOWN
    proof: SecurityProof = SecurityProof.NOT_WRITTEN
    mark: str = ""  # correlation of the SetSecurity on its way
    tries: int = 0
    offline_no: Refusal | None = None  # why this item must not be dealt with by policy alone
    recovering: bool = False  # granted before a restart: judged by the pad alone
    until: float | None = None
    due: str = ""
    due_before: str = ""
    offline: bool = False
    answer: EffectGranted | None = None
    discs: int = 0
    # set with ENDED
    end: End | None = None
    reason: Refusal | None = None
    detail: str = ""
    note: str = ""  # sentence key of an honest remark: gate may sound, undone, stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who stands here. `known` is None for a reader admitted by the offline snapshot."""

    card: str
    number: str
    pseudonym: Pseudonym
    known: PatronKnown | None = None
    hint: PatronHint | None = None

    def __repr__(self) -> str:
        return f"Reader(known={self.known is not None})"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitCard:
    """Please show your card."""

    problem: str = ""  # sentence key: unreadable, several cards


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifying:
    """`secret`: the library system wants a PIN for this reader, so the snapshot must not vouch for him."""

    corr: str
    card: str
    number: str
    pseudonym: Pseudonym
    hint: PatronHint | None
    since: float
    secret: bool = False

    def __repr__(self) -> str:
        return f"Identifying(corr={self.corr!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class PinEntry:
    card: str
    number: str
    pseudonym: Pseudonym
    hint: PatronHint | None
    wrong: bool = False
    tries_left: int | None = None

    def __repr__(self) -> str:
        return f"PinEntry(wrong={self.wrong})"


@dataclass(frozen=True, slots=True, kw_only=True)
class AtPad:
    """Rows of what lies here, with or without a reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """All tasks of the visit have ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """My loans; `corr` while the list is being fetched, `home` when the way back is the end of the visit."""

    corr: str = ""
    failed: bool = False
    page: str = "loans"  # loans | holds | fees
    home: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """A full-screen no: what happened, what to do."""

    reason: Refusal
    detail: str = ""
    minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """Somebody asked for help before anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TechLogin:
    """`asked` while card and PIN are being checked: no other answer opens the door."""

    card: str = ""
    asked: bool = False
    refused: bool = False

    def __repr__(self) -> str:
        return "TechLogin()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tech:
    name: str
    part: str = ""  # the part whose wire is shown, "" for the overview
    tests: Mapping[str, tuple[bool, str]] = field(default_factory=dict)
    wire: tuple[str, ...] = ()


View = WaitCard | Identifying | PinEntry | AtPad | Working | Finished | Account | Declined | Help | TechLogin | Tech


class Staff(enum.StrEnum):
    NOT_CALLED = "not_called"
    CALLING = "calling"
    CALLED = "called"  # only once the gateway took it
    BY_PHONE = "by_phone"


class Slip(enum.StrEnum):
    """The receipt of this visit."""

    OFFERED = "offered"
    PRINTING = "printing"
    PRINTED = "printed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One reader at the machine, known or not. Nothing of it may be seen one frame after it ended."""

    n: int
    view: View
    service: Service
    lang: str
    modes: Modes = Modes()
    touched: float
    warned_until: float | None = None
    view_since: float = 0.0
    books_first: bool = False  # it began with a book instead of the card: its steps stay in that order
    reader: Reader | None = None
    scanned: tuple[ItemBarcode, ...] = ()  # items handled by their printed barcode, in the order scanned
    scan_hints: Mapping[ItemBarcode, ItemHint] = field(default_factory=dict)
    chosen: frozenset[ItemBarcode] = frozenset()  # loans ticked for renewal
    lent: frozenset[ItemBarcode] = frozenset()  # what this visit has ended with, whatever list it is still on
    taken_in: frozenset[ItemBarcode] = frozenset()
    given: int = 0  # loans handed over since the library system last told this reader's count
    given_alone: int = 0  # of these, without the network
    helping: bool = False  # help lies over the view
    staff: Staff = Staff.NOT_CALLED
    slip: Slip = Slip.OFFERED
    notice: str = ""  # sentence key of a passing remark; the next touch takes it away


class Pending(enum.StrEnum):
    """A lookup without an answer."""

    ASKED = "asked"
    FAILED = "failed"


Lookup = ItemKnown | ItemUnknown | Pending


class Left(enum.StrEnum):
    """What a tag that lay on the pad when nobody was here any more was to the reader before."""

    LENT = "lent"
    NOT_LENT = "not_lent"
    TAKEN_IN = "taken_in"
    NOT_TAKEN_IN = "not_taken_in"
    UNKNOWN = "unknown"  # it lay here when the machine started


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    gateway: bool = False
    ils: bool = False

    @property
    def online(self) -> bool:
        return self.gateway and self.ils


TECH_TRIES_MAX: Final = 3
TECH_LOCK_S: Final = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Volatile:
    """What a power cut may take. No reader's name, number or title outlives the visit in it."""

    visit: Visit | None = None
    visits: int = 0  # how many there have been: visit numbers never repeat within a run
    asked: int = 0  # mints the correlation of reads
    tasks: Mapping[str, Task] = field(default_factory=dict)
    pad: tuple[PadTag, ...] = ()
    pad_seen: bool = False  # since the start
    pad_full: bool = False  # more tags than the pad can tell apart: what it told before counts for nothing
    leftover: Mapping[str, Left] = field(default_factory=dict)  # uids that must go before the next reader
    card_lies: Pseudonym | None = field(default=None, repr=False)  # whose card is on the reader
    card_stale: bool = False  # and it lay there when its reader's visit ended
    lookups: Mapping[ItemBarcode, Lookup] = field(default_factory=dict)
    links: Links = Links()
    parts: Mapping[str, PartHealth] = field(default_factory=dict)
    conditions: Mapping[str, Condition] = field(default_factory=dict)  # of parts and links, by name
    shut: frozenset[str] = frozenset()  # why nothing may be given out, in the journal's words
    paper: Paper = Paper.ABSENT
    slips: int = 0  # on their way through the printer
    queue: int = 0
    queue_oldest_s: float = 0.0
    ui: bool = True
    tech_tries: tuple[float, ...] = ()  # when PINs were tried (mono) since a technician was last let in
    language: str = "zh"  # of the attract screen; a visit inherits both
    modes: Modes = Modes()

    def tech_locked_s(self, mono: float) -> float:
        """For how long (s) the technician's door stays shut after too many tries; 0 if it does not."""
        if len(self.tech_tries) < TECH_TRIES_MAX:
            return 0.0
        return max(0.0, self.tech_tries[-1] + TECH_LOCK_S - mono)
