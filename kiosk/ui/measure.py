"""How fast the screen is: first frame, touch to changed frame, frame time, idle load, memory. Nothing is asserted here.

`python -m kiosk.ui.measure CACHE` prints one JSON object. Software GL makes every number worse than a real GPU does,
and varies by a factor of two on a shared machine.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from drivers.clock import Hub, ThreadHub
from drivers.link import pipe
from kiosk.screen import Art, Button, Headline, Icon, Row, Screen, wire
from kiosk.ui import engine, fonts
from kiosk.ui.app import App, Senses
from kiosk.ui.panel import PORTRAIT, Panel
from kiosk.ui.voice import Voice

STARTED_AT = "CIRCDESK_UI_STARTED_AT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Milliseconds, percent of one core, MiB; `attract` is a touch on the resting screen, which begins a visit."""

    first_frame_ms: float
    touch_p50_ms: float
    touch_p95_ms: float
    attract_p50_ms: float
    attract_p95_ms: float
    frame_p50_ms: float
    build_p50_ms: float
    language_p50_ms: float
    idle_cpu_percent: float
    rss_mib: float


def measure(cache: Path, panel: Panel = PORTRAIT, *, taps: int = 25, idle_s: float = 4.0, starts: int = 3) -> Figures:
    """Runs everything once in this process (it opens the window) and some starts in children."""
    first = statistics.median(first_frame_ms(cache) for _ in range(starts))
    bench = Bench(cache, panel)
    try:
        bench.show_ms(_loans(0, "list", "zh"))
        frames = [bench.redraw_ms() for _ in range(taps)]
        builds = [bench.show_ms(_loans(turn, f"list{turn % 2}", "zh")) for turn in range(taps)]
        languages = [bench.show_ms(_loans(turn, "list", ("zh", "en")[turn % 2])) for turn in range(taps)]
        touches = [bench.touch_ms() for _ in range(taps)]
        bench.show_ms(_resting())
        resting = [bench.touch_ms() for _ in range(taps)]
        idle = bench.idle_percent(idle_s)
    finally:
        bench.close()
    return Figures(
        first_frame_ms=first,
        touch_p50_ms=statistics.median(touches),
        touch_p95_ms=_p95(touches),
        attract_p50_ms=statistics.median(resting),
        attract_p95_ms=_p95(resting),
        frame_p50_ms=statistics.median(frames),
        build_p50_ms=statistics.median(builds),
        language_p50_ms=statistics.median(languages),
        idle_cpu_percent=idle,
        rss_mib=rss_mib(),
    )


def first_frame_ms(cache: Path) -> float:
    """From exec of a new Python to the first drawn frame of the resting screen."""
    hub = ThreadHub()
    environment = {**os.environ, STARTED_AT: repr(hub.now())}
    command = (sys.executable, "-m", "kiosk.ui.measure", "--first-frame", str(cache))
    done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    return float(done.stdout.strip().splitlines()[-1])


def rss_mib(status: Path = Path("/proc/self/status")) -> float:
    """Resident memory now (proc(5), VmRSS)."""
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


class Bench:
    """A whole ui on an in-memory link, driven frame by frame."""

    def __init__(self, cache: Path, panel: Panel, hub: Hub | None = None) -> None:
        self.hub = hub or ThreadHub()
        engine.prepare(cache)
        ruler = engine.KivyRuler(fonts.faces(cache / "fonts"))
        self.window = engine.open_window(panel, fullscreen=False)
        self.panel = panel
        near, self.core = pipe(self.hub, "ui")
        senses = Senses(play=lambda clip: None, voice=Voice(start=_silent))
        self.app = App(lambda: near, panel, self.hub, self.window, ruler, senses)

    def close(self) -> None:
        self.app.close()

    def frame(self) -> None:
        """One turn as in production, without the clock's pause, and wait until it is drawn."""
        self.app.frame()
        engine.draw(self.window)

    def show_ms(self, screen: Screen) -> float:
        """From a Screen on the wire to its drawn frame."""
        self.core.write(wire.encode_screen(screen))
        return self._timed(self.frame)

    def redraw_ms(self) -> float:
        """All of the picture, though nothing has changed."""
        self.app.glass.changed(None)
        return self._timed(lambda: engine.draw(self.window))

    def touch_ms(self) -> float:
        """From a finger on the primary button to the darkened frame. The clock's wait (up to a frame) is not in it."""
        target = next(t for t in self.app.presenter.scene(self.hub.now()).targets() if t.primary)

        def touch() -> None:
            engine.dispatch_touch(self.window, "down", target.box.cx, self.panel.height_px - target.box.cy)
            self.frame()

        taken = self._timed(touch)
        engine.dispatch_touch(self.window, "up", -5.0, -5.0)
        self.frame()
        return taken

    def idle_percent(self, seconds: float) -> float:
        """Share of one core that the real loop takes while nothing happens."""
        end, used = self.hub.now() + seconds, _cpu_s()

        def turn() -> bool:
            self.app.frame()
            return self.hub.now() < end

        start = self.hub.now()
        engine.loop(turn)
        return 100 * (_cpu_s() - used) / (self.hub.now() - start)

    def _timed(self, act: Callable[[], None]) -> float:
        start = self.hub.now()
        act()
        taken = (self.hub.now() - start) * 1000
        engine.rest()
        return taken


def _cpu_s() -> float:
    times = os.times()
    return times.user + times.system


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]


class _Silence:
    def poll(self) -> int | None:
        return 0

    def terminate(self) -> None: ...


def _silent(_argv: Sequence[str], _text: bytes) -> Any:
    return _Silence()


def _resting() -> Screen:
    return Screen(
        turn=1,
        name="attract",
        lang="zh",
        library=("大学图书馆", "University Library"),
        clock="14:06",
        art=Art.SHELF,
        headline=Headline(text="把书放上来，就能借走。", sub="Put your books down, and go."),
        primary=Button(id="start", text="开始借书", icon=Icon.BOOKS),
    )


def _loans(turn: int, name: str, lang: str) -> Screen:
    """Twelve rows with two texts each: the list that start-up and build times are compared on."""
    chinese = lang == "zh"
    title = "数据密集型应用系统设计" if chinese else "Designing Data-Intensive Applications"
    due = "12月22日" if chinese else "22 Dec"
    rows = tuple(Row(id=f"r{i}", title=title, value=due, label="应还", spine=i % 5) for i in range(12))
    primary = Button(id="go", text="继续" if lang == "zh" else "Continue")
    return Screen(turn=turn, name=name, lang=lang, headline=Headline(text="", numeral="12"), rows=rows, primary=primary)


def _first_frame(cache: Path) -> None:
    """In the child: draws one frame and says how long ago the parent started it."""
    bench = Bench(cache, PORTRAIT)
    bench.show_ms(_resting())
    print((bench.hub.now() - float(os.environ[STARTED_AT])) * 1000)


if __name__ == "__main__":
    if sys.argv[1] == "--first-frame":
        _first_frame(Path(sys.argv[2]))
    else:
        print(json.dumps(asdict(measure(Path(sys.argv[1])))))
