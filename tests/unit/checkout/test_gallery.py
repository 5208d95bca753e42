"""The gallery shows every screen the desk can draw, really played, in both languages."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import msgspec
import pytest

import kiosk.checkout.picture as pictures
from kiosk.checkout.gallery import gallery
from kiosk.checkout.gallery.stage import CALLS, LONG_TITLES, TITLES
from kiosk.checkout.picture.words import words
from kiosk.domain import Refusal
from kiosk.messages.records import Op
from kiosk.screen import Modes, Screen
from kiosk.screen.sentences import pseudo
from tests.unit.checkout.bench import CONFIG, sentences

TABLE = sentences()
LARGE = Modes(large=True, contrast=True)


@pytest.fixture(scope="module", params=["zh", "en"])
def screens(request: pytest.FixtureRequest) -> tuple[Screen, ...]:
    return gallery(TABLE, request.param, Modes())


def drawn() -> set[str]:
    """The names in the code that draws."""
    folder = Path(pictures.__file__).parent
    code = "".join(path.read_text("utf-8") for path in sorted(folder.glob("*.py")))
    return set(re.findall(r'(?:brush\.screen\(\s*|_plain\(brush, )"(\w+)"', code))


def test_every_screen_there_is_hangs_in_the_gallery(screens: tuple[Screen, ...]) -> None:
    assert drawn() == {screen.name for screen in screens}


def test_every_refusal_is_shown_where_it_can_meet_a_reader(screens: tuple[Screen, ...]) -> None:
    said = " ".join(row.value for screen in screens for row in screen.rows)
    told = " ".join(s.headline.sub for s in screens if s.name == "declined" and s.headline)
    for reason in Refusal:
        if reason in (Refusal.PIN_WRONG, Refusal.PIN_NEEDED):  # asks again instead of refusing
            continue
        key = words(reason, Op.RENEW if reason.name.startswith("RENEW") else Op.CHECKOUT)
        plain = f"{key.reason}#plain" if f"{key.reason}#plain" in TABLE else key.reason
        lang = screens[0].lang
        assert TABLE.say(lang, key.word) in said or TABLE.table[plain][lang] in told or reason is Refusal.PIN_LOCKED


def test_titles_are_those_of_the_demo_library_and_its_longest_are_among_them() -> None:
    with (CONFIG / "demo" / "titles.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    known = {row["title"]: row["call_number"] for row in rows}
    assert set(TITLES) <= set(known)
    assert max(known, key=len) in TITLES
    assert all(len(title) > 17 for title in LONG_TITLES)
    assert set(CALLS) <= set(known.values())


def test_each_screen_says_what_happened_what_to_do_and_how_to_leave(screens: tuple[Screen, ...]) -> None:
    for screen in screens:
        assert screen.headline is not None, screen.name
        assert screen.headline.text
        assert screen.speech, screen.name
        at_rest = screen.name in ("clear_pad", "out_of_service")
        assert screen.primary is not None or screen.keypad is not None or at_rest or screen.name == "tech_login"
        assert screen.secondary or screen.name in (
            "attract",
            "working",
            "clear_pad",
            "out_of_service",
            "timeout",
            "done",
        )


def test_no_screen_mixes_languages(screens: tuple[Screen, ...]) -> None:
    """Titles, names and the library's own places stay as they are."""
    for screen in screens:
        said = [screen.hint, *screen.notes, *(button.text for button in screen.secondary)]
        said += [text for row in screen.rows for text in (row.label, row.value, row.reason)]
        said += [screen.headline.text, screen.banner.text if screen.banner else ""] if screen.headline else []
        han = any(re.search(r"[一-鿿]", text) for text in said)
        assert han or screen.lang == "en" or not "".join(said)
        assert not han or screen.lang == "zh" or screen.name in ("help", "tech"), (screen.name, said)


def test_modes_and_language_hold_on_every_screen() -> None:
    """After a visit the next reader begins with the library's own way to show things."""
    for screen in gallery(TABLE, "en", LARGE):
        assert screen.lang == "en"
        assert screen.modes == LARGE or screen.name in ("attract", "clear_pad")


def test_the_gallery_can_be_hung_in_a_longer_language() -> None:
    longer = gallery(pseudo(TABLE), "en", Modes())
    plain = gallery(TABLE, "en", Modes())
    assert [screen.name for screen in longer] == [screen.name for screen in plain]
    assert len(msgspec.json.encode(longer)) > len(msgspec.json.encode(plain))


def test_the_gallery_is_the_same_every_time() -> None:
    assert gallery(TABLE, "zh", Modes()) == gallery(TABLE, "zh", Modes())
