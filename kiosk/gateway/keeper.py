"""What must happen every few seconds, hours and days, whoever asks or does not ask."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from kiosk.gateway import tasks as wording
from kiosk.gateway.card import CardFileError
from kiosk.gateway.lease import RENEW_S
from kiosk.gateway.parts import Parts
from kiosk.gateway.tasks import Kind
from kiosk.ledger import Tx, effects, inbox, seen
from kiosk.ledger.effects import State, Todo

log = logging.getLogger(__name__)

HOUR_S: Final = 3_600.0
CARDS_S: Final = 300.0
SILENT_MAX: Final = 500
DAY_MS: Final = 86_400_000
HOUR_MS: Final = 3_600_000


class Keeper:
    def __init__(self, parts: Parts, notify: Callable[[str], None]) -> None:
        self._parts = parts
        self._notify = notify
        self._led = False
        self._stopping = False
        self._lead_at = float("-inf")
        self._hourly_at = float("-inf")
        self._cards_at = float("-inf")

    def ready(self) -> None:
        self._notify("READY=1")

    def stop(self) -> None:
        self._stopping = True
        self._notify("STOPPING=1")

    def run(self) -> None:
        """Until `stop`. Each round also feeds the watchdog: a ledger that hangs starves it."""
        while not self._stopping:
            self.round()
            self._notify("WATCHDOG=1")
            self._parts.hub.wait_until(self._parts.hub.now() + RENEW_S / 2)

    def round(self) -> None:
        now = self._parts.hub.now()
        if now >= self._lead_at:
            self._lead_at = now + RENEW_S
            self.lead()
        self._parts.notes.flush()
        if now - self._cards_at >= CARDS_S:
            self._cards_at = now
            self._refresh_cards()
        if now - self._hourly_at >= HOUR_S:
            self._hourly_at = now
            self._parts.day_keys.tend()
            if self._led:
                self.ask_about_silence()
                self._forget()

    def lead(self) -> None:
        """Takes or prolongs the applier's lease; whoever comes to lead first cleans up after whoever led before."""
        leading = self._parts.lease.renew()
        if leading and not self._led:
            self._recover()
        if leading != self._led:
            log.info("leading=%s", leading)
        self._led = leading

    def _recover(self) -> None:
        """Messages that were under way when their gateway died: what they did must be read."""
        now_ms = self._parts.now_ms()
        settle_ms = int(self._parts.config.ils.settle_s * 1000)

        def work(tx: Tx) -> int:
            left = effects.left_attempting(tx)
            for effect in left:
                effect.state, effect.todo, effect.todo_ms = State.DOUBT, Todo.JUDGE, now_ms + settle_ms
                effect.since_ms = effect.changed_ms = now_ms
                effects.save(tx, effect)
            return len(left)

        found = self._parts.ledger.run(work)
        if found:
            log.warning("recovered attempts=%d", found)
            self._parts.nudge()

    def ask_about_silence(self) -> None:
        """Keys without an end whose machine has been silent for a day: people."""
        now_ms = self._parts.now_ms()
        limit_ms = int(self._parts.config.keep.silent_h * HOUR_MS)

        def work(tx: Tx) -> int:
            opened = 0
            for effect in effects.silent(tx, now_ms - limit_ms, SILENT_MAX):
                chain = inbox.chain_of(tx, effect.device, effect.epoch)
                if chain is not None and now_ms - chain.seen_ms < limit_ms and not chain.quarantined:
                    continue
                wording.open_task(tx, wording.about_effect(Kind.UNSETTLED, effect, now_ms))
                opened += 1
            return opened

        opened = self._parts.ledger.run(work)
        if opened:
            log.warning("unsettled keys=%d", opened)

    def _refresh_cards(self) -> None:
        try:
            self._parts.cards.refresh()
        except CardFileError as error:
            log.error("cards_not_refreshed: %s", error)  # the last good list stays in use

    def _forget(self) -> None:
        now_ms = self._parts.now_ms()
        keep = self._parts.config.keep.keys_days * DAY_MS
        seen_ms = self._parts.config.snapshot.seen_days * DAY_MS

        def work(tx: Tx) -> None:
            effects.forget(tx, now_ms - keep)
            seen.forget_patrons(tx, now_ms - seen_ms)

        self._parts.ledger.run(work)
