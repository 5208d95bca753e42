"""The technician's door: whoever guesses PINs is shut out for a while, and what is measured is said in words."""

from __future__ import annotations

import pytest

from kiosk.flow.devices import CardGone, PartTested, TechnicianKnown, TechnicianRefused
from kiosk.flow.events import PartChanged, PartHealth, Touched
from kiosk.flow.orders import CheckTechnician
from kiosk.flow.step import Report
from kiosk.screen import Touch
from tests.unit.checkout.bench import CARD, Desktop, desk

LOCK_S = 600.0


def door(desktop: Desktop) -> None:
    desktop.hear(Touched(touch=Touch(turn=0, button="tech.enter")))
    assert desktop.screen.name == "tech_login"


def attempt(desktop: Desktop, *, right: bool = False) -> None:
    """Card and PIN, and the answer to them."""
    desktop.tap()
    desktop.touch("tech.pin", text="1234")
    desktop.hear(TechnicianKnown(name="张*") if right else TechnicianRefused())
    desktop.hear(CardGone())


def locked() -> Desktop:
    desktop = Desktop()
    door(desktop)
    for _ in range(3):
        attempt(desktop)
    return desktop


def shut(desktop: Desktop) -> bool:
    """A card and the right PIN open nothing and ask nobody."""
    asked = sum(isinstance(command, CheckTechnician) for command in desktop.log)
    desktop.tap()
    keys = desktop.screen.keypad
    desktop.hear(CardGone())
    desktop.hear(Touched(touch=Touch(turn=0, button="tech.pin", text="1234")))
    desktop.hear(TechnicianKnown(name="张*"))
    more = sum(isinstance(command, CheckTechnician) for command in desktop.log) - asked
    return keys is None and more == 0 and desktop.screen.name == "tech_login"


def test_three_wrong_pins_shut_the_door_for_ten_minutes() -> None:
    desktop = locked()
    assert "10 分钟" in desktop.screen.headline.sub  # type: ignore[union-attr]
    assert shut(desktop)
    desktop.touch("tech.exit")
    desktop.run(LOCK_S - 120)
    door(desktop)
    assert "2 分钟" in desktop.screen.headline.sub  # type: ignore[union-attr]
    assert shut(desktop)
    desktop.touch("tech.exit")
    desktop.run(121)
    door(desktop)
    attempt(desktop, right=True)
    assert desktop.screen.name == "tech"


def test_leaving_between_tries_or_before_the_answer_saves_no_try() -> None:
    desktop = Desktop()
    for _ in range(3):
        door(desktop)
        desktop.tap()
        desktop.touch("tech.pin", text="1234")
        desktop.touch("tech.exit")
        desktop.hear(TechnicianRefused())
        desktop.hear(CardGone())
    door(desktop)
    assert shut(desktop)


def test_the_third_pin_may_still_be_the_right_one_and_clears_the_count() -> None:
    desktop = Desktop()
    door(desktop)
    attempt(desktop)
    attempt(desktop)
    attempt(desktop, right=True)
    assert desktop.screen.name == "tech"
    desktop.touch("tech.exit")
    door(desktop)
    attempt(desktop)
    attempt(desktop, right=True)
    assert desktop.screen.name == "tech"


def test_wrong_pins_of_long_ago_do_not_count() -> None:
    desktop = Desktop()
    door(desktop)
    attempt(desktop)
    attempt(desktop)
    desktop.run(LOCK_S)
    door(desktop)
    attempt(desktop)
    attempt(desktop, right=True)
    assert desktop.screen.name == "tech"


def test_a_shut_door_is_reported_without_card_or_pin() -> None:
    desktop = locked()
    reports = [command for command in desktop.log if isinstance(command, Report)]
    assert [report.what for report in reports] == ["technician_refused", "technician_refused", "technician_locked"]
    assert not any(secret in repr(reports) for secret in (CARD, "1234"))


def test_readers_are_served_while_the_technicians_door_is_shut() -> None:
    desktop = locked()
    desktop.touch("tech.exit")
    desktop.tap()
    desktop.run(1)
    assert desktop.screen.name == "pad_empty"


@pytest.mark.parametrize(
    ("lang", "said"), [("zh", ("标签 2/3 · 40 毫秒", "已打印")), ("en", ("Tags 2/3 · 40 ms", "Printed"))]
)
def test_what_a_test_measured_is_said_in_the_technicians_language(lang: str, said: tuple[str, str]) -> None:
    desktop = Desktop(desk=desk(language=lang))
    desktop.hear(PartChanged(part="printer", health=PartHealth.OK))
    door(desktop)
    attempt(desktop, right=True)
    desktop.hear(PartTested(part="pad", ok=False, numbers="2/3 · 40 ms"))
    desktop.hear(PartTested(part="printer", ok=True, numbers="printed"))
    numbers = {tile.id: tile.number.partition("\n")[0] for tile in desktop.screen.tiles}
    assert (numbers["pad"], numbers["printer"]) == said
    desktop.hear(PartTested(part="pad", ok=True, numbers="ok · 4 ms"))
    pad = next(tile.number.partition("\n")[0] for tile in desktop.screen.tiles if tile.id == "pad")
    assert pad == ("正常 · 4 毫秒" if lang == "zh" else "OK · 4 ms")
