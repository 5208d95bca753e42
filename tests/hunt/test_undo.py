"""Taking a loan back must never take back the loan that came after it."""

from __future__ import annotations

from kiosk.gateway.sim import FaultKind
from kiosk.messages.asks import EffectGranted
from kiosk.messages.records import OfflineAccepted, Outcome
from tests.unit.gateway.rig import READER, Machine, Site


def test_a_last_look_at_a_lost_loan_leaves_the_readers_second_try_alone(site: Site, kiosk: Machine) -> None:
    site.order(FaultKind.MUTE, "11", times=None)
    first = kiosk.intent()
    kiosk.write(first)
    kiosk.ask_effect(first, answer_s=3, run=3.5)
    gone = kiosk.final(first, Outcome.CANCELLED)
    kiosk.flush()
    site.run(8)
    site.acs.faults.clear()

    second = kiosk.intent()
    seq = kiosk.write(second)
    kiosk.flush()
    answer = kiosk.ask_effect(second, answer_s=8, depends=(gone,), run=4)
    assert isinstance(answer, EffectGranted), (seq, answer)
    kiosk.final(second, Outcome.DELIVERED)
    kiosk.flush()
    site.run(120)

    assert site.borrower() == READER, site.done()
    assert site.done() == ["checkout"]


def test_a_loan_undone_while_the_library_system_was_away_does_not_end_the_next_one(site: Site, kiosk: Machine) -> None:
    first = kiosk.intent()
    kiosk.write(first)
    kiosk.ask_effect(first)
    assert site.borrower() == READER
    site.order(FaultKind.MUTE, "17", times=None)
    kiosk.final(first, Outcome.UNDONE)
    kiosk.flush()
    site.run(200)

    second = kiosk.intent()
    kiosk.write(second)
    kiosk.write(OfflineAccepted(key=second.key))
    kiosk.final(second, Outcome.DELIVERED, offline=True)
    site.acs.faults.clear()
    kiosk.flush()
    site.run(600)

    assert site.borrower() == READER, (site.done(), site.kinds(), site.effect(first.key), site.effect(second.key))
