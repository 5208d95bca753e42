"""The ui process: a window, a link to the core, and nothing that decides.

Core to ui: `Screen`. Ui to core: `Touch`. When the core is gone the ui says so in both languages and tries again. Kivy
keeps no logical time: a Countdown carries the seconds left, and the ui only counts on from there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from drivers.clock import Hub
from drivers.errors import DriverError
from drivers.link import Link, Opener
from kiosk.screen import Art, Headline, Icon, Modes, Row, Screen, Sentences, Touch, wire
from kiosk.ui import engine, fonts, words
from kiosk.ui.glass import Glass, keeps_picture
from kiosk.ui.layout import panels
from kiosk.ui.panel import Panel
from kiosk.ui.presenter import Presenter
from kiosk.ui.sound import Earcons
from kiosk.ui.voice import Voice

RECONNECT_EVERY_S: Final = 1.0
CORE_AWAITED_S: Final = 3.0  # after this long without a first Screen the ui says that the machine rests
READS_A_FRAME_MAX: Final = 64
WARM_AFTER_S: Final = 1.5  # by then the first picture stands, and nobody has come so far that a code is shown
LOST_NAME: Final = "ui.lost"

log = logging.getLogger("circdesk.ui")


def lost_screen(lang: str, library: tuple[str, str], modes: Modes, site: Sentences | None = None) -> Screen:
    """What the ui shows on its own while it has no core: in both languages, without any button."""
    table, other = words.merged(site), "en" if lang == "zh" else "zh"

    def both(key: str) -> tuple[str, str]:
        return table.say(lang, key), table.say(other, key)

    title, title_other = both("ui.lost.text")
    rows = []
    for key, icon in (("safe", Icon.BOOKS), ("other", Icon.PERSON), ("desk", Icon.DESK)):
        own, second = both(f"ui.lost.{key}")
        rows.append(Row(id=key, title=own, sub=second, icon=icon, spine=-1))
    return Screen(
        turn=0,
        name=LOST_NAME,
        lang=lang,
        modes=modes,
        library=library,
        headline=Headline(text=title, sub=f"{table.say(lang, 'ui.lost.sub')}  ·  {title_other}"),
        art=Art.RESTING,
        rows=tuple(rows),
        speech=title,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Senses:
    """Sound and speech; injected, so that tests and silent machines need neither."""

    play: Callable[[Any], None]
    voice: Voice


class App:
    """One turn per frame: read the core, move the clock, draw what changed. Owns no thread."""

    def __init__(
        self, opener: Opener, panel: Panel, hub: Hub, window: Any, ruler: engine.KivyRuler, senses: Senses,
        site: Sentences | None = None,
    ) -> None:  # fmt: skip
        from kiosk.ui.paint import Painter  # imports Kivy's graphics, which needs the window that now exists

        self._opener, self._panel, self._hub, self._senses, self._site = opener, panel, hub, senses, site
        self._ruler = ruler
        self._presenter = Presenter(panel, ruler, words.merged(site))
        self._glass = Glass(window, keeps=keeps_picture(window))
        self._painter = Painter(window.canvas, ruler, panel.width_px, panel.height_px, self._glass)
        self._link: Link | None = None
        self._framer = wire.Framer()
        self._try_at = 0.0
        self._started = hub.now()
        self._lang, self._library, self._modes = "zh", ("", ""), Modes()
        window.bind(on_touch_down=self._down, on_touch_move=self._move, on_touch_up=self._up)
        self._window = window

    @property
    def presenter(self) -> Presenter:
        return self._presenter

    @property
    def painter(self) -> Any:
        return self._painter

    @property
    def glass(self) -> Glass:
        return self._glass

    def close(self) -> None:
        """Lets go of window and link."""
        self._window.unbind(on_touch_down=self._down, on_touch_move=self._move, on_touch_up=self._up)
        self._senses.voice.forget()
        self._painter.close()
        self._glass.close()
        if self._link is not None:
            self._link.close()

    def frame(self) -> None:
        """One turn."""
        now = self._hub.now()
        self._receive(now)
        touch = self._presenter.held(now)
        if touch is not None:
            self._send(touch, now)
        self._senses.voice.poll()
        if self._presenter.screen is None:
            return
        scene = self._presenter.scene(now)
        if scene is not self._painter.scene:
            self._painter.show(scene, now)
            self._painter.press(self._presenter.pressed)
        self._painter.tick(now)
        self._painter.dim(self._presenter.dims(now))
        self._painter.shift(*self._presenter.shift_px(now))

    # -- the core -----------------------------------------------------------------------------------------------------

    def _receive(self, now: float) -> None:
        if self._link is None and now >= self._try_at:
            self._connect(now)
        try:
            screens = [wire.decode_screen(body) for body in self._read(now)]
            for screen in screens:  # each, though only the newest is seen: a reader may have gone and another come
                self._show(screen, now, aloud=screen is screens[-1])
        except (DriverError, wire.WireError) as error:
            self._lose(error, now)
        if self._presenter.screen is None and now - self._started >= CORE_AWAITED_S:
            self._show_lost(now)

    def _read(self, now: float) -> list[bytes]:
        bodies: list[bytes] = []
        if self._link is None:
            return bodies
        for _ in range(READS_A_FRAME_MAX):
            data = self._link.read(now)
            if not data:
                break
            bodies += self._framer.feed(data)
        return bodies

    def _connect(self, now: float) -> None:
        self._try_at = now + RECONNECT_EVERY_S
        try:
            self._link = self._opener()
        except DriverError as error:
            log.debug("core=absent code=%s", error.code)
            return
        self._framer = wire.Framer()
        log.info("core=connected")

    def _lose(self, error: Exception, now: float) -> None:
        log.warning("core=lost error=%s", type(error).__name__)
        if self._link is not None:
            self._link.close()
        self._link, self._try_at = None, now + RECONNECT_EVERY_S
        self._show_lost(now)

    def _show_lost(self, now: float) -> None:
        modes = Modes(large=self._modes.large, contrast=self._modes.contrast)
        self._show(lost_screen(self._lang, self._library, modes, self._site), now)

    def _show(self, screen: Screen, now: float, *, aloud: bool = True) -> None:
        said = self._presenter.screen.speech if self._presenter.screen is not None else ""
        other = self._presenter.show(screen, now)
        if other:
            self._ruler.forget()
        self._lang, self._modes = screen.lang, screen.modes
        self._library = screen.library if screen.library != ("", "") else self._library
        if other or screen.speech != said:
            self._senses.voice.forget()
            if screen.modes.speech and screen.speech and aloud:
                self._senses.voice.say(screen.speech, screen.lang)
        if screen.clip:
            self._senses.play(screen.clip)

    def _send(self, touch: Touch, now: float) -> None:
        if self._listen(touch.button):
            return
        if self._link is None:
            return
        try:
            self._link.write(wire.encode_touch(touch))
        except DriverError as error:
            self._lose(error, now)

    def _listen(self, button: str) -> bool:
        """Buttons about the voice never leave the ui."""
        voice = self._senses.voice
        actions: dict[str, Callable[[], None]] = {
            "voice.repeat": voice.repeat,
            "voice.stop": voice.stop,
            "voice.louder": lambda: voice.louder(1),
            "voice.softer": lambda: voice.louder(-1),
        }
        if button not in actions:
            return False
        actions[button]()
        return True

    # -- fingers ------------------------------------------------------------------------------------------------------

    def _place(self, touch: Any) -> tuple[float, float]:
        return touch.x, self._panel.height_px - touch.y

    def _down(self, _window: Any, touch: Any) -> bool:
        self._painter.press(self._presenter.down(*self._place(touch), self._hub.now()))
        return True

    def _move(self, _window: Any, touch: Any) -> bool:
        self._painter.press(self._presenter.move(*self._place(touch)))
        return True

    def _up(self, _window: Any, touch: Any) -> bool:
        now = self._hub.now()
        sent = self._presenter.up(*self._place(touch), now)
        self._painter.press(None)
        if sent is not None:
            self._send(sent, now)
        return True


def run_ui(
    opener: Opener,
    panel: Panel,
    *,
    hub: Hub,
    cache: Path,
    site: Sentences | None = None,
    fullscreen: bool = True,
    go_on: Callable[[], bool] = lambda: True,
    senses: Senses | None = None,
) -> None:
    """Runs the screen until `go_on` says no. `cache` keeps fonts and sounds; `opener` reaches the core.

    Raises fonts.FontsMissing, and RuntimeError when there is no display.
    """
    engine.prepare(cache)
    ruler = engine.KivyRuler(fonts.faces(cache / "fonts"))
    window = engine.open_window(panel, fullscreen=fullscreen)
    if senses is None:
        senses = Senses(play=Earcons(cache / "earcons").play, voice=Voice())
    app = App(opener, panel, hub, window, ruler, senses, site)
    warm_at: float | None = hub.now() + WARM_AFTER_S

    def turn() -> bool:
        nonlocal warm_at
        app.frame()
        if warm_at is not None and hub.now() >= warm_at:
            warm_at = None
            panels.matrix("-")  # loads the encoder, which the first reader's receipt should not wait for
        return go_on()

    try:
        engine.loop(turn)
    finally:
        app.close()
