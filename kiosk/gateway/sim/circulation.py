"""What the demo ILS does: every operation is one transaction that changes its truth and writes down the effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk.domain import Fen, PatronId
from kiosk.gateway.sim.nouns import Barrier, Item, Loan, Patron, Why
from kiosk.gateway.sim.rows import ItemState
from kiosk.gateway.sim.rules import DAY_S, Rules, fine_fen, loan_barrier, renewal_barrier
from kiosk.gateway.sim.store import Store
from kiosk.gateway.sip2.replies import Alert


@dataclass(frozen=True, slots=True, kw_only=True)
class Lent:
    """Outcome of a checkout or renewal."""

    ok: bool
    renewed: bool = False
    item: Item | None = None
    due_s: int | None = None
    barrier: Barrier | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """Outcome of a return."""

    ok: bool
    item: Item | None = None
    alert: Alert = Alert.NONE
    destination: str = ""
    hold_patron: Patron | None = field(default=None, repr=False)
    from_patron: PatronId | None = field(default=None, repr=False)
    fine_fen: Fen = Fen(0)
    barrier: Barrier | None = None


class Circulation:
    """The ILS behind the protocol. `wall` gives UTC seconds; `institution` is what AO must be (None: anything)."""

    def __init__(self, store: Store, rules: Rules, wall: Callable[[], float]) -> None:
        self.store = store
        self.rules = rules
        self._wall = wall

    def now_s(self) -> int:
        return int(self._wall())

    def checkout(self, patron_id: str, barcode: str) -> Lent:
        """Lends an item; a second time to the same reader it renews, as Koha does."""
        with self.store.transaction():
            patron, item, unknown = self._both(patron_id, barcode)
            if patron is None or item is None:
                return Lent(ok=False, item=item, barrier=unknown)
            if item.loan is not None and item.loan.patron == patron.patron:
                if not self.rules.renews_on_repeat:
                    return Lent(ok=False, item=item, due_s=item.loan.due_s, barrier=Barrier(Why.ON_LOAN))
                return self._renew(patron, item, window=False)
            barrier = loan_barrier(patron, item, self.rules, self.now_s())
            if barrier is not None:
                return Lent(ok=False, item=item, barrier=barrier)
            return self._lend(patron, item)

    def renew(self, patron_id: str, barcode: str) -> Lent:
        with self.store.transaction():
            patron, item, unknown = self._both(patron_id, barcode)
            if patron is None or item is None:
                return Lent(ok=False, item=item, barrier=unknown)
            return self._renew(patron, item, window=True)

    def renew_all(self, patron_id: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """Barcodes renewed and not renewed, or None for an unknown reader."""
        if self.store.patron(patron_id) is None:
            return None
        done: list[str] = []
        left: list[str] = []
        for loan in self.store.loans(patron_id):
            (done if self.renew(patron_id, loan.item).ok else left).append(loan.item)
        return tuple(done), tuple(left)

    def checkin(self, barcode: str, returned_s: int, place: str) -> TakenBack:
        """Takes an item back as of `returned_s`; catches the first waiting hold whether or not it was on loan."""
        with self.store.transaction():
            item = self.store.item(barcode)
            if item is None:
                return TakenBack(ok=False, alert=Alert.OTHER, barrier=Barrier(Why.ITEM_UNKNOWN))
            if item.loan is None:
                return self._return_again(item, place)
            loan = item.loan
            fine = fine_fen(loan, returned_s, self.rules)
            self.store.take_back(item.barcode)
            if fine:
                self.store.add_fee(loan.patron, item.barcode, fine, self.now_s())
            self.store.record(
                self.now_s(),
                "checkin",
                item.barcode,
                loan.patron,
                returned_s=returned_s,
                out_s=loan.out_s,
                due_s=loan.due_s,
                fine_fen=fine,
            )
            sent = self._send_on(item, place)
            return TakenBack(
                ok=True,
                item=item,
                alert=sent.alert,
                destination=sent.destination,
                hold_patron=sent.hold_patron,
                from_patron=loan.patron,
                fine_fen=fine,
            )

    def pay(self, patron_id: str, amount_fen: Fen, fee_id: str, transaction: str) -> bool:
        """Takes a payment for one fee or for the oldest ones; more than is owed is refused."""
        with self.store.transaction():
            patron = self.store.patron(patron_id)
            if patron is None:
                return False
            fees = [fee for fee in self.store.fees(patron.patron) if fee_id in ("", str(fee[0]))]
            if not 0 < amount_fen <= sum(amount for _, amount, _ in fees):
                return False
            left = amount_fen
            for fee, amount, _ in fees:
                part = min(left, amount)
                if part:
                    self.store.reduce_fee(fee, Fen(amount - part))
                left = Fen(left - part)
            self.store.record(
                self.now_s(), "fee_paid", None, patron.patron, amount_fen=amount_fen, transaction=transaction
            )
            return True

    def add_hold(self, patron_id: str, barcode: str, pickup: str) -> int | None:
        """Puts a reader into an item's queue; returns the position, or None when it is refused."""
        with self.store.transaction():
            patron, item, _ = self._both(patron_id, barcode)
            if patron is None or item is None or item.kept_for == patron.patron:
                return None
            mine = item.loan is not None and item.loan.patron == patron.patron
            if mine or any(hold.patron == patron.patron for hold in item.waiting):
                return None
            self.store.add_hold(item, patron.patron, pickup or item.permanent_location, self.now_s())
            self.store.record(self.now_s(), "hold_added", item.barcode, patron.patron)
            return len(item.waiting) + 1

    def cancel_hold(self, patron_id: str, barcode: str) -> bool:
        with self.store.transaction():
            patron, item, _ = self._both(patron_id, barcode)
            if patron is None or item is None or not self.store.drop_holds(patron.patron, item):
                return False
            if item.kept_for == patron.patron:
                self.store.place_item(item.barcode, ItemState.AVAILABLE, item.current_location)
            self.store.record(self.now_s(), "hold_cancelled", item.barcode, patron.patron)
            return True

    def block(self, patron_id: str, blocked: bool) -> Patron | None:
        """Blocks a card or lifts the block; None for an unknown reader."""
        with self.store.transaction():
            patron = self.store.patron(patron_id)
            if patron is not None and patron.blocked != blocked:
                self.store.block(patron.patron, blocked)
                self.store.record(self.now_s(), "patron_blocked" if blocked else "patron_enabled", None, patron.patron)
        return self.store.patron(patron_id)

    def _both(self, patron_id: str, barcode: str) -> tuple[Patron | None, Item | None, Barrier]:
        patron, item = self.store.patron(patron_id), self.store.item(barcode)
        return patron, item, Barrier(Why.PATRON_UNKNOWN if patron is None else Why.ITEM_UNKNOWN)

    def _lend(self, patron: Patron, item: Item) -> Lent:
        now_s = self.now_s()
        due_s = self.rules.end_of_day(now_s, patron.loan_days)
        self.store.lend(Loan(item=item.barcode, patron=patron.patron, out_s=now_s, due_s=due_s, renewals=0))
        self.store.drop_holds(patron.patron, item)
        self.store.place_item(item.barcode, ItemState.AVAILABLE, item.current_location)
        self.store.record(now_s, "checkout", item.barcode, patron.patron, due_s=due_s)
        return Lent(ok=True, item=item, due_s=due_s)

    def _renew(self, patron: Patron, item: Item, *, window: bool) -> Lent:
        barrier = renewal_barrier(patron, item, self.rules, self.now_s(), window=window)
        if barrier is not None or item.loan is None:
            due_s = None if item.loan is None else item.loan.due_s
            return Lent(ok=False, item=item, due_s=due_s, barrier=barrier)
        due_s = item.loan.due_s + patron.loan_days * DAY_S
        self.store.prolong(item.barcode, due_s)
        self.store.record(self.now_s(), "renew", item.barcode, patron.patron, due_s=due_s)
        return Lent(ok=True, renewed=True, item=item, due_s=due_s)

    def _return_again(self, item: Item, place: str) -> TakenBack:
        """A return of something that is not on loan: refused, but a waiting hold is caught all the same."""
        if item.state is ItemState.LOST:
            return TakenBack(ok=False, item=item, alert=Alert.OTHER, barrier=Barrier(Why.LOST))
        if item.kept_for is not None:
            keeper = self.store.patron(item.kept_for)
            return TakenBack(
                ok=False, item=item, alert=Alert.HOLD_HERE, hold_patron=keeper, barrier=Barrier(Why.NOT_ON_LOAN)
            )
        sent = self._send_on(item, place)
        alert = sent.alert if sent.alert is not Alert.NONE else Alert.OTHER
        return TakenBack(
            ok=False,
            item=item,
            alert=alert,
            destination=sent.destination,
            hold_patron=sent.hold_patron,
            barrier=Barrier(Why.NOT_ON_LOAN),
        )

    def _send_on(self, item: Item, place: str) -> TakenBack:
        """Where a copy goes from `place`: hold shelf, another campus, its own library, or the shelf."""
        if item.waiting:
            hold = item.waiting[0]
            here = self.rules.here(hold.pickup, place)
            self.store.keep(hold.hold, item.barcode, self.rules.end_of_day(self.now_s(), self.rules.hold_shelf_days))
            self.store.place_item(item.barcode, ItemState.ON_HOLD, place)
            self.store.record(self.now_s(), "hold_captured", item.barcode, hold.patron)
            alert = Alert.HOLD_HERE if here else Alert.HOLD_ELSEWHERE
            return TakenBack(
                ok=True,
                alert=alert,
                destination="" if here else hold.pickup,
                hold_patron=self.store.patron(hold.patron),
            )
        state = ItemState.REFERENCE if item.state is ItemState.REFERENCE else ItemState.AVAILABLE
        if item.owner != self.rules.institution:
            self.store.place_item(item.barcode, ItemState.IN_TRANSIT, place)
            return TakenBack(ok=True, alert=Alert.SEND_TO_BRANCH, destination=item.owner)
        if not self.rules.here(item.permanent_location, place):
            self.store.place_item(item.barcode, ItemState.IN_TRANSIT, place)
            return TakenBack(ok=True, alert=Alert.SEND_TO_BRANCH, destination=item.permanent_location)
        self.store.place_item(item.barcode, state, place)
        return TakenBack(ok=True)
