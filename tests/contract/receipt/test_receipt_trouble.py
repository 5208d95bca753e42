"""Longer courses of trouble, where minutes pass: virtual wires only."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from drivers.errors import DeviceFault, LinkLost, NoReply
from drivers.health import Health
from drivers.receipt import Cut, Doubt, Feed, Printed, PrintUnknown, QrCode, ReceiptPage, Text, page_text
from drivers.receipt.escpos import EscposProfile, Marker
from tests.contract.receipt.bench import VIRTUAL_WIRES, Bench, bench, page

STATUS_BYTES = 12
UNCLEARABLE = EscposProfile(model="TM-T88V", clears_buffer=False)


@pytest.fixture(params=VIRTUAL_WIRES)
def at(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with bench(request.param) as made:
        yield made


@pytest.fixture(params=VIRTUAL_WIRES)
def unclearable(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with bench(request.param, profile=UNCLEARABLE) as made:
        yield made


def later(at: Bench, seconds: float, act: str) -> None:
    """Somebody does something to the printer while it works."""

    def run() -> None:
        at.hub.wait_until(at.hub.now() + seconds)
        match act:
            case "open cover":
                at.sim.cover_open = True
            case "power cycle":
                at.sim.power_cycle()

    at.hub.spawn(act, run)


def test_a_slow_printer_is_waited_for(at: Bench) -> None:
    at.sim.line_s = 0.5
    assert isinstance(at.print(page(), within_s=60.0), Printed)
    assert at.sim.printed == (page_text(page(), at.printer.columns),)


def test_slow_answers_are_waited_for(at: Bench) -> None:
    at.sim.faults.reply_delay_s = 0.4
    assert isinstance(at.print(page()), Printed)


def test_a_cover_opened_under_a_receipt_ends_the_wait_at_once(at: Bench) -> None:
    at.sim.line_s = 0.5
    later(at, 2.0, "open cover")
    outcome = at.print(page(), within_s=60.0)
    assert isinstance(outcome, PrintUnknown)
    assert outcome.doubt is Doubt.STOPPED
    assert at.hub.now() < 4.0


def test_a_power_cut_after_the_last_byte_was_sent_is_never_taken_for_a_receipt(at: Bench) -> None:
    at.sim.line_s = 0.5
    later(at, 2.0, "power cycle")
    assert isinstance(at.print(page(), within_s=20.0), PrintUnknown)


def test_a_late_answer_does_not_prove_the_next_readers_receipt(unclearable: Bench) -> None:
    at = unclearable
    at.sim.line_s = 0.5
    assert isinstance(at.print(page("first reader"), within_s=2.0), PrintUnknown)
    assert isinstance(at.print(page("second reader"), within_s=60.0), Printed)
    assert at.sim.printed == tuple(
        page_text(page(title), at.printer.columns) for title in ("first reader", "second reader")
    )


def test_the_rest_of_a_receipt_is_thrown_away_when_the_status_is_next_asked(at: Bench) -> None:
    """The wire broke under the page and the roll ran out: no request could take the rest back at once."""
    at.sim.paper_lines = 5
    at.do(at.printer.status)
    at.sim.faults.unplug_after_bytes = 300
    at.print(page("first reader"))
    if not at.sim.plugged:
        at.plug_in()
    assert at.do(at.printer.status).paper_end
    at.repair()
    at.hub.wait_until(at.hub.now() + 60.0)
    assert "3. first reader" not in at.sim.hanging_text


def test_what_hangs_from_the_printer_is_cut_off_before_the_next_reader(at: Bench) -> None:
    at.sim.paper_lines = 9
    at.print(page("first reader"))
    assert "first reader" in at.sim.hanging_text
    at.repair()
    at.print(page("second reader"))
    assert at.sim.printed[-1] == page_text(page("second reader"), at.printer.columns)
    assert "first reader" in at.sim.printed[0]


def test_a_printer_that_never_answers_in_turn_is_sent_nothing(at: Bench) -> None:
    at.sim.faults.ignores_markers = True
    with pytest.raises(NoReply):
        at.print(page())
    assert at.sim.hanging == []


def test_a_printer_that_does_not_throw_its_buffer_away_is_sent_nothing(at: Bench) -> None:
    at.sim.can_clear = False
    with pytest.raises(NoReply):
        at.print(page())
    assert at.sim.hanging == []


def test_another_question_can_be_the_proof() -> None:
    with bench("pipe", profile=EscposProfile(model="TM-T88V", marker=Marker.MODEL_ID)) as at:
        assert isinstance(at.print(page()), Printed)


def test_an_idle_connection_that_the_printer_hung_up_is_not_a_fault() -> None:
    with bench("pipe") as at:
        at.do(at.printer.status)
        at.sim.hang_up()
        assert isinstance(at.print(page()), Printed)
        assert at.health() is Health.OK


def test_a_missing_printer_is_tried_less_and_less_often(at: Bench) -> None:
    at.sim.plugged = False
    for _ in range(8):
        with pytest.raises(LinkLost):
            at.do(at.printer.status, within_s=30.0)
    with pytest.raises(LinkLost, match="backoff"):
        at.do(at.printer.status, within_s=1.0)
    assert at.health() is Health.GONE


def test_a_mute_printer_is_reached_again_once_it_speaks(at: Bench) -> None:
    at.sim.faults.mute = True
    for _ in range(4):
        with pytest.raises(NoReply):
            at.do(at.printer.status)
    assert at.health() is Health.MUTE
    at.sim.faults.mute = False
    assert at.do(at.printer.status).ready


def test_a_deadline_that_passes_while_sending_stops_between_two_commands() -> None:
    with bench("usb") as at:
        at.do(at.printer.status)
        at.usb[0].packet_s = 0.1
        assert at.print(page(books=40), within_s=3.0) == PrintUnknown(doubt=Doubt.NO_PROOF)
        at.usb[0].packet_s = 0.0
        assert isinstance(at.print(page("second reader")), Printed)
        assert at.sim.printed[-1] == page_text(page("second reader"), at.printer.columns)


def test_a_printer_without_paper_is_not_asked_who_it_is(at: Bench) -> None:
    at.sim.paper_lines = 0
    with pytest.raises(DeviceFault):
        at.do(at.printer.identify)


def test_a_printer_that_tells_nothing_of_itself_is_not_a_fault(at: Bench) -> None:
    at.sim.tells_identity = False
    assert at.do(at.printer.identify).model == ""


def test_a_receipt_without_a_cut_stays_on_the_roll(at: Bench) -> None:
    outcome = at.print(ReceiptPage((Text(text="流水"), Feed(lines=2))))
    assert isinstance(outcome, Printed)
    assert at.sim.printed == ()
    assert at.sim.hanging_text == "流水"


def test_no_word_of_a_receipt_is_in_what_is_said_about_it(at: Bench) -> None:
    at.do(at.printer.status)
    at.sim.faults.unplug_after_bytes = 300
    outcome = at.print(page("first reader"))
    assert "first" not in repr(outcome)
    assert "first" not in repr(at.printer)


def test_the_profile_names_a_printer_that_exists() -> None:
    with pytest.raises(ValueError, match="knows no printer profile"), bench("pipe", profile=EscposProfile(model="X")):
        pass


def test_a_wire_that_broke_inside_a_qr_code_does_not_swallow_the_next_receipt(unclearable: Bench) -> None:
    at = unclearable
    code = ReceiptPage((QrCode(data="https://lib.example/" + "r" * 200), Cut()))
    assert isinstance(at.print(code), Printed)
    at.sim.faults.unplug_after_bytes = STATUS_BYTES + len(b"\x1b@\x1c&") + 60
    assert at.print(code) == PrintUnknown(doubt=Doubt.WIRE)
    at.repair()
    assert isinstance(at.print(page("second reader")), Printed)
    assert at.sim.printed[-1] == page_text(page("second reader"), at.printer.columns)
