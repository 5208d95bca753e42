"""What the gateway and the technician are told of a part that fails and of one that is well again."""

from __future__ import annotations

import pytest

from kiosk.checkout.reduce.condition import REPORT_S
from kiosk.flow.devices import PartTested, QueueCounted, TechnicianKnown
from kiosk.flow.events import LinkChanged, LinkName, PartChanged, PartHealth, Touched
from kiosk.flow.orders import ShowWire
from kiosk.flow.step import Report
from kiosk.screen import Screen, Tile, Tone, Touch
from tests.unit.checkout.bench import CARD, Desktop

GONE = PartChanged(part="printer", health=PartHealth.GONE, code="lost")
WELL = PartChanged(part="printer", health=PartHealth.OK)


@pytest.fixture
def bench() -> Desktop:
    return Desktop()


def told(bench: Desktop) -> list[tuple[str, int, str]]:
    return [(report.what, report.fault, report.part) for report in bench.log if isinstance(report, Report)]


def at_the_technicians_page(bench: Desktop) -> Screen:
    bench.hear(Touched(touch=Touch(turn=0, button="tech.enter")))
    bench.tap(CARD)
    bench.touch("tech.pin", "0")
    bench.hear(TechnicianKnown(name="张*"))
    return bench.screen


def tile(screen: Screen, name: str) -> Tile:
    return next(each for each in screen.tiles if each.id == name)


def test_a_part_that_fails_is_reported_once_with_its_number_and_once_when_it_is_well(bench: Desktop) -> None:
    bench.hear(GONE)
    bench.run(10 * REPORT_S)
    assert told(bench) == [("printer_gone", 161, "printer")]
    bench.hear(WELL)
    bench.run(10 * REPORT_S)
    assert told(bench) == [("printer_gone", 161, "printer"), ("well_again", 0, "printer")]


def test_a_loose_plug_is_reported_as_it_stands_in_the_end_and_not_at_each_touch(bench: Desktop) -> None:
    for _ in range(4):
        bench.hear(GONE)
        bench.run(REPORT_S / 10)
        bench.hear(WELL)
        bench.run(REPORT_S / 10)
    bench.run(10 * REPORT_S)
    assert told(bench) == []


def test_a_plug_that_never_rests_is_reported_all_the_same(bench: Desktop) -> None:
    for _ in range(100):
        bench.hear(GONE)
        bench.run(REPORT_S * 0.19)
        bench.hear(WELL)
        bench.run(REPORT_S * 0.02)
    assert ("printer_gone", 161, "printer") in told(bench)
    assert len(told(bench)) <= 100 * 0.21 + 1


def test_a_fault_that_turns_into_another_is_reported_as_both(bench: Desktop) -> None:
    bench.hear(PartChanged(part="printer", health=PartHealth.OK, code="paper-low"))
    bench.run(2 * REPORT_S)
    bench.hear(PartChanged(part="printer", health=PartHealth.OK, code="paper-end"))
    bench.run(2 * REPORT_S)
    assert [fault for _, fault, _ in told(bench)] == [167, 168]


def test_a_part_that_is_only_starting_and_one_that_is_not_fitted_are_no_faults(bench: Desktop) -> None:
    bench.hear(PartChanged(part="scanner", health=PartHealth.GONE, code="starting"))
    bench.hear(PartChanged(part="card", health=PartHealth.ABSENT))
    bench.run(10 * REPORT_S)
    assert told(bench) == []


def test_a_library_system_that_is_away_is_reported_and_so_is_its_return(bench: Desktop) -> None:
    bench.hear(LinkChanged(link=LinkName.ILS, up=False))
    bench.hear(LinkChanged(link=LinkName.ILS, up=False))
    bench.run(2 * REPORT_S)
    bench.hear(LinkChanged(link=LinkName.ILS, up=True))
    bench.run(2 * REPORT_S)
    assert told(bench) == [("ils_away", 406, "ils"), ("well_again", 0, "ils")]


def test_the_technician_reads_number_cause_and_remedy_and_since_when(bench: Desktop) -> None:
    began = bench.screen.clock
    bench.hear(GONE)
    bench.run(180.0)
    overview = at_the_technicians_page(bench)
    found = tile(overview, "printer")
    assert (found.word, found.tone) == ("断开", Tone.STOP)
    assert "E-161" in found.number
    assert began in found.number
    bench.touch("tech.part:printer")
    assert bench.screen.headline is not None
    assert bench.screen.headline.sub == "E-161 · 凭条机断开"
    assert bench.screen.notes[0].startswith("检查插头")


def test_a_printer_that_answers_and_has_no_paper_wants_a_hand(bench: Desktop) -> None:
    bench.hear(PartChanged(part="printer", health=PartHealth.OK, code="paper-end"))
    found = tile(at_the_technicians_page(bench), "printer")
    assert (found.word, found.tone) == ("注意", Tone.CARE)
    assert "E-168" in found.number


def test_a_result_is_not_shown_beside_a_state_that_came_after_it(bench: Desktop) -> None:
    bench.hear(WELL)
    at_the_technicians_page(bench)
    bench.hear(PartTested(part="printer", ok=True, numbers="printed"))
    assert "已打印" in tile(bench.screen, "printer").number
    bench.hear(GONE)
    assert "已打印" not in tile(bench.screen, "printer").number
    bench.hear(PartTested(part="printer", ok=False, numbers="lost"))
    assert "lost" in tile(bench.screen, "printer").number


def test_the_library_system_has_a_page_of_its_own_with_what_to_do(bench: Desktop) -> None:
    bench.hear(LinkChanged(link=LinkName.ILS, up=False))
    at_the_technicians_page(bench)
    bench.touch("tech.part:ils")
    assert bench.screen.headline is not None
    assert "E-406" in bench.screen.headline.sub
    assert bench.screen.notes
    bench.touch("tech.overview")
    assert bench.screen.name == "tech"


def test_an_empty_queue_is_called_empty(bench: Desktop) -> None:
    assert at_the_technicians_page(bench).notes == ("没有待上传的记录",)
    bench.hear(QueueCounted(waiting=3, oldest_s=75.0))
    assert bench.screen.notes == ("待上传 3 笔，最早 1:15",)


def test_after_a_self_test_the_wire_is_looked_at_again(bench: Desktop) -> None:
    bench.hear(WELL)
    at_the_technicians_page(bench)
    bench.touch("tech.part:printer")
    bench.hear(PartTested(part="printer", ok=True, numbers="printed"))
    bench.hear(PartTested(part="pad", ok=True, numbers="0/0"))
    assert [order.part for order in bench.log if isinstance(order, ShowWire)] == ["printer", "printer"]
