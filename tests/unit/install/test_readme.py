"""The front page is true in both languages: its commands, files and links are those that exist."""

from __future__ import annotations

import csv
import re
import shlex
from pathlib import Path

import pytest

from kiosk.machine.settings import TechnicianSection
from kiosk.machine.technicians import name_of
from kiosk.site.folder import CONFIG
from kiosk.site.leaving import commands

ROOT = CONFIG.parent
PAGES = (ROOT / "README.md", ROOT / "docs" / "README.zh-CN.md")
DEMO = (CONFIG / "demo" / "README.md").read_text("utf-8")


def typed(page: Path) -> list[str]:
    blocks = re.findall(r"^```\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [line.split("  #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


def test_both_pages_give_the_same_commands() -> None:
    assert typed(PAGES[0]) == typed(PAGES[1])
    assert typed(PAGES[0])[:2] == ["./circdesk demo --headless --out demo", "./circdesk test"]


def test_the_page_shows_what_the_demo_itself_proposes() -> None:
    """A test of the demo's day types these commands."""
    out = Path(shlex.split(typed(PAGES[0])[0])[-1])
    assert set(typed(PAGES[0])) >= {f"./circdesk {command}" for command in commands("kiosk-1", out)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_named_places_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / target).exists(), target
    for place in re.findall(r"`((?:config|systemd|docs|kiosk|drivers|sorter|print_station|tests)/[\w@./-]*)`", text):
        assert (ROOT / place).exists(), place
    assert len(re.findall(r"!\[", text)) == 1


def test_both_maps_show_every_room() -> None:
    rooms = {path.name for path in (ROOT / "kiosk").iterdir() if (path / "__init__.py").exists()}
    for page in PAGES:
        shown = set(
            re.findall(r"[a-z_]+", " ".join(re.findall(r"^\| (.*?) \|", page.read_text("utf-8"), re.MULTILINE)))
        )
        assert rooms <= shown, (page.name, rooms - shown)


def test_the_page_of_the_demo_data_names_every_table() -> None:
    named = set(re.findall(r"(\w+)\.csv", DEMO))
    assert named == {path.stem for path in (CONFIG / "demo").glob("*.csv")}


def test_the_pins_of_the_staff_cards_are_as_written() -> None:
    pins = dict(re.findall(r"(S\d\d) \([a-z ]+\) (\d+)", DEMO))
    with (CONFIG / "demo" / "staff.csv").open(encoding="utf-8", newline="") as file:
        staff = list(csv.DictReader(file))
    assert set(pins) == {row["staff_id"] for row in staff}
    for row in staff:
        card = TechnicianSection(name=row["staff_id"], card_hash=row["pin_hash"], pin_hash=row["pin_hash"])
        pin = pins[row["staff_id"]]
        assert name_of((card,), pin, pin) == row["staff_id"]


def test_readers_numbers_are_as_the_page_says() -> None:
    rows = (CONFIG / "demo" / "patrons.csv").read_text("utf-8").splitlines()[1:]
    assert all(re.match(r"(?:JS\d\d-)?99\d+,", row) for row in rows)
