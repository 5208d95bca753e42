"""Whole tables for an audit: effects, their attempts, and what has an open task."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, select

from kiosk.ledger import effects as effect_rows
from kiosk.ledger.effects import Effect
from kiosk.ledger.schema import attempts as attempt_table
from kiosk.ledger.schema import effects as effect_table
from kiosk.ledger.schema import tasks as task_table
from kiosk.ledger.store import Tx

_EFFECTS: Final = select(*(effect_table.c[name] for name in effect_rows.NAMES)).order_by(effect_table.c.key)
_ATTEMPTS: Final = select(attempt_table.c.key, attempt_table.c.message, attempt_table.c.outcome).order_by(
    attempt_table.c.key, attempt_table.c.n
)
_ASKED: Final = select(task_table.c.key).where(task_table.c.closed_ms == 0, task_table.c.kind == bindparam("kind"))
_TASKS: Final = select(task_table.c.key, task_table.c.item).where(task_table.c.closed_ms == 0)


def effects(tx: Tx) -> list[Effect]:
    return [effect_rows.of_row(row) for row in tx.rows(_EFFECTS)]


def attempts(tx: Tx) -> dict[str, list[tuple[str, str]]]:
    """(message, outcome) of every attempt, by key, in order."""
    found: dict[str, list[tuple[str, str]]] = {}
    for key, message, outcome in tx.rows(_ATTEMPTS):
        found.setdefault(key, []).append((message, outcome))
    return found


def asked_about(tx: Tx, kind: str) -> frozenset[str]:
    """Keys with an open task of this kind."""
    return frozenset(key for (key,) in tx.rows(_ASKED, kind=kind) if key)


def tasked(tx: Tx) -> tuple[frozenset[str], frozenset[str]]:
    """Keys and items that people are looking at."""
    rows = tx.rows(_TASKS)
    return frozenset(key for key, _ in rows if key), frozenset(item for _, item in rows if item)
