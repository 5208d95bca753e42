"""What a machine writes into its journal and sends, byte for byte the same, to the gateway.

Records of one key: Intent -> [Granted | Refused | OfflineAccepted] -> Final. An Intent alone causes nothing at the
gateway; effects come from a fresh request that carries the Intent, or from a Final. Each record is canonical JSON
(`encode`), its hash sha256(previous hash + bytes); personal fields are sealed before they get here.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from typing import Final as Constant

import msgspec

from kiosk.domain import ItemBarcode, Key, Pseudonym, Refusal, SecurityProof, SecurityState

GENESIS: Constant = "0" * 64


class Op(enum.StrEnum):
    """What an intent is about. Give-out: voided when in doubt. Take-in: pushed forward until booked or a staff task."""

    CHECKOUT = "checkout"  # give-out
    RENEW = "renew"  # give-out (of time): needs no custody
    CHECKIN = "checkin"  # take-in
    HOLD = "hold"  # money, give-out: authorise
    CAPTURE = "capture"  # money, take-in
    RELEASE = "release"  # money, take-in
    FEE = "fee"  # SIP2 37, after a hold of money


GIVE_OUT: Constant = frozenset({Op.CHECKOUT, Op.RENEW, Op.HOLD})
TAKE_IN: Constant = frozenset({Op.CHECKIN, Op.CAPTURE, Op.RELEASE, Op.FEE})


class Outcome(enum.StrEnum):
    """How a key ended at the machine: the machine alone decides what happened."""

    DELIVERED = "delivered"  # the item left with its mark off, or the renewal was shown
    RETURNED = "returned"  # the item was taken in; with `offline` its booking is still to come
    CANCELLED = "cancelled"  # nothing happened: no grant was acted upon
    UNDONE = "undone"  # granted, but the item stayed with its mark proven on: to be checked in again
    STANDS = "stands"  # granted and perhaps taken; the mark is unproven. The loan stands, staff look after it


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A box that only the gateway opens, with the private half of day key `kid` (kiosk.keys)."""

    kid: str
    box: str  # base64


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """Before the first act. `patron` seals {patron, card, item}; `at_ms` is when the reader did it (UTC)."""

    key: Key
    op: Op
    item: ItemBarcode
    tags: tuple[str, ...] = ()  # uids of this copy: another one may bear the same number. () for a printed barcode
    owner: str = ""  # institution that owns the item (ISIL or the ILS's code), "" = this library
    patron: Sealed | None = None  # None for a return: returns need no card
    pseudonym: Pseudonym | None = None
    security: SecurityState = SecurityState.UNKNOWN  # as read before anything was written
    at_ms: int
    due_before: str = ""  # renewals: the due date shown to the reader, so that a doubt can be judged
    amount_fen: int = 0  # money
    of: Key | None = None  # the key this one settles (a capture names its hold)


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    key: Key
    due: str = ""  # ISO date or the ILS's own text


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    key: Key
    reason: Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineAccepted:
    """The machine decided alone, within `[policy.offline]`."""

    key: Key
    due: str = ""  # provisional


@dataclass(frozen=True, slots=True, kw_only=True)
class Final:
    key: Key
    op: Op
    item: ItemBarcode
    outcome: Outcome
    security: SecurityState
    proof: SecurityProof
    offline: bool = False  # the key was accepted offline: its effect is still to be booked
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Booted:
    """First record of each start: sequence and clocks of different boots must not be compared."""

    boot: str
    software: str
    clean: bool  # the last run ended by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A fact worth keeping that has no key: a fault opened or closed, staff called, a leftover book."""

    what: str
    fault: int = 0
    detail: str = ""
    at_ms: int


Body = Intent | Granted | Refused | OfflineAccepted | Final | Booted | Noted

KINDS: Constant[dict[str, type[Any]]] = {
    "intent": Intent,
    "granted": Granted,
    "refused": Refused,
    "offline": OfflineAccepted,
    "final": Final,
    "booted": Booted,
    "noted": Noted,
}
_NAMES: Constant = {kind: name for name, kind in KINDS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the journal adds to a body. Times are evidence, never order: order inside a machine is (epoch, seq)."""

    device: str
    epoch: str
    seq: int
    prev: str  # hash of the record before, GENESIS for seq 1
    wall_ms: int  # this machine's clock, UTC
    mono_ms: int  # monotonic, comparable within one boot
    boot: str
    offset_ms: int | None = None  # gateway clock minus this clock, last known


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    head: Head
    body: Body


class RecordError(ValueError):
    """Bytes that are no record of ours."""


class _Wire(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    head: Head
    kind: str
    body: msgspec.Raw


_encoder: Constant = msgspec.json.Encoder(order="deterministic")


def kind_of(body: Body) -> str:
    return _NAMES[type(body)]


def encode(record: Record) -> bytes:
    """Canonical bytes: sorted keys, no blanks."""
    body = msgspec.Raw(_encoder.encode(record.body))
    return _encoder.encode(_Wire(head=record.head, kind=kind_of(record.body), body=body))


def decode(data: bytes) -> Record:
    """The record in `data`; raises RecordError on anything else."""
    try:
        wire = msgspec.json.decode(data, type=_Wire)
        kind = KINDS.get(wire.kind)
        if kind is None:
            raise RecordError(f"unknown kind of record: {wire.kind!r}")
        return Record(head=wire.head, body=msgspec.json.decode(wire.body, type=kind))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordError(str(error)) from error


def chain_hash(prev: str, data: bytes) -> str:
    """The record's hash: sha256 over the previous hash and the record's own bytes."""
    return sha256(prev.encode() + data).hexdigest()
