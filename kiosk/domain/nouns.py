"""Names for things that must not be mixed up."""

from __future__ import annotations

import enum
from typing import NewType

PatronId = NewType("PatronId", str)
"""The number the ILS knows a reader by (SIP2 AA). Personal: never in a log, a topic or a picture."""

CardUid = NewType("CardUid", str)
"""What a tapped card gives, in the form the site configures. An identifier, not proof; personal."""

Pseudonym = NewType("Pseudonym", str)
"""A keyed hash of a reader, good for counting one reader's loans within a day, useless elsewhere."""

ItemBarcode = NewType("ItemBarcode", str)
"""One physical copy (SIP2 AB, ISO 28560 primary item identifier)."""

Key = NewType("Key", str)
"""`device-epoch-n`: minted once for one intent, travels with every retry."""

Fen = NewType("Fen", int)
"""Money, in hundredths of CNY. Never a float."""


class SecurityState(enum.StrEnum):
    """The theft mark of an item (AFI, EAS or both, as the site configures it)."""

    ON = "on"  # the gate sounds
    OFF = "off"
    UNKNOWN = "unknown"
    ABSENT = "absent"  # no readable tag: the item was handled by its printed barcode


class SecurityProof(enum.StrEnum):
    """What is known after a command to change the theft mark."""

    PROVEN = "proven"  # read back after the write, or found as wanted
    NOT_WRITTEN = "not_written"  # no write was ever sent: the state is as it was before
    UNKNOWN = "unknown"  # a write was sent and its result was never seen


def key_of(device: str, epoch: str, n: int) -> Key:
    """Mints the text of a key; uniqueness comes from `epoch` (random per journal file) and `n` (journal state)."""
    return Key(f"{device}-{epoch}-{n}")
