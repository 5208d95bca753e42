"""The launcher installs what the machine's own words ask for, says why, and stays a script for any POSIX shell."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from kiosk.domain.faults import FAULTS
from kiosk.site.folder import CONFIG

ROOT = CONFIG.parent
LAUNCHER = ROOT / "circdesk"
OF_PYTHON = {"evdev-binary"}  # comes from the lock


def packages() -> dict[str, str]:
    """Package -> why, of every list in the launcher."""
    lists = re.findall(r"<<'LIST'\n(.*?)^LIST", LAUNCHER.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line for each in lists for line in each.splitlines()]
    return {name: why.strip() for name, _, why in (line.partition(" ") for line in lines)}


def sources() -> list[Path]:
    return [path for room in ("drivers", "kiosk") for path in (ROOT / room).rglob("*.py")]


def test_the_launcher_is_understood_by_a_plain_shell() -> None:
    for shell in ("sh", "dash"):
        subprocess.run([shell, "-n", str(LAUNCHER)], check=True)
    assert "[[" not in LAUNCHER.read_text("utf-8")


def test_every_package_has_its_reason() -> None:
    assert len(packages()) > 15
    assert all(packages().values())


def test_what_an_error_asks_to_install_the_launcher_has_installed() -> None:
    texts = [path.read_text("utf-8") for path in sources()]
    asked = {name for text in texts for name in re.findall(r"install the Debian package ([a-z0-9.+-]+)", text)}
    assert asked >= {"libusb-1.0-0", "fonts-noto-cjk"}
    assert asked <= packages().keys()


@pytest.mark.parametrize("language", ["do_zh", "do_en"])
def test_what_the_fault_of_a_missing_package_names_the_launcher_has_installed(language: str) -> None:
    [fault] = [fault for fault in FAULTS if fault.name == "package_missing"]
    named = set(re.findall(r"\b[a-z][a-z0-9.]*[-0-9][a-z0-9.-]*\b", getattr(fault, language)))
    assert named >= {"libusb-1.0-0", "libnfc6", "libfreefare-dev"}
    assert named - OF_PYTHON <= packages().keys()
