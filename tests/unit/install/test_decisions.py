"""The decisions are numbered, listed, and name every library that is asked for."""

from __future__ import annotations

import re
import tomllib

from kiosk.site.folder import CONFIG

ROOT = CONFIG.parent
DECISIONS = ROOT / "docs" / "decisions"


def test_the_list_of_decisions_names_each_once_and_in_order() -> None:
    files = sorted(path.name for path in DECISIONS.glob("0*.md"))
    listed = re.findall(r"^\| \[(\d{4})\]\(([^)]+)\)", (DECISIONS / "README.md").read_text("utf-8"), re.MULTILINE)
    assert [name for _, name in listed] == files
    assert [number for number, _ in listed] == [f"{n:04}" for n in range(1, len(files) + 1)]
    for number, name in listed:
        assert (DECISIONS / name).read_text("utf-8").startswith(f"# {number} ")


def test_every_library_is_named_with_its_licence_and_what_else_was_thought_of() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[^\w-]", line)[0].lower() for line in wanted}
    table = re.findall(
        r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", (DECISIONS / "0002-libraries.md").read_text(), re.M
    )
    taken = {word.lower() for _, what, _, _ in table[1:] for word in re.findall(r"[\w-]+", what)}
    assert names <= taken, names - taken
    assert all("(" in what or "standard library" in what for _, what, _, _ in table[1:])
