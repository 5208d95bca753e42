"""Day keys, wrong PINs and the applier's lease: small tables that guard something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, delete, insert, or_, select, update

from kiosk.keys import DayKeyPair
from kiosk.ledger.schema import day_keys, lease, pins
from kiosk.ledger.store import Tx
from kiosk.messages.asks import DayKey

_KEYS: Final = (
    select(day_keys.c.kid, day_keys.c.public, day_keys.c.day, day_keys.c.private)
    .where(day_keys.c.private != "")
    .order_by(day_keys.c.day)
)
_ADD_KEY: Final = insert(day_keys).values(
    {name: bindparam(name) for name in ("kid", "day", "public", "private", "made_ms")}
)
_DESTROY: Final = (
    update(day_keys)
    .where(day_keys.c.day < bindparam("before_day"), day_keys.c.private != "")
    .values(private="", destroyed_ms=bindparam("now_ms"))
)

_PIN: Final = select(pins.c.failures, pins.c.first_ms, pins.c.locked_until_ms).where(pins.c.who == bindparam("who"))
_ADD_PIN: Final = insert(pins).values(
    {name: bindparam(name) for name in ("who", "failures", "first_ms", "locked_until_ms")}
)
_DROP_PIN: Final = delete(pins).where(pins.c.who == bindparam("who"))

_TAKE: Final = (
    update(lease)
    .where(
        lease.c.name == bindparam("name_"),
        or_(lease.c.holder == bindparam("mine"), lease.c.until_ms <= bindparam("now_ms")),
    )
    .values(holder=bindparam("holder"), until_ms=bindparam("until_ms"))
)
_HOLDER: Final = select(lease.c.holder).where(lease.c.name == bindparam("name"))
_ADD_LEASE: Final = insert(lease).values(name=bindparam("name"), holder="", until_ms=0)
_GIVE_BACK: Final = (
    update(lease)
    .where(lease.c.name == bindparam("name_"), lease.c.holder == bindparam("mine"))
    .values(holder="", until_ms=0)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PinState:
    failures: int = 0
    first_ms: int = 0
    locked_until_ms: int = 0


def live_day_keys(tx: Tx) -> list[DayKeyPair]:
    """Pairs that can still open a box, oldest day first."""
    return [
        DayKeyPair(key=DayKey(kid=kid, public=public, day=day), private=private)
        for kid, public, day, private in tx.rows(_KEYS)
    ]


def add_day_key(tx: Tx, pair: DayKeyPair, now_ms: int) -> None:
    tx.run(
        _ADD_KEY,
        kid=pair.key.kid,
        day=pair.key.day,
        public=pair.key.public,
        private=pair.private,
        made_ms=now_ms,
    )


def destroy_day_keys(tx: Tx, before_day: str, now_ms: int) -> int:
    """Erases the private halves of all days before an ISO date: who borrowed what on those days is gone for good."""
    return tx.run(_DESTROY, before_day=before_day, now_ms=now_ms)


def pin_state(tx: Tx, who: str) -> PinState:
    row = tx.row(_PIN, who=who)
    return PinState() if row is None else PinState(failures=row[0], first_ms=row[1], locked_until_ms=row[2])


def set_pin_state(tx: Tx, who: str, state: PinState) -> None:
    tx.run(_DROP_PIN, who=who)
    if state != PinState():
        tx.run(
            _ADD_PIN,
            who=who,
            failures=state.failures,
            first_ms=state.first_ms,
            locked_until_ms=state.locked_until_ms,
        )


def take_lease(tx: Tx, name: str, holder: str, now_ms: int, until_ms: int) -> bool:
    """Takes or prolongs the lease; False while somebody else holds it."""
    if tx.row(_HOLDER, name=name) is None:
        tx.run(_ADD_LEASE, name=name)
    return tx.run(_TAKE, name_=name, mine=holder, holder=holder, now_ms=now_ms, until_ms=until_ms) == 1


def lease_holder(tx: Tx, name: str) -> str:
    """Who held it last; "" for nobody."""
    row = tx.row(_HOLDER, name=name)
    return "" if row is None else str(row[0])


def give_back_lease(tx: Tx, name: str, holder: str) -> None:
    tx.run(_GIVE_BACK, name_=name, mine=holder)
