"""gateway.toml: every mistake at once, with its line, in words a technician can use."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.gateway.config import Mode, load
from kiosk.gateway.registry import registry_of
from kiosk.gateway.service import subscriptions
from kiosk.gateway.sip2.profile import ChargedEntry
from kiosk.messages.topics import Address
from kiosk.settings import SettingsError

EXAMPLE = Path(__file__).parents[3] / "config" / "gateway.example.toml"


def mistakes(tmp_path: Path, *changes: tuple[str, str]) -> str:
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = tmp_path / "gateway.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load(path)
    return str(caught.value)


def line_of(text: str) -> int:
    return next(n for n, line in enumerate(EXAMPLE.read_text("utf-8").splitlines(), 1) if line.startswith(text))


def test_the_example_can_be_used() -> None:
    config = load(EXAMPLE)

    assert config.gateway.mode is Mode.PRODUCTION
    assert config.ils.described("secret").institution == "CUMT"
    assert Path(config.card.file) == EXAMPLE.parent / "gateway" / "cards.csv"


def test_several_mistakes_are_told_together(tmp_path: Path) -> None:
    told = mistakes(tmp_path, ('sites = ["cumt"]', 'sties = ["cumt"]'), ("port = 8883", 'port = "many"'))

    assert "did you mean 'sites'" in told
    assert f"line {line_of('port = 8883')}" in told


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('profile = "koha"', 'profile = "kohha"', "known are"),
        ('institution = "CUMT"', 'institutoin = "CUMT"', "institutoin is not a setting"),
        ('institution = "CUMT"', "login = 3", "login"),
        ('institution = "CUMT"', 'encoding = "klingon"', "encoding"),
        ("pin_tries = 3", "pin_tries = 0", "pin_tries"),
        ("sealed_days = 60", "sealed_days = 30", "ahead_days"),
        ('site = "cumt"', 'site = "elsewhere"', "not in gateway.sites"),
        ('ca = "ca.crt"', "", "belong together"),
        ("answer_s = 5.0", "answer_s = 0", "answer_s"),
        ("workers = 4", "workers = 1000", "workers"),
        ('institution = "CUMT"', 'due_formats = ["%Y-%m-%d", "YYYY-MM-DD"]', "'YYYY-MM-DD' can fit no date"),
        ('institution = "CUMT"', 'due_formats = ["%Y-%q"]', "'%Y-%q' can fit no date"),
        ('institution = "CUMT"', 'due_formats = ["100%"]', "'100%' can fit no date"),
        ('institution = "CUMT"', 'due_formats = [""]', 'such as "%Y-%m-%d"'),
        ('id = "checkout-1"', 'id = "Checkout 1"', "not a topic name"),
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "AAAA", "32 bytes"),
    ],
)
def test_a_mistake_is_told_in_words(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert words in mistakes(tmp_path, (old, new))


def test_a_machine_that_is_listed_twice_is_a_mistake(tmp_path: Path) -> None:
    block = EXAMPLE.read_text("utf-8")[EXAMPLE.read_text("utf-8").index("[[device]]") :]

    assert "more than once" in mistakes(tmp_path, ("[[device]]", f"{block}\n[[device]]"))


def test_a_setting_of_the_profile_keeps_its_type(tmp_path: Path) -> None:
    path = tmp_path / "gateway.toml"
    text = EXAMPLE.read_text("utf-8").replace(
        'institution = "CUMT"', 'charged_entry = "opaque"\ndue_formats = ["%d.%m."]'
    )
    path.write_text(text, "utf-8")
    profile = load(path).ils.described()

    assert profile.charged_entry is ChargedEntry.OPAQUE
    assert profile.due_formats == ("%d.%m.",)


def test_batches_may_be_shared_and_questions_go_to_every_gateway(tmp_path: Path) -> None:
    path = tmp_path / "gateway.toml"
    path.write_text(EXAMPLE.read_text("utf-8").replace('#share = ""', 'share = "gw"'), "utf-8")

    assert subscriptions(load(path)) == (
        "$share/gw/lib/v1/jalis/cumt/+/tx",
        "lib/v1/jalis/cumt/+/req/+",
        "lib/v1/jalis/cumt/+/state",
        "lib/v1/jalis/cumt/+/evt",
    )


def test_a_device_speaks_only_from_its_own_address() -> None:
    registry = registry_of(load(EXAMPLE))

    assert registry.at(Address(consortium="jalis", site="cumt", device="checkout-1")) is not None
    assert registry.at(Address(consortium="jalis", site="other", device="checkout-1")) is None
    assert registry.at(Address(consortium="jalis", site="cumt", device="checkout-2")) is None
