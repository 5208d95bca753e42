"""Durable state changes only here, live and in recovery: `fold(evolve, journal) == durable`."""

from __future__ import annotations

from dataclasses import replace
from typing import Final as Constant

from kiosk.checkout.states import Arming, Durable, Obligation, Stage
from kiosk.domain import Key, Pseudonym, SecurityState
from kiosk.flow.devices import ARMING, BACK_ONLINE
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

ARMED_MAX: Constant = 256


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
        case Noted(what=what) if what == BACK_ONLINE:
            return replace(durable, offline_loans={})
        case Noted(what=what) if what == ARMING:
            return _arming(durable, body)
        case Noted() | Refused() | Booted():
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
        tags=intent.tags,
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


def arming(uids: tuple[str, ...], before: SecurityState, at_ms: int) -> Noted:
    """Written before the first write of a return: a tag that is found on after a power cut did not come armed."""
    return Noted(what=ARMING, detail=" ".join((before.value, *uids)), at_ms=at_ms)


def _arming(durable: Durable, note: Noted) -> Durable:
    before, *uids = note.detail.split()
    made = {uid: Arming(before=SecurityState(before), at_ms=note.at_ms) for uid in uids}
    kept = [(uid, old) for uid, old in durable.armed.items() if uid not in made]
    return replace(durable, armed=dict((*kept[-ARMED_MAX:], *made.items())))


def _ended(durable: Durable, final: Final) -> Durable:
    """A loan that was undone no longer counts among those its reader was given alone."""
    obligation = durable.obligations.get(final.key)
    left = {key: other for key, other in durable.obligations.items() if key != final.key}
    gone = obligation.tags if obligation is not None else ()
    armed = {uid: arming for uid, arming in durable.armed.items() if uid not in gone}
    durable = replace(durable, obligations=left, armed=armed)
    if obligation is None or obligation.pseudonym is None or not (final.offline and final.outcome is Outcome.UNDONE):
        return durable
    return _counted(durable, obligation.pseudonym, -1)


def _counted(durable: Durable, who: Pseudonym, n: int) -> Durable:
    count = max(0, durable.offline_loans.get(who, 0) + n)
    return replace(durable, offline_loans={**durable.offline_loans, who: count})
