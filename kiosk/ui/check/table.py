"""The requirements, each with how it is checked."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from kiosk.ui.check import behaviour, meaning, shape
from kiosk.ui.check.case import Case, Checker
from kiosk.ui.text import Ruler

FingerChecker = Callable[[Case, Ruler], Iterator[str]]


class How(enum.StrEnum):
    """Where the proof comes from."""

    SCREEN = "screen"  # every laid-out screen
    FINGER = "finger"  # every screen under a simulated finger
    WHOLE = "whole"  # all screens together
    PROOF = "proof"  # a function of the machine, passed in
    HAND = "hand"  # hardware at the site


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """`screens` and `fingers` are run for each case; `how` names every source, so that nothing is left out unseen."""

    number: int
    text: str
    how: tuple[How, ...]
    screens: tuple[Checker, ...] = ()
    fingers: tuple[FingerChecker, ...] = ()


def _screen(number: int, text: str, *checkers: Checker, also: tuple[How, ...] = ()) -> Requirement:
    return Requirement(number=number, text=text, how=(How.SCREEN, *also), screens=checkers)


def _finger(number: int, text: str, *checkers: FingerChecker, also: tuple[How, ...] = ()) -> Requirement:
    return Requirement(number=number, text=text, how=(How.FINGER, *also), fingers=checkers)


def _proof(number: int, text: str) -> Requirement:
    return Requirement(number=number, text=text, how=(How.PROOF,))


REQUIREMENTS: Final[tuple[Requirement, ...]] = (
    _screen(1, "every target at least 20 x 20 mm", shape.target_size),
    _screen(2, "one primary, at least 30 mm high", shape.primary_size),
    _screen(3, "at least 3 mm between targets", shape.target_gap),
    _screen(4, "the hit box is as large as the painted one", shape.hit_box),
    _screen(5, "text at least 28 px at 4.03 px/mm", shape.text_size),
    _screen(6, "primary information, and all large text, fills 0.7 degrees", shape.primary_text_size),
    _screen(7, "sans serif for instructions, and for everything in large text and contrast", shape.faces),
    _screen(8, "text contrast at least 4.5:1", shape.text_contrast),
    _screen(9, "controls stand out by at least 3:1", shape.shape_contrast),
    _screen(10, "high contrast at least 10:1", shape.strong_contrast),
    _screen(11, "colour is never the only signal", shape.signals),
    Requirement(number=12, text="at most 10 type sizes on a panel", how=(How.WHOLE,)),
    _screen(13, "no text cut, overlapping or left out", shape.nothing_cut, shape.everything_shown),
    _screen(14, "one question a screen", meaning.one_question),
    _screen(15, "at most five choices beside lists", meaning.few_choices),
    Requirement(
        number=16,
        text="the language switch is on every screen in the same place and keeps state",
        how=(How.SCREEN, How.FINGER, How.WHOLE),
        screens=(meaning.language_switch,),
        fingers=(behaviour.language_keeps_state,),
    ),
    _screen(17, "large text, contrast, low reach and speech within two taps", meaning.settings_near),
    _finger(18, "settings end with the session", behaviour.modes_are_values, also=(How.PROOF,)),
    _screen(19, "low reach: every target in the lower 55 %", shape.low_reach),
    _finger(20, "mirrored layout", behaviour.mirrors),
    _screen(21, "nothing but taps; lists turn by buttons", shape.pages_by_button),
    _finger(22, "acts on release, sliding off cancels", behaviour.release_sends),
    _finger(23, "a double tap commits once", behaviour.double_tap_sends_once, also=(How.PROOF,)),
    _finger(24, "a press shows within 100 ms", behaviour.press_shows_at_once),
    _screen(
        25, "waits are named and have a way out", meaning.waits_are_named, shape.countdown_shown, also=(How.PROOF,)
    ),
    _screen(26, "20 s of warning, a touch anywhere goes on, without limit", meaning.warning_is_long, also=(How.PROOF,)),
    _screen(27, "the warning is seen and heard", meaning.warning_is_heard),
    _proof(28, "at time-out nothing unconfirmed is borrowed, and the screen says so"),
    _screen(29, "books left behind raise an alert", meaning.left_books_alert, also=(How.PROOF, How.HAND)),
    _proof(30, "books committed and left: gate, receipt and message agree"),
    _screen(31, "names masked, no card number, no phone number", meaning.masked),
    _finger(32, "nothing personal one frame after the session", behaviour.nothing_remains),
    _screen(33, "an error says what happened, what to do, what of the books", meaning.errors_help),
    _screen(34, "no error code alone", meaning.codes_not_alone),
    _proof(35, "from every state the start in at most three taps"),
    _proof(36, "every hardware fault has a screen"),
    _screen(37, "partial success in counts, the problem named", meaning.partial_counts),
    _proof(38, "receipt: print, code, mail, none; no paper hides print"),
    _screen(39, "the due date is absolute and the largest on its row", shape.due_date_largest),
    _screen(40, "steps one to three", meaning.steps_of_three),
    Requirement(
        number=41,
        text="one thing moves at most, nothing flashes",
        how=(How.SCREEN, How.FINGER),
        screens=(shape.one_motion,),
        fingers=(behaviour.slow_motion,),
    ),
    _finger(42, "the resting picture wanders and dims", behaviour.rests_gently),
    _screen(43, "every screen can be spoken, in both languages", meaning.spoken, also=(How.WHOLE, How.HAND)),
    _screen(44, "four sounds, each with a twin to see", meaning.sounds_are_seen),
    _screen(45, "offline says what still works", meaning.offline_says_what_works),
    _screen(46, "fees and holds are worded quietly", meaning.fees_are_quiet),
    Requirement(
        number=47,
        text="the technician's entry is hidden",
        how=(How.SCREEN, How.FINGER),
        screens=(meaning.technician_is_hidden,),
        fingers=(behaviour.seal_lets_technician_in,),
    ),
    _screen(48, "diagnostics readable at 1 m and with gloves", shape.text_size, shape.target_size, also=(How.HAND,)),
)
