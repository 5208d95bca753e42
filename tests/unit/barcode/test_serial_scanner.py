from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.barcode import Scan, Scanned, ScanUnreadable, WhyUnreadable
from drivers.barcode.serial_scanner import SerialScanner, SerialSettings
from drivers.barcode.serial_scanner.protocol import Cutter, Piece, TooLong
from drivers.barcode.serial_scanner.sim import ScannerSetup, SerialScannerSim
from drivers.clock import VirtualHub
from drivers.link import pipe

BOOK = "D0001234"
GARBAGE_RUNS = 1_000_000


def _read(
    act: Callable[[VirtualHub, SerialScannerSim], None], settings: SerialSettings, setup: ScannerSetup
) -> list[Scan]:
    """What a scanner gives for what its far end does, as the far end does it."""
    hub = VirtualHub()
    near, far = pipe(hub)
    scans: list[Scan] = []

    def host() -> None:
        scanner = SerialScanner(near, hub, settings)
        while (scan := scanner.read(60.0)) is not None:
            scans.append(scan)

    hub.spawn("host", host)
    hub.spawn("scanner", lambda: act(hub, SerialScannerSim(far.write, setup)))
    hub.run(120.0)
    return scans


def _scan_all(*texts: str) -> Callable[[VirtualHub, SerialScannerSim], None]:
    def act(hub: VirtualHub, sim: SerialScannerSim) -> None:
        for text in texts:
            sim.scan(text)

    return act


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\t"], ids=["CR", "LF", "CR LF", "TAB"])
def test_every_usual_end_character_ends_a_code_once(end: bytes) -> None:
    scans = _read(_scan_all(BOOK, BOOK), SerialSettings(), ScannerSetup(end=end))
    assert scans == [Scanned(text=BOOK), Scanned(text=BOOK)]


def test_a_tab_inside_a_code_passes_where_the_site_ends_codes_by_cr_only() -> None:
    scans = _read(_scan_all("学号\t姓名"), SerialSettings(ends=b"\r"), ScannerSetup())
    assert scans == [Scanned(text="学号\t姓名")]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_chinese_in_a_qr_code_passes_in_the_encoding_of_the_site(encoding: str) -> None:
    scans = _read(_scan_all("校园码：借书"), SerialSettings(encoding=encoding), ScannerSetup(encoding=encoding))
    assert scans == [Scanned(text="校园码：借书")]


def test_bytes_of_another_encoding_are_unreadable_and_not_guessed() -> None:
    scans = _read(_scan_all("借书", BOOK), SerialSettings(), ScannerSetup(encoding="gb18030"))
    assert scans == [ScanUnreadable(why=WhyUnreadable.GARBAGE), Scanned(text=BOOK)]


def _torn_then_whole(hub: VirtualHub, sim: SerialScannerSim) -> None:
    sim.tear(BOOK, after=5)
    hub.wait_until(hub.now() + 1.0)
    sim.scan("7777")


def _no_foreign_code(settings: SerialSettings) -> None:
    """Of a torn code and a whole one only the whole one is told: neither the half nor the two glued together."""
    told = [scan.text for scan in _read(_torn_then_whole, settings, ScannerSetup()) if isinstance(scan, Scanned)]
    assert told == ["7777"]


def test_a_torn_code_is_neither_told_nor_glued_to_the_next() -> None:
    _no_foreign_code(SerialSettings())


@pytest.mark.parametrize(
    "broken", [SerialSettings(gap_s=math.inf), SerialSettings(gap_ends=True)], ids=["no gap", "half codes"]
)
def test_a_driver_that_glues_or_halves_codes_would_be_caught(broken: SerialSettings) -> None:
    with pytest.raises(AssertionError):
        _no_foreign_code(broken)


def test_a_slow_line_does_not_tear_a_code() -> None:
    def act(hub: VirtualHub, sim: SerialScannerSim) -> None:
        for byte in f"{BOOK}\r".encode():
            sim.send(bytes([byte]))
            hub.wait_until(hub.now() + 0.19)

    assert _read(act, SerialSettings(gap_s=0.2), ScannerSetup()) == [Scanned(text=BOOK)]


def test_a_line_that_babbles_does_not_keep_its_reader_past_the_deadline() -> None:
    hub = VirtualHub()
    near, far = pipe(hub)
    ended: list[float] = []

    def babble() -> None:
        while not ended:
            far.write(b"x" * 100)
            hub.wait_until(hub.now() + 0.01)

    def host() -> None:
        assert SerialScanner(near, hub).read(3.0) is None
        ended.append(hub.now())

    hub.spawn("babble", babble)
    hub.spawn("host", host)
    hub.run(10.0)
    assert ended
    assert ended[0] <= 3.01


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=6))
def test_bytes_are_cut_the_same_for_every_split(data: bytes, cuts: list[int]) -> None:
    whole = Cutter(20).feed(data)
    cutter, pieces = Cutter(20), list[Piece]()
    for start, end in itertools.pairwise([0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]):
        pieces += cutter.feed(data[start:end])
    assert pieces == whole


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\r\n\t", exclude_categories=["Cs"]), min_size=1)))
def test_codes_that_were_sent_come_out_again(codes: list[str]) -> None:
    stream = b"".join(code.encode() + b"\r\n" for code in codes)
    assert Cutter(4096).feed(stream) == [code.encode() for code in codes]


def test_an_overrun_is_told_once_and_keeps_nothing() -> None:
    cutter = Cutter(8)
    assert cutter.feed(b"x" * 100_000) == []
    assert len(cutter._buffer) <= 8
    assert cutter.feed(b"\r") == [TooLong()]
    assert cutter.feed(b"ok\r") == [b"ok"]


@pytest.mark.slow
def test_a_million_pieces_of_garbage_raise_nothing() -> None:
    dice = random.Random(15424)
    hub = VirtualHub()
    near, far = pipe(hub)
    scanner = SerialScanner(near, hub)
    good = 0

    def host() -> None:
        nonlocal good
        for run in range(GARBAGE_RUNS):
            piece = dice.randbytes(dice.randint(1, 12))
            far.write(piece if run % 10 else b"\rD0001234\r")
            while (scan := scanner.read(hub.now())) is not None:
                good += scan == Scanned(text=BOOK)

    hub.spawn("host", host)
    hub.run(1.0)
    assert good == GARBAGE_RUNS // 10
