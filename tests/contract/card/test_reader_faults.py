"""What every card reader does when its far end fails: an answer in time or a fault, and it comes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from drivers.card.contract import CardReader, CardSeen
from drivers.card.pn532.sim import Pn532Sim, m1_card
from drivers.errors import BadFrame, DeviceFault, DriverError, LinkLost, NoReply
from tests.contract.card.rigs import Rig, reopened

UID = "84A1B2C3"


def _heal(sim: Pn532Sim) -> None:
    sim.faults = type(sim.faults)()


def _hides_uid(error: BaseException | None) -> None:
    """Neither the message nor the bytes at fault may tell whose card it was."""
    while error is not None:
        assert UID not in f"{error} {error!r} {error.args}".upper()
        if isinstance(error, DriverError):
            assert bytes.fromhex(UID) not in error.sent + error.received
            assert UID.encode() not in error.sent + error.received
        error = error.__cause__


def _fault(look: Callable[[], object]) -> DriverError:
    with pytest.raises(DriverError) as raised:
        look()
    _hides_uid(raised.value)
    return raised.value


def _look_twice(rig: Rig, reader: CardReader) -> list[tuple[CardSeen, ...]]:
    return [reader.poll(rig.by()) for _ in range(2)]


FAULTS: dict[str, Callable[[Pn532Sim], None]] = {
    "a mute reader": lambda sim: setattr(sim.faults, "mute", True),
    "a reader that acknowledges and says no more": lambda sim: setattr(sim.faults, "silent", True),
    "a reader that never acknowledges": lambda sim: setattr(sim.faults, "no_acks", True),
    "answers cut in half": lambda sim: setattr(sim.faults, "cut_answers", 99),
    "answers with a wrong checksum": lambda sim: setattr(sim.faults, "bad_checksums", 99),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_failing_reader_is_told_by_the_deadline_and_used_again_when_well(fault_rig: Rig, fault: str) -> None:
    def story() -> list[tuple[CardSeen, ...]]:
        reader = fault_rig.open()
        fault_rig.put(m1_card(UID))
        before = reader.poll(fault_rig.by())
        FAULTS[fault](fault_rig.sim)
        error = _fault(lambda: reader.poll(fault_rig.soon()))
        assert isinstance(error, (NoReply, BadFrame, LinkLost))
        _heal(fault_rig.sim)
        reader = reopened(fault_rig, reader, error)
        looks = [before, *_look_twice(fault_rig, reader)]
        reader.close()
        return looks

    looks = fault_rig.play(story)
    assert [[card.hex for card in look] for look in looks] == [[UID]] * 3


def test_an_answer_that_comes_after_its_deadline_is_not_taken_for_the_next(fault_rig: Rig) -> None:
    def story() -> list[tuple[CardSeen, ...]]:
        reader, card = fault_rig.open(), m1_card(UID)
        fault_rig.put(card)
        reader.poll(fault_rig.by())
        fault_rig.sim.faults.late_s = 2 * fault_rig.impatience_s
        error = _fault(lambda: reader.poll(fault_rig.soon()))
        fault_rig.lift(card)
        fault_rig.sim.faults.late_s = 0.0
        # The late answer arrives, or the chip is at last free to hear: either way the card is gone by then.
        fault_rig.hub.wait_until(fault_rig.hub.now() + 2 * fault_rig.impatience_s)
        reader = reopened(fault_rig, reader, error)
        looks = _look_twice(fault_rig, reader)
        reader.close()
        return looks

    assert fault_rig.play(story) == [(), ()]


def test_answers_in_single_bytes_are_whole_answers(fault_rig: Rig) -> None:
    def story() -> list[tuple[CardSeen, ...]]:
        reader = fault_rig.open()
        fault_rig.sim.faults.chunk_bytes = 1
        fault_rig.put(m1_card(UID))
        looks = _look_twice(fault_rig, reader)
        reader.close()
        return looks

    assert [len(look) for look in fault_rig.play(story)] == [1, 1]


def test_a_reader_that_lost_its_power_for_a_moment_is_woken_again(fault_rig: Rig) -> None:
    def story() -> list[tuple[CardSeen, ...]]:
        reader = fault_rig.open()
        fault_rig.put(m1_card(UID))
        reader.poll(fault_rig.by())
        fault_rig.sim.power_up()
        error = _fault(lambda: reader.poll(fault_rig.soon()))
        reader = reopened(fault_rig, reader, error)
        looks = _look_twice(fault_rig, reader)
        reader.close()
        return looks

    assert [len(look) for look in fault_rig.play(story)] == [1, 1]


def test_a_pulled_plug_is_a_lost_link_and_the_next_opening_finds_the_reader(fault_rig: Rig) -> None:
    def story() -> list[tuple[CardSeen, ...]]:
        reader = fault_rig.open()
        fault_rig.put(m1_card(UID))
        reader.poll(fault_rig.by())
        fault_rig.unplug()
        assert isinstance(_fault(lambda: reader.poll(fault_rig.by())), LinkLost)
        reader.close()
        fault_rig.plug_in()
        reader = fault_rig.open()
        reader.identify(fault_rig.by())
        looks = _look_twice(fault_rig, reader)
        reader.close()
        return looks

    assert [len(look) for look in fault_rig.play(story)] == [1, 1]


def test_a_reader_that_is_not_there_is_a_fault_and_not_a_wait(fault_rig: Rig) -> None:
    def story() -> DriverError:
        fault_rig.unplug()
        return _fault(lambda: fault_rig.open().identify(fault_rig.by()))

    assert isinstance(fault_rig.play(story), (LinkLost, DeviceFault))
