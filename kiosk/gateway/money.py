"""Holds, captures and releases: the same life as any effect, with a wallet in the library system's place.

A hold is a give-out: in doubt it is given back, and giving back a hold nobody ever heard of makes it a tombstone.
Captures and releases are take-ins: pushed forward under their own key until the wallet has them or people do.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from kiosk.domain import Fen, Key, PatronId, Refusal
from kiosk.gateway.applier import Applier
from kiosk.gateway.card import Approved, Declined, Found, WalletAway, WalletSilent
from kiosk.gateway.deeds import Before
from kiosk.gateway.parts import Parts
from kiosk.gateway.tasks import Kind
from kiosk.ledger.effects import Booked, Effect, Todo
from kiosk.messages.asks import EffectGranted
from kiosk.messages.records import Op

log = logging.getLogger(__name__)

PUSHES_MAX: Final = 20
"""Captures and releases that a wallet leaves unanswered are repeated so often, with growing patience; then people."""

_MESSAGES: Final = {Op.HOLD: "hold", Op.CAPTURE: "capture", Op.RELEASE: "release"}


class Money:
    """Every method expects the effect's reader to be claimed."""

    def __init__(self, parts: Parts, applier: Applier) -> None:
        self._parts = parts
        self._applier = applier

    def perform(self, effect: Effect, patron: PatronId | None) -> None:
        """One attempt; leaves the effect granted, refused or in doubt. Raises WalletAway while nothing was sent."""
        wallet = self._parts.wallet
        if wallet is None:
            self._applier.refuse(effect, Refusal.SERVICE_AWAY)
            return
        by = self._applier.ils.by()
        amount, of = Fen(effect.amount_fen), Key(effect.of)
        match effect.op:
            case Op.HOLD:
                assert patron is not None
                self._attempt(effect, lambda: wallet.authorise(effect.key, patron, amount, by))
            case Op.CAPTURE:
                self._attempt(effect, lambda: wallet.capture(effect.key, of, amount, by))
            case _:
                self._attempt(effect, lambda: wallet.release(effect.key, of, by))

    def judge(self, effect: Effect, patron: PatronId | None) -> None:
        """What did a wallet do that gave no answer? Raises WalletAway, WalletSilent."""
        wallet = self._parts.wallet
        if wallet is None:
            self._applier.hand_over(effect, Kind.MONEY)
            return
        found = wallet.query(effect.key, self._applier.ils.by())
        log.info("judged key=%s op=%s as=%s", effect.key, effect.op.value, found.value)
        if found is Found.DONE:
            self._granted(effect)
        elif effect.op is Op.HOLD:
            self.give_back(effect)
        elif effect.attempts < PUSHES_MAX:
            self.perform(effect, patron)
        else:
            self._applier.hand_over(effect, Kind.MONEY)

    def give_back(self, effect: Effect) -> None:
        """A hold that must not stand: released under its own name, whether the wallet ever heard of it or not."""
        wallet = self._parts.wallet
        assert wallet is not None
        answer = wallet.release(Key(f"{effect.key}-void"), effect.key, self._applier.ils.by())
        if isinstance(answer, Declined):
            self._applier.hand_over(effect, Kind.MONEY)
            return
        effect.booked, effect.done_ms, effect.attempts = Booked.NOT, 0, 0
        effect.todo = Todo.NOTHING
        self._applier.void(effect)

    def _attempt(self, effect: Effect, send: Callable[[], Approved | Declined]) -> None:
        begun = self._applier.begin(effect, "do", Before(), _MESSAGES[effect.op])
        try:
            answer = send()
        except WalletAway:
            self._applier.unbegun(effect, begun)
            raise
        except WalletSilent:
            log.warning("wallet_doubt key=%s op=%s", effect.key, effect.op.value)
            self._applier.doubt(effect)
            return
        if isinstance(answer, Approved):
            self._granted(effect)
        else:
            self._applier.refuse(effect, answer.reason)

    def _granted(self, effect: Effect) -> None:
        self._applier.grant(effect, EffectGranted(key=effect.key), Booked.ONLINE)
