"""What each kind of effect means towards the library system: what hinders it, how it is asked, how it is judged. Pure.

`Before` is what 17/63 said before the attempt; it is kept with the key, because only the difference between then and
later tells what a lost answer did.
"""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from kiosk.domain import Fen, Key, Refusal
from kiosk.gateway.sip2.dates import Due
from kiosk.gateway.sip2.judge import checkin_refusal, checkout_refusal, renewal_refusal
from kiosk.gateway.sip2.look import LoanSeen
from kiosk.gateway.sip2.profile import Profile
from kiosk.gateway.sip2.replies import Alert, CheckinReply, Circulation, ItemReply, LoanReply, PatronReply
from kiosk.ledger.effects import Effect
from kiosk.messages.asks import EffectGranted, EffectRefused
from kiosk.messages.records import Op

ARRIVED_HOLDS: Final = frozenset({Alert.HOLD_HERE, Alert.HOLD_ELSEWHERE, Alert.INTERLIBRARY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The state that matters, as read. None: this library system does not tell. `due` is its raw text."""

    known: bool = True
    on_loan: bool | None = None
    mine: bool | None = None
    due: str = ""
    fee_fen: int | None = None


def before(seen: LoanSeen, patron: PatronReply | None = None) -> Before:
    return Before(
        known=seen.known,
        on_loan=seen.on_loan,
        mine=seen.lent_to_patron,
        due=seen.due.text if seen.due else "",
        fee_fen=patron.fee_fen if patron else None,
    )


def read_before(text: str) -> Before:
    return msgspec.json.decode(text, type=Before) if text else Before()


def write_before(value: Before) -> str:
    return msgspec.json.encode(value).decode()


def shown(due: Due | None) -> str:
    """A due date for readers and machines: ISO where its form is known, else the library system's own text."""
    if due is None:
        return ""
    return due.day.isoformat() if due.day is not None else due.text


def barred(item: ItemReply, profile: Profile) -> Refusal | None:
    """A reason why nobody may borrow this item while the library system cannot be asked."""
    told = profile.reasons.get(item.reason.code)
    if told is not None:
        return told
    if item.circulation is Circulation.ON_HOLD_SHELF or (item.hold_queue or 0) > 0:
        return Refusal.ITEM_ON_HOLD_OTHER
    return Refusal.ITEM_LOST if item.circulation in (Circulation.LOST, Circulation.MISSING) else None


def hindrance(op: Op, seen: LoanSeen) -> Refusal | None:
    """A reason not to ask at all. A repeated 11 renews silently, and 09 for a stranger's loan would end it."""
    if not seen.known:
        return Refusal.ITEM_UNKNOWN
    if op is Op.CHECKOUT and seen.on_loan:
        return Refusal.ITEM_ALREADY_YOURS if seen.with_patron else Refusal.ITEM_ON_LOAN_OTHER
    if op is Op.RENEW and seen.on_loan is False:
        return Refusal.ITEM_NOT_ON_LOAN
    if op is Op.RENEW and seen.with_patron is False:
        return Refusal.RENEW_NOT_YOURS
    return None


def renewed_already(effect: Effect, seen: LoanSeen) -> bool:
    """The due date is later than the one the reader was shown: somebody, or a lost answer of ours, has renewed it."""
    day = seen.due.day if seen.due else None
    try:
        return day is not None and dt.date.fromisoformat(effect.due_before) < day
    except ValueError:
        return False


class Judged(enum.Enum):
    """What a message whose answer was lost has done, by the state read afterwards."""

    DONE = "done"
    UNCHANGED = "unchanged"
    OTHER = "other"  # the item is in somebody else's hands, or its loan is another one by now
    UNTELLABLE = "untellable"


def judge_loan(was: Before, now: LoanSeen) -> Judged:
    """After a lost 11."""
    if now.on_loan is False:
        return Judged.UNCHANGED
    if now.lent_to_patron:
        return Judged.DONE if was.mine is not True else Judged.UNCHANGED
    if now.lent_to_patron is False:
        return Judged.OTHER if now.on_loan else Judged.UNCHANGED
    return Judged.UNTELLABLE


def judge_return(was: Before, now: LoanSeen) -> Judged:
    """After a lost 09."""
    if now.on_loan is False or was.on_loan is False:
        return Judged.DONE
    if now.on_loan is None:
        return Judged.UNTELLABLE
    due = now.due.text if now.due else ""
    return Judged.UNCHANGED if due == was.due else Judged.OTHER


def judge_renewal(was: Before, now: LoanSeen) -> Judged:
    """After a lost 29: by the due date before and after."""
    if now.on_loan is False or now.with_patron is False:
        return Judged.OTHER
    due = now.due.text if now.due else ""
    if not due or not was.due:
        return Judged.UNTELLABLE
    return Judged.UNCHANGED if due == was.due else Judged.DONE


def judge_undo(now: LoanSeen) -> Judged:
    """After a lost 09 that was to take a loan back."""
    if now.on_loan is False or now.lent_to_patron is False:
        return Judged.DONE
    return Judged.UNCHANGED if now.lent_to_patron else Judged.UNTELLABLE


def judge_payment(was: Before, now_fen: Fen | None, amount_fen: int) -> Judged:
    """After a lost 37: by what the reader owes before and after."""
    if was.fee_fen is None or now_fen is None:
        return Judged.UNTELLABLE
    if now_fen == was.fee_fen:
        return Judged.UNCHANGED
    return Judged.DONE if now_fen == was.fee_fen - amount_fen else Judged.UNTELLABLE


def granted_loan(key: Key, reply: LoanReply, seen: LoanSeen | None) -> EffectGranted:
    due = reply.due or (seen.due if seen else None)
    return EffectGranted(key=key, due=shown(due), title=reply.title or (seen.item.title if seen else ""))


def granted_by_state(key: Key, seen: LoanSeen, *, was_on_loan: bool = True) -> EffectGranted:
    """What a reader may be told when only the state could be read."""
    hold = (seen.item.hold_queue or 0) > 0
    return EffectGranted(
        key=key,
        due=shown(seen.due) if seen.on_loan else "",
        title=seen.item.title,
        was_on_loan=was_on_loan,
        hold=hold and not seen.on_loan,
    )


def granted_return(key: Key, reply: CheckinReply, seen: LoanSeen) -> EffectGranted:
    """`seen` is from before the 09. The reader behind a hold stays with the library system."""
    return EffectGranted(
        key=key,
        title=reply.title or seen.item.title,
        was_on_loan=seen.on_loan is not False,
        hold=reply.alert_type in ARRIVED_HOLDS,
        bin=reply.sort_bin,
        destination=reply.destination,
        fee_fen=reply.fee_fen or 0,
        paused_until=reply.reason.until.isoformat() if reply.reason.until else "",
    )


def with_lateness(granted: EffectGranted, effect: Effect, seen: LoanSeen, utc_offset_s: int) -> EffectGranted:
    """How many days late the return was, by the library's calendar."""
    day = seen.due.day if seen.due else None
    if day is None or not granted.was_on_loan:
        return granted
    returned = dt.datetime.fromtimestamp(effect.at_ms / 1000 + utc_offset_s, dt.UTC).date()
    return replace(granted, days_late=max(0, (returned - day).days))


def refused_loan(
    op: Op, key: Key, reply: LoanReply, seen: LoanSeen, patron: PatronReply | None, profile: Profile, today: dt.date
) -> EffectRefused:
    """Why 12 or 30 said no, with what 17 and 63 said afterwards."""
    ask = checkout_refusal if op is Op.CHECKOUT else renewal_refusal
    why = ask(reply, seen.item, patron, profile, today)
    return EffectRefused(key=key, reason=why.reason, detail=why.until.isoformat() if why.until else "")


def refused_return(key: Key, reply: CheckinReply, seen: LoanSeen, profile: Profile) -> EffectRefused:
    why = checkin_refusal(reply, seen.item, profile)
    return EffectRefused(key=key, reason=why.reason)
