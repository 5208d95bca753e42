"""A FEIG reader as the wire sees it: the far end of a Link, over a Field of tags, with all its bad days.

It answers as the manuals say (sources in protocol.py): nothing to a damaged frame, nothing to a request that comes
before the gap has passed, tags reported once and then silent until the field was off, blocks with their bytes
reversed, long inventories in parts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from drivers.clock import Hub
from drivers.errors import LinkLost
from drivers.link import Link, pipe
from drivers.rfid.feig.commands import (
    EAS_ALARM,
    EAS_SET,
    READ_BYTES_MAX,
    Answer,
    Detect,
    Eas,
    Inventory,
    ReadBlocks,
    ReaderFacts,
    Request,
    RfReset,
    SystemInfo,
    Version,
    WriteAfi,
    WriteBlocks,
    answer_frame,
    blocks_data,
    inventory_data,
    parse_request,
    system_info_data,
    version_data,
)
from drivers.rfid.feig.protocol import (
    ANY_READER,
    REQUEST_BYTES_MIN,
    Frame,
    Framer,
    Status,
    crc16,
    encode_frame,
)
from drivers.rfid.field import Field, Op, Tag, TagError
from drivers.rfid.mischief import Mischief, WireFault

IDLE_S = 60.0
REQUESTS_KEPT_MAX = 1000
CHARACTER_GAP_S = 0.012  # a request that pauses longer is dropped (H20800-16e)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderTraits:
    """How this reader was built and configured.

    `ont`: found tags are silenced. `custom_commands` False is CPR firmware without B1. `less_one`: MEM-SIZE as it came
    over the air. `tags_per_answer` splits long inventories. Times in seconds; all zero is as fast as the host.
    """

    address: int = 0
    model: int = 76
    firmware: int = 0x0402
    ont: bool = True
    custom_commands: bool = True
    less_one: bool = True
    tags_per_answer: int = 20
    gap_s: float = 0.0
    byte_s: float = 0.0
    command_s: float = 0.0
    write_s: float = 0.0
    per_tag_s: float = 0.0
    rf_reset_s: float = 0.0


LIFELIKE = ReaderTraits(
    gap_s=0.005, byte_s=11 / 38_400, command_s=0.010, write_s=0.020, per_tag_s=0.004, rf_reset_s=0.015
)
"""38400 baud 8E1 and air times of the order measured with ISO 15693 tags."""


class FeigSim:
    """The reader. `serve` runs on any link until the wire goes; unplugged it serves nobody until `plugged` is True."""

    def __init__(
        self,
        hub: Hub,
        field: Field,
        traits: ReaderTraits = ReaderTraits(),
        mischief: Mischief | None = None,
    ) -> None:
        self.field = field
        self.mischief = mischief or Mischief()
        self.plugged = True
        # Answers every tag command with this status: 82 while a scan mode left on by a technician holds the antenna.
        self.refuses: Status | None = None
        self.requests: deque[Request] = deque(maxlen=REQUESTS_KEPT_MAX)
        self._hub = hub
        self._traits = traits
        self._rest: Sequence[Tag] = ()
        self._deaf_until = 0.0

    def connect(self) -> Link:
        """The driver's end of a new in-memory wire to this reader: an Opener. Raises LinkLost while it is unplugged."""
        if not self.plugged:
            raise LinkLost("feig-sim", "open", "the reader is unplugged")
        near, far = pipe(self._hub, "feig-sim")
        self._hub.spawn("feig-sim", partial(self.serve, far))
        return near

    def serve(self, link: Link) -> None:
        """Answers requests until the link is lost or a planned fault pulls the plug."""
        framer = Framer(shortest=REQUEST_BYTES_MIN)
        try:
            while self.plugged:
                gap_s = CHARACTER_GAP_S if framer.pending else IDLE_S
                chunk = link.read(self._hub.now() + gap_s)
                came_at = self._hub.now()
                for item in framer.feed(chunk) if chunk else framer.flush():
                    if isinstance(item, Frame) and came_at >= self._deaf_until:
                        self._serve_one(link, item)
        except LinkLost:
            return
        finally:
            link.close()

    def _serve_one(self, link: Link, frame: Frame) -> None:
        if not self.plugged or frame.address not in (ANY_READER, self._traits.address):
            return
        request = parse_request(frame)
        fault = self.mischief.draw(_op(request))
        if fault is WireFault.MUTE:
            return
        if fault is WireFault.UNPLUG_BEFORE:
            self.plugged = False
            return
        if isinstance(request, Status):
            answer = Answer(command=frame.command, status=request)
        else:
            self.requests.append(request)
            answer = self._act(request, frame.command)
        if fault is WireFault.UNPLUG_AFTER:
            self.plugged = False
            return
        raw = encode_frame(answer_frame(answer, address=self._traits.address, advanced=frame.advanced))
        self._spend(len(raw) * self._traits.byte_s)
        self.mischief.deliver(link, self._hub, raw, fault)
        self._deaf_until = self._hub.now() + self._traits.gap_s

    def _act(self, request: Request, command: int) -> Answer:
        refused = self.refuses if _op(request) is not None else None
        status, data = (refused, b"") if refused is not None else self._answer(request)
        return Answer(command=command, status=status, data=data)

    def _answer(self, request: Request) -> tuple[Status, bytes]:
        traits = self._traits
        match request:
            case Detect():
                return Status.OK, b""
            case Version():
                facts = ReaderFacts(
                    firmware=traits.firmware, development=0, hardware=0, model=traits.model, tags=0x0008
                )
                return Status.OK, version_data(facts)
            case RfReset():
                self._spend(traits.rf_reset_s)
                self.field.power_cycle()
                return Status.OK, b""
            case Inventory(more):
                return self._inventory(more)
            case ReadBlocks():
                return self._read(request)
            case WriteBlocks():
                if len(request.data) > READ_BYTES_MAX:
                    return Status.LENGTH_ERROR, b""
                self._spend(traits.write_s)
                block_at_fault = bytes([request.first])
                return _written(self.field.write(request.uid, request.first, request.data), block_at_fault)
            case WriteAfi():
                self._spend(traits.write_s)
                return _written(self.field.write_afi(request.uid, request.afi))
            case SystemInfo(uid):
                self._spend(traits.command_s)
                return self._info(self.field.info(uid))
            case Eas():
                return self._eas(request)

    def _inventory(self, more: bool) -> tuple[Status, bytes]:
        if not more:
            found = self.field.inventory(silence=self._traits.ont)
            self._spend(self._traits.command_s + self._traits.per_tag_s * len(found.tags))
            if found.crowded:
                return Status.BUFFER_OVERFLOW, inventory_data(())
            self._rest = found.tags
        part, self._rest = self._rest[: self._traits.tags_per_answer], self._rest[self._traits.tags_per_answer :]
        if not part:
            return Status.NO_TRANSPONDER, b""
        data = inventory_data((tag.uid, tag.dsfid) for tag in part)
        return (Status.MORE_DATA if self._rest else Status.OK), data

    def _read(self, request: ReadBlocks) -> tuple[Status, bytes]:
        self._spend(self._traits.command_s)
        blocks = self.field.read(request.uid, request.first, request.count)
        if blocks is None or isinstance(blocks, TagError):
            return _silence_or_error(blocks)
        size = len(blocks[0][1])
        if size * request.count > READ_BYTES_MAX:
            return Status.PARAMETER_RANGE, b""
        return Status.OK, blocks_data(size, ((False, data) for _, data in blocks))

    def _info(self, tag: Tag | TagError | None) -> tuple[Status, bytes]:
        if tag is None or isinstance(tag, TagError):
            return _silence_or_error(tag)
        less = 1 if self._traits.less_one else 0
        mem = (tag.block_size - less, tag.blocks - less)
        return Status.OK, system_info_data(tag.uid, dsfid=tag.dsfid, afi=tag.afi, mem=mem, ic_ref=tag.ic_ref)

    def _eas(self, request: Eas) -> tuple[Status, bytes]:
        if not request.transparent and not self._traits.custom_commands:
            return Status.UNKNOWN_COMMAND, b""
        if request.code == EAS_ALARM:
            self._spend(self._traits.command_s)
            answered = self.field.eas_alarm(request.uid)
            air = bytes(33)
        else:
            self._spend(self._traits.write_s)
            answered = self.field.write_eas(request.uid, request.code == EAS_SET) is True or None
            air = b"\x00"
        if not answered:
            return Status.NO_TRANSPONDER, b""
        # A transparent answer carries the tag's own bytes, its CRC (complemented on the air) included.
        return Status.OK, air + (crc16(air) ^ 0xFFFF).to_bytes(2, "little") if request.transparent else b""

    def _spend(self, seconds: float) -> None:
        if seconds:
            self._hub.wait_until(self._hub.now() + seconds)


def _op(request: Request | Status) -> Op | None:
    """The air operation of a request, by which faults are planned."""
    match request:
        case Inventory():
            return Op.INVENTORY
        case ReadBlocks():
            return Op.READ
        case WriteBlocks():
            return Op.WRITE
        case WriteAfi():
            return Op.WRITE_AFI
        case SystemInfo():
            return Op.INFO
        case Eas():
            return Op.READ_EAS if request.code == EAS_ALARM else Op.WRITE_EAS
        case _:
            return None


def _silence_or_error(error: TagError | None) -> tuple[Status, bytes]:
    return (Status.NO_TRANSPONDER, b"") if error is None else (Status.ISO15693_ERROR, bytes([error]))


def _written(result: bool | TagError | None, block_at_fault: bytes = b"") -> tuple[Status, bytes]:
    if result is True:
        return Status.OK, b""
    status, data = _silence_or_error(result or None)
    return status, data + block_at_fault if data else data
