"""A whole ui under a real X server, for test_touch.py: shows one screen and prints the touches that reach its core.

Lines on standard output: "ready <x> <y>" (the middle of the borrow button), then one line for each touch.
"""

from __future__ import annotations

import sys
from pathlib import Path

from drivers.clock import ThreadHub
from drivers.link import pipe
from kiosk.screen import wire
from kiosk.ui import app
from kiosk.ui.panel import PORTRAIT
from kiosk.ui.voice import Voice
from tests.ui import gallery

GIVE_UP_S = 20.0


def main(cache: Path, wanted: int) -> None:
    hub = ThreadHub()
    near, core = pipe(hub, "ui")
    core.write(wire.encode_screen(gallery.pad("zh")))
    framer, seen, turns = wire.Framer(), 0, 0
    end = hub.now() + GIVE_UP_S

    def go_on() -> bool:
        nonlocal seen, turns
        turns += 1
        if turns == 3:  # by now the first picture has been swapped in
            box = studio_box
            print("ready", round(box[0]), round(box[1]), flush=True)
        data = core.read(hub.now())
        for body in framer.feed(data) if data else []:
            touch = wire.decode_touch(body)
            print("touch", touch.button, ",".join(touch.confirms), flush=True)
            seen += 1
        return seen < wanted and hub.now() < end

    studio_box = _middle_of_borrow(cache)
    senses = app.Senses(play=lambda clip: None, voice=Voice())
    app.run_ui(lambda: near, PORTRAIT, hub=hub, cache=cache, fullscreen=True, go_on=go_on, senses=senses)


def _middle_of_borrow(cache: Path) -> tuple[float, float]:
    from kiosk.ui.render import Studio

    scene = Studio(cache).scene(gallery.pad("zh"), PORTRAIT)
    box = scene.part("primary").box
    return box.cx, box.cy


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
