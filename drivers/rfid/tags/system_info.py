"""A tag's system data: identity, size and the two bytes that tell a library's tags from others.

Source: ISO/IEC 15693-3, Get System Information; the host protocols of the readers hand the same fields over in their
own order, which their drivers undo. Block size and count stand on the air minus one.
"""

from __future__ import annotations

from dataclasses import dataclass

from drivers.rfid.tags.errors import Malformed

UID_BYTES = 8
DSFID_FLAG, AFI_FLAG, MEMORY_FLAG, IC_FLAG = 0x01, 0x02, 0x04, 0x08
BLOCK_SIZE_BITS = 0x1F
IC_MAKERS = {0x02: "STMicroelectronics", 0x04: "NXP", 0x07: "Texas Instruments"}  # ISO/IEC 7816-6


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemInfo:
    """`uid` in upper-case hex, E0 first. Fields the tag left out are None; sizes are real ones, in blocks and bytes."""

    uid: str
    dsfid: int | None = None
    afi: int | None = None
    blocks: int | None = None
    block_size: int | None = None
    ic_reference: int | None = None

    @property
    def ic_maker(self) -> str | None:
        """Who made the chip: the second byte of the UID."""
        return IC_MAKERS.get(int(self.uid[2:4], 16))


def decode_system_info(data: bytes) -> SystemInfo:
    """Reads `flags UID(least significant byte first) [DSFID] [AFI] [blocks-1 size-1] [IC]`. Raises Malformed."""
    if len(data) < 1 + UID_BYTES:
        raise Malformed("system information is cut off")
    flags, uid, rest = data[0], data[1 : 1 + UID_BYTES], data[1 + UID_BYTES :]
    sizes = [(DSFID_FLAG, 1), (AFI_FLAG, 1), (MEMORY_FLAG, 2), (IC_FLAG, 1)]
    fields: dict[int, bytes] = {}
    for flag, size in sizes:
        if flags & flag:
            fields[flag], rest = rest[:size], rest[size:]
            if len(fields[flag]) < size:
                raise Malformed("system information is cut off")
    memory = fields.get(MEMORY_FLAG)
    return SystemInfo(
        uid=uid[::-1].hex().upper(),
        dsfid=_byte(fields.get(DSFID_FLAG)),
        afi=_byte(fields.get(AFI_FLAG)),
        blocks=memory[0] + 1 if memory else None,
        block_size=(memory[1] & BLOCK_SIZE_BITS) + 1 if memory else None,
        ic_reference=_byte(fields.get(IC_FLAG)),
    )


def _byte(field: bytes | None) -> int | None:
    return field[0] if field else None


def encode_system_info(info: SystemInfo) -> bytes:
    """What the tag itself answers: the far end for simulators. Raises ValueError for a uid that is no 8 bytes."""
    uid = bytes.fromhex(info.uid)
    if len(uid) != UID_BYTES:
        raise ValueError("a uid has 8 bytes")
    flags, fields = 0, b""
    for flag, value in ((DSFID_FLAG, info.dsfid), (AFI_FLAG, info.afi)):
        if value is not None:
            flags, fields = flags | flag, fields + bytes([value])
    if info.blocks is not None and info.block_size is not None:
        flags, fields = flags | MEMORY_FLAG, fields + bytes([info.blocks - 1, info.block_size - 1])
    if info.ic_reference is not None:
        flags, fields = flags | IC_FLAG, fields + bytes([info.ic_reference])
    return bytes([flags]) + uid[::-1] + fields
