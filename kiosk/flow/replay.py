"""The fold: durable state is what the journal says, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from kiosk.flow.devices import ARMED_S_MAX, ARMING, BACK_ONLINE
from kiosk.journal import Journal
from kiosk.messages.records import Body, Intent

D = TypeVar("D")
READ_AT_ONCE = 1000


def fold(evolve: Callable[[D, Body], D], start: D, bodies: Iterable[Body]) -> D:
    """`start`, changed by one record after another."""
    for body in bodies:
        start = evolve(start, body)
    return start


def owed(journal: Journal, now_ms: int) -> list[Body]:
    """What a start must fold: every record of an open key, what the gateway has not confirmed yet, what was decided
    without the network since it was last there, and all since the first tag that may not have come armed, confirmed
    or not. Bounded by these and by a day, not by the journal's length. `now_ms`: this machine's wall clock."""
    entries = {entry.seq: entry for entry in (*journal.open_entries(), *journal.accepted_alone(BACK_ONLINE))}
    armed = journal.first_noted(ARMING, now_ms - round(ARMED_S_MAX * 1000))
    unconfirmed = journal.watermark + 1
    seq = unconfirmed if armed is None else min(armed, unconfirmed)
    while batch := journal.read(seq, READ_AT_ONCE):
        entries.update({entry.seq: entry for entry in batch})
        seq = batch[-1].seq + 1
    return [entries[seq].record.body for seq in sorted(entries)]


def minted(journal: Journal) -> int:
    """How far keys have been minted: the number in the newest intent's key, 0 for none."""
    newest = journal.newest("intent")
    return int(newest.record.body.key.rsplit("-", 1)[1]) if newest and isinstance(newest.record.body, Intent) else 0
