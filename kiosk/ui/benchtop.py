"""The virtual bench of the demo: a window with cards to tap, books to lay down and lift, and faults to inject.

A tool for people who try the machine out, not a reader's screen: plain Kivy widgets, no checks of size or reach. What
is pressed goes to the functions it was given; `poll` is asked twice a second what lies where.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kiosk.ui import engine, fonts
from kiosk.ui.panel import Panel
from kiosk.ui.text import Face

PANEL: Final = Panel(name="bench", width_px=620, height_px=960, diagonal_in=12.0)
POLL_S: Final = 0.5
_INK, _PAPER, _CELADON, _MIST = "14252B", "F5F1E8", "0F5B57", "DCEAE4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A button of the bench. `on` says whether it is down now (a book that lies on the pad, a fault that holds)."""

    id: str
    text: str
    on: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    title: str
    things: tuple[Thing, ...]


def run_bench(
    shelves: Callable[[], Sequence[Shelf]], press: Callable[[str], None], *, cache: Path, go_on: Callable[[], bool]
) -> None:
    """Shows the bench until its window is closed or `go_on` says no."""
    engine.prepare(cache)
    font = str(fonts.faces(cache / "fonts")[Face.SANS])
    window = engine.open_window(PANEL, fullscreen=False)
    from kivy.clock import Clock
    from kivy.uix.boxlayout import BoxLayout
    from kivy.utils import get_color_from_hex as colour

    window.clearcolor = colour(_PAPER)
    window.left, window.top = 20, 40  # the machine's screen stands in the middle of the display
    column = BoxLayout(orientation="vertical", padding=16, spacing=8)
    window.add_widget(column)
    shown: list[Sequence[Shelf]] = []

    def refresh(*_: Any) -> None:
        now = shelves()
        if not shown or shown[-1] != now:
            shown[:] = [now]
            _fill(column, now, press, font)

    refresh()
    Clock.schedule_interval(refresh, POLL_S)
    engine.loop(go_on)


def _fill(column: Any, shelves: Sequence[Shelf], press: Callable[[str], None], font: str) -> None:
    """Any: Kivy has no types."""
    from kivy.uix.button import Button
    from kivy.uix.gridlayout import GridLayout
    from kivy.uix.label import Label
    from kivy.uix.widget import Widget
    from kivy.utils import get_color_from_hex as colour

    column.clear_widgets()
    for shelf in shelves:
        title = Label(text=shelf.title, font_name=font, font_size=22, color=colour(_INK), size_hint_y=None, height=36)
        title.bind(size=lambda label, size: setattr(label, "text_size", size))
        column.add_widget(title)
        grid = GridLayout(cols=2, spacing=8, size_hint_y=None)
        grid.bind(minimum_height=grid.setter("height"))
        for thing in shelf.things:
            button = Button(
                text=("● " if thing.on else "○ ") + thing.text,
                font_name=font,
                font_size=20,
                size_hint_y=None,
                height=52,
                background_normal="",
                background_color=colour(_CELADON if thing.on else _MIST),
                color=colour(_PAPER if thing.on else _INK),
            )
            button.bind(on_release=lambda _, id_=thing.id: press(id_))
            grid.add_widget(button)
        column.add_widget(grid)
    column.add_widget(Widget())
