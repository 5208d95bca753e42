"""What one question costs: machine, broker, gateway, library system and back, with all of them as real processes.

The library system answers at once. A read is one message to it. A loan or return is one, too, since the machine has
asked about every copy on its pad before; and three commits: the intent in the machine's journal, attempt and outcome in
the ledger. Each is asked alone, after the receipt for the records of the one before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from drivers.clock import Hub
from kiosk.messages.asks import ItemKnown
from kiosk.messages.records import Op
from kiosk.site.audit import audit_folder
from kiosk.site.bench.counting import executed
from kiosk.site.bench.machine_end import MachineEnd
from kiosk.site.bench.place import DEVICE, barcode, many_books, place
from kiosk.site.bench.raw import MS, US, Appends, Echo, median, percentile, timed
from kiosk.site.bench.report import Area, Bound, Count, Line
from kiosk.site.folder import SiteFolder

ROUNDS: Final = 10
READS: Final = 60
EFFECTS: Final = 20  # loans, and as many returns, a round: no more than two readers may have
RAWS: Final = 200
WARM_UP: Final = 50
READERS: Final = ("9920130001", "9920130002", "9920130003", "9920130004")
READ_TIMES: Final = 45  # of an echo
SYNCS: Final = 3  # intent, attempt, outcome
P99_MS: Final = 10.0
RECEIPT_S_MAX: Final = 20.0


@dataclass(slots=True)
class _Measured:
    echo: list[float] = field(default_factory=list)  # one before each question, with the same cold caches
    busy_echo: list[float] = field(default_factory=list)  # many in a row
    effect_echo: list[float] = field(default_factory=list)  # one before each loan and return
    sync: list[float] = field(default_factory=list)
    reads: list[float] = field(default_factory=list)
    loans: list[float] = field(default_factory=list)
    returns: list[float] = field(default_factory=list)
    known: int = 0
    granted: int = 0


def measure(folder: Path, hub: Hub, rounds: int = ROUNDS) -> Area:
    data = many_books(folder / "books", EFFECTS)
    with (
        place(folder, hub, swift=True, data=data) as site,
        Echo(folder / "echo.log", hub) as echo,
    ):
        end = MachineEnd(hub, site.folder, DEVICE)
        appends = Appends(folder / "appends", hub)
        measured = _Measured()
        try:
            end.start()
            timed(hub, lambda: end.ask_item(barcode(0)), WARM_UP)
            for _ in range(rounds):
                _round(end, echo, appends, measured)
            end.wait_receipted(end.journal.last[0], RECEIPT_S_MAX)
        finally:
            appends.close()
            end.stop()
        counts = _counts(site.folder, measured, rounds)
    before = f"an echo before a loan or return takes {median(measured.effect_echo) * US:.1f} us"
    notes = (f"{before}, an fsync {median(measured.sync) * US:.1f} us",)
    return Area(name="ask", lines=_lines(measured), counts=counts, notes=notes)


def _round(end: MachineEnd, echo: Echo, appends: Appends, measured: _Measured) -> None:
    hub = end.hub
    measured.busy_echo += echo.times(RAWS)
    for n in range(READS):
        measured.echo += echo.times(1)
        begin = hub.now()
        known = end.ask_item(barcode(n % EFFECTS))
        measured.reads.append(hub.now() - begin)
        measured.known += isinstance(known, ItemKnown)
    for op, times in ((Op.CHECKOUT, measured.loans), (Op.CHECKIN, measured.returns)):
        for n in range(EFFECTS):
            end.ask_item(barcode(n))
        for n in range(EFFECTS):
            measured.sync += appends.times(1)
            measured.effect_echo += echo.times(1)
            begin = hub.now()
            answer = end.ask_effect(op, barcode(n), READERS[n % len(READERS)])
            times.append(hub.now() - begin)
            measured.granted += end.end(answer, op, barcode(n))
            end.wait_receipted(end.journal.last[0], RECEIPT_S_MAX)


def _counts(folder: SiteFolder, measured: _Measured, rounds: int) -> tuple[Count, ...]:
    """The library system's own books, and the audit of journal, ledger and books."""
    found = audit_folder(folder)
    wanted = 2 * EFFECTS * rounds
    return (
        Count(what="items known", believed=rounds * READS, found=measured.known),
        Count(what="loans and returns granted", believed=wanted, found=measured.granted),
        Count(what="executed by the library system", believed=wanted, found=executed(folder.ils_db)),
        Count(what="keys in journal, ledger and books", believed=wanted, found=found.keys),
        Count(what="lost or doubled", believed=0, found=len(found.lost) + len(found.doubled) + len(found.unsettled)),
    )


def _lines(measured: _Measured) -> tuple[Line, ...]:
    echo, sync = median(measured.echo), median(measured.sync)
    effect_limit = READ_TIMES * median(measured.effect_echo) + SYNCS * sync
    named = f"{READ_TIMES} echo + {SYNCS} fsync"
    return (
        _read("read, p50", measured.reads, echo, "echo between questions"),
        _read("the same", measured.reads, median(measured.busy_echo), "echo of many in a row"),
        _p99("read, p99", measured.reads),
        _effect("loan, p50", measured.loans, effect_limit, named),
        _p99("loan, p99", measured.loans),
        _effect("return, p50", measured.returns, effect_limit, named),
        _p99("return, p99", measured.returns),
    )


def _read(what: str, times: list[float], echo_s: float, named: str) -> Line:
    return Line(
        what=what,
        measured=median(times) * US,
        unit="us",
        limit=echo_s * US,
        limit_name=named,
        bound=Bound.AT_MOST,
        must=READ_TIMES,
    )


def _effect(what: str, times: list[float], limit: float, named: str) -> Line:
    return Line(
        what=what,
        measured=median(times) * US,
        unit="us",
        limit=limit * US,
        limit_name=named,
        bound=Bound.AT_MOST,
        must=1.0,
    )


def _p99(what: str, times: list[float]) -> Line:
    return Line(
        what=what,
        measured=percentile(times, 0.99) * MS,
        unit="ms",
        limit=P99_MS,
        limit_name="wanted",
        bound=Bound.AT_MOST,
        must=1.0,
    )
