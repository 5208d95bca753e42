"""Everything that can happen at a small desk, searched whole: it is answered, and nobody is stuck."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.checkout.paper import PaperDesk, sample_desk
from kiosk.checkout.picture import books, lobby, parts
from kiosk.checkout.reduce import confirm, items, session, tech
from kiosk.checkout.search import FLOW_REQUIREMENTS, MOMENTS_MAX, flow_findings
from kiosk.checkout.search.diagrams import Sketch, drawn
from kiosk.checkout.search.explore import Atlas, explore
from kiosk.checkout.search.findings import read
from kiosk.checkout.search.happenings import TROUBLES
from kiosk.checkout.states import Links, TechLogin
from kiosk.screen import Icon
from tests.unit.checkout.bench import sentences

DOCS = Path(__file__).parents[3] / "docs" / "flows"
SENTENCES = sentences()
A_FEW = 3


@pytest.fixture(scope="module")
def survey() -> tuple[Atlas, Sketch]:
    paper, sketch = PaperDesk.of(sample_desk(), SENTENCES), Sketch()
    return explore(paper, paper.begin(), MOMENTS_MAX, watch=sketch.watch), sketch


def findings(atlas: Atlas) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    read(atlas, found)
    return {number: texts for number, texts in found.items() if texts}


def test_nothing_is_found_where_nothing_is_out_of_order(survey: tuple[Atlas, Sketch]) -> None:
    assert findings(survey[0]) == {}


def test_the_search_reaches_every_screen(survey: tuple[Atlas, Sketch]) -> None:
    atlas = survey[0]
    names = {atlas.paper.screen(moment).name for moment in atlas.moments.values()}
    assert {"attract", "card", "identifying", "pin", "declined", "pad", "pad_empty", "working", "put_back"} <= names
    assert {"done", "loans", "loans_loading", "loans_failed", "holds", "fees", "help", "timeout", "clear_pad"} <= names
    assert {"tech_login", "tech", "tech_part"} <= names


@pytest.mark.parametrize("name", ["checkout-visit.md", "checkout-item.md", "checkout-key.md"])
def test_the_drawn_diagrams_are_those_of_the_code(survey: tuple[Atlas, Sketch], name: str) -> None:
    """Mend with: kiosk.checkout.search.write(sentences, Path("docs/flows"))."""
    assert (DOCS / name).read_text("utf-8") == drawn(survey[1])[name]


@pytest.mark.slow
def test_nothing_is_found_whatever_is_out_of_order_all_the_time() -> None:
    found = flow_findings(SENTENCES, ("", *TROUBLES))
    assert set(found) >= set(FLOW_REQUIREMENTS)
    assert [texts for texts in found.values() if texts] == []


@pytest.mark.slow
def test_whatever_breaks_in_whatever_moment_is_answered() -> None:
    paper = PaperDesk.of(sample_desk(), SENTENCES)
    atlas = explore(paper, paper.begin(), 40_000, faults=True)
    assert atlas.unanswered == []


# -- desks that break what the search must find


@dataclass(frozen=True)
class Broken:
    """`finds`: the requirement that must be found broken."""

    name: str
    finds: int
    where: Any
    what: str
    make: Callable[[Any], Any]


def _without_secondary(picture: Any) -> Any:
    return lambda *args: replace(picture(*args), secondary=())


def _dock_turned(dock: Any) -> Any:
    return lambda brush: tuple(reversed(dock(brush)))


def _plain_warning(_: Any) -> Any:
    return lambda brush, visit: brush.say("timeout.plain")


def _silent_leftovers(leftover: Any) -> Any:
    return lambda brush: lobby._attract(brush)


def _title_on_attract(attract: Any) -> Any:
    return lambda brush: replace(attract(brush), hint="红楼梦")


def _no_remedy(row: Any) -> Any:
    return lambda *args: replace(row(*args), remedy="", remedy_icon=Icon.NONE)


def _no_counts(finished: Any) -> Any:
    def whole(*args: Any) -> Any:
        screen = finished(*args)
        return replace(screen, headline=replace(screen.headline, of=""))

    return whole


def _hasty(idle: Any) -> Any:
    return lambda turn: 10.0


def _never(idle: Any) -> Any:
    return lambda turn: turn


def _short_warning(warning: Any) -> Any:
    def short(*args: Any) -> Any:
        screen = warning(*args)
        return replace(screen, countdown=replace(screen.countdown, total_s=5.0))

    return short


def _keeps_modes(end: Any) -> Any:
    def keep(turn: Any) -> Any:
        modes = turn.here.modes
        return end(turn).know(modes=modes)

    return keep


def _open_door(touched: Any) -> Any:
    def enter(turn: Any, touch: Any) -> Any:
        if touch.button == "tech.enter" and turn.volatile.visit is not None:
            return turn.view(TechLogin())
        return touched(turn, touch)

    return enter


def _mute(_: Any) -> Any:
    return lambda parts: ""


def _card_always_done(_: Any) -> Any:
    return lambda volatile: ("card", "books", "choose", "done")


def _offers_under_a_no(_: Any) -> Any:
    return lambda brush, own=None: parts.offline_banner(replace(brush, volatile=replace(brush.volatile, links=Links())))


def _rows_as_if_open(row: Any) -> Any:
    return lambda brush, verdict, returning, held: row(brush, verdict, returning, False)


def _deaf_to_scans(_: Any) -> Any:
    return lambda turn: turn


BROKEN = (
    Broken("the steps count a card that nobody showed", 40, parts, "_way", _card_always_done),
    Broken("a refusal stands under an offer to borrow", 33, lobby, "remark", _offers_under_a_no),
    Broken("a book looks open where nothing can be borrowed", 33, books, "_verdict_row", _rows_as_if_open),
    Broken("a scanned book is noted without a word", 33, items, "_shown", _deaf_to_scans),
    Broken("a long wait has no way out", 25, books, "working", _without_secondary),
    Broken("the dock is in another order", 16, parts, "_dock", _dock_turned),
    Broken("the warning keeps quiet about books", 28, lobby, "_undone_yet", _plain_warning),
    Broken("left books raise no alarm", 29, lobby, "_leftover", _silent_leftovers),
    Broken("the first screen shows a title", 32, lobby, "_attract", _title_on_attract),
    Broken("a refused book has no next step", 33, books, "_not_done_row", _no_remedy),
    Broken("a part success is called whole", 37, books, "finished", _no_counts),
    Broken("the warning comes too early", 26, session, "_idle_s", _hasty),
    Broken("time ends no visit", 35, session, "idle", _never),
    Broken("the warning is too short", 26, lobby, "warning", _short_warning),
    Broken("modes outlive the visit", 18, session, "end", _keeps_modes),
    Broken("the technician's door stands open", 47, tech, "touched", _open_door),
    Broken("the voice has nothing to say", 43, parts, "_speech", _mute),
)


@pytest.fixture(scope="module")
def a_few(survey: tuple[Atlas, Sketch]) -> Atlas:
    """Of each screen the first moments that the search met, and the ways between all of them."""
    atlas = survey[0]
    seen: dict[str, int] = {}
    few = Atlas(atlas.paper, came=dict(atlas.came))
    for here, moment in atlas.moments.items():
        screen = atlas.paper.screen(moment)
        tones = sorted({row.tone for row in screen.rows})
        main = f"{screen.primary.text if screen.primary else ''} {tones}"
        name = f"{screen.name} {screen.headline.of if screen.headline else ''} {bool(moment.volatile.pad)} {main}"
        seen[name] = seen.get(name, 0) + 1
        if seen[name] <= A_FEW:
            few.moments[here] = moment
    return few


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_a_broken_desk_is_found(broken: Broken, a_few: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broken.where, broken.what, broken.make(getattr(broken.where, broken.what)))
    fresh = Atlas(a_few.paper, moments=dict(a_few.moments), came=dict(a_few.came))
    assert broken.finds in findings(fresh)


def test_a_second_tap_that_begins_again_is_found(a_few: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    renew = confirm.renew

    def twice(turn: Any, confirms: Any) -> Any:
        known = turn.here.reader.known
        return renew(turn, tuple(line.item for line in known.loans)) if known else turn

    monkeypatch.setattr(confirm, "_work", lambda turn: turn)
    monkeypatch.setattr(confirm, "renew", twice)
    fresh = Atlas(a_few.paper, moments=dict(a_few.moments), came=dict(a_few.came))
    assert 23 in findings(fresh)


def test_the_few_moments_by_themselves_show_nothing(a_few: Atlas) -> None:
    fresh = Atlas(a_few.paper, moments=dict(a_few.moments), came=dict(a_few.came))
    assert findings(fresh) == {}
