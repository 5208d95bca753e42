"""Every machine's journal as it arrived, and how far each is complete."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from sqlalchemy import bindparam, func, insert, select, update

from kiosk.ledger.schema import chains, happenings, inbox, quarantine
from kiosk.ledger.store import Tx
from kiosk.messages.records import GENESIS


@dataclass(slots=True, kw_only=True)
class Chain:
    """One journal (a device and its epoch) as far as it is complete here."""

    device: str
    epoch: str
    through: int = 0
    head: str = GENESIS
    told_last: int = 0
    first_ms: int = 0
    seen_ms: int = 0
    quarantined: int = 0
    boot: str = ""
    online: int = 0
    clear_ms: int = 0
    offsets: str = "{}"
    floor_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A record as it is kept: its own bytes, and what queries need of it. Times are ms of the gateway's clock, but
    `at_ms` of the machine's."""

    device: str
    epoch: str
    seq: int
    key: str
    kind: str
    op: str
    item: str
    outcome: str
    offline: int
    pseudonym: str
    hash: str
    bytes: bytes
    at_ms: int
    first_ms: int
    last_ms: int
    received_ms: int


_CHAIN_NAMES: Final = tuple(each.name for each in fields(Chain))
_CHAIN_COLUMNS: Final = tuple(chains.c[name] for name in _CHAIN_NAMES)
_IDENTITY: Final = ("device", "epoch")

_CHAIN: Final = (
    select(*_CHAIN_COLUMNS)
    .where(chains.c.device == bindparam("device"), chains.c.epoch == bindparam("epoch"))
    .with_for_update()
)
_CHAIN_READ: Final = select(*_CHAIN_COLUMNS).where(
    chains.c.device == bindparam("device"), chains.c.epoch == bindparam("epoch")
)
_CHAINS_OF: Final = (
    select(*_CHAIN_COLUMNS).where(chains.c.device == bindparam("device")).order_by(chains.c.first_ms, chains.c.epoch)
)
_CHAINS: Final = select(*_CHAIN_COLUMNS).order_by(chains.c.device, chains.c.first_ms)
_ADD_CHAIN: Final = insert(chains).values({name: bindparam(name) for name in _CHAIN_NAMES})
_SAVE_CHAIN: Final = (
    update(chains)
    .where(chains.c.device == bindparam("device_"), chains.c.epoch == bindparam("epoch_"))
    .values({name: bindparam(name) for name in _CHAIN_NAMES if name not in _IDENTITY})
)
_TOUCH: Final = (
    update(chains)
    .where(chains.c.device == bindparam("device_"), chains.c.epoch == bindparam("epoch_"))
    .values(seen_ms=bindparam("now_ms"))
)

_ARRIVED_NAMES: Final = tuple(each.name for each in fields(Arrived))
_ARRIVED_COLUMNS: Final = tuple(inbox.c[name] for name in _ARRIVED_NAMES)
_ADD: Final = insert(inbox).values({name: bindparam(name) for name in _ARRIVED_NAMES})
_HASHES: Final = select(inbox.c.seq, inbox.c.hash).where(
    inbox.c.device == bindparam("device"),
    inbox.c.epoch == bindparam("epoch"),
    inbox.c.seq.between(bindparam("first"), bindparam("last")),
)
_ONE: Final = select(*_ARRIVED_COLUMNS).where(
    inbox.c.device == bindparam("device"), inbox.c.epoch == bindparam("epoch"), inbox.c.seq == bindparam("seq")
)
_OF_KEY: Final = select(*_ARRIVED_COLUMNS).where(inbox.c.key == bindparam("key")).order_by(inbox.c.seq)
_NOTED_AFTER: Final = (
    select(func.count())
    .select_from(inbox)
    .where(
        inbox.c.device == bindparam("device"),
        inbox.c.epoch == bindparam("epoch"),
        inbox.c.seq > bindparam("seq"),
        inbox.c.kind == "noted",
        inbox.c.outcome == bindparam("what"),
    )
)
_QUARANTINED: Final = select(quarantine.c.seq).where(
    quarantine.c.device == bindparam("device"),
    quarantine.c.epoch == bindparam("epoch"),
    quarantine.c.seq == bindparam("seq"),
    quarantine.c.hash == bindparam("hash"),
)
_ADD_QUARANTINE: Final = insert(quarantine).values(
    {name: bindparam(name) for name in ("device", "epoch", "seq", "hash", "bytes", "reason", "received_ms")}
)
_HAPPENING: Final = select(happenings.c.id).where(happenings.c.id == bindparam("id"))
_ADD_HAPPENING: Final = insert(happenings).values(
    {name: bindparam(name) for name in ("id", "device", "what", "fault", "part", "detail", "at_ms", "received_ms")}
)


def chain(tx: Tx, device: str, epoch: str, now_ms: int) -> Chain:
    """The chain, locked until the transaction ends; a new one when this journal was never heard of."""
    row = tx.row(_CHAIN, device=device, epoch=epoch)
    if row is not None:
        return _chain(row)
    made = Chain(device=device, epoch=epoch, first_ms=now_ms, seen_ms=now_ms, floor_ms=0)
    tx.run(_ADD_CHAIN, **asdict(made))
    return made


def chain_of(tx: Tx, device: str, epoch: str) -> Chain | None:
    row = tx.row(_CHAIN_READ, device=device, epoch=epoch)
    return None if row is None else _chain(row)


def chains_of(tx: Tx, device: str) -> list[Chain]:
    """A device's journals, oldest first."""
    return [_chain(row) for row in tx.rows(_CHAINS_OF, device=device)]


def all_chains(tx: Tx) -> list[Chain]:
    return [_chain(row) for row in tx.rows(_CHAINS)]


def save_chain(tx: Tx, changed: Chain) -> None:
    values: dict[str, Any] = {name: getattr(changed, name) for name in _CHAIN_NAMES if name not in _IDENTITY}
    tx.run(_SAVE_CHAIN, device_=changed.device, epoch_=changed.epoch, **values)


def touch(tx: Tx, device: str, epoch: str, now_ms: int) -> None:
    """The machine was heard of."""
    tx.run(_TOUCH, device_=device, epoch_=epoch, now_ms=now_ms)


def hashes(tx: Tx, device: str, epoch: str, first: int, last: int) -> dict[int, str]:
    return {int(seq): hash_ for seq, hash_ in tx.rows(_HASHES, device=device, epoch=epoch, first=first, last=last)}


def add_all(tx: Tx, rows: Iterable[Arrived]) -> None:
    # asdict() copies deeply, which costs more than the insert.
    tx.many(_ADD, ({name: getattr(row, name) for name in _ARRIVED_NAMES} for row in rows))


def one(tx: Tx, device: str, epoch: str, seq: int) -> Arrived | None:
    row = tx.row(_ONE, device=device, epoch=epoch, seq=seq)
    return None if row is None else _arrived(row)


def of_key(tx: Tx, key: str) -> list[Arrived]:
    return [_arrived(row) for row in tx.rows(_OF_KEY, key=key)]


def noted_after(tx: Tx, device: str, epoch: str, seq: int, what: str) -> bool:
    """Whether the machine noted `what` after record `seq`."""
    row = tx.row(_NOTED_AFTER, device=device, epoch=epoch, seq=seq, what=what)
    return row is not None and row[0] > 0


def set_aside(tx: Tx, device: str, epoch: str, seq: int, hash_: str, data: bytes, reason: str, now_ms: int) -> None:
    """Keeps a record that must not be acted on; harmless when repeated."""
    if tx.row(_QUARANTINED, device=device, epoch=epoch, seq=seq, hash=hash_) is None:
        tx.run(
            _ADD_QUARANTINE,
            device=device,
            epoch=epoch,
            seq=seq,
            hash=hash_,
            bytes=data,
            reason=reason,
            received_ms=now_ms,
        )


def add_happening(tx: Tx, id_: str, **values: Any) -> None:
    """A fault or state for people; harmless when repeated."""
    if tx.row(_HAPPENING, id=id_) is None:
        tx.run(_ADD_HAPPENING, id=id_, **values)


def _chain(row: tuple[Any, ...]) -> Chain:
    return Chain(**dict(zip(_CHAIN_NAMES, row, strict=True)))


def _arrived(row: tuple[Any, ...]) -> Arrived:
    return Arrived(**dict(zip(_ARRIVED_NAMES, row, strict=True)))
