"""`circdesk demo`, as it is typed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

DEMO = (sys.executable, "-m", "kiosk", "demo", "--headless", "--no-pictures", "--json", "--out", "demo")
DEMO_S_MAX = 300.0


@pytest.mark.slow
def test_a_second_demo_without_pictures_leaves_none_of_the_first(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    out.mkdir()
    (out / "01-attract.png").touch()
    (out / "mine.png").touch()
    ended = subprocess.run(DEMO, cwd=tmp_path, capture_output=True, timeout=DEMO_S_MAX, check=False)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["good"]
    assert [path.name for path in out.glob("*.png")] == ["mine.png"]
    assert "\n./circdesk journal verify demo/site/kiosk-1.journal\n" in (out / "summary.md").read_text("utf-8")
