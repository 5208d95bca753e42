"""The ui as a reader has it in front of him: screens come in, fingers go down, touches go out. Time is virtual."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drivers.clock import VirtualHub
from drivers.errors import LinkLost
from drivers.link import Link, pipe
from kiosk.screen import Clip, Screen, Touch, wire
from kiosk.ui import engine
from kiosk.ui.app import App, Senses
from kiosk.ui.panel import PORTRAIT
from kiosk.ui.render import Studio
from kiosk.ui.scene import Scene, Target
from kiosk.ui.voice import Voice

FRAME_S = 1 / 30


class Speaker:
    """The far end of espeak-ng: a process that speaks until it is stopped or told that it has finished."""

    def __init__(self, argv: Sequence[str], text: bytes) -> None:
        self.argv, self.text = tuple(argv), text.decode()
        self.ended = False

    def poll(self) -> int | None:
        return 0 if self.ended else None

    def terminate(self) -> None:
        self.ended = True


class Kiosk:
    """A running App on an in-memory link."""

    def __init__(self, studio: Studio, window: Any) -> None:
        self.hub = VirtualHub()
        self.clips: list[Clip] = []
        self.spoken: list[Speaker] = []
        self.core_is_up = True
        self.core: Link | None = None
        self._framer = wire.Framer()
        self.window = window
        self.window.canvas.clear()
        senses = Senses(play=self.clips.append, voice=Voice(start=self._speak))
        self.app = App(self._open, PORTRAIT, self.hub, self.window, studio.ruler, senses)

    def _open(self) -> Link:
        if not self.core_is_up:
            raise LinkLost("ui", "refused", "no core there")
        near, self.core = pipe(self.hub, "ui")
        self._framer = wire.Framer()
        return near

    def _speak(self, argv: Sequence[str], text: bytes) -> Speaker:
        self.spoken.append(Speaker(argv, text))
        return self.spoken[-1]

    def close(self) -> None:
        self.app.close()

    def pump(self, seconds: float = FRAME_S) -> None:
        """Lets time pass frame by frame."""
        end = self.hub.now() + seconds
        while self.hub.now() < end - 1e-9:
            self.hub.run(min(end, self.hub.now() + FRAME_S))
            self.app.frame()

    def show(self, screen: Screen) -> Scene:
        """The core sends a screen; one frame later it is there."""
        if self.core is None:
            self.pump()
        assert self.core is not None
        self.core.write(wire.encode_screen(screen))
        self.pump()
        return self.scene

    @property
    def scene(self) -> Scene:
        scene = self.app.painter.scene
        assert isinstance(scene, Scene)
        return scene

    def target(self, id: str) -> Target:
        return next(t for t in self.scene.targets() if t.id == id)

    def down(self, x: float, y: float) -> None:
        engine.dispatch_touch(self.window, "down", x, PORTRAIT.height_px - y)

    def move(self, x: float, y: float) -> None:
        engine.dispatch_touch(self.window, "move", x, PORTRAIT.height_px - y)

    def up(self, x: float, y: float) -> None:
        engine.dispatch_touch(self.window, "up", x, PORTRAIT.height_px - y)

    def tap(self, id: str) -> None:
        """Presses and leaves a target, as a finger does: a tenth of a second, and a moment before the next."""
        box = self.target(id).box
        self.down(box.cx, box.cy)
        self.pump(0.1)
        self.up(box.cx, box.cy)
        self.pump(0.4)

    def touches(self) -> list[Touch]:
        """What has arrived at the core."""
        assert self.core is not None
        found: list[Touch] = []
        while data := self.core.read(self.hub.now()):
            found += [wire.decode_touch(body) for body in self._framer.feed(data)]
        return found

    def pixels(self) -> engine.Pixels:
        return engine.grab(self.window, PORTRAIT.width_px, PORTRAIT.height_px)
