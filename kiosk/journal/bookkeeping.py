"""The two rows beside the records: who this journal is, and how far things have come."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, TypeVar

import msgspec

from kiosk.journal.database import Row
from kiosk.messages.records import GENESIS

T = TypeVar("T")

SAVE: Final = "UPDATE state SET value = ?, hash = ? WHERE name = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Written once, when the file is made."""

    device: str
    epoch: str
    created_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Everything here may be lost or be late: it is asked for again, or rebuilt from the records."""

    watermark: int = 0
    head: str = GENESIS  # our hash of record `watermark`
    gateway_ms: int | None = None  # highest gateway time known to have been reached
    offset_ms: int | None = None  # gateway clock minus ours, at the newest receipt
    open_from: int = 1  # no key whose intent is older than this record was open when this was written
    clean: bool = False


def state_row(name: str, value: Identity | Progress) -> Row:
    """(name, value, hash) for an insert."""
    text = msgspec.json.encode(value).decode()
    return name, text, sha256(text.encode()).digest()


def saved(progress: Progress) -> Row:
    """Values for SAVE."""
    name, text, digest = state_row("progress", progress)
    return text, digest, name


def state_of(rows: list[Row], kind: type[T]) -> T | None:
    """The value of a `SELECT value, hash` over one state row; None when it is missing or does not match its hash."""
    if len(rows) != 1:
        return None
    text, digest = rows[0]
    if not _whole(text, digest):
        return None
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError:
        return None


def _whole(text: Any, digest: Any) -> bool:  # bit rot may change even a value's type
    return isinstance(text, str) and sha256(text.encode(errors="surrogateescape")).digest() == digest
