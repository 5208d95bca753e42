"""The key of each day: made ahead for the machines, kept while a link may be needed, then destroyed for good."""

from __future__ import annotations

import datetime as dt
from typing import Final

from drivers.clock import Clock
from kiosk.keys import DayKeyPair, new_day_key
from kiosk.ledger import Ledger, Tx, secrets
from kiosk.messages.asks import DayKey

MS: Final = 1000


class DayKeys:
    """`utc_offset_s` says when the library's day begins. Pairs are cached: opening a box must not wait for a disk."""

    def __init__(self, ledger: Ledger, clock: Clock, *, utc_offset_s: int, ahead_days: int, sealed_days: int) -> None:
        self._ledger = ledger
        self._clock = clock
        self._utc_offset_s = utc_offset_s
        self._ahead_days = ahead_days
        self._sealed_days = sealed_days
        self._pairs: dict[str, DayKeyPair] = {}

    def tend(self) -> None:
        """Makes the keys of the coming days and destroys those that are over age. At start, and every few hours."""
        today = self._today()
        days = [(today + dt.timedelta(days=n)).isoformat() for n in range(self._ahead_days + 1)]
        now_ms = int(self._clock.wall() * MS)
        oldest = (today - dt.timedelta(days=self._sealed_days)).isoformat()
        have = {pair.key.day for pair in self._ledger.read(secrets.live_day_keys)}
        fresh = [new_day_key(day) for day in days if day not in have]

        def work(tx: Tx) -> tuple[int, list[DayKeyPair]]:
            for pair in fresh:
                secrets.add_day_key(tx, pair, now_ms)
            return secrets.destroy_day_keys(tx, oldest, now_ms), secrets.live_day_keys(tx)

        destroyed, live = self._ledger.run(work)
        self._pairs = {pair.key.kid: pair for pair in live}
        if destroyed:
            self._ledger.wipe_log()

    def pair(self, kid: str) -> DayKeyPair | None:
        """None when it was destroyed or was never ours."""
        return self._pairs.get(kid)

    def public(self) -> tuple[DayKey, ...]:
        """The keys machines may seal with, from today on."""
        today = self._today().isoformat()
        return tuple(pair.key for pair in self._pairs.values() if pair.key.day >= today)

    def _today(self) -> dt.date:
        return dt.datetime.fromtimestamp(self._clock.wall() + self._utc_offset_s, dt.UTC).date()
