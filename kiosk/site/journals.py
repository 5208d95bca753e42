"""`circdesk journal show|verify|export`: works beside a running machine, on a copy and on a read-only medium."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from kiosk.journal import JournalBroken, export, show, verify


def main(arguments: Sequence[str]) -> int:
    """0 fine, 1 the journal is damaged, 2 wrong usage or no such file."""
    parser = argparse.ArgumentParser(prog="circdesk journal", description="Looks into a machine's journal.")
    words = parser.add_subparsers(dest="word", required=True)
    showing = words.add_parser("show", help="the newest records, a line each")
    showing.add_argument("file", type=Path)
    showing.add_argument("--last", type=int, default=50)
    checking = words.add_parser("verify", help="chain, gaps and every record's hash")
    checking.add_argument("file", type=Path)
    checking.add_argument("--json", action="store_true")
    exporting = words.add_parser("export", help="all records; personal fields stay sealed")
    exporting.add_argument("file", type=Path)
    exporting.add_argument("--form", choices=["jsonl", "csv"], default="jsonl")
    given = parser.parse_args(arguments)
    if not given.file.exists():
        print(f"circdesk journal: there is no file {given.file}.", file=sys.stderr)
        return 2
    try:
        match given.word:
            case "show":
                for line in show(given.file, last=given.last):
                    print(line)
                return 0
            case "export":
                export(given.file, sys.stdout, given.form)
                return 0
            case _:
                return _verify(given.file, given.json)
    except JournalBroken as error:
        print(f"circdesk journal: {error}", file=sys.stderr)
        return 1


def _verify(path: Path, as_json: bool) -> int:
    report = verify(path)
    if as_json:
        problems = [str(problem) for problem in report.problems]
        print(json.dumps({"records": report.records, "head": report.head, "problems": problems}, indent=2))
    else:
        print(f"{report.records} records of {report.device}, epoch {report.epoch}, receipted up to {report.watermark}.")
        for problem in report.problems:
            print(f"  {problem}")
        print("The chain is whole." if report.good else f"{len(report.problems)} problems.")
    return 0 if report.good else 1
