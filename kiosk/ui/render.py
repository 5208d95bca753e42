"""Screens as pictures: one offscreen window, many screens, PNG files without a clock in them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from kiosk.screen import Screen, Sentences
from kiosk.ui import engine, fonts, words
from kiosk.ui.engine import Pixels
from kiosk.ui.layout import compose
from kiosk.ui.panel import Panel
from kiosk.ui.scene import Scene


class Studio:
    """Renders scenes of any panel in one window; opened once a process because Kivy has one window."""

    def __init__(self, cache: Path, site: Sentences | None = None) -> None:
        engine.prepare(cache)
        self.ruler = engine.KivyRuler(fonts.faces(cache / "fonts"))
        self.words = words.merged(site)
        self._window: Any = None

    def scene(self, screen: Screen, panel: Panel, *, page: int = 0, typed: str = "", past_s: float = 0.0) -> Scene:
        """The layout alone: needs no window."""
        return compose(screen, panel, self.ruler, self.words, page=page, typed=typed, past_s=past_s)

    def pixels(self, scene: Scene, panel: Panel) -> Pixels:
        """Draws the scene and reads the glass back."""
        window = self._open(panel)
        from kiosk.ui.paint import Painter

        window.canvas.clear()
        painter = Painter(window.canvas, self.ruler, panel.width_px, panel.height_px)
        painter.show(scene, 0.0)
        return engine.grab(window, panel.width_px, panel.height_px)

    def render(self, screen: Screen, panel: Panel, path: Path, *, page: int = 0, typed: str = "") -> None:
        """One screen into one PNG file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(self.pixels(self.scene(screen, panel, page=page, typed=typed), panel)))

    def _open(self, panel: Panel) -> Any:
        if self._window is None:
            self._window = engine.open_window(panel, fullscreen=False)
        engine.resize(self._window, panel.width_px, panel.height_px)
        return self._window


def render_all(screens: Iterable[tuple[str, Screen, Panel]], out: Path, cache: Path) -> list[Path]:
    """Writes `<out>/<name>.png` for every screen; returns the paths."""
    studio = Studio(cache)
    paths = []
    for name, screen, panel in screens:
        path = out / f"{name}.png"
        studio.render(screen, panel, path)
        paths.append(path)
    return paths


def png(pixels: Pixels) -> bytes:
    """A PNG file (ISO/IEC 15948): indexed where 256 colours are enough, else true colour; the same bytes every time."""
    header = struct.pack(">IIBBBBB", pixels.width, pixels.height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"".join(_filtered(pixels)), 9)
    chunks = ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def _filtered(pixels: Pixels) -> Iterator[bytes]:
    """Each row as the difference to the row above (filter type 2): flat drawings become zeros."""
    stride = pixels.width * 3
    above = bytes(stride)
    for y in range(pixels.height):
        row = pixels.rgb[y * stride : (y + 1) * stride]
        if row == above:
            yield b"\x02" + bytes(stride)
        else:
            a, b = int.from_bytes(row, "big"), int.from_bytes(above, "big")
            yield b"\x02" + _minus(a, b, stride)
        above = row


def _minus(a: int, b: int, size: int) -> bytes:
    """Bytewise difference modulo 256 of two numbers of `size` bytes."""
    high = int.from_bytes(b"\x80" * size, "big")
    low = high ^ int.from_bytes(b"\xff" * size, "big")
    difference = ((a | high) - (b & low)) ^ ((a ^ ~b) & high)
    return (difference & ((1 << (8 * size)) - 1)).to_bytes(size, "big")
