"""What the PN532 driver must do for its promises to hold: each of its habits, taken away, is noticed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from drivers.card.contract import CardSeen
from drivers.card.pn532 import protocol
from drivers.card.pn532.driver import Pn532Reader, _Wait
from drivers.card.pn532.protocol import ACK, Command, Frame, Framer, Information, encode
from drivers.card.pn532.sim import CardField, Pn532Sim, cpu_card, m1_card
from drivers.clock import VirtualHub
from drivers.errors import BadFrame, DeviceFault, DriverError, LinkLost, NoReply
from drivers.link import Link, pipe

UID = "84A1B2C3"
PATIENCE_S = 0.5


class Bench:
    def __init__(self, reader: type[Pn532Reader] = Pn532Reader) -> None:
        self.hub = VirtualHub()
        self.field = CardField()
        near, far = pipe(self.hub)
        self.sim = Pn532Sim(far, self.hub, self.field)
        self.hub.spawn("pn532", self.sim.serve)
        self.reader = reader(near, self.hub)

    def look(self) -> tuple[CardSeen, ...]:
        return self.reader.poll(self.hub.now() + PATIENCE_S)

    def play(self, story: Callable[[], None]) -> None:
        task = self.hub.spawn("story", story)
        self.hub.run(self.hub.now() + 60.0)
        assert task.join(self.hub.now())


def _cpu_card_is_seen_at_every_look(bench: Bench) -> None:
    bench.field.put(cpu_card("04112233445566"))

    def story() -> None:
        assert [len(bench.look()) for _ in range(3)] == [1, 1, 1]

    bench.play(story)


def _empty_field_is_answered(bench: Bench) -> None:
    def story() -> None:
        assert bench.look() == ()

    bench.play(story)


class HastyReader(Pn532Reader):
    """After a fault it goes on as if nothing had happened."""

    def _wake(self, by: float) -> None:
        if not self._clock.now():
            super()._wake(by)


class TrustingReader(HastyReader):
    """And takes any answer of the right kind, acknowledged or not."""

    def _consider(self, frame: Frame, code: int, wait: _Wait) -> bytes | None:
        wait.acknowledged = True
        return super()._consider(frame, code, wait)


def _late_answer_is_not_the_next(bench: Bench) -> None:
    card = m1_card(UID)
    bench.field.put(card)

    def story() -> None:
        assert len(bench.look()) == 1
        # The answer to the first look is sent after its deadline, and arrives during the next.
        bench.sim.faults.late_s = PATIENCE_S + 0.05
        with pytest.raises(DriverError):
            bench.look()
        bench.field.lift(card)
        bench.sim.faults.late_s = 0.0
        try:
            assert bench.look() == ()
        except (NoReply, BadFrame):
            assert bench.look() == ()

    bench.play(story)


def _chip_that_lost_its_power_is_woken(bench: Bench) -> None:
    bench.field.put(m1_card(UID))

    def story() -> None:
        assert len(bench.look()) == 1
        bench.hub.wait_until(1.0)
        bench.sim.power_up()
        with pytest.raises(NoReply):
            bench.look()
        assert len(bench.look()) == 1

    bench.play(story)


CLAIMS = {
    "a chip that lost its power is woken": _chip_that_lost_its_power_is_woken,
    "a CPU card is seen at every look": _cpu_card_is_seen_at_every_look,
    "an empty field is answered": _empty_field_is_answered,
    "a late answer is not the next": _late_answer_is_not_the_next,
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_the_driver_keeps_its_claims(claim: str) -> None:
    CLAIMS[claim](Bench())


def test_a_driver_that_leaves_the_field_on_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "FIELD_OFF", protocol.GET_FIRMWARE)
    with pytest.raises(AssertionError):
        _cpu_card_is_seen_at_every_look(Bench())


def test_a_driver_that_lets_the_chip_wait_for_ever_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "FEW_RETRIES", protocol.GET_FIRMWARE)
    with pytest.raises(NoReply):
        _empty_field_is_answered(Bench())


def test_a_driver_that_takes_a_late_answer_for_the_next_would_be_caught() -> None:
    with pytest.raises(AssertionError):
        _late_answer_is_not_the_next(Bench(TrustingReader))


def test_a_driver_that_does_not_wake_the_chip_again_would_be_caught() -> None:
    with pytest.raises(NoReply):
        _chip_that_lost_its_power_is_woken(Bench(HastyReader))


class RawChip:
    """A far end that says exactly what a test wants; it answers the set-up like a chip and then by `script`."""

    def __init__(self, hub: VirtualHub, link: Link, script: Callable[[int], bytes]) -> None:
        self._link = link
        self._hub = hub
        self._script = script

    def serve(self) -> None:
        framer = Framer()
        while data := self._link.read(self._hub.now() + 30.0):
            for frame in framer.feed(data):
                self._link.write(self._reply(frame))

    def _reply(self, frame: Frame) -> bytes:
        match frame:
            case Information(_, data) if data[0] in (
                Command.SAM_CONFIGURATION,
                Command.SET_PARAMETERS,
                Command.RF_CONFIGURATION,
            ):
                return ACK + encode(bytes([data[0] + 1]), protocol.CHIP_TO_HOST)
            case Information(_, data):
                return ACK + self._script(data[0])
        return b""


def _poll_of(answer: bytes) -> DriverError:
    hub = VirtualHub()
    near, far = pipe(hub)
    hub.spawn("chip", RawChip(hub, far, lambda code: answer).serve)
    raised: list[DriverError] = []

    def story() -> None:
        with pytest.raises(DriverError) as error:
            Pn532Reader(near, hub).poll(hub.now() + PATIENCE_S)
        raised.append(error.value)

    hub.spawn("story", story)
    hub.run(60.0)
    return raised[0]


@pytest.mark.parametrize(
    ("answer", "fault", "code"),
    [
        (encode(bytes.fromhex("4B01"), protocol.CHIP_TO_HOST), BadFrame, "targets"),
        (encode(bytes.fromhex("4B"), protocol.CHIP_TO_HOST), BadFrame, "targets"),
        (
            encode(bytes.fromhex("4B010100040805") + bytes.fromhex(UID) + b"\x00", protocol.CHIP_TO_HOST),
            BadFrame,
            "targets",
        ),
        (encode(bytes.fromhex("4100"), protocol.CHIP_TO_HOST), NoReply, "answer"),  # another command's answer
        (encode(bytes.fromhex("4B00"), protocol.HOST_TO_CHIP), NoReply, "answer"),  # an echo of the host's own side
        (protocol.SYNTAX_ERROR, DeviceFault, "syntax"),
        (b"", NoReply, "answer"),
        (b"\x00\x00\xff\x05\x05" * 50, BadFrame, "length"),
    ],
)
def test_an_answer_that_is_none_is_a_fault_with_a_code_and_without_the_uid(
    answer: bytes, fault: type[DriverError], code: str
) -> None:
    error = _poll_of(answer)
    assert type(error) is fault
    assert error.code == code
    assert UID not in f"{error} {error.args}".upper()
    assert not error.received


def test_a_reader_unplugged_in_the_middle_of_a_command_does_not_tell_the_command() -> None:
    hub = VirtualHub()
    near, far = pipe(hub)
    far.close()

    def story() -> None:
        reader = Pn532Reader(near, hub)
        for _ in range(2):
            with pytest.raises(LinkLost) as lost:
                reader.poll(hub.now() + PATIENCE_S)
        assert not lost.value.sent
        reader.close()

    task = hub.spawn("story", story)
    hub.run(60.0)
    assert task.join(hub.now())
