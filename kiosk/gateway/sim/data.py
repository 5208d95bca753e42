"""Loads `config/demo` and checks it: every row for itself, and that the files agree with one another."""

from __future__ import annotations

import re
from pathlib import Path

from kiosk.domain import CardUid, Fen, ItemBarcode, PatronId
from kiosk.gateway.sim.agreement import agree
from kiosk.gateway.sim.rows import (
    DemoData,
    FeeRow,
    HoldRow,
    HoldState,
    ItemRow,
    ItemState,
    LibraryRow,
    LoanRow,
    PatronRow,
    PatronState,
    PlaceRow,
    StaffRole,
    StaffRow,
    TitleRow,
)
from kiosk.gateway.sim.table import Problem, Row, Table

DAYS_MAX = 3650
_UID = re.compile(r"(?:[0-9A-F]{2}){4,10}\Z")
_PIN_HASH = re.compile(r"scrypt\$[0-9]+\$[0-9]+\$[0-9]+\$[0-9a-f]{32}\$[0-9a-f]{64}\Z")

COLUMNS = {
    "libraries": "code,isil_demo,name_zh,consortium,auth,loans_to_members,anywhere_return",
    "places": "place,name_zh,name_en,campus,floor,services,note",
    "titles": "title_id,title,author,class_number,call_number,volumes,has_disc",
    "items": "item_barcode,accession_no,title_id,call_number,owner_library,permanent_location,shelf_location,"
    "media_type,parts,status,tag_uid",
    "patrons": "patron_id,name_demo,patron_class,home_library,card_uid,charged_items_limit,loan_days,state,note,"
    "state_days",
    "loans": "item_barcode,patron_id,out_days,due_days,renewals",
    "holds": "hold_id,title_id,item_barcode,patron_id,state,placed_days,until_days,pickup,recall",
    "fees": "fee_id,patron_id,item_barcode,fee_type,amount_fen,made_days,note",
    "pins": "patron_id,pin",
    "cards": "card_uid,patron_id,status",
    "staff": "staff_id,name_demo,role,card_uid,pin_hash",
}


class DemoDataError(Exception):
    """The demo data is wrong; `problems` says where and how, all of it at once."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def load(folder: Path) -> DemoData:
    """Reads all files of `folder`. Raises DemoDataError with every problem found."""
    problems: list[Problem] = []
    tables = {name: _read(folder, name, problems) for name in COLUMNS}
    data = _build(tables)
    if not problems:
        agree(tables, data)
    if problems:
        raise DemoDataError(tuple(problems))
    return data


def _read(folder: Path, name: str, problems: list[Problem]) -> Table:
    table = Table(f"{name}.csv", tuple(COLUMNS[name].split(",")), problems)
    try:
        text = (folder / table.file).read_text(encoding="utf-8-sig")  # spreadsheets put a mark in front
    except FileNotFoundError:
        table.report(1, "", "the file is missing")
    except UnicodeDecodeError:
        table.report(1, "", "the file is not UTF-8")
    else:
        table.parse(text)
    return table


def _build(tables: dict[str, Table]) -> DemoData:
    libraries = tables["libraries"].unique("code")
    places = tables["places"].unique("place")
    titles = tables["titles"].unique("title_id")
    items = tables["items"].unique("item_barcode")
    patrons = tables["patrons"].unique("patron_id")
    tables["items"].unique("tag_uid")
    tables["patrons"].unique("card_uid")
    for name, key in (("loans", "item_barcode"), ("holds", "hold_id"), ("fees", "fee_id"), ("staff", "staff_id")):
        tables[name].unique(key)
    tables["cards"].unique("card_uid")
    tables["pins"].unique("patron_id")
    if not tables["libraries"].rows:
        tables["libraries"].report(1, "", "there must be one library at least: this one")
    cards = list(tables["cards"].build(lambda row: _card(row, patrons)))
    return DemoData(
        libraries=tuple(tables["libraries"].build(_library)),
        places=tuple(tables["places"].build(_place)),
        titles=tuple(tables["titles"].build(_title)),
        items=tuple(tables["items"].build(lambda row: _item(row, titles, libraries, places))),
        patrons=tuple(tables["patrons"].build(lambda row: _patron(row, libraries))),
        loans=tuple(tables["loans"].build(lambda row: _loan(row, items, patrons))),
        holds=tuple(tables["holds"].build(lambda row: _hold(row, titles, items, patrons, places))),
        fees=tuple(tables["fees"].build(lambda row: _fee(row, items, patrons))),
        staff=tuple(tables["staff"].build(_staff)),
        pins=dict(tables["pins"].build(lambda row: _pin(row, patrons))),
        cards={uid: patron for uid, patron, _ in cards},
        lost_cards=frozenset(uid for uid, _, lost in cards if lost),
    )


def _library(row: Row) -> LibraryRow:
    return LibraryRow(
        code=row.text("code"),
        name_zh=row.text("name_zh"),
        consortium=row.text("consortium"),
        auth=row.text("auth"),
        loans_to_members=row.yes_no("loans_to_members"),
        anywhere_return=row.yes_no("anywhere_return"),
    )


def _place(row: Row) -> PlaceRow:
    return PlaceRow(
        place=row.text("place"), name_zh=row.text("name_zh"), name_en=row.text("name_en"), campus=row.text("campus")
    )


def _title(row: Row) -> TitleRow:
    return TitleRow(
        title_id=row.text("title_id"),
        title=row.text("title"),
        author=row.cells["author"],
        class_number=row.text("class_number"),
        call_number=row.text("call_number"),
    )


def _item(row: Row, titles: set[str], libraries: set[str], places: set[str]) -> ItemRow:
    _uid(row, "tag_uid")
    media_type = row.text("media_type")
    if not (len(media_type) == 3 and media_type.isdigit()):
        row.report("media_type", "must be three digits")
    return ItemRow(
        item_barcode=ItemBarcode(row.text("item_barcode")),
        title_id=row.known("title_id", titles, "title"),
        call_number=row.cells["call_number"],
        owner_library=row.known("owner_library", libraries, "library"),
        permanent_location=row.known("permanent_location", places, "place", empty_ok=True),
        shelf_location=row.cells["shelf_location"],
        media_type=media_type,
        parts=row.number("parts", 1, 99),
        status=row.choice("status", ItemState),
        tag_uid=row.cells["tag_uid"],
    )


def _patron(row: Row, libraries: set[str]) -> PatronRow:
    _uid(row, "card_uid")
    state = row.choice("state", PatronState)
    days = row.optional_number("state_days", -DAYS_MAX, DAYS_MAX)
    if state is PatronState.SUSPENDED and (days is None or days < 0):
        row.report("state_days", "a suspension must end today or later")
    if state is PatronState.EXPIRED and (days is None or days >= 0):
        row.report("state_days", "an expired membership must have ended before today")
    return PatronRow(
        patron_id=PatronId(row.text("patron_id")),
        name_demo=row.text("name_demo"),
        patron_class=row.text("patron_class"),
        home_library=row.known("home_library", libraries, "library"),
        card_uid=CardUid(row.cells["card_uid"]),
        charged_items_limit=row.number("charged_items_limit", 0, 999),
        loan_days=row.number("loan_days", 1, 365),
        state=state,
        state_days=days,
    )


def _loan(row: Row, items: set[str], patrons: set[str]) -> LoanRow:
    out, due = row.number("out_days", -DAYS_MAX, 0), row.number("due_days", -DAYS_MAX, DAYS_MAX)
    if due < out:
        row.report("due_days", "is before out_days")
    return LoanRow(
        item_barcode=ItemBarcode(row.known("item_barcode", items, "item")),
        patron_id=PatronId(row.known("patron_id", patrons, "patron")),
        out_days=out,
        due_days=due,
        renewals=row.number("renewals", 0, 9),
    )


def _hold(row: Row, titles: set[str], items: set[str], patrons: set[str], places: set[str]) -> HoldRow:
    state = row.choice("state", HoldState)
    barcode = row.known("item_barcode", items, "item", empty_ok=state is HoldState.WAITING)
    until = row.optional_number("until_days", 0, DAYS_MAX)
    if (until is None) == (state is HoldState.READY):
        row.report("until_days", "belongs to ready holds, and only to them")
    return HoldRow(
        hold_id=row.cells["hold_id"],
        title_id=row.known("title_id", titles, "title"),
        item_barcode=ItemBarcode(barcode) if barcode else None,
        patron_id=PatronId(row.known("patron_id", patrons, "patron")),
        state=state,
        placed_days=row.number("placed_days", -DAYS_MAX, 0),
        until_days=until,
        pickup=row.known("pickup", places, "place"),
        recall=row.yes_no("recall"),
    )


def _fee(row: Row, items: set[str], patrons: set[str]) -> FeeRow:
    barcode = row.known("item_barcode", items, "item", empty_ok=True)
    return FeeRow(
        fee_id=row.cells["fee_id"],
        patron_id=PatronId(row.known("patron_id", patrons, "patron")),
        item_barcode=ItemBarcode(barcode) if barcode else None,
        fee_type=row.text("fee_type"),
        amount_fen=Fen(row.number("amount_fen", 1, 10_000_000)),
        made_days=row.number("made_days", -DAYS_MAX, 0),
    )


def _staff(row: Row) -> StaffRow:
    _uid(row, "card_uid")
    if not _PIN_HASH.match(row.cells["pin_hash"]):
        row.report("pin_hash", "must be scrypt$n$r$p$salt$hash with 16 and 32 bytes in hex")
    return StaffRow(
        staff_id=row.cells["staff_id"],
        role=row.choice("role", StaffRole),
        card_uid=CardUid(row.cells["card_uid"]),
        pin_hash=row.cells["pin_hash"],
    )


def _card(row: Row, patrons: set[str]) -> tuple[CardUid, PatronId, bool]:
    _uid(row, "card_uid")
    status = row.cells["status"]
    if status not in ("ok", "lost"):
        row.report("status", "must be ok or lost")
    return CardUid(row.cells["card_uid"]), PatronId(row.known("patron_id", patrons, "patron")), status == "lost"


def _pin(row: Row, patrons: set[str]) -> tuple[PatronId, str]:
    pin = row.cells["pin"]
    if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 8):
        row.report("pin", "must be four to eight digits")
    return PatronId(row.known("patron_id", patrons, "patron")), pin


def _uid(row: Row, column: str) -> None:
    if not _UID.match(row.cells[column]):
        row.report(column, "must be 4 to 10 bytes in capital hex")
