"""Checks that the files of the demo data agree with one another: what no row can know for itself."""

from __future__ import annotations

from collections import Counter

from kiosk.domain import Fen
from kiosk.gateway.sim.rows import DemoData, HoldState, ItemState, PatronRow, PatronState
from kiosk.gateway.sim.table import Table

FEE_LIMIT_FEN = Fen(100)
"""Below CNY 1.00 nothing is blocked (rule of a university library in Wuhan)."""


def agree(tables: dict[str, Table], data: DemoData) -> None:
    """Every charged item has its one borrower, every reader the rows of the state."""
    lines = {name: {row.cells[table.columns[0]]: row for row in table.rows} for name, table in tables.items()}
    lent = {loan.item_barcode for loan in data.loans}
    kept = Counter(hold.item_barcode for hold in data.holds if hold.state is HoldState.READY)
    titles = {item.item_barcode: item.title_id for item in data.items}
    for item in data.items:
        row = lines["items"][item.item_barcode]
        if (item.status is ItemState.CHARGED) != (item.item_barcode in lent):
            row.report("status", "an item is charged when loans.csv names its borrower, and only then")
        if kept[item.item_barcode] != (1 if item.status is ItemState.ON_HOLD else 0):
            row.report("status", "an item is on_hold when holds.csv has exactly one ready hold for it, and only then")
    for hold in data.holds:
        if hold.item_barcode is not None and titles[hold.item_barcode] != hold.title_id:
            lines["holds"][hold.hold_id].report("item_barcode", "is no copy of this title")
    for patron in data.patrons:
        what = _state_problem(patron, data)
        if what:
            lines["patrons"][patron.patron_id].report("state", what)
        if data.cards.get(patron.card_uid) != patron.patron_id:
            lines["patrons"][patron.patron_id].report("card_uid", "cards.csv does not give this card to this patron")


def _state_problem(patron: PatronRow, data: DemoData) -> str:
    loans = [loan for loan in data.loans if loan.patron_id == patron.patron_id]
    overdue = sum(loan.due_days < 0 for loan in loans)
    owed = sum(fee.amount_fen for fee in data.fees if fee.patron_id == patron.patron_id)
    state = patron.state
    if (len(loans) >= patron.charged_items_limit) != (state is PatronState.LIMIT_REACHED):
        return f"{state.value} with {len(loans)} loans of {patron.charged_items_limit}"
    if (overdue > 0) != (state is PatronState.OVERDUE):
        return f"{state.value} with {overdue} overdue loans"
    if (owed >= FEE_LIMIT_FEN) != (state is PatronState.FEES_OVER_LIMIT):
        return f"{state.value} with {owed} fen owed"
    if (0 < owed < FEE_LIMIT_FEN) != (state is PatronState.FEES_UNDER_LIMIT):
        return f"{state.value} with {owed} fen owed"
    if (patron.card_uid in data.lost_cards) != (state is PatronState.CARD_LOST):
        return f"{state.value}, which does not go with the card's status in cards.csv"
    return ""
