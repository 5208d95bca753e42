"""`circdesk journal show|verify|export`: works beside a running machine, on a copy and on a read-only medium."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from kiosk.domain import ItemBarcode, Key
from kiosk.journal import JournalBroken, export, show, verify
from kiosk.settings.numbers import OFFSET_MAX, OFFSET_MIN
from kiosk.site.plain import FOUND, plainly, say, whole

SHOWN_MAX: Final = 1_000_000
CHINA_MIN: Final = 8 * 60


@plainly("journal")
def main(arguments: Sequence[str]) -> int:
    """0 fine, 1 the journal is damaged, 2 wrong usage or no journal."""
    given = _parser().parse_args(arguments)
    try:
        match given.word:
            case "show":
                return _show(given)
            case "export":
                export(given.file, sys.stdout, given.form)
                return 0
            case _:
                return _verify(given.file, given.json)
    except JournalBroken as error:
        text = f"{given.file} is damaged: {error}.\ncircdesk journal verify {given.file} tells what still reads back."
        return say("journal", text, FOUND)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="circdesk journal", description="Looks into a machine's journal without changing it."
    )
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    showing = words.add_parser("show", help="the newest records, a line each", description="Shows the newest records.")
    showing.add_argument("--last", type=whole(1, SHOWN_MAX), default=50, metavar="N", help="how many (50)")
    showing.add_argument("--key", type=Key, help="only the records of this key")
    showing.add_argument("--item", type=ItemBarcode, help="only the records of this item number")
    showing.add_argument(
        "--utc-offset",
        type=whole(OFFSET_MIN, OFFSET_MAX),
        default=CHINA_MIN,
        metavar="MIN",
        help="the library's time in minutes from UTC, as [library] utc_offset_min (480: China)",
    )
    checking = words.add_parser(
        "verify",
        help="chain, gaps and every record's hash",
        description="Reads every record back and checks the chain.",
    )
    checking.add_argument("--json", action="store_true", help="print the report as JSON")
    exporting = words.add_parser(
        "export", help="all records; personal fields stay sealed", description="Writes all records to standard output."
    )
    exporting.add_argument("--form", choices=["jsonl", "csv"], default="jsonl", help="JSON lines or a table (jsonl)")
    for each in (showing, checking, exporting):
        each.add_argument("file", type=Path, metavar="FILE", help="the journal, such as checkout-1.journal")
    return parser


def _show(given: argparse.Namespace) -> int:
    told = False
    for line in show(given.file, last=given.last, key=given.key, item=given.item, utc_offset_min=given.utc_offset):
        print(line)
        told = True
    if not told:
        print("There is no such record.")
    return 0


def _verify(path: Path, as_json: bool) -> int:
    report = verify(path)
    if as_json:
        problems = [str(problem) for problem in report.problems]
        print(json.dumps({"records": report.records, "head": report.head, "problems": problems}, indent=2))
    else:
        print(f"{report.records} records of {report.device}, epoch {report.epoch}, receipted up to {report.watermark}.")
        for problem in report.problems:
            print(f"  {problem}")
        count = len(report.problems)
        print("The chain is whole." if report.good else f"{count} problem{'s' * (count != 1)}.")
    return 0 if report.good else FOUND
