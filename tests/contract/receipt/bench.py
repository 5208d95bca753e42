"""A bench for one simulated receipt printer on any wire, the same four for every claim: pipe, pty, TCP, USB."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from drivers.clock import Hub, Task, ThreadHub, VirtualHub
from drivers.errors import DriverError
from drivers.health import Health
from drivers.link import Link, Opener
from drivers.receipt import Cut, Pair, PrintOutcome, QrCode, ReceiptPage, Rule, Text
from drivers.receipt.contract import Align
from drivers.receipt.escpos import EscposPrinter, EscposProfile
from drivers.receipt.escpos.sim import EscposSim
from drivers.serial_link import open_pty, open_serial
from drivers.tcp_link import listen, open_tcp
from drivers.usb_link import UsbId, open_usb
from tests.contract.receipt.fake_usb import FakeBus, FakeDevice

T = TypeVar("T")
MakePrinter = Callable[[str, Opener, Hub, EscposProfile], EscposPrinter]

PROFILE = EscposProfile(model="TM-T88V", clears_buffer=True)
CALL_S_MAX = 600.0
REAL_IDLE_S = 0.02
VIRTUAL_WIRES = ("pipe", "usb")
WIRES = (*VIRTUAL_WIRES, "pty", "tcp")


def page(title: str = "三体", books: int = 3) -> ReceiptPage:
    """A loan receipt; `title` marks whose it is."""
    return ReceiptPage(
        (
            Text(text="借书凭条", align=Align.CENTER, bold=True, double=True),
            Pair(key="读者 Patron", value="2023****17"),
            Rule(),
            *(Pair(key=f"{at}. {title}", value="2027-01-31") for at in range(1, books + 1)),
            QrCode(data="https://lib.example/r/8F3K"),
            Text(text="网络恢复后生效，应还日期以系统为准。"),
            Cut(),
        )
    )


@dataclass(slots=True, kw_only=True)
class Bench:
    """A printer, its simulator, and the hub both live on."""

    hub: Hub
    sim: EscposSim
    printer: EscposPrinter
    plug_in: Callable[[], None]
    usb: list[FakeDevice] = field(default_factory=list)

    def do(self, request: Callable[[float], T], within_s: float = 10.0) -> T:
        """Calls a blocking request with its deadline; on a virtual hub from a task of its own."""
        return call(self.hub, lambda: request(self.hub.now() + within_s))

    def print(self, receipt: ReceiptPage, within_s: float = 10.0) -> PrintOutcome:
        return self.do(lambda by: self.printer.print(receipt, by), within_s)

    def health(self) -> Health:
        return self.printer.health

    def repair(self) -> None:
        """New roll, cover closed, plug in."""
        self.sim.paper_lines = 100_000
        self.sim.cover_open = False
        self.sim.error = None
        if not self.sim.plugged:
            self.plug_in()


def call(hub: Hub, request: Callable[[], T]) -> T:
    """The answer or DriverError of a blocking request."""
    if not isinstance(hub, VirtualHub):
        return request()
    answers: list[T] = []
    errors: list[DriverError] = []

    def run() -> None:
        try:
            answers.append(request())
        except DriverError as error:
            errors.append(error)

    hub.spawn("request", run)
    give_up = hub.now() + CALL_S_MAX
    while not answers and not errors:
        assert hub.now() < give_up, "the request did not come back"
        hub.run(hub.now() + 0.05)
    if errors:
        raise errors[0]
    return answers[0]


@contextmanager
def bench(wire: str, *, profile: EscposProfile = PROFILE, make: MakePrinter = EscposPrinter) -> Iterator[Bench]:
    match wire:
        case "pipe":
            yield _pipe_bench(profile, make)
        case "usb":
            yield _usb_bench(profile, make)
        case "pty":
            with _pty_bench(profile, make) as made:
                yield made
        case _:
            with _tcp_bench(profile, make) as made:
                yield made


def _sim(hub: Hub, profile: EscposProfile, idle_s: float | None = None) -> EscposSim:
    sim = EscposSim(hub=hub, can_clear=profile.clears_buffer)
    if idle_s is not None:
        sim.idle_s = idle_s
    return sim


def _pipe_bench(profile: EscposProfile, make: MakePrinter) -> Bench:
    hub = VirtualHub()
    sim = _sim(hub, profile)

    def plug_in() -> None:
        sim.plugged = True

    return Bench(hub=hub, sim=sim, printer=make("receipt", sim.open_pipe, hub, profile), plug_in=plug_in)


def _usb_bench(profile: EscposProfile, make: MakePrinter) -> Bench:
    hub = VirtualHub()
    sim = _sim(hub, profile)
    bus = FakeBus(hub)
    plugged = [bus.plug(FakeDevice(wire=sim.open_pipe, powered=lambda: sim.plugged))]

    def plug_in() -> None:
        """The kernel gives a new address."""
        bus.unplug(plugged.pop())
        sim.plugged = True
        plugged.append(bus.plug(FakeDevice(wire=sim.open_pipe, powered=lambda: sim.plugged)))

    opener = partial(open_usb, UsbId(vendor=0x04B8, product=0x0202), clock=hub, name="receipt", backend=bus)
    return Bench(hub=hub, sim=sim, printer=make("receipt", opener, hub, profile), plug_in=plug_in, usb=plugged)


@contextmanager
def _pty_bench(profile: EscposProfile, make: MakePrinter) -> Iterator[Bench]:
    hub = ThreadHub()
    sim = _sim(hub, profile, REAL_IDLE_S)
    tasks: list[Task] = []
    paths: list[str] = []

    def plug_in() -> None:
        sim.plugged = True
        far, path = open_pty(hub)
        paths.append(path)
        tasks.append(hub.spawn("printer", partial(sim.serve, far)))

    def opener() -> Link:
        return open_serial(paths[-1], 9600, "N", clock=hub, name="receipt")

    plug_in()
    made = Bench(hub=hub, sim=sim, printer=make("receipt", opener, hub, profile), plug_in=plug_in)
    try:
        yield made
    finally:
        made.printer.close()
        sim.unplug()
        for task in tasks:
            assert task.join(hub.now() + 5.0)


@contextmanager
def _tcp_bench(profile: EscposProfile, make: MakePrinter) -> Iterator[Bench]:
    hub = ThreadHub()
    sim = _sim(hub, profile, REAL_IDLE_S)
    listener = listen(hub, "127.0.0.1", 0, sim.serve)

    def plug_in() -> None:
        sim.plugged = True

    opener = partial(open_tcp, "127.0.0.1", listener.port, clock=hub, name="receipt")
    made = Bench(hub=hub, sim=sim, printer=make("receipt", opener, hub, profile), plug_in=plug_in)
    try:
        yield made
    finally:
        made.printer.close()
        sim.unplug()
        listener.close()
