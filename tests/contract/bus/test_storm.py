"""Two ends talk through a real broker that is killed, stalled and torn off: nobody hangs, nothing heard is lost."""

from __future__ import annotations

import contextlib
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from drivers.clock import MailboxFull, ThreadHub
from kiosk.bus import BusEvent, BusGone, Delivered
from kiosk.bus.paho_bus import PahoBus
from tests.contract.bus.rigs import ONE, MosquittoRig

TX = ONE.topic("tx")
RCPT = ONE.topic("rcpt")
MESSAGES = 2_000
ONCE = 900  # no more than a broker keeps for an absent client
TALKERS = 3
BLOWS = 25
AGAIN_S = 0.5


class Machine:
    """Says each number until it is told that it was heard, from several tasks, as a core and a bus's task do."""

    def __init__(self, rig: MosquittoRig, pad: bytes) -> None:
        self.heard_back: set[int] = set()
        self.bus = rig.bus(ONE.device, [RCPT])
        self._rig = rig
        self._pad = pad
        self.bus.start(self._on_event)

    def _on_event(self, event: BusEvent) -> None:
        if isinstance(event, Delivered):
            self.heard_back.add(int(event.payload.split(b" ")[0]))

    def talk(self, numbers: range) -> None:
        hub = self._rig.hub
        while left := [n for n in numbers if n not in self.heard_back]:
            for n in left:
                with contextlib.suppress(BusGone):
                    self.bus.publish(TX, b"%d %s" % (n, self._pad))
            hub.wait_until(hub.now() + AGAIN_S)


class Gateway:
    """Answers from within the handler; now and then it has no room."""

    def __init__(self, rig: MosquittoRig, rng: Random, pad: bytes, full: float) -> None:
        self.had: Counter[int] = Counter()
        self.bus = rig.bus("gateway", [TX])
        self._rng = rng
        self._pad = pad
        self._full = full
        self.bus.start(self._on_event)

    def _on_event(self, event: BusEvent) -> None:
        if not isinstance(event, Delivered):
            return
        if self._rng.random() < self._full:
            raise MailboxFull("limit")
        n = int(event.payload.split(b" ")[0])
        self.had[n] += 1
        with contextlib.suppress(BusGone):
            self.bus.publish(RCPT, b"%d %s" % (n, self._pad))


@pytest.fixture
def crashes() -> list[str]:
    return []


@pytest.fixture
def rig(tmp_path: Path, certificates: Path, crashes: list[str]) -> Iterator[MosquittoRig]:
    made = MosquittoRig(tmp_path, certificates)
    made.hub = ThreadHub(on_crash=lambda name, error: crashes.append(f"{name}: {error!r}"))
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_a_broker_that_is_killed_stalled_and_torn_off_leaves_nobody_hanging(
    rig: MosquittoRig, crashes: list[str], seed: int
) -> None:
    rng = Random(seed)
    pad = bytes(3_000)  # a stalled broker fills the socket's buffers
    machine, gateway = Machine(rig, pad), Gateway(rig, Random(seed), pad, 0.001)
    shares = [range(n, MESSAGES, TALKERS) for n in range(TALKERS)]
    talkers = [rig.hub.spawn(f"talker {n}", lambda share=share: machine.talk(share)) for n, share in enumerate(shares)]  # type: ignore[misc]
    for _ in range(BLOWS):
        rig.pass_time(rng.uniform(0.05, 0.6))
        blow = rng.choice(("kill", "stall", "tear", "tear", "tear"))
        if blow == "kill":
            rig.broker.kill()
            rig.start()
        elif blow == "stall":
            with rig.stalled():
                rig.pass_time(rng.choice((0.2, 1.0)))
        else:
            with contextlib.suppress(AssertionError, OSError):
                rig.tear_off(rng.choice((machine.bus, gateway.bus)))

    by = rig.hub.now() + 120
    for talker in talkers:
        assert talker.join(by), (crashes, len(machine.heard_back))
    assert crashes == []
    assert set(gateway.had) == set(range(MESSAGES))


@pytest.mark.slow
def test_what_the_broker_has_an_acknowledgement_for_its_owner_has_had(rig: MosquittoRig, crashes: list[str]) -> None:
    """An owner without room, and one whose wire is torn: each message was published once, and none is missed."""
    machine, gateway = rig.client(ONE.device), Gateway(rig, Random(3), b"", 0.005)
    rig.until(lambda: gateway.bus._connection is not None and gateway.bus._connection.ready)

    def talk() -> None:
        n = 0
        while n < ONCE:
            try:
                machine.bus.publish(TX, b"%d " % n)
                n += 1
            except BusGone:  # a hundred are under way
                rig.pass_time(0.001)

    talker = rig.hub.spawn("talker", talk)
    for _ in range(3):
        rig.pass_time(0.3)
        with contextlib.suppress(AssertionError, OSError):
            rig.tear_off(gateway.bus)
    assert talker.join(rig.hub.now() + 30)
    by = rig.hub.now() + 120
    while len(gateway.had) < ONCE and rig.hub.now() < by:
        rig.pass_time(0.1)
    assert sorted(gateway.had) == list(range(ONCE))
    assert crashes == []
    assert len(machine.connections) == 1


def test_a_goodbye_to_a_stalled_broker_lets_the_wire_go(rig: MosquittoRig, crashes: list[str]) -> None:
    """What cannot be written must not keep an old connection open behind the back of the next."""
    machine = rig.client(ONE.device).bus
    assert isinstance(machine, PahoBus)
    assert machine._connection is not None
    connection, wire = machine._connection, machine._connection._client.socket()
    assert wire is not None
    with rig.stalled():
        while not connection._client.want_write():
            machine.publish(TX, bytes(100_000), qos=0)
        machine.close()
        rig.until(lambda: wire.fileno() < 0)
    assert crashes == []


def test_a_wire_that_a_talker_found_dead_ends_the_connection_and_not_the_bus(
    rig: MosquittoRig, crashes: list[str]
) -> None:
    """Whoever publishes closes a broken wire, perhaps just when the bus's own task is about to wait at it."""
    machine = rig.client(ONE.device)
    assert isinstance(machine.bus, PahoBus)
    assert machine.bus._connection is not None
    closed = socket.socket()
    closed.close()
    machine.bus._connection._wait(closed)
    assert crashes == []
