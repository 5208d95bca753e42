"""A technician's look at each device: real drivers, real frames, and the number of each fault."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from drivers.barcode.serial_scanner import SerialScanner
from drivers.card.pn532.driver import Pn532Reader
from drivers.clock import VirtualHub
from drivers.errors import DriverError, LinkLost
from drivers.link import Link, pipe
from drivers.receipt import PrinterError
from drivers.receipt.escpos import EscposPrinter, EscposProfile
from drivers.rfid.contract import SecurityScheme
from drivers.rfid.feig.driver import FeigPad
from drivers.rfid.field import Op
from kiosk.diag import Finding, State, look_at_card, look_at_pad, look_at_printer, look_at_scanner, trouble
from kiosk.machine.simulate import SimBench, SimBook

CARD = "04FA944D8F5CD9"
BOOKS = tuple(SimBook(uid=f"E0040153853800{n:02X}", item=f"T000000{n}") for n in range(5))


@dataclass
class Bench:
    """Simulated devices in virtual time; a look runs as a task, as everything that blocks does."""

    hub: VirtualHub = field(default_factory=VirtualHub)

    def __post_init__(self) -> None:
        self.sim = SimBench(self.hub, random.Random(1))

    def look(self, look: Callable[[], Finding]) -> Finding:
        found: list[Finding] = []
        self.hub.spawn("look", lambda: found.append(look()))
        self.hub.run(self.hub.now() + 60.0)
        return found[0]

    def at(self, part: str) -> Finding:
        """What a technician is told of this part."""

        def look() -> Finding:
            try:
                return self._look(part, self.sim.wires[part]() if part != "printer" else None)
            except DriverError as error:
                return trouble(part, error)

        return self.look(look)

    def _look(self, part: str, link: Link | None) -> Finding:
        match part, link:
            case "pad", link if link is not None:
                return look_at_pad(FeigPad(link, self.hub, SecurityScheme(afi_on=7, afi_off=0xC2)), self.hub)
            case "card", link if link is not None:
                return look_at_card(Pn532Reader(link, self.hub), self.hub)
            case "scanner", link if link is not None:
                return look_at_scanner(SerialScanner(link, self.hub), self.hub, 5.0)
            case _:
                return look_at_printer(self.printer(), self.hub, page=self.page)

    page = False

    def printer(self) -> EscposPrinter:
        return EscposPrinter("printer", self.sim.wires["printer"], self.hub, EscposProfile(model="default"))


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_good_pad_says_who_it_is_and_how_many_tags_it_reads_how_fast(bench: Bench) -> None:
    bench.sim.put(*BOOKS)
    finding = bench.at("pad")
    assert finding.state is State.GOOD
    assert "5/5 tags" in finding.numbers
    assert " ms" in finding.numbers
    assert finding.fault is None


def test_a_tag_that_is_seen_and_not_read_is_a_matter_of_care(bench: Bench) -> None:
    bench.sim.put(*BOOKS)
    bench.sim.field.chance[Op.READ] = 1.0  # heard by the scan, deaf to every reading
    finding = bench.at("pad")
    assert (finding.state, finding.fault and finding.fault.code) == (State.CARE, "E-109")
    assert "0/5 tags" in finding.numbers


def test_an_unplugged_pad_is_E101_and_a_mute_one_E104(bench: Bench) -> None:
    bench.sim.unplug("pad")
    gone = bench.at("pad")
    assert (gone.state, gone.fault and gone.fault.code) == (State.BAD, "E-101")
    near, _ = pipe(bench.hub, "pad")
    pad = FeigPad(near, bench.hub, SecurityScheme(afi_on=7, afi_off=0xC2))
    mute = bench.look(lambda: look_at_pad(pad, bench.hub))
    assert mute.fault is not None
    assert mute.fault.code == "E-104"


def test_noise_instead_of_frames_is_E105(bench: Bench) -> None:
    near, far = pipe(bench.hub, "pad")

    def babble() -> None:
        while True:
            far.read(bench.hub.now() + 100.0)
            far.write(b"\xff\x00\x55" * 20)

    bench.hub.spawn("babble", babble)
    pad = FeigPad(near, bench.hub, SecurityScheme(afi_on=7, afi_off=0xC2))
    finding = bench.look(lambda: look_at_pad(pad, bench.hub))
    assert finding.fault is not None
    assert finding.fault.code == "E-105"


@pytest.mark.parametrize(("cards", "told"), [(0, "no card"), (1, "1 card"), (2, "2 cards or more")])
def test_the_card_reader_counts_cards_and_names_none(bench: Bench, cards: int, told: str) -> None:
    for uid in (CARD, "04FA944D8F5CDA")[:cards]:
        bench.sim.tap(uid)
    finding = bench.at("card")
    assert finding.state is State.GOOD
    assert told in finding.numbers
    assert CARD not in repr(finding)


def test_a_scan_is_told_by_its_length_alone(bench: Bench) -> None:
    def hand() -> None:
        bench.hub.wait_until(1.0)
        bench.sim.scan("2013000001")

    bench.hub.spawn("hand", hand)
    finding = bench.at("scanner")
    assert finding.state is State.GOOD
    assert "a code of 10 characters" in finding.numbers
    assert "2013000001" not in repr(finding)


def test_a_silent_scanner_is_well(bench: Bench) -> None:
    finding = bench.at("scanner")
    assert finding.state is State.GOOD
    assert "nothing was scanned" in finding.numbers


def test_an_unplugged_scanner_is_E141(bench: Bench) -> None:
    bench.sim.plugged["scanner"] = False
    finding = bench.at("scanner")
    assert finding.fault is not None
    assert finding.fault.code == "E-141"


def test_a_good_printer_says_its_paper_and_prints_only_when_asked(bench: Bench) -> None:
    finding = bench.at("printer")
    assert finding.state is State.GOOD
    assert "paper enough" in finding.numbers
    assert bench.sim.printer.printed == ()
    bench.page = True
    printed = bench.at("printer")
    assert "page printed" in printed.numbers
    assert len(bench.sim.printer.printed) == 1


TROUBLES = [
    ("paper_lines", 30, "E-167", State.CARE),
    ("paper_lines", 0, "E-168", State.BAD),
    ("cover_open", True, "E-169", State.BAD),
    ("switched_off_line", True, "E-169", State.BAD),
    ("error", PrinterError.CUTTER, "E-170", State.BAD),
    ("error", PrinterError.PASSING, "E-171", State.BAD),
    ("error", PrinterError.FATAL, "E-172", State.BAD),
]


@pytest.mark.parametrize(("name", "value", "code", "state"), TROUBLES)
def test_a_printers_own_trouble_has_its_number(bench: Bench, name: str, value: object, code: str, state: State) -> None:
    setattr(bench.sim.printer, name, value)
    finding = bench.at("printer")
    assert finding.fault is not None
    assert (finding.fault.code, finding.state) == (code, state)


def test_an_unplugged_printer_is_E161(bench: Bench) -> None:
    bench.sim.unplug("printer")
    finding = bench.at("printer")
    assert finding.fault is not None
    assert finding.fault.code == "E-161"


@pytest.mark.parametrize(("number", "code"), [(13, "E-102"), (16, "E-103"), (11, "E-103"), (2, "E-101"), (6, "E-101")])
def test_a_port_that_may_not_be_opened_is_told_from_one_that_is_not_there(number: int, code: str) -> None:
    error = LinkLost("pad", "open", "cannot open /dev/circdesk/pad: something in another language")
    error.__cause__ = OSError(number, "etwas in einer anderen Sprache")
    finding = trouble("pad", error)
    assert finding.fault is not None
    assert finding.fault.code == code
    assert finding.cause.startswith("cannot open /dev/circdesk/pad: ")
