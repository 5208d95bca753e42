"""A technician sees every mistake at once, each with its line and a way to mend it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from kiosk.settings import SettingsError, read
from kiosk.settings.lines import index


@dataclass(frozen=True, kw_only=True)
class Times:
    idle_s: float = 45.0
    warning_s: float = 20.0

    def __post_init__(self) -> None:
        if self.warning_s < 20:
            raise ValueError("warning_s must be 20 or more: readers need the time to react")


@dataclass(frozen=True, kw_only=True)
class Part:
    driver: str
    link: str = ""


@dataclass(frozen=True, kw_only=True)
class Machine:
    device: str
    count: int = 1
    times: Times = Times()
    parts: dict[str, Part]
    doors: tuple[Part, ...] = ()


GOOD = """
device = "k1"
count = 2

[times]
idle_s = 30

[parts.pad]
driver = "feig"

[[doors]]
driver = "left"
[[doors]]
driver = "right"
"""


def test_a_good_file_becomes_its_dataclasses() -> None:
    machine = read(GOOD, "m.toml", Machine)
    assert machine.count == 2
    assert machine.times.idle_s == 30.0
    assert machine.parts["pad"].driver == "feig"
    assert [door.driver for door in machine.doors] == ["left", "right"]


def test_all_mistakes_come_at_once_with_their_lines() -> None:
    text = GOOD.replace("count = 2", 'count = "two"').replace("idle_s", "idel_s")
    text = text.replace('driver = "right"', "link = 3")
    with pytest.raises(SettingsError) as raised:
        read(text, "m.toml", Machine)
    found = [(mistake.line, mistake.what) for mistake in raised.value.mistakes]
    assert (3, "count: expected a whole number, got text") in found
    assert (6, "there is no setting 'idel_s' here; did you mean 'idle_s'?") in found
    assert (13, "doors.1.driver is missing") in found
    assert (14, "doors.1.link: expected text, got a whole number") in found
    assert len(found) == 4


def test_a_rule_of_a_table_is_reported_at_the_setting_it_names() -> None:
    with pytest.raises(SettingsError, match=r"m\.toml, line 6: warning_s must be 20 or more"):
        read(GOOD.replace("idle_s = 30", "warning_s = 5"), "m.toml", Machine)


def test_broken_toml_names_its_line() -> None:
    with pytest.raises(SettingsError, match=r"m\.toml, line 2: not readable"):
        read("device = 'k1'\ncount = \n", "m.toml", Machine)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('place = "F1', "a text has no end: its last quotation mark is missing"),
        ("place = “一楼大厅” # 大厅“东”侧", "Chinese punctuation stands here: “ ”"),
        ('host ＝ "a“b”"', "Chinese punctuation stands here: ＝"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_technicians_words(line: str, said: str) -> None:
    with pytest.raises(SettingsError, match=f"m\\.toml, line 2: not readable: {said}$"):
        read(f"device = 'k1'\n{line}\n", "m.toml", Machine)


def test_an_unknown_table_within_a_table_is_told_where_it_stands() -> None:
    with pytest.raises(SettingsError, match=r"m\.toml, line 8: there is no setting 'partz' here"):
        read(GOOD.replace("[parts.pad]", "[partz.pad]"), "m.toml", Machine)
    assert index("[a.b]\nx = 1\n[a]\ny = 2\n")[("a",)] == 3


def test_two_settings_on_one_line_name_their_line() -> None:
    """tomllib's sentence about this mistake speaks of a newline before it names the line."""
    with pytest.raises(SettingsError, match=r"m\.toml, line 2: not readable"):
        read("device = 'k1'\ncount = 1 place = 'x'\n", "m.toml", Machine)


def test_every_broken_line_is_named_and_the_rest_is_read() -> None:
    text = (
        GOOD.replace("count = 2", "count = two")
        .replace("idle_s = 30", "idle_s 30")
        .replace('driver = "feig"', "driver = 7")
    )
    with pytest.raises(SettingsError) as raised:
        read(text, "m.toml", Machine)
    assert [mistake.line for mistake in raised.value.mistakes] == [3, 6, 9]


def test_a_default_in_a_wrong_settings_place_is_not_held_against_the_others() -> None:
    with pytest.raises(SettingsError) as raised:
        read(GOOD.replace("idle_s = 30", 'warning_s = "5"'), "m.toml", Machine)
    assert [mistake.what for mistake in raised.value.mistakes] == ["times.warning_s: expected a number, got text"]


def test_lines_inside_texts_and_lists_are_no_settings() -> None:
    text = 'device = """\n[times]\nwarning_s = 9\n"""\ndoors = [\n]\n[parts.pad]\ndriver = 3\n[times]\nwarning_s = 5\n'
    with pytest.raises(SettingsError) as raised:
        read(text, "m.toml", Machine)
    assert [mistake.line for mistake in raised.value.mistakes] == [8, 10]


def test_a_table_within_one_of_many_has_its_own_line() -> None:
    lines = index("[[doors]]\n[doors.lock]\nkey = 1\n[[doors]]\n[doors.lock]\nkey = 2\n")
    assert (lines[("doors", "0", "lock", "key")], lines[("doors", "1", "lock", "key")]) == (3, 6)
