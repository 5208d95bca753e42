"""Replies of the demo ILS: what it knows, in the words of a dialect. Fields only; the session frames them."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain import Fen
from kiosk.gateway.sim.circulation import Lent, TakenBack
from kiosk.gateway.sim.dialect import Dialect
from kiosk.gateway.sim.nouns import Barrier, Item, Patron
from kiosk.gateway.sim.rules import Rules, circulation_status, patron_barrier, patron_flags
from kiosk.gateway.sip2.codec import Message
from kiosk.gateway.sip2.dates import local_time, sip_date
from kiosk.gateway.sip2.money import format_fen
from kiosk.gateway.sip2.replies import Alert, PatronFlag

Answer = tuple[str, list[tuple[str, str]]]
"""Command with its fixed part as text, and the variable fields in order."""


@dataclass(frozen=True, slots=True)
class Lists:
    """A reader's lists, as 64 counts and shows them."""

    holds_ready: tuple[str, ...]
    holds_waiting: tuple[str, ...]
    fines: tuple[str, ...]
    recalled: tuple[str, ...]
    titles: dict[str, str]


class Writer:
    """Answers at one moment, `now_s` (UTC seconds)."""

    def __init__(self, dialect: Dialect, rules: Rules, now_s: int) -> None:
        self._dialect = dialect
        self._rules = rules
        self._now_s = now_s

    @property
    def now(self) -> str:
        return self._date(self._now_s)

    def status(self, supported: str) -> Answer:
        """98. Koha's sample configuration says that it takes no off-line messages."""
        fields = [("AM", "Demo library"), ("BX", supported)]
        return f"98YYYYNN010003{self.now}2.00", self._with_institution(fields)

    def patron_status(self, message: Message, patron: Patron | None, command: str) -> Answer:
        """24 and 26."""
        head = f"{command}{self._flags(patron)}{message.fixed.get('language', '000')}{self.now}"
        return head, self._with_institution(self._person(message, patron) + self._screen())

    def patron_information(self, message: Message, patron: Patron | None, lists: Lists) -> Answer:
        """64, with the one list whose Y comes first in the summary."""
        head = f"64{self._flags(patron)}{message.fixed['language']}{self.now}"
        if patron is None:
            return head + "0000" * 6, self._with_institution(self._person(message, None) + self._screen())
        overdue = {loan.item for loan in patron.overdue(self._now_s)}
        charged = [self._entry(loan.item, lists) for loan in patron.loans]
        late = [self._entry(loan.item, lists) for loan in patron.loans if loan.item in overdue]
        by_position = (
            ("AS", list(lists.holds_ready)),
            ("AT", late),
            ("AU", charged),
            ("AV", list(lists.fines)),
            ("BU", list(lists.recalled)),
            ("CD", list(lists.holds_waiting)),
        )
        counts = "".join(f"{len(entries):04d}" for _, entries in by_position)
        fields = self._person(message, patron)
        fields += [("BZ", "0005"), ("CA", "0000"), ("CB", f"{patron.limit:04d}")]
        fields += [("BH", "CNY"), ("BV", self._amount(patron.owed_fen))]
        if self._dialect.fee_limit:
            fields.append(("CC", format_fen(self._rules.fee_limit_fen)))
        wanted = message.fixed["summary"].find("Y")
        if 0 <= wanted < len(by_position):
            name, entries = by_position[wanted]
            fields += [(name, entry) for entry in self._page(message, entries)]
        return head + counts, self._with_institution(fields + self._about(patron) + self._screen())

    def item_information(self, message: Message, item: Item | None) -> Answer:
        """18."""
        if item is None:
            return f"18010101{self.now}", [("AB", message.one("AB") or ""), ("AJ", "")]
        fields = [("AB", item.barcode), ("AJ", item.title), ("BG", item.owner), ("CK", item.media_type)]
        fields += [("AQ", item.permanent_location), ("AP", item.current_location)]
        fields += [(self._dialect.call_number_field, item.call_number), ("CF", str(len(item.waiting)))]
        if item.loan is not None:
            fields.append(("AH", self._due(item.loan.due_s)))
        if item.kept_until_s is not None:
            fields.append(("CM", self._date(item.kept_until_s)))
        if item.recalled and item.loan is not None:
            fields.append(("CJ", self._date(item.loan.due_s)))
        fields += self._dialect.extra_item
        return f"18{circulation_status(item):02d}0201{self.now}", fields

    def loan(self, message: Message, lent: Lent, command: str) -> Answer:
        """12 and 30."""
        ok = "1" if lent.ok else "0"
        head = f"{command}{ok}{'Y' if lent.renewed else 'N'}U{'Y' if lent.ok else 'N'}{self.now}"
        fields = [("AA", message.one("AA") or ""), ("AB", message.one("AB") or "")]
        fields += [("AJ", lent.item.title if lent.item else "")]
        fields += [("AH", "" if lent.due_s is None else self._due(lent.due_s))]
        if lent.item is not None:
            fields.append(("CK", lent.item.media_type))
        return head, self._with_institution(fields + self._reason(lent.barrier) + self._screen(lent.barrier))

    def checkin(self, message: Message, back: TakenBack) -> Answer:
        """10. Every refusal raises the alert, and asks to arm the item all the same: arming is always safe."""
        alert = "N" if back.ok and back.alert is Alert.NONE else "Y"
        fields = [("AB", message.one("AB") or "")]
        if back.item is not None:
            fields += [("AQ", back.item.permanent_location), ("AJ", back.item.title), ("CK", back.item.media_type)]
            fields += [("CS", back.item.call_number)]
        if back.from_patron is not None:
            fields.append(("AA", back.from_patron))
        if back.fine_fen and self._dialect.fine_told:
            fields.append(("BV", self._amount(back.fine_fen)))
        if self._dialect.sorting:
            fields += self._sorting(back)
        head = f"10{'1' if back.ok else '0'}YU{alert}{self.now}"
        return head, self._with_institution(fields + self._reason(back.barrier) + self._screen(back.barrier))

    def _sorting(self, back: TakenBack) -> list[tuple[str, str]]:
        fields = [] if back.alert is Alert.NONE else [("CV", back.alert.value)]
        if back.destination:
            fields.append(("CT", back.destination))
        if back.hold_patron is not None:
            fields += [("CY", back.hold_patron.patron), ("DA", back.hold_patron.name)]
        if back.alert.value in self._dialect.sort_bins:
            fields.append(("CL", self._dialect.sort_bins[back.alert.value]))
        return fields

    def _person(self, message: Message, patron: Patron | None) -> list[tuple[str, str]]:
        fields = [("AA", message.one("AA") or ""), ("AE", "" if patron is None else patron.name)]
        if patron is None:
            return [*fields, ("BL", "N")]
        expired = patron.expires_s is not None and patron.expires_s < self._now_s
        fields.append(("BL", "N" if expired and self._dialect.expired_invalid else "Y"))
        pin = message.one("AD")
        if pin and self._dialect.valid_password:
            fields.append(("CQ", "Y" if pin == patron.pin else "N"))
        return fields

    def _about(self, patron: Patron) -> list[tuple[str, str]]:
        """Private fields about a reader."""
        fields = list(self._dialect.extra_patron)
        if self._dialect.patron_class:
            fields.append(("PC", patron.patron_class))
        if self._dialect.membership and patron.expires_s is not None:
            fields.append(("PA", f"{local_time(patron.expires_s, self._rules.utc_offset_s):%Y%m%d}"))
        return fields + self._reason(patron_barrier(patron, self._rules, self._now_s))

    def _reason(self, barrier: Barrier | None) -> list[tuple[str, str]]:
        if barrier is None or not self._dialect.reason_field:
            return []
        fields = [(self._dialect.reason_field, barrier.why.value)]
        if barrier.until_s is not None:
            fields.append((self._dialect.until_field, self._date(barrier.until_s)))
        return fields

    def _screen(self, barrier: Barrier | None = None) -> list[tuple[str, str]]:
        """Free text, which no client may build upon."""
        text = self._dialect.screen_ok if barrier is None else f"{barrier.why.value.upper()}: 1"
        if not text:
            return []
        fields = [("AF", text)] * (2 if self._dialect.screen_twice else 1)
        return [*fields, ("AG", text)] if self._dialect.print_too else fields

    def _with_institution(self, fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
        own = ("AO", self._rules.institution + self._dialect.institution_suffix)
        return [*fields, own] if self._dialect.institution_last else [own, *fields]

    def _flags(self, patron: Patron | None) -> str:
        if patron is None:
            return "YYYY".ljust(self._dialect.status_width)
        flags = patron_flags(patron, self._rules, self._now_s)
        return "".join("Y" if flag in flags else " " for flag in PatronFlag)[: self._dialect.status_width]

    def _entry(self, barcode: str, lists: Lists) -> str:
        return self._dialect.charged_entry.format(barcode=barcode, title=lists.titles.get(barcode, ""))

    def _page(self, message: Message, entries: list[str]) -> list[str]:
        first, last = message.one("BP") or "", message.one("BQ") or ""
        begin = int(first) - 1 if first.isdigit() and first != "0" else 0
        end = int(last) if last.isdigit() else len(entries)
        page = entries[begin:end]
        return page[: self._dialect.pages] if self._dialect.pages else page

    def _amount(self, fen: Fen) -> str:
        return "0" if self._dialect.whole_amounts and not fen else format_fen(fen)

    def _date(self, at_s: int) -> str:
        return sip_date(at_s, self._rules.utc_offset_s, self._dialect.date_zone)

    def _due(self, at_s: int) -> str:
        if self._dialect.due_format == "sip":
            return self._date(at_s)
        return local_time(at_s, self._rules.utc_offset_s).strftime(self._dialect.due_format)
