"""Answers one SIP2 message of a terminal that is logged in: looks up, acts, and has the reply written."""

from __future__ import annotations

from kiosk.domain import PatronId
from kiosk.gateway.sim.circulation import Circulation, Lent, TakenBack
from kiosk.gateway.sim.dialect import Dialect
from kiosk.gateway.sim.faults import FaultKind
from kiosk.gateway.sim.nouns import Barrier, Patron, Why
from kiosk.gateway.sim.rows import HoldState
from kiosk.gateway.sim.writer import Answer, Lists, Writer
from kiosk.gateway.sip2.codec import Message
from kiosk.gateway.sip2.dates import parse_sip_date, wall_seconds
from kiosk.gateway.sip2.layout import LAYOUTS
from kiosk.gateway.sip2.money import parse_fen

ALL_SUPPORTED = "Y" * 16


class Desk:
    """The circulation desk behind one connection."""

    def __init__(self, circulation: Circulation, dialect: Dialect) -> None:
        self._circulation = circulation
        self._dialect = dialect

    def answer(self, message: Message, fault: FaultKind | None) -> Answer | None:
        """The reply, or None for a message this ILS cannot understand at all (it hangs up, as strict servers do)."""
        if any(message.one(name) is None for name in LAYOUTS[message.command].mandatory):
            return None
        write = Writer(self._dialect, self._circulation.rules, self._circulation.now_s())
        if message.command in ("11", "09", "29"):
            return self._move(message, write, fault)
        if message.command in ("23", "63", "01", "25"):
            return self._person(message, write)
        return self._other(message, write)

    def _move(self, message: Message, write: Writer, fault: FaultKind | None) -> Answer:
        circulation = self._circulation
        barrier = self._barrier(message, fault)
        item, patron = message.one("AB") or "", message.one("AA") or ""
        if message.command == "09":
            if barrier is not None:
                return write.checkin(message, TakenBack(ok=False, barrier=barrier))
            honoured = fault is not FaultKind.IGNORE_RETURN_DATE
            returned_s = self._returned_s(message) if honoured else circulation.now_s()
            return write.checkin(message, circulation.checkin(item, returned_s, message.one("AP") or ""))
        command = "12" if message.command == "11" else "30"
        if barrier is not None:
            return write.loan(message, Lent(ok=False, barrier=barrier), command)
        lent = circulation.checkout(patron, item) if command == "12" else circulation.renew(patron, item)
        return write.loan(message, lent, command)

    def _barrier(self, message: Message, fault: FaultKind | None) -> Barrier | None:
        if fault is FaultKind.REJECT_NO_BLOCK and message.fixed["no_block"] == "Y":
            return Barrier(Why.NO_BLOCK)
        return Barrier(Why.NOT_OURS) if self._foreign(message) else None

    def _foreign(self, message: Message) -> bool:
        return self._dialect.checks_institution and message.one("AO") != self._circulation.rules.institution

    def _returned_s(self, message: Message) -> int:
        """The true time of return; a date that cannot be read, or lies ahead, counts as now."""
        now_s = self._circulation.now_s()
        local = parse_sip_date(message.fixed["return_date"])
        if local is None:
            return now_s
        return min(now_s, int(wall_seconds(local, self._circulation.rules.utc_offset_s)))

    def _person(self, message: Message, write: Writer) -> Answer:
        patron_id = message.one("AA") or ""
        if message.command in ("01", "25"):
            patron = self._circulation.block(patron_id, message.command == "01")
            return write.patron_status(message, patron, "24" if message.command == "01" else "26")
        patron = None if self._foreign(message) else self._circulation.store.patron(patron_id)
        if message.command == "23":
            return write.patron_status(message, patron, "24")
        return write.patron_information(message, patron, self._lists(patron))

    def _lists(self, patron: Patron | None) -> Lists:
        if patron is None:
            return Lists((), (), (), (), {})
        store = self._circulation.store
        loaned = [store.item(loan.item) for loan in patron.loans]
        return Lists(
            holds_ready=store.holds(patron.patron, HoldState.READY),
            holds_waiting=store.holds(patron.patron, HoldState.WAITING),
            fines=tuple(item or f"fee {number}" for number, _, item in store.fees(patron.patron)),
            recalled=tuple(item.barcode for item in loaned if item is not None and item.recalled),
            titles={item.barcode: item.title for item in loaned if item is not None},
        )

    def _other(self, message: Message, write: Writer) -> Answer | None:
        circulation = self._circulation
        item, patron = message.one("AB") or "", message.one("AA") or ""
        own = ("AO", circulation.rules.institution)
        match message.command:
            case "99":
                return write.status(ALL_SUPPORTED)
            case "17":
                return write.item_information(message, circulation.store.item(item))
            case "35":
                return f"36Y{write.now}", [own, ("AA", patron)]
            case "65":
                return self._renew_all(patron, write)
            case "37":
                return self._fee_paid(message, write)
            case "15":
                return self._hold(message, write)
            case "19":
                known = circulation.store.item(item)
                if known is not None:
                    circulation.store.record(circulation.now_s(), "item_updated", item, None)
                return f"20{int(known is not None)}{write.now}", [("AB", item)]
        return None

    def _renew_all(self, patron: str, write: Writer) -> Answer:
        outcome = self._circulation.renew_all(patron)
        done, left = outcome or ((), ())
        head = f"66{int(outcome is not None)}{len(done):04d}{len(left):04d}{write.now}"
        fields = [("AO", self._circulation.rules.institution)]
        return head, fields + [("BM", item) for item in done] + [("BN", item) for item in left]

    def _fee_paid(self, message: Message, write: Writer) -> Answer:
        amount = parse_fen(message.one("BV"))
        key = message.one("BK") or ""
        patron = PatronId(message.one("AA") or "")
        paid = amount is not None and self._circulation.pay(patron, amount, message.one("CG") or "", key)
        fields = [("AO", self._circulation.rules.institution), ("AA", patron), ("BK", key)]
        return f"38{'Y' if paid else 'N'}{write.now}", fields

    def _hold(self, message: Message, write: Writer) -> Answer:
        item, patron = message.one("AB") or "", message.one("AA") or ""
        fields = [("AO", self._circulation.rules.institution), ("AA", patron), ("AB", item)]
        if message.fixed["mode"] == "-":
            gone = self._circulation.cancel_hold(patron, item)
            return f"16{int(gone)}N{write.now}", fields
        position = None
        if message.fixed["mode"] == "+":
            position = self._circulation.add_hold(patron, item, message.one("BS") or "")
        if position is not None:
            fields.append(("BR", str(position)))
        return f"16{int(position is not None)}N{write.now}", fields
