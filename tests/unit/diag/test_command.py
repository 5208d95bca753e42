"""`circdesk diag` as it is typed: simulated devices on pseudo terminals, a site's own files, exit codes 0, 1 and 2."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from drivers.card.pn532.sim import CardField, Pn532Sim, m1_card
from drivers.clock import ThreadHub
from drivers.link import Link
from drivers.receipt.escpos.sim import EscposSim
from drivers.rfid.contract import TagUid
from drivers.rfid.feig.sim import FeigSim
from drivers.rfid.field import Field, Tag
from drivers.serial_link import open_pty
from kiosk.journal import Journal
from kiosk.journal.disk import FileDisk
from tests.unit.install.sites import MACHINE, circdesk, lay_out

LOOK_S = 0.02


@dataclass
class Devices:
    """The far ends of a machine's wires on pseudo terminals."""

    hub: ThreadHub = field(default_factory=ThreadHub)
    ends: list[Link] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.field = Field(random.Random(1))
        self.field.put(*(Tag(uid=TagUid(f"E0040153853800{n:02X}")) for n in range(3)))
        self.cards = CardField()
        self.cards.put(m1_card("04FA944D"))
        self.printer = EscposSim(hub=self.hub, idle_s=LOOK_S)
        pad = FeigSim(self.hub, self.field)
        self._serve("pad", pad.serve)
        self._serve("card", lambda link: Pn532Sim(link, self.hub, self.cards, look_s=LOOK_S).serve())
        self._serve("printer", self.printer.serve)
        end, self.paths["scanner"] = open_pty(self.hub, "scanner")
        self.ends.append(end)

    def _serve(self, name: str, serve) -> None:  # type: ignore[no-untyped-def]  # any simulator's
        end, self.paths[name] = open_pty(self.hub, name)
        self.ends.append(end)
        self.hub.spawn(f"sim.{name}", lambda: serve(end))

    def close(self) -> None:
        for end in self.ends:
            end.close()


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    return lay_out(tmp_path)[0]


@pytest.fixture
def devices(machine: Path) -> Iterator[Devices]:
    made = Devices()
    text = machine.read_text("utf-8").replace("usb:04b8:0202", "serial:/dev/circdesk/printer?baud=38400")
    for name, path in made.paths.items():
        text = text.replace(f"/dev/circdesk/{name}", path)
    machine.write_text(text, encoding="utf-8")
    yield made
    made.close()


def diag(*words: str | Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    capsys.readouterr()
    code = circdesk("diag", *words)
    return code, capsys.readouterr().out


def rows(text: str) -> dict[str, dict[str, Any]]:
    return {row["part"]: row for row in json.loads(text)}


def test_one_part_is_tested_alone_and_well(machine: Path, devices: Devices, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = diag(machine, "pad", "--lang", "en", capsys=capsys)
    assert code == 0, out
    assert re.fullmatch(r"pad +good  .+, 3/3 tags, \d+ ms\n", out)


def test_every_device_answers_over_its_wire(
    machine: Path, devices: Devices, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = diag(machine, "--json", "--lang", "en", capsys=capsys)
    found = rows(out)
    assert {name: found[name]["state"] for name in ("pad", "card", "scanner", "printer")} == {
        "pad": "good",
        "card": "good",
        "scanner": "good",
        "printer": "good",
    }
    assert "1 card" in found["card"]["numbers"]
    assert "04FA944D" not in out
    assert found["certificate"]["state"] == found["keys"]["state"] == "good"
    assert found["broker"]["fault"] == 401  # nobody listens in this test
    assert found["gateway"] == {"part": "gateway", "state": "idle", "numbers": "", "cause": "the broker comes first"}
    assert code == 1


def test_a_fault_is_told_with_its_number_cause_and_remedy(machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = diag(machine, "pad", capsys=capsys)
    assert code == 1
    first, cause, remedy = out.rstrip("\n").split("\n")
    assert first.startswith("pad          故障  E-101 感应区断开")
    assert "cannot open /dev/circdesk/pad: No such file or directory" in cause
    assert "检查插头和电源" in remedy


def test_beside_a_running_core_devices_are_left_alone(
    machine: Path, devices: Devices, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    hub = ThreadHub()
    path = tmp_path / "state" / f"{MACHINE}.journal"
    core = Journal(FileDisk(path, synchronous="OFF"), device=MACHINE, clock=hub, boot="b")
    code, out = diag(machine, "pad", "--lang", "en", capsys=capsys)
    assert code == 0
    assert "E-209" in out
    assert "stop circdesk-core@" in out
    found = rows(diag(machine, "--json", capsys=capsys)[1])
    assert found["gateway"]["fault"] == 209
    assert found["journal"]["state"] == "good"
    core.close()
    assert diag(machine, "pad", capsys=capsys)[0] == 0


def test_the_test_page_is_printed_only_when_asked(
    machine: Path, devices: Devices, capsys: pytest.CaptureFixture[str]
) -> None:
    diag(machine, "printer", capsys=capsys)
    assert devices.printer.printed == ()
    code, out = diag(machine, "printer", "--page", "--lang", "en", capsys=capsys)
    assert code == 0, out
    assert "page printed" in out


def test_a_part_the_machine_does_not_have_is_no_fault(machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = re.sub(r"\[parts\.printer\]\n(?:(?!\[).*\n)*", "", machine.read_text("utf-8"))
    machine.write_text(text, encoding="utf-8")
    code, out = diag(machine, "printer", "--lang", "en", capsys=capsys)
    assert code == 0
    assert "this machine has none" in out


def test_the_part_may_be_named_before_or_after_the_options(machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = (machine, "--lang", "en", "disk"), (machine, "disk", "--lang", "en"), ("--lang", "en", machine, "disk")
    for words in asked:
        assert circdesk("diag", *words) == 0
        assert capsys.readouterr().out.startswith("disk  ")


def test_a_wrong_file_ends_with_2(machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert circdesk("diag", machine.with_name("nowhere.toml")) == 2
    assert "No such file" in capsys.readouterr().err
    machine.write_text("[machine]\nkind = 1\n")
    assert circdesk("diag", machine) == 2
    assert "line" in capsys.readouterr().err
