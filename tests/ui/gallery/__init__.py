"""Sample screens in both languages: every kind of content the ui can be given, with the longest real titles.

They stand in for a machine's own pictures where the ui is tested for itself.
"""

from __future__ import annotations

from collections.abc import Callable

from kiosk.screen import Modes, Screen
from tests.ui.gallery.around import choose, clear_pad, help_, loans, offline, out_of_service, timeout
from tests.ui.gallery.borrowing import attract, card, done, pad, pad_long, pin, put_back, working
from tests.ui.gallery.parts import dock
from tests.ui.gallery.staff import technician, wire

__all__ = ["ALL", "MODES", "dock", "pad", "screens"]

ALL: dict[str, Callable[[str], Screen]] = {
    "attract": attract,
    "card": card,
    "pin": pin,
    "pad": pad,
    "pad-long": pad_long,
    "working": working,
    "done": done,
    "put-back": put_back,
    "loans": loans,
    "choose": choose,
    "timeout": timeout,
    "offline": offline,
    "out-of-service": out_of_service,
    "clear-pad": clear_pad,
    "help": help_,
    "tech-overview": technician,
    "tech-wire": wire,
}

MODES: dict[str, Modes] = {
    "plain": Modes(),
    "large": Modes(large=True),
    "contrast": Modes(contrast=True),
    "all": Modes(large=True, contrast=True, low=True, mirrored=True),
}


def screens() -> list[Screen]:
    """Every sample in both languages."""
    return [make(lang) for make in ALL.values() for lang in ("zh", "en")]
