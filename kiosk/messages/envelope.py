"""The outer form of every message: CloudEvents 1.0 attributes in structured JSON, signed by its sender.

Source: CloudEvents 1.0 JSON event format; extension attributes `device`, `epoch`, `corr` and `sig` are ours. The
signature (Ed25519, kiosk.keys) covers lane, device, type, id, epoch, corr, time and the data's own bytes, so that no
message can be moved to another lane, machine or question.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from kiosk.messages import asks, records

SPEC: Final = "1.0"
TYPE_PREFIX: Final = "cn.circdesk."


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Lane `tx`: consecutive journal records, oldest first. `head` is the hash of the last one."""

    epoch: str
    first: int
    prev: str  # hash of the record before the first
    head: str
    records: tuple[msgspec.Raw, ...]
    boot: str = ""  # the sender's, and its monotonic clock when it sent this: when were its other records written?
    mono_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Lane `req/{op}`."""

    ask: msgspec.Raw
    answer_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """Lane `rsp`; `corr` of the envelope names the question."""

    answer: msgspec.Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One record the gateway could not simply apply: the staff's task and what the machine may tell."""

    seq: int
    code: str
    task: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Lane `rcpt`: everything up to `through` is committed in the gateway's database. Only this clears an outbox."""

    epoch: str
    through: int
    head: str  # hash of record `through`, as the gateway has it
    exceptions: tuple[Standing, ...] = ()
    wall_ms: int = 0  # the gateway's clock
    quarantined: bool = False
    ils_up: bool = True
    booked: bool = False  # true: nothing up to `through` waits for the library system; false tells nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth:
    """Lane `state`, retained: who is there since when. The will is the same with `online` false."""

    boot: str
    epoch: str
    last_seq: int
    head: str
    software: str
    online: bool = True
    mono_ms: int = 0  # the sender's monotonic clock when it sent this


FORKED: Final = "journal_forked"
"""Happening.what of a machine whose journal the gateway's receipt contradicts; its epoch is the detail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Lane `evt`: faults and states for people. Never reader data."""

    what: str
    fault: int = 0
    part: str = ""
    detail: str = ""
    at_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Lane `cmd/{op}`: bound to a boot and a nonce of the device, refused after `expires_ms`."""

    op: str
    nonce: str
    boot: str
    expires_ms: int
    part: str = ""


DATA: Final[dict[str, type[Any]]] = {
    "tx": Batch,
    "req": Request,
    "rsp": Response,
    "rcpt": Receipt,
    "state": Birth,
    "evt": Happening,
    "cmd": Command,
}
ASKS: Final[dict[str, type[Any]]] = {
    "patron": asks.AskPatron,
    "item": asks.AskItem,
    "effect": asks.AskEffect,
    "staff": asks.AskStaff,
    "snapshot": asks.AskSnapshot,
}
ANSWERS: Final[dict[str, type[Any]]] = {
    "sealed": asks.SealedAnswer,
    "item": asks.ItemKnown,
    "no-item": asks.ItemUnknown,
    "granted": asks.EffectGranted,
    "refused": asks.EffectRefused,
    "open": asks.EffectOpen,
    "staff": asks.StaffTaken,
    "snapshot": asks.Snapshot,
    "away": asks.Unavailable,
}
OP_OF: Final = {kind: op for op, kind in ASKS.items()}
ANSWER_NAME: Final = {kind: name for name, kind in ANSWERS.items()}


class MessageError(ValueError):
    """Bytes that are no message of ours, or not of the lane they came on."""


class Envelope(msgspec.Struct, kw_only=True, omit_defaults=True):
    specversion: str
    id: str
    source: str  # /{consortium}/{site}/{device}
    type: str  # cn.circdesk.{lane}[.{op or answer}].v1
    time: str  # RFC 3339, evidence only
    device: str
    epoch: str = ""
    corr: str = ""
    sig: str = ""
    data: msgspec.Raw


_encoder: Final = msgspec.json.Encoder(order="deterministic")
_decoder: Final = msgspec.json.Decoder(Envelope)


def encode_data(value: Any) -> msgspec.Raw:
    """Any of the values of this room as canonical JSON."""
    return msgspec.Raw(_encoder.encode(value))


def encode(envelope: Envelope) -> bytes:
    return _encoder.encode(envelope)


def decode(payload: bytes) -> Envelope:
    """Raises MessageError on anything that is not an envelope."""
    try:
        envelope = _decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MessageError(str(error)) from error
    if envelope.specversion != SPEC or not envelope.type.startswith(TYPE_PREFIX):
        raise MessageError(f"not ours: specversion {envelope.specversion!r}, type {envelope.type!r}")
    return envelope


def type_name(lane: str, name: str = "") -> str:
    return f"{TYPE_PREFIX}{lane}{'.' + name if name else ''}.v1"


def split_type(type_: str) -> tuple[str, str]:
    """(lane, op or answer name) of an envelope's type; raises MessageError for another version or form."""
    parts = type_.removeprefix(TYPE_PREFIX).split(".")
    if len(parts) not in (2, 3) or parts[-1] != "v1":
        raise MessageError(f"unknown message type {type_!r}")
    return parts[0], parts[1] if len(parts) == 3 else ""


def data_of(envelope: Envelope, lane: str) -> Any:
    """The envelope's data as the dataclass of `lane`; raises MessageError when it is of another lane or broken."""
    if split_type(envelope.type)[0] != lane:
        raise MessageError(f"a {envelope.type} on lane {lane}")
    return _convert(envelope.data, DATA[lane])


def ask_of(envelope: Envelope) -> tuple[asks.Ask, float]:
    """(question, answer_s) of a request envelope."""
    request: Request = data_of(envelope, "req")
    op = split_type(envelope.type)[1]
    if op not in ASKS:
        raise MessageError(f"unknown question {op!r}")
    return _convert(request.ask, ASKS[op]), request.answer_s


def answer_of(envelope: Envelope) -> asks.Answer:
    """The answer inside a response envelope."""
    response: Response = data_of(envelope, "rsp")
    name = split_type(envelope.type)[1]
    if name not in ANSWERS:
        raise MessageError(f"unknown answer {name!r}")
    answer: asks.Answer = _convert(response.answer, ANSWERS[name])
    return answer


def signed_bytes(envelope: Envelope) -> bytes:
    """What the signature covers."""
    head = (
        envelope.type,
        envelope.source,
        envelope.device,
        envelope.id,
        envelope.epoch,
        envelope.corr,
        envelope.time,
    )
    return "\n".join(head).encode() + b"\n" + bytes(envelope.data)


def record_of(raw: msgspec.Raw | bytes) -> records.Record:
    """The journal record in `raw`; raises MessageError."""
    try:
        return records.decode(bytes(raw))
    except records.RecordError as error:
        raise MessageError(str(error)) from error


def _convert(raw: msgspec.Raw, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MessageError(f"{kind.__name__}: {error}") from error
