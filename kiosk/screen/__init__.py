"""What a reader may be shown: values, no pixels, every sentence already chosen and filled in.

A machine's `picture` makes one whole `Screen` from its state; the ui process draws it and sends back a `Touch`. The ui
decides only how a Screen looks. A screen says three things: what happened, what to do now, how to leave.
"""

from kiosk.screen.sentences import Sentences
from kiosk.screen.values import (
    Art,
    Banner,
    Button,
    Clip,
    Countdown,
    Diagram,
    Headline,
    Icon,
    Keypad,
    Mark,
    Modes,
    Person,
    Qr,
    Row,
    Screen,
    Shape,
    Steps,
    Strip,
    Tile,
    Tone,
    Touch,
)

__all__ = [
    "Art",
    "Banner",
    "Button",
    "Clip",
    "Countdown",
    "Diagram",
    "Headline",
    "Icon",
    "Keypad",
    "Mark",
    "Modes",
    "Person",
    "Qr",
    "Row",
    "Screen",
    "Sentences",
    "Shape",
    "Steps",
    "Strip",
    "Tile",
    "Tone",
    "Touch",
]
