"""The owner loop of a pad, from "the book lies down" to "it was taken away", with requests and faults in between."""

from __future__ import annotations

import pytest

from drivers.clock import MailboxFull
from drivers.errors import LinkLost
from drivers.health import Health
from drivers.link import Link
from drivers.rfid.contract import NotWritten, Pad, Proven, Security, SecurityProof, TagImage, TagUid, Unknown
from drivers.rfid.feig import FeigPad
from drivers.rfid.feig.commands import Inventory, ReadBlocks, Request
from drivers.rfid.feig.protocol import Status
from drivers.rfid.feig.sim import LIFELIKE
from drivers.rfid.field import AirFault, Op, Tag, a_tag
from drivers.rfid.mischief import WireFault
from drivers.rfid.watch import (
    REQUESTS_MAX,
    MemoryWritten,
    PadEvent,
    PadHealth,
    PadTags,
    PadWatch,
    Park,
    Release,
    RequestFailed,
    Resume,
    Secure,
    SecurityDone,
    SelfTestDone,
    Stop,
    TestPad,
    WatchOptions,
    WriteMemory,
)
from tests.contract.rfid.rigs import PLAIN, PipeRig, PtyRig, RealTimeRig, Rig, TcpRig

TITLE = bytes(range(1, 113))


class Bench:
    """A watched pad, and everything it reported with the time of it."""

    def __init__(self, rig: Rig | None = None, options: WatchOptions = WatchOptions()) -> None:  # noqa: B008
        self.rig = rig or PipeRig()
        if rig is None:
            self.rig.build(LIFELIKE)
        self.hub = self.rig.hub
        self.heard: list[tuple[float, PadEvent]] = []
        self.watch = PadWatch(self.hub, self.open, self.make_pad, self.hear, options)
        self.refused_opens = 0
        self.opens = 0

    def open(self) -> Link:
        self.opens += 1
        if self.refused_opens:
            self.refused_opens -= 1
            raise LinkLost("pad", "open", "no such device")
        return self.rig.open()

    def make_pad(self, link: Link) -> Pad:
        return FeigPad(link, self.hub, PLAIN, self.rig.options)

    def hear(self, event: PadEvent) -> None:
        self.heard.append((self.hub.now(), event))

    def start(self) -> Bench:
        self.task = self.hub.spawn("watch", self.watch.run)
        return self

    def wait(self, seconds: float) -> None:
        self.hub.wait_until(self.hub.now() + seconds)

    def lay(self, *tags: Tag) -> None:
        self.rig.field.put(*tags)

    @property
    def events(self) -> list[PadEvent]:
        return [event for _, event in self.heard]

    @property
    def snapshots(self) -> list[PadTags]:
        return [event for event in self.events if isinstance(event, PadTags)]

    @property
    def healths(self) -> list[tuple[Health, str]]:
        return [(event.health, event.code) for event in self.events if isinstance(event, PadHealth)]

    def proof(self, ref: str) -> SecurityProof:
        [proof] = [event.proof for event in self.events if isinstance(event, SecurityDone) and event.ref == ref]
        return proof

    def asked(self, kind: type[Request]) -> int:
        return sum(isinstance(request, kind) for request in self.rig.sim.requests)

    def by(self, within_s: float = 5.0) -> float:
        return self.hub.now() + within_s


def uids(images: tuple[TagImage, ...]) -> list[TagUid]:
    return [image.uid for image in images]


# -- books -----------------------------------------------------------------------------------------------------------


def test_an_empty_pad_says_so_once_and_that_it_is_well() -> None:
    bench = Bench().start()
    bench.wait(5.0)
    [health, tags] = bench.events
    assert isinstance(health, PadHealth)
    assert (health.health, health.code) == (Health.OK, "")
    assert health.identity is not None
    assert health.identity.model == "ID ISC.MR101"
    assert tags == PadTags(tags=())


def test_a_book_laid_down_is_read_once_and_reported_at_once() -> None:
    bench = Bench().start()
    bench.wait(1.0)
    bench.lay(a_tag(1, TITLE))
    laid_at = bench.hub.now()
    bench.wait(5.0)
    reported_at, last = bench.heard[-1]
    assert isinstance(last, PadTags)
    assert [(image.uid, image.memory) for image in last.tags] == [(a_tag(1).uid, TITLE)]
    assert reported_at - laid_at < 0.25
    assert len(bench.snapshots) == 2
    assert bench.asked(ReadBlocks) == 1


def test_a_pile_of_ten_is_on_the_screen_within_a_second_at_38400_baud() -> None:
    bench = Bench().start()
    bench.wait(1.0)
    bench.lay(*(a_tag(number, TITLE) for number in range(10)))
    laid_at = bench.hub.now()
    bench.wait(3.0)
    reported_at, last = bench.heard[-1]
    assert isinstance(last, PadTags)
    assert len(last.tags) == 10
    assert last.unread == ()
    assert reported_at - laid_at < 1.2


def test_one_missed_scan_does_not_tear_a_book_off_the_list() -> None:
    bench = Bench().start()
    bench.lay(a_tag(1))
    bench.wait(1.0)
    bench.rig.field.plan(Op.INVENTORY, AirFault.DEAF)
    bench.rig.field.chance[Op.INVENTORY] = 0.2
    bench.wait(3.0)
    assert bench.snapshots[-1].tags
    assert all(snapshot.tags for snapshot in bench.snapshots[1:])


def test_a_book_taken_away_leaves_the_list_after_three_scans() -> None:
    bench = Bench().start()
    bench.lay(a_tag(1), a_tag(2))
    bench.wait(1.0)
    bench.rig.field.lift(a_tag(1).uid)
    lifted_at = bench.hub.now()
    bench.wait(2.0)
    gone_at, last = bench.heard[-1]
    assert isinstance(last, PadTags)
    assert uids(last.tags) == [a_tag(2).uid]
    assert 0.2 <= gone_at - lifted_at < 0.6


def test_a_book_laid_down_again_is_read_again() -> None:
    bench = Bench().start()
    bench.lay(a_tag(1))
    bench.wait(1.0)
    tag = bench.rig.field.lift(a_tag(1).uid)
    bench.wait(1.0)
    tag.memory[:4] = b"NEW!"
    bench.lay(tag)
    bench.wait(1.0)
    assert bench.snapshots[-1].tags[0].memory[:4] == b"NEW!"


def test_a_book_that_is_there_but_cannot_be_read_is_named_until_it_can() -> None:
    bench = Bench().start()
    bench.lay(a_tag(1), a_tag(2))
    bench.rig.field.plan(Op.READ, *[AirFault.DEAF] * 6)
    bench.wait(2.0)
    assert bench.snapshots[0].unread
    assert bench.snapshots[-1].unread == ()
    assert len(bench.snapshots[-1].tags) == 2


def test_too_many_books_are_said_and_the_list_stays_as_it_was() -> None:
    bench = Bench().start()
    bench.rig.field.capacity = 3
    bench.lay(*(a_tag(number) for number in range(3)))
    bench.wait(1.0)
    bench.lay(a_tag(3))
    bench.wait(2.0)
    assert bench.healths[-1] == (Health.DEGRADED, "too-many-tags")
    assert len(bench.snapshots[-1].tags) == 3
    bench.rig.field.lift(a_tag(0).uid)
    bench.wait(1.0)
    assert bench.healths[-1] == (Health.OK, "")
    assert uids(bench.snapshots[-1].tags) == [a_tag(1).uid, a_tag(2).uid, a_tag(3).uid]


def test_a_reader_that_answers_but_cannot_scan_is_degraded_and_kept() -> None:
    bench = Bench().start()
    bench.lay(a_tag(1))
    bench.wait(1.0)
    opens = bench.opens
    bench.rig.sim.refuses = Status.NOT_AVAILABLE
    bench.wait(10.0)
    assert bench.healths[-1] == (Health.DEGRADED, "status-82")
    bench.rig.sim.refuses = None
    bench.wait(1.0)
    assert bench.healths[-1] == (Health.OK, "")
    assert bench.opens == opens
    assert len(bench.snapshots) == 1


# -- requests --------------------------------------------------------------------------------------------------------


def test_a_loan_and_a_return_are_proven_between_two_scans() -> None:
    bench = Bench().start()
    bench.lay(a_tag(1, TITLE))
    bench.wait(1.0)
    asked_at = bench.hub.now()
    bench.watch.post(Release(ref="loan", uid=a_tag(1).uid, by=bench.by()))
    bench.wait(1.0)
    assert isinstance(bench.proof("loan"), Proven)
    answered_at = next(when for when, event in bench.heard if isinstance(event, SecurityDone))
    assert answered_at - asked_at < 0.3
    bench.watch.post(Secure(ref="return", uid=a_tag(1).uid, by=bench.by()))
    bench.wait(1.0)
    proof = bench.proof("return")
    assert isinstance(proof, Proven)
    assert proof.state is Security.ON


def test_the_list_knows_the_new_security_without_another_reading() -> None:
    bench = Bench().start()
    bench.lay(a_tag(1))
    bench.wait(1.0)
    bench.watch.post(Release(ref="loan", uid=a_tag(1).uid, by=bench.by()))
    bench.wait(1.0)
    assert [image.afi for image in bench.snapshots[-1].tags] == [0xC2]
    assert bench.asked(ReadBlocks) == 1


def test_a_request_does_not_wait_for_a_pile_to_be_read() -> None:
    bench = Bench().start()
    bench.lay(*(a_tag(number) for number in range(20)))
    bench.wait(0.2)
    asked_at = bench.hub.now()
    bench.watch.post(Release(ref="loan", uid=a_tag(0).uid, by=bench.by()))
    bench.wait(3.0)
    answered_at = next(when for when, event in bench.heard if isinstance(event, SecurityDone))
    assert answered_at - asked_at < 0.35
    assert len(bench.snapshots[-1].tags) == 20


def test_a_book_lifted_during_the_write_is_reported_as_a_doubt() -> None:
    bench = Bench().start()
    bench.lay(a_tag(1))
    bench.wait(1.0)
    bench.rig.field.plan(Op.WRITE_AFI, AirFault.LIFTED_AFTER)
    bench.watch.post(Release(ref="loan", uid=a_tag(1).uid, by=bench.by()))
    bench.wait(2.0)
    assert isinstance(bench.proof("loan"), Unknown)
    assert bench.snapshots[-1].tags == ()


def test_the_technician_gets_numbers() -> None:
    bench = Bench().start()
    bench.lay(a_tag(1), a_tag(2))
    bench.wait(1.0)
    bench.watch.post(TestPad(ref="test", by=bench.by()))
    bench.wait(1.0)
    [done] = [event for event in bench.events if isinstance(event, SelfTestDone)]
    assert (done.ref, done.result.tags_found, done.result.tags_read) == ("test", 2, 2)
    assert 0 < done.result.elapsed_ms < 300


def test_a_label_written_by_the_technician_is_read_again() -> None:
    bench = Bench().start()
    bench.lay(a_tag(1))
    bench.wait(1.0)
    bench.watch.post(WriteMemory(ref="label", uid=a_tag(1).uid, first_block=0, data=b"BOOK", by=bench.by()))
    bench.wait(1.0)
    assert MemoryWritten(ref="label", uid=a_tag(1).uid) in bench.events
    assert bench.snapshots[-1].tags[0].memory[:4] == b"BOOK"


def test_a_label_that_cannot_be_written_is_reported() -> None:
    bench = Bench().start()
    bench.wait(1.0)
    bench.watch.post(WriteMemory(ref="label", uid=a_tag(9).uid, first_block=0, data=b"BOOK", by=bench.by()))
    bench.wait(1.0)
    assert RequestFailed(ref="label", code="tag-gone") in bench.events


def test_a_caller_that_never_stops_asking_is_told_so() -> None:
    bench = Bench()
    for _ in range(REQUESTS_MAX):
        bench.watch.post(Park())
    with pytest.raises(MailboxFull):
        bench.watch.post(Park())


# -- parked ----------------------------------------------------------------------------------------------------------


def test_a_parked_pad_rests_and_still_serves() -> None:
    bench = Bench().start()
    bench.wait(1.0)
    bench.watch.post(Park())
    bench.wait(1.0)
    scans = bench.asked(Inventory)
    bench.lay(a_tag(1))
    bench.wait(7200.0)
    assert bench.asked(Inventory) == scans
    bench.watch.post(Secure(ref="parked", uid=a_tag(1).uid, by=bench.by()))
    bench.wait(1.0)
    assert isinstance(bench.proof("parked"), Proven)
    bench.watch.post(Resume())
    bench.wait(0.3)
    assert len(bench.snapshots[-1].tags) == 1


def test_a_field_can_wake_its_parked_pad_when_a_book_is_laid_down() -> None:
    bench = Bench().start()
    bench.wait(1.0)
    bench.watch.post(Park())
    bench.rig.field.on_change = lambda: bench.watch.post(Resume())
    bench.wait(3600.0)
    bench.lay(a_tag(1))
    bench.wait(0.3)
    assert len(bench.snapshots[-1].tags) == 1


def test_a_stopped_watch_gives_the_wire_back() -> None:
    bench = Bench().start()
    bench.wait(1.0)
    bench.watch.post(Stop())
    bench.wait(0.5)
    assert bench.task.join(bench.hub.now())
    scans = bench.asked(Inventory)
    bench.wait(5.0)
    assert bench.asked(Inventory) == scans


# -- faults ----------------------------------------------------------------------------------------------------------


def test_a_pad_that_is_not_there_is_tried_again_with_growing_pauses() -> None:
    bench = Bench()
    bench.refused_opens = 10**6
    bench.start()
    bench.wait(60.0)
    assert bench.healths == [(Health.GONE, "open")]
    assert bench.snapshots == []
    assert 8 <= bench.opens <= 14


def test_a_pad_plugged_in_later_is_found() -> None:
    bench = Bench()
    bench.refused_opens = 3
    bench.start()
    bench.lay(a_tag(1))
    bench.wait(5.0)
    assert bench.healths == [(Health.GONE, "open"), (Health.OK, "")]
    assert len(bench.snapshots[-1].tags) == 1


def test_a_pad_unplugged_and_plugged_in_again_shows_its_books_anew() -> None:
    bench = Bench().start()
    bench.lay(a_tag(1))
    bench.wait(1.0)
    bench.rig.mischief.plan(WireFault.UNPLUG_BEFORE)
    bench.wait(3.0)
    assert bench.healths[-1][0] is Health.GONE
    before = len(bench.snapshots)
    bench.rig.sim.plugged = True
    bench.wait(10.0)
    assert bench.healths[-1] == (Health.OK, "")
    assert len(bench.snapshots) == before + 1
    assert bench.snapshots[-1] == bench.snapshots[-2]


def test_a_mute_pad_is_first_doubted_then_called_mute_then_well_again() -> None:
    bench = Bench().start()
    bench.wait(1.0)
    bench.rig.mischief.always = WireFault.MUTE
    bench.wait(30.0)
    bench.rig.mischief.always = None
    bench.wait(15.0)
    assert bench.healths == [
        (Health.OK, ""),
        (Health.DEGRADED, "mute"),
        (Health.MUTE, "mute"),
        (Health.DEGRADED, ""),
        (Health.OK, ""),
    ]
    mute_at = next(when for when, event in bench.heard if isinstance(event, PadHealth) and event.health is Health.MUTE)
    assert mute_at < 10.0
    assert bench.opens > 1


def test_a_request_to_a_pad_that_is_gone_is_answered_at_once_as_not_written() -> None:
    bench = Bench()
    bench.refused_opens = 10**6
    bench.start()
    bench.wait(20.0)
    bench.watch.post(Release(ref="loan", uid=a_tag(1).uid, by=bench.by()))
    bench.watch.post(TestPad(ref="test", by=bench.by()))
    bench.wait(0.1)
    assert bench.proof("loan") == NotWritten(uid=a_tag(1).uid, before=None, cause="open")
    assert RequestFailed(ref="test", code="open") in bench.events


def test_a_request_opens_the_wire_again_without_waiting_for_the_pause_to_end() -> None:
    bench = Bench()
    bench.lay(a_tag(1))
    bench.refused_opens = 9
    bench.start()
    bench.wait(41.0)
    assert bench.healths[-1][0] is Health.GONE
    bench.refused_opens = 0
    bench.watch.post(Secure(ref="return", uid=a_tag(1).uid, by=bench.by()))
    bench.wait(0.5)
    assert isinstance(bench.proof("return"), Proven)


def test_a_plug_pulled_in_the_middle_of_a_write_is_a_doubt_and_the_pad_comes_back() -> None:
    bench = Bench().start()
    bench.lay(a_tag(1))
    bench.wait(1.0)
    bench.rig.mischief.plan(WireFault.UNPLUG_AFTER, on=Op.WRITE_AFI)
    bench.watch.post(Release(ref="loan", uid=a_tag(1).uid, by=bench.by()))
    bench.wait(1.0)
    bench.rig.sim.plugged = True
    bench.wait(10.0)
    assert isinstance(bench.proof("loan"), Unknown)
    bench.watch.post(Release(ref="again", uid=a_tag(1).uid, by=bench.by()))
    bench.wait(1.0)
    again = bench.proof("again")
    assert isinstance(again, Proven)
    assert (again.state, again.writes) == (Security.OFF, 0)


def test_two_afternoons_with_the_same_seed_are_the_same() -> None:
    def afternoon() -> list[tuple[float, PadEvent]]:
        bench = Bench()
        bench.rig.field.chance = dict.fromkeys(Op, 0.1)
        bench.rig.mischief.chance = {WireFault.WRONG_CRC: 0.02, WireFault.ANSWER_LOST: 0.01}
        bench.start()
        for number in range(8):
            bench.lay(a_tag(number, TITLE))
            bench.watch.post(Release(ref=str(number), uid=a_tag(number).uid, by=bench.by()))
            bench.wait(3.0)
        return bench.heard

    assert afternoon() == afternoon()


@pytest.mark.parametrize("make_rig", [PtyRig, TcpRig])
def test_the_same_loop_runs_on_threads_and_real_wires(make_rig: type[RealTimeRig]) -> None:
    rig = make_rig()
    bench = Bench(rig, WatchOptions(poll_s=0.01)).start()
    bench.lay(a_tag(1, TITLE))
    bench.watch.post(Release(ref="loan", uid=a_tag(1).uid, by=bench.by()))
    give_up = bench.by(10.0)
    while not (any(snapshot.tags for snapshot in bench.snapshots) and any(
        isinstance(event, SecurityDone) for event in bench.events
    )):  # fmt: skip
        assert bench.hub.now() < give_up, bench.events
        bench.wait(0.01)
    assert isinstance(bench.proof("loan"), Proven)
    bench.watch.post(Stop())
    assert bench.task.join(bench.by())
    rig.close()
