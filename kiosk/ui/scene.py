"""What is drawn, as values: parts with inks, texts and targets, in pixels from the top left. No Kivy here.

A layout turns a `Screen` into a `Scene`; the painter turns a Scene into instructions and, by comparing parts under
their key, changes only what changed. The same parts are the semantic tree: tests and the requirement checker read them.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NamedTuple

from kiosk.ui.text import Face


class Box(NamedTuple):
    """A rectangle; y grows downwards."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        return self.x + self.w

    @property
    def bottom(self) -> float:
        return self.y + self.h

    @property
    def cx(self) -> float:
        return self.x + self.w / 2

    @property
    def cy(self) -> float:
        return self.y + self.h / 2

    def inset(self, dx: float, dy: float | None = None) -> Box:
        dy = dx if dy is None else dy
        return Box(self.x + dx, self.y + dy, self.w - 2 * dx, self.h - 2 * dy)

    def moved(self, dx: float, dy: float) -> Box:
        return Box(self.x + dx, self.y + dy, self.w, self.h)

    def holds(self, x: float, y: float) -> bool:
        return self.x <= x < self.right and self.y <= y < self.bottom

    def covers(self, other: Box, slack: float = 0.5) -> bool:
        return (
            self.x <= other.x + slack
            and self.y <= other.y + slack
            and other.right <= self.right + slack
            and other.bottom <= self.bottom + slack
        )

    def overlaps(self, other: Box, slack: float = 0.5) -> bool:
        return (
            self.x + slack < other.right
            and other.x + slack < self.right
            and self.y + slack < other.bottom
            and other.y + slack < self.bottom
        )

    def gap(self, other: Box) -> float:
        """Clear distance between two boxes along the axis on which they are apart; negative when they overlap."""
        return max(
            self.x - other.right,
            other.x - self.right,
            self.y - other.bottom,
            other.y - self.bottom,
        )

    def rows(self, count: int, gap: float) -> list[Box]:
        """Equal boxes, one below the other."""
        h = (self.h - gap * (count - 1)) / count
        return [Box(self.x, self.y + i * (h + gap), self.w, h) for i in range(count)]

    def columns(self, count: int, gap: float) -> list[Box]:
        """Equal boxes, side by side."""
        w = (self.w - gap * (count - 1)) / count
        return [Box(self.x + i * (w + gap), self.y, w, self.h) for i in range(count)]


def around(boxes: list[Box]) -> Box:
    """The smallest box that holds all of them (at least one)."""
    x, y = min(b.x for b in boxes), min(b.y for b in boxes)
    return Box(x, y, max(b.right for b in boxes) - x, max(b.bottom for b in boxes) - y)


class Weight(enum.StrEnum):
    """What a text is for; decides the size it must have."""

    PRIMARY = "primary"  # what a reader came for, and every title and verdict
    BODY = "body"
    STAFF = "staff"  # technician only
    DECOR = "decor"  # part of a picture, says nothing


@dataclass(frozen=True, slots=True)
class Slab:
    """A filled box, rounded, with an optional edge (drawn inside the box) and shadow."""

    box: Box
    fill: str
    radius: float = 0.0
    edge: str = ""
    edge_px: float = 0.0
    lift: float = 0.0  # opacity of the shadow


@dataclass(frozen=True, slots=True)
class Fade:
    """A vertical run from one colour to another."""

    box: Box
    top: str
    bottom: str


@dataclass(frozen=True, slots=True)
class Dashes:
    """A dashed rounded outline: something to do with the hands, never touchable."""

    box: Box
    radius: float
    width: float
    colour: str
    dash: float
    gap: float


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through points (x, y, x, y, ...)."""

    points: tuple[float, ...]
    width: float
    colour: str
    closed: bool = False
    round: bool = True


@dataclass(frozen=True, slots=True)
class Arc:
    """Part of a ring: degrees clockwise from twelve o'clock."""

    cx: float
    cy: float
    r: float
    width: float
    start: float
    sweep: float
    colour: str


@dataclass(frozen=True, slots=True)
class Disc:
    cx: float
    cy: float
    r: float
    colour: str


@dataclass(frozen=True, slots=True)
class Poly:
    """A filled convex shape, or one that is star-shaped from its first point."""

    points: tuple[float, ...]
    colour: str


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text. `ground` is the colour it is meant to stand on."""

    text: str
    face: Face
    size_px: int
    x: float
    baseline: float
    width: float
    colour: str
    ground: str
    weight: Weight = Weight.BODY
    squeezed: bool = False
    instruction: bool = True  # False for titles and numerals, which may be set in serif

    @property
    def box(self) -> Box:
        """The inked box: ascenders to descenders; figures have no descenders."""
        if self.text.isdigit():
            return Box(self.x, self.baseline - self.size_px * 0.76, self.width, self.size_px * 0.78)
        return Box(self.x, self.baseline - self.size_px * 0.82, self.width, self.size_px * 0.98)


@dataclass(frozen=True, slots=True)
class Modules:
    """A QR code: rows of "0" and "1" with its quiet zone, each module `module_px` large."""

    x: float
    y: float
    module_px: int
    rows: tuple[str, ...]
    dark: str
    light: str


@dataclass(frozen=True, slots=True)
class Turned:
    """Inks turned by degrees clockwise around a point."""

    inks: tuple[Ink, ...]
    degrees: float
    cx: float
    cy: float


Ink = Slab | Fade | Dashes | Stroke | Arc | Disc | Poly | Words | Modules | Turned


class Motion(enum.StrEnum):
    """At most one kind moves on a screen."""

    NONE = ""
    SPIN = "spin"  # a ring that turns
    MARCH = "march"  # chevrons that beat downwards once a second
    RISE = "rise"  # comes in from a little below, once
    CARRY = "carry"  # carried sideways at `speed_px_per_s`


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a finger may press. `sends` False keeps it inside the ui (a page, a digit)."""

    id: str
    box: Box
    radius: float = 0.0
    confirms: tuple[str, ...] = ()
    primary: bool = False
    sends: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing on the screen under a stable key."""

    key: str
    role: str
    box: Box
    inks: tuple[Ink, ...] = ()
    target: Target | None = None
    motion: Motion = Motion.NONE
    speed_px_per_s: float = 0.0
    says: str = ""  # the sentence as a whole, before it was broken into lines
    signals: tuple[str, ...] = ()  # how a state shows other than by colour: "icon", "word", "fill", "tick"
    tone: str = ""

    def words(self) -> list[Words]:
        return [ink for ink in flat(self.inks) if isinstance(ink, Words)]


def flat(inks: tuple[Ink, ...]) -> list[Ink]:
    """All inks, the turned ones too (in their unturned place)."""
    out: list[Ink] = []
    for ink in inks:
        out += flat(ink.inks) if isinstance(ink, Turned) else [ink]
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A whole screen, ready to be painted in the order of its parts."""

    name: str
    width_px: int
    height_px: int
    ground: str
    press: str
    parts: tuple[Part, ...]
    pages: int = 1
    anywhere: str = ""  # id of the target that a touch outside all targets presses

    def part(self, key: str) -> Part:
        """The part of that key; KeyError when it is not there."""
        for part in self.parts:
            if part.key == key:
                return part
        raise KeyError(key)

    def targets(self) -> list[Target]:
        return [part.target for part in self.parts if part.target is not None]

    def at(self, x: float, y: float) -> Target | None:
        """The target under a finger, the topmost first."""
        for target in reversed(self.targets()):
            if target.box.holds(x, y):
                return target
        return next((t for t in self.targets() if t.id == self.anywhere), None)

    def texts(self) -> list[str]:
        return [part.says for part in self.parts if part.says]
