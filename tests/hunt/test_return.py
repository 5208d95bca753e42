"""A return whose answer was lost, and a due date that somebody else has moved meanwhile."""

from __future__ import annotations

from kiosk.domain import ItemBarcode
from kiosk.gateway.sim import FaultKind
from kiosk.messages.records import Op, Outcome
from tests.unit.gateway.rig import READER, Machine, Site

MINE = ItemBarcode("D1000004")  # on loan to READER


def test_a_lost_return_of_a_loan_that_was_renewed_meanwhile_is_not_called_booked(site: Site, kiosk: Machine) -> None:
    site.order(FaultKind.MUTE, "09", times=1)
    intent = kiosk.intent(Op.CHECKIN, MINE)
    kiosk.write(intent)
    kiosk.ask_effect(intent, run=2.5)
    lent = site.acs.circulation.renew(READER, MINE)  # at home, or by the library system's nightly renewals
    assert lent.ok, lent
    kiosk.final(intent, Outcome.RETURNED, offline=True)
    kiosk.flush()
    site.run(120)

    assert site.borrower(MINE) is None or site.kinds(), "the reader stays charged and nobody knows"
