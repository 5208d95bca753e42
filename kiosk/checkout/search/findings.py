"""What of the numbered screen requirements does not hold, for those that are about flow. Empty lists are proofs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import msgspec

from kiosk.checkout.pad import Standing, verdicts
from kiosk.checkout.paper import Moment, PaperDesk, card
from kiosk.checkout.policy import Service
from kiosk.checkout.search.explore import Atlas, Sight, sight
from kiosk.checkout.search.happenings import (
    CARD,
    LOAN,
    NAME,
    NUMBER,
    OTHER_CARD,
    PADS,
    TITLE,
    TROUBLES,
    touches,
    troubles,
)
from kiosk.checkout.states import AtPad, Declined, End, Finished, Left, Tech, TechLogin, Working
from kiosk.flow.devices import CodeKind, PadHolds, Scanned
from kiosk.flow.events import PartChanged, PartHealth, Touched
from kiosk.messages.records import Intent
from kiosk.screen import Button, Clip, Modes, Screen, Tone, Touch

FOUND_MAX: Final = 20
TOUCHES_MAX: Final = 3
WAKES_MAX: Final = 120
EXTENSIONS: Final = 12
SLOW_S: Final = 10.5
WARNING_S_MIN: Final = 20.0
WAYS_OUT: Final = ("cancel", "back", "finish", "leave", "tech.exit", "tech.overview", "continue", "skip")
IN_STEPS: Final = ("card", "identifying", "pin", "pad", "pad_empty", "working", "put_back", "done")
DOCK: Final = ("mode.language", "mode.large", "mode.contrast", "mode.low", "help")


@dataclass(slots=True)
class Reading:
    """One atlas read page by page; what is found, by requirement."""

    atlas: Atlas
    found: dict[int, list[str]]
    home: dict[Sight, bool] = field(default_factory=dict)  # whether time alone leads home from here

    @property
    def paper(self) -> PaperDesk:
        return self.atlas.paper

    def note(self, number: int, holds: bool, what: str, here: Sight | None = None) -> None:
        found = self.found.setdefault(number, [])
        if holds or len(found) >= FOUND_MAX:
            return
        found.append(what if here is None else f"{what} [{self.atlas.story(here)}]")

    def pages(self) -> Iterator[tuple[Sight, Moment, Screen]]:
        for here, moment in self.atlas.moments.items():
            yield here, moment, self.paper.screen(moment)


def read(atlas: Atlas, found: dict[int, list[str]]) -> None:
    """Adds to `found` what this atlas shows."""
    reading = Reading(atlas, found)
    for text in atlas.unanswered:
        reading.note(35, False, text)
    for here, moment, screen in reading.pages():
        for check in _CHECKS:
            check(reading, here, moment, screen)
    _ways_home(reading)
    _one_of_each_view(reading)


def read_troubles(paper: PaperDesk, found: dict[int, list[str]]) -> None:
    """36, 38, 45: each fault has its screen, or a remark that says what still works."""
    reading = Reading(Atlas(paper), found)
    begun = paper.begin()
    both = [PartChanged(part=part, health=PartHealth.GONE) for part in ("pad", "scanner")]
    reading.note(
        36, paper.screen(paper.hear(begun, *both)).name == "out_of_service", "nothing reads books, and it lends"
    )
    rests = paper.screen(paper.hear(begun, TROUBLES["disk"][0])).name
    reading.note(36, rests == "out_of_service", "a full disk has no screen")
    for name in ("gateway", "library system", "journal", "pad", "card reader"):
        banner = paper.screen(paper.hear(begun, TROUBLES[name][0])).banner
        reading.note(36, banner is not None, f"{name}: the first screen says nothing")
    for name in ("gateway", "library system"):
        banner = paper.screen(paper.hear(begun, TROUBLES[name][0])).banner
        reading.note(45, banner is not None and bool(banner.sub), f"{name}: nothing says what still works")


# -- each screen by itself


def _dock(reading: Reading, here: Sight, moment: Moment, screen: Screen) -> None:
    """16, 17: language and ways to show things are in their places, one touch away, speech two."""
    technician = moment.volatile.visit is not None and isinstance(moment.volatile.visit.view, Tech | TechLogin)
    if technician or (screen.countdown is not None and screen.countdown.full_screen):
        return
    ids = tuple(button.id for button in screen.dock)
    reading.note(16, ids[:1] == DOCK[:1], "no language switch in its place", here)
    reading.note(17, ids == DOCK, "the dock lacks a mode", here)
    if not moment.volatile.ui:
        return
    other = reading.paper.touch(moment, "mode.language")
    same = sight(reading.paper.reducer.desk, other) == here
    turned = reading.paper.screen(other).lang != screen.lang
    reading.note(16, same and turned, "another language is another state", here)
    helped = moment if screen.name == "help" else reading.paper.touch(moment, "help")
    reading.note(17, "mode.speech" in reading.paper.buttons(helped), "the voice is more than two touches away", here)


def _twice(reading: Reading, here: Sight, moment: Moment, screen: Screen) -> None:
    """23: a double tap commits what one tap commits."""
    button = screen.primary
    if not isinstance(button, Button) or not moment.volatile.ui:
        return
    touch = Touched(touch=Touch(turn=0, button=button.id, confirms=button.confirms))
    once, twice = reading.paper.hear(moment, touch), reading.paper.hear(moment, touch, touch, touch)
    intents = [[b.item for b in m.records if isinstance(b, Intent)] for m in (once, twice)]
    same = intents[0] == intents[1] and len(once.volatile.tasks) == len(twice.volatile.tasks)
    reading.note(23, same, "a double tap does more than one", here)


def _way_out(reading: Reading, here: Sight, moment: Moment, screen: Screen) -> None:
    """25: after ten seconds of waiting there is a way out."""
    if moment.volatile.visit is None or not moment.volatile.ui:
        return
    later = reading.paper.wait(moment, SLOW_S)
    then = reading.paper.screen(later)
    full = then.countdown is not None and then.countdown.full_screen
    ways = {id_.split(":")[0] for id_ in reading.paper.buttons(later)}
    reading.note(
        25, later.volatile.visit is None or full or bool(ways & set(WAYS_OUT)), f"no way out of {then.name}", here
    )


def _warning(reading: Reading, here: Sight, moment: Moment, screen: Screen) -> None:
    """26, 27, 28: the warning is long enough, seen and heard, and says what is not done; its end does nothing."""
    visit = moment.volatile.visit
    if visit is None or visit.warned_until is None or screen.name != "timeout":
        return
    count = screen.countdown
    reading.note(26, count is not None and count.full_screen and count.total_s >= WARNING_S_MIN, "too short", here)
    reading.note(27, screen.clip is Clip.TIME and bool(screen.speech), "a warning nobody hears", here)
    desk = reading.paper.reducer.desk
    waiting = [v for v in verdicts(desk, moment.volatile) if v.standing is not Standing.DONE]
    if isinstance(visit.view, AtPad) and waiting:
        plain = reading.paper.reducer.sentences.say(screen.lang, "timeout.plain")
        reading.note(28, bool(screen.notes) and plain not in screen.notes, "does not say what is not done", here)
    after = reading.paper.wait(moment, count.total_s + 1 if count else 0.0)
    begun = [body for body in after.records if isinstance(body, Intent)]
    reading.note(28, not begun and after.volatile.visit is None, "the end of time does something", here)


def _left_behind(reading: Reading, here: Sight, moment: Moment, screen: Screen) -> None:
    """29, 30: what lies there stays nobody's until it is lifted, and is called what it is."""
    volatile = moment.volatile
    if volatile.visit is not None or not volatile.pad:
        return
    alarmed = screen.name == "clear_pad" and screen.clip is Clip.ATTENTION
    reading.note(29, alarmed, "books lie there and nobody is told", here)
    for event in (card(OTHER_CARD), PadHolds(tags=(*volatile.pad, *PADS["blank tag"]))):
        after = reading.paper.hear(moment, event)
        reading.note(29, after.volatile.visit is None, f"{type(event).__name__} begins a visit over left books", here)
    if set(volatile.leftover.values()) == {Left.LENT} and screen.headline is not None:
        lent = reading.paper.reducer.sentences.say(screen.lang, "clear.lent")
        reading.note(30, screen.headline.sub == lent, "borrowed books are not called borrowed", here)


def _private(reading: Reading, here: Sight, moment: Moment, screen: Screen) -> None:
    """31, 32: a masked name and no number; and after the visit nothing at all."""
    text = msgspec.json.encode(screen).decode()
    reading.note(31, NUMBER not in text and CARD not in text, "a number on the screen", here)
    if moment.volatile.visit is None:
        # Books of several kinds that lie there are named: nobody could put them where they go otherwise.
        told = screen.name == "clear_pad" and len(set(moment.volatile.leftover.values())) > 1
        kept = [secret for secret in ((NAME, LOAN) if told else (NAME, TITLE, LOAN)) if secret in text]
        reading.note(32, not kept, f"{kept} after the visit", here)


def _problems(reading: Reading, here: Sight, moment: Moment, screen: Screen) -> None:
    """33, 34, 37: what happened, what to do, what becomes of the book; counts and the problem first."""
    for row in screen.rows:
        if row.tone is Tone.STOP:
            reading.note(33, bool(row.value and row.remedy), f"{row.title!r} has no next step", here)
    if screen.name == "declined":
        head = screen.headline
        reading.note(33, head is not None and bool(head.text and head.sub and screen.notes), "a no without a why", here)
    reading.note(34, not screen.reference or screen.headline is not None, "a code alone", here)
    visit = moment.volatile.visit
    if visit is None or screen.name != "done":
        return
    ends = {task.end for task in moment.volatile.tasks.values() if task.visit == visit.n}
    if End.NOT_DONE in ends and len(ends) > 1 and screen.headline is not None:
        first = screen.rows[0]
        reading.note(
            37, bool(screen.headline.of) and first.tone is Tone.STOP, "a part success told as a whole one", here
        )


def _consistent(reading: Reading, here: Sight, moment: Moment, screen: Screen) -> None:
    """33: no part of a screen says that something can be borrowed where another says that nothing can."""
    say = partial(reading.paper.reducer.sentences.say, screen.lang)
    noes = {say(key) for key in ("declined.title", "declined.title_card", "declined.title_away", "card.away")}
    heads = {screen.headline.text if screen.headline else "", screen.primary.text if screen.primary else ""}
    if not heads & noes:
        return
    banner = screen.banner.text if screen.banner else ""
    offers = [text for text in map(say, ("offline.title", "offline.title_borrow")) if text == banner]
    open_ = {say("word.recognised"), say("word.can_borrow")}
    offers += [row.title for row in screen.rows if row.tone is Tone.GO and row.value in open_]
    reading.note(33, not offers, f"{screen.name} says both no and yes: {offers}", here)


def _scan_is_answered(reading: Reading, here: Sight, moment: Moment, screen: Screen) -> None:
    """33: a reader who scans a book is told what becomes of it."""
    visit = moment.volatile.visit
    technician = visit is not None and isinstance(visit.view, Tech | TechLogin)
    if moment.volatile.leftover or technician or not moment.volatile.ui:
        return
    after = reading.paper.hear(moment, Scanned(kind=CodeKind.ITEM, text="D7"))
    then = reading.paper.screen(after)
    listed = any("D7" in row.id for row in then.rows)
    told = then.banner is not None and after.volatile.visit is not None and bool(after.volatile.visit.notice)
    reading.note(33, listed or told, f"a scan is passed over on {screen.name}", here)


def _done(reading: Reading, here: Sight, moment: Moment, screen: Screen) -> None:
    """38: no paper, no offer."""
    if screen.name == "done" and "paper" in troubles(moment.volatile):
        reading.note(38, "print" not in reading.paper.buttons(moment), "a slip is offered without paper", here)


def _always(reading: Reading, here: Sight, moment: Moment, screen: Screen) -> None:
    """40, 43: where one is, and a text for the voice. No step counts as done that is not."""
    reading.note(40, screen.name not in IN_STEPS or screen.steps is not None, f"{screen.name} shows no step", here)
    visit = moment.volatile.visit
    if screen.steps is not None and visit is not None:
        card_step = reading.paper.reducer.sentences.say(screen.lang, "step.card")
        told = card_step in screen.steps.names[: screen.steps.now - 1]
        known = visit.reader is not None and visit.service is not Service.CHECKIN
        reading.note(40, told == known, f"{screen.name} tells of a card", here)
    reading.note(43, bool(screen.speech.strip()), f"{screen.name} says nothing", here)


def _hidden(reading: Reading, here: Sight, moment: Moment, screen: Screen) -> None:
    """47: no reader comes upon the technician's door."""
    visit = moment.volatile.visit
    if visit is None or not (visit.reader or isinstance(visit.view, Working)):
        return
    after = reading.paper.hear(moment, Touched(touch=Touch(turn=0, button="tech.enter")))
    there = after.volatile.visit is not None and isinstance(after.volatile.visit.view, Tech | TechLogin)
    reading.note(47, not there, "a long press in a visit opens the door", here)


Check = Callable[[Reading, Sight, Moment, Screen], None]
_CHECKS: Final[tuple[Check, ...]] = (
    _dock,
    _twice,
    _way_out,
    _warning,
    _left_behind,
    _private,
    _problems,
    _consistent,
    _scan_is_answered,
    _done,
    _always,
    _hidden,
)


# -- the way home


def _ways_home(reading: Reading) -> None:
    """35: from everywhere home is three touches away, or comes by itself."""
    at_home = {here for here, moment in reading.atlas.moments.items() if moment.volatile.visit is None}
    near = set(at_home)
    for _ in range(TOUCHES_MAX):
        near |= {
            here
            for here, ways in reading.atlas.ways.items()
            if any(name.startswith("touch") and there in near for name, there in ways)
        }
    for here in tuple(reading.atlas.moments):
        reading.note(35, here in near or _time_leads_home(reading, here), "no way home", here)


def _time_leads_home(reading: Reading, here: Sight) -> bool:
    """Nobody touches anything: follows time from sight to sight."""
    trail: list[Sight] = []
    while here not in reading.home and here not in trail:
        trail.append(here)
        moment = reading.atlas.moments[here]
        if moment.volatile.visit is None:
            reading.home[here] = True
            break
        following = _next_sight(reading, moment, here)
        if following is None:
            reading.home[here] = False
            break
        here = following
    result = reading.home.get(here, False)
    reading.home.update(dict.fromkeys(trail, result))
    return result


def _next_sight(reading: Reading, moment: Moment, here: Sight) -> Sight | None:
    desk = reading.paper.reducer.desk
    for _ in range(WAKES_MAX):
        if reading.paper.next_due(moment) is None:
            return None
        moment = reading.paper.wake(moment)
        there = sight(desk, moment)
        if there != here:
            reading.atlas.moments.setdefault(there, moment)
            reading.atlas.came.setdefault(there, ("time", here))
            return there
    return None


# -- one moment of each view: what takes too long for all


def _one_of_each_view(reading: Reading) -> None:
    """18, 26: settings end with the visit; the warning comes after its time, and may be put off for ever."""
    seen: set[str] = set()
    for here, moment in list(reading.atlas.moments.items()):
        visit = moment.volatile.visit
        if visit is None or visit.warned_until is not None or not moment.volatile.ui:
            continue
        view = type(visit.view).__name__
        if view in seen or isinstance(visit.view, Tech | TechLogin | Working):
            continue
        seen.add(view)
        _put_off(reading, here, moment)
        _settings_end(reading, here, moment)


def _put_off(reading: Reading, here: Sight, moment: Moment) -> None:
    desk, paper = reading.paper.reducer.desk, reading.paper
    visit = moment.volatile.visit
    assert visit is not None
    closes = isinstance(visit.view, Finished | Declined)
    for _ in range(EXTENSIONS):
        began = moment.volatile.visit.touched if moment.volatile.visit else 0.0
        moment = _until_warned(paper, moment)
        if closes or moment.volatile.visit is None:
            reading.note(26, closes and moment.mono - began >= desk.times.finished_s, "closes without a warning", here)
            return
        reading.note(26, moment.mono - began >= desk.times.idle_s, "warned too early", here)
        (name, moment), *_ = touches(paper, moment)
        again = moment.volatile.visit is not None and moment.volatile.visit.warned_until is None
        reading.note(26, name == "touch anywhere" and again, "a touch does not go on", here)


def _until_warned(paper: PaperDesk, moment: Moment) -> Moment:
    for _ in range(WAKES_MAX):
        if moment.volatile.visit is None or moment.volatile.visit.warned_until is not None:
            break
        moment = paper.wake(moment)
    return moment


def _settings_end(reading: Reading, here: Sight, moment: Moment) -> None:
    paper = reading.paper
    if "mode.language" not in paper.buttons(moment):
        return
    moment = paper.touch(paper.touch(moment, "mode.language"), "mode.large")
    for _ in range(WAKES_MAX):
        if moment.volatile.visit is None:
            break
        moment = paper.wake(moment)
    desk, volatile = paper.reducer.desk, moment.volatile
    reset = volatile.visit is None and volatile.language == desk.language and volatile.modes == Modes()
    reading.note(18, reset, "settings outlive the visit", here)
