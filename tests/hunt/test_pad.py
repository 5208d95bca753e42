"""A pad that hangs holds up books, and loses none: neither orders nor a restart end the core."""

from __future__ import annotations

from drivers.rfid.field import Op
from drivers.rfid.mischief import WireFault
from drivers.rfid.watch import REQUESTS_MAX
from kiosk.domain import SecurityProof, SecurityState
from kiosk.flow.devices import PadHolds, SecurityDone
from kiosk.flow.orders import SetSecurity
from tests.unit.machine.test_parts import BOOK, DISC, Counter

UIDS = (BOOK.uid, DISC.uid)


def order(n: int) -> SetSecurity:
    return SetSecurity(corr=f"t{n}", uids=UIDS, wanted=SecurityState.OFF)


def test_more_orders_than_a_hanging_pad_can_hold_are_doubts_and_not_the_end_of_the_core() -> None:
    counter = Counter()
    for n in range(REQUESTS_MAX):  # no time passes: nothing is taken out
        counter.pad.set_security(order(n))
    doubts = [event for event in counter.heard if isinstance(event, SecurityDone)]
    assert len(doubts) == REQUESTS_MAX // 2
    assert {(done.state, done.proof) for done in doubts} == {(SecurityState.UNKNOWN, SecurityProof.UNKNOWN)}
    counter.pad.test()
    counter.run(60.0)
    ended = [event.corr for event in counter.heard if isinstance(event, SecurityDone)]
    assert sorted(ended) == sorted(f"t{n}" for n in range(REQUESTS_MAX)), "each order has one end"


def test_a_pad_restarted_with_orders_waiting_writes_none_of_them_later() -> None:
    """A technician restarts the driver: what the run before had not begun must not switch a mark behind the desk."""
    counter = Counter()
    counter.bench.put(BOOK)
    counter.run(1.0)
    for n in range(REQUESTS_MAX):
        counter.pad.set_security(SetSecurity(corr=f"t{n}", uids=(BOOK.uid,), wanted=SecurityState.OFF))
    counter.pad.stop()
    counter.pad.start()
    counter.run(5.0)
    assert counter.bench.afi_of(BOOK.uid) == 0x07
    assert counter.last(PadHolds).tags[0].security is SecurityState.ON
    counter.pad.set_security(SetSecurity(corr="after", uids=(BOOK.uid,), wanted=SecurityState.OFF))
    counter.run(2.0)
    assert counter.last(SecurityDone).corr == "after"
    assert counter.last(SecurityDone).proof is SecurityProof.PROVEN


def test_a_restarted_pad_waits_for_the_write_of_the_run_before() -> None:
    """A reader on the network takes two connections at once: the old run's second try must not undo the new one's."""
    counter = Counter()
    counter.bench.put(BOOK)
    counter.run(1.0)
    counter.bench.pad.mischief.plan(WireFault.MUTE, on=Op.WRITE_AFI)
    counter.pad.set_security(SetSecurity(corr="off", uids=(BOOK.uid,), wanted=SecurityState.OFF))
    counter.run(0.1)  # its first write was not heard: it will read, and write again
    counter.pad.stop()
    counter.pad.start()
    for n in range(5):  # as the desk does, until it is proven
        counter.pad.set_security(SetSecurity(corr=f"on{n}", uids=(BOOK.uid,), wanted=SecurityState.ON))
        counter.run(3.0)
        done = counter.last(SecurityDone)
        if done.proof is SecurityProof.PROVEN:
            break
    counter.run(5.0)
    assert (done.corr[:2], done.state, done.proof) == ("on", SecurityState.ON, SecurityProof.PROVEN)
    assert counter.bench.afi_of(BOOK.uid) == 0x07
