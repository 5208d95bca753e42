"""Durable state changes only here, live and in recovery: `fold(evolve, journal) == durable`."""

from __future__ import annotations

from dataclasses import replace
from typing import Final as Constant

from kiosk.checkout.states import Durable, Obligation, Stage
from kiosk.domain import Key
from kiosk.messages.records import (
    Body,
    Booted,
    Final,
    Granted,
    Intent,
    Noted,
    OfflineAccepted,
    Op,
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
        case Final(key=key):
            left = {k: v for k, v in durable.obligations.items() if k != key}
            return replace(durable, obligations=left)
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
    count = durable.offline_loans.get(obligation.pseudonym, 0) + 1
    return replace(durable, offline_loans={**durable.offline_loans, obligation.pseudonym: count})
