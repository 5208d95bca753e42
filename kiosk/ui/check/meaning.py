"""Checkers of what a screen says, whatever it looks like."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kiosk.screen import Art, Button, Clip, Icon, Screen, Strip, Tone
from kiosk.ui.check.case import Case

CHOICES_MAX = 5
WARNING_S_MIN = 20.0
NAMELESS = frozenset({"读者"})  # what a reader without a name is called
_LONG_NUMBER = re.compile(r"\d{8,}")
_BARE_NAME = re.compile(r"^(?:[\u4e00-\u9fff]{2,3}|[A-Z][a-z]+ [A-Z][a-z]+)$")


def _sentences(screen: Screen) -> list[str]:
    head, banner = screen.headline, screen.banner
    texts = [head.text, head.sub] if head else []
    texts += [banner.text, banner.sub] if banner else []
    texts += [screen.hint, *screen.notes]
    texts += [t for row in screen.rows for t in (row.title, row.sub, row.reason, row.remedy)]
    if isinstance(screen.primary, Strip):
        texts += [screen.primary.text, screen.primary.sub]
    return [t for t in texts if t]


def one_question(case: Case) -> Iterator[str]:
    screen = case.screen
    asked = [part.text for part in (screen.headline, screen.banner) if part is not None]
    questions = [t for t in asked if t.rstrip().endswith(("?", "？"))]
    if len(questions) > 1 or (questions and screen.keypad is not None):
        yield f"asks more than one thing: {questions}"


def few_choices(case: Case) -> Iterator[str]:
    if case.staff:
        return
    count = len(case.screen.secondary) + (isinstance(case.screen.primary, Button) or case.screen.keypad is not None)
    if count > CHOICES_MAX:
        yield f"{count} choices beside the lists"


def language_switch(case: Case) -> Iterator[str]:
    if not case.staff and case.language_box() is None and case.screen.name != "ui.lost":
        yield "no language switch in the dock"


def settings_near(case: Case) -> Iterator[str]:
    """Large text, contrast and low reach at one tap; speech at one, or at two through help."""
    if case.staff or case.screen.name == "ui.lost":
        return
    icons = {button.icon for button in case.screen.dock}
    for icon in (Icon.LARGE, Icon.CONTRAST, Icon.REACH):
        if icon not in icons:
            yield f"no {icon.value} button in the dock"
    if not icons & {Icon.SPEECH, Icon.HELP}:
        yield "neither speech nor help in the dock"


def warning_is_long(case: Case) -> Iterator[str]:
    countdown = case.screen.countdown
    if countdown is None or not countdown.full_screen:
        return
    if countdown.total_s < WARNING_S_MIN:
        yield f"warns for {countdown.total_s:.0f} s only"
    for scene in case.pages:
        far = scene.at(scene.width_px / 2, 2)
        if far is None or not far.primary:
            yield "a touch anywhere does not go on"


def warning_is_heard(case: Case) -> Iterator[str]:
    countdown = case.screen.countdown
    if countdown is not None and countdown.full_screen and case.screen.clip is not Clip.TIME:
        yield "the time-out warning makes no sound"


def left_books_alert(case: Case) -> Iterator[str]:
    if case.screen.art is Art.CLEAR_PAD and case.screen.clip is not Clip.ATTENTION:
        yield "books are left and no sound calls"


def masked(case: Case) -> Iterator[str]:
    screen = case.screen
    names = [screen.who, screen.person.name if screen.person and screen.person.value else ""]
    for name in names:
        if _BARE_NAME.match(name) and name not in NAMELESS:
            yield "a name is not masked"
    for text in _sentences(screen):
        if not case.staff and _LONG_NUMBER.search(text):
            yield "a number of eight digits or more is shown"


def errors_help(case: Case) -> Iterator[str]:
    """What happened, what to do, and what of the books."""
    screen = case.screen
    trouble = screen.art is Art.RESTING or (screen.banner is not None and screen.banner.tone is Tone.STOP)
    if not trouble or case.staff:
        return
    if len(_sentences(screen)) < 3:
        yield "an error that says less than what happened, what to do and what of the books"
    if screen.primary is None and not screen.rows and not screen.notes:
        yield "an error without anything to do"


def codes_not_alone(case: Case) -> Iterator[str]:
    if case.screen.reference and not _sentences(case.screen):
        yield "an error code without a sentence"


def partial_counts(case: Case) -> Iterator[str]:
    head = case.screen.headline
    if head is None or not head.of or not head.numeral.isdigit() or not head.of.isdigit():
        return
    waiting = any(row.icon in (Icon.WAIT, Icon.QUEUED) for row in case.screen.rows)
    if int(head.numeral) < int(head.of) and not waiting:
        named = case.screen.banner is not None or any(row.reason or row.remedy for row in case.screen.rows)
        if not named:
            yield f"{head.numeral} of {head.of}, and nothing names the rest"


def steps_of_three(case: Case) -> Iterator[str]:
    steps = case.screen.steps
    if steps is not None and not (len(steps.names) <= 3 and 1 <= steps.now <= len(steps.names)):
        yield f"step {steps.now} of {len(steps.names)}"


def waits_are_named(case: Case) -> Iterator[str]:
    for row in case.screen.rows:
        if row.icon in (Icon.WAIT, Icon.QUEUED) and not (row.value or row.label or row.reason):
            yield f"row {row.id} waits without a word"


def spoken(case: Case) -> Iterator[str]:
    if not case.staff and not case.screen.speech:
        yield "the voice has nothing to say"


def sounds_are_seen(case: Case) -> Iterator[str]:
    screen = case.screen
    seen = {
        Clip.NONE: True,
        Clip.TAP: True,
        Clip.DONE: screen.headline is not None,
        Clip.ATTENTION: screen.headline is not None or screen.banner is not None,
        Clip.TIME: screen.countdown is not None,
    }
    if not seen[screen.clip]:
        yield f"the sound {screen.clip.value} has no twin on the screen"


def offline_says_what_works(case: Case) -> Iterator[str]:
    banner = case.screen.banner
    if banner is not None and banner.icon is Icon.OFFLINE and not (banner.sub or case.screen.rows or case.screen.notes):
        yield "offline, and nothing says what still works"


def fees_are_quiet(case: Case) -> Iterator[str]:
    for row in case.screen.rows:
        if row.icon in (Icon.FEE, Icon.HOLD) and row.tone is Tone.STOP:
            yield f"row {row.id}: a fee or a hold in the colour of alarm"


def technician_is_hidden(case: Case) -> Iterator[str]:
    if case.staff:
        return
    for _, _, target in case.targets():
        if target.id.startswith("tech."):
            yield f"{target.id} can be pressed by a reader"
