"""The udev rules: well formed, and no device is for everybody."""

from __future__ import annotations

import re

import pytest

from kiosk.site.folder import CONFIG

_PAIR = re.compile(r'([A-Z_]+)(?:\{([^}]*)\})?(==|!=|\+=|=)"([^"]*)"')
MATCHES = {"ACTION", "SUBSYSTEM", "KERNEL", "ENV", "ATTR"}
SETS = {"SYMLINK", "GROUP", "MODE", "ENV", "GOTO", "LABEL"}


def rules() -> list[str]:
    lines = (CONFIG / "udev" / "70-circdesk.rules").read_text("utf-8").splitlines()
    # A rule that is off begins with # and a key; a sentence has a blank after it.
    return [line.removeprefix("#") for line in lines if re.match(r"#?[A-Z]+=", line)]


@pytest.mark.parametrize("rule", rules())
def test_a_rule_is_pairs_of_key_and_value_between_commas(rule: str) -> None:
    pairs = rule.split(", ")
    for pair in pairs:
        found = _PAIR.fullmatch(pair)
        assert found, pair
        key, _, operator, _ = found.groups()
        assert key in (MATCHES if operator in ("==", "!=") else SETS)


@pytest.mark.parametrize("rule", [rule for rule in rules() if "SYMLINK" in rule])
def test_a_device_is_named_for_one_vendor_and_given_to_the_group_alone(rule: str) -> None:
    assert "ID_VENDOR_ID" in rule or "idVendor" in rule
    assert 'GROUP="circdesk"' in rule
    assert 'MODE="0660"' in rule
    if 'SUBSYSTEM=="tty"' in rule:
        assert 'ENV{ID_MM_DEVICE_IGNORE}="1"' in rule


def test_a_keyboard_scanner_does_not_type_into_the_screen() -> None:
    wedge = [rule for rule in rules() if 'SUBSYSTEM=="input"' in rule]
    assert wedge
    assert all('ENV{LIBINPUT_IGNORE_DEVICE}="1"' in rule for rule in wedge)
