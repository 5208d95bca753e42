"""What the desk asks about the books on its pad."""

from __future__ import annotations

from kiosk.flow.step import AskAbout
from tests.unit.checkout.bench import Desktop


def test_a_book_that_is_asked_about_again_is_asked_under_another_number() -> None:
    """The first question may still be waiting for a slow library system."""
    desktop = Desktop()
    desktop.put("D1")
    desktop.tap()
    desktop.run(1)
    desktop.touch("borrow")
    desktop.run(2)
    desktop.touch("again")
    desktop.run(1)
    questions = [each.corr for each in desktop.log if isinstance(each, AskAbout)]
    assert len(questions) >= 2
    assert len(questions) == len(set(questions))
