"""Whatever readers, staff and machines do in whatever order: the ILS's books stay a library's books."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kiosk.domain import Fen
from kiosk.gateway.sim import Audit, load, open_ils
from tests.unit.demo_ils.conftest import DATA

_DATA = load(DATA)
_READERS = ["9920130001", "9920130002", "9920130037", "9920130040", "9920130043", "JS02-99000049"]
_ITEMS = ["D1000001", "D1000002", "D1000004", "D1000006", "D1000012", "D1000022", "D1000040", "JX01-2000004"]
reader = st.sampled_from(_READERS)
item = st.sampled_from(_ITEMS)


class Books(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now_s = 1_795_305_600.0
        self.acs = open_ils(_DATA, lambda: self.now_s)
        self.circulation = self.acs.circulation
        self.store = self.circulation.store
        self.audit = Audit(self.store)
        self.paid = 0

    @rule(who=reader, what=item)
    def checkout(self, who: str, what: str) -> None:
        lent = self.circulation.checkout(who, what)
        loan = self.audit.loan(what)
        if lent.ok:
            assert loan is not None
            assert loan.patron == who
        else:
            assert lent.barrier is not None

    @rule(what=item, days=st.integers(0, 40), place=st.sampled_from(["F1-HALL", "WC-MAIN", "H24"]))
    def checkin(self, what: str, days: int, place: str) -> None:
        was = self.audit.loan(what)
        back = self.circulation.checkin(what, int(self.now_s) - days * 86_400, place)
        assert back.ok == (was is not None)
        assert self.audit.loan(what) is None

    @rule(who=reader, what=item)
    def renew(self, who: str, what: str) -> None:
        before = self.audit.loan(what)
        lent = self.circulation.renew(who, what)
        after = self.audit.loan(what)
        if lent.ok:
            assert before is not None
            assert after is not None
            assert (after.patron, after.renewals) == (before.patron, before.renewals + 1)
            assert after.due_s > before.due_s
        else:
            assert after == before

    @rule(who=reader)
    def renew_all(self, who: str) -> None:
        outcome = self.circulation.renew_all(who)
        assert outcome is not None
        assert sorted(outcome[0] + outcome[1]) == sorted(loan.item for loan in self.store.loans(who))

    @rule(who=reader, what=item, place=st.sampled_from(["F1-HALL", "WC-MAIN"]))
    def hold(self, who: str, what: str, place: str) -> None:
        self.circulation.add_hold(who, what, place)

    @rule(who=reader, what=item)
    def cancel(self, who: str, what: str) -> None:
        self.circulation.cancel_hold(who, what)

    @rule(who=reader, fen=st.integers(-10, 400))
    def pay(self, who: str, fen: int) -> None:
        patron = self.store.patron(who)
        assert patron is not None
        accepted = self.circulation.pay(who, Fen(fen), "", "k")
        assert accepted == (0 < fen <= patron.owed_fen)
        after = self.store.patron(who)
        assert after is not None
        assert after.owed_fen == patron.owed_fen - (fen if accepted else 0)

    @rule(hours=st.integers(1, 24 * 40))
    def time_passes(self, hours: int) -> None:
        self.now_s += hours * 3600

    @invariant()
    def every_loan_is_explained_by_the_effects(self) -> None:
        assert self.audit.unexplained() == ()

    @invariant()
    def a_copy_is_in_one_place(self) -> None:
        for barcode in _ITEMS:
            copy = self.store.item(barcode)
            assert copy is not None
            assert (copy.kept_for is not None) == (copy.state.value == "on_hold")
            assert copy.loan is None or copy.kept_for is None

    @invariant()
    def nobody_has_more_than_the_limit(self) -> None:
        for who in _READERS:
            patron = self.store.patron(who)
            assert patron is not None
            assert len(patron.loans) <= patron.limit


TestBooks = Books.TestCase
TestBooks.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
