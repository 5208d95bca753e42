"""What a finger says reaches the machine, and no log."""

from __future__ import annotations

from kiosk.flow.events import Touched
from kiosk.screen import Touch


def test_the_digits_of_a_pin_show_in_no_repr() -> None:
    touch = Touch(turn=3, button="pin", text="480213")
    assert "480213" not in repr(touch) + repr(Touched(touch=touch)) + str([touch])
    assert touch.text == "480213"
