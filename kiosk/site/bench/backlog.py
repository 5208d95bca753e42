"""What was written offline: how fast the gateway receives it, and how fast the library system gets it.

Received: several machines come back at once, in processes of their own; a record counts when its receipt is there.
Booked: loans go through the library system at 20 ms a message, beside plain clients that send it the same messages
over as many connections. Live questions of another machine are asked all the time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from drivers.clock import Hub, Task
from drivers.tcp_link import open_tcp
from kiosk.domain import ItemBarcode, PatronId
from kiosk.gateway.config import load
from kiosk.gateway.sip2 import Checkout, ItemInformation
from kiosk.gateway.sip2.client import Client
from kiosk.gateway.sip2.look import patron_loans
from kiosk.messages.asks import ItemKnown
from kiosk.messages.records import Op
from kiosk.site.audit import audit_folder
from kiosk.site.bench.counting import executed, journal_records, ledger_records
from kiosk.site.bench.machine_end import MachineEnd
from kiosk.site.bench.place import Place, barcode, many_books, place, reader
from kiosk.site.bench.raw import MS, percentile
from kiosk.site.bench.report import Area, Bound, Count, Line
from kiosk.site.bench.running import Child, ChildFailed
from kiosk.site.folder import HOST, SiteFolder

MACHINES: Final = ("kiosk-1", "kiosk-2", "kiosk-3", "kiosk-4")
LIVE: Final = "kiosk-9"
PROCESSES: Final = 2
KEYS: Final = 4_000  # a machine; three records each
RECORDS_PER_S_WANTED: Final = 10_000
DRAIN_S_MAX: Final = 100.0
LATENCY_MS: Final = 20.0
LOANS: Final = 320
LOANS_A_READER: Final = 4
CONNECTIONS: Final = 2
ILS_S_MAX: Final = 60.0
QUESTIONS_IDLE: Final = 60
OFTEN_S: Final = 0.01  # between two live questions
SELDOM_S: Final = 0.2  # the same where each takes a connection to the library system for 20 ms


def measure(folder: Path, hub: Hub) -> Area:
    received, booked = _received(folder / "received", hub), _booked(folder / "booked", hub)
    return Area(
        name="backlog",
        lines=received.lines + booked.lines,
        counts=received.counts + booked.counts,
        notes=received.notes + booked.notes,
    )


@dataclass(slots=True)
class _Live:
    """A machine that asks for an item every `pace_s`, in a task of its own."""

    hub: Hub
    end: MachineEnd
    pace_s: float
    times: list[float] = field(default_factory=list)
    asked: int = 0
    known: int = 0
    _ending: bool = False
    _task: Task | None = None

    def idle(self) -> float:
        """p99 in seconds while nothing else happens."""
        self.begin()
        self.hub.wait_until(self.hub.now() + QUESTIONS_IDLE * self.pace_s)
        return self.end_with_p99()

    def begin(self) -> None:
        self.times, self._ending = [], False
        self._task = self.hub.spawn("live", self._ask)

    def end_with_p99(self) -> float:
        self._ending = True
        assert self._task is not None
        self._task.join(self.hub.now() + ILS_S_MAX)
        return percentile(self.times, 0.99)

    def _ask(self) -> None:
        while not self._ending:
            begin = self.hub.now()
            self.known += isinstance(self.end.ask_item("D1000001"), ItemKnown)
            self.times.append(self.hub.now() - begin)
            self.asked += 1
            self.hub.wait_until(begin + self.pace_s)


def _received(folder: Path, hub: Hub) -> Area:
    data = many_books(folder / "books", KEYS * len(MACHINES))
    with place(folder, hub, devices=(*MACHINES, LIVE), swift=True, data=data) as site:
        share = len(MACHINES) // PROCESSES
        drains = [_drain(site, MACHINES[at : at + share], hub) for at in range(0, len(MACHINES), share)]
        live = _Live(hub, MachineEnd(hub, site.folder, LIVE), OFTEN_S)
        try:
            for drain in drains:
                drain.start("ready")
            live.end.start()
            idle_s = live.idle()
            live.begin()
            for drain in drains:
                drain.tell("go")
            said = [drain.wait_for(r"drained (\d+) ([\d.]+)", DRAIN_S_MAX) for drain in drains]
            busy_s = live.end_with_p99()
        finally:
            live.end.stop()
            for drain in drains:
                drain.end()
        believed = sum(int(each[1]) for each in said)
        written = sum(journal_records(site.folder.journal(device)) for device in MACHINES)
        counts = (
            Count(what="records receipted: written", believed=believed, found=written),
            Count(what="records receipted: in the ledger", believed=believed, found=ledger_records(site.folder.ledger)),
            Count(what="live questions answered while records came", believed=live.asked, found=live.known),
        )
    rate = believed / max(float(each[2]) for each in said)
    lines = (
        Line(
            what="records received a second, receipt included",
            measured=rate,
            unit="/s",
            limit=RECORDS_PER_S_WANTED,
            limit_name="wanted",
            bound=Bound.AT_LEAST,
            must=1.0,
        ),
        _live_line("live question meanwhile, p99", busy_s, idle_s),
    )
    return Area(name="received", lines=lines, counts=counts)


def _drain(site: Place, devices: tuple[str, ...], hub: Hub) -> Child:
    arguments = ("kiosk.site.bench.drains", str(site.folder.root), str(KEYS), *devices)
    return Child(arguments, site.folder.root / f"drain-{devices[0]}.log", hub)


def _booked(folder: Path, hub: Hub) -> Area:
    data = many_books(folder / "books", 2 * LOANS, 2 * LOANS // LOANS_A_READER)
    with place(folder, hub, devices=(MACHINES[0], LIVE), latency_ms=LATENCY_MS, data=data) as site:
        ils_rate = _plain_clients(site.folder, hub)
        before = executed(site.folder.ils_db)
        away = MachineEnd(hub, site.folder, MACHINES[0])
        live = _Live(hub, MachineEnd(hub, site.folder, LIVE), SELDOM_S)
        try:
            live.end.start()
            idle_s = live.idle()
            away.start()  # for a key to seal with
            for n in range(LOANS, 2 * LOANS):
                away.journal.append(away.offline(Op.CHECKOUT, barcode(n), reader(n // LOANS_A_READER)))
            live.begin()
            begin = hub.now()
            away.told()
            _wait_booked(site.folder, before + LOANS, hub)
            rate = LOANS / (hub.now() - begin)
            busy_s = live.end_with_p99()
            found = _settled(site.folder, hub)
        finally:
            away.stop()
            live.end.stop()
        counts = (
            Count(
                what="loans booked by the library system", believed=LOANS, found=executed(site.folder.ils_db) - before
            ),
            Count(what="loans: lost, doubled or unsettled", believed=0, found=found),
            Count(what="live questions answered while loans went", believed=live.asked, found=live.known),
        )
    lines = (
        Line(
            what=f"loans booked a second, ILS {LATENCY_MS:g} ms a message",
            measured=rate,
            unit="/s",
            limit=ils_rate,
            limit_name=f"{CONNECTIONS} plain clients",
            bound=Bound.AT_LEAST,
            must=0.9,
        ),
        _live_line("live question meanwhile, p99", busy_s, idle_s),
    )
    return Area(name="booked", lines=lines, counts=counts)


def _plain_clients(folder: SiteFolder, hub: Hub) -> float:
    """Loans a second that the library system takes from clients that write nothing down."""
    profile = load(folder.gateway).ils.described()

    def client(numbers: range) -> Callable[[], None]:
        def work() -> None:
            terminal = Client(lambda: open_tcp(HOST, folder.ports.ils, clock=hub), profile, hub)
            for n in numbers:
                by = hub.now() + ILS_S_MAX
                item, patron = ItemBarcode(barcode(n)), PatronId(reader(n // LOANS_A_READER))
                terminal.ask(ItemInformation(item=item), by)
                terminal.ask(ItemInformation(item=item), by)
                patron_loans(terminal, patron=patron, by=by)
                terminal.ask(Checkout(patron=patron, item=item), by)
            terminal.close()

        return work

    begin = hub.now()
    tasks = [hub.spawn(f"client-{n}", client(range(n, LOANS, CONNECTIONS))) for n in range(CONNECTIONS)]
    for task in tasks:
        if not task.join(hub.now() + ILS_S_MAX) or task.error is not None:
            raise ChildFailed(f"a plain client of the library system failed: {task.error!r}")
    return LOANS / (hub.now() - begin)


def _wait_booked(folder: SiteFolder, wanted: int, hub: Hub) -> None:
    by = hub.now() + ILS_S_MAX
    while executed(folder.ils_db) < wanted and hub.now() < by:
        hub.wait_until(hub.now() + 0.02)


def _settled(folder: SiteFolder, hub: Hub) -> int:
    """How many keys are wrong or open, once there was time to settle them."""
    by = hub.now() + ILS_S_MAX
    while True:
        found = audit_folder(folder)
        wrong = len(found.lost) + len(found.doubled) + len(found.unsettled) + len(found.pending)
        if wrong == 0 or hub.now() >= by:
            return wrong
        hub.wait_until(hub.now() + 0.5)


def _live_line(what: str, busy_s: float, idle_s: float) -> Line:
    return Line(
        what=what,
        measured=busy_s * MS,
        unit="ms",
        limit=idle_s * MS,
        limit_name="p99 idle",
        bound=Bound.AT_MOST,
        must=2.0,
    )
