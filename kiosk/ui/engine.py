"""The few internals of Kivy that the kiosk touches, in one place: settings before the first import, window, text.

Pinned to Kivy 2.3.1. Importing this module imports Kivy but opens no window; `open_window` does.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kiosk.ui.panel import Panel
from kiosk.ui.text import Asked, Face, Set, glyphs
from kiosk.ui.tokens import FPS_MAX

# KIVY_LOG_MODE=PYTHON: with Kivy's own log mode and its console off, a traceback vanishes and the ui dies silently.
# KIVY_WINDOW=sdl2: when SDL fails Kivy otherwise falls back to a provider that breaks with AttributeError.
_ENVIRONMENT: Final = {
    "KIVY_NO_ARGS": "1",
    "KIVY_NO_CONFIG": "1",
    "KIVY_NO_FILELOG": "1",
    "KIVY_LOG_MODE": "PYTHON",
    "KIVY_WINDOW": "sdl2",
    "KIVY_TEXT": "sdl2",
    "KIVY_IMAGE": "sdl2",
    "KIVY_AUDIO": "sdl2",
    "KIVY_GL_BACKEND": "sdl2",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pixels:
    """What the glass shows: RGB, rows from the top."""

    width: int
    height: int
    rgb: bytes

    def at(self, x: int, y: int) -> str:
        i = (y * self.width + x) * 3
        return "#" + self.rgb[i : i + 3].hex().upper()


def prepare(cache: Path) -> None:
    """Settles Kivy before it is imported for the first time; its own files go under `cache`."""
    os.environ.update(_ENVIRONMENT)
    home = cache / "kivy"
    home.mkdir(parents=True, exist_ok=True)
    os.environ["KIVY_HOME"] = str(home)


def open_window(panel: Panel, *, fullscreen: bool) -> Any:
    """The one window of the process, as large as the panel (Any: Kivy has no types)."""
    from kivy.config import Config

    Config.set("graphics", "multisamples", "0")  # smooth shapes draw their own edges; MSAA triples the cost of a frame
    Config.set("graphics", "maxfps", str(FPS_MAX))
    Config.set("graphics", "width", str(panel.width_px))
    Config.set("graphics", "height", str(panel.height_px))
    Config.set("graphics", "borderless", "1" if fullscreen else "0")
    Config.set("graphics", "resizable", "0")
    Config.set("graphics", "show_cursor", "0")
    Config.set("graphics", "allow_screensaver", "0")
    Config.set("kivy", "exit_on_escape", "0")
    # Exactly one provider: two for one device give every touch twice. SDL turns touches into mouse events on Linux.
    for name, _ in list(Config.items("input")):
        Config.remove_option("input", name)
    Config.set("input", "mouse", "mouse,disable_multitouch")

    from kivy.base import EventLoop
    from kivy.core.window import Window

    EventLoop.window = Window
    if Window is None:
        raise RuntimeError("no window: is SDL_VIDEODRIVER right, and are libegl1 and libgl1-mesa-dri installed?")
    Window.size = (panel.width_px, panel.height_px)
    return Window


class KivyRuler:
    """Measures with the text provider that will also draw. Whatever is kept per text goes on `forget`."""

    def __init__(self, faces: Mapping[Face, Path]) -> None:
        self._faces = {face: str(path) for face, path in faces.items()}
        self._widths: dict[tuple[str, Face, int], int] = {}
        self._labels: dict[tuple[Face, int], Any] = {}
        self.memo: dict[str, tuple[str, ...]] = {}
        self.sets: dict[Asked, Set] = {}

    def width(self, text: str, face: Face, size_px: int) -> int:
        key = (text, face, size_px)
        if key not in self._widths:
            self._widths[key] = int(self.label(face, size_px).get_extents(glyphs(text))[0])
        return self._widths[key]

    def label(self, face: Face, size_px: int) -> Any:
        """Kivy's core label of a face and size; holds no text."""
        from kivy.core.text import Label

        key = (face, size_px)
        if key not in self._labels:
            self._labels[key] = Label(font_name=self._faces[face], font_size=size_px)
            self._labels[key].resolve_font_name()
        return self._labels[key]

    def texture(self, text: str, face: Face, size_px: int) -> tuple[Any, int]:
        """A white texture of one line and the height of its baseline below the top edge."""
        from kivy.core.text import Label

        drawn = Label(text=glyphs(text), font_name=self._faces[face], font_size=size_px)
        drawn.refresh()
        return drawn.texture, int(drawn.get_ascent())

    def forget(self) -> None:
        self._widths.clear()
        self.memo.clear()
        self.sets.clear()


def loop(on_frame: Callable[[], bool]) -> None:
    """Calls `on_frame` on every turn until it returns False.

    SDL is polled after the clock has slept and before input is dispatched: Kivy's own order shows a touch one frame
    later.
    """
    from kivy.base import EventLoop
    from kivy.clock import Clock
    from kivy.input.factory import MotionEventFactory

    def turn(_dt: float) -> None:
        EventLoop.window.mainloop()
        if not on_frame():
            EventLoop.quit = True

    Clock.schedule_interval(turn, 0)
    # runTouchApp would read the provider from Config; without it the window shows everything and feels nothing.
    mouse = MotionEventFactory.get("mouse")
    if not any(isinstance(provider, mouse) for provider in EventLoop.input_providers):
        EventLoop.add_input_provider(mouse("mouse", "disable_multitouch"))
    EventLoop.start()
    try:
        while not EventLoop.quit:
            EventLoop.idle()
    finally:
        Clock.unschedule(turn)
        EventLoop.stop()


def grab(window: Any, width_px: int, height_px: int) -> Pixels:
    """Draws now and reads the glass back."""
    from kivy.base import EventLoop
    from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glFinish, glReadPixels

    window.canvas.ask_update()
    EventLoop.idle()
    glFinish()
    return _upright(glReadPixels(0, 0, width_px, height_px, GL_RGB, GL_UNSIGNED_BYTE), width_px, height_px)


def offscreen_canvas(width_px: int, height_px: int) -> Any:
    """A canvas of any size. An offscreen window keeps the size it was opened with."""
    from kivy.graphics import Fbo

    return Fbo(size=(width_px, height_px))


def read_canvas(canvas: Any, width_px: int, height_px: int) -> Pixels:
    """Draws an offscreen canvas and reads it back."""
    from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels

    canvas.draw()
    canvas.bind()
    pixels = glReadPixels(0, 0, width_px, height_px, GL_RGB, GL_UNSIGNED_BYTE)
    canvas.release()
    return _upright(pixels, width_px, height_px)


def _upright(upside_down: bytes, width_px: int, height_px: int) -> Pixels:
    """GL counts rows from the bottom."""
    stride = width_px * 3
    rows = [upside_down[y * stride : (y + 1) * stride] for y in range(height_px - 1, -1, -1)]
    return Pixels(width=width_px, height=height_px, rgb=b"".join(rows))


def draw(window: Any) -> None:
    """Draws what has changed and waits until the picture stands."""
    from kivy.graphics.opengl import glFinish

    if window.canvas.needs_redraw:
        window.dispatch("on_draw")
        window.dispatch("on_flip")
    glFinish()


def rest() -> None:
    """Lets the frame's time pass, and with it Kivy give back what the last pictures held."""
    from kivy.clock import Clock

    Clock.tick()


def dispatch_touch(window: Any, kind: str, x: float, y: float) -> None:
    """Hands the window a touch as its input providers would; `kind` is down, move or up, y grows upwards."""
    from types import SimpleNamespace

    window.dispatch(f"on_touch_{kind}", SimpleNamespace(x=x, y=y, push_attrs_stack=[], profile=["pos"]))
