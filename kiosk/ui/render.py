"""Screens as pictures: one offscreen window, many screens, PNG files without a clock in them."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from pathlib import Path
from typing import Any, Final

from kiosk.screen import Screen, Sentences
from kiosk.ui import engine, fonts, words
from kiosk.ui.engine import Pixels
from kiosk.ui.layout import compose
from kiosk.ui.panel import Panel
from kiosk.ui.scene import Scene

PALETTE_MAX: Final = 256


class Studio:
    """Renders scenes of any panel. A window is opened once a process, because Kivy draws nothing without one."""

    def __init__(self, cache: Path, site: Sentences | None = None) -> None:
        engine.prepare(cache)
        self.ruler = engine.KivyRuler(fonts.faces(cache / "fonts"))
        self.words = words.merged(site)
        self._window: Any = None

    def scene(self, screen: Screen, panel: Panel, *, page: int = 0, typed: str = "", past_s: float = 0.0) -> Scene:
        """The layout alone: needs no window."""
        return compose(screen, panel, self.ruler, self.words, page=page, typed=typed, past_s=past_s)

    def pixels(self, scene: Scene, panel: Panel) -> Pixels:
        """Draws the scene on a canvas of the panel's size behind the window, and reads it back."""
        if self._window is None:
            self._window = engine.open_window(panel, fullscreen=False)
        from kiosk.ui.paint import Painter

        canvas = engine.offscreen_canvas(panel.width_px, panel.height_px)
        painter = Painter(canvas, self.ruler, panel.width_px, panel.height_px)
        painter.show(scene, 0.0)
        read = engine.read_canvas(canvas, panel.width_px, panel.height_px)
        engine.rest()  # else Kivy holds the memory of every canvas until a frame passes
        return read

    def render(self, screen: Screen, panel: Panel, path: Path, *, page: int = 0, typed: str = "") -> None:
        """One screen into one PNG file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(self.pixels(self.scene(screen, panel, page=page, typed=typed), panel)))


def png(pixels: Pixels) -> bytes:
    """An indexed PNG file (ISO/IEC 15948) of the 256 commonest colours; the same bytes every time.

    A flat drawing has few colours; what smoothed edges add is rounded to the nearest of them, and nobody sees it.
    """
    palette, index = _palette(pixels)
    stride, rgb = pixels.width * 3, pixels.rgb
    rows = (
        b"\x00" + bytes(index[rgb[i : i + 3]] for i in range(y * stride, (y + 1) * stride, 3))
        for y in range(pixels.height)
    )
    header = struct.pack(">IIBBBBB", pixels.width, pixels.height, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def _palette(pixels: Pixels) -> tuple[bytes, dict[bytes, int]]:
    """Red, green, blue of up to 256 colours, and which of them stands for each colour of the picture."""
    counts = Counter(pixels.rgb[i : i + 3] for i in range(0, len(pixels.rgb), 3))
    chosen = [colour for colour, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:PALETTE_MAX]]
    index = {colour: i for i, colour in enumerate(chosen)}
    for colour in counts.keys() - index.keys():
        r, g, b = colour
        index[colour] = min(range(len(chosen)), key=lambda i: _apart(chosen[i], r, g, b))
    return b"".join(chosen), index


def _apart(colour: bytes, r: int, g: int, b: int) -> int:
    """How different two colours look: squared distance, green weighs most."""
    return 2 * (colour[0] - r) ** 2 + 4 * (colour[1] - g) ** 2 + (colour[2] - b) ** 2
