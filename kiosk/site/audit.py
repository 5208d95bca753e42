"""`circdesk audit`: journals against ledger against library system."""

from __future__ import annotations

import argparse
import contextlib
import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from drivers.clock import ThreadHub
from kiosk.domain import ItemBarcode, PatronId
from kiosk.gateway.audit import Audit, Told, audit, read_journal
from kiosk.gateway.books import Sip2Books
from kiosk.gateway.config import GatewayConfig, load
from kiosk.gateway.sim.audit import Audit as IlsAudit
from kiosk.gateway.sim.store import Store
from kiosk.journal import JournalBroken, entries
from kiosk.ledger import Ledger, LedgerBroken, SchemaTooNew, open_ledger
from kiosk.site.folder import SiteFolder
from kiosk.site.gateways import pool
from kiosk.site.plain import FOUND, Trouble, plainly, say

TOLD_MAX: Final = 20
_EFFECTS: Final = ("checkout", "checkin", "renew")


class DemoBooks:
    """The demo library system's own database, read beside it."""

    def __init__(self, audit: IlsAudit) -> None:
        self._audit = audit
        self._counts = audit.counts()

    @classmethod
    def of(cls, path: Path) -> DemoBooks:
        return cls(IlsAudit(Store(path)))

    def charged(self, item: ItemBarcode) -> bool | None:
        return self._audit.loan(item) is not None

    def charged_to(self, item: ItemBarcode, patron: PatronId) -> bool | None:
        loan = self._audit.loan(item)
        return loan is not None and loan.patron == patron

    def executed(self, item: ItemBarcode) -> Mapping[str, int] | None:
        counts = self._counts.get(item, Counter())
        return {op: times for op, times in counts.items() if op in _EFFECTS}


def audit_folder(folder: SiteFolder) -> Audit:
    """The audit of a demo site."""
    config = load(folder.gateway)
    ledger = open_ledger(config.gateway.ledger, ThreadHub())
    try:
        journals = [list(read_journal(folder.journal(device))) for device in folder.devices]
        return audit(journals, ledger, DemoBooks.of(folder.ils_db))
    finally:
        ledger.close()


@plainly("audit")
def main(arguments: Sequence[str]) -> int:
    """0 nothing lost, doubled or unsettled; 1 otherwise; 2 wrong usage."""
    given = _parser().parse_args(arguments)
    config = load(given.gateway)
    journals = [_journal(path) for path in given.journal]
    books = _demo_books(given.demo_ils) if given.demo_ils else None
    _must_be_there(config.gateway.ledger)
    try:
        ledger = open_ledger(config.gateway.ledger, ThreadHub())
    except (LedgerBroken, SchemaTooNew) as error:
        raise Trouble(str(error)) from error
    try:
        if given.ils:
            return _asking(journals, ledger, config, as_json=given.json)
        found = audit(journals, ledger, books)
    finally:
        ledger.close()
    return _told(found, as_json=given.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="circdesk audit",
        description="Compares journals, ledger and library system, key by key. Changes none of them.",
    )
    parser.add_argument(
        "--journal", type=Path, action="append", required=True, metavar="FILE", help="a machine's journal; repeatable"
    )
    parser.add_argument(
        "--gateway", type=Path, required=True, metavar="FILE", help="the gateway's file, which names the ledger"
    )
    ils = parser.add_mutually_exclusive_group()
    ils.add_argument("--demo-ils", type=Path, metavar="FILE", help="database of the demo library system")
    ils.add_argument(
        "--ils",
        action="store_true",
        help="ask the gateway's library system about each item, which changes nothing there; what a desk has lent or "
        "taken in since is named as well",
    )
    parser.add_argument("--json", action="store_true", help="print all keys found as JSON")
    return parser


def _asking(journals: Sequence[Sequence[Told]], ledger: Ledger, config: GatewayConfig, *, as_json: bool) -> int:
    """The audit with the library system at the other end of the line, which may not answer."""
    hub = ThreadHub()
    asked = pool(config, hub, 1)
    books = Sip2Books(asked, hub)
    try:
        found = audit(journals, ledger, books)
    finally:
        asked.close()
    code = _told(found, as_json=as_json)
    if books.unanswered:
        silent = f"the library system gave no answer about {len(books.unanswered)} items: nothing is known of them"
        return say("audit", silent, FOUND)
    return code


def _journal(path: Path) -> list[Told]:
    """Every record. What is damaged cannot be audited: its chain proves nothing."""
    try:
        return [Told(record=entry.record, hash=entry.hash) for entry in entries(path)]
    except JournalBroken as error:
        raise Trouble(f"{path} is damaged ({error}); circdesk journal verify tells what still reads back") from error


def _must_be_there(url: str) -> None:
    """Opening a ledger that is not there would make an empty one, and everything would be lost in it."""
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise Trouble("the gateway's file names no ledger; circdesk config check tells more") from error
    if address.get_backend_name() == "sqlite":
        _must_hold(Path(address.database or ""), "effects", "a gateway's ledger")


def _demo_books(path: Path) -> DemoBooks:
    _must_hold(path, "effect", "a database of the demo library system")
    return DemoBooks.of(path)


def _must_hold(path: Path, table: str, what: str) -> None:
    with path.open("rb"):
        pass  # a missing file, a folder or a closed door is told as such
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            found = database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    except sqlite3.Error as error:
        raise Trouble(f"{path} is not {what}: {error}") from error
    if not found:
        raise Trouble(f"{path} is not {what}")


def _told(found: Audit, *, as_json: bool) -> int:
    _tell(found, as_json=as_json)
    return 0 if found.clean and not found.unsettled else FOUND


def _tell(found: Audit, *, as_json: bool) -> None:
    groups = {
        "lost": found.lost,
        "doubled": found.doubled,
        "unsettled": found.unsettled,
        "on the way": found.pending,
    }
    if as_json:
        print(json.dumps({"keys": found.keys, **groups}, ensure_ascii=False, indent=2))
        return
    print(f"{found.keys} keys compared.")
    width = max(map(len, groups))
    for name, keys in groups.items():
        print(f"{name:<{width}}  {len(keys):>5}")
        for key in keys[:TOLD_MAX]:
            print(f"    {key}")
        if len(keys) > TOLD_MAX:
            print(f"    and {len(keys) - TOLD_MAX} more; --json names all")
