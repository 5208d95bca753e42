"""What every book pad promises, whatever its maker: tags in, proofs out.

The heart is `SecurityProof`. A book may be lent only once its security is *proven* off, and a loan may be undone only
when it is *proven* on or *no write was ever sent*; everything else is a named doubt that staff settle. A driver that
is not sure says `Unknown`: a tag that vanishes between a write and its read-back is unknown, never "not written".
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NewType, Protocol

from drivers.errors import DeviceFault, Refused

TagUid = NewType("TagUid", str)
"""The 8 bytes of an ISO 15693 identifier as 16 upper-case hex digits, most significant byte first (E0...)."""

TAG_GONE = "tag-gone"
TOO_MANY_TAGS = "too-many-tags"


def tag_uid(raw: bytes) -> TagUid:
    """The identifier of 8 raw bytes, most significant byte first."""
    assert len(raw) == 8, "an ISO 15693 identifier has 8 bytes"
    return TagUid(raw.hex().upper())


class TagGone(Refused):
    """The tag did not answer its own address: lifted, turned away or too far off."""

    def __init__(self, device: str, uid: TagUid) -> None:
        super().__init__(device, TAG_GONE, f"tag {uid} does not answer")
        self.uid = uid


class TooManyTags(DeviceFault):
    """More tags lie on the pad than it can tell apart: the reader must take books away. The scan counts for nothing."""

    def __init__(self, device: str) -> None:
        super().__init__(device, TOO_MANY_TAGS, "more tags than the reader can tell apart")


@dataclass(frozen=True, slots=True, kw_only=True)
class PadIdentity:
    """Who answers on the wire. `model` and `firmware` are for the technician; equal strings mean equal devices."""

    family: str
    model: str
    firmware: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TagImage:
    """All that was read of one tag. `memory` is the user memory in natural order: block 0 byte 0 first.

    `dsfid` and `afi` are None where the tag has none; `eas` where the scheme does not use the EAS bit, or the tag has
    none; `rssi` (the larger the stronger, in the pad's own unit) where the pad does not measure it.
    """

    uid: TagUid
    dsfid: int | None
    afi: int | None
    memory: bytes
    block_size: int
    blocks: int
    eas: bool | None = None
    rssi: int | None = None


class Security(enum.StrEnum):
    """What a gate would do with this tag, under the site's scheme."""

    ON = "on"
    OFF = "off"
    OTHER = "other"  # neither: a foreign AFI, or AFI and EAS contradicting each other


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityReading:
    """Security as read from the tag. `eas` is None where the scheme does not use the EAS bit."""

    afi: int
    eas: bool | None
    state: Security


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityScheme:
    """How this site secures its books (site configuration: AFI pairs differ from vendor to vendor)."""

    afi_on: int
    afi_off: int
    eas: bool = False

    def read_as(self, afi: int, eas: bool | None) -> SecurityReading:
        """Judges what was read."""
        wanted_eas = {Security.ON: True, Security.OFF: False}
        for state, state_afi in ((Security.ON, self.afi_on), (Security.OFF, self.afi_off)):
            if afi == state_afi and (not self.eas or eas == wanted_eas[state]):
                return SecurityReading(afi=afi, eas=eas, state=state)
        return SecurityReading(afi=afi, eas=eas, state=Security.OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """The tag was read after the last write, and its security is ON or OFF - look at `state`.

    When a write had no effect this is the state before, not the one asked for.
    """

    uid: TagUid
    reading: SecurityReading
    writes: int

    @property
    def state(self) -> Security:
        """ON or OFF, never OTHER."""
        return self.reading.state


@dataclass(frozen=True, slots=True, kw_only=True)
class NotWritten:
    """No write was ever sent: the tag is as it was. `before` is what was read of it, if anything; `cause` says why."""

    uid: TagUid
    before: SecurityReading | None
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A write was sent and the tag was not read since, or reads as neither on nor off. Only staff can settle it."""

    uid: TagUid
    cause: str


SecurityProof = Proven | NotWritten | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTest:
    """What a technician compares with the books on the pad. `weakest_rssi` is None where the pad does not measure."""

    tags_found: int
    tags_read: int
    elapsed_ms: int
    weakest_rssi: int | None


class Pad(Protocol):
    """One connected pad. Not thread-safe: one owner. Every call ends by the monotonic time `by`.

    Raised by every method except `secure` and `release`: LinkLost (reconnect), NoReply, BadFrame, DeviceFault, and
    Refused where the device or the tag says no; TagGone where an addressed tag does not answer. Retries are done here,
    never by the caller.
    """

    def identify(self, by: float) -> PadIdentity:
        """Asks the device who it is."""

    def inventory(self, by: float) -> tuple[TagUid, ...]:
        """Every tag in the field, sorted, each once - also those a scan before has silenced."""

    def read(self, uid: TagUid, by: float) -> TagImage:
        """The whole memory of one tag."""

    def security(self, uid: TagUid, by: float) -> SecurityReading:
        """Reads the security of one tag. EAS is reported off only while the tag is proven present."""

    def secure(self, uid: TagUid, by: float) -> SecurityProof:
        """Brings security on: reads, writes only what differs, reads back. Never raises a DriverError."""

    def release(self, uid: TagUid, by: float) -> SecurityProof:
        """Brings security off: reads, writes only what differs, reads back. Never raises a DriverError."""

    def write_memory(self, uid: TagUid, first_block: int, data: bytes, by: float) -> None:
        """Writes whole blocks and reads them back; for technicians. Raises Refused when they read back otherwise."""

    def rf_reset(self, by: float) -> None:
        """Switches the radio field off and on: every tag starts anew."""

    def self_test(self, by: float) -> SelfTest:
        """Scans once and reads every tag."""

    def close(self) -> None:
        """Gives the wire back."""
