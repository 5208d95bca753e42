"""One row for each key: what was asked, what the library system did, and what is still owed."""

from __future__ import annotations

import enum
from dataclasses import dataclass, fields
from typing import Any, Final

from sqlalchemy import and_, bindparam, func, insert, or_, select, update

from kiosk.domain import ItemBarcode, Key
from kiosk.ledger.schema import attempts, effects
from kiosk.ledger.store import Tx
from kiosk.messages.records import Op, Outcome


class State(enum.StrEnum):
    """new -> attempting -> granted | refused | doubt -> settled | void. Each arrow is a commit."""

    NEW = "new"  # known from a record; nothing was asked of the library system
    ATTEMPTING = "attempting"  # a message may be under way
    GRANTED = "granted"  # done in the library system; the machine has not told how it ended
    REFUSED = "refused"
    DOUBT = "doubt"  # asked, and the answer was lost
    SETTLED = "settled"  # done, and the machine agrees
    VOID = "void"  # must never be done; also the tombstone of a key whose request never came


class Todo(enum.StrEnum):
    """What the settler owes a key."""

    NOTHING = ""
    JUDGE = "judge"  # read the library system's state and judge a lost answer
    FINAL = "final"  # the machine told how it ended, and that is not what stands here
    LINE = "line"  # an offline event waits in its item's custody line
    LOOK = "look"  # a last look: a message that timed out may have been executed after all


class Booked(enum.StrEnum):
    """How an effect came into the library system."""

    NOT = ""
    ONLINE = "online"
    LINE = "line"  # moved there from the custody line
    PAIR = "pair"  # loan and return both past: counted, the library system was not touched
    FOUND = "found"  # the library system already stood as wanted


@dataclass(slots=True, kw_only=True)
class Effect:
    """A row of `effects`. Times are ms; `pre` is what the library system said before the attempt, as JSON."""

    key: Key
    op: Op
    item: ItemBarcode
    owner: str = ""
    device: str = ""
    epoch: str = ""
    seq: int = 0
    hash: str = ""
    pseudonym: str = ""
    bond_kid: str = ""
    bond_box: str = ""
    security: str = ""
    at_ms: int = 0
    due_before: str = ""
    amount_fen: int = 0
    of: str = ""
    state: State = State.NEW
    doing: str = ""
    pre: str = ""
    attempts: int = 0
    due: str = ""
    answer_name: str = ""
    answer: bytes = b""
    asked_ms: int = 0
    asked_until_ms: int = 0
    done_ms: int = 0
    booked: Booked = Booked.NOT
    accepted: int = 0
    final: str = ""
    final_seq: int = 0
    final_offline: int = 0
    final_security: str = ""
    final_proof: str = ""
    final_first_ms: int = 0
    final_last_ms: int = 0
    final_received_ms: int = 0
    todo: Todo = Todo.NOTHING
    todo_ms: int = 0
    since_ms: int = 0
    changed_ms: int = 0

    @property
    def ended(self) -> Outcome | None:
        return Outcome(self.final) if self.final else None


TOLD: Final = (
    "seq",
    "accepted",
    "final",
    "final_seq",
    "final_offline",
    "final_security",
    "final_proof",
    "final_first_ms",
    "final_last_ms",
    "final_received_ms",
)
"""What the machine's records say: written as they arrive, by whoever receives them. The rest is the applier's."""

PERHAPS: Final = "perhaps"
"""How an attempt ended that may or may not have been carried out: nothing in the library system tells."""

NAMES: Final = tuple(each.name for each in fields(Effect))
_COLUMNS: Final = tuple(effects.c[name] for name in NAMES)

_INSERT: Final = insert(effects).values({name: bindparam(name) for name in NAMES})
_SAVE: Final = (
    update(effects)
    .where(effects.c.key == bindparam("key_"))
    .values({name: bindparam(name) for name in NAMES if name != "key"})
)
_ONE: Final = select(*_COLUMNS).where(effects.c.key == bindparam("key"))
_LOCK: Final = _ONE.with_for_update()
_OF_ITEM: Final = (
    select(*_COLUMNS)
    .where(effects.c.item == bindparam("item"), or_(effects.c.op == "checkout", effects.c.op == "checkin"))
    .order_by(effects.c.todo == "", effects.c.at_ms.desc(), effects.c.key)
    .limit(bindparam("limit"))
)
_OWED: Final = select(effects.c.key, effects.c.todo, effects.c.todo_ms).where(
    effects.c.item == bindparam("item"), effects.c.todo != ""
)
_AT: Final = select(*_COLUMNS).where(
    effects.c.device == bindparam("device"),
    effects.c.epoch == bindparam("epoch"),
    or_(effects.c.seq == bindparam("seq"), effects.c.final_seq == bindparam("seq")),
)
_DUE: Final = (
    select(effects.c.key)
    .where(effects.c.todo != "", effects.c.todo_ms <= bindparam("now_ms"))
    .order_by(effects.c.todo_ms, effects.c.key)
    .limit(bindparam("limit"))
)
_UNBOOKED: Final = (
    select(effects.c.key)
    .where(
        or_(effects.c.todo == "judge", effects.c.todo == "final", effects.c.todo == "line"),
        # Looked for among the few rows that are owed something, not among all of a machine's.
        effects.c.device.concat("") == bindparam("device"),
        effects.c.epoch.concat("") == bindparam("epoch"),
    )
    .limit(1)
)
_NEXT: Final = select(effects.c.todo_ms).where(effects.c.todo != "").order_by(effects.c.todo_ms).limit(1)
_LEFT: Final = select(*_COLUMNS).where(effects.c.state == "attempting").order_by(effects.c.key)
_SILENT: Final = (
    select(*_COLUMNS)
    .where(
        effects.c.final == "",
        effects.c.todo == "",
        effects.c.changed_ms < bindparam("before_ms"),
        or_(effects.c.state == "new", effects.c.state == "granted", effects.c.state == "doubt"),
    )
    .order_by(effects.c.key)
    .limit(bindparam("limit"))
)
_OLD: Final = effects.delete().where(
    and_(effects.c.changed_ms < bindparam("before_ms"), effects.c.todo == "", effects.c.final != "")
)
_LOST_ANSWER: Final = select(func.max(attempts.c.begun_ms)).where(
    attempts.c.key == bindparam("key_"),
    or_(attempts.c.outcome == State.DOUBT.value, attempts.c.outcome == State.VOID.value),
)
_ATTEMPT: Final = insert(attempts).values(
    key=bindparam("key"), n=bindparam("n"), message=bindparam("message"), begun_ms=bindparam("begun_ms")
)
_ATTEMPT_ENDED: Final = (
    update(attempts)
    .where(attempts.c.key == bindparam("key_"), attempts.c.n == bindparam("n_"))
    .values(ended_ms=bindparam("ended_ms"), outcome=bindparam("outcome"))
)


def add(tx: Tx, effect: Effect) -> None:
    tx.run(_INSERT, **{name: getattr(effect, name) for name in NAMES})


def save(tx: Tx, effect: Effect) -> int:
    """Writes the whole row; 0 when there is none."""
    values: dict[str, Any] = {name: getattr(effect, name) for name in NAMES if name != "key"}
    return tx.run(_SAVE, key_=effect.key, **values)


class Touched:
    """The rows one transaction touches: each is read once and written once, however many records speak of it."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._rows: dict[Key, Effect] = {}
        self._known: set[Key] = set()

    def get(self, key: Key) -> Effect | None:
        row = self._rows.get(key) or lock(self._tx, key)
        if row is not None and key not in self._rows:
            self._known.add(key)
            self._rows[key] = row
        return row

    def put(self, effect: Effect) -> None:
        self._rows[effect.key] = effect

    def write(self) -> None:
        fresh = (row for key, row in self._rows.items() if key not in self._known)
        self._tx.many(_INSERT, ({name: getattr(row, name) for name in NAMES} for row in fresh))
        for key in self._known:
            save(self._tx, self._rows[key])


def lock(tx: Tx, key: Key) -> Effect | None:
    """The row, held against other writers until the transaction ends."""
    row = tx.row(_LOCK, key=key)
    return None if row is None else of_row(row)


def get(tx: Tx, key: Key) -> Effect | None:
    row = tx.row(_ONE, key=key)
    return None if row is None else of_row(row)


def of_item(tx: Tx, item: ItemBarcode, limit: int) -> list[Effect]:
    """The item's loans and returns: what is owed something, then the newest by the machines' own clocks."""
    return [of_row(row) for row in tx.rows(_OF_ITEM, item=item, limit=limit)]


def owed(tx: Tx, item: ItemBarcode) -> list[tuple[Key, Todo, int]]:
    """Keys of this item that are owed something: what, and not before when (ms)."""
    return [(key, Todo(todo), todo_ms) for key, todo, todo_ms in tx.rows(_OWED, item=item)]


def at(tx: Tx, device: str, epoch: str, seq: int) -> Effect | None:
    """The effect whose Intent or Final is this record."""
    row = tx.row(_AT, device=device, epoch=epoch, seq=seq)
    return None if row is None else of_row(row)


def due(tx: Tx, now_ms: int, limit: int) -> list[Key]:
    """Keys that are owed something, longest waiting first."""
    return [row[0] for row in tx.rows(_DUE, now_ms=now_ms, limit=limit)]


def all_booked(tx: Tx, device: str, epoch: str) -> bool:
    """Whether the library system knows, or people have, everything that this journal has told."""
    return tx.row(_UNBOOKED, device=device, epoch=epoch) is None


def next_due_ms(tx: Tx) -> int | None:
    row = tx.row(_NEXT)
    return None if row is None else int(row[0])


def left_attempting(tx: Tx) -> list[Effect]:
    """Rows a crash left in the middle of a message."""
    return [of_row(row) for row in tx.rows(_LEFT)]


def silent(tx: Tx, before_ms: int, limit: int) -> list[Effect]:
    """Keys without a Final that nobody has touched since `before_ms`."""
    return [of_row(row) for row in tx.rows(_SILENT, before_ms=before_ms, limit=limit)]


def forget(tx: Tx, before_ms: int) -> int:
    """Deletes finished keys older than the time a machine may come back."""
    return tx.run(_OLD, before_ms=before_ms)


def begin_attempt(tx: Tx, key: Key, n: int, message: str, now_ms: int) -> None:
    tx.run(_ATTEMPT, key=key, n=n, message=message, begun_ms=now_ms)


def end_attempt(tx: Tx, key: Key, n: int, outcome: str, now_ms: int) -> None:
    tx.run(_ATTEMPT_ENDED, key_=key, n_=n, outcome=outcome, ended_ms=now_ms)


def lost_answer_ms(tx: Tx, key: Key) -> int:
    """When the last message of this key that never got an answer was begun, 0 for none."""
    [(found,)] = tx.rows(_LOST_ANSWER, key_=key)
    return found or 0


def of_row(row: tuple[Any, ...]) -> Effect:
    """An Effect from a row of all columns, in the order of NAMES."""
    effect = Effect(**dict(zip(NAMES, row, strict=True)))
    effect.op, effect.state = Op(effect.op), State(effect.state)
    effect.todo, effect.booked = Todo(effect.todo), Booked(effect.booked)
    return effect
