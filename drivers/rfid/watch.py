"""The loop that owns a pad: scans, reads what is new once, serves requests between scans, survives every fault.

`PadWatch.run` is one task. Whoever wants something posts a request; everything comes back through one callback.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from drivers.clock import Hub, Mailbox, MailboxFull
from drivers.errors import DeviceFault, DriverError, LinkLost, Refused
from drivers.health import Health, Wellness
from drivers.link import Link, Opener
from drivers.presence import Presence
from drivers.rfid.contract import (
    NotWritten,
    Pad,
    PadIdentity,
    Proven,
    SecurityProof,
    SelfTest,
    TagImage,
    TagUid,
    Unknown,
)

REQUESTS_MAX = 64
PARKED_S = 3600.0
REOPEN_S = 0.2  # at least, before a wire is opened again


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchOptions:
    """`poll_s` from scan to scan; a scan and the reading of one tag may take `call_s_max`. Debounce in scans."""

    poll_s: float = 0.1
    call_s_max: float = 2.0
    seen_after: int = 1
    left_after: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PadTags:
    """What lies on the pad: read tags by uid, and those that are there but not read (yet). Sent when it changes.

    While health is MUTE or GONE the last snapshot is history, not the present; recovery always sends a new one.
    """

    tags: tuple[TagImage, ...]
    unread: tuple[TagUid, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PadHealth:
    """Sent when it changes. `code` is the word of the last fault, "" when well.

    DEGRADED with TOO_MANY_TAGS is no fault of the pad: the list stays as it was until books are taken away.
    """

    health: Health
    code: str
    identity: PadIdentity | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityDone:
    """The outcome of Secure or Release `ref`."""

    ref: str
    proof: SecurityProof


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTestDone:
    """The outcome of TestPad `ref`."""

    ref: str
    result: SelfTest


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryWritten:
    """The outcome of WriteMemory `ref`: written and read back."""

    ref: str
    uid: TagUid


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFailed:
    """TestPad or WriteMemory `ref` did not come to its end; a tag may be partly written."""

    ref: str
    code: str


PadEvent = PadTags | PadHealth | SecurityDone | SelfTestDone | MemoryWritten | RequestFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class Secure:
    """Bring security on by the monotonic time `by`. `ref` is the caller's own word for it."""

    ref: str
    uid: TagUid
    by: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Bring security off by the monotonic time `by`."""

    ref: str
    uid: TagUid
    by: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TestPad:
    """Scan once, read everything, report numbers."""

    __test__ = False  # not a test class, whatever its name says

    ref: str
    by: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteMemory:
    """Technician only: write whole blocks and read them back."""

    ref: str
    uid: TagUid
    first_block: int
    data: bytes
    by: float


@dataclass(frozen=True, slots=True)
class Park:
    """Stop scanning; requests are still served."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Scan again, beginning at once."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Give the wire back and end the task."""


PadRequest = Secure | Release | TestPad | WriteMemory | Park | Resume | Stop


class PadWatch:
    """One pad and its owner loop. Give `run` to `Hub.spawn`; `post` may be called from any task.

    `report` runs in the loop's task and must not block. Retries and back-off are here and in the pad, nowhere else.
    """

    def __init__(
        self,
        hub: Hub,
        opener: Opener,
        make_pad: Callable[[Link], Pad],
        report: Callable[[PadEvent], None],
        options: WatchOptions = WatchOptions(),
    ) -> None:
        self._hub = hub
        self._opener = opener
        self._make_pad = make_pad
        self._to_owner = report
        self._options = options
        self._requests: Mailbox[PadRequest] = hub.mailbox(REQUESTS_MAX)
        self._pad: Pad | None = None
        self._identity: PadIdentity | None = None
        self._wellness = Wellness()
        self._told: PadHealth | None = None
        self._presence: Presence[TagUid] = Presence(seen_after=options.seen_after, left_after=options.left_after)
        self._images: dict[TagUid, TagImage] = {}
        self._shown: PadTags | None = None
        self._parked = False
        self._look_at = hub.now()
        self._ended = False

    def post(self, request: PadRequest) -> None:
        """Queues a request; raises MailboxFull when REQUESTS_MAX wait."""
        self._requests.put(request)

    def end(self) -> None:
        """Ends the task after what it is at; what waits is not served any more. From any task, never blocks."""
        self._ended = True
        with contextlib.suppress(MailboxFull):
            self._requests.put(Stop())

    def run(self) -> None:
        """Scans and serves until Stop."""
        while not self._ended:
            if not self._parked and self._hub.now() >= self._look_at:
                self._look()
            request = self._requests.get(self._hub.now() + PARKED_S if self._parked else self._look_at)
            match request:
                case None:
                    continue
                case Stop():
                    break
                case _ if self._ended:
                    break
                case Park():
                    self._parked = True
                case Resume():
                    self._parked = False
                    self._look_at = self._hub.now()
                case _:
                    self._serve(request)
        self._drop_pad()

    # -- looking -----------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """One scan, whatever comes of it, and the time of the next."""
        began = self._hub.now()
        try:
            self._scan(self._connected())
        except DriverError as fault:
            self._suffer(fault)
        pause_s = self._wellness.backoff_s if self._pad else max(REOPEN_S, self._wellness.backoff_s)
        self._look_at = max(began + self._options.poll_s, self._hub.now() + pause_s)

    def _connected(self) -> Pad:
        if self._pad is None:
            pad = self._make_pad(self._opener())
            try:
                self._identity = pad.identify(self._hub.now() + self._options.call_s_max)
            except DriverError:
                pad.close()
                raise
            self._pad = pad
        return self._pad

    def _scan(self, pad: Pad) -> None:
        found = pad.inventory(self._hub.now() + self._options.call_s_max)
        self._wellness = self._wellness.good()
        self._tell(self._wellness.health, "")
        change = self._presence.scan(found)
        for uid in change.left:
            self._images.pop(uid, None)
        for uid in sorted(self._presence.present - self._images.keys()):
            if len(self._requests):
                break  # somebody waits at the counter; the rest is read after the next scan
            self._read(pad, uid)
        self._show()

    def _read(self, pad: Pad, uid: TagUid) -> None:
        try:
            self._images[uid] = pad.read(uid, self._hub.now() + self._options.call_s_max)
        except Refused:  # lifted again, or too far off: shown as unread, tried again after the next scan
            return

    def _show(self) -> None:
        tags = tuple(self._images[uid] for uid in sorted(self._images))
        now = PadTags(tags=tags, unread=tuple(sorted(self._presence.present - self._images.keys())))
        if now != self._shown:
            self._shown = now
            self._report(now)

    # -- faults ------------------------------------------------------------------------------------------------------

    def _suffer(self, fault: DriverError) -> None:
        if isinstance(fault, Refused | DeviceFault):
            # It answers, so the wire and the reader live: too many tags, metal on the pad, a setting to be changed.
            self._wellness = self._wellness.good()
            self._tell(Health.DEGRADED, fault.code)
            return
        self._wellness = self._wellness.lost() if isinstance(fault, LinkLost) else self._wellness.fault()
        if self._wellness.health in (Health.MUTE, Health.GONE):
            # A mute reader behind a live connection may be a connection that died without a word: open it anew.
            self._drop_pad()
        self._tell(self._wellness.health, fault.code)

    def _drop_pad(self) -> None:
        if self._pad is not None:
            self._pad.close()
        self._pad = None
        self._presence.clear()
        self._images.clear()
        self._shown = None

    def _report(self, event: PadEvent) -> None:
        """Once ended it has nothing to say any more: another watch may speak for the pad already."""
        if not self._ended:
            self._to_owner(event)

    def _tell(self, health: Health, code: str) -> None:
        now = PadHealth(health=health, code=code, identity=self._identity)
        if now != self._told:
            self._told = now
            self._report(now)

    # -- requests ----------------------------------------------------------------------------------------------------

    def _serve(self, request: Secure | Release | TestPad | WriteMemory) -> None:
        """Serves a request at once, opening the wire first where it is lost: the caller's deadline is running."""
        try:
            pad = self._connected()
        except DriverError as fault:
            self._suffer(fault)
            self._report(_refusal(request, fault.code))
            return
        match request:
            case Secure():
                self._proven(request.ref, pad.secure(request.uid, request.by))
            case Release():
                self._proven(request.ref, pad.release(request.uid, request.by))
            case TestPad() | WriteMemory():
                if isinstance(request, WriteMemory):
                    self._images.pop(request.uid, None)  # to be read again
                self._report(_technician(pad, request))

    def _proven(self, ref: str, proof: SecurityProof) -> None:
        """Reports, and keeps the list true: by the proof where there is one, else by reading the book again."""
        self._report(SecurityDone(ref=ref, proof=proof))
        image = self._images.get(proof.uid)
        if image is None:
            return
        match proof:
            case Proven(reading=reading):
                self._images[proof.uid] = replace(image, afi=reading.afi, eas=reading.eas)
            case Unknown():
                del self._images[proof.uid]
            case NotWritten():
                return
        self._show()


def _refusal(request: Secure | Release | TestPad | WriteMemory, code: str) -> PadEvent:
    if isinstance(request, Secure | Release):
        return SecurityDone(ref=request.ref, proof=NotWritten(uid=request.uid, before=None, cause=code))
    return RequestFailed(ref=request.ref, code=code)


def _technician(pad: Pad, request: TestPad | WriteMemory) -> PadEvent:
    try:
        if isinstance(request, TestPad):
            return SelfTestDone(ref=request.ref, result=pad.self_test(request.by))
        pad.write_memory(request.uid, request.first_block, request.data, request.by)
        return MemoryWritten(ref=request.ref, uid=request.uid)
    except DriverError as fault:
        return RequestFailed(ref=request.ref, code=fault.code)
