"""What the desk asks about the books on its pad."""

from __future__ import annotations

from kiosk.flow.step import AskAbout
from tests.unit.checkout.bench import Desktop


def test_a_book_laid_down_again_before_the_answer_came_is_asked_about_under_another_number() -> None:
    desktop = Desktop()
    desktop.tap()
    desktop.run(1)
    desktop.put("D1")
    desktop.lift("D1")
    desktop.put("D1")
    questions = [each.corr for each in desktop.log if isinstance(each, AskAbout)]
    assert len(questions) == len(set(questions))
    desktop.run(1)
    assert desktop.screen.rows[0].title == "书 D1"
