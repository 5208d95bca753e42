"""Durable state changes only here, live and in recovery: `fold(evolve, journal) == durable`."""

from __future__ import annotations

from dataclasses import replace
from typing import Final as Constant

from kiosk.checkout.states import Durable, Obligation, Stage
from kiosk.domain import Key, Pseudonym
from kiosk.messages.records import (
    Body,
    Booted,
    Final,
    Granted,
    Intent,
    Noted,
    OfflineAccepted,
    Op,
    Outcome,
    Refused,
)

BACK_ONLINE: Constant = "back_online"


def evolve(durable: Durable, body: Body) -> Durable:
    """The durable state after one more record."""
    match body:
        case Intent():
            return _intended(durable, body)
        case Granted(key=key, due=due):
            return _staged(durable, key, Stage.GRANTED, due)
        case OfflineAccepted(key=key, due=due):
            return _offline(_staged(durable, key, Stage.OFFLINE, due), key)
        case Final():
            return _ended(durable, body)
        case Noted(what=what):
            return replace(durable, offline_loans={}) if what == BACK_ONLINE else durable
        case Refused() | Booted():
            return durable


def _intended(durable: Durable, intent: Intent) -> Durable:
    obligation = Obligation(
        key=intent.key,
        op=intent.op,
        item=intent.item,
        security=intent.security,
        at_ms=intent.at_ms,
        pseudonym=intent.pseudonym,
        stage=Stage.ASKED,
    )
    return replace(
        durable,
        minted=max(durable.minted, int(intent.key.rsplit("-", 1)[1])),
        obligations={**durable.obligations, intent.key: obligation},
    )


def _staged(durable: Durable, key: Key, stage: Stage, due: str) -> Durable:
    obligation = durable.obligations.get(key)
    if obligation is None:  # a late answer after the Final: the key has ended
        return durable
    changed = replace(obligation, stage=stage, due=due)
    return replace(durable, obligations={**durable.obligations, key: changed})


def _offline(durable: Durable, key: Key) -> Durable:
    obligation = durable.obligations.get(key)
    if obligation is None or obligation.op is not Op.CHECKOUT or obligation.pseudonym is None:
        return durable
    return _counted(durable, obligation.pseudonym, 1)


def _ended(durable: Durable, final: Final) -> Durable:
    """A loan that was undone no longer counts among those its reader was given alone."""
    obligation = durable.obligations.get(final.key)
    left = {key: other for key, other in durable.obligations.items() if key != final.key}
    durable = replace(durable, obligations=left)
    if obligation is None or obligation.pseudonym is None or not (final.offline and final.outcome is Outcome.UNDONE):
        return durable
    return _counted(durable, obligation.pseudonym, -1)


def _counted(durable: Durable, who: Pseudonym, n: int) -> Durable:
    count = max(0, durable.offline_loans.get(who, 0) + n)
    return replace(durable, offline_loans={**durable.offline_loans, who: count})
