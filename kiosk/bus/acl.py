"""Who may say and hear what: one table for the real broker's ACL file and the broker in memory.

A machine must not write where the gateway speaks: a read-write rule on its own branch of the tree would let it forge
its own grants and receipts.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from kiosk.messages.topics import READS, VERSION, WRITES, Address

SHARED: Final = "$share/"


class Access(enum.StrEnum):
    """In the words of mosquitto's ACL file."""

    WRITE = "write"
    READ = "read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acl:
    """The machines of one broker and the gateways that serve their sites. Names are certificates' common names."""

    devices: tuple[Address, ...]
    gateways: tuple[str, ...]

    def rules(self, identity: str) -> tuple[tuple[Access, str], ...]:
        """What one identity may do, as topic filters; empty for a stranger."""
        device = next((address for address in self.devices if address.device == identity), None)
        if device is not None:
            return _rules([device], writes=WRITES, reads=READS)
        if identity in self.gateways:
            sites = {(address.consortium, address.site) for address in self.devices}
            return tuple(
                (access, f"lib/{VERSION}/{consortium}/{site}/+/{lane}")
                for consortium, site in sorted(sites)
                for access, lanes in ((Access.WRITE, READS), (Access.READ, WRITES))
                for lane in lanes
            )
        return ()

    def allows(self, identity: str, access: Access, topic: str) -> bool:
        return any(access is allowed and matches(rule, topic) for allowed, rule in self.rules(identity))


def matches(topic_filter: str, topic: str) -> bool:
    """Whether a subscription's filter takes a topic (MQTT 5, 4.7; shared subscriptions 4.8.2)."""
    if topic_filter.startswith(SHARED):
        topic_filter = topic_filter.split("/", 2)[2]
    wanted, levels = topic_filter.split("/"), topic.split("/")
    for index, level in enumerate(wanted):
        if level == "#":
            return True
        if index >= len(levels) or level not in ("+", levels[index]):
            return False
    return len(wanted) == len(levels)


def _rules(
    addresses: Iterable[Address], *, writes: Iterable[str], reads: Iterable[str]
) -> tuple[tuple[Access, str], ...]:
    return tuple(
        (access, address.topic(lane))
        for address in addresses
        for access, lanes in ((Access.WRITE, writes), (Access.READ, reads))
        for lane in lanes
    )
