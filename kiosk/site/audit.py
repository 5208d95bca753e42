"""`circdesk audit`: journals against ledger against library system."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from drivers.clock import ThreadHub
from kiosk.domain import ItemBarcode, PatronId
from kiosk.gateway.audit import Audit, audit, read_journal
from kiosk.gateway.config import load
from kiosk.gateway.sim.audit import Audit as IlsAudit
from kiosk.gateway.sim.store import Store
from kiosk.ledger import open_ledger
from kiosk.settings import SettingsError
from kiosk.site.folder import SiteFolder

_EFFECTS = ("checkout", "checkin", "renew")


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


def main(arguments: Sequence[str]) -> int:
    """0 nothing lost, doubled or unsettled; 1 otherwise; 2 wrong usage."""
    parser = argparse.ArgumentParser(
        prog="circdesk audit", description="Compares journals, ledger and library system, key by key."
    )
    parser.add_argument("--journal", type=Path, action="append", required=True, help="a machine's journal; repeatable")
    parser.add_argument("--gateway", type=Path, required=True)
    parser.add_argument("--demo-ils", type=Path, help="database of the demo library system")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    try:
        config = load(given.gateway)
    except (SettingsError, OSError) as error:
        print(f"circdesk audit: {error}", file=sys.stderr)
        return 2
    ledger = open_ledger(config.gateway.ledger, ThreadHub())
    try:
        books = DemoBooks.of(given.demo_ils) if given.demo_ils else None
        found = audit([list(read_journal(path)) for path in given.journal], ledger, books)
    finally:
        ledger.close()
    _tell(found, as_json=given.json)
    return 0 if found.clean and not found.unsettled else 1


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
    for name, keys in groups.items():
        print(f"{name:<12}{len(keys):>6}")
        for key in keys[:20]:
            print(f"    {key}")
