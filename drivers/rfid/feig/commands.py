"""The commands a book pad uses, both ways: requests for the driver, answers for the simulator, their decoders. Pure.

Decoders return None for bytes that are no such answer; none raises. Sources: FEIG H60301-3e-ID-B (ID ISC.MR/PR/PRH101),
section numbers in the docstrings; air requests: ISO 15693-3 and NXP SL2 ICS53 8.1.3 (EAS).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from drivers.rfid.contract import TagUid, tag_uid
from drivers.rfid.feig.protocol import ANY_READER, Command, Frame, Status

UID_BYTES = 8
BLOCK_BYTES_MAX = 32  # ISO 15693-3
# No library tag has larger blocks, and 32 would be taken for the block size of a tag of 32 blocks.
SHAPE_BLOCK_BYTES_MAX = 16
READ_BYTES_MAX = 128  # of user memory in one read or write (6.1.4, 6.1.5)
MODE_ADDRESSED = 0x01
MODE_MORE = 0x80
NXP = 0x04  # manufacturer code of the EAS commands (8)
TRANSPONDER_ISO15693 = 0x03
INVENTORY_RECORD_BYTES = 10
AIR_READ = 0x01  # the tag answers at once (8.6)
AIR_WRITE = 0x02  # the tag answers within 20 ms
AIR_FLAGS = 0x22  # high data rate, addressed
AIR_EAS_SEQUENCE_BYTES = 32

_INVENTORY, _READ, _WRITE, _AFI, _INFO = 0x01, 0x23, 0x24, 0x27, 0x2B
EAS_SET, EAS_RESET, EAS_ALARM = 0xA2, 0xA3, 0xA5


@dataclass(frozen=True, slots=True)
class Detect:
    """Says only that somebody listens (5.1)."""


@dataclass(frozen=True, slots=True)
class Version:
    """Asks for firmware and model (5.4)."""


@dataclass(frozen=True, slots=True)
class RfReset:
    """Field off for 15 ms: quiet tags wake up; answered when it is on again (5.6)."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """Lists tags; `more` fetches the rest after MORE_DATA (6.1.1)."""

    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBlocks:
    """Reads `count` blocks from block `first` (6.1.4)."""

    uid: TagUid
    first: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteBlocks:
    """Writes whole blocks; `data` in natural order (6.1.5)."""

    uid: TagUid
    first: int
    block_size: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteAfi:
    """Writes the application family identifier (6.1.8)."""

    uid: TagUid
    afi: int


@dataclass(frozen=True, slots=True)
class SystemInfo:
    """Asks for DSFID, AFI and memory size (6.1.12)."""

    uid: TagUid


@dataclass(frozen=True, slots=True, kw_only=True)
class Eas:
    """EAS_SET, EAS_RESET or EAS_ALARM of an NXP tag (8.3); `transparent` sends it as a raw air request (8.6)."""

    uid: TagUid
    code: int
    transparent: bool = False


Request = Detect | Version | RfReset | Inventory | ReadBlocks | WriteBlocks | WriteAfi | SystemInfo | Eas


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer before its data is looked at. `status` may be a number the manual does not list."""

    command: int
    status: int
    data: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class TagFacts:
    """System information. Readers of the MR/PR101 generation return only the low 32 bits of the uid (6.1.12)."""

    dsfid: int
    uid_low: bytes
    afi: int
    block_size: int
    blocks: int
    ic_ref: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """What a read brought: natural byte order, `locked` one flag a block (False where not asked for)."""

    block_size: int
    data: bytes
    locked: tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderFacts:
    """The answer to Version. `model` is the code of annex K, `tags` the bit set of supported tags."""

    firmware: int
    development: int
    hardware: int
    model: int
    tags: int


def request_frame(request: Request, *, advanced: bool = False) -> Frame:
    """The frame of a request to any reader."""
    match request:
        case Detect():
            return _frame(Command.DETECT, b"\x00", advanced)
        case Version():
            return _frame(Command.VERSION, b"", advanced)
        case RfReset():
            return _frame(Command.RF_RESET, b"", advanced)
        case Inventory(more):
            return _frame(Command.ISO, bytes([_INVENTORY, MODE_MORE if more else 0]), advanced)
        case ReadBlocks():
            return _iso(_READ, request.uid, bytes([request.first, request.count]), advanced)
        case WriteBlocks():
            size = request.block_size
            head = bytes([request.first, len(request.data) // size, size])
            return _iso(_WRITE, request.uid, head + swap_blocks(request.data, size), advanced)
        case WriteAfi():
            return _iso(_AFI, request.uid, bytes([request.afi]), advanced)
        case SystemInfo(uid):
            return _iso(_INFO, uid, b"", advanced)
        case Eas(transparent=False):
            body = bytes([NXP, request.code, MODE_ADDRESSED]) + bytes.fromhex(request.uid)
            return _frame(Command.CUSTOM, body, advanced)
        case Eas():
            return _frame(Command.TRANSPARENT, _air_eas(request), advanced)


def parse_request(frame: Frame) -> Request | Status:
    """The request in a frame, or the status a reader answers to a frame that is none."""
    body = frame.body
    match frame.command:
        case Command.DETECT:
            return Detect() if body == b"\x00" else Status.LENGTH_ERROR
        case Command.VERSION:
            return Version() if not body else Status.LENGTH_ERROR
        case Command.RF_RESET:
            return RfReset() if not body else Status.LENGTH_ERROR
        case Command.ISO:
            return _parse_iso(body)
        case Command.CUSTOM:
            return _parse_custom(body)
        case Command.TRANSPARENT:
            return _parse_transparent(body)
        case _:
            return Status.UNKNOWN_COMMAND


def answer_frame(answer: Answer, *, address: int = 0, advanced: bool = False) -> Frame:
    """The frame of an answer from the reader with this address."""
    return Frame(address=address, command=answer.command, body=bytes([answer.status]) + answer.data, advanced=advanced)


def parse_answer(frame: Frame) -> Answer | None:
    """Splits an answer into status and data."""
    return Answer(command=frame.command, status=frame.body[0], data=frame.body[1:]) if frame.body else None


def swap_blocks(data: bytes, block_size: int) -> bytes:
    """Reverses the bytes inside each block: readers in ISO host mode send and take every block most significant byte
    first, which is the natural order backwards (2.2.1 and annex I)."""
    return b"".join(data[start : start + block_size][::-1] for start in range(0, len(data), block_size))


def inventory_data(tags: Iterable[tuple[TagUid, int]]) -> bytes:
    """Answer data of an inventory: (uid, DSFID) of each tag (6.1.1)."""
    records = [bytes([TRANSPONDER_ISO15693, dsfid]) + bytes.fromhex(uid) for uid, dsfid in tags]
    return bytes([len(records)]) + b"".join(records)


def parse_inventory(data: bytes) -> tuple[TagUid, ...] | None:
    """The ISO 15693 tags in an inventory. Records of other cards are left out: a reader's own card near the pad must
    not get further than this line."""
    if not data or len(data) != 1 + data[0] * INVENTORY_RECORD_BYTES:
        return None
    records = (data[start : start + INVENTORY_RECORD_BYTES] for start in range(1, len(data), INVENTORY_RECORD_BYTES))
    return tuple(tag_uid(record[2:]) for record in records if record[0] == TRANSPONDER_ISO15693)


def blocks_data(block_size: int, blocks: Iterable[tuple[bool, bytes]]) -> bytes:
    """Answer data of a read: (locked, natural bytes) of each block; every block carries a security byte (6.1.4)."""
    parts = [bytes([locked]) + block[::-1] for locked, block in blocks]
    return bytes([len(parts), block_size]) + b"".join(parts)


def parse_blocks(data: bytes) -> Blocks | None:
    """What a read brought."""
    if len(data) < 2 or not 0 < data[1] <= BLOCK_BYTES_MAX or len(data) != 2 + data[0] * (data[1] + 1):
        return None
    size = data[1]
    parts = [data[start : start + size + 1] for start in range(2, len(data), size + 1)]
    return Blocks(
        block_size=size,
        data=b"".join(part[:0:-1] for part in parts),
        locked=tuple(part[0] != 0 for part in parts),
    )


def system_info_data(uid: TagUid, *, dsfid: int, afi: int, mem: tuple[int, int], ic_ref: int) -> bytes:
    """Answer data of a system information request, the uid as the MR/PR101 generation gives it (6.1.12)."""
    raw = bytes.fromhex(uid)
    return bytes([dsfid, 0, raw[1], 0, 0]) + raw[4:] + bytes([afi, *mem, ic_ref])


def parse_system_info(data: bytes) -> TagFacts | None:
    """System information; None also where the memory size makes no sense."""
    if len(data) != 13:
        return None
    shape = memory_shape(data[10], data[11])
    if shape is None:
        return None
    size, blocks = shape
    return TagFacts(dsfid=data[0], uid_low=data[5:9], afi=data[9], block_size=size, blocks=blocks, ic_ref=data[12])


def memory_shape(first: int, second: int) -> tuple[int, int] | None:
    """(block size in bytes, number of blocks) of the two MEM-SIZE bytes.

    The manual puts the block size first and does not say whether the numbers are less one, as they are on the air
    (ISO 15693-3, 10.3.12). Block sizes are powers of two, so the size byte tells: 4 is 4 and 3 is 4. Bytes exchanged
    are recognised the same way (27, 3 is 28 blocks of 4).
    """
    for size, count in ((first, second), (second, first)):
        if size >= 2 and size & (size - 1) == 0 and size <= SHAPE_BLOCK_BYTES_MAX and count:
            return size, count
        if size >= 1 and size & (size + 1) == 0 and size < SHAPE_BLOCK_BYTES_MAX:
            return size + 1, count + 1
    return None


def version_data(facts: ReaderFacts) -> bytes:
    """Answer data of a version request (5.4)."""
    head = facts.firmware.to_bytes(2, "big") + bytes([facts.development, facts.hardware, facts.model])
    return head + facts.tags.to_bytes(2, "big")


def parse_version(data: bytes) -> ReaderFacts | None:
    """The answer to a version request."""
    if len(data) != 7:
        return None
    return ReaderFacts(
        firmware=int.from_bytes(data[:2], "big"),
        development=data[2],
        hardware=data[3],
        model=data[4],
        tags=int.from_bytes(data[5:], "big"),
    )


def _frame(command: Command, body: bytes, advanced: bool) -> Frame:
    return Frame(address=ANY_READER, command=command, body=body, advanced=advanced)


def _iso(code: int, uid: TagUid, rest: bytes, advanced: bool) -> Frame:
    return _frame(Command.ISO, bytes([code, MODE_ADDRESSED]) + bytes.fromhex(uid) + rest, advanced)


def _air_eas(request: Eas) -> bytes:
    """MODE, RSP-LENGTH, two reserved bytes and the air request: uid least significant byte first, no CRC."""
    alarm = request.code == EAS_ALARM
    response_bytes = 1 + (AIR_EAS_SEQUENCE_BYTES if alarm else 0) + 2  # flags, sequence, CRC
    head = bytes([AIR_READ if alarm else AIR_WRITE]) + response_bytes.to_bytes(2, "big") + b"\x00\x00"
    return head + bytes([AIR_FLAGS, request.code, NXP]) + bytes.fromhex(request.uid)[::-1]


def _parse_iso(body: bytes) -> Request | Status:
    if len(body) == 2 and body[0] == _INVENTORY:
        return Inventory(more=bool(body[1] & MODE_MORE))
    if len(body) < 2 + UID_BYTES:
        return Status.LENGTH_ERROR
    if body[1] & 0x07 != MODE_ADDRESSED:
        return Status.PARAMETER_RANGE
    uid, rest = tag_uid(body[2 : 2 + UID_BYTES]), body[2 + UID_BYTES :]
    match body[0], len(rest):
        case (0x23, 2) if rest[1]:
            return ReadBlocks(uid=uid, first=rest[0], count=rest[1])
        case (0x24, length) if length >= 3 and rest[2] and rest[1] and length == 3 + rest[1] * rest[2]:
            return WriteBlocks(uid=uid, first=rest[0], block_size=rest[2], data=swap_blocks(rest[3:], rest[2]))
        case 0x27, 1:
            return WriteAfi(uid=uid, afi=rest[0])
        case 0x2B, 0:
            return SystemInfo(uid)
        case ((0x23 | 0x24 | 0x27 | 0x2B), _):
            return Status.LENGTH_ERROR
        case _:
            return Status.UNKNOWN_COMMAND


def _parse_custom(body: bytes) -> Request | Status:
    if len(body) != 3 + UID_BYTES:
        return Status.LENGTH_ERROR
    if body[0] != NXP or body[1] not in (EAS_SET, EAS_RESET, EAS_ALARM) or body[2] & 0x07 != MODE_ADDRESSED:
        return Status.UNKNOWN_COMMAND
    return Eas(uid=tag_uid(body[3:]), code=body[1])


def _parse_transparent(body: bytes) -> Request | Status:
    if len(body) != 5 + 3 + UID_BYTES:
        return Status.LENGTH_ERROR
    flags, code, maker = body[5:8]
    if flags != AIR_FLAGS or maker != NXP or code not in (EAS_SET, EAS_RESET, EAS_ALARM):
        return Status.UNKNOWN_COMMAND
    return Eas(uid=tag_uid(body[8:][::-1]), code=code, transparent=True)
