"""What people must look at: opened by the gateway, closed by staff or by what turned up later."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import bindparam, func, insert, select, update

from kiosk.ledger.schema import tasks
from kiosk.ledger.store import Tx

REFERENCE_CHARS: Final = 8

_NAMES: Final = (
    "id",
    "kind",
    "key",
    "item",
    "device",
    "epoch",
    "seq",
    "detail",
    "opened_ms",
    "closed_ms",
    "closed_by",
    "resolution",
)
_COLUMNS: Final = tuple(tasks.c[name] for name in _NAMES)
_ADD: Final = insert(tasks).values({name: bindparam(name) for name in _NAMES})
_ONE: Final = select(*_COLUMNS).where(tasks.c.id == bindparam("id"))
_OPEN: Final = select(*_COLUMNS).where(tasks.c.closed_ms == 0).order_by(tasks.c.opened_ms, tasks.c.id)
_OPEN_OF: Final = (
    select(*_COLUMNS)
    .where(
        tasks.c.closed_ms == 0,
        tasks.c.device == bindparam("device"),
        tasks.c.epoch == bindparam("epoch"),
        tasks.c.seq > 0,
    )
    .order_by(tasks.c.seq.desc())
    .limit(bindparam("limit"))
)
_OF_KEY: Final = select(*_COLUMNS).where(tasks.c.key == bindparam("key")).order_by(tasks.c.opened_ms)
_CLOSE: Final = (
    update(tasks)
    .where(tasks.c.id == bindparam("id_"), tasks.c.closed_ms == 0)
    .values(closed_ms=bindparam("now_ms"), closed_by=bindparam("by"), resolution=bindparam("resolution"))
)
_COUNT: Final = select(func.count()).select_from(tasks).where(tasks.c.closed_ms == 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """`detail` is JSON of what its sentences need (kiosk.gateway.tasks); never a reader's name or number."""

    id: str
    kind: str
    key: str = ""
    item: str = ""
    device: str = ""
    epoch: str = ""
    seq: int = 0
    detail: str = "{}"
    opened_ms: int = 0
    closed_ms: int = 0
    closed_by: str = ""
    resolution: str = ""


def reference(kind: str, about: str) -> str:
    """A short reference that is the same whenever the same trouble is met again."""
    return sha256(f"{kind}/{about}".encode()).hexdigest()[:REFERENCE_CHARS].upper()


def open_once(tx: Tx, task: Task) -> bool:
    """Adds the task unless it is there already, open or closed; True when it was added."""
    if tx.row(_ONE, id=task.id) is not None:
        return False
    tx.run(_ADD, **{name: getattr(task, name) for name in _NAMES})
    return True


def get(tx: Tx, id_: str) -> Task | None:
    row = tx.row(_ONE, id=id_)
    return None if row is None else _task(row)


def open_tasks(tx: Tx) -> list[Task]:
    return [_task(row) for row in tx.rows(_OPEN)]


def open_of(tx: Tx, device: str, epoch: str, limit: int) -> list[Task]:
    """Open tasks about records of one journal, newest record first."""
    return [_task(row) for row in tx.rows(_OPEN_OF, device=device, epoch=epoch, limit=limit)]


def of_key(tx: Tx, key: str) -> list[Task]:
    return [_task(row) for row in tx.rows(_OF_KEY, key=key)]


def close(tx: Tx, id_: str, by: str, resolution: str, now_ms: int) -> bool:
    """True when an open task was closed."""
    return tx.run(_CLOSE, id_=id_, by=by, resolution=resolution, now_ms=now_ms) == 1


def open_count(tx: Tx) -> int:
    row = tx.row(_COUNT)
    return 0 if row is None else int(row[0])


def _task(row: tuple[Any, ...]) -> Task:
    return Task(**dict(zip(_NAMES, row, strict=True)))
