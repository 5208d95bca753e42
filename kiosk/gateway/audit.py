"""Journals against ledger against library system: what was lost, what happened twice, what is still a named doubt.

For every key: the Final in the journal, the effect in the ledger and the books of the library system say the same,
or a task for people is open. The audit trusts none of the three and changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from kiosk.domain import ItemBarcode, Key, PatronId
from kiosk.gateway.tasks import Kind
from kiosk.journal import Outbox
from kiosk.ledger import Ledger, Tx, audit_rows, inbox
from kiosk.ledger.effects import PERHAPS, Booked, Effect, State, Todo
from kiosk.messages.records import Final as Ending
from kiosk.messages.records import Intent, Op, Outcome, Record

PAGE: Final = 1_000
_HAPPENED: Final = frozenset({Outcome.DELIVERED, Outcome.RETURNED, Outcome.STANDS})
_COMMANDS: Final = {"11": "checkout", "09": "checkin", "29": "renew", "37": "pay"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One record of a machine's journal."""

    record: Record
    hash: str


class Books(Protocol):
    """The library system as an auditor may read it."""

    def charged(self, item: ItemBarcode) -> bool | None:
        """Whether the item is on loan; None when that cannot be told."""

    def charged_to(self, item: ItemBarcode, patron: PatronId) -> bool | None: ...

    def executed(self, item: ItemBarcode) -> Mapping[str, int] | None:
        """How often each of checkout, checkin, renew was really executed for the item by self-service; None when the
        library system does not tell."""


class Reader(Protocol):
    """Opens the bond of an effect."""

    def __call__(self, effect: Effect) -> PatronId | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The three numbers, with what they are made of. `pending` keys have records that have not arrived yet."""

    keys: int
    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    unsettled: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        return not self.lost and not self.doubled


def read_journal(path: Path) -> Iterator[Told]:
    """Every record of a journal file. Raises JournalBroken, JournalDamaged."""
    outbox = Outbox(path)
    try:
        first = 1
        while entries := outbox.read(first, PAGE):
            for entry in entries:
                yield Told(record=entry.record, hash=entry.hash)
            first += len(entries)
    finally:
        outbox.close()


def audit(
    journals: Iterable[Iterable[Told]], ledger: Ledger, books: Books | None = None, reader: Reader | None = None
) -> Audit:
    """`books` None audits journals against the ledger only."""
    rows = {row.key: row for row in ledger.read(audit_rows.effects)}
    tasked = ledger.read(audit_rows.tasked)
    found = _Findings(tasked)
    for key in sorted(ledger.read(lambda tx: audit_rows.asked_about(tx, Kind.WHOSE_LOAN))):
        found.unsettled[f"{key}: lent late or at a desk, with people"] = None
    keys: set[Key] = set()
    for journal in journals:
        records = list(journal)
        keys |= _compare(records, ledger, rows, found)
    if books is not None:
        by_item: dict[ItemBarcode, list[Effect]] = {}
        for row in rows.values():
            by_item.setdefault(row.item, []).append(row)
        attempts = ledger.read(audit_rows.attempts)
        for item, of_item in by_item.items():
            _compare_books(item, of_item, attempts, books, reader, found)
    return Audit(
        keys=len(keys),
        lost=tuple(found.lost),
        doubled=tuple(found.doubled),
        unsettled=tuple(found.unsettled),
        pending=tuple(found.pending),
    )


class _Findings:
    """Sorts what does not agree: a doubt with an open task is unsettled, without one it is lost or doubled."""

    def __init__(self, tasked: tuple[frozenset[str], frozenset[str]]) -> None:
        self._keys, self._items = tasked
        self.lost: dict[str, None] = {}
        self.doubled: dict[str, None] = {}
        self.unsettled: dict[str, None] = {}
        self.pending: dict[str, None] = {}

    def key(self, key: str, kind: dict[str, None], what: str) -> None:
        (self.unsettled if key in self._keys else kind)[f"{key}: {what}"] = None

    def item(self, item: str, kind: dict[str, None], what: str) -> None:
        (self.unsettled if item in self._items else kind)[f"{item}: {what}"] = None


def _compare(records: Sequence[Told], ledger: Ledger, rows: Mapping[Key, Effect], found: _Findings) -> set[Key]:
    """One journal against inbox and effects."""
    if not records:
        return set()
    head = records[0].record.head

    def work(tx: Tx) -> tuple[dict[int, str], inbox.Chain]:
        chain = inbox.chain_of(tx, head.device, head.epoch) or inbox.Chain(device=head.device, epoch=head.epoch)
        return inbox.hashes(tx, head.device, head.epoch, 1, len(records)), chain

    kept, chain = ledger.read(work)
    intents: dict[Key, Intent] = {}
    endings: dict[Key, Ending] = {}
    waiting: set[Key] = set()
    for told in records:
        seq, body = told.record.head.seq, told.record.body
        key = getattr(body, "key", None)
        if seq > chain.through:
            if key is not None:
                waiting.add(key)
        elif kept.get(seq) != told.hash:
            found.lost[f"{head.device}/{head.epoch}/{seq}: receipted, but not in the ledger as the machine has it"] = (
                None
            )
        if isinstance(body, Intent):
            intents[body.key] = body
        elif isinstance(body, Ending):
            endings[body.key] = body
    for key in intents:
        if key in waiting:
            found.pending[key] = None
        else:
            _judge(key, endings.get(key), rows.get(key), found)
    return set(intents)


def _judge(key: Key, ending: Ending | None, row: Effect | None, found: _Findings) -> None:
    """One key: how it ended at the machine, and what the ledger has of it."""
    if row is None:
        found.key(key, found.lost, "the ledger does not know this key")
        return
    if row.state in (State.ATTEMPTING, State.DOUBT) or row.todo is not Todo.NOTHING:
        found.unsettled[f"{key}: {row.state.value}, {row.todo.value or 'with people'}"] = None
        return
    if ending is None:
        found.unsettled[f"{key}: has no end yet"] = None
        return
    done = row.state in (State.GRANTED, State.SETTLED) and row.booked is not Booked.NOT
    if ending.outcome in _HAPPENED and not done:
        found.key(key, found.lost, f"{ending.outcome.value} at the machine, {row.state.value} here")
    elif ending.outcome not in _HAPPENED and done:
        found.key(key, found.doubled, f"{ending.outcome.value} at the machine, done here")


def _compare_books(
    item: ItemBarcode,
    rows: Sequence[Effect],
    attempts: Mapping[str, Sequence[tuple[str, str]]],
    books: Books,
    reader: Reader | None,
    found: _Findings,
) -> None:
    """One item: what the ledger believes against what the library system did and has."""
    if any(row.state in (State.ATTEMPTING, State.DOUBT) or row.todo is not Todo.NOTHING for row in rows):
        return  # counted by key already
    executed = books.executed(item)
    if executed is not None:
        believed, perhaps = _counted(rows, attempts, "granted", "undone"), _counted(rows, attempts, PERHAPS)
        for op in set(believed) | set(executed):
            if executed.get(op, 0) > believed[op] + perhaps[op]:
                found.item(item, found.doubled, f"{op} {executed[op]} times, {believed[op]} known")
            elif executed.get(op, 0) < believed[op]:
                found.item(item, found.lost, f"{op} {executed.get(op, 0)} times, {believed[op]} known")
    holder = _holder(rows)
    charged = books.charged(item)
    if holder is None or charged is None:
        return
    if holder.op is Op.CHECKIN and charged:
        found.item(item, found.doubled, "on loan, although it was returned")
    elif holder.op is Op.CHECKOUT and not charged:
        found.item(item, found.lost, "not on loan, although it was lent")
    elif holder.op is Op.CHECKOUT and reader is not None:
        patron = reader(holder)
        if patron is not None and books.charged_to(item, patron) is False:
            found.item(item, found.lost, "on loan to another reader")


def _counted(rows: Sequence[Effect], attempts: Mapping[str, Sequence[tuple[str, str]]], *outcomes: str) -> Counter[str]:
    """Messages that ended like this, by what they do: "granted" and "undone" changed the library system."""
    counted: Counter[str] = Counter()
    for row in rows:
        for message, outcome in attempts.get(row.key, ()):
            if outcome in outcomes:
                counted[_COMMANDS.get(message, message)] += 1
    return counted


def _holder(rows: Sequence[Effect]) -> Effect | None:
    """The last thing the ledger brought about with this item; None when nothing was, when it was only counted, or when
    two things carry the same millisecond."""
    moved = [row for row in rows if row.booked is not Booked.NOT and row.done_ms]
    moved = [row for row in moved if row.op in (Op.CHECKOUT, Op.CHECKIN) and row.state is not State.VOID]
    moved.sort(key=lambda row: (row.done_ms, row.booked is not Booked.PAIR))
    same = [row for row in moved if row.done_ms == moved[-1].done_ms and row.booked is not Booked.PAIR]
    return same[0] if len(same) == 1 else None
