"""The simulated reader answers as the manuals say, byte by byte."""

from __future__ import annotations

import pytest

from drivers.clock import VirtualHub
from drivers.link import Link, pipe
from drivers.rfid.contract import TagUid
from drivers.rfid.feig.commands import (
    Eas,
    Inventory,
    RfReset,
    SystemInfo,
    parse_answer,
    parse_inventory,
    request_frame,
)
from drivers.rfid.feig.protocol import Frame, Framer, Status, encode_frame
from drivers.rfid.feig.sim import LIFELIKE, FeigSim, ReaderTraits
from drivers.rfid.field import Field, Tag, a_tag
from tests.unit.feig.test_protocol import VECTORS

UID = TagUid("E004010012345678")


class Bench:
    """A reader on a pipe, asked with raw bytes."""

    def __init__(self, traits: ReaderTraits = ReaderTraits()) -> None:  # noqa: B008  a frozen value
        self.hub = VirtualHub()
        self.field = Field()
        self.sim = FeigSim(self.hub, self.field, traits)
        near, far = pipe(self.hub)
        self.near: Link = near
        self.hub.spawn("reader", lambda: self.sim.serve(far))

    def ask(self, *writes: bytes, pause_s: float = 0.0) -> bytes:
        """What the reader sends within a second of the last write."""
        heard: list[bytes] = []

        def host() -> None:
            for data in writes:
                self.near.write(data)
                self.hub.wait_until(self.hub.now() + pause_s)
            by = self.hub.now() + 1.0
            while chunk := self.near.read(by):
                heard.append(chunk)

        self.hub.spawn("host", host)
        self.hub.run(self.hub.now() + 5.0)
        return b"".join(heard)


def answer_to(bench: Bench, raw: bytes) -> tuple[int, bytes]:
    [frame] = Framer().feed(bench.ask(raw))
    assert isinstance(frame, Frame)
    answer = parse_answer(frame)
    assert answer is not None
    return answer.status, answer.data


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_the_reader_answers_every_published_request(vector: dict[str, object]) -> None:
    bench = Bench()
    bench.field.put(Tag(uid=UID))
    status, _ = answer_to(bench, bytes.fromhex(str(vector["hex"])))
    assert status == Status.OK


def test_a_damaged_request_gets_no_answer() -> None:
    raw = bytearray.fromhex(VECTORS[0]["hex"])
    raw[-1] ^= 0x80
    assert Bench().ask(bytes(raw)) == b""


def test_half_a_request_is_forgotten_and_the_next_one_is_heard() -> None:
    raw = bytes.fromhex(VECTORS[0]["hex"])
    assert len(Framer().feed(Bench().ask(raw[:3], raw, pause_s=0.1))) == 1


def test_a_request_for_another_reader_gets_no_answer() -> None:
    assert Bench().ask(encode_frame(Frame(address=5, command=0x65))) == b""


def test_a_request_before_the_gap_has_passed_is_not_heard() -> None:
    raw = bytes.fromhex(VECTORS[0]["hex"])
    patient, hasty = Bench(LIFELIKE), Bench(LIFELIKE)
    assert len(Framer().feed(patient.ask(raw, raw, pause_s=0.02))) == 2
    assert len(Framer().feed(hasty.ask(raw, raw, pause_s=0.004))) == 1


def test_a_reported_tag_stays_silent_until_the_field_was_off() -> None:
    bench = Bench()
    bench.field.put(a_tag(1))
    inventory = encode_frame(request_frame(Inventory()))
    assert answer_to(bench, inventory)[0] == Status.OK
    assert answer_to(bench, inventory)[0] == Status.NO_TRANSPONDER
    answer_to(bench, encode_frame(request_frame(RfReset())))
    assert parse_inventory(answer_to(bench, inventory)[1]) == (a_tag(1).uid,)


def test_a_tag_that_was_lifted_and_laid_down_again_is_reported_again() -> None:
    bench = Bench()
    bench.field.put(a_tag(1))
    inventory = encode_frame(request_frame(Inventory()))
    answer_to(bench, inventory)
    bench.field.put(bench.field.lift(a_tag(1).uid))
    assert answer_to(bench, inventory)[0] == Status.OK


def test_a_missing_tag_and_an_eas_bit_that_is_off_sound_the_same() -> None:
    bench = Bench()
    bench.field.put(Tag(uid=UID, eas=False))
    alarm = encode_frame(request_frame(Eas(uid=UID, code=0xA5)))
    silent = answer_to(bench, alarm)
    bench.field.lift(UID)
    assert answer_to(bench, alarm) == silent == (Status.NO_TRANSPONDER, b"")
    assert answer_to(bench, encode_frame(request_frame(SystemInfo(UID))))[0] == Status.NO_TRANSPONDER


def test_an_advanced_request_gets_an_advanced_answer() -> None:
    [frame] = Framer().feed(Bench().ask(encode_frame(request_frame(RfReset(), advanced=True))))
    assert isinstance(frame, Frame)
    assert frame.advanced


def test_a_book_moved_to_another_pad_is_found_only_there() -> None:
    here, there = Field(), Field()
    changes: list[str] = []
    there.on_change = lambda: changes.append("there")
    here.put(a_tag(1))
    here.move(a_tag(1).uid, there)
    assert (here.tags, len(there.tags), changes) == ((), 1, ["there"])
