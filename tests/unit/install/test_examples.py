"""The files that come along: each loads, and each shows every setting there is."""

from __future__ import annotations

import dataclasses
import re
import tomllib
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.checkout.settings import CheckoutSettings
from kiosk.gateway.config import SETTABLE, GatewayConfig
from kiosk.settings import read
from kiosk.site.checking import check_gateway, check_machine
from kiosk.site.folder import CONFIG

EXAMPLES: dict[str, Any] = {"checkout.example.toml": CheckoutSettings, "gateway.example.toml": GatewayConfig}
_OFF = re.compile(r"^#(?=[a-z_]+ *=|\[|\")", re.MULTILINE)


def with_everything_on(text: str) -> str:
    """Takes the # away from settings that are off; a sentence keeps it, because a blank follows."""
    return _OFF.sub("", text)


def paths(kind: Any, head: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every setting of a dataclass of settings, `*` for the name of a part."""
    for name, hint in typing.get_type_hints(kind).items():
        inner = hint
        arguments = [each for each in typing.get_args(hint) if dataclasses.is_dataclass(each)]
        if arguments:
            inner = arguments[0]
        if dataclasses.is_dataclass(inner):
            many = ("*",) if typing.get_origin(hint) is dict else ()
            yield from paths(inner, (*head, name, *many))
        else:
            yield (*head, name)


def given(values: Any, head: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, value in values.items():
        yield (*head, name)
        yield (*head[:-1], "*", name) if head else (name,)
        tables = value if isinstance(value, list) else [value]
        for table in tables:
            if isinstance(table, dict):
                yield from given(table, (*head, name))


def test_every_file_in_the_folder_is_known_here() -> None:
    assert {path.name for path in CONFIG.glob("*.toml")} == {*EXAMPLES, "checkout.demo.toml"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_loads_as_it_is_and_with_everything_on(name: str) -> None:
    text = (CONFIG / name).read_text("utf-8")
    read(text, name, EXAMPLES[name])
    read(with_everything_on(text), name, EXAMPLES[name])


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_shows_every_setting(name: str) -> None:
    shown = set(given(tomllib.loads(with_everything_on((CONFIG / name).read_text("utf-8")))))
    missing = [".".join(path) for path in paths(EXAMPLES[name]) if path not in shown]
    assert missing == []


def test_the_gateways_example_shows_every_setting_of_a_profile() -> None:
    on = tomllib.loads(with_everything_on((CONFIG / "gateway.example.toml").read_text("utf-8")))
    assert set(on["ils"]["settings"]) == SETTABLE


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_setting_that_is_off_shows_its_default(name: str) -> None:
    """Who takes a # away must not change anything by that alone (lists of tables are samples)."""
    text = (CONFIG / name).read_text("utf-8")
    as_it_is, on = read(text, name, EXAMPLES[name]), read(with_everything_on(text), name, EXAMPLES[name])
    samples = {"layouts", "technicians", "bins", "due_formats"}
    assert _without(as_it_is, samples) == _without(on, samples)


def _without(value: Any, samples: set[str]) -> Any:
    if dataclasses.is_dataclass(value):
        return {
            field.name: _without(getattr(value, field.name), samples)
            for field in dataclasses.fields(value)
            if field.name not in samples
        } | ({"settings": _profile(value)} if hasattr(value, "described") else {})
    if isinstance(value, dict):
        return {name: _without(each, samples) for name, each in value.items()}
    return value


def _profile(ils: Any) -> Any:
    """Settings of a profile by what they come to."""
    return dataclasses.replace(ils.described(), due_formats=())


def test_examples_are_right_but_for_the_files_of_the_site(tmp_path: Path) -> None:
    missing = re.compile(r"No such file or directory|cannot be read|key of checkout-1 is the one of the example")
    for mistake in check_machine(CONFIG / "checkout.example.toml") + check_gateway(CONFIG / "gateway.example.toml"):
        assert missing.search(mistake.what), mistake


def test_the_demo_machine_is_right_but_for_its_files(tmp_path: Path) -> None:
    text = (CONFIG / "checkout.demo.toml").read_text("utf-8").replace("@DEVICE@", "kiosk-1")
    text = re.sub("@[A-Z_]+@", "1080", text.replace("@ROOT@", "/tmp/demo").replace("@DIAGONAL@", "21.5"))
    path = tmp_path / "kiosk-1.toml"
    path.write_text(text, encoding="utf-8")
    assert all("No such file" in mistake.what for mistake in check_machine(path))


def test_devices_of_the_example_have_their_names_from_the_udev_rules() -> None:
    rules = (CONFIG / "udev" / "70-circdesk.rules").read_text("utf-8")
    settings = read((CONFIG / "checkout.example.toml").read_text("utf-8"), "x", CheckoutSettings)
    named = set(re.findall(r'^[^#].*SYMLINK\+="([^"]+)"', rules, re.MULTILINE))
    assert named == {"circdesk/pad", "circdesk/card", "circdesk/scanner", "circdesk/printer"}
    for name, part in settings.parts.items():
        scheme, _, rest = part.link.partition(":")
        if scheme == "serial":
            assert rest.split("?")[0] == f"/dev/circdesk/{name}"
        else:
            vendor, product = rest.split(":")
            assert f'ATTR{{idVendor}}=="{vendor}", ATTR{{idProduct}}=="{product}"' in rules
