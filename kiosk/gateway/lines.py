"""An item's custody line in the ledger: gathers its events, reads the library system, makes the one move.

The reasoning is in `custody` and `line`; here are rows and messages. Every step can be cut off and run again: the
line is worked out anew from the rows and from what the library system says at that moment.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.domain import ItemBarcode, PatronId, SecurityState
from kiosk.gateway import deeds
from kiosk.gateway.applier import Applier, NoReader
from kiosk.gateway.custody import Event, Held, Span, Turn, Where
from kiosk.gateway.line import Move, Staff, Standing, Stays, Wait, Why, plan, window
from kiosk.gateway.parts import Parts
from kiosk.gateway.sip2 import Checkin, Checkout, LoanSeen
from kiosk.gateway.tasks import Kind
from kiosk.ledger import Tx, effects, inbox
from kiosk.ledger.effects import Booked, Effect, State, Todo
from kiosk.ledger.inbox import Chain
from kiosk.messages.records import Op, Outcome

log = logging.getLogger(__name__)

HISTORY_MAX: Final = 60
ONLINE_SLACK_MS: Final = 5_000
RETRY_S: Final = 30.0
DAY_MS: Final = 86_400_000
BIN_TAKEN: Final = "bin_taken"
"""What a machine notes when a bin with returns in it is taken away (records.Noted.what)."""

_TAKEN: Final = frozenset({Outcome.DELIVERED, Outcome.STANDS})
_UNTOLD: Final = frozenset({Outcome.CANCELLED, Outcome.UNDONE})
_KINDS: Final = {Why.SEVERAL: Kind.SEVERAL_HOLDERS, Why.NO_ORDER: Kind.NO_ORDER, Why.OTHER_LOAN: Kind.OTHER_LOAN}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One item's rows and the events they stand for. `start` is decided, `now` is as read a moment ago."""

    rows: dict[str, Effect]
    claimed: Collection[str]  # names claimed by the caller
    events: tuple[Event, ...]
    start: Where
    now: LoanSeen
    standing: Standing


class Lines:
    """`settle` expects the item to be claimed."""

    def __init__(self, parts: Parts, applier: Applier) -> None:
        self._parts = parts
        self._applier = applier

    def settle(self, item: ItemBarcode, claimed: Collection[str]) -> None:
        """Brings the library system to where the item's events say it must stand, or says why not.

        `claimed` are the names the caller holds. Raises NotSent, NoAnswer, NotLeading: try again later.
        """
        rows, chains = self._parts.ledger.read(lambda tx: (_rows(tx, item), inbox.all_chains(tx)))
        until_ms = max((row.todo_ms for row in rows if self._is_busy(row)), default=0)
        events, begun = window(_history(rows, chains))
        if not events:
            return
        if until_ms:
            owed = [row for row in rows if _is_owed(row) and row.todo is not Todo.JUDGE]
            self._leave(owed, (until_ms - self._parts.now_ms()) / 1000)
            return
        line = self._read(rows, events, begun, claimed)
        owed = [row for row in line.rows.values() if _is_owed(row)]
        untold = _may_be_untaken(rows) or self._undrained(line, chains)
        undrained = untold and not self._waited(owed)
        match plan(line.events, line.start, line.standing, undrained=undrained):
            case Wait():
                self._leave(owed, RETRY_S)
            case Staff(why=why):
                self._call(owed, _KINDS[why])
            case Stays(held=held):
                self._corrections(line, held)
                self._book(line, owed, held)
            case Move() as move:
                self._move(line, owed, move)

    def _is_busy(self, row: Effect) -> bool:
        """Something else about this item must be found out first, or a loan that ended as undone be taken back: the
        library system's word for it would be taken for the loan that followed."""
        if row.state is State.GRANTED and row.ended in _UNTOLD and row.todo is Todo.FINAL:
            return True
        if row.state not in (State.ATTEMPTING, State.DOUBT) or row.todo is not Todo.JUDGE:
            return False
        return row.doing != "line" or row.todo_ms > self._parts.now_ms()

    def _leave(self, rows: Sequence[Effect], in_s: float) -> None:
        for row in rows:
            self._applier.leave(row, Todo.LINE, max(in_s, 0.1))

    # --- reading ---

    def _read(
        self, rows: Sequence[Effect], events: tuple[Event, ...], begun: Where | None, claimed: Collection[str]
    ) -> _Line:
        among = {str(row.key): row for row in rows if any(event.key == row.key for event in events)}
        now = self._applier.look(next(iter(among.values())), None)
        start = begun or (Where.READER if now.on_loan else Where.LIBRARY)
        return _Line(
            rows=among,
            claimed=claimed,
            events=events,
            start=start,
            now=now,
            standing=self._standing(among, events, start, now),
        )

    def _standing(self, rows: dict[str, Effect], events: tuple[Event, ...], start: Where, now: LoanSeen) -> Standing:
        """Which loan the library system means. Readers are asked for one by one, the likeliest first."""
        if now.on_loan is False:
            return Standing(loan=None)
        if now.on_loan is None:
            return Standing(loan=Where.UNKNOWN.value)
        due = deeds.shown(now.due)
        loans = [rows[event.key] for event in events if event.turn is Turn.LOAN]
        alike = [row for row in loans if row.due and row.due == due]
        # One reader may have had the copy twice. A loan whose message got no answer was sent while the item was not on
        # loan at all: if it is now, it is by that one.
        loans.sort(key=lambda row: (row.state is not State.DOUBT, row.due != due, -row.done_ms))
        asked: dict[PatronId, bool | None] = {}
        for row in loans:
            reader = self._reader(row)
            if reader is not None and reader not in asked:
                asked[reader] = self._applier.look(row, reader).lent_to_patron
            if reader is not None and asked[reader]:
                return Standing(loan=row.key)
        if any(found is None for found in asked.values()):
            # No list of loans to look into: the due date must do, if it points at one loan only.
            return Standing(loan=alike[0].key if len(alike) == 1 else Where.UNKNOWN.value)
        return Standing(loan=self._from_before(rows, events, start, now).value)

    def _from_before(self, rows: dict[str, Effect], events: tuple[Event, ...], start: Where, now: LoanSeen) -> Where:
        """A loan that none of the events made: the one from before them, or a younger one from elsewhere."""
        if start is not Where.READER:
            return Where.UNKNOWN
        ended = (
            event.was_charged and event.turn is Turn.RETURN and event.booked_ms and rows[event.key].state != State.DOUBT
            for event in events
        )
        if any(ended):
            return Where.UNKNOWN
        seen = self._parts.notes.item(now.item.item)
        opens_ms = min(event.span.first_ms for event in events)
        if seen is not None and seen.charged and seen.seen_ms < opens_ms:
            return Where.READER if now.due is None or seen.due == now.due.text else Where.UNKNOWN
        return Where.READER

    def _reader(self, row: Effect) -> PatronId | None:
        try:
            return self._applier.reader(row)
        except NoReader:
            return None

    def _undrained(self, line: _Line, chains: Sequence[Chain]) -> bool:
        """A machine that was away while this happened has not told everything."""
        closes_ms = max(event.span.last_ms for event in line.events)
        newest: dict[str, Chain] = {}
        for chain in chains:
            newest[chain.device] = chain
        return any(
            chain.clear_ms < closes_ms and not _drained(chain) and name in self._parts.registry.devices
            for name, chain in newest.items()
        )

    def _waited(self, owed: Sequence[Effect]) -> bool:
        limit_ms = int(self._parts.config.keep.line_wait_h * 3_600_000)
        return any(self._parts.now_ms() - row.since_ms >= limit_ms for row in owed if row.since_ms)

    # --- acting ---

    def _move(self, line: _Line, owed: Sequence[Effect], move: Move) -> None:
        if move.close is not None:
            row = line.rows[move.close.key]
            if not self._check_in(line, row, move.close):
                if row.state is not State.DOUBT:  # people have it, and the rest hangs on it
                    self._call([other for other in owed if other is not row], Kind.OTHER_LOAN)
                return
        if move.open is not None:
            row = line.rows[move.open]
            if not self._check_out(line, row):
                others = [other for other in owed if other is not row and _is_owed(other)]
                if row.todo is Todo.NOTHING:  # people have it, and the rest is history
                    self._book(line, others, move.held)
                else:
                    self._leave(others, RETRY_S)
                return
        self._corrections(line, move.held)
        self._book(line, owed, move.held)

    def _check_in(self, line: _Line, row: Effect, event: Event) -> bool:
        """09 with the true time of return; False when that is not the end of it."""
        if self._bin_taken(row):
            self._call([row], Kind.BIN_TAKEN)
            return False
        request = Checkin(item=row.item, returned_s=_when_ms(row, event) / 1000)
        reply = self._applier.attempt(row, "line", deeds.before(line.now), request)
        if reply is None:
            return False
        now = None if reply.ok else self._applier.recheck(row, None)
        if row.state is State.DOUBT:
            return False
        if now is not None and now.on_loan is not False:
            self._applier.refuse(row, deeds.refused_return(row.key, reply, line.now, self._applier.ils.profile).reason)
            return False
        self._applier.grant(row, deeds.granted_return(row.key, reply, line.now), Booked.LINE)
        return True

    def _check_out(self, line: _Line, row: Effect) -> bool:
        """11 with the true time of the loan; False when that is not the end of it."""
        reader = self._reader(row)
        if reader is None:
            self._call([row], Kind.NO_READER)
            return False
        names = {f"patron:{reader}"}.difference(line.claimed)
        # Two lines may each hold the reader that the other needs: nobody waits for ever.
        with self._parts.claims.held(names, self._applier.ils.by()) as ours:
            if not ours:
                self._leave([row], RETRY_S)
                return False
            return self._lend(line, row, reader)

    def _lend(self, line: _Line, row: Effect, reader: PatronId) -> bool:
        event = next(each for each in line.events if each.key == row.key)
        late_ms = self._still_late_ms(row)
        if late_ms > 0:
            self._leave([row], late_ms / 1000)
            return False
        was = self._applier.look(row, reader)
        if was.on_loan:
            self._leave([row], RETRY_S)
            return False
        request = Checkout(patron=reader, item=row.item, at_s=_when_ms(row, event) / 1000)
        reply = self._applier.attempt(row, "line", deeds.before(was), request)
        if reply is None:
            return False
        now = None if reply.ok else self._applier.recheck(row, reader)
        if row.state is State.DOUBT:
            return False
        if reply.ok or (now is not None and now.lent_to_patron):
            self._applier.grant(row, deeds.granted_loan(row.key, reply, None), Booked.LINE)
            return True
        row.state, row.doing, row.done_ms = State.REFUSED, "", 0
        self._applier.hand_over(row, Kind.OFFLINE_REFUSED)
        return False

    def _still_late_ms(self, row: Effect) -> int:
        """How long an earlier message whose answer was lost may still be executed: many library systems would take a
        second one after it for a renewal."""
        begun_ms = self._parts.ledger.read(lambda tx: effects.lost_answer_ms(tx, row.key))
        return begun_ms + int(self._parts.config.ils.late_s * 1000) - self._parts.now_ms() if begun_ms else 0

    def _book(self, line: _Line, owed: Sequence[Effect], held: Held) -> None:
        """Everything the line explains is settled, whether it moved the library system or is past already."""
        for row in owed:
            if row.state in (State.GRANTED, State.SETTLED) and row.booked is not Booked.NOT:
                self._applier.close(row, State.SETTLED)
            elif row.state is State.DOUBT and _was_executed(row, line):
                row.booked = Booked.LINE
                self._applier.close(row, State.SETTLED, end="granted")
            else:
                # As it was when this was decided: a later window begins with what the library system said then.
                row.pre = deeds.write_before(deeds.before(line.now))
                row.done_ms = self._parts.now_ms()
                row.booked = Booked.FOUND if row.key == held.by else Booked.PAIR
                late = row.op is Op.CHECKOUT and row.attempts > 0 and _was_executed(row, line)
                self._applier.close(row, State.SETTLED, end="granted" if late else "")

    def _corrections(self, line: _Line, held: Held) -> None:
        """A return that is older than the one the library system has ended the loan with: the charge is too high."""
        offset_ms = self._applier.ils.profile.utc_offset_s * 1000
        for event in held.ended.values():
            row = line.rows[event.key]
            later = [other for other in held.order[held.order.index(event) + 1 :] if _ended_a_loan(other)]
            if _is_owed(row) and row.booked is Booked.NOT and later:
                day, booked_day = (
                    (at_ms + offset_ms) // DAY_MS for at_ms in (_when_ms(row, event), line.rows[later[0].key].at_ms)
                )
                if day < booked_day:
                    self._applier.call(Kind.FINE_CORRECTION, row)

    def _bin_taken(self, row: Effect) -> bool:
        after = row.final_seq or row.seq
        return self._parts.ledger.read(lambda tx: inbox.noted_after(tx, row.device, row.epoch, after, BIN_TAKEN))

    def _call(self, rows: Sequence[Effect], kind: Kind) -> None:
        for row in rows:
            self._applier.hand_over(row, kind)


def _rows(tx: Tx, item: ItemBarcode) -> list[Effect]:
    return effects.of_item(tx, item, HISTORY_MAX)


def _is_owed(row: Effect) -> bool:
    """It happened, and the library system does not know it, or may not."""
    if row.doing == "line" and row.state in (State.ATTEMPTING, State.DOUBT):
        return True
    return _happened(row) and row.done_ms == 0 and row.state in (State.NEW, State.VOID)


def _happened(row: Effect) -> bool:
    """Whether the copy changed hands, as far as the machine has told."""
    outcome = row.ended
    if row.op is Op.CHECKOUT:
        return outcome in _TAKEN or (outcome is None and row.state is State.GRANTED)
    if outcome is None:
        return row.state in (State.GRANTED, State.SETTLED) or row.todo is Todo.LINE
    return outcome is Outcome.RETURNED


def _history(rows: Sequence[Effect], chains: Sequence[Chain]) -> list[Event]:
    ranks = {(chain.device, chain.epoch): chain.first_ms for chain in chains}
    happened = [row for row in rows if _happened(row)]
    happened.sort(key=lambda row: (row.device, ranks.get((row.device, row.epoch), 0), row.final_seq or row.seq))
    untaken = _untaken(rows)
    return [_event(row, number, untaken) for number, row in enumerate(happened)]


def _may_be_untaken(rows: Sequence[Effect]) -> bool:
    """Whether a granted loan has no end yet. Ended as not taken, it is no event of the line, and what the library
    system said about the copy meanwhile came from it."""
    return any(row.op is Op.CHECKOUT and row.state is State.GRANTED and not row.final for row in rows)


def _untaken(rows: Sequence[Effect]) -> list[Span]:
    """When the library system had the item on loan although nobody had taken it: granted, and cancelled later."""
    return [
        Span(first_ms=row.asked_ms, last_ms=row.final_received_ms)
        for row in rows
        if row.op is Op.CHECKOUT and row.attempts and row.ended in (Outcome.CANCELLED, Outcome.UNDONE)
    ]


def _event(row: Effect, order: int, untaken: Sequence[Span]) -> Event:
    loan = row.op is Op.CHECKOUT
    return Event(
        key=row.key,
        machine=row.device,
        order=order,
        turn=Turn.LOAN if loan else Turn.RETURN,
        span=_span(row),
        armed=not loan and row.security == SecurityState.ON.value,
        unsure=loan and row.ended is Outcome.STANDS,
        booked_ms=row.done_ms,
        was_charged=bool(deeds.read_before(row.pre).on_loan)
        and not any(span.first_ms <= row.done_ms <= span.last_ms for span in untaken),
        owed=_is_owed(row),
    )


def _span(row: Effect) -> Span:
    """What was done online happened under a claim on the item, by the gateway's own clock: in a certain order."""
    if row.booked is Booked.ONLINE and row.asked_ms:
        return Span(first_ms=row.asked_ms, last_ms=max(row.asked_ms, row.done_ms))
    if row.final or not row.done_ms:
        return Span(first_ms=row.final_first_ms, last_ms=row.final_last_ms)
    return Span(first_ms=row.asked_ms - ONLINE_SLACK_MS, last_ms=row.done_ms + ONLINE_SLACK_MS)


def _was_executed(row: Effect, line: _Line) -> bool:
    """Whether the message of a line that got no answer was carried out, by what the library system says now."""
    if row.op is Op.CHECKOUT:
        return line.standing.loan == row.key
    return bool(deeds.read_before(row.pre).on_loan) and line.now.on_loan is False


def _drained(chain: Chain) -> bool:
    return bool(chain.online) and chain.through >= chain.told_last


def _when_ms(row: Effect, event: Event) -> int:
    """When it happened, by the machine's own clock as far as that is possible."""
    return min(max(row.at_ms, event.span.first_ms), event.span.last_ms)


def _ended_a_loan(event: Event) -> bool:
    return event.turn is Turn.RETURN and event.booked_ms > 0 and event.was_charged
