"""A batch of journal records, checked link by link and weighed against what is here already. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kiosk.gateway.spans import Offsets, span_of
from kiosk.ledger.inbox import Arrived
from kiosk.messages.envelope import Batch, MessageError, record_of
from kiosk.messages.records import (
    Booted,
    Final,
    Intent,
    Noted,
    Record,
    chain_hash,
    kind_of,
)


class BrokenBatch(Exception):
    """A batch that contradicts itself: a broken chain, a foreign record, or a kind of record unknown here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """One record of a batch whose chain holds."""

    record: Record
    data: bytes
    hash: str


def linked(batch: Batch, device: str) -> tuple[Linked, ...]:
    """The records of a batch; raises BrokenBatch."""
    found: list[Linked] = []
    prev = batch.prev
    for number, raw in enumerate(batch.records):
        data = bytes(raw)
        try:
            record = record_of(raw)
        except MessageError as error:
            raise BrokenBatch(f"record {batch.first + number} is of no known kind") from error
        head = record.head
        if (head.device, head.epoch, head.seq, head.prev) != (device, batch.epoch, batch.first + number, prev):
            raise BrokenBatch(f"record {batch.first + number} does not follow the one before it")
        prev = chain_hash(prev, data)
        found.append(Linked(record=record, data=data, hash=prev))
    if not found or prev != batch.head:
        raise BrokenBatch("the batch's head is not its last record's hash")
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What a batch brings. `fresh` continue the chain; `forked` contradict what is here, and all that follows them.

    `gap`: records between ours and these are missing; the machine will send them again.
    """

    fresh: tuple[Linked, ...] = ()
    forked: tuple[Linked, ...] = ()
    gap: bool = False


def weigh(records: Sequence[Linked], through: int, head: str, known: Mapping[int, str]) -> Weighed:
    """`through` and `head` end the chain here; `known` are the hashes of its records that the batch repeats."""
    first = records[0].record.head
    if first.seq > through + 1:
        return Weighed(gap=True)
    for number, each in enumerate(records):
        seq = each.record.head.seq
        if seq <= through and known[seq] != each.hash:
            return Weighed(forked=tuple(records[number:]))
        if seq == through + 1:
            rest = tuple(records[number:])
            return Weighed(fresh=rest) if each.record.head.prev == head else Weighed(forked=rest)
    return Weighed()


def arrived(each: Linked, offsets: Offsets, floor_ms: int, now_ms: int) -> Arrived:
    """The row to keep of one record."""
    head, body = each.record.head, each.record.body
    span = span_of(head, offsets, floor_ms, now_ms)
    ending = body if isinstance(body, Final) else None
    about = body if isinstance(body, Intent | Final) else None
    return Arrived(
        device=head.device,
        epoch=head.epoch,
        seq=head.seq,
        key="" if isinstance(body, Booted | Noted) else body.key,
        kind=kind_of(body),
        op=about.op.value if about else "",
        item=about.item if about else "",
        # A note's subject shares the column, so that one index finds both.
        outcome=ending.outcome.value if ending else body.what if isinstance(body, Noted) else "",
        offline=int(ending.offline) if ending else 0,
        pseudonym=(body.pseudonym or "") if isinstance(body, Intent) else "",
        hash=each.hash,
        bytes=each.data,
        at_ms=body.at_ms if isinstance(body, Intent | Final | Noted) else head.wall_ms,
        first_ms=span.first_ms,
        last_ms=span.last_ms,
        received_ms=now_ms,
    )
