"""The demo with a display: what stands on the bench, and whom the machine knows as its technician."""

from __future__ import annotations

from pathlib import Path

from kiosk.machine.technicians import name_of
from kiosk.site.folder import CONFIG, TECHNICIAN_PIN, Ports, lay_out
from kiosk.site.window import BOOKS, CARDS, titles
from kiosk.site.wiring import load_settings

AT = 1_795_305_600.0


def test_the_technician_of_the_demo_enters_with_the_pin_that_the_readme_names(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "site", Ports(broker=1, ils=2), ("kiosk-1",), at=AT)
    known = load_settings(folder.machine("kiosk-1")).technicians
    card = next(uid for uid, text in CARDS if TECHNICIAN_PIN in text)
    assert name_of(known, card, TECHNICIAN_PIN) is not None
    assert name_of(known, card, "1357") is None
    assert f"(technician) {TECHNICIAN_PIN}" in (CONFIG / "demo" / "README.md").read_text("utf-8")


def test_every_book_of_the_bench_has_a_title() -> None:
    names = titles()
    assert all(names[item] for item in BOOKS)
