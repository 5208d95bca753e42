"""The same stories on both buses: one rig with a virtual hub and a broker in memory, one with a real mosquitto."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Protocol

from drivers.clock import Hub, ThreadHub, VirtualHub
from kiosk.bus import Acl, Bus, BusEvent, Will
from kiosk.bus.contract import Connected, Delivered
from kiosk.bus.memory import MemoryBroker, MemoryBus
from kiosk.bus.mosquitto import Listener, write_config
from kiosk.bus.paho_bus import PahoBus, Tls
from kiosk.keys.certificates import write_demo_certificates
from kiosk.messages.topics import Address
from kiosk.site.mosquitto import Mosquitto, free_port

TEMPLATES = Path(__file__).parents[3] / "config" / "mosquitto"
ONE = Address(consortium="demo", site="main", device="kiosk-01")
TWO = Address(consortium="demo", site="main", device="kiosk-02")
ACL = Acl(devices=(ONE, TWO), gateways=("gateway",))
STRANGER = "kiosk-99"  # a good certificate, and no rights
HOST = "127.0.0.1"
WAIT_S_MAX = 10.0
STEP_S = 0.01


class Client:
    """A bus and everything it ever said."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.events: list[BusEvent] = []
        bus.start(self.events.append)

    @property
    def connections(self) -> list[Connected]:
        return [event for event in self.events if isinstance(event, Connected)]

    @property
    def got(self) -> list[Delivered]:
        return [event for event in self.events if isinstance(event, Delivered)]

    @property
    def payloads(self) -> list[bytes]:
        return [event.payload for event in self.got]


class Rig(Protocol):
    @property
    def hub(self) -> Hub: ...

    def client(self, name: str, *subscriptions: str, will: Will | None = None) -> Client:
        """A client that is connected."""

    def bus(self, name: str, subscriptions: Sequence[str], will: Will | None = None) -> Bus: ...
    def until(self, condition: Callable[[], object]) -> None: ...
    def pass_time(self, seconds: float) -> None: ...
    def tear(self, client: Client) -> None:
        """Loses one connection without a goodbye."""

    def stop(self) -> None: ...
    def start(self) -> None: ...
    def close(self) -> None: ...


def connected(rig: Rig, bus: Bus) -> Client:
    client = Client(bus)
    rig.until(lambda: client.connections)
    return client


class MemoryRig:
    def __init__(self) -> None:
        self.hub: VirtualHub = VirtualHub()
        self.broker = MemoryBroker(self.hub, Random(1), acl=ACL)

    def client(self, name: str, *subscriptions: str, will: Will | None = None) -> Client:
        return connected(self, self.bus(name, subscriptions, will))

    def bus(self, name: str, subscriptions: Sequence[str], will: Will | None = None) -> MemoryBus:
        return self.broker.bus(name, subscriptions, will=will)

    def until(self, condition: Callable[[], object]) -> None:
        by = self.hub.now() + WAIT_S_MAX
        while not condition():
            assert self.hub.now() < by, "it did not happen"
            self.hub.run(self.hub.now() + STEP_S)

    def pass_time(self, seconds: float) -> None:
        self.hub.run(self.hub.now() + seconds)

    def tear(self, client: Client) -> None:
        assert isinstance(client.bus, MemoryBus)
        self.broker.cut(client.bus.client_id)

    def stop(self) -> None:
        self.broker.stop(forget=False)

    def start(self) -> None:
        self.broker.start()

    def close(self) -> None:
        pass


class MosquittoRig:
    def __init__(self, directory: Path, certificates: Path) -> None:
        self.hub: Hub = ThreadHub()
        self.certificates = certificates
        self.listener = Listener(host=HOST, port=free_port(HOST), tls=self.tls("broker"), user="root")
        conf = write_config(directory, TEMPLATES, self.listener, ACL)
        self.broker = Mosquitto(conf, HOST, self.listener.port, self.hub)
        self.broker.start()
        self._buses: list[PahoBus] = []

    def tls(self, name: str) -> Tls:
        place = self.certificates
        return Tls(ca=place / "ca.crt", certificate=place / f"{name}.crt", key=place / f"{name}.key")

    def client(self, name: str, *subscriptions: str, will: Will | None = None) -> Client:
        return connected(self, self.bus(name, subscriptions, will))

    def bus(self, name: str, subscriptions: Sequence[str], will: Will | None = None, *, client_id: str = "") -> PahoBus:
        bus = PahoBus(
            hub=self.hub,
            broker=self.listener.at(self.tls(name)),
            client_id=client_id or name,
            subscriptions=subscriptions,
            rng=Random(2),
            will=will,
        )
        self._buses.append(bus)
        return bus

    def until(self, condition: Callable[[], object]) -> None:
        by = self.hub.now() + WAIT_S_MAX
        while not condition():
            assert self.hub.now() < by, "it did not happen"
            self.pass_time(STEP_S)

    def pass_time(self, seconds: float) -> None:
        self.hub.wait_until(self.hub.now() + seconds)

    def tear(self, client: Client) -> None:
        assert isinstance(client.bus, PahoBus)
        self.tear_off(client.bus)

    def tear_off(self, bus: PahoBus) -> None:
        assert bus._connection is not None
        wire = bus._connection._client.socket()
        assert wire is not None
        # The wire is cut below TLS, as a pulled cable does.
        socket.socket.shutdown(wire, socket.SHUT_RDWR)  # type: ignore[arg-type]  # paho names its websockets too

    @contextlib.contextmanager
    def stalled(self) -> Iterator[None]:
        """The broker hangs meanwhile: its sockets stay, and nothing is read from them."""
        assert self.broker._process is not None
        self.broker._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.broker._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        self.broker.stop()

    def start(self) -> None:
        self.broker.start()

    def close(self) -> None:
        for bus in self._buses:
            bus.close()
        self.broker.kill()


def make_certificates(directory: Path) -> Path:
    names = (ONE.device, TWO.device, "gateway", STRANGER)
    write_demo_certificates(directory, clients=names, hosts=[HOST, "localhost"], at=ThreadHub().wall())
    return directory
