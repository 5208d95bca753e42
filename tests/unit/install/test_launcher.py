"""The launcher on machines that are not as it wants them: what it says, what it leaves alone, how it ends.

Debian's tools are far ends here: small programs in front of PATH that say what a bare machine would, and keep a log.
The launcher itself is the real file; only the range of Pythons is moved, so that no machine has
one in it, and the file that holds back Debian's services lies elsewhere.
"""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.site.folder import CONFIG

LAUNCHER = CONFIG.parent / "circdesk"
OUT_OF_RANGE = "python_min=9.11 python_below=9.14"
# Asked for one package it tells its state, asked for many their names and states.
DPKG_QUERY = """
case "$*" in
  *Package*) while read -r name; do echo "$name installed"; done <"$ROOT/packages" ;;
  *) for name; do :; done; grep -qx "$name" "$ROOT/packages" && echo installed ;;
esac
"""
PACKAGES = re.findall(
    r"^(\S+?) +(.*)$", LAUNCHER.read_text("utf-8").split("<<'LIST'")[1].split("\nLIST")[0], re.MULTILINE
)


@dataclass
class Machine:
    """A Debian with `installed` packages, run by root, by somebody with sudo, or by nobody in particular."""

    root: Path

    def __post_init__(self) -> None:
        (self.root / "bin").mkdir()
        (self.root / "packages").write_text("")
        self.tool("id", 'echo "${FAKE_UID}"')
        self.tool("dpkg-query", DPKG_QUERY)
        self.tool("sudo", '[ "$FAKE_SUDO" = yes ] || exit 1; case $1 in -n) exit 0;; esac; "$@"')
        self.tool("apt-get", 'echo "apt-get $*" >>"$ROOT/log"')
        for word in ("tee", "chmod", "systemctl"):
            self.tool(word, f'cat >/dev/null </dev/null; echo "{word} $*" >>"$ROOT/log"')
        self.tool("rm", 'case "$*" in *policy-rc.d*) echo "rm $*" >>"$ROOT/log";; *) exec /bin/rm "$@";; esac')
        text = LAUNCHER.read_text("utf-8")
        assert "python_min=3.11 python_below=3.14" in text
        text = text.replace("python_min=3.11 python_below=3.14", OUT_OF_RANGE)
        text = text.replace("/usr/sbin/policy-rc.d", str(self.root / "policy-rc.d"))
        wants = "/etc/systemd/system/multi-user.target.wants"
        assert wants in text
        (self.root / "circdesk").write_text(text.replace(wants, str(self.root / "wants")))

    def tool(self, name: str, script: str) -> None:
        path = self.root / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def has(self, *names: str) -> None:
        (self.root / "packages").write_text("".join(f"{name}\n" for name in names))

    def wanted(self) -> Path:
        """As Debian's package switches its broker on."""
        link = self.root / "wants" / "mosquitto.service"
        link.parent.mkdir()
        link.symlink_to("/lib/systemd/system/mosquitto.service")
        return link

    def run(self, *words: str, uid: int = 1000, sudo: bool = False) -> subprocess.CompletedProcess[str]:
        path = f"{self.root / 'bin'}:{os.environ['PATH']}"
        env = {"PATH": path, "ROOT": str(self.root), "FAKE_UID": str(uid), "FAKE_SUDO": "yes" if sudo else "no"}
        return subprocess.run(
            ["/bin/sh", str(self.root / "circdesk"), *words],
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    @property
    def log(self) -> list[str]:
        path = self.root / "log"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_without_root_and_sudo_one_line_is_printed_and_nothing_is_done(machine: Machine) -> None:
    done = machine.run("demo")
    assert done.returncode == 2
    [line] = done.stdout.splitlines()
    assert line.startswith("sudo apt-get update && sudo apt-get install --no-install-recommends ")
    assert line.split("recommends ")[1].split() == [name for name, _ in PACKAGES]
    assert machine.log == []


def test_every_missing_package_is_named_with_its_reason_and_no_other(machine: Machine) -> None:
    machine.has("python3", "python3-venv")
    done = machine.run("demo")
    told = re.findall(r"^  (\S+): (.+)$", done.stderr, re.MULTILINE)
    assert told == [(name, why) for name, why in PACKAGES if name not in ("python3", "python3-venv")]
    assert len(told) > 5


def test_a_python_outside_the_locks_range_gets_a_clear_sentence(machine: Machine) -> None:
    machine.has(*(name for name, _ in PACKAGES))
    done = machine.run("demo")
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert re.fullmatch(
        r"circdesk: needs Python 9\.11 or newer, below 9\.14; this machine's python3 is 3\.\d+\. .+", line
    )
    assert not (machine.root / ".venv").exists()


def test_the_launchers_range_of_pythons_is_the_packages(machine: Machine) -> None:
    with (CONFIG.parent / "pyproject.toml").open("rb") as file:
        wanted = tomllib.load(file)["project"]["requires-python"]
    low, high = re.findall(r"python_(?:min|below)=([\d.]+)", LAUNCHER.read_text("utf-8"))
    assert wanted == f">={low},<{high}"


def test_a_broker_that_comes_along_is_neither_started_nor_switched_on(machine: Machine) -> None:
    wanted = machine.wanted()
    machine.run("demo", sudo=True)
    log = machine.log
    policy, install = (next(n for n, line in enumerate(log) if word in line) for word in ("tee ", " install "))
    away = next(n for n, line in enumerate(log) if line.startswith("rm ") and "policy-rc.d" in line)
    assert policy < install < away
    assert not wanted.is_symlink(), "it would start with the next boot"


def test_a_policy_that_was_there_is_left_as_found(machine: Machine) -> None:
    (machine.root / "policy-rc.d").write_text("ours")
    machine.run("demo", sudo=True)
    assert (machine.root / "policy-rc.d").read_text() == "ours"
    assert not any("policy-rc.d" in line for line in machine.log)


def test_a_broker_that_was_there_is_left_as_found(machine: Machine) -> None:
    machine.has("mosquitto", "python3")
    wanted = machine.wanted()
    machine.run("demo", sudo=True)
    assert wanted.is_symlink()
    assert [line.split()[0] for line in machine.log] == ["apt-get", "apt-get"]
    assert " mosquitto" not in machine.log[-1]
