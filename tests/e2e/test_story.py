"""Stories from files, each on a whole machine: what went as told is 0, what did not is 1 and says where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kiosk.cli import main
from kiosk.site.folder import CONFIG

EVENING = CONFIG / "stories" / "evening.toml"


@pytest.mark.slow
def test_the_evening_goes_as_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["story", str(EVENING), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["good"]
    assert len(told["steps"]) == EVENING.read_text("utf-8").count("[[step]]")


@pytest.mark.slow
def test_a_story_that_expects_what_does_not_happen_says_at_which_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A theft mark that stays on would be noticed."""
    text = EVENING.read_text("utf-8").replace('marks_off = ["D1000001"]', 'marks_on = ["D1000001"]', 1)
    path = tmp_path / "wrong.toml"
    path.write_text(
        text.replace(', marks_on = ["D1000009"]', "").replace('numeral = "1", ', "within_s = 2, ", 1), "utf-8"
    )
    assert main(["story", str(path)]) == 1
    assert "step 3: the theft mark of D1000001 is not on within 2 s" in capsys.readouterr().out
