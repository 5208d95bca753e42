"""A story with mistakes is not begun: every one of them is told first, with its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kiosk.cli import main
from kiosk.settings import SettingsError
from kiosk.site.folder import CONFIG
from kiosk.site.storyfile import load_story

EXAMPLE = CONFIG / "stories" / "evening.toml"


def told(tmp_path: Path, *changes: tuple[str, str]) -> list[tuple[str, str]]:
    """(The line that a mistake names, what it says) of a story with these changes."""
    text = EXAMPLE.read_text("utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = tmp_path / "story.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as raised:
        load_story(path)
    lines = text.split("\n")
    return [(lines[mistake.line - 1], mistake.what) for mistake in raised.value.mistakes]


@pytest.mark.parametrize("path", sorted(EXAMPLE.parent.glob("*.toml")), ids=lambda path: path.name)
def test_every_story_that_comes_along_is_right(path: Path) -> None:
    assert len(load_story(path).step) >= 3


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('put = ["D1000001"]', 'put = ["D9999999"]', "there is no book 'D9999999'"),
        ('tap = "04FA944D8F5CD9"', 'tap = "04FA944D8F5CDA"', "there is no such card"),
        ('touch = "borrow"', 'tuoch = "borrow"', "did you mean 'touch'"),
        ('down = ["gateway", "ils"]', 'down = ["gatway"]', "down names 'gatway'; known are broker, ils, gateway"),
        ("rows = 1", "rows = -1", "rows must not be negative"),
        ("rows = 1", 'rows = "one"', "expected a whole number"),
        ("within_s = 30", "within_s = 0", "within_s must be 0.1 to 300 seconds"),
        ('marks_off = ["D1000001"]', 'marks_off = ["X1"]', "there is no book 'X1'"),
        ('touch = "finish"', 'text = "123"', "text belongs to a touch"),
        ('title = "', "title = ", "text stands in"),
    ],
)
def test_each_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, what: str) -> None:
    [line] = [line for line, said in told(tmp_path, (old, new)) if what in said]
    assert new in line


def test_all_mistakes_of_a_story_come_at_once(tmp_path: Path) -> None:
    changes = (
        ('put = ["D1000001"]', 'put = ["D0"]'),
        ('touch = "borrow"', 'tuoch = "borrow"'),
        ("rows = 1", "rows = -1"),
    )
    assert len(told(tmp_path, *changes)) == 3


def test_a_step_that_does_nothing_is_told(tmp_path: Path) -> None:
    path = tmp_path / "story.toml"
    path.write_text('title = "x"\n[[step]]\ntell = "y"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"line 2: this step does nothing"):
        load_story(path)


def test_a_wrong_story_ends_with_2_before_anything_is_started(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "story.toml"
    path.write_text(EXAMPLE.read_text("utf-8").replace("D1000009", "D0"), encoding="utf-8")
    assert main(["story", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(re.findall(r"line \d+: there is no book 'D0'", err)) == 3
