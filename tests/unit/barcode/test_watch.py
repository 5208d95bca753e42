from __future__ import annotations

from drivers.barcode import ScanEvent, Scanned, Scanner, ScannerHealth, ScanUnreadable, ScanWatch, WhyUnreadable
from drivers.barcode.serial_scanner import SerialScanner
from drivers.barcode.serial_scanner.sim import SerialScannerSim
from drivers.clock import VirtualHub
from drivers.errors import LinkLost
from drivers.health import Health
from drivers.link import Link, pipe

BOOK = "D0001234"


class Desk:
    """A machine's scanner with its watch, in virtual time."""

    def __init__(self) -> None:
        self.hub = VirtualHub()
        self.events: list[ScanEvent] = []
        self.opened = 0
        self._near: Link | None
        self.plug_in()
        self.watch = ScanWatch(self._open, self.hub, self.events.append)
        self.task = self.hub.spawn("watch", self.watch.run)

    def plug_in(self) -> None:
        self._near, self._far = pipe(self.hub)
        self.scanner = SerialScannerSim(self._far.write)

    def unplug(self) -> None:
        self._far.close()
        self._near = None

    def _open(self) -> Scanner:
        self.opened += 1
        if self._near is None:
            raise LinkLost("scanner", "open", "not there")
        return SerialScanner(self._near, self.hub)

    def wait(self, seconds: float = 2.0) -> list[ScanEvent]:
        """What was told meanwhile."""
        self.events.clear()
        self.hub.run(self.hub.now() + seconds)
        return list(self.events)


def test_a_scanner_that_works_says_so_once_and_then_only_what_was_scanned() -> None:
    desk = Desk()
    assert desk.wait() == [ScannerHealth(health=Health.OK)]
    desk.scanner.scan(BOOK)
    desk.scanner.tear(BOOK, after=3)
    assert desk.wait() == [Scanned(text=BOOK), ScanUnreadable(why=WhyUnreadable.TORN)]


def test_a_code_scanned_before_the_machine_was_ready_is_nobodys() -> None:
    desk = Desk()
    desk.scanner.scan(BOOK)
    assert desk.wait() == [ScannerHealth(health=Health.OK)]


def test_an_unplugged_scanner_is_told_and_comes_back() -> None:
    desk = Desk()
    desk.wait()
    desk.unplug()
    assert desk.wait() == [ScannerHealth(health=Health.GONE, code="hangup")]
    desk.plug_in()
    assert desk.wait(20) == [ScannerHealth(health=Health.OK)]
    desk.scanner.scan(BOOK)
    assert desk.wait() == [Scanned(text=BOOK)]


def test_a_scanner_that_is_not_there_is_asked_for_more_and_more_seldom() -> None:
    desk = Desk()
    desk.unplug()
    desk.wait(60)
    tries = desk.opened
    desk.wait(60)
    assert 5 <= desk.opened - tries <= 7


def test_a_parked_scanner_tells_nothing_and_forgets_what_it_read() -> None:
    desk = Desk()
    desk.wait()
    desk.watch.park()
    desk.wait()
    desk.scanner.scan(BOOK)
    assert desk.wait(24 * 3600) == []
    desk.watch.wake()
    assert desk.wait() == []
    desk.scanner.scan("D0007777")
    assert desk.wait() == [Scanned(text="D0007777")]


def test_a_scanner_that_went_while_parked_is_told_when_woken() -> None:
    desk = Desk()
    desk.wait()
    desk.watch.park()
    desk.wait()
    desk.unplug()
    desk.watch.wake()
    assert desk.wait() == [ScannerHealth(health=Health.GONE, code="hangup")]


def test_a_stopped_watch_ends() -> None:
    desk = Desk()
    desk.wait()
    desk.watch.stop()
    desk.wait()
    assert desk.task.join(desk.hub.now())
    assert desk.task.error is None


def test_a_watch_that_was_stopped_in_the_middle_of_a_read_says_nothing_more() -> None:
    """The technician has restarted the scanner: its next watch speaks for it already."""
    desk = Desk()
    desk.wait()
    desk.watch.stop()
    desk.unplug()
    assert desk.wait(20) == []
    assert desk.task.join(desk.hub.now())
