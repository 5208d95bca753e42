"""The fault catalogue: complete, unambiguous, in words, and it knows every word a driver says."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.domain import faults
from kiosk.domain.faults.devices import FAMILIES, GARBLED, GONE, MUTE, REFUSED
from kiosk.screen.sentences import parse

ROOT = Path(__file__).parents[3]
FOLDERS = {"pad": "rfid", "card": "card", "scanner": "barcode", "printer": "receipt"}
PLACES = {"LinkLost": GONE, "NoReply": MUTE, "BadFrame": GARBLED, "Refused": REFUSED, "DeviceFault": REFUSED}


def test_a_number_means_one_fault() -> None:
    numbers = [fault.number for fault in faults.FAULTS]
    assert len(numbers) == len(set(numbers))
    assert numbers == sorted(numbers)
    names = [fault.name for fault in faults.FAULTS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("fault", faults.FAULTS, ids=lambda fault: fault.code)
def test_every_fault_tells_reader_and_technician(fault: faults.Fault) -> None:
    sentences = parse((ROOT / "config" / "locale" / "sentences.csv").read_text("utf-8"))
    assert not fault.reader or fault.reader in sentences, fault.reader
    assert 100 <= fault.number < 600
    for text in (fault.zh, fault.do_zh):
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text)
    for text in (fault.en, fault.do_en):
        assert text
        assert text.isascii()
    assert fault.do_zh.endswith(("。", "）"))
    assert fault.do_en.endswith((".", "?"))


def test_a_resting_machine_tells_its_reader_why_or_has_no_screen_to_tell_it_on() -> None:
    dark = {"screen_lost", "settings_wrong", "core_silent", "key_unfit", "journal_foreign", "journal_taken"}
    for fault in faults.FAULTS:
        if fault.goes is faults.Goes.RESTS:
            assert bool(fault.reader) != (fault.name in dark), fault.name


def test_out_of_service_keeps_its_number() -> None:
    assert faults.machine.NO_WAY_TO_READ.code == "E-201"


def test_a_part_that_is_well_has_no_fault() -> None:
    for part in FAMILIES:
        for health, code in (("ok", ""), ("absent", ""), ("gone", "starting")):
            assert faults.device_fault(part, health, code) is None
    assert faults.device_fault("journal", "degraded", "") is None


@pytest.mark.parametrize("part", FAMILIES)
@pytest.mark.parametrize("health", ["gone", "mute", "degraded", "garbled", "refused"])
def test_every_health_but_ok_has_a_number_whatever_the_code(part: str, health: str) -> None:
    fault = faults.device_fault(part, health, "a word nobody knows")
    assert fault is not None
    assert fault.name.startswith(part)


def test_a_missing_udev_rule_is_told_from_a_missing_cable() -> None:
    assert faults.device_fault("printer", "gone", "forbidden") != faults.device_fault("printer", "gone", "absent")
    named = faults.numbered(162)
    assert named is not None
    assert named.name == "printer_forbidden"


@pytest.mark.parametrize("part", FAMILIES)
def test_the_last_word_of_an_unsteady_device_is_understood(part: str) -> None:
    """`degraded` says only that it answers now and then; the code must lead to the same place as the error's class."""
    by_code: dict[str, set[int]] = {}
    for name, code in _raised(ROOT / "drivers" / FOLDERS[part]):
        by_code.setdefault(code, set()).add(PLACES[name])
    assert by_code
    for code, places in by_code.items():
        fault = faults.device_fault(part, "degraded", code)
        assert fault is not None
        own = fault.number - FAMILIES[part] > REFUSED or fault is faults.devices.PACKAGE_MISSING
        told_as_lost = places == {GONE}  # a lost wire is never `degraded`
        assert own or told_as_lost or fault.number - FAMILIES[part] in places, (code, fault.name)


def _raised(folder: Path) -> Iterator[tuple[str, str]]:
    """(class, code) of every driver error that is made with a literal code below `folder`."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PLACES):
                continue
            code = node.args[1] if len(node.args) > 1 else None
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                yield node.func.id, code.value
