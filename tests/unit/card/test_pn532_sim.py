"""The simulated chip before a judge that is not ours: libnfc's own tools, and what they were seen to send."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from drivers.card.pn532.protocol import (
    ACK,
    CHIP_TO_HOST,
    NACK,
    WAKE,
    Ack,
    Command,
    Frame,
    Framer,
    Information,
    SyntaxRefused,
    encode,
)
from drivers.card.pn532.sim import CardField, Pn532Sim, cpu_card, m1_card
from drivers.clock import ThreadHub, VirtualHub
from drivers.link import pipe
from drivers.serial_link import open_pty

TOOL_S_MAX = 30.0
SAM = bytes.fromhex("14010001")


class Wire:
    """The host's end of a simulated chip in virtual time: says bytes, hears frames."""

    def __init__(self) -> None:
        self.hub = VirtualHub()
        self.field = CardField()
        self.near, far = pipe(self.hub)
        self.sim = Pn532Sim(far, self.hub, self.field)
        self.hub.spawn("pn532", self.sim.serve)
        self._framer = Framer()

    def say(self, data: bytes, wait_s: float = 1.0) -> list[Frame]:
        self.near.write(data)
        return self.hear(wait_s)

    def hear(self, wait_s: float) -> list[Frame]:
        frames: list[Frame] = []

        def listen() -> None:
            by = self.hub.now() + wait_s
            while data := self.near.read(by):
                frames.extend(self._framer.feed(data))

        self.hub.spawn("host", listen)
        self.hub.run(self.hub.now() + wait_s)
        return frames

    def ask(self, command: str, wait_s: float = 1.0) -> list[Frame]:
        return self.say(encode(bytes.fromhex(command)), wait_s)


@pytest.fixture
def awake() -> Wire:
    wire = Wire()
    wire.say(WAKE + encode(SAM))
    return wire


def _answer(data: str) -> list[Frame]:
    return [Ack(), Information(CHIP_TO_HOST, bytes.fromhex(data))]


def test_a_sleeping_chip_hears_nothing_and_wakes_by_the_preamble() -> None:
    wire = Wire()
    assert wire.say(encode(SAM)) == []
    assert wire.say(WAKE + encode(SAM)) == _answer("15")


def test_a_woken_chip_obeys_only_after_sam_configuration() -> None:
    wire = Wire()
    assert wire.say(WAKE + encode(b"\x02")) == []


def test_an_unknown_command_is_answered_with_the_syntax_error_frame(awake: Wire) -> None:
    assert awake.ask("77") == [Ack(), SyntaxRefused()]


def test_a_command_without_its_arguments_is_a_syntax_error(awake: Wire) -> None:
    assert awake.ask("4A") == [Ack(), SyntaxRefused()]


def test_a_long_line_test_comes_back_in_an_extended_frame(awake: Wire) -> None:
    echo = bytes(range(256)) + b"\x00" * 6
    assert awake.say(encode(b"\x00\x00" + echo)) == [Ack(), Information(CHIP_TO_HOST, b"\x01\x00" + echo)]


def test_a_nack_brings_the_last_answer_again(awake: Wire) -> None:
    awake.ask("02")
    assert awake.say(NACK) == [Information(CHIP_TO_HOST, bytes.fromhex("0332010607"))]


def test_registers_keep_what_is_written(awake: Wire) -> None:
    awake.ask("08 6305 40 6306 21")
    assert awake.ask("06 6306 6305 6307") == _answer("07 21 40 00")


def test_an_empty_field_is_waited_on_until_the_host_aborts(awake: Wire) -> None:
    assert awake.ask("4A0200", wait_s=60) == [Ack()]
    assert awake.say(ACK) == []
    assert awake.ask("02") == _answer("0332010607")


def test_a_card_laid_down_during_the_wait_is_answered(awake: Wire) -> None:
    assert awake.ask("4A0200") == [Ack()]
    awake.field.put(m1_card("84A1B2C3"))
    assert awake.hear(1.0) == [Information(CHIP_TO_HOST, bytes.fromhex("4B 01 01 0004 08 04 84A1B2C3"))]


def test_auto_poll_tells_the_card_or_gives_up_after_its_rounds(awake: Wire) -> None:
    assert awake.ask("60 01 01 10") == _answer("61 00")
    awake.field.put(m1_card("84A1B2C3"))
    assert awake.ask("60 01 01 10") == _answer("61 01 10 09 01 0004 08 04 84A1B2C3")


def test_a_cpu_card_stays_hidden_from_a_second_request_until_the_field_drops(awake: Wire) -> None:
    awake.ask("32 05 FF 01 02")
    awake.field.put(cpu_card("04112233445566"))
    assert len(awake.ask("4A0200")) == 2
    assert awake.ask("4A0200") == _answer("4B00")
    awake.ask("32 01 00")
    assert awake.ask("4A0200")[1] != Information(CHIP_TO_HOST, bytes.fromhex("4B00"))


class Bench:
    """The chip on a pseudo terminal, for programs."""

    def __init__(self) -> None:
        self.hub = ThreadHub()
        self.field = CardField()
        far, self.path = open_pty(self.hub)
        self.sim = Pn532Sim(far, self.hub, self.field, look_s=0.02)
        self.task = self.hub.spawn("pn532", self.sim.serve)

    def nfc_list(self, *arguments: str) -> str:
        environment = os.environ | {"LIBNFC_DEFAULT_DEVICE": f"pn532_uart:{self.path}:115200"}
        tool = subprocess.run(
            ["nfc-list", *arguments], env=environment, capture_output=True, text=True, timeout=TOOL_S_MAX, check=True
        )
        return tool.stdout


@pytest.fixture
def bench() -> Iterator[Bench]:
    if shutil.which("nfc-list") is None:
        pytest.skip("nfc-list is missing: install the Debian package libnfc-bin")
    bench = Bench()
    yield bench
    bench.sim.unplug()
    assert bench.task.join(bench.hub.now() + TOOL_S_MAX)


def _uids(listing: str) -> list[str]:
    return [re.sub(r"\s", "", uid).upper() for uid in re.findall(r"UID \(NFCID\d\): (.*)", listing)]


def test_nfc_list_finds_the_reader_and_no_card(bench: Bench) -> None:
    listing = bench.nfc_list("-t", "1")
    assert "opened" in listing
    assert _uids(listing) == []
    # What libnfc 1.8.0 opens, lists and closes with; the simulator has to know all of it.
    assert {Command(code) for code in bench.sim.heard} == {
        Command.SAM_CONFIGURATION,
        Command.DIAGNOSE,
        Command.GET_FIRMWARE_VERSION,
        Command.SET_PARAMETERS,
        Command.READ_REGISTER,
        Command.WRITE_REGISTER,
        Command.RF_CONFIGURATION,
        Command.IN_LIST_PASSIVE_TARGET,
        Command.IN_RELEASE,
        Command.POWER_DOWN,
    }


def test_nfc_list_reads_an_m1_and_a_cpu_card_from_the_simulated_chip(bench: Bench) -> None:
    bench.field.put(m1_card("84A1B2C3"))
    bench.field.put(cpu_card("04112233445566"))
    listing = bench.nfc_list("-t", "1")
    assert _uids(listing) == ["04112233445566", "84A1B2C3"]
    assert "SAK (SEL_RES): 08" in listing
    assert "ATQA (SENS_RES): 00  04" in listing
    assert "ATS: 78  80  70  02" in listing


def test_nfc_list_asks_for_every_kind_of_card_and_finds_only_those_that_lie_there(bench: Bench) -> None:
    bench.field.put(m1_card("84A1B2C3"))
    assert _uids(bench.nfc_list()) == ["84A1B2C3"]
    assert _uids(bench.nfc_list()) == ["84A1B2C3"]


@pytest.mark.skipif(shutil.which("nfc-poll") is None, reason="install the Debian package libnfc-examples for nfc-poll")
def test_nfc_poll_waits_for_the_card_that_comes(bench: Bench) -> None:
    environment = os.environ | {"LIBNFC_DEFAULT_DEVICE": f"pn532_uart:{bench.path}:115200"}
    with subprocess.Popen(["nfc-poll"], env=environment, stdout=subprocess.PIPE, text=True) as tool:
        while Command.IN_AUTO_POLL not in bench.sim.heard:
            bench.hub.wait_until(bench.hub.now() + 0.01)
        bench.field.put(m1_card("84A1B2C3"))
        bench.hub.wait_until(bench.hub.now() + 1.0)
        bench.field.clear()  # it ends when the card is taken away
        listing, _ = tool.communicate(timeout=TOOL_S_MAX)
    assert _uids(listing) == ["84A1B2C3"]
