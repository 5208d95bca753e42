"""The driver of a FEIG reader used as book pad: blocking calls with deadlines, retries in one place, honest proofs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from drivers.clock import Clock
from drivers.errors import BadFrame, DeviceFault, DriverError, NoReply, Refused
from drivers.link import Link
from drivers.rfid.contract import (
    TAG_GONE,
    NotWritten,
    PadIdentity,
    Proven,
    Security,
    SecurityProof,
    SecurityReading,
    SecurityScheme,
    SelfTest,
    TagGone,
    TagImage,
    TagUid,
    TooManyTags,
    Unknown,
)
from drivers.rfid.feig.commands import (
    EAS_ALARM,
    EAS_RESET,
    EAS_SET,
    Answer,
    Blocks,
    Detect,
    Eas,
    Inventory,
    ReadBlocks,
    Request,
    RfReset,
    SystemInfo,
    TagFacts,
    Version,
    WriteAfi,
    WriteBlocks,
    parse_blocks,
    parse_inventory,
    parse_system_info,
    parse_version,
)
from drivers.rfid.feig.exchange import Exchange, FeigOptions
from drivers.rfid.feig.protocol import Status

INVENTORY_ANSWERS_MAX = 32
MEMORY_BYTES_MAX = 1024
BLOCK_BYTES_GUESS = 8  # until the tag has shown its own; a smaller guess could ask for more than READ_BYTES_MAX
# A tag with EAS off is silent, and so is a tag that missed the question: believe the silence only when it repeats.
EAS_SILENCES = 2
MODELS = {33: "ID ISC.M02", 74: "ID ISC.MR100", 75: "ID ISC.MR200", 76: "ID ISC.MR101", 78: "ID ISC.MR101"}

# Long-range readers add a warning about their antenna to data that is sound. Never accepted where the status itself is
# the answer (EAS).
_DATA = (Status.OK, Status.RF_WARNING)

TAG_HAS_NO_INFO = "no-system-info"
RADIO = "radio"
BEYOND_END = "beyond-end"
# Status and ISO 15693 error codes that say "this tag has no such block" (annex D; 0F is all that some tags know).
_ISO_BEYOND_END = (0x0F, 0x10)
_ISO_NOT_SUPPORTED = (0x01, 0x02, 0x03)

T = TypeVar("T")


class FeigPad:
    """See `drivers.rfid.contract.Pad`. `device` is what errors call this pad."""

    def __init__(
        self,
        link: Link,
        clock: Clock,
        scheme: SecurityScheme,
        options: FeigOptions = FeigOptions(),  # noqa: B008  a frozen value
        device: str = "pad",
    ) -> None:
        self._clock = clock
        self._scheme = scheme
        self._options = options
        self._device = device
        self._exchange = Exchange(link, clock, options, device)
        self._eas_transparent = False

    def identify(self, by: float) -> PadIdentity:
        def ask() -> PadIdentity:
            answer = self._ask(Version(), by)
            facts = parse_version(answer.data)
            if facts is None:
                raise self._exchange.misread(Version(), answer)
            model = MODELS.get(facts.model, f"type {facts.model}")
            firmware = f"{facts.firmware >> 8}.{facts.firmware & 0xFF:02}.{facts.development}"
            return PadIdentity(family="feig", model=model, firmware=firmware)

        return self._patiently(ask, by)

    def inventory(self, by: float) -> tuple[TagUid, ...]:
        return self._patiently(lambda: self._scan(by), by)

    def read(self, uid: TagUid, by: float) -> TagImage:
        facts = self._facts_if_known(uid, by)
        size, memory = self._read_memory(uid, facts, by)
        mark = self._mark_of(uid, by) if facts is not None and self._scheme.eas else None
        afi = facts.afi if facts is not None else None
        return TagImage(
            uid=uid,
            dsfid=facts.dsfid if facts else None,
            afi=mark.afi if mark is not None else afi,
            eas=mark.eas if mark is not None else None,
            memory=memory,
            block_size=size,
            blocks=len(memory) // size,
        )

    def security(self, uid: TagUid, by: float) -> SecurityReading:
        return self._patiently(lambda: self._read_security(uid, by), by)

    def secure(self, uid: TagUid, by: float) -> SecurityProof:
        return self._bring(uid, Security.ON, by)

    def release(self, uid: TagUid, by: float) -> SecurityProof:
        return self._bring(uid, Security.OFF, by)

    def write_memory(self, uid: TagUid, first_block: int, data: bytes, by: float) -> None:
        size = self._read_blocks(uid, first_block, 1, by).block_size
        if len(data) % size:
            raise Refused(self._device, "not-whole-blocks", f"tag {uid} takes blocks of {size} bytes")
        step = self._options.read_bytes_max // size * size
        for start in range(0, len(data), step):
            self._write_blocks(uid, first_block + start // size, size, data[start : start + step], by)

    def rf_reset(self, by: float) -> None:
        self._patiently(lambda: self._ask(RfReset(), by), by)

    def self_test(self, by: float) -> SelfTest:
        began = self._clock.now()
        found = self.inventory(by)
        read = 0
        for uid in found:
            try:
                self.read(uid, by)
                read += 1
            except Refused:  # counted by its absence: found but not read is what the technician wants to see
                continue
        elapsed_ms = round((self._clock.now() - began) * 1000)
        return SelfTest(tags_found=len(found), tags_read=read, elapsed_ms=elapsed_ms, weakest_rssi=None)

    def close(self) -> None:
        self._exchange.close()

    # -- security ----------------------------------------------------------------------------------------------------

    def _bring(self, uid: TagUid, wanted: Security, by: float) -> SecurityProof:
        """Read, write what differs, read again, until it reads as wanted or tries or time run out."""
        writes = 0
        for left in range(self._options.tries, -1, -1):
            try:
                reading = self.security(uid, by)
            except DriverError as fault:
                return _unread(uid, writes, fault.code)
            if reading.state is wanted:
                return Proven(uid=uid, reading=reading, writes=writes)
            if left == 0 or self._clock.now() + self._options.prove_s > by:
                return _missed(uid, writes, reading, "no-effect" if writes else "late")
            writes += self._write_missing(uid, reading, wanted, by)
        raise AssertionError("the last round returns")

    def _write_missing(self, uid: TagUid, reading: SecurityReading, wanted: Security, by: float) -> int:
        """Sends the writes that are missing for `wanted`; how many left, whatever came of them: the read-back tells."""
        sent = 0
        for request in self._missing(uid, reading, wanted):
            try:
                self._exchange.ready(by)
            except DriverError:
                return sent
            sent += 1
            try:
                self._exchange.ask(request, by)
            except DriverError:
                return sent
        return sent

    def _missing(self, uid: TagUid, reading: SecurityReading, wanted: Security) -> list[Request]:
        on = wanted is Security.ON
        afi = self._scheme.afi_on if on else self._scheme.afi_off
        writes: list[Request] = []
        if reading.afi != afi:
            writes.append(WriteAfi(uid=uid, afi=afi))
        if self._scheme.eas and reading.eas != on:
            writes.append(Eas(uid=uid, code=EAS_SET if on else EAS_RESET, transparent=self._eas_transparent))
        return writes

    def _mark_of(self, uid: TagUid, by: float) -> SecurityReading | None:
        """AFI and EAS together, as they were at one time; None of a tag that has no EAS bit."""
        try:
            return self.security(uid, by)
        except TagGone:
            raise
        except Refused:
            return None

    def _read_security(self, uid: TagUid, by: float) -> SecurityReading:
        facts = self._facts(uid, by)
        if not self._scheme.eas:
            return self._scheme.read_as(facts.afi, None)
        for _ in range(EAS_SILENCES):
            if self._rings(uid, by):
                return self._scheme.read_as(facts.afi, True)
            facts = self._facts(uid, by)  # silence means "off" only of a tag that is still there
        return self._scheme.read_as(facts.afi, False)

    def _rings(self, uid: TagUid, by: float) -> bool:
        """True when the tag sounds its EAS sequence."""
        fine = (Status.OK, Status.NO_TRANSPONDER)
        if not self._eas_transparent:
            request = Eas(uid=uid, code=EAS_ALARM)
            answer = self._ask(request, by, fine=(*fine, Status.UNKNOWN_COMMAND))
            if answer.status != Status.UNKNOWN_COMMAND:
                return answer.status == Status.OK
            self._eas_transparent = True  # CPR firmware dropped the custom commands
        request = Eas(uid=uid, code=EAS_ALARM, transparent=True)
        return self._ask(request, by, fine=fine).status == Status.OK

    # -- tags --------------------------------------------------------------------------------------------------------

    def _scan(self, by: float) -> tuple[TagUid, ...]:
        """One whole inventory. A lost part cannot be asked for again, so the caller repeats the scan."""
        if self._options.rf_reset:
            self._ask(RfReset(), by)  # readers silence the tags they have reported until the field was off
        uids: set[TagUid] = set()
        for number in range(INVENTORY_ANSWERS_MAX):
            request = Inventory(more=number > 0)
            answer = self._ask(request, by, fine=(*_DATA, Status.MORE_DATA, Status.NO_TRANSPONDER))
            if answer.status == Status.NO_TRANSPONDER:
                break
            part = parse_inventory(answer.data)
            if part is None:
                raise self._exchange.misread(request, answer)
            uids.update(part)
            if answer.status != Status.MORE_DATA:
                break
        return tuple(sorted(uids))

    def _facts_if_known(self, uid: TagUid, by: float) -> TagFacts | None:
        try:
            return self._patiently(lambda: self._facts(uid, by), by)
        except Refused as refusal:
            if refusal.code != TAG_HAS_NO_INFO:
                raise
            return None

    def _facts(self, uid: TagUid, by: float) -> TagFacts:
        answer = self._ask(SystemInfo(uid), by, _DATA)
        facts = parse_system_info(answer.data)
        if facts is None or facts.uid_low != bytes.fromhex(uid)[4:]:
            raise self._exchange.misread(SystemInfo(uid), answer)
        return facts

    def _read_memory(self, uid: TagUid, facts: TagFacts | None, by: float) -> tuple[int, bytes]:
        """(block size, memory). Without system information, or with a wrong one, the tag itself says where it ends."""
        size = facts.block_size if facts else BLOCK_BYTES_GUESS
        bytes_max = size * facts.blocks if facts else MEMORY_BYTES_MAX
        memory = bytearray()
        step = self._options.read_bytes_max // size
        while step and len(memory) < bytes_max:
            first = len(memory) // size
            try:
                part = self._read_blocks(uid, first, min(step, bytes_max // size - first), by)
            except Refused as refusal:
                if refusal.code != BEYOND_END:
                    raise
                step //= 2
                continue
            size = part.block_size  # what the tag sends is the truth, system information a hint
            memory += part.data
        if not memory:
            raise Refused(self._device, "unreadable", f"tag {uid} shows no block")
        return size, bytes(memory)

    def _read_blocks(self, uid: TagUid, first: int, count: int, by: float) -> Blocks:
        request = ReadBlocks(uid=uid, first=first, count=count)

        def ask() -> Blocks:
            answer = self._ask(request, by, _DATA)
            blocks = parse_blocks(answer.data)
            if blocks is None or not blocks.data or len(blocks.locked) > count:
                raise self._exchange.misread(request, answer)
            return blocks

        return self._patiently(ask, by)

    def _write_blocks(self, uid: TagUid, first: int, size: int, data: bytes, by: float) -> None:
        count = len(data) // size
        for _ in range(self._options.tries):
            self._patiently(lambda: self._ask(WriteBlocks(uid=uid, first=first, block_size=size, data=data), by), by)
            if self._read_blocks(uid, first, count, by).data == data:
                return
        raise Refused(self._device, "no-effect", f"tag {uid} keeps its old blocks from {first}")

    # -- asking ------------------------------------------------------------------------------------------------------

    def _patiently(self, action: Callable[[], T], by: float) -> T:
        """The one place where something that reads, or writes the same value again, is tried again."""
        for left in range(self._options.tries - 1, -1, -1):
            try:
                return action()
            except (NoReply, BadFrame) as fault:
                last: DriverError = fault
            except Refused as refusal:
                if refusal.code not in (TAG_GONE, RADIO):
                    raise
                last = refusal
            if not left or self._clock.now() >= by:
                raise last
        raise AssertionError("the last round returns or raises")

    def _ask(self, request: Request, by: float, fine: tuple[int, ...] = (Status.OK,)) -> Answer:
        """One exchange; raises unless the status is one of `fine`."""
        self._exchange.ready(by)
        answer = self._exchange.ask(request, by)
        if answer.status in fine:
            return answer
        raise self._said_no(request, answer)

    def _said_no(self, request: Request, answer: Answer) -> DriverError:
        """What a status other than success means (H60301-3e annex D)."""
        device, status = self._device, answer.status
        iso_error = answer.data[0] if status == Status.ISO15693_ERROR and answer.data else None
        received = bytes([status]) + answer.data
        if status == Status.NO_TRANSPONDER and not isinstance(request, Detect | Version | RfReset | Inventory):
            return TagGone(device, request.uid)
        if status in (Status.NO_TRANSPONDER, Status.DATA_FALSE, Status.RF_COMMUNICATION):
            return Refused(device, RADIO, "the air was disturbed", received=received)
        if status == Status.BUFFER_OVERFLOW:
            return TooManyTags(device)
        if status == Status.HARDWARE_WARNING:
            return DeviceFault(device, "hardware", "the reader reports a fault of its own", received=received)
        if isinstance(request, ReadBlocks) and (status == Status.ADDRESS_ERROR or iso_error in _ISO_BEYOND_END):
            return Refused(device, BEYOND_END, "the tag has no such block", received=received)
        if isinstance(request, SystemInfo) and (status == Status.WRONG_TYPE or iso_error in _ISO_NOT_SUPPORTED):
            return Refused(device, TAG_HAS_NO_INFO, "the tag knows no system information", received=received)
        code = f"status-{status:02x}" if iso_error is None else f"iso-{iso_error:02x}"
        return Refused(device, code, f"{type(request).__name__} was refused", received=received)


def _unread(uid: TagUid, writes: int, cause: str) -> NotWritten | Unknown:
    """The tag could not be read: after a write nobody knows, before one nothing has happened."""
    if writes:
        return Unknown(uid=uid, cause=cause)
    return NotWritten(uid=uid, before=None, cause=cause)


def _missed(uid: TagUid, writes: int, reading: SecurityReading, cause: str) -> SecurityProof:
    """The tag was just read and is not as wanted, and no more will be tried."""
    if not writes:
        return NotWritten(uid=uid, before=reading, cause=cause)
    if reading.state is Security.OTHER:
        return Unknown(uid=uid, cause=cause)
    return Proven(uid=uid, reading=reading, writes=writes)
