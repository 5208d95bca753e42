"""The parts of a screen. Texts are final, in the reader's language; nothing here knows a library rule."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


class Tone(enum.StrEnum):
    """What a colour means. Never the only signal: each comes with an icon and a word."""

    PLAIN = "plain"
    GO = "go"  # celadon: done, allowed, carry on
    CARE = "care"  # amber: time, overdue, offline, keep still
    STOP = "stop"  # cinnabar: this book, act now


class Icon(enum.StrEnum):
    """Drawn by the ui on a 24 grid."""

    NONE = ""
    BOOK = "book"
    BOOKS = "books"
    CARD = "card"
    CHECK = "check"
    CROSS = "cross"
    BANG = "bang"
    WAIT = "wait"  # turning ring
    QUEUED = "queued"  # dotted ring
    RETURN = "return"
    RENEW = "renew"
    LOANS = "loans"
    HOLD = "hold"
    FEE = "fee"
    BELL = "bell"
    BACK = "back"
    PLUS = "plus"
    PRINT = "print"
    QR = "qr"
    SHELF = "shelf"
    BIN = "bin"
    DISC = "disc"
    DESK = "desk"
    CLOCK = "clock"
    OFFLINE = "offline"
    LANGUAGE = "language"
    LARGE = "large"
    CONTRAST = "contrast"
    REACH = "reach"
    SPEECH = "speech"
    HELP = "help"
    PERSON = "person"
    WRENCH = "wrench"
    SKIP = "skip"
    MORE = "more"
    BACKSPACE = "backspace"


class Art(enum.StrEnum):
    """The large picture of a screen that has no list."""

    NONE = ""
    SHELF = "shelf"  # attract: spines under a moon
    CARD = "card"  # lay your card here
    PAD = "pad"  # lay your books here
    SCAN = "scan"  # hold a barcode to the scanner
    STACK = "stack"  # keep still
    PUT_BACK = "put_back"  # this book, back on the pad
    RESTING = "resting"  # out of service
    CLEAR_PAD = "clear_pad"  # take what lies there
    PHONE = "phone"


class Clip(enum.StrEnum):
    """The four earcons; each has a visual twin on the screen that carries it."""

    NONE = ""
    TAP = "tap"
    DONE = "done"
    ATTENTION = "attention"
    TIME = "time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Modes:
    """The reader's settings for this visit; back to the site's defaults at its end."""

    large: bool = False
    contrast: bool = False
    low: bool = False  # low reach: text comes down, targets are low already
    speech: bool = False
    mirrored: bool = False  # left-handed


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """1-2-3 of a flow; `now` counts from 1."""

    names: tuple[str, ...]
    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """One numeral where a reader came for a number, else only `text`. `of` makes "3 / 4"."""

    text: str
    numeral: str = ""
    of: str = ""
    unit: str = ""
    sub: str = ""
    stamp: str = ""  # the seal of a finished loan, two characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The reader card: masked name, kind of card, one number."""

    name: str = field(repr=False)
    kind: str = ""
    label: str = ""
    value: str = field(default="", repr=False)
    tone: Tone = Tone.GO


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One book, fee, hold or choice. `button` makes the row touchable, `chosen` gives it a box to tick."""

    id: str
    title: str
    sub: str = ""  # call number, author, place
    label: str = ""  # right column, small
    value: str = ""  # right column, large: the due date
    tone: Tone = Tone.PLAIN
    icon: Icon = Icon.NONE  # state
    reason: str = ""  # a problem, in words
    remedy: str = ""  # where to put it, what to do
    remedy_icon: Icon = Icon.NONE
    spine: int = 0  # colour of the drawn spine, 0 to 4; -1 for none
    button: str = ""
    chosen: bool | None = None
    leaf: tuple[str, ...] = ()  # drawn as a calendar leaf: month, day, weekday
    items: tuple[str, ...] = ()  # titles that share this row's date


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """Touchable. `id` comes back in the Touch; `confirms` are the row ids it was shown with."""

    id: str
    text: str
    sub: str = ""
    icon: Icon = Icon.NONE
    tone: Tone = Tone.GO
    confirms: tuple[str, ...] = ()
    ring_s: float | None = None  # a ring that empties: this button presses itself after so many seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """Stands in the primary's place where the answer is an action of the hands. Dashed, never touchable."""

    text: str
    sub: str = ""
    tone: Tone = Tone.GO  # GO: do it; CARE: keep still


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """A sentence about the whole machine or visit, above the content."""

    text: str
    sub: str = ""
    tone: Tone = Tone.CARE
    icon: Icon = Icon.OFFLINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Countdown:
    """`total_s` for the ring, `left_s` when the screen was made; the ui counts on from there."""

    left_s: float
    total_s: float
    text: str = ""
    full_screen: bool = False  # the warning: touch anywhere goes on


@dataclass(frozen=True, slots=True, kw_only=True)
class Keypad:
    """Digits for a PIN or a number. A secret shows dots; the typed text leaves the ui only in the Touch of `enter`."""

    title: str
    enter: str  # id of the button that sends
    enter_text: str
    digits_max: int
    digits_min: int = 1
    secret: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Qr:
    content: str
    text: str = ""
    sub: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """Technician: one part of the machine."""

    id: str
    name: str
    word: str
    number: str = ""
    tone: Tone = Tone.GO
    button: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A box of a Diagram, in millimetres of the real thing."""

    id: str
    x_mm: float
    y_mm: float
    w_mm: float
    h_mm: float
    label: str = ""
    fill: float = 0.0  # 0 to 1
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that moves on a Diagram; the ui carries it on at `mm_per_s` until the next Screen."""

    id: str
    x_mm: float
    y_mm: float
    mm_per_s: float
    label: str = ""
    tone: Tone = Tone.GO


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    w_mm: float
    h_mm: float
    shapes: tuple[Shape, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One whole screen. `name` is stable for tests and translations of nothing; `turn` grows with every change."""

    turn: int
    name: str
    lang: str  # "zh" | "en"
    modes: Modes = Modes()
    library: tuple[str, str] = ("", "")  # seal line: name in both languages
    seal: str = "书"  # the character in the stamp
    clock: str = ""
    steps: Steps | None = None
    who: str = ""  # masked name in the header where there are no steps
    headline: Headline | None = None
    banner: Banner | None = None
    person: Person | None = None
    art: Art = Art.NONE
    rows: tuple[Row, ...] = ()
    hint: str = ""
    notes: tuple[str, ...] = ()  # short facts under the content, where to go, what is safe
    tiles: tuple[Tile, ...] = ()
    lines: tuple[str, ...] = ()  # technician: raw wire, log
    diagram: Diagram | None = None
    keypad: Keypad | None = None
    qr: Qr | None = None
    countdown: Countdown | None = None
    primary: Button | Strip | None = None
    secondary: tuple[Button, ...] = ()
    dock: tuple[Button, ...] = ()  # language, large text, contrast, low reach, help: always the same places
    dark: bool = False  # technician, time-out
    clip: Clip = Clip.NONE
    speech: str = ""  # what the voice says when this screen appears
    reference: str = ""  # small code for staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """What the ui sends. `text` only from a keypad: it may be a PIN, and shows in no repr. `confirms` echoes the
    button's list as it was shown."""

    turn: int
    button: str
    text: str = field(default="", repr=False)
    confirms: tuple[str, ...] = ()
