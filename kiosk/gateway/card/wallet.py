"""Money, as the gateway sees it: a wallet that holds, captures and releases amounts under our keys.

The same key means the same move, however often it is sent. What got no answer is asked about (`query`) and never made
under a new key; where a wallet cannot be asked, its daily list decides and people compare.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Protocol

from kiosk.domain import Fen, Key, PatronId, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """`amount_fen` is what is held, taken or given back."""

    amount_fen: Fen


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    reason: Refusal


class Found(enum.Enum):
    """What a wallet knows of a key."""

    DONE = "done"
    NEVER = "never"
    UNTELLABLE = "untellable"  # it cannot be asked: the daily match decides


class WalletAway(Exception):
    """Nothing was sent: try again whenever you like."""


class WalletSilent(Exception):
    """Something was sent and no answer came. Ask `query` before anything else."""


class Wallet(Protocol):
    """Blocking, with deadlines on the monotonic clock; safe from any task. Raises WalletAway, WalletSilent."""

    def authorise(self, key: Key, patron: PatronId, amount_fen: Fen, by: float) -> Approved | Declined:
        """Holds an amount."""

    def capture(self, key: Key, of: Key, amount_fen: Fen, by: float) -> Approved | Declined:
        """Takes up to the held amount of the hold `of` and gives back the rest."""

    def release(self, key: Key, of: Key, by: float) -> Approved | Declined:
        """Gives all of a hold back. A hold that was never heard of becomes a tombstone: it is declined for ever."""

    def query(self, key: Key, by: float) -> Found: ...
