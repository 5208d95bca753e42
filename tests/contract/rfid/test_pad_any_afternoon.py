"""Whatever happens on a pad, afterwards the list is what lies there, and every request was answered once and truly."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.health import Health
from drivers.link import Link
from drivers.rfid.contract import NotWritten, Pad, Proven, Security, TagUid
from drivers.rfid.feig import FeigPad
from drivers.rfid.feig.commands import WriteAfi
from drivers.rfid.field import AirFault, Op, a_tag
from drivers.rfid.mischief import WireFault
from drivers.rfid.watch import PadEvent, Release, RequestFailed, Secure, SecurityDone, SelfTestDone, TestPad
from tests.contract.rfid.rigs import PLAIN
from tests.contract.rfid.test_broken_pads import ForgetsThatItWrote, WritesAndHopes
from tests.contract.rfid.test_pad_watch import Bench

BOOKS = [a_tag(number).uid for number in range(4)]

steps = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.floats(0.0, 3.0)),
        st.tuples(st.just("lay"), st.sampled_from(BOOKS)),
        st.tuples(st.just("lift"), st.sampled_from(BOOKS)),
        st.tuples(st.just("release"), st.sampled_from(BOOKS)),
        st.tuples(st.just("secure"), st.sampled_from(BOOKS)),
        st.tuples(st.just("test"), st.none()),
        st.tuples(st.just("wire"), st.sampled_from(WireFault)),
        st.tuples(st.just("air"), st.tuples(st.sampled_from(Op), st.sampled_from(AirFault))),
        st.tuples(st.just("plug"), st.none()),
    ),
    max_size=25,
)


class Afternoon(Bench):
    """A watched pad with four books that come and go, checked as it goes."""

    def __init__(self, pad: type[FeigPad] = FeigPad) -> None:
        super().__init__()
        self.pad = pad
        self.books = {uid: a_tag(number) for number, uid in enumerate(BOOKS)}
        self.asked_refs: list[str] = []
        self.answered: list[str] = []

    def make_pad(self, link: Link) -> Pad:
        return self.pad(link, self.hub, PLAIN, self.rig.options)

    def hear(self, event: PadEvent) -> None:
        super().hear(event)
        match event:
            case SecurityDone(ref=ref, proof=proof):
                self.answered.append(ref)
                book = self.books[proof.uid]
                if isinstance(proof, Proven):
                    assert book.afi == (0x07 if proof.state is Security.ON else 0xC2)
                requests = self.rig.sim.requests
                if isinstance(proof, NotWritten):
                    assert not any(isinstance(request, WriteAfi) for request in requests)
                requests.clear()
            case SelfTestDone(ref=ref) | RequestFailed(ref=ref):
                self.answered.append(ref)
            case _:
                return

    def play(self, kind: str, what: object) -> None:
        ref = f"{kind}-{len(self.asked_refs)}"
        match kind, what:
            case "wait", float(seconds):
                self.wait(seconds)
            case "lay", str(uid):
                self.lay(self.books[TagUid(uid)])
            case "lift", str(uid):
                if any(tag.uid == uid for tag in self.rig.field.tags):
                    self.rig.field.lift(TagUid(uid))
            case "wire", WireFault() as fault:
                self.rig.mischief.plan(fault)
            case "air", (Op() as op, AirFault() as fault):
                self.rig.field.plan(op, fault)
            case "plug", _:
                self.rig.sim.plugged = True
            case "test", _:
                self.asked_refs.append(ref)
                self.watch.post(TestPad(ref=ref, by=self.by()))
            case _:
                uid = TagUid(str(what))
                self.asked_refs.append(ref)
                request = Release if kind == "release" else Secure
                self.watch.post(request(ref=ref, uid=uid, by=self.by()))

    def calm_down(self) -> None:
        """Some seconds for what is on its way, then no more faults, the plug in, and time for the longest pause."""
        self.wait(5.0)
        self.rig.field.forget_plans()
        self.rig.mischief.forget_plans()
        self.rig.sim.plugged = True
        self.wait(15.0)


def check(happened: list[tuple[str, object]], pad: type[FeigPad] = FeigPad) -> None:
    afternoon = Afternoon(pad)
    afternoon.start()
    for kind, what in happened:
        afternoon.play(kind, what)
    afternoon.calm_down()
    assert afternoon.healths[-1] == (Health.OK, "")
    on_the_pad = sorted(tag.uid for tag in afternoon.rig.field.tags)
    last = afternoon.snapshots[-1]
    assert [image.uid for image in last.tags] == on_the_pad
    assert last.unread == ()
    assert [image.afi for image in last.tags] == [afternoon.books[uid].afi for uid in on_the_pad]
    assert sorted(afternoon.answered) == sorted(afternoon.asked_refs)


@settings(deadline=None, max_examples=40)
@given(steps)
def test_whatever_happens_the_list_and_the_answers_are_true_in_the_end(happened: list[tuple[str, object]]) -> None:
    check(happened)


@pytest.mark.parametrize("broken", [WritesAndHopes, ForgetsThatItWrote])
def test_an_afternoon_with_a_lying_driver_is_found_out(broken: type[FeigPad]) -> None:
    write_lost: tuple[str, object] = ("air", (Op.WRITE_AFI, AirFault.LOST_WRITE))
    lifted: tuple[str, object] = ("air", (Op.WRITE_AFI, AirFault.LIFTED_AFTER))
    story: list[tuple[str, object]] = [("lay", BOOKS[0]), ("wait", 1.0), write_lost, ("release", BOOKS[0]), lifted]
    check(story)
    with pytest.raises(AssertionError):
        check([*story, ("secure", BOOKS[0]), ("wait", 1.0)], broken)


@pytest.mark.slow
@settings(deadline=None, max_examples=2000)
@given(steps)
def test_in_any_year_the_list_and_the_answers_are_true(happened: list[tuple[str, object]]) -> None:
    check(happened)
