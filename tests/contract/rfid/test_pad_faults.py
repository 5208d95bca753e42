"""Bad days: each fault of wire, air and tag, on every simulated way to reach a pad."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from drivers.errors import DriverError, LinkLost, NoReply, Refused
from drivers.rfid.contract import NotWritten, Proven, Security, TagGone, TooManyTags, Unknown
from drivers.rfid.feig.commands import Eas, WriteAfi
from drivers.rfid.feig.sim import ReaderTraits
from drivers.rfid.field import AirFault, Field, Op, a_tag
from drivers.rfid.mischief import Mischief, WireFault
from tests.contract.rfid.rigs import WITH_EAS, PipeRig, Rig, is_proven

TITLE = bytes(range(1, 113))
PASSING = [fault for fault in WireFault if fault not in (WireFault.UNPLUG_BEFORE, WireFault.UNPLUG_AFTER)]


def writes(rig: Rig) -> int:
    return sum(isinstance(request, WriteAfi | Eas) for request in rig.sim.requests)


# -- the wire --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", PASSING)
def test_a_disturbed_answer_costs_time_but_no_truth(rig: Rig, fault: WireFault) -> None:
    rig.lay(a_tag(1, TITLE), a_tag(2))
    for op in (Op.INVENTORY, Op.READ):
        rig.mischief.plan(fault, on=op)
    found, image = rig.run(lambda pad: (pad.inventory(rig.by()), pad.read(a_tag(1).uid, rig.by())))
    assert found == (a_tag(1).uid, a_tag(2).uid)
    assert (image.memory, image.afi) == (TITLE, 0x07)


@pytest.mark.parametrize("fault", PASSING)
def test_a_disturbed_write_is_repeated_until_it_reads_back(rig: Rig, fault: WireFault) -> None:
    [book] = rig.lay(a_tag(1))
    rig.mischief.plan(fault, on=Op.WRITE_AFI)
    proof = rig.run(lambda pad: pad.release(book.uid, rig.by()))
    assert isinstance(proof, Proven)
    assert (proof.state, book.afi) == (Security.OFF, 0xC2)


def test_a_mute_reader_is_reported_and_nothing_was_written(rig: Rig) -> None:
    [book] = rig.lay(a_tag(1))
    rig.mischief.always = WireFault.MUTE
    with pytest.raises(NoReply):
        rig.run(lambda pad: pad.inventory(rig.by(5 * rig.options.reply_s)))
    proof = rig.run(lambda pad: pad.release(book.uid, rig.by(5 * rig.options.reply_s)))
    assert isinstance(proof, NotWritten)
    assert (writes(rig), book.afi) == (0, 0x07)


def test_a_reader_that_falls_silent_after_the_write_leaves_a_doubt(rig: Rig) -> None:
    [book] = rig.lay(a_tag(1))
    rig.mischief.plan(WireFault.ANSWER_LOST, on=Op.WRITE_AFI)
    rig.mischief.plan(*[WireFault.MUTE] * 99)
    assert isinstance(rig.run(lambda pad: pad.release(book.uid, rig.by(5 * rig.options.reply_s))), Unknown)
    assert book.afi == 0xC2


@pytest.mark.parametrize("fault", [WireFault.UNPLUG_BEFORE, WireFault.UNPLUG_AFTER])
def test_a_plug_pulled_in_the_middle_of_a_write_leaves_a_doubt(rig: Rig, fault: WireFault) -> None:
    [book] = rig.lay(a_tag(1))
    rig.mischief.plan(fault, on=Op.WRITE_AFI)
    assert isinstance(rig.run(lambda pad: pad.release(book.uid, rig.by())), Unknown)
    with pytest.raises(LinkLost):
        rig.run(lambda pad: pad.inventory(rig.by()))
    rig.reconnect()
    reading = rig.run(lambda pad: pad.security(book.uid, rig.by()))
    assert reading.state is (Security.OFF if fault is WireFault.UNPLUG_AFTER else Security.ON)


def test_a_plug_pulled_before_anything_was_asked_means_not_written(rig: Rig) -> None:
    [book] = rig.lay(a_tag(1))
    rig.run(lambda pad: pad.inventory(rig.by()))
    rig.mischief.plan(WireFault.UNPLUG_BEFORE, on=Op.INFO)
    proof = rig.run(lambda pad: pad.release(book.uid, rig.by()))
    assert isinstance(proof, NotWritten)
    assert proof.before is None


def test_a_slow_reader_is_waited_for(rig: Rig) -> None:
    [book] = rig.lay(a_tag(1, TITLE))
    rig.mischief.slow_s = rig.options.reply_s / 4
    assert rig.run(lambda pad: pad.read(book.uid, rig.by())).memory == TITLE


def test_a_late_answer_is_never_taken_for_a_read_back(rig: Rig) -> None:
    [book] = rig.lay(a_tag(1))
    rig.mischief.plan(WireFault.LATE, WireFault.LATE, on=Op.INFO)
    assert rig.run(lambda pad: pad.security(book.uid, rig.by())).state is Security.ON
    book.afi = 0xC2  # lent at another machine meanwhile
    proof = rig.run(lambda pad: pad.secure(book.uid, rig.by()))
    assert isinstance(proof, Proven)
    assert (proof.state, proof.writes, book.afi) == (Security.ON, 1, 0x07)


def test_without_time_to_prove_nothing_is_written(rig: Rig) -> None:
    [book] = rig.lay(a_tag(1))
    rig.run(lambda pad: pad.inventory(rig.by()))
    by_now = rig.run(lambda pad: pad.release(book.uid, rig.by(rig.options.prove_s * 0.9)))
    assert isinstance(by_now, NotWritten)
    assert (writes(rig), book.afi) == (0, 0x07)


# -- the air ---------------------------------------------------------------------------------------------------------


def test_a_book_lifted_between_write_and_read_back_is_a_doubt_and_never_not_written(rig: Rig) -> None:
    [book] = rig.lay(a_tag(1))
    rig.field.plan(Op.WRITE_AFI, AirFault.LIFTED_AFTER)
    proof = rig.run(lambda pad: pad.release(book.uid, rig.by()))
    assert proof == Unknown(uid=book.uid, cause="tag-gone")


def test_a_book_lifted_just_before_the_write_is_a_doubt_because_the_write_was_sent(rig: Rig) -> None:
    [book] = rig.lay(a_tag(1))
    rig.field.plan(Op.WRITE_AFI, AirFault.LIFTED_BEFORE)
    assert isinstance(rig.run(lambda pad: pad.release(book.uid, rig.by())), Unknown)
    assert book.afi == 0x07


def test_a_book_lifted_before_it_was_read_is_not_written(rig: Rig) -> None:
    [book] = rig.lay(a_tag(1))
    rig.field.plan(Op.INFO, AirFault.LIFTED_BEFORE)
    proof = rig.run(lambda pad: pad.release(book.uid, rig.by()))
    assert proof == NotWritten(uid=book.uid, before=None, cause="tag-gone")


def test_a_book_put_back_after_a_doubt_is_settled_by_asking_again(rig: Rig) -> None:
    [book] = rig.lay(a_tag(1))
    rig.field.plan(Op.WRITE_AFI, AirFault.LIFTED_AFTER)
    rig.run(lambda pad: pad.release(book.uid, rig.by()))
    rig.field.put(book)
    proof = rig.run(lambda pad: pad.release(book.uid, rig.by()))
    assert is_proven(proof, Security.OFF, writes=0)


def test_a_write_the_tag_only_pretended_is_found_out_and_repeated(rig: Rig) -> None:
    [book] = rig.lay(a_tag(1))
    rig.field.plan(Op.WRITE_AFI, AirFault.LOST_WRITE)
    proof = rig.run(lambda pad: pad.release(book.uid, rig.by()))
    assert is_proven(proof, Security.OFF, writes=2)
    assert book.afi == 0xC2


def test_a_tag_that_never_takes_the_write_is_proven_as_before(rig: Rig) -> None:
    [book] = rig.lay(a_tag(1))
    book.afi_locked = True
    proof = rig.run(lambda pad: pad.release(book.uid, rig.by()))
    assert is_proven(proof, Security.ON, writes=rig.options.tries)


def test_a_write_whose_answer_is_lost_in_the_air_reads_back_as_done(rig: Rig) -> None:
    [book] = rig.lay(a_tag(1))
    rig.field.plan(Op.WRITE_AFI, AirFault.ANSWER_LOST)
    proof = rig.run(lambda pad: pad.release(book.uid, rig.by()))
    assert is_proven(proof, Security.OFF, writes=1)


def test_a_tag_that_cannot_be_brought_to_either_state_is_a_doubt(rig: Rig) -> None:
    [book] = rig.lay(a_tag(1))
    book.afi, book.afi_locked = 0x00, True
    assert isinstance(rig.run(lambda pad: pad.secure(book.uid, rig.by())), Unknown)


def test_a_tag_at_the_edge_of_the_pad_is_read_in_the_end(rig: Rig) -> None:
    [book] = rig.lay(a_tag(1, TITLE))
    rig.field.plan(Op.INFO, AirFault.DEAF, AirFault.ANSWER_LOST)
    rig.field.plan(Op.READ, AirFault.DEAF, AirFault.ANSWER_LOST)
    assert rig.run(lambda pad: pad.read(book.uid, rig.by())).memory == TITLE


def test_a_tag_that_stays_silent_is_gone(rig: Rig) -> None:
    [book] = rig.lay(a_tag(1))
    book.reach = 0.0
    with pytest.raises(TagGone):
        rig.run(lambda pad: pad.read(book.uid, rig.by()))


def test_more_books_than_the_reader_can_tell_apart_are_never_a_part_of_the_list(rig: Rig) -> None:
    rig.field.capacity = 4
    rig.lay(*(a_tag(number) for number in range(5)))
    with pytest.raises(TooManyTags):
        rig.run(lambda pad: pad.inventory(rig.by()))
    rig.field.lift(a_tag(0).uid)
    assert len(rig.run(lambda pad: pad.inventory(rig.by()))) == 4


# -- long lists and odd tags -----------------------------------------------------------------------------------------


def test_a_long_list_comes_in_parts_and_is_put_together(rig: Rig) -> None:
    tags = rig.lay(*(a_tag(number) for number in range(50)))
    assert rig.run(lambda pad: pad.inventory(rig.by())) == tuple(tag.uid for tag in tags)


def test_a_part_of_a_long_list_that_is_lost_repeats_the_whole_scan(rig: Rig) -> None:
    tags = rig.lay(*(a_tag(number) for number in range(50)))
    rig.mischief.plan(WireFault.SPLIT, WireFault.ANSWER_LOST, on=Op.INVENTORY)
    assert rig.run(lambda pad: pad.inventory(rig.by())) == tuple(tag.uid for tag in tags)


def test_an_answer_too_long_for_a_short_frame_is_understood(rig: Rig) -> None:
    rig.build(ReaderTraits(tags_per_answer=100))
    tags = rig.lay(*(a_tag(number) for number in range(50)))
    assert rig.run(lambda pad: pad.inventory(rig.by())) == tuple(tag.uid for tag in tags)


def test_a_reader_that_knows_only_long_frames_is_asked_in_long_frames(rig: Rig) -> None:
    rig.options = replace(rig.options, advanced=True)
    [book] = rig.lay(a_tag(1, TITLE))
    assert rig.run(lambda pad: pad.read(book.uid, rig.by())).memory == TITLE
    assert is_proven(rig.run(lambda pad: pad.release(book.uid, rig.by())), Security.OFF, writes=1)


@pytest.mark.parametrize("less_one", [True, False])
@pytest.mark.parametrize(("block_size", "blocks"), [(4, 28), (8, 4), (4, 8), (8, 250 // 8), (4, 64)])
def test_tags_of_every_shape_are_read_whole(rig: Rig, block_size: int, blocks: int, less_one: bool) -> None:
    rig.build(ReaderTraits(less_one=less_one))
    [book] = rig.lay(a_tag(1))
    book.block_size = block_size
    book.memory = bytearray(range(block_size * blocks))
    image = rig.run(lambda pad: pad.read(book.uid, rig.by()))
    assert (image.block_size, image.blocks, image.memory) == (block_size, blocks, bytes(book.memory))


def test_a_tag_without_system_information_is_read_to_its_end(rig: Rig) -> None:
    [book] = rig.lay(a_tag(1, TITLE))
    book.has_system_info = False
    image = rig.run(lambda pad: pad.read(book.uid, rig.by()))
    assert (image.memory, image.afi, image.dsfid) == (TITLE, None, None)
    proof = rig.run(lambda pad: pad.release(book.uid, rig.by()))
    assert isinstance(proof, NotWritten)


def test_a_new_label_is_written_in_natural_order_and_read_back(rig: Rig) -> None:
    [book] = rig.lay(a_tag(1))
    rig.run(lambda pad: pad.write_memory(book.uid, 2, TITLE[:16], rig.by()))
    assert book.memory[8:24] == TITLE[:16]
    assert book.memory[:8] == bytes(8)


def test_a_label_that_keeps_its_old_words_is_reported(rig: Rig) -> None:
    [book] = rig.lay(a_tag(1))
    rig.field.plan(Op.WRITE, *[AirFault.LOST_WRITE] * 9)
    with pytest.raises(Refused):
        rig.run(lambda pad: pad.write_memory(book.uid, 0, TITLE[:4], rig.by()))


def test_half_a_block_is_refused(rig: Rig) -> None:
    [book] = rig.lay(a_tag(1))
    with pytest.raises(Refused, match="not-whole-blocks"):
        rig.run(lambda pad: pad.write_memory(book.uid, 0, TITLE[:6], rig.by()))
    assert book.memory == bytes(112)


def test_a_locked_label_is_reported(rig: Rig) -> None:
    [book] = rig.lay(a_tag(1))
    book.locked_blocks = {1}
    with pytest.raises(Refused, match="iso-12"):
        rig.run(lambda pad: pad.write_memory(book.uid, 0, TITLE[:8], rig.by()))


# -- EAS -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("custom_commands", [True, False])
def test_where_gates_listen_for_eas_both_marks_are_switched(rig: Rig, custom_commands: bool) -> None:
    rig.scheme = WITH_EAS
    rig.build(ReaderTraits(custom_commands=custom_commands))
    [book] = rig.lay(a_tag(1))
    book.eas = True
    released = rig.run(lambda pad: pad.release(book.uid, rig.by()))
    assert is_proven(released, Security.OFF, writes=2)
    assert (book.afi, book.eas) == (0xC2, False)
    secured = rig.run(lambda pad: pad.secure(book.uid, rig.by()))
    assert is_proven(secured, Security.ON, writes=2)
    assert (book.afi, book.eas) == (0x07, True)


@pytest.mark.parametrize("custom_commands", [True, False])
@pytest.mark.parametrize(
    ("afi", "eas", "expected"),
    [
        (0x07, True, Security.ON),
        (0xC2, False, Security.OFF),
        (0x07, False, Security.OTHER),
        (0xC2, True, Security.OTHER),
    ],
)
def test_where_gates_listen_for_eas_a_book_is_read_with_both_marks(
    rig: Rig, custom_commands: bool, afi: int, eas: bool, expected: Security
) -> None:
    rig.scheme = WITH_EAS
    rig.build(ReaderTraits(custom_commands=custom_commands))
    [book] = rig.lay(a_tag(1))
    book.afi, book.eas = afi, eas
    image = rig.run(lambda pad: pad.read(book.uid, rig.by()))
    assert (image.afi, image.eas) == (afi, eas)
    assert WITH_EAS.read_as(afi, image.eas).state is expected


def test_where_gates_do_not_listen_for_eas_nobody_asks_for_it(rig: Rig) -> None:
    [book] = rig.lay(a_tag(1))
    book.eas = True
    assert rig.run(lambda pad: pad.read(book.uid, rig.by())).eas is None
    assert not any(isinstance(request, Eas) for request in rig.sim.requests)


def test_a_book_taken_away_while_its_marks_are_read_is_not_read(rig: Rig) -> None:
    rig.scheme = WITH_EAS
    [book] = rig.lay(a_tag(1))
    rig.field.plan(Op.READ_EAS, AirFault.LIFTED_BEFORE)
    with pytest.raises(TagGone):
        rig.run(lambda pad: pad.read(book.uid, rig.by()))


def test_the_silence_of_a_book_taken_away_is_not_taken_for_eas_off(rig: Rig) -> None:
    rig.scheme = WITH_EAS
    [book] = rig.lay(a_tag(1))
    book.afi, book.eas = 0xC2, True
    rig.field.plan(Op.READ_EAS, AirFault.LIFTED_BEFORE)
    proof = rig.run(lambda pad: pad.release(book.uid, rig.by()))
    assert proof == NotWritten(uid=book.uid, before=None, cause="tag-gone")


def test_one_missed_alarm_is_not_taken_for_eas_off(rig: Rig) -> None:
    rig.scheme = WITH_EAS
    [book] = rig.lay(a_tag(1))
    book.afi, book.eas = 0xC2, True
    rig.field.plan(Op.READ_EAS, AirFault.DEAF)
    proof = rig.run(lambda pad: pad.release(book.uid, rig.by()))
    assert isinstance(proof, Proven)
    assert proof.state is Security.OFF
    assert not book.eas


def test_a_book_taken_away_between_the_two_marks_is_a_doubt(rig: Rig) -> None:
    rig.scheme = WITH_EAS
    [book] = rig.lay(a_tag(1))
    book.eas = True
    rig.field.plan(Op.WRITE_EAS, AirFault.LIFTED_BEFORE)
    assert isinstance(rig.run(lambda pad: pad.release(book.uid, rig.by())), Unknown)
    assert (book.afi, book.eas) == (0xC2, True)


# -- any bad afternoon -----------------------------------------------------------------------------------------------


def bad_afternoon(rig: Rig, rounds: int) -> set[str]:
    """Lends and returns six books on a bad wire and with bad hands; every proof is compared with the tag itself, and
    with whether a write ever reached the reader. Returns the kinds of proof that were heard."""
    rig.mischief.chance = {fault: 0.01 for fault in PASSING if fault is not WireFault.LATE}
    rig.field.chance = dict.fromkeys(Op, 0.1)
    books = rig.lay(*(a_tag(number) for number in range(6)))
    told: set[str] = set()
    for step in range(rounds * len(books)):
        book = books[step % len(books)]
        if step % 5 == 0:
            rig.field.plan(Op.WRITE_AFI, AirFault.LIFTED_AFTER if step % 2 else AirFault.LIFTED_BEFORE)
        if step % 7 == 0:
            rig.field.plan(Op.INFO, AirFault.LIFTED_BEFORE)
        before, sent, off = book.afi, writes(rig), step // len(books) % 2 == 0
        proof = rig.run(lambda pad: (pad.release if off else pad.secure)(book.uid, rig.by()))  # noqa: B023
        told.add(type(proof).__name__)
        match proof:
            case Proven(state=Security.ON):
                assert book.afi == 0x07
            case Proven():
                assert book.afi == 0xC2
            case NotWritten():
                assert (book.afi, writes(rig)) == (before, sent)
            case Unknown():
                assert proof.cause
        rig.field.put(book)
    return told


def test_on_a_bad_afternoon_no_proof_is_ever_a_lie(rig: Rig) -> None:
    assert bad_afternoon(rig, rounds=6) == {"Proven", "NotWritten", "Unknown"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200))
def test_in_a_bad_year_no_proof_is_ever_a_lie(seed: int) -> None:
    rig = PipeRig()
    rig.field = Field(random.Random(seed))
    rig.mischief = Mischief(random.Random(seed + 1))
    rig.build(ReaderTraits())
    bad_afternoon(rig, rounds=40)


def test_errors_name_the_device_and_a_code(rig: Rig) -> None:
    rig.mischief.always = WireFault.TRUNCATED
    with pytest.raises(DriverError) as caught:
        rig.run(lambda pad: pad.identify(rig.by()))
    assert caught.value.device == "pad"
    assert caught.value.code in ("noise", "mute")
