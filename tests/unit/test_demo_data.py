"""The demo library is whole: every charged item has its borrower, every reader the rows of the state, every wrong row
a message with file, line and column."""

from __future__ import annotations

import csv
import hashlib
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.gateway.sim import DemoData, DemoDataError, load, open_ils
from kiosk.gateway.sim.agreement import FEE_LIMIT_FEN
from kiosk.gateway.sim.rows import HoldState, ItemState, PatronState, StaffRole

FOLDER = Path(__file__).parents[2] / "config" / "demo"
DAY_S = 86_400


@pytest.fixture(scope="module")
def data() -> DemoData:
    return load(FOLDER)


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_charged_item_has_exactly_one_borrower_and_no_other_item_has_one(data: DemoData) -> None:
    charged = {row["item_barcode"] for row in _rows("items") if row["status"] == "charged"}
    borrowers = Counter(row["item_barcode"] for row in _rows("loans"))
    assert borrowers == Counter(charged)
    assert len(charged) == 53
    assert {loan.item_barcode for loan in data.loans} == charged


def test_every_item_on_the_hold_shelf_waits_for_exactly_one_reader(data: DemoData) -> None:
    kept = Counter(hold.item_barcode for hold in data.holds if hold.state is HoldState.READY)
    assert kept == Counter(item.item_barcode for item in data.items if item.status is ItemState.ON_HOLD)
    assert len(kept) == 8


def test_there_are_readers_waiting_for_lent_items_a_recall_and_any_copy(data: DemoData) -> None:
    waiting = [hold for hold in data.holds if hold.state is HoldState.WAITING]
    lent = {loan.item_barcode for loan in data.loans}
    assert {hold.item_barcode for hold in waiting if hold.item_barcode} <= lent
    assert any(hold.recall for hold in waiting)
    assert any(hold.item_barcode is None for hold in waiting)
    assert len({hold.pickup for hold in waiting}) == 2


def test_every_state_of_a_reader_has_its_rows(data: DemoData) -> None:
    loans = {patron.patron_id: [x for x in data.loans if x.patron_id == patron.patron_id] for patron in data.patrons}
    owed = Counter[str]()
    for fee in data.fees:
        owed[fee.patron_id] += fee.amount_fen
    by_state: dict[PatronState, list[str]] = {}
    for patron in data.patrons:
        by_state.setdefault(patron.state, []).append(patron.patron_id)
        late = sum(loan.due_days < 0 for loan in loans[patron.patron_id])
        full = len(loans[patron.patron_id]) >= patron.charged_items_limit
        assert full == (patron.state is PatronState.LIMIT_REACHED)
        assert late == (2 if patron.state is PatronState.OVERDUE else 0)
        assert (owed[patron.patron_id] >= FEE_LIMIT_FEN) == (patron.state is PatronState.FEES_OVER_LIMIT)
    assert set(by_state) == set(PatronState)
    assert len(loans[data.patrons[36].patron_id]) == 10
    assert sorted(owed.values()) == [60, 340]


def test_renewals_of_every_kind_can_be_shown(data: DemoData) -> None:
    assert any(loan.renewals for loan in data.loans)
    assert any(0 <= loan.due_days <= 7 and not loan.renewals for loan in data.loans)
    assert any(loan.due_days > 7 for loan in data.loans)


def test_every_reader_has_a_card_and_a_pin_and_one_card_is_reported_lost(data: DemoData) -> None:
    assert {patron.patron_id for patron in data.patrons} == set(data.pins) == set(data.cards.values())
    assert len(data.lost_cards) == 1


def test_staff_have_cards_of_their_own_and_only_the_hash_of_a_pin(data: DemoData) -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert {person.role for person in data.staff} == set(StaffRole)
    assert not {person.card_uid for person in data.staff} & set(data.cards)
    for person in data.staff:
        _, n, r, p, salt, digest = person.pin_hash.split("$")
        told = readme.split(f"{person.staff_id} (")[1].split(") ")[1][:4]
        made = hashlib.scrypt(told.encode(), salt=bytes.fromhex(salt), n=int(n), r=int(r), p=int(p), dklen=32)
        assert made.hex() == digest


def test_the_data_names_no_real_person(data: DemoData) -> None:
    roles = ("本科生", "研究生", "教师", "离退休", "智盟卡读者")
    assert all(patron.name_demo.startswith(roles) for patron in data.patrons)
    assert all(patron.patron_id.split("-")[-1].startswith("99") for patron in data.patrons)


def test_the_plan_and_the_prices_are_there() -> None:
    assert len(_rows("sort_plan")) == 12
    assert {row["bin"] for row in _rows("sort_plan")} == {str(n) for n in range(1, 8)}
    assert all(int(row["fen_per_side"]) >= 0 for row in _rows("print_prices"))


@pytest.mark.parametrize("today_s", [1_795_305_600.0, 2_000_000_000.0])
def test_the_library_is_as_fresh_on_any_day(data: DemoData, today_s: float) -> None:
    """The offsets count from the day of opening, in the library's local days."""
    store = open_ils(data, lambda: today_s).circulation.store
    for loan in data.loans:
        item = store.item(loan.item_barcode)
        assert item is not None
        assert item.loan is not None
        local_day = (item.loan.due_s + 8 * 3600) // DAY_S - (int(today_s) + 8 * 3600) // DAY_S
        assert local_day == loan.due_days
        assert (item.loan.due_s < today_s) == (loan.due_days < 0)


@pytest.fixture
def broken(tmp_path: Path) -> Callable[[str, str, str], list[str]]:
    """Loads the data with one text replaced in one file and gives the problems found."""

    def load_with(name: str, old: str, new: str) -> list[str]:
        folder = tmp_path / "demo"
        shutil.copytree(FOLDER, folder)
        path = folder / f"{name}.csv"
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, old
        path.write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(DemoDataError) as caught:
            load(folder)
        return [str(problem) for problem in caught.value.problems]

    return load_with


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("loans", "D1000004,9920130001,-27,3,0\n", "", "items.csv, line 5, column status: an item is charged when"),
        (
            "loans",
            "D1000004,9920130001",
            "D1000001,9920130001",
            "items.csv, line 2, column status: an item is charged when",
        ),
        ("loans", "D1000006,", "D1000004,", "loans.csv, line 3, column item_barcode: occurs already in line 2"),
        ("loans", "D1000004,9920130001", "D1000004,1", "loans.csv, line 2, column patron_id: no such patron"),
        ("loans", "-27,3,0", "-27,soon,0", "loans.csv, line 2, column due_days: must be a whole number"),
        ("loans", "-27,3,0", "3,3,0", "loans.csv, line 2, column out_days: must be from -3650 to 0"),
        ("loans", "-27,3,0", "-27,-28,0", "loans.csv, line 2, column due_days: is before out_days"),
        ("holds", "H001,T0002,D1000012", "H001,T0002,", "holds.csv, line 2, column item_barcode: no such item"),
        ("holds", "H001,T0002", "H001,T0003", "holds.csv, line 2, column item_barcode: is no copy of this title"),
        ("holds", "ready,-9,6", "ready,-9,", "holds.csv, line 2, column until_days: belongs to ready holds"),
        ("holds", "H001,T0002,D1000012,9920130002,ready", "H001,T0002,D1000012,9920130002,lost", "column state"),
        ("items", "E00401538485D256", "E00401538485D25", "items.csv, line 2, column tag_uid: must be 4 to 10 bytes"),
        (
            "items",
            "D1000001,D1000001,T0001",
            "D1000001,D1000001,T9",
            "items.csv, line 2, column title_id: no such title",
        ),
        ("libraries", "code,isil_demo", "code,isil", "libraries.csv, line 1: the header must be: code,isil_demo"),
        ("places", "F1-HALL,一楼大厅,", "F1-HALL,一楼大厅", "places.csv, line 2: 6 cells instead of 7"),
        ("patrons", "suspended,pause 14 days,14", "suspended,pause 14 days,", "column state_days: a suspension must"),
        ("patrons", "limit_reached", "ok", "patrons.csv, line 38, column state: ok with 10 loans of 10"),
        ("fees", "04,60,", "04,0,", "fees.csv, line 4, column amount_fen: must be from 1"),
        ("fees", "F003,9920130041", "F003,9920130001", "patrons.csv, line 2, column state: ok with 60 fen owed"),
        (
            "cards",
            "04FA944D8F5CD9,9920130001,ok",
            "04FA944D8F5CD9,9920130002,ok",
            "column card_uid: cards.csv does not",
        ),
        ("cards", ",lost", ",ok", "patrons.csv, line 44, column state: card_lost, which does not go with"),
        ("pins", "9920130001,767488", "9920130001,abc", "pins.csv, line 2, column pin: must be four to eight digits"),
        ("staff", "technician", "wizard", "staff.csv, line 2, column role: must be one of technician, librarian"),
        ("staff", "S02", "S01", "staff.csv, line 3, column staff_id: occurs already in line 2"),
    ],
)
def test_a_wrong_row_is_named(
    broken: Callable[[str, str, str], list[str]], name: str, old: str, new: str, said: str
) -> None:
    problems = broken(name, old, new)
    assert any(said in problem for problem in problems), problems


def test_all_that_is_wrong_is_said_at_once(broken: Callable[[str, str, str], list[str]]) -> None:
    problems = broken("loans", "D1000004,9920130001,-27,3,0", "X,Y,now,then,often")
    assert len(problems) == 5


def test_a_missing_or_unreadable_file_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    shutil.copytree(FOLDER, folder)
    (folder / "pins.csv").unlink()
    (folder / "cards.csv").write_bytes("card_uid,patron_id,读者\n".encode("gb18030"))
    with pytest.raises(DemoDataError) as caught:
        load(folder)
    assert {str(problem) for problem in caught.value.problems} >= {
        "pins.csv, line 1: the file is missing",
        "cards.csv, line 1: the file is not UTF-8",
    }


def test_a_file_saved_by_a_spreadsheet_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    shutil.copytree(FOLDER, folder)
    path = folder / "places.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("\n", "\r\n"), encoding="utf-8-sig")
    assert load(folder).places == load(FOLDER).places


def test_no_message_shows_reader_data(broken: Callable[[str, str, str], list[str]]) -> None:
    problems = broken("cards", "04FA944D8F5CD9,9920130001,ok", "04FA944D8F5CD9,9920130099,gone")
    assert problems
    assert not any("9920130099" in problem or "04FA944D8F5CD9" in problem for problem in problems)
