"""An audit finds what it must find, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from drivers.clock import VirtualHub
from kiosk.domain import ItemBarcode
from kiosk.gateway.audit import Audit, audit, read_journal
from kiosk.gateway.books import Sip2Books
from kiosk.journal import Journal
from kiosk.ledger.schema import effects
from kiosk.messages.records import Noted, Op, Outcome
from tests.unit.gateway.rig import BOOK, OTHER, READER, SECOND, DemoBooks, Machine, Site, told


def look(site: Site, kiosk: Machine) -> Audit:
    return audit([told(kiosk)], site.ledger, DemoBooks(site.audit))


def lent(site: Site, kiosk: Machine, item: ItemBarcode = BOOK) -> None:
    kiosk.online(Op.CHECKOUT, Outcome.DELIVERED, item=item)
    kiosk.flush()


def test_a_site_where_all_agree_is_clean(site: Site, kiosk: Machine) -> None:
    lent(site, kiosk)
    kiosk.online(Op.CHECKIN, Outcome.RETURNED, BOOK)
    kiosk.flush()

    assert look(site, kiosk) == Audit(keys=2)


def test_what_has_not_arrived_yet_is_on_its_way_and_not_lost(site: Site, kiosk: Machine) -> None:
    kiosk.offline(Op.CHECKOUT)

    found = look(site, kiosk)
    assert found.pending == ("kiosk-1-e1-1",)
    assert found.clean


def test_a_loan_that_the_library_system_forgot_is_lost(site: Site, kiosk: Machine) -> None:
    lent(site, kiosk)
    site.acs.circulation.store.db.execute("DELETE FROM loan WHERE item = ?", (BOOK,))
    site.acs.circulation.store.db.execute("DELETE FROM effect WHERE item = ?", (BOOK,))

    assert {line.split(":")[0] for line in look(site, kiosk).lost} == {BOOK}


def test_a_loan_that_was_made_twice_is_doubled(site: Site, kiosk: Machine) -> None:
    lent(site, kiosk)
    site.acs.circulation.checkout(READER, BOOK)  # a message executed once more renews in silence

    assert [line for line in look(site, kiosk).doubled if "renew" in line]


def test_a_loan_to_another_reader_is_lost(site: Site, kiosk: Machine) -> None:
    lent(site, kiosk)
    site.acs.circulation.store.db.execute("UPDATE loan SET patron = ? WHERE item = ?", (OTHER, BOOK))

    found = audit([told(kiosk)], site.ledger, DemoBooks(site.audit), reader=site.gateway._applier.reader)
    assert found.lost == (f"{BOOK}: on loan to another reader",)


def test_a_cancelled_key_whose_loan_stands_is_doubled(site: Site, kiosk: Machine) -> None:
    intent = kiosk.online(Op.CHECKOUT, Outcome.CANCELLED)
    kiosk.flush()
    site.run(10)
    site.ledger.run(lambda tx: tx.run(update(effects).values(state="settled", booked="online")))

    assert [line for line in look(site, kiosk).doubled if intent.key in line]


def test_a_delivered_key_without_an_effect_is_lost(site: Site, kiosk: Machine) -> None:
    lent(site, kiosk)
    site.ledger.run(lambda tx: tx.run(update(effects).values(state="refused", booked="")))

    assert [line for line in look(site, kiosk).lost if "kiosk-1-e1-1" in line]


def test_a_key_with_an_open_task_is_unsettled_and_neither_lost_nor_doubled(site: Site, kiosk: Machine) -> None:
    kiosk.offline(Op.CHECKOUT)
    site.gateway.parts.day_keys._pairs.clear()
    kiosk.flush()
    site.run(40)

    found = look(site, kiosk)
    assert found.clean
    assert len(found.unsettled) == 1


def test_a_key_without_an_end_is_unsettled(site: Site, kiosk: Machine) -> None:
    intent = kiosk.intent()
    kiosk.write(intent)
    kiosk.ask_effect(intent)
    kiosk.flush()

    assert look(site, kiosk).unsettled == (f"{intent.key}: has no end yet",)


def test_the_books_can_be_read_over_sip2(site: Site, kiosk: Machine) -> None:
    lent(site, kiosk)
    books = Sip2Books(site.pool, site.hub)
    seen: list[object] = []
    site.hub.spawn(
        "auditor",
        lambda: seen.extend(
            [books.charged(BOOK), books.charged(SECOND), books.charged_to(BOOK, READER), books.charged_to(BOOK, OTHER)]
        ),
    )
    site.run(2)

    assert seen == [True, False, True, False]
    assert books.executed(BOOK) is None


def test_a_journal_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = Journal.open(path, device="kiosk-1", clock=VirtualHub(), boot="b1")
    journal.append([Noted(what="a fact", at_ms=1)])
    journal.close()

    records = list(read_journal(path))
    assert [type(each.record.body).__name__ for each in records][-1] == "Noted"
    assert records[-1].hash


@pytest.mark.parametrize("what", ["journal", "ledger"])
def test_records_that_differ_from_what_was_receipted_are_lost(site: Site, kiosk: Machine, what: str) -> None:
    kiosk.note("a fact")
    kiosk.flush()
    if what == "journal":
        kiosk.journal[0] = (kiosk.journal[0][0], "0" * 64)
    else:
        with site.ledger.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM inbox")

    assert len(look(site, kiosk).lost) == 1
