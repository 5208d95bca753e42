"""The installation guide can be followed: its commands, units and files are those that exist, in both languages."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from kiosk.cli import main
from kiosk.domain.faults import FAULTS
from kiosk.site.folder import CONFIG

ROOT = CONFIG.parent
GUIDES = ("install.md", "install.zh-CN.md")


def text(guide: str) -> str:
    return (ROOT / "docs" / guide).read_text("utf-8")


def code(guide: str) -> list[str]:
    blocks = re.findall(r"^```\n(.*?)^```", text(guide), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


def test_both_languages_give_the_same_commands() -> None:
    assert code(GUIDES[0]) == code(GUIDES[1])
    assert len(code(GUIDES[0])) > 40
    sections = [re.findall(r"^## (\d+)\.", text(guide), re.MULTILINE) for guide in GUIDES]
    assert sections[0] == sections[1] == [str(n) for n in range(1, len(sections[0]) + 1)]


def commands(guide: str) -> list[list[str]]:
    """Every `circdesk ...` of the guide, in blocks and in sentences."""
    inline = [
        span.replace("\n", " ") for span in re.findall(r"`([^`]+)`", re.sub(r"(?ms)^```.*?^```", "", text(guide)))
    ]
    found = [match[1] for line in code(guide) + inline if (match := re.match(r"circdesk (\w[^>]*)", line))]
    return [shlex.split(each) for each in found]


@pytest.mark.parametrize("words", commands(GUIDES[0]), ids=" ".join)
def test_every_command_of_the_guide_is_understood(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Asked for help with the same words and options, it must know them."""
    options = [word for word in words if word.startswith("--")]
    named = [word for word in words[:2] if not word.startswith(("/", "-", "."))]
    with pytest.raises(SystemExit) as ended:
        main([*named, "--help"])
    assert ended.value.code == 0
    usage = capsys.readouterr().out
    for option in options:
        assert option in usage, (words, option)


@pytest.mark.parametrize("guide", GUIDES)
def test_every_file_of_ours_that_the_guide_names_is_there(guide: str) -> None:
    named = re.findall(r"/opt/circdesk/current/((?:config|systemd|docs)/[\w@./-]+)", text(guide))
    assert len(named) >= 8
    for path in named:
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("guide", GUIDES)
def test_every_unit_and_folder_is_the_one_of_the_units(guide: str) -> None:
    for unit in set(re.findall(r"circdesk-(?:core@|ui@|gateway)(?=[\w.]*)", text(guide))):
        assert (ROOT / "systemd" / f"{unit}.service").exists(), unit
    tmpfiles = (ROOT / "systemd" / "tmpfiles.d" / "circdesk.conf").read_text()
    for folder in ("/etc/circdesk/secret", "/etc/circdesk/gateway"):
        assert folder in text(guide)
        assert folder in tmpfiles


@pytest.mark.parametrize("guide", GUIDES)
def test_numbers_of_faults_in_the_guide_are_in_the_catalogue(guide: str) -> None:
    known = {fault.code for fault in FAULTS}
    named = set(re.findall(r"E-\d{3}", text(guide)))
    assert named
    assert named <= known


def test_remedies_that_point_into_the_guide_point_at_the_right_section() -> None:
    ninth = re.search(r"^## 9\. (.*)", text("install.md"), re.MULTILINE)
    assert ninth is not None
    assert "new journal" in ninth[1]
    pointing = [fault.name for fault in FAULTS if "section 9" in fault.do_en]
    assert {"disk_failed", "journal_damaged", "journal_forked"} <= set(pointing)
    for fault in FAULTS:
        for word in re.findall(r"circdesk config (\w+)", fault.do_en):
            assert word in ("check", "certificate", "key", "broker", "technician")


def test_the_links_of_the_guides_lead_somewhere() -> None:
    for guide in GUIDES:
        for target in re.findall(r"\]\(([\w.-]+)\)", text(guide)):
            assert (ROOT / "docs" / target).exists(), target


def test_the_guide_knows_the_folder_of_the_broker() -> None:
    drop_in = (ROOT / "systemd" / "mosquitto.service.d" / "circdesk.conf").read_text()
    assert "/var/lib/mosquitto/circdesk/mosquitto.conf" in drop_in
    assert "--out /var/lib/mosquitto/circdesk" in text("install.md")
    assert Path("/var/lib/mosquitto/circdesk").name == "circdesk"


def test_what_the_guide_installs_finds_its_folder_on_a_bare_debian(tmp_path: Path) -> None:
    """Run as printed, with another root: one that has only the folders Debian itself makes."""
    for folder in ("etc/systemd/system", "etc/tmpfiles.d", "etc/udev/rules.d", "usr/local/bin"):
        (tmp_path / folder).mkdir(parents=True)
    installs = [line for line in code(GUIDES[0]) if line.startswith("install ") and "/opt/circdesk/current" in line]
    assert len(installs) >= 5
    for line in installs:
        words = shlex.split(line.replace("/opt/circdesk/current", str(ROOT)))
        words = [f"{tmp_path}{word}" if word.startswith(("/etc/", "/usr/", "/var/")) else word for word in words]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (line, done.stderr)
