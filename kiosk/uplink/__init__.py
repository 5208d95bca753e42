"""From journal to gateway and back: the outbox, the questions, and who can be reached.

The outbox is the journal's rows above the receipt watermark. Only a signed receipt of this journal's epoch, whose head
is our own hash, moves it; a PUBACK means nothing. `Engine` decides (events in, publishes out, no clock of its own),
`Uplink` runs it beside a bus. The bus is made with `subscriptions(address)` and `last_will(...)`.
"""

from kiosk.uplink.effects import effect_of
from kiosk.uplink.events import (
    Answered,
    Commanded,
    ForkSeen,
    LinkDown,
    LinkUp,
    NoAnswer,
    Peer,
    Receipted,
    Refusal,
    SnapshotArrived,
    UplinkEvent,
)
from kiosk.uplink.letters import Identity, last_will, subscriptions
from kiosk.uplink.snapshot import SnapshotCache
from kiosk.uplink.worker import Uplink

__all__ = [
    "Answered",
    "Commanded",
    "ForkSeen",
    "Identity",
    "LinkDown",
    "LinkUp",
    "NoAnswer",
    "Peer",
    "Receipted",
    "Refusal",
    "SnapshotArrived",
    "SnapshotCache",
    "Uplink",
    "UplinkEvent",
    "effect_of",
    "last_will",
    "subscriptions",
]
