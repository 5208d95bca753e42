"""What a demo leaves, and takes away before it leaves anything."""

from __future__ import annotations

from pathlib import Path

from kiosk.site.leaving import clear
from kiosk.site.story import PICTURES

EARLIER = (*PICTURES, "receipt.txt", "journal.txt", "summary.md")
FOREIGN = ("99-attract.png", "01-mine.png", "notes.md", "site/gateway.toml")


def test_an_earlier_demos_pictures_are_gone_and_nothing_else_is(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    for name in (*EARLIER, *FOREIGN):
        (tmp_path / name).touch()
    clear(tmp_path)
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == set(FOREIGN)
    clear(tmp_path)  # and a folder without any is as good
