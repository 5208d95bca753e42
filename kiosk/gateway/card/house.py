"""The library's own print credit: an allowance for each reader and school year, kept in the ledger.

No card centre is asked, so nothing is ever in doubt. A site with a campus wallet puts its adapter in this one's place.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from drivers.clock import Clock
from kiosk.domain import Fen, Key, PatronId, Refusal
from kiosk.gateway.card.wallet import Approved, Declined, Found
from kiosk.keys import pseudonym
from kiosk.ledger import Ledger, Tx, wallet
from kiosk.ledger.wallet import Move


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """`amount_fen` from every `month`/`day` on, for a year; what is left over is not carried on."""

    amount_fen: Fen
    month: int = 9
    day: int = 1
    utc_offset_s: int = 8 * 3600


class HouseWallet:
    """A Wallet (see kiosk.gateway.card.wallet)."""

    def __init__(self, ledger: Ledger, clock: Clock, secret: bytes, allowance: Allowance) -> None:
        self._ledger = ledger
        self._clock = clock
        self._secret = secret
        self._allowance = allowance

    def authorise(self, key: Key, patron: PatronId, amount_fen: Fen, by: float) -> Approved | Declined:
        who, period, now_ms = self._who(patron), self._period(), int(self._clock.wall() * 1000)

        def work(tx: Tx) -> str:
            known = wallet.get(tx, key)
            if known is not None:
                return known.state
            enough = wallet.spent_fen(tx, who, period) + amount_fen <= self._allowance.amount_fen
            state = "held" if enough else "declined"
            wallet.add(
                tx, Move(key=key, who=who, kind="hold", state=state, amount_fen=amount_fen, period=period, at_ms=now_ms)
            )
            return state

        state = self._ledger.run(work)
        return Approved(amount_fen=amount_fen) if state in ("held", "captured") else Declined(reason=_why(state))

    def capture(self, key: Key, of: Key, amount_fen: Fen, by: float) -> Approved | Declined:
        return self._finish(key, of, "captured", amount_fen)

    def release(self, key: Key, of: Key, by: float) -> Approved | Declined:
        return self._finish(key, of, "released", Fen(0))

    def query(self, key: Key, by: float) -> Found:
        return Found.NEVER if self._ledger.read(lambda tx: wallet.get(tx, key)) is None else Found.DONE

    def left_fen(self, patron: PatronId) -> Fen:
        """What the reader may still spend in this school year."""
        spent = self._ledger.read(lambda tx: wallet.spent_fen(tx, self._who(patron), self._period()))
        return Fen(max(0, self._allowance.amount_fen - spent))

    def _finish(self, key: Key, of: Key, state: str, amount_fen: Fen) -> Approved | Declined:
        now_ms = int(self._clock.wall() * 1000)

        def work(tx: Tx) -> bool:
            if wallet.get(tx, key) is not None:
                return True
            hold = wallet.get(tx, of)
            if hold is None and state == "captured":
                return False
            who, period = (hold.who, hold.period) if hold else ("", "")
            if hold is None:
                tombstone = Move(key=of, who="", kind="hold", state="released", amount_fen=0, period="", at_ms=now_ms)
                wallet.add(tx, tombstone)
            elif hold.state == "held":
                wallet.end(tx, of, state, min(amount_fen, hold.amount_fen))
            elif hold.state != state:
                return False  # captured and released: one of them came first, and stands
            kind = "capture" if state == "captured" else "release"
            wallet.add(
                tx,
                Move(
                    key=key, who=who, kind=kind, of=of, state="done", amount_fen=amount_fen, period=period, at_ms=now_ms
                ),
            )
            return True

        return Approved(amount_fen=amount_fen) if self._ledger.run(work) else Declined(reason=Refusal.VOID)

    def _who(self, patron: PatronId) -> str:
        return pseudonym(self._secret, f"wallet/{patron}")

    def _period(self) -> str:
        today = dt.datetime.fromtimestamp(self._clock.wall() + self._allowance.utc_offset_s, dt.UTC).date()
        begun = (today.month, today.day) >= (self._allowance.month, self._allowance.day)
        return str(today.year if begun else today.year - 1)


def _why(state: str) -> Refusal:
    """A released hold was cancelled; a declined one asked for more than is left."""
    return Refusal.VOID if state == "released" else Refusal.PATRON_LIMIT
