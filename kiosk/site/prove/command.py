"""`circdesk prove CLAIM`: tries a safety claim at any size; with --mutant it must fail, and does."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Final

from kiosk.site.prove.registry import CLAIMS, Claim
from kiosk.site.prove.report import ProveReport

SAY_EVERY_S: Final = 2.0  # on a terminal
LINE_EVERY_S: Final = 60.0  # elsewhere
REAL: Final = " --real"


def main(arguments: Sequence[str]) -> int:
    """0: every claim stood; 1: one did not (so it must be with each mutant); 2: wrong usage."""
    parser = argparse.ArgumentParser(
        prog="circdesk prove",
        description="Tries a safety claim on random cases. The same seed tries the same cases.",
        epilog=_listing() if {"-h", "--help"} & set(arguments) else None,  # it loads every proof
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [claim.name for claim in CLAIMS if not claim.name.endswith(REAL)]
    parser.add_argument("claim", choices=[*names, "all"], metavar="CLAIM", help=" | ".join([*names, "all"]))
    parser.add_argument("--count", type=int, help="how many cases")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mutant", help="a deliberately broken variant; the exit code must be 1")
    parser.add_argument("--real", action="store_true", help="kills: real processes and kill -9")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    claims = _chosen(given.claim, real=given.real)
    if not claims:
        parser.error(f"{given.claim} has no variant with real processes")
    if given.count is not None and given.count < 1:
        parser.error("--count must be 1 or more")
    if given.mutant is not None and (len(claims) > 1 or given.mutant not in claims[0].mutants()):
        parser.error(f"{given.claim} has no mutant {given.mutant!r}; circdesk prove --help lists them")
    logging.disable(logging.CRITICAL)  # thousands of deaths on purpose
    try:
        reports = [_try(claim, given.count, given.seed, given.mutant, quiet=given.json) for claim in claims]
    finally:
        logging.disable(logging.NOTSET)
    if given.json:
        print(json.dumps([{**asdict(report), "holds": report.holds} for report in reports], indent=2))
    return 0 if all(report.holds for report in reports) else 1


def _chosen(name: str, *, real: bool) -> list[Claim]:
    if name == "all":
        return [claim for claim in CLAIMS if claim.name.endswith(REAL) <= real]
    return [claim for claim in CLAIMS if claim.name == name + (REAL if real else "")]


def _listing() -> str:
    lines = ["claims, and the mutants that each must catch:"]
    for claim in CLAIMS:
        lines.append(f"  {claim.name:<13}{claim.says}")
        lines.append(f"  {'':<13}{claim.count:,} {claim.unit} unless --count says otherwise")
        mutants = ", ".join(repr(mutant) for mutant in claim.mutants())
        lines.append(f"  {'':<13}--mutant {mutants}")
    return "\n".join(lines)


def _try(claim: Claim, count: int | None, seed: int, mutant: str | None, *, quiet: bool) -> ProveReport:
    began = time.monotonic()
    report = claim.proof()(count or claim.count, seed, mutant, _progress(claim, began, quiet=quiet))
    if not quiet:
        _say(claim, report, time.monotonic() - began)
    return report


def _progress(claim: Claim, began: float, *, quiet: bool) -> Callable[[int, int], None]:
    """Tells on stderr how far it is: in one line that changes on a terminal, with a line a minute elsewhere."""
    said = [began]
    watched = sys.stderr.isatty()

    def progress(done: int, of: int) -> None:
        now = time.monotonic()
        if quiet or now - said[0] < (SAY_EVERY_S if watched else LINE_EVERY_S):
            return
        said[0] = now
        left_s = (now - began) / max(done, 1) * (of - done)
        line = f"{claim.name}: {done:,} of {of:,}, {left_s / 60:.0f} min to go"
        print(f"\r\033[K{line}" if watched else line, end="" if watched else "\n", file=sys.stderr, flush=True)

    return progress


def _say(claim: Claim, report: ProveReport, seconds: float) -> None:
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    variant = f" [{report.mutant}]" if report.mutant else ""
    verdict = "holds" if report.holds else "FAILS"
    if report.mutant:  # a proof that a mutant passes has proved nothing with so few cases
        verdict = "MISSED" if report.holds else "caught"
    rate = report.count / max(seconds, 0.001)
    print(
        f"{claim.name + variant:<28}{verdict}  {report.count:>9,} {claim.unit}, seed {report.seed}: "
        f"{report.lost} lost, {report.doubled} doubled, {report.wrong} wrong, {report.unsettled} with people; "
        f"{rate:,.0f}/s",
        flush=True,
    )
    if report.detail:
        print(f"{'':<28}{report.detail}", flush=True)
