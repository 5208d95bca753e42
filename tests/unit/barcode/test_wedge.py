from __future__ import annotations

import itertools
import os
import random
import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.barcode import Scan, Scanned, ScanUnreadable, WhyUnreadable
from drivers.barcode.wedge import WedgeScanner, WedgeSettings, keys, open_wedge
from drivers.barcode.wedge.device import EventFile
from drivers.barcode.wedge.protocol import EV_KEY, EVENT, EventCutter, InputEvent, Typist
from drivers.barcode.wedge.sim import LEFT_SHIFT, WedgeSetup, WedgeSim
from drivers.clock import ThreadHub, VirtualHub
from drivers.errors import LinkLost
from drivers.link import pipe

BOOK = "D0001234"
GARBAGE_RUNS = 1_000_000
LEFT_ALT = 56
KEY_A = 30
KEY_F1 = 59


def _read(act: Callable[[VirtualHub, WedgeSim], None], settings: WedgeSettings | None = None) -> list[Scan]:
    """What a scanner gives for what its keys do, as they do it."""
    hub = VirtualHub()
    near, far = pipe(hub)
    scans: list[Scan] = []

    def host() -> None:
        scanner = WedgeScanner(near, hub, settings)
        while (scan := scanner.read(60.0)) is not None:
            scans.append(scan)

    hub.spawn("host", host)
    hub.spawn("scanner", lambda: act(hub, WedgeSim(far.write, hub)))
    hub.run(120.0)
    return scans


def test_an_event_of_the_kernel_is_understood() -> None:
    # As written by Linux on a 64-bit machine: 'a' pressed at 1795305600.25.
    raw = struct.pack("<qqHHi", 1795305600, 250000, 1, 30, 1)
    assert len(raw) == EVENT.size
    assert EventCutter().feed(raw) == [InputEvent(1795305600.25, EV_KEY, KEY_A, 1)]


def test_shift_makes_capitals_and_signs_and_is_over_when_released() -> None:
    def act(hub: VirtualHub, sim: WedgeSim) -> None:
        sim.stroke(KEY_A, LEFT_SHIFT)
        sim.stroke(KEY_A)
        sim.stroke(2, LEFT_SHIFT)
        sim.stroke(2)
        sim.stroke(keys.KEY_ENTER)

    assert _read(act) == [Scanned(text="Aa!1")]


def test_caps_lock_turns_letters_and_leaves_digits() -> None:
    def act(hub: VirtualHub, sim: WedgeSim) -> None:
        sim.stroke(keys.KEY_CAPSLOCK)
        sim.stroke(KEY_A)
        sim.stroke(KEY_A, LEFT_SHIFT)
        sim.stroke(2)
        sim.stroke(keys.KEY_CAPSLOCK)
        sim.stroke(KEY_A)
        sim.stroke(keys.KEY_ENTER)

    assert _read(act) == [Scanned(text="Aa1a")]


@pytest.mark.parametrize("end", sorted(keys.ENDS))
def test_enter_and_tab_end_a_code(end: int) -> None:
    def act(hub: VirtualHub, sim: WedgeSim) -> None:
        sim.setup.end = end
        sim.scan(BOOK)
        sim.scan(BOOK)

    assert _read(act) == [Scanned(text=BOOK)] * 2


@pytest.mark.parametrize(
    ("code", "held"), [(KEY_F1, ()), (KEY_A, (LEFT_ALT,)), (KEY_A, (29,))], ids=["F1", "Alt", "Ctrl"]
)
def test_a_key_that_types_no_character_spoils_its_code_and_no_other(code: int, held: tuple[int, ...]) -> None:
    def act(hub: VirtualHub, sim: WedgeSim) -> None:
        sim.tear(BOOK, after=4)
        sim.stroke(code, *held)
        sim.scan("1234")
        sim.scan("7777")

    assert _read(act) == [ScanUnreadable(why=WhyUnreadable.GARBAGE), Scanned(text="7777")]


def test_keys_lost_by_the_system_are_told_and_spoil_the_code() -> None:
    def act(hub: VirtualHub, sim: WedgeSim) -> None:
        sim.tear(BOOK, after=4)
        sim.drop()
        sim.scan("1234")
        sim.scan("7777")

    assert _read(act) == [ScanUnreadable(why=WhyUnreadable.LOST), Scanned(text="7777")]


def test_a_shift_that_was_held_when_keys_were_lost_is_not_held_for_ever() -> None:
    def act(hub: VirtualHub, sim: WedgeSim) -> None:
        sim.send(EVENT.pack(0, 0, EV_KEY, LEFT_SHIFT, 1))
        sim.drop()
        sim.stroke(keys.KEY_ENTER)
        sim.scan("7777")

    assert _read(act)[-1] == Scanned(text="7777")


def test_the_repeats_of_a_key_that_hangs_are_not_typed() -> None:
    def act(hub: VirtualHub, sim: WedgeSim) -> None:
        for value in (1, 2, 2, 2, 0):
            sim.send(EVENT.pack(0, 0, EV_KEY, KEY_A, value))
        sim.stroke(keys.KEY_ENTER)

    assert _read(act) == [Scanned(text="a")]


def test_two_codes_without_end_that_arrive_at_once_are_told_apart_by_their_times() -> None:
    typist = Typist(gap_s=0.1, gap_ends=True, length_max=99)
    typed = [
        text
        for at_s, code in [(1.0, 2), (1.01, 3), (1.5, 4), (1.51, 5)]
        for text in typist.feed(InputEvent(at_s, EV_KEY, code, 1))
    ]
    assert typed + typist.pause() == ["12", "34"]


def test_a_wall_clock_that_is_put_back_does_not_tear_a_code() -> None:
    typist = Typist(gap_s=0.1, gap_ends=False, length_max=99)
    events = [(5000.0, 2), (5000.01, 3), (12.0, 4), (12.01, keys.KEY_ENTER)]
    assert [t for at_s, code in events for t in typist.feed(InputEvent(at_s, EV_KEY, code, 1))] == ["123"]


def _torn_then_whole(hub: VirtualHub, sim: WedgeSim) -> None:
    sim.tear(BOOK, after=5)
    hub.wait_until(hub.now() + 1.0)
    sim.scan("7777")


def _no_foreign_code(settings: WedgeSettings) -> None:
    told = [scan.text for scan in _read(_torn_then_whole, settings) if isinstance(scan, Scanned)]
    assert told == ["7777"]


def test_a_torn_code_is_neither_told_nor_glued_to_the_next() -> None:
    _no_foreign_code(WedgeSettings())


@pytest.mark.parametrize(
    "broken", [WedgeSettings(gap_s=3600.0), WedgeSettings(gap_ends=True)], ids=["no gap", "half codes"]
)
def test_a_driver_that_glues_or_halves_codes_would_be_caught(broken: WedgeSettings) -> None:
    with pytest.raises(AssertionError):
        _no_foreign_code(broken)


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=6))
def test_events_are_cut_the_same_for_every_split(data: bytes, cuts: list[int]) -> None:
    cutter, events = EventCutter(), list[InputEvent]()
    for start, end in itertools.pairwise([0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]):
        events += cutter.feed(data[start:end])
    assert events == EventCutter().feed(data)


@given(st.text(alphabet="".join(char for pair in keys.US.values() for char in pair) + "\x1d", min_size=1, max_size=30))
def test_what_the_sheet_can_type_is_read_as_it_was_typed(text: str) -> None:
    sent: list[bytes] = []
    WedgeSim(sent.append, VirtualHub(), WedgeSetup()).scan(text)
    typist = Typist(gap_s=0.1, gap_ends=False, length_max=99)
    assert [typed for event in EventCutter().feed(b"".join(sent)) for typed in typist.feed(event)] == [text]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 120), st.integers(-1, 3)), max_size=60))
def test_no_keys_make_the_typist_raise_or_grow(presses: list[tuple[int, int, int]]) -> None:
    typist = Typist(gap_s=0.1, gap_ends=False, length_max=9)
    for kind, code, value in presses:
        for typed in typist.feed(InputEvent(0.0, kind, code, value)):
            assert typed
            assert isinstance(typed, WhyUnreadable) or len(typed) <= 9


def test_a_scanner_that_is_not_there_is_a_lost_link() -> None:
    with pytest.raises(LinkLost, match="cannot open"):
        open_wedge("/dev/input/by-id/no-such-scanner", clock=ThreadHub())


def test_a_keyboard_scanner_takes_no_bytes_and_closes_once() -> None:
    read_end, write_end = os.pipe()
    closed: list[int] = []
    link = EventFile("scanner", read_end, lambda: closed.append(1), ThreadHub())
    with pytest.raises(LinkLost):
        link.write(b"x")
    link.close()
    link.close()
    with pytest.raises(LinkLost):
        link.read(0.0)
    os.close(read_end)
    os.close(write_end)
    assert closed == [1]


@pytest.mark.slow
def test_a_million_random_events_raise_nothing() -> None:
    dice = random.Random(24)
    typist, cutter = Typist(gap_s=0.1, gap_ends=False, length_max=40), EventCutter()
    typed = 0
    for _ in range(GARBAGE_RUNS // 10):
        for event in cutter.feed(dice.randbytes(dice.randint(0, 60))):
            typist.feed(event)
    for run in range(GARBAGE_RUNS):
        event = InputEvent(run * 0.001, dice.choice((0, 1, 1, 1, 4)), dice.randint(0, 130), dice.randint(0, 2))
        typed += len(typist.feed(event))
    assert typed > GARBAGE_RUNS // 1000
