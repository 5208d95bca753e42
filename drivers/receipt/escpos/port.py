"""One ESC/POS printer's wire: opened when needed, asked with deadlines, given up and opened again when it fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from drivers.clock import Clock
from drivers.errors import BadFrame, DriverError, LinkLost, NoReply
from drivers.health import Health, Wellness
from drivers.link import Link, Opener
from drivers.receipt.contract import PrinterStatus
from drivers.receipt.escpos import protocol
from drivers.receipt.escpos.protocol import Info, Kind, Marker, Query, RealtimeAnswers

ANSWER_S_MAX = 1.0
INFO_S_MAX = 0.5
CLEARED_S_MAX = 0.5
DRAIN_READS_MAX = 64


class Port:
    """Bytes to and from the printer; every trouble is counted into `wellness` and raised."""

    def __init__(self, device: str, opener: Opener, clock: Clock) -> None:
        self.device = device
        self.wellness = Wellness()
        self.openings = 0
        self._opener = opener
        self._clock = clock
        self._link: Link | None = None
        self._heard = bytearray()
        self._marks = 0
        self._retry_at = 0.0

    @property
    def is_open(self) -> bool:
        return self._link is not None

    def now(self) -> float:
        return self._clock.now()

    def ready(self, by: float) -> None:
        """Has the wire open; waits for the back-off to end if `by` allows it. Raises LinkLost."""
        if self._retry_at > by:
            raise LinkLost(self.device, "backoff", f"{self.wellness.health}, the next attempt is not due yet")
        self._clock.wait_until(self._retry_at)
        if self._link is not None:
            return
        try:
            self._link = self._opener()
        except LinkLost:
            self._lost()
            raise
        self.openings += 1
        self._heard.clear()

    def status(self, by: float) -> PrinterStatus:
        """Asks all four status bytes. A byte that answers a Marker meanwhile is kept for `marked`."""
        with self._counted():
            printer, offline, error, paper = (self._realtime(query, by) for query in Query)
        self.wellness = self.wellness.good()
        return RealtimeAnswers(printer=printer, offline_cause=offline, error_cause=error, paper=paper).status()

    def send(self, data: bytes) -> None:
        with self._counted():
            self._open_link().write(data)

    def marked(self, by: float) -> bool:
        """Whether a Marker was answered since `forget`, waiting for it until `by`."""
        with self._counted():
            while self._marks == 0 and (byte := self._byte(by)) is not None:
                if protocol.kind(byte) is Kind.IN_ORDER:
                    self._marks += 1
        return self._marks > 0

    def settle(self, marker: Marker, quiet_s: float, by: float) -> None:
        """Sends a Marker and hears answers until none has come for `quiet_s`; raises NoReply if none comes at all."""
        self.send(marker.value)
        if not self.marked(by):
            with self._counted():
                raise NoReply(self.device, "settle", "did not work through what it was sent", sent=marker.value)
        self.forget(quiet_s)

    def forget(self, quiet_s: float) -> None:
        """Drops whatever was said so far, until the printer has been silent for `quiet_s` seconds."""
        with self._counted():
            self._heard.clear()
            for _ in range(DRAIN_READS_MAX):
                if not self._open_link().read(self._clock.now() + quiet_s):
                    self._marks = 0
                    return
            raise BadFrame(self.device, "babble", "does not stop talking")

    def cleared(self, by: float) -> None:
        """Waits until the printer confirms that it threw its buffers away; raises NoReply."""
        tail = b""
        with self._counted():
            limit = min(by, self._clock.now() + CLEARED_S_MAX)
            while (byte := self._byte(limit)) is not None:
                tail = (tail + bytes([byte]))[-len(protocol.CLEARED) :]
                if tail == protocol.CLEARED:
                    return
            raise NoReply(self.device, "clear", "did not confirm that its buffers are clear", received=tail)

    def info(self, what: Info, by: float) -> str | None:
        """What the printer tells of itself, or None if it does not answer in INFO_S_MAX."""
        frame = bytearray()
        with self._counted():
            self._open_link().write(what.command)
            limit = min(by, self._clock.now() + INFO_S_MAX)
            while len(frame) < protocol.INFO_BYTES_MAX and (byte := self._byte(limit)) is not None:
                if frame or byte == protocol.INFO_HEADER:
                    frame.append(byte)
                if frame and byte == 0:
                    return protocol.info_text(bytes(frame))
        return None

    def close(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None

    def _realtime(self, query: Query, by: float) -> int:
        link = self._open_link()
        link.write(query.command)
        limit = min(by, self._clock.now() + ANSWER_S_MAX)
        while (byte := self._byte(limit)) is not None:
            match protocol.kind(byte):
                case Kind.REALTIME:
                    return byte
                case Kind.IN_ORDER:
                    self._marks += 1
                case Kind.FLOW:
                    pass
                case Kind.NOISE:
                    received = bytes([byte, *self._heard])
                    raise BadFrame(self.device, "status", "no status byte", sent=query.command, received=received)
        raise NoReply(self.device, "status", "did not say how it is", sent=query.command)

    def _byte(self, by: float) -> int | None:
        if not self._heard:
            self._heard += self._open_link().read(by)
        return self._heard.pop(0) if self._heard else None

    def _open_link(self) -> Link:
        if self._link is None:
            raise LinkLost(self.device, "closed", "the wire is not open")
        return self._link

    @contextmanager
    def _counted(self) -> Iterator[None]:
        try:
            yield
        except LinkLost:
            self._lost()
            raise
        except DriverError:
            self._fault()
            raise

    def _lost(self) -> None:
        self.close()
        self.wellness = self.wellness.lost()
        self._retry_at = self._clock.now() + self.wellness.backoff_s

    def _fault(self) -> None:
        self.wellness = self.wellness.fault()
        self._retry_at = self._clock.now() + self.wellness.backoff_s
        if self.wellness.health is Health.MUTE:
            self.close()  # a network printer may have forgotten the connection: only a new one will tell
