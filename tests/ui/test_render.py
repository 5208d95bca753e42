"""Screens as files."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from kiosk.ui.engine import Pixels
from kiosk.ui.measure import Bench, rss_mib
from kiosk.ui.panel import PORTRAIT, SMALL, Panel
from kiosk.ui.render import Studio, png
from tests.ui import gallery


def unpacked(data: bytes) -> tuple[int, int, bytes]:
    """Width, height and RGB of a PNG file as this project writes it."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, chunks = 8, {}
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        chunks[kind] = data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + chunks[kind])
        at += 12 + length
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, colour) == (8, 3)
    raw, palette = zlib.decompress(chunks[b"IDAT"]), chunks[b"PLTE"]
    rows = [raw[y * (width + 1) : (y + 1) * (width + 1)] for y in range(height)]
    assert all(row[0] == 0 for row in rows)
    return width, height, b"".join(palette[i * 3 : i * 3 + 3] for row in rows for i in row[1:])


def test_a_picture_of_few_colours_holds_every_pixel() -> None:
    rgb = bytes(value for i in range(256) for value in (i, 255 - i, i // 2))
    assert unpacked(png(Pixels(width=16, height=16, rgb=rgb))) == (16, 16, rgb)


def test_a_colour_too_many_becomes_its_nearest_neighbour() -> None:
    many = b"".join(bytes((i, i, i)) * 2 for i in range(256)) + bytes((9, 9, 10))
    _, _, rgb = unpacked(png(Pixels(width=513, height=1, rgb=many)))
    assert rgb[:-3] == many[:-3]
    assert rgb[-3:] == bytes((9, 9, 9))


@pytest.mark.usefixtures("window")
@pytest.mark.parametrize("panel", [PORTRAIT, SMALL], ids=lambda p: p.name)
def test_a_screen_becomes_a_file_of_the_panels_size(studio: Studio, tmp_path: Path, panel: Panel) -> None:
    path = tmp_path / "deep" / "pad.png"
    studio.render(gallery.pad("zh"), panel, path)
    header = struct.unpack(">II", path.read_bytes()[16:24])
    assert header == (panel.width_px, panel.height_px)
    assert path.stat().st_size < 200_000


@pytest.mark.usefixtures("window")
def test_the_same_screen_gives_the_same_file(studio: Studio, tmp_path: Path) -> None:
    for name in ("one", "two"):
        studio.render(gallery.ALL["done"]("zh"), SMALL, tmp_path / f"{name}.png")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


@pytest.mark.usefixtures("window")
def test_the_bench_measures_a_real_touch_and_real_memory(cache: Path) -> None:
    bench = Bench(cache, PORTRAIT)
    try:
        assert bench.show_ms(gallery.pad("zh")) > 0
        assert bench.touch_ms() > 0
        assert bench.redraw_ms() > 0
    finally:
        bench.close()
    assert rss_mib() > 20
