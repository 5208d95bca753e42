"""The systemd units: understood by systemd, hardened, and agreeing with the code and with one another."""

from __future__ import annotations

import configparser
import re
import shutil
import stat
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from kiosk.checkout.settings import CheckoutSettings
from kiosk.machine.notify import CORE_SILENT_S_MAX
from kiosk.settings import read
from kiosk.site.folder import CONFIG

SYSTEMD = CONFIG.parent / "systemd"
UNITS = sorted(SYSTEMD.glob("*.service"))
EXPOSURE_MAX = 15  # of 100; Debian's own mosquitto.service has 96, logind 30, hostnamed 15
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is missing: install the Debian package systemd"
)


def directives(unit: Path) -> dict[str, list[str]]:
    """`Section.Name` -> its values in order. Repeats add up, as systemd reads them."""
    found: dict[str, list[str]] = defaultdict(list)
    section = ""
    for line in unit.read_text("utf-8").splitlines():
        if head := re.fullmatch(r"\[(\w+)\]", line):
            section = head[1]
        elif line and not line.startswith("#"):
            name, equals, value = line.partition("=")
            assert equals, f"{unit.name}: {line}"
            found[f"{section}.{name}"].append(value)
    return found


def one(unit: Path, name: str) -> str:
    values = directives(unit)[name]
    assert len(values) == 1, f"{unit.name}: {name} = {values}"
    return values[0]


def test_there_is_a_unit_for_each_process_of_a_site() -> None:
    assert [unit.name for unit in UNITS] == [
        "circdesk-core@.service",
        "circdesk-gateway.service",
        "circdesk-ui@.service",
    ]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
class TestEveryUnit:
    def test_it_is_watched_and_comes_back(self, unit: Path) -> None:
        assert one(unit, "Service.Type") == "notify"
        assert int(one(unit, "Service.WatchdogSec")) >= CORE_SILENT_S_MAX
        assert one(unit, "Service.Restart") == "always"
        assert directives(unit)["Unit.StartLimitIntervalSec"]

    def test_it_runs_a_word_of_the_command_under_a_name_of_its_own(self, unit: Path) -> None:
        word = {"core@": "run", "ui@": "ui", "gateway": "gateway"}[unit.stem.removeprefix("circdesk-")]
        assert f"/.venv/bin/circdesk {word} /etc/circdesk/" in one(unit, "Service.ExecStart")
        user = one(unit, "Service.User")
        assert user != "root"
        assert re.search(rf"^u +{user} ", (SYSTEMD / "sysusers.d" / "circdesk.conf").read_text(), re.MULTILINE)
        assert "Service.DynamicUser" not in directives(unit)

    def test_it_may_do_nothing_that_root_may(self, unit: Path) -> None:
        assert directives(unit)["Service.CapabilityBoundingSet"] == [""]
        assert directives(unit)["Service.AmbientCapabilities"] == [""]
        assert one(unit, "Service.NoNewPrivileges") == "yes"
        assert one(unit, "Service.ProtectSystem") == "strict"

    def test_no_core_dump_keeps_card_numbers(self, unit: Path) -> None:
        assert one(unit, "Service.LimitCORE") == "0"

    @needs_systemd
    def test_systemd_understands_it(self, unit: Path, tmp_path: Path) -> None:
        # The programs are not where they will be; everything else is as it is.
        text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text("utf-8"), flags=re.MULTILINE)
        copy = tmp_path / unit.name
        copy.write_text(text, encoding="utf-8")
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", str(copy)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        said = [line for line in done.stderr.splitlines() if unit.stem in line]
        assert said == []
        assert done.returncode == 0, done.stderr

    @needs_systemd
    def test_it_is_less_exposed_than_debians_own_services(self, unit: Path) -> None:
        done = _security(unit)
        assert done.returncode == 0, done.stdout[-400:]

    @needs_systemd
    def test_a_unit_that_lost_its_sandbox_would_be_noticed(self, unit: Path, tmp_path: Path) -> None:
        text = unit.read_text("utf-8")
        bare = tmp_path / unit.name
        bare.write_text(re.sub(r"^(SystemCallFilter|RestrictAddressFamilies)=.*\n", "", text, flags=re.MULTILINE))
        assert _security(bare).returncode != 0


def _security(unit: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE_MAX}", str(unit)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_wrong_file_is_not_started_again_and_again() -> None:
    for name in ("circdesk-core@.service", "circdesk-gateway.service"):
        assert one(SYSTEMD / name, "Service.RestartPreventExitStatus") == "2"


def test_the_core_can_read_the_boots_name() -> None:
    # ProcSubset=pid would hide [files] boot_id.
    assert "Service.ProcSubset" not in directives(SYSTEMD / "circdesk-core@.service")


def test_the_screen_has_neither_network_nor_the_journal() -> None:
    ui = SYSTEMD / "circdesk-ui@.service"
    assert "AF_INET" not in one(ui, "Service.RestrictAddressFamilies")
    assert "/var/lib/circdesk" in one(ui, "Service.InaccessiblePaths")
    assert one(ui, "Service.User") != one(SYSTEMD / "circdesk-core@.service", "Service.User")


def test_the_screen_may_write_machine_code_and_the_others_may_not() -> None:
    written = {unit.name: directives(unit)["Service.MemoryDenyWriteExecute"] for unit in UNITS}
    assert written == {
        "circdesk-core@.service": ["yes"],
        "circdesk-gateway.service": ["yes"],
        "circdesk-ui@.service": [],
    }


def test_folders_of_units_tmpfiles_and_the_example_are_the_same() -> None:
    settings = read((CONFIG / "checkout.example.toml").read_text("utf-8"), "x", CheckoutSettings)
    core, ui = SYSTEMD / "circdesk-core@.service", SYSTEMD / "circdesk-ui@.service"
    tmpfiles = (SYSTEMD / "tmpfiles.d" / "circdesk.conf").read_text()
    assert Path(settings.files.journal).parent == Path("/var/lib") / one(core, "Service.StateDirectory")
    assert Path(settings.files.snapshot).parent == Path("/var/lib") / one(core, "Service.StateDirectory")
    assert settings.panel.cache == str(Path("/var/cache") / one(ui, "Service.CacheDirectory"))
    run = str(Path(settings.panel.socket).parent)
    assert run in one(core, "Service.ReadWritePaths")
    # The set-group-id bit gives the socket to the screen's group.
    assert re.search(rf"^d +{run} +2750 +circdesk +circdesk-ui ", tmpfiles, re.MULTILINE)
    for path in (settings.files.signer, settings.broker.key):
        assert re.search(rf"^d +{Path(path).parent} +0750 +root +circdesk ", tmpfiles, re.MULTILINE)


def test_every_kind_of_wire_of_a_machine_file_may_be_opened() -> None:
    allowed = " ".join(directives(SYSTEMD / "circdesk-core@.service")["Service.DeviceAllow"])
    for kind in ("char-ttyUSB", "char-ttyACM", "char-ttyS", "char-usb_device", "char-input"):
        assert f"{kind} rw" in allowed
    families = one(SYSTEMD / "circdesk-core@.service", "Service.RestrictAddressFamilies").split()
    assert {"AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK"} == set(families)


@pytest.mark.parametrize("name", ["sysusers.d", "tmpfiles.d"])
def test_lines_of_users_and_folders_have_their_columns(name: str) -> None:
    lines = [
        line
        for line in (SYSTEMD / name / "circdesk.conf").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    assert lines
    for line in lines:
        columns = re.findall(r'"[^"]*"|\S+', line)
        assert columns[0] in ("u", "g", "d")
        assert len(columns) == (6 if name == "tmpfiles.d" else 3 if columns[0] == "g" else 5)


@needs_systemd
def test_systemd_makes_users_and_folders_that_keep_secrets_apart(tmp_path: Path) -> None:
    for name in ("sysusers", "tmpfiles"):
        folder = tmp_path / "etc" / f"{name}.d"
        folder.mkdir(parents=True)
        shutil.copy(SYSTEMD / f"{name}.d" / "circdesk.conf", folder)
    for words in (["systemd-sysusers"], ["systemd-tmpfiles", "--create"]):
        done = subprocess.run([*words, f"--root={tmp_path}"], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
    users = (tmp_path / "etc" / "passwd").read_text()
    for name in ("circdesk", "circdesk-ui", "circdesk-gateway"):
        assert re.search(rf"^{name}:.*:/usr/sbin/nologin$", users, re.MULTILINE)
    modes = {path: stat.S_IMODE((tmp_path / path).stat().st_mode) for path in FOLDERS}
    assert modes == FOLDERS


FOLDERS = {"run/circdesk": 0o2750, "etc/circdesk": 0o755, "etc/circdesk/secret": 0o750, "etc/circdesk/gateway": 0o750}


def test_the_x_servers_file_takes_the_keyboard_ways_out() -> None:
    text = (SYSTEMD / "xorg" / "10-circdesk.conf").read_text("utf-8")
    assert text.count("Section") == text.count("EndSection") * 2  # the word stands in both
    for option in ("DontVTSwitch", "DontZap"):
        assert f'Option "{option}" "true"' in text


def test_units_are_ini_files_without_repeated_sections() -> None:
    for unit in UNITS:
        sections = re.findall(r"^\[(\w+)\]$", unit.read_text("utf-8"), re.MULTILINE)
        assert sections == ["Unit", "Service", "Install"]
        configparser.ConfigParser(strict=False, interpolation=None).read_string(unit.read_text("utf-8"))
