"""The demo ILS's own truth, in SQLite: items, loans, holds, fees, and a row for every effect it ever had.

One owner, one thread at a time. Times are whole UTC seconds. `effects` is append-only and is what an audit counts.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.domain import Fen, ItemBarcode, PatronId
from kiosk.gateway.sim.nouns import Item, Loan, Patron, WaitingHold
from kiosk.gateway.sim.rows import HoldState, ItemState

_SCHEMA = """
CREATE TABLE item (
  barcode TEXT PRIMARY KEY, title_id TEXT NOT NULL, title TEXT NOT NULL, call_number TEXT NOT NULL, owner TEXT NOT NULL,
  permanent_location TEXT NOT NULL, current_location TEXT NOT NULL, media_type TEXT NOT NULL, state TEXT NOT NULL
) STRICT;
CREATE TABLE patron (
  patron TEXT PRIMARY KEY, name TEXT NOT NULL, class TEXT NOT NULL, pin TEXT NOT NULL, max_loans INTEGER NOT NULL,
  loan_days INTEGER NOT NULL, expires_s INTEGER, suspended_until_s INTEGER, card_lost INTEGER NOT NULL,
  no_orientation INTEGER NOT NULL, leaving INTEGER NOT NULL, blocked INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE loan (
  item TEXT PRIMARY KEY REFERENCES item, patron TEXT NOT NULL REFERENCES patron,
  out_s INTEGER NOT NULL, due_s INTEGER NOT NULL, renewals INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX loan_patron ON loan (patron);
CREATE TABLE hold (
  hold INTEGER PRIMARY KEY, title_id TEXT NOT NULL, item TEXT, patron TEXT NOT NULL REFERENCES patron,
  state TEXT NOT NULL, placed_s INTEGER NOT NULL, until_s INTEGER, pickup TEXT NOT NULL, recall INTEGER NOT NULL,
  kept_item TEXT
) STRICT;
CREATE INDEX hold_title ON hold (title_id, state);
CREATE INDEX hold_kept ON hold (kept_item);
CREATE INDEX hold_patron ON hold (patron);
CREATE TABLE fee (
  fee INTEGER PRIMARY KEY, patron TEXT NOT NULL REFERENCES patron, item TEXT, fee_type TEXT NOT NULL,
  amount_fen INTEGER NOT NULL, made_s INTEGER NOT NULL
) STRICT;
CREATE INDEX fee_patron ON fee (patron);
CREATE TABLE effect (
  n INTEGER PRIMARY KEY AUTOINCREMENT, at_s INTEGER NOT NULL, op TEXT NOT NULL, item TEXT, patron TEXT,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX effect_item ON effect (item);
"""


class Store:
    """An open ILS database. `path` None keeps it in memory."""

    def __init__(self, path: Path | None) -> None:
        self.db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        # A kill of the process loses nothing with NORMAL; a power cut may, and this is a demo library.
        self.db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON")
        self.fresh = not self.db.execute("SELECT 1 FROM sqlite_master WHERE name='effect'").fetchone()
        if self.fresh:
            self.db.executescript(_SCHEMA)

    def close(self) -> None:
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def item(self, barcode: str) -> Item | None:
        """Everything about a copy, with its loan, the holds it could fill and the one it fills."""
        row = self.db.execute(
            "SELECT i.barcode, i.title_id, i.title, i.call_number, i.owner, i.permanent_location, i.current_location,"
            " i.media_type, i.state, l.item, l.patron, l.out_s, l.due_s, l.renewals, k.patron, k.until_s"
            " FROM item i LEFT JOIN loan l ON l.item = i.barcode LEFT JOIN hold k ON k.kept_item = i.barcode"
            " WHERE i.barcode = ?",
            (barcode,),
        ).fetchone()
        if row is None:
            return None
        return Item(
            barcode=ItemBarcode(row[0]),
            title_id=row[1],
            title=row[2],
            call_number=row[3],
            owner=row[4],
            permanent_location=row[5],
            current_location=row[6],
            media_type=row[7],
            state=ItemState(row[8]),
            loan=None if row[9] is None else _loan(row[9:14]),
            waiting=self._waiting(row[1], barcode),
            kept_for=None if row[14] is None else PatronId(row[14]),
            kept_until_s=row[15],
        )

    def patron(self, patron: str) -> Patron | None:
        """Everything about a reader, with open loans and the sum owed."""
        row = self.db.execute(
            "SELECT patron, name, class, pin, max_loans, loan_days, expires_s, suspended_until_s, card_lost,"
            " no_orientation, leaving, blocked FROM patron WHERE patron = ?",
            (patron,),
        ).fetchone()
        if row is None:
            return None
        owed = self.db.execute("SELECT coalesce(sum(amount_fen), 0) FROM fee WHERE patron = ?", (patron,)).fetchone()
        return Patron(
            patron=PatronId(row[0]),
            name=row[1],
            patron_class=row[2],
            pin=row[3],
            limit=row[4],
            loan_days=row[5],
            expires_s=row[6],
            suspended_until_s=row[7],
            card_lost=bool(row[8]),
            no_orientation=bool(row[9]),
            leaving=bool(row[10]),
            blocked=bool(row[11]),
            loans=self.loans(patron),
            owed_fen=Fen(owed[0]),
        )

    def loans(self, patron: str) -> tuple[Loan, ...]:
        """A reader's open loans, the longest first."""
        rows = self.db.execute(
            "SELECT item, patron, out_s, due_s, renewals FROM loan WHERE patron = ? ORDER BY out_s, item", (patron,)
        )
        return tuple(_loan(row) for row in rows)

    def holds(self, patron: str, state: HoldState) -> tuple[str, ...]:
        """What a reader's holds are for: the copy kept or asked for, or else the title."""
        rows = self.db.execute(
            "SELECT coalesce(h.kept_item, h.item, (SELECT title FROM item i WHERE i.title_id = h.title_id LIMIT 1))"
            " FROM hold h WHERE h.patron = ? AND h.state = ? ORDER BY h.placed_s, h.hold",
            (patron, state.value),
        )
        return tuple(row[0] for row in rows)

    def lend(self, loan: Loan) -> None:
        self.db.execute(
            "INSERT INTO loan VALUES (?, ?, ?, ?, ?)", (loan.item, loan.patron, loan.out_s, loan.due_s, loan.renewals)
        )

    def prolong(self, item: ItemBarcode, due_s: int) -> None:
        self.db.execute("UPDATE loan SET due_s = ?, renewals = renewals + 1 WHERE item = ?", (due_s, item))

    def take_back(self, item: ItemBarcode) -> None:
        self.db.execute("DELETE FROM loan WHERE item = ?", (item,))

    def place_item(self, item: ItemBarcode, state: ItemState, location: str) -> None:
        self.db.execute("UPDATE item SET state = ?, current_location = ? WHERE barcode = ?", (state, location, item))

    def add_hold(self, item: Item, patron: PatronId, pickup: str, at_s: int, *, recall: bool = False) -> None:
        self.db.execute(
            "INSERT INTO hold (title_id, item, patron, state, placed_s, pickup, recall) VALUES (?,?,?,?,?,?,?)",
            (item.title_id, item.barcode, patron, HoldState.WAITING, at_s, pickup, int(recall)),
        )

    def keep(self, hold: int, item: ItemBarcode, until_s: int) -> None:
        self.db.execute(
            "UPDATE hold SET state = ?, kept_item = ?, until_s = ? WHERE hold = ?",
            (HoldState.READY, item, until_s, hold),
        )

    def drop_holds(self, patron: PatronId, item: Item) -> int:
        """Removes a reader's holds that this copy fills or could fill; returns how many there were."""
        return self.db.execute(
            "DELETE FROM hold WHERE patron = ? AND (kept_item = ? OR (kept_item IS NULL AND"
            " (item = ? OR (item IS NULL AND title_id = ?))))",
            (patron, item.barcode, item.barcode, item.title_id),
        ).rowcount

    def fees(self, patron: PatronId) -> tuple[tuple[int, Fen, str], ...]:
        """Open fees, oldest first: number, amount, item."""
        rows = self.db.execute(
            "SELECT fee, amount_fen, coalesce(item, '') FROM fee WHERE patron = ? ORDER BY made_s, fee", (patron,)
        )
        return tuple((row[0], Fen(row[1]), row[2]) for row in rows)

    def add_fee(self, patron: PatronId, item: ItemBarcode | None, amount_fen: Fen, at_s: int) -> None:
        self.db.execute(
            "INSERT INTO fee (patron, item, fee_type, amount_fen, made_s) VALUES (?, ?, '04', ?, ?)",
            (patron, item, amount_fen, at_s),
        )

    def reduce_fee(self, fee: int, left_fen: Fen) -> None:
        if left_fen:
            self.db.execute("UPDATE fee SET amount_fen = ? WHERE fee = ?", (left_fen, fee))
        else:
            self.db.execute("DELETE FROM fee WHERE fee = ?", (fee,))

    def block(self, patron: PatronId, blocked: bool) -> None:
        self.db.execute("UPDATE patron SET blocked = ? WHERE patron = ?", (int(blocked), patron))

    def record(self, at_s: int, op: str, item: str | None, patron: str | None, **detail: int | str | bool) -> None:
        """Writes down an effect; call it in the transaction that has the effect."""
        self.db.execute(
            "INSERT INTO effect (at_s, op, item, patron, detail) VALUES (?, ?, ?, ?, ?)",
            (at_s, op, item, patron, json.dumps(detail) if detail else "{}"),
        )

    def insert(self, table: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Whole rows into a table of this schema, for loading."""
        rows = list(rows)
        if rows:
            self.db.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)

    def _waiting(self, title_id: str, barcode: str) -> tuple[WaitingHold, ...]:
        rows = self.db.execute(
            "SELECT hold, patron, pickup, recall FROM hold WHERE title_id = ? AND state = 'waiting'"
            " AND (item = ? OR item IS NULL) ORDER BY placed_s, hold",
            (title_id, barcode),
        )
        return tuple(WaitingHold(hold=r[0], patron=PatronId(r[1]), pickup=r[2], recall=bool(r[3])) for r in rows)


def _loan(row: tuple[str, str, int, int, int]) -> Loan:
    return Loan(item=ItemBarcode(row[0]), patron=PatronId(row[1]), out_s=row[2], due_s=row[3], renewals=row[4])
