"""Opens the demo library: turns the data's offsets in days into times, and fills an empty store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from kiosk.gateway.sim.acs import Acs
from kiosk.gateway.sim.audit import OPENING
from kiosk.gateway.sim.circulation import Circulation
from kiosk.gateway.sim.dialect import DEMO, Dialect
from kiosk.gateway.sim.rows import DemoData, ItemState, PatronRow, PatronState
from kiosk.gateway.sim.rules import DAY_S, Rules
from kiosk.gateway.sim.store import Store


def open_ils(
    data: DemoData,
    wall: Callable[[], float],
    *,
    dialect: Dialect = DEMO,
    path: Path | None = None,
    users: dict[str, str] | None = None,
) -> Acs:
    """A demo ILS whose clock is `wall` (UTC seconds). An existing database at `path` goes on where it stopped.

    `users` are the terminals' names and passwords; None lets every login pass.
    """
    rules = replace(
        rules_for(data),
        renews_on_repeat=dialect.renews_on_repeat,
        lends_over_waiting_hold=dialect.lends_over_waiting_hold,
    )
    store = Store(path)
    if store.fresh:
        fill(store, data, rules, int(wall()))
    return Acs(Circulation(store, rules, wall), dialect, users)


def rules_for(data: DemoData) -> Rules:
    """The usual rules for this library: its code and its campuses come from the data."""
    return Rules(
        institution=data.this_library,
        main_campus=data.places[0].campus,
        campus_of={place.place: place.campus for place in data.places},
    )


def fill(store: Store, data: DemoData, rules: Rules, now_s: int) -> None:
    """Puts the library into an empty store as of `now_s` (UTC seconds)."""
    titles = {title.title_id: title.title for title in data.titles}
    main = data.places[0].place
    with store.transaction():
        store.insert(
            "item",
            (
                (
                    item.item_barcode,
                    item.title_id,
                    titles[item.title_id],
                    item.call_number,
                    item.owner_library,
                    item.permanent_location,
                    item.permanent_location or main,
                    item.media_type,
                    (ItemState.AVAILABLE if item.status is ItemState.CHARGED else item.status).value,
                )
                for item in data.items
            ),
        )
        store.insert("patron", (_patron(row, data, rules, now_s) for row in data.patrons))
        store.insert(
            "loan",
            (
                (
                    loan.item_barcode,
                    loan.patron_id,
                    now_s + loan.out_days * DAY_S,
                    rules.end_of_day(now_s, loan.due_days),
                    loan.renewals,
                )
                for loan in data.loans
            ),
        )
        for loan in data.loans:
            store.record(now_s, OPENING, loan.item_barcode, loan.patron_id)
        store.insert(
            "hold",
            (
                (
                    n,
                    hold.title_id,
                    hold.item_barcode,
                    hold.patron_id,
                    hold.state.value,
                    now_s + hold.placed_days * DAY_S,
                    None if hold.until_days is None else rules.end_of_day(now_s, hold.until_days),
                    hold.pickup,
                    int(hold.recall),
                    None if hold.until_days is None else hold.item_barcode,
                )
                for n, hold in enumerate(data.holds, 1)
            ),
        )
        store.insert(
            "fee",
            (
                (n, fee.patron_id, fee.item_barcode, fee.fee_type, fee.amount_fen, now_s + fee.made_days * DAY_S)
                for n, fee in enumerate(data.fees, 1)
            ),
        )


def _patron(row: PatronRow, data: DemoData, rules: Rules, now_s: int) -> tuple[object, ...]:
    until = None if row.state_days is None else rules.end_of_day(now_s, row.state_days)
    state = row.state
    return (
        row.patron_id,
        row.name_demo,
        row.patron_class,
        data.pins.get(row.patron_id, ""),
        row.charged_items_limit,
        row.loan_days,
        until if state is PatronState.EXPIRED else None,
        until if state is PatronState.SUSPENDED else None,
        int(state is PatronState.CARD_LOST),
        int(state is PatronState.NO_ORIENTATION),
        int(state is PatronState.LEAVING),
        0,
    )
