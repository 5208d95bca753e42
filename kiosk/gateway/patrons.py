"""A reader's account for the screen: opened with the day key, masked, sealed for the one machine that asked.

A wrong PIN shows nothing of the account and counts at once, in the ledger, for every machine of the site. Who fails
too often is locked out for a while; the count belongs to the reader, not to one of his cards.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from kiosk.domain import ItemBarcode, PatronId, Refusal
from kiosk.gateway import deeds
from kiosk.gateway.config import PinAsked
from kiosk.gateway.names import masked
from kiosk.gateway.parts import Parts
from kiosk.gateway.sip2 import (
    EndSession,
    ItemInformation,
    ItemReply,
    NoAnswer,
    NotSent,
    PatronInformation,
    PatronReply,
    Summary,
    patron_blocks,
    patron_loans,
    pin_wrong,
)
from kiosk.gateway.sip2.profile import ChargedEntry
from kiosk.keys import SealError, open_sealed, pseudonym, seal_reply
from kiosk.ledger import Tx, secrets
from kiosk.ledger.secrets import PinState
from kiosk.ledger.seen import PatronSeen
from kiosk.messages.asks import (
    AskPatron,
    Credential,
    FeeLine,
    HoldLine,
    LoanLine,
    PatronAnswer,
    PatronKnown,
    PatronRefused,
    SealedAnswer,
    Unavailable,
    Want,
)

log = logging.getLogger(__name__)

TITLE_S_MIN: Final = 0.3
"""Titles are no longer fetched when less than this is left of the asker's patience: the list goes out without them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    patron: PatronId = field(repr=False)
    pin: str | None = field(repr=False)


class Patrons:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._rules = parts.config.patron

    def answer(self, ask: AskPatron, corr: str, by: float) -> SealedAnswer | None:
        """None when nobody waits for an answer, or nobody could open it."""
        pair = self._parts.day_keys.pair(ask.sealed.kid)
        if pair is None:
            log.warning("day_key_unknown corr=%s", corr)
            return None
        try:
            credential = open_sealed(ask.sealed, pair, corr, Credential)
            answer = self._answer(credential, ask.want, by)
            return None if answer is None else seal_reply(answer, credential.reply_key)
        except SealError:
            log.warning("question_does_not_open corr=%s", corr)
            return None

    def _answer(self, credential: Credential, want: Want, by: float) -> PatronAnswer | None:
        who = credential.patron or self._parts.cards.resolve(credential.card)
        if isinstance(who, Refusal):
            return PatronRefused(reason=who)
        if want is Want.END:
            self._end(PatronId(who), by)
            return None
        locked_s = self._locked_s(PatronId(who))
        if locked_s:
            return PatronRefused(reason=Refusal.PIN_LOCKED, tries_left=0, locked_s=locked_s)
        asked = self._rules.pin is PinAsked.ALWAYS
        if asked and not credential.pin_given:
            return PatronRefused(reason=Refusal.PIN_NEEDED)
        reader = _Reader(patron=PatronId(who), pin=credential.pin if credential.pin_given else None)
        try:
            return self._account(reader, want, by, pin_must_hold=asked)
        except (NotSent, NoAnswer) as away:
            log.info("ils_away command=%s cause=%s", away.command, away.cause.value)
            return Unavailable()

    def _account(self, reader: _Reader, want: Want, by: float, *, pin_must_hold: bool) -> PatronAnswer:
        ils = self._parts.ils
        if want is Want.LOANS:
            reply = patron_loans(ils, patron=reader.patron, by=by, pin=reader.pin)
        else:
            reply = ils.ask(PatronInformation(patron=reader.patron, pin=reader.pin), by)
        if pin_wrong(reply):
            return self._failed(reader.patron)
        if pin_must_hold and reply.pin_ok is None:
            log.error("pin_not_checked: the library system does not say whether the PIN is right")
            return Unavailable()
        if reader.pin is not None and reply.pin_ok:
            self._cleared(reader.patron)
        refused = patron_blocks(reply, ils.profile, self._today())
        reasons = tuple(dict.fromkeys(each.reason for each in refused))
        for reason in (Refusal.PATRON_UNKNOWN, Refusal.PATRON_CARD_LOST):
            if reason in reasons:
                return PatronRefused(reason=reason)
        self._remember(reader.patron, reply, reasons)
        until = next((each.until.isoformat() for each in refused if each.until), "")
        return PatronKnown(
            patron=reader.patron,
            name=masked(reply.name, reply.patron_class, self._rules),
            patron_class=reply.patron_class,
            limit=reply.charged_limit,
            charged=reply.charged_count,
            overdue=reply.overdue_count,
            holds_ready=reply.holds_ready_count,
            holds_waiting=reply.holds_waiting_count,
            fee_fen=reply.fee_fen or 0,
            fee_limit_fen=reply.fee_limit_fen,
            until=until,
            blocks=reasons,
            loans=self._loans(reply.charged, by) if want is Want.LOANS else (),
            holds=self._holds(reader.patron, reply, by) if want is Want.LOANS else (),
            fees=(FeeLine(amount_fen=reply.fee_fen),) if want is Want.LOANS and reply.fee_fen else (),
        )

    def _end(self, patron: PatronId, by: float) -> None:
        """35: nobody waits for the answer, and a lost one does no harm."""
        try:
            self._parts.ils.ask(EndSession(patron=patron), by)
        except (NotSent, NoAnswer) as away:
            log.info("end_not_told cause=%s", away.cause.value)

    # --- lists ---

    def _loans(self, entries: Sequence[str], by: float) -> tuple[LoanLine, ...]:
        today = self._today()
        lines = []
        for barcode, title in map(self._entry, entries):
            item = self._item(barcode, by) if barcode else None
            due = item.due if item else None
            lines.append(
                LoanLine(
                    item=ItemBarcode(barcode),
                    title=item.title if item else title,
                    due=deeds.shown(due),
                    overdue=due is not None and due.day is not None and due.day < today,
                    call_number=item.call_number if item else "",
                )
            )
        return tuple(lines)

    def _holds(self, patron: PatronId, reply: PatronReply, by: float) -> tuple[HoldLine, ...]:
        lines: list[HoldLine] = []
        counts = ((Summary.HOLDS_READY, reply.holds_ready_count), (Summary.HOLDS_WAITING, reply.holds_waiting_count))
        for summary, count in counts:
            if not count or not self._has_time(by):
                continue
            listed = self._parts.ils.ask(PatronInformation(patron=patron, summary=summary), by)
            ready = summary is Summary.HOLDS_READY
            for barcode, title in map(self._entry, listed.holds_ready if ready else listed.holds_waiting):
                item = self._item(barcode, by) if barcode else None
                until = item.pickup_day.isoformat() if item and item.pickup_day else ""
                lines.append(
                    HoldLine(
                        title=item.title if item else title or barcode,
                        ready=ready,
                        place=item.current_location if item and ready else "",
                        until=until if ready else "",
                    )
                )
        return tuple(lines)

    def _entry(self, entry: str) -> tuple[str, str]:
        """(barcode, title) of an entry of a list, as this library system writes them."""
        match self._parts.ils.profile.charged_entry:
            case ChargedEntry.BARCODE:
                return entry, ""
            case ChargedEntry.BARCODE_FIRST:
                barcode, _, title = entry.partition(" ")
                return barcode, title
            case ChargedEntry.OPAQUE:
                return "", entry

    def _item(self, barcode: str, by: float) -> ItemReply | None:
        if not self._has_time(by):
            return None
        try:
            item = self._parts.ils.ask(ItemInformation(item=ItemBarcode(barcode)), by)
        except (NotSent, NoAnswer):
            return None
        return item if item.known else None

    def _has_time(self, by: float) -> bool:
        return self._parts.hub.now() + TITLE_S_MIN < by

    # --- PINs ---

    def _who(self, patron: PatronId) -> str:
        return pseudonym(self._parts.site_secret, f"pin/{patron}")

    def _locked_s(self, patron: PatronId) -> int:
        state = self._parts.ledger.read(lambda tx: secrets.pin_state(tx, self._who(patron)))
        return max(0, -(-(state.locked_until_ms - self._parts.now_ms()) // 1000))

    def _failed(self, patron: PatronId) -> PatronRefused:
        now_ms = self._parts.now_ms()
        lock_ms = self._rules.pin_lock_min * 60_000
        who = self._who(patron)

        def work(tx: Tx) -> PinState:
            was = secrets.pin_state(tx, who)
            if now_ms - was.first_ms > lock_ms or was.locked_until_ms:
                was = PinState(first_ms=now_ms)  # an old failure, or a lock that has been sat out
            failures = was.failures + 1
            locked = now_ms + lock_ms if failures >= self._rules.pin_tries else 0
            state = PinState(failures=failures, first_ms=was.first_ms, locked_until_ms=locked)
            secrets.set_pin_state(tx, who, state)
            return state

        state = self._parts.ledger.run(work)
        if state.locked_until_ms:
            return PatronRefused(reason=Refusal.PIN_LOCKED, tries_left=0, locked_s=self._rules.pin_lock_min * 60)
        return PatronRefused(reason=Refusal.PIN_WRONG, tries_left=self._rules.pin_tries - state.failures)

    def _cleared(self, patron: PatronId) -> None:
        who = self._who(patron)
        if self._parts.ledger.read(lambda tx: secrets.pin_state(tx, who)) != PinState():
            self._parts.ledger.run(lambda tx: secrets.set_pin_state(tx, who, PinState()))

    # --- inside ---

    def _remember(self, patron: PatronId, reply: PatronReply, reasons: Sequence[Refusal]) -> None:
        known = reply.charged_limit is not None and reply.charged_count is not None
        room = max(0, (reply.charged_limit or 0) - (reply.charged_count or 0)) if known else 0
        self._parts.notes.saw_patron(
            PatronSeen(
                who=pseudonym(self._parts.site_secret, f"seen/{patron}"),
                room=room,
                blocks=",".join(reason.value for reason in reasons),
                seen_ms=self._parts.now_ms(),
            )
        )

    def _today(self) -> dt.date:
        seconds = self._parts.hub.wall() + self._parts.ils.profile.utc_offset_s
        return dt.datetime.fromtimestamp(seconds, dt.UTC).date()
