"""`circdesk test`: everything CI checks, one line a step, with what failed below it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
BIN: Final = Path(sys.executable).parent
PYTEST_USAGE: Final = 4  # pytest's exit code for arguments it cannot use
WRONG: Final = 2
FAST: Final = "not slow and not hardware"
ALL: Final = "not hardware"

HELP: Final = """circdesk test [--all] [pytest arguments]

Without arguments: style, types, import contracts, then the fast tests. --all adds the slow ones: kill storms, power
cuts, fuzzing. With pytest arguments only pytest runs, with exactly those."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    name: str
    command: tuple[str, ...]


def main(arguments: Sequence[str]) -> int:
    """0 when everything passed, 1 otherwise, 2 outside a checkout."""
    words = list(arguments)
    if words and words[0] in ("-h", "--help"):
        print(HELP)
        return 0
    if not (ROOT / "tests").is_dir():
        print("circdesk test: runs only in a checkout of the project.", file=sys.stderr)
        return 2
    slow = "--all" in words
    words = [word for word in words if word != "--all"]
    if words:
        code = subprocess.run(_pytest(*words, marks=ALL if slow else None).command, cwd=ROOT, check=False).returncode
        return WRONG if code == PYTEST_USAGE else min(code, 1)
    return _run_all(slow)


def _run_all(slow: bool) -> int:
    started = time.monotonic()
    failed: list[str] = []
    for check in _checks():
        failed += [] if _quiet(check) else [check.name]
    marks = ALL if slow else FAST
    # Kivy owns one window a process, so the screen's tests run in a process of their own.
    for suite in (
        _pytest("tests", "--ignore=tests/ui", "--ignore=tests/slow", "-n", "2", "--dist", "loadfile", marks=marks),
        _pytest("tests/ui", marks=marks),
    ):
        failed += [] if _passes(suite) else [suite.name]
    if slow:
        failed += [] if _holds(_proofs()) else ["proofs"]
    took = f"{time.monotonic() - started:.0f} s"
    if failed:
        print(f"\nFailed after {took}: {', '.join(failed)}.")
        return 1
    print(f"\nEverything passed in {took}.")
    return 0


def _passes(suite: Check) -> bool:
    """Runs a suite; what failed beside others is tried once more alone, and the output says which that was."""
    with tempfile.TemporaryDirectory(prefix="circdesk-test-") as cache:
        memory = ("-o", "addopts=-ra --strict-markers", "-o", f"cache_dir={cache}")
        if subprocess.run((*suite.command, *memory), cwd=ROOT, check=False).returncode == 0:
            return True
        print("\nTrying what failed once more, alone:", flush=True)
        again = (*suite.command, *memory, "--last-failed", "--last-failed-no-failures", "none", "-n", "0")
        return subprocess.run(again, cwd=ROOT, check=False).returncode == 0


def _holds(proofs: Check) -> bool:
    """Nothing is tried again: what fails once in a million fails."""
    return subprocess.run(proofs.command, cwd=ROOT, check=False).returncode == 0


def _proofs() -> Check:
    """They take an hour and say how far they are, so nothing they print is held back."""
    return _pytest("tests/slow", "-s", "-v", "-p", "no:cacheprovider", marks=ALL)


def _checks() -> tuple[Check, ...]:
    return (
        Check(name="style", command=(str(BIN / "ruff"), "check", ".")),
        Check(name="format", command=(str(BIN / "ruff"), "format", "--check", ".")),
        Check(name="types", command=(str(BIN / "mypy"),)),
        Check(name="import contracts", command=(str(BIN / "lint-imports"), "--no-logo")),
    )


def _pytest(*words: str, marks: str | None) -> Check:
    chosen = ("-m", marks) if marks else ()
    return Check(name="tests", command=(sys.executable, "-m", "pytest", "-q", *chosen, *words))


def _quiet(check: Check) -> bool:
    started = time.monotonic()
    print(f"{check.name:<18}", end="", flush=True)
    done = subprocess.run(check.command, cwd=ROOT, check=False, capture_output=True, text=True)
    good = done.returncode == 0
    print(f"{'passed' if good else 'FAILED':<8}{time.monotonic() - started:6.1f} s", flush=True)
    if not good:
        print((done.stdout + done.stderr).strip()[-8000:])
    return good
