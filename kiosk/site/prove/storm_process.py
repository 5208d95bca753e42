"""The processes that `storm` kills, each as in production: core FILE [MUTANT] | gateway FILE [MUTANT] | ui FILE PORT.

Three things differ, and all of them are put in from here, by no switch that a site could turn: the clock (moved by a
file beside the machine's own), the mistake of a mutant, and a finger on the glass. What the ui shows goes to PORT, and
the touches that come from there go to its window, as a hand's would.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from drivers.clock import OnCrash, ThreadHub
from drivers.errors import DriverError
from drivers.link import Link
from drivers.tcp_link import open_tcp
from drivers.unix_link import open_unix
from kiosk.screen import Screen, wire
from kiosk.site.commands import run_gateway, run_machine
from kiosk.site.folder import HOST
from kiosk.site.prove.mutants import Mutant, broken
from kiosk.site.wiring import load_settings, panel_of

CLOCK_SUFFIX: Final = ".clock"
REREAD_S: Final = 0.2
FAILED: Final = 70


def clock_file(path: Path) -> Path:
    """Holds by how many seconds the clock of the process with this configuration file is wrong."""
    return path.with_name(path.name + CLOCK_SUFFIX)


class WrongClock(ThreadHub):
    """Real time, and a wall clock that somebody moves."""

    def __init__(self, off: Path, on_crash: OnCrash) -> None:
        super().__init__(on_crash)
        self._off = off
        self._off_s = 0.0
        self._reread_at = 0.0

    def wall(self) -> float:
        if self.now() >= self._reread_at:
            self._reread_at = self.now() + REREAD_S
            with suppress(OSError, ValueError):  # it is being written at this moment
                self._off_s = float(self._off.read_text("ascii"))
        return super().wall() + self._off_s


def main(arguments: list[str]) -> int:
    what, path, *rest = arguments
    if what == "ui":
        return _ui(Path(path), int(rest[0]))
    run: Callable[..., int] = {"core": run_machine, "gateway": run_gateway}[what]
    logging.disable(logging.WARNING)  # neighbours die all the time
    with broken(Mutant(rest[0]) if rest else None):
        return run([path], lambda on_crash: WrongClock(clock_file(Path(path)), on_crash))


def _ui(path: Path, port: int) -> int:
    os.environ |= {"SDL_VIDEODRIVER": "offscreen", "SDL_AUDIODRIVER": "dummy"}  # before Kivy is imported
    from kiosk.ui import engine, fonts
    from kiosk.ui.app import App, Senses
    from kiosk.ui.voice import Voice

    def die(name: str, error: BaseException) -> None:
        print(f"{name}: {error!r}", flush=True)
        os._exit(FAILED)

    settings = load_settings(path)
    hub = ThreadHub(die)
    cache, panel = Path(settings.panel.cache), panel_of(settings.panel)
    engine.prepare(cache)
    ruler = engine.KivyRuler(fonts.faces(cache / "fonts"))
    window = engine.open_window(panel, fullscreen=True)
    senses = Senses(play=lambda clip: None, voice=Voice(start=_silent))
    app = App(lambda: open_unix(settings.panel.socket, clock=hub), panel, hub, window, ruler, senses)
    hand = _Hand(app, window, open_tcp(HOST, port, clock=hub), panel.height_px)
    print("ui ready", flush=True)

    def turn() -> bool:
        app.frame()
        return hand.turn(hub.now())

    engine.loop(turn)
    return 0


def _silent(argv: Any, text: bytes) -> Any:
    raise OSError("nobody listens to a voice here")


class _Hand:
    """Tells the storm what stands on the glass, and presses what the storm's readers press."""

    def __init__(self, app: Any, window: Any, link: Link, height_px: int) -> None:
        self._app, self._window, self._link, self._height_px = app, window, link, height_px
        self._framer = wire.Framer()
        self._told: Screen | None = None

    def turn(self, now: float) -> bool:
        """False when the storm is over."""
        screen = self._app.presenter.screen
        try:
            if screen is not None and screen is not self._told:
                self._link.write(wire.encode_screen(screen))
                self._told = screen
            for body in self._framer.feed(self._link.read(now)):
                self._press(wire.decode_touch(body).button, now)
        except DriverError:
            return False
        return True

    def _press(self, button: str, now: float) -> None:
        from kiosk.ui import engine

        targets = self._app.presenter.scene(now).targets() if self._app.presenter.screen is not None else []
        found = next((target for target in targets if target.id == button), None)
        if found is not None:
            for kind in ("down", "up"):
                engine.dispatch_touch(self._window, kind, found.box.cx, self._height_px - found.box.cy)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
