"""Topic names: `lib/v1/{consortium}/{site}/{device}/{lane}`. Lower-case ascii, no reader data, no dots."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

VERSION: Final = "v1"
WRITES: Final = ("tx", "req/+", "tele", "state", "evt")
READS: Final = ("rcpt", "rsp", "cmd/+")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a machine lives. `device` is unique in the consortium and equals its certificate's common name."""

    consortium: str
    site: str
    device: str

    def __post_init__(self) -> None:
        for part in (self.consortium, self.site, self.device):
            if not _NAME.fullmatch(part):
                raise ValueError(f"not a topic name (lower-case letters, digits, hyphen; at most 32): {part!r}")

    def topic(self, lane: str) -> str:
        return f"lib/{VERSION}/{self.consortium}/{self.site}/{self.device}/{lane}"


def parse(topic: str) -> tuple[Address, str] | None:
    """(address, lane) of a topic, or None for a topic that is not ours."""
    parts = topic.split("/", 5)
    if len(parts) != 6 or parts[:2] != ["lib", VERSION]:
        return None
    try:
        return Address(consortium=parts[2], site=parts[3], device=parts[4]), parts[5]
    except ValueError:
        return None
