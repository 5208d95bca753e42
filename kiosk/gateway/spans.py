"""When did it happen? A machine's clocks as evidence, turned into an interval of the gateway's clock. Pure.

A wall clock may be set while nobody looks; a boot's monotonic clock cannot. Births and batches carry the sender's;
arriving, each shows how far that clock is from ours, a little too much if it was delayed, so the smallest difference
of a boot is the best. Records of a boot that was never met have no such witness: they happened somewhere between the
record before them and their arrival.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import msgspec

from kiosk.gateway.custody import Span
from kiosk.messages.records import Head

SLACK_MS: Final = 5_000
"""Both ways around a known time: clock drift between two contacts and a message's way."""

BOOTS_MAX: Final = 8
"""Boots whose clock is remembered; a machine that restarts more often between two contacts has other troubles."""

Offsets = dict[str, int]
"""By boot: our clock minus its monotonic clock, in ms."""


def read_offsets(text: str) -> Offsets:
    return msgspec.json.decode(text, type=Offsets)


def write_offsets(offsets: Offsets) -> str:
    return msgspec.json.encode(offsets).decode()


def measured(offsets: Offsets, boot: str, mono_ms: int, arrived_ms: int) -> Offsets:
    """With what a live message says about the boot it came from: `mono_ms` is the boot's clock when it was sent."""
    if not boot:
        return offsets
    found = arrived_ms - mono_ms
    known = offsets.get(boot)
    kept = {name: value for name, value in offsets.items() if name != boot}
    kept[boot] = found if known is None else min(found, known)
    return dict(list(kept.items())[-BOOTS_MAX:])


def span_of(head: Head, offsets: Offsets, floor_ms: int, arrived_ms: int) -> Span:
    """When a record was written: not before `floor_ms` (the record before it), not after its arrival."""
    whole = Span(first_ms=min(floor_ms, arrived_ms), last_ms=arrived_ms)
    offset = offsets.get(head.boot)
    if offset is None:
        return whole
    at_ms = head.mono_ms + offset
    if at_ms < floor_ms - SLACK_MS or at_ms > arrived_ms + SLACK_MS:
        return whole  # not what this clock can have said: it is no witness
    return Span(first_ms=max(floor_ms, at_ms - SLACK_MS), last_ms=min(arrived_ms, at_ms + SLACK_MS))


def epoch_ms(text: str) -> int | None:
    """Milliseconds since 1970 of an RFC 3339 time; None for anything else, or without a zone."""
    try:
        when = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if when.tzinfo is None else int(when.timestamp() * 1000)


def rfc3339(wall_s: float) -> str:
    """UTC seconds since 1970 with milliseconds, as envelopes carry them."""
    return dt.datetime.fromtimestamp(wall_s, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
