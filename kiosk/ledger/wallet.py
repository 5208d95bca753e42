"""Moves of the library's own print credit: one row for each key, kept as long as keys are."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from sqlalchemy import bindparam, func, insert, or_, select, update

from kiosk.ledger.schema import wallet_moves
from kiosk.ledger.store import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A hold, capture or release; `state` is that of the hold, for the others "done"."""

    key: str
    who: str
    kind: str
    of: str = ""
    state: str
    amount_fen: int
    period: str
    at_ms: int


_NAMES: Final = tuple(each.name for each in fields(Move))
_COLUMNS: Final = tuple(wallet_moves.c[name] for name in _NAMES)
_ONE: Final = select(*_COLUMNS).where(wallet_moves.c.key == bindparam("key")).with_for_update()
_ADD: Final = insert(wallet_moves).values({name: bindparam(name) for name in _NAMES})
_END: Final = (
    update(wallet_moves)
    .where(wallet_moves.c.key == bindparam("key_"))
    .values(state=bindparam("state"), amount_fen=bindparam("amount_fen"))
)
_SPENT: Final = select(func.coalesce(func.sum(wallet_moves.c.amount_fen), 0)).where(
    wallet_moves.c.who == bindparam("who"),
    wallet_moves.c.period == bindparam("period"),
    wallet_moves.c.kind == "hold",
    or_(wallet_moves.c.state == "held", wallet_moves.c.state == "captured"),
)


def get(tx: Tx, key: str) -> Move | None:
    row = tx.row(_ONE, key=key)
    return None if row is None else Move(**dict(zip(_NAMES, row, strict=True)))


def add(tx: Tx, move: Move) -> None:
    tx.run(_ADD, **{name: getattr(move, name) for name in _NAMES})


def end(tx: Tx, key: str, state: str, amount_fen: int) -> None:
    """A hold was captured (then `amount_fen` is what was taken) or released."""
    tx.run(_END, key_=key, state=state, amount_fen=amount_fen)


def spent_fen(tx: Tx, who: str, period: str) -> int:
    """What is held or taken in a period."""
    row = tx.row(_SPENT, who=who, period=period)
    return 0 if row is None else int(row[0])
