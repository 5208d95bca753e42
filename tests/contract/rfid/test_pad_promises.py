"""What every book pad promises, shown on every way to reach one - with -m hardware on a real reader too."""

from __future__ import annotations

from drivers.rfid.contract import NotWritten, Proven, Security
from drivers.rfid.field import a_tag
from tests.contract.rfid.rigs import Rig, is_proven

TITLE = bytes(range(1, 113))


def test_a_pad_says_who_it_is(any_rig: Rig) -> None:
    first = any_rig.run(lambda pad: pad.identify(any_rig.by()))
    assert first.family == "feig"
    assert first.model
    assert first.firmware
    assert any_rig.run(lambda pad: pad.identify(any_rig.by())) == first


def test_books_that_stay_on_the_pad_are_found_by_every_scan(any_rig: Rig) -> None:
    laid = any_rig.lay(a_tag(1), a_tag(2), a_tag(3))
    scans = any_rig.run(lambda pad: [pad.inventory(any_rig.by()) for _ in range(3)])
    assert scans[0]
    assert scans[0] == scans[1] == scans[2] == tuple(sorted(set(scans[0])))
    assert not laid or scans[0] == tuple(tag.uid for tag in laid)


def test_every_book_on_the_pad_is_read_whole(any_rig: Rig) -> None:
    laid = any_rig.lay(a_tag(1, TITLE), a_tag(2, TITLE[::-1]))
    images = any_rig.run(lambda pad: [pad.read(uid, any_rig.by()) for uid in pad.inventory(any_rig.by())])
    assert images
    assert all(len(image.memory) == image.block_size * image.blocks for image in images)
    assert not laid or [image.memory for image in images] == [TITLE, TITLE[::-1]]


def test_a_book_lent_and_returned_passes_the_gate_and_then_rings_it(any_rig: Rig) -> None:
    any_rig.lay(a_tag(1))
    [uid, *_] = any_rig.run(lambda pad: pad.inventory(any_rig.by()))
    for wanted in (Security.OFF, Security.ON, Security.OFF, Security.ON):
        off = wanted is Security.OFF
        proof = any_rig.run(
            lambda pad, off=off: (pad.release if off else pad.secure)(uid, any_rig.by())  # type: ignore[misc]
        )
        assert isinstance(proof, Proven)
        assert proof.state is wanted
        assert any_rig.run(lambda pad: pad.security(uid, any_rig.by())).state is wanted


def test_a_book_that_is_as_wanted_is_not_written_again(any_rig: Rig) -> None:
    any_rig.lay(a_tag(1))
    [uid, *_] = any_rig.run(lambda pad: pad.inventory(any_rig.by()))
    any_rig.run(lambda pad: pad.secure(uid, any_rig.by()))
    assert is_proven(any_rig.run(lambda pad: pad.secure(uid, any_rig.by())), Security.ON, writes=0)


def test_a_book_that_is_not_there_is_not_written(any_rig: Rig) -> None:
    absent = a_tag(0xFFFFFFFF).uid
    proof = any_rig.run(lambda pad: pad.release(absent, any_rig.by()))
    assert proof == NotWritten(uid=absent, before=None, cause="tag-gone")


def test_the_self_test_counts_the_books_on_the_pad(any_rig: Rig) -> None:
    laid = any_rig.lay(a_tag(1), a_tag(2), a_tag(3))
    numbers = any_rig.run(lambda pad: pad.self_test(any_rig.by()))
    assert numbers.tags_found == numbers.tags_read > 0
    assert not laid or numbers.tags_read == 3
