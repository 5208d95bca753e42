"""What a demo leaves behind: one page, the journal on paper, and the site's own files to try the tools on."""

from __future__ import annotations

import contextlib
import shlex
import shutil
import sqlite3
from pathlib import Path
from typing import Any, Final

from kiosk.journal import show, verify
from kiosk.site.audit import audit_folder
from kiosk.site.folder import SiteFolder
from kiosk.site.story import PICTURES, SLIP
from kiosk.site.wiring import load_settings

SITE: Final = "site"
JOURNAL: Final = "journal.txt"
PAGE: Final = "summary.md"
LINES_MAX: Final = 200
_PLAIN: Final = ("gateway.toml", "cards.csv", "site.secret", "*.public", "*.signer")


def summarise(folder: SiteFolder, out: Path, steps: list[str], shots: list[str], failure: str) -> dict[str, Any]:
    """Keeps the site's files, writes one page about the day; returns the same as data."""
    device = folder.devices[0]
    settings = load_settings(folder.machine(device))
    keep(folder, out / SITE)
    report = audit_folder(folder)
    checked = verify(folder.journal(device))
    lines = show(folder.journal(device), last=LINES_MAX, utc_offset_min=settings.library.utc_offset_min)
    (out / JOURNAL).write_text("\n".join(lines) + "\n", encoding="utf-8")
    good = not failure and report.clean and not report.unsettled and checked.good
    verdict = "The story went as told: nothing lost, nothing doubled, nothing unsettled."
    if not good:
        verdict = f"The story did not go as told: {failure or 'the audit found a difference'}."
    summary: dict[str, Any] = {
        "good": good,
        "verdict": verdict,
        "steps": steps,
        "pictures": shots,
        "lost": len(report.lost),
        "doubled": len(report.doubled),
        "unsettled": len(report.unsettled),
        "records": checked.records,
        "site": sorted(path.name for path in (out / SITE).iterdir()),
    }
    (out / PAGE).write_text(_page(summary, device, out), encoding="utf-8")
    return summary


def clear(out: Path) -> None:
    """Takes away what an earlier demo left beside its site's files: it would be taken for this one's."""
    for name in (*PICTURES, SLIP, JOURNAL, PAGE):
        (out / name).unlink(missing_ok=True)


def keep(folder: SiteFolder, place: Path) -> None:
    """Copies of the site's databases and settings. What runs meanwhile is copied whole, by SQLite itself."""
    place.mkdir(parents=True, exist_ok=True)
    for database in (folder.ledger, folder.ils_db, *(folder.journal(device) for device in folder.devices)):
        _copy_database(database, place / database.name)
    for device in folder.devices:
        text = folder.machine(device).read_text("utf-8")
        (place / f"{device}.toml").write_text(text.replace(str(folder.root), str(place.resolve())), encoding="utf-8")
    for pattern in _PLAIN:
        for plain in folder.root.glob(pattern):
            shutil.copy(plain, place / plain.name)
    shutil.copytree(folder.root / "pki", place / "pki", dirs_exist_ok=True)


def _copy_database(source: Path, target: Path) -> None:
    """A single file without a log of its own, whatever the source's log holds."""
    for suffix in ("", "-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    with (
        contextlib.closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as old,
        contextlib.closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)


def _page(summary: dict[str, Any], device: str, out: Path) -> str:
    pictures = dict(enumerate(summary["pictures"]))
    lines = ["# A day at the desk, played on simulated devices", "", summary["verdict"], ""]
    for number, step in enumerate(summary["steps"]):
        lines.append(f"{number + 1}. {step}")
        if number in pictures:
            # Four blanks: less would end the list item where its number has two digits.
            lines += ["", f"    ![{step}]({pictures[number]})", ""]
    lines += [
        "",
        "| what was looked at | found |",
        "|---|---|",
        f"| journal records, chain verified | {summary['records']} |",
        f"| lost / doubled / unsettled | {summary['lost']} / {summary['doubled']} / {summary['unsettled']} |",
        "",
        f"The paper slip is in {SLIP}, the journal in {JOURNAL}. The site's own files are in {SITE}/; look at them",
        "with the tools a library has, typed where the demo was started:",
        "",
        "```",
        *(f"./circdesk {command}" for command in commands(device, out)),
        "```",
    ]
    return "\n".join(lines) + "\n"


def commands(device: str, out: Path) -> tuple[str, ...]:
    """What can be tried on what was left in `out`."""
    site = out / SITE
    journal = site / f"{device}.journal"
    words = (
        ("journal", "show", journal, "--last", "10"),
        ("journal", "verify", journal),
        ("journal", "export", journal, "--form", "csv"),
        ("audit", "--journal", journal, "--gateway", site / "gateway.toml", "--demo-ils", site / "ils.db"),
        ("config", "check", site / "gateway.toml", site / f"{device}.toml"),
    )
    return tuple(shlex.join(map(str, each)) for each in words)
