"""The circulation rules of the demo ILS: pure functions over what it knows. Figures in the range of real ones."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain import Fen
from kiosk.gateway.sim.agreement import FEE_LIMIT_FEN
from kiosk.gateway.sim.nouns import Barrier, Item, Loan, Patron, Why
from kiosk.gateway.sim.rows import ItemState
from kiosk.gateway.sip2.replies import Circulation, PatronFlag

DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """One library's rules. Days are local days at `utc_offset_s`."""

    institution: str
    main_campus: str
    campus_of: dict[str, str]
    fee_limit_fen: Fen = FEE_LIMIT_FEN
    fine_fen_per_day: int = 10
    renewals_max: int = 1
    renewal_window_days: int = 7  # a renewal opens this many days before the loan is due
    hold_shelf_days: int = 6
    utc_offset_s: int = 8 * 3600
    lends_over_waiting_hold: bool = True  # Koha lends an item another reader waits for, unless it is on the hold shelf
    renews_on_repeat: bool = True  # a second checkout by the same reader is a renewal, as in Koha

    def end_of_day(self, at_s: int, days: int) -> int:
        """The last second of the local day that is `days` after the one of `at_s`."""
        local = at_s + self.utc_offset_s
        return local // DAY_S * DAY_S + (days + 1) * DAY_S - 1 - self.utc_offset_s

    def here(self, place: str, at: str) -> bool:
        """Whether a place is on the campus where an item was handed in; an unknown one counts as the main campus."""
        return self.campus_of.get(place, self.main_campus) == self.campus_of.get(at, self.main_campus)


def patron_barrier(patron: Patron, rules: Rules, now_s: int) -> Barrier | None:
    """What stops a reader from borrowing anything, the gravest first."""
    personal = _personal_barrier(patron, now_s)
    if personal is not None:
        return personal
    if patron.overdue(now_s):
        return Barrier(Why.OVERDUE)
    if patron.owed_fen >= rules.fee_limit_fen:
        return Barrier(Why.FEES)
    if len(patron.loans) >= patron.limit:
        return Barrier(Why.LIMIT)
    return None


def loan_barrier(patron: Patron, item: Item, rules: Rules, now_s: int) -> Barrier | None:
    """What stops this checkout. The reader's own loan of the item is not judged here."""
    blocked = patron_barrier(patron, rules, now_s)
    if blocked is not None:
        return blocked
    if item.loan is not None:
        return Barrier(Why.ON_LOAN)
    if item.owner != rules.institution:
        return Barrier(Why.NOT_OURS)
    if item.state in (ItemState.LOST, ItemState.MISSING):
        return Barrier(Why.LOST)
    if item.state is ItemState.REFERENCE:
        return Barrier(Why.REFERENCE)
    if item.kept_for is not None and item.kept_for != patron.patron:
        return Barrier(Why.ON_HOLD)
    if item.kept_for is None and item.waiting and not rules.lends_over_waiting_hold:
        first = item.waiting[0]
        return None if first.patron == patron.patron else Barrier(Why.ON_HOLD)
    return None


def renewal_barrier(patron: Patron, item: Item, rules: Rules, now_s: int, *, window: bool) -> Barrier | None:
    """What stops a renewal; `window` False leaves the "too early" rule out, as a repeated checkout does."""
    loan = item.loan
    if loan is None:
        return Barrier(Why.NOT_ON_LOAN)
    if loan.patron != patron.patron:
        return Barrier(Why.RENEW_NOT_YOURS)
    personal = _personal_barrier(patron, now_s)
    if personal is not None:
        return personal
    if patron.owed_fen >= rules.fee_limit_fen:
        return Barrier(Why.FEES)
    if item.waiting:
        return Barrier(Why.RENEW_RESERVED)
    if loan.due_s < now_s:
        return Barrier(Why.RENEW_OVERDUE)
    if loan.renewals >= rules.renewals_max:
        return Barrier(Why.RENEW_MAX)
    opens_s = loan.due_s - rules.renewal_window_days * DAY_S
    if window and now_s < opens_s:
        return Barrier(Why.RENEW_TOO_EARLY, opens_s)
    return None


def patron_flags(patron: Patron, rules: Rules, now_s: int) -> frozenset[PatronFlag]:
    """The patron status of SIP2."""
    flags: set[PatronFlag] = set()
    if _personal_barrier(patron, now_s) is not None or patron.owed_fen >= rules.fee_limit_fen:
        flags |= {PatronFlag.CHARGE_DENIED, PatronFlag.RENEWAL_DENIED, PatronFlag.HOLD_DENIED}
    if patron.card_lost:
        flags |= {PatronFlag.CARD_LOST, PatronFlag.RECALL_DENIED}
    if patron.owed_fen >= rules.fee_limit_fen:
        flags.add(PatronFlag.EXCESSIVE_FINES)
    if len(patron.loans) >= patron.limit:
        flags |= {PatronFlag.CHARGE_DENIED, PatronFlag.TOO_MANY_CHARGED}
    if patron.overdue(now_s):
        flags |= {PatronFlag.CHARGE_DENIED, PatronFlag.TOO_MANY_OVERDUE}
    return frozenset(flags)


def circulation_status(item: Item) -> Circulation:
    """The code of an 18. A reference copy is simply available to Koha; only a refused checkout tells."""
    if item.loan is not None:
        return Circulation.RECALLED if item.recalled else Circulation.CHARGED
    return {
        ItemState.ON_HOLD: Circulation.ON_HOLD_SHELF,
        ItemState.IN_TRANSIT: Circulation.IN_TRANSIT,
        ItemState.LOST: Circulation.LOST,
        ItemState.MISSING: Circulation.MISSING,
    }.get(item.state, Circulation.AVAILABLE)


def fine_fen(loan: Loan, returned_s: int, rules: Rules) -> Fen:
    """By local days late, counted by the true time of return."""
    due_day = (loan.due_s + rules.utc_offset_s) // DAY_S
    return Fen(max(0, (returned_s + rules.utc_offset_s) // DAY_S - due_day) * rules.fine_fen_per_day)


def _personal_barrier(patron: Patron, now_s: int) -> Barrier | None:
    if patron.card_lost:
        return Barrier(Why.CARD_LOST)
    if patron.blocked:
        return Barrier(Why.BLOCKED)
    if patron.expires_s is not None and patron.expires_s < now_s:
        return Barrier(Why.EXPIRED, patron.expires_s)
    if patron.leaving:
        return Barrier(Why.LEAVING)
    if patron.suspended_until_s is not None and patron.suspended_until_s >= now_s:
        return Barrier(Why.SUSPENDED, patron.suspended_until_s)
    if patron.no_orientation:
        return Barrier(Why.ORIENTATION)
    return None
