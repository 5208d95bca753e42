"""A trace says what passed over a wire, hides what it must, and plays back as the device."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.capture import Entry, Recorder, Replay, TraceMismatch, Way, hide_all, parse
from drivers.clock import VirtualHub
from drivers.errors import LinkLost
from drivers.link import Link, pipe
from drivers.rfid.contract import SecurityScheme
from drivers.rfid.feig import FeigPad
from drivers.rfid.feig.protocol import Frame, Framer, encode_frame
from drivers.rfid.feig.sim import LIFELIKE, FeigSim
from drivers.rfid.field import Field, Op, a_tag
from drivers.rfid.mischief import Mischief, WireFault

SCHEME = SecurityScheme(afi_on=0x07, afi_off=0xC2)


def pad_story(link: Link, hub: VirtualHub) -> list[object]:
    pad = FeigPad(link, hub, SCHEME)
    uid = pad.inventory(hub.now() + 9.0)[0]
    return [pad.identify(hub.now() + 9.0), pad.read(uid, hub.now() + 9.0), pad.release(uid, hub.now() + 9.0)]


def record() -> tuple[list[str], list[object], float]:
    """A pad story on a bad wire: trace, results, and when it ended."""
    hub = VirtualHub()
    field, mischief = Field(), Mischief()
    field.put(a_tag(1, b"a book"))
    mischief.plan(WireFault.WRONG_CRC, on=Op.READ)
    mischief.plan(WireFault.ANSWER_LOST, on=Op.WRITE_AFI)
    near, far = pipe(hub)
    sim = FeigSim(hub, field, LIFELIKE, mischief)
    hub.spawn("reader", lambda: sim.serve(far))
    lines: list[str] = []
    results: list[object] = []
    ended: list[float] = []

    def host() -> None:
        results.extend(pad_story(Recorder(near, hub, lines.append), hub))
        ended.append(hub.now())

    hub.spawn("host", host)
    hub.run(60.0)
    return lines, results, ended[0]


def test_a_recorded_afternoon_plays_back_to_the_same_results_at_the_same_pace() -> None:
    lines, results, ended = record()
    hub = VirtualHub()
    replay = Replay(parse(lines), hub)
    again: list[object] = []
    finished: list[float] = []

    def host() -> None:
        again.extend(pad_story(replay, hub))
        finished.append(hub.now())

    hub.spawn("host", host)
    hub.run(60.0)
    assert again == results
    assert replay.finished
    assert finished[0] == pytest.approx(ended, abs=1e-3)


def test_a_driver_that_says_something_else_than_the_recorded_one_is_found_out() -> None:
    lines, _, _ = record()
    entries = list(parse(lines))
    first = next(index for index, entry in enumerate(entries) if entry.way is Way.TX)
    entries[first] = Entry(t=0.0, way=Way.TX, data=b"\x05\xff\x99\x00\x00")
    hub = VirtualHub()
    hub.spawn("host", lambda: void(pad_story(Replay(entries, hub), hub)))
    with pytest.raises(TraceMismatch, match="05ff990000"):
        hub.run(60.0)


def void(_: object) -> None:
    """A task returns nothing."""


def test_a_driver_that_talks_out_of_turn_is_found_out() -> None:
    hub = VirtualHub()
    replay = Replay(parse(['{"t": 0, "way": "rx", "hex": "aa"}']), hub)
    with pytest.raises(TraceMismatch, match="recorded rx aa"):
        replay.write(b"\x01")
    with pytest.raises(TraceMismatch, match="the end"):
        Replay((), hub).write(b"\x01")


def test_a_wire_lost_in_the_field_is_lost_in_the_replay() -> None:
    hub = VirtualHub()
    near, far = pipe(hub)
    lines: list[str] = []
    heard: list[str] = []

    def host() -> None:
        recorder = Recorder(near, hub, lines.append)
        recorder.write(b"\x01")
        far.close()
        ask(recorder)
        replay = Replay(parse(lines), hub)
        replay.write(b"\x01")
        ask(replay)

    def ask(link: Link) -> None:
        with pytest.raises(LinkLost) as lost:
            link.read(hub.now() + 1.0)
        heard.append(lost.value.code)

    hub.spawn("host", host)
    hub.run(10.0)
    assert heard == ["hangup", "lost"]
    assert json.loads(lines[-1])["way"] == "lost"


def test_where_the_trace_has_the_driver_speak_the_device_is_silent_until_the_deadline() -> None:
    hub = VirtualHub()
    replay = Replay(parse(['{"t": 0, "way": "tx", "hex": "01"}', '{"t": 3, "way": "rx", "hex": "02"}']), hub)
    heard: list[tuple[float, bytes]] = []

    def host() -> None:
        heard.append((hub.now(), replay.read(hub.now() + 1.0)))
        replay.write(b"\x01")
        heard.append((hub.now(), replay.read(hub.now() + 1.0)))
        heard.append((hub.now(), replay.read(hub.now() + 5.0)))
        with pytest.raises(LinkLost, match="end"):
            replay.read(hub.now() + 1.0)

    hub.spawn("host", host)
    hub.run(20.0)
    assert [data for _, data in heard] == [b"", b"", b"\x02"]
    assert (hub.now(), replay.finished) == (20.0, True)


def test_one_write_may_be_played_back_in_pieces() -> None:
    replay = Replay(
        parse(['{"t": 0, "way": "tx", "hex": "010203"}', '{"t": 0, "way": "tx", "hex": "04"}']), VirtualHub()
    )
    replay.write(b"\x01")
    assert not replay.finished
    replay.write(b"\x02\x03\x04")
    assert replay.finished
    with pytest.raises(TraceMismatch):
        Replay(parse(['{"t": 0, "way": "tx", "hex": "010203"}']), VirtualHub()).write(b"\x01\x09")


class HideUids:
    """What a family with reader data does: holds a stream back until a frame is whole, then blanks the secret."""

    def __init__(self) -> None:
        self._framers = {Way.TX: Framer(5), Way.RX: Framer(6)}

    def __call__(self, way: Way, data: bytes) -> bytes:
        out = b""
        for item in self._framers[way].feed(data):
            if isinstance(item, Frame):
                hidden = Frame(address=item.address, command=item.command, body=bytes(len(item.body)))
                out += encode_frame(hidden)
        return out


@given(st.binary(min_size=8, max_size=8).filter(lambda uid: len(set(uid)) > 4), st.integers(1, 15))
def test_a_card_number_never_lands_in_the_trace_however_the_wire_cuts_it(uid: bytes, piece: int) -> None:
    hub = VirtualHub()
    near, far = pipe(hub)
    lines: list[str] = []
    recorder = Recorder(near, hub, lines.append, HideUids())
    raw = encode_frame(Frame(address=0, command=0xB0, body=b"\x00" + uid))

    def host() -> None:
        recorder.write(raw)
        for start in range(0, len(raw), piece):
            far.write(raw[start : start + piece])
            recorder.read(hub.now() + 1.0)

    hub.spawn("host", host)
    hub.run(100.0)
    for entry in parse(lines):
        assert all(uid[at : at + 3] not in entry.data for at in range(6))
    assert len(lines) == 2


def test_a_wire_of_secrets_keeps_only_its_times_and_lengths() -> None:
    hub = VirtualHub()
    near, _ = pipe(hub)
    lines: list[str] = []
    Recorder(near, hub, lines.append, hide_all).write(b"\xde\xad\xbe\xef")
    assert parse(lines) == (Entry(t=0.0, way=Way.TX, data=bytes(4)),)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(Way), st.binary(max_size=20)), max_size=5))
def test_a_trace_comes_back_as_it_was_written(entries: list[tuple[int, Way, bytes]]) -> None:
    lines = [json.dumps({"t": ms / 1000, "way": way.value, "hex": data.hex()}) for ms, way, data in entries]
    assert [(entry.way, entry.data) for entry in parse(lines)] == [(way, data) for _, way, data in entries]


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"t": 0}', '{"t": 0, "way": "up", "hex": ""}', '{"t": 0, "way": "tx", "hex": "0"}']
)
def test_a_damaged_trace_names_its_line(line: str) -> None:
    with pytest.raises(ValueError, match="line 2"):
        parse(["", line])
