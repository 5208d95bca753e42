"""The faces that book titles are set in."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from kiosk.ui import engine, fonts
from kiosk.ui.render import Studio
from kiosk.ui.text import Face


def test_the_second_start_extracts_nothing(studio: Studio, cache: Path) -> None:
    first = {path: path.stat().st_mtime_ns for path in fonts.faces(cache / "fonts").values()}
    assert set(fonts.faces(cache / "fonts")) == set(Face)
    assert {path: path.stat().st_mtime_ns for path in fonts.faces(cache / "fonts").values()} == first


def test_a_changed_collection_is_extracted_again(cache: Path, tmp_path: Path) -> None:
    for name in ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc", "NotoSerifCJK-Bold.ttc"):
        (tmp_path / name).symlink_to(fonts.NOTO_DIR / name)
    ours = tmp_path / "fonts"
    ours.mkdir()
    before = fonts.faces(cache / "fonts", tmp_path)
    for path in set(before.values()):
        (ours / path.name).symlink_to(path)
    newer = tmp_path / "NotoSansCJK-Regular.ttc"
    newer.unlink()
    shutil.copyfile(fonts.NOTO_DIR / newer.name, newer)
    os.utime(newer, (1, 1))
    after = fonts.faces(ours, tmp_path)
    assert {face for face in Face if after[face].name != before[face].name} == {Face.SANS}
    assert {face for face in Face if not after[face].is_symlink()} == {Face.SANS}, "only that one was written"


def test_missing_fonts_name_the_package_that_brings_them(tmp_path: Path) -> None:
    with pytest.raises(fonts.FontsMissing, match="fonts-noto-cjk"):
        fonts.faces(tmp_path, tmp_path)


@pytest.mark.usefixtures("window")
def test_titles_are_drawn_with_simplified_shapes(studio: Studio) -> None:
    """骨 is mirrored inside in the Japanese face, which is the one that opens by default."""
    from kivy.core.text import Label

    ours, _ = studio.ruler.texture("骨", Face.SANS, 64)
    default = Label(text="骨", font_name=str(fonts.NOTO_DIR / "NotoSansCJK-Regular.ttc"), font_size=64)
    default.refresh()
    assert ours.pixels != default.texture.pixels


@pytest.mark.usefixtures("window")
def test_rare_characters_of_titles_have_a_glyph(studio: Studio) -> None:
    empty, _ = studio.ruler.texture("\U0010ffff", Face.SERIF, 41)
    for character in "龘靐齉㐂":
        drawn, _ = studio.ruler.texture(character, Face.SERIF, 41)
        assert drawn.pixels != empty.pixels


def test_quotation_marks_beside_latin_letters_are_narrow(studio: Studio) -> None:
    ruler = studio.ruler
    assert ruler.width("“A”", Face.SANS, 100) < 250
    assert ruler.width("“书”", Face.SANS, 100) == 300


def test_the_ruler_forgets_what_it_has_measured(cache: Path) -> None:
    ruler = engine.KivyRuler(fonts.faces(cache / "fonts"))
    ruler.width("王小明", Face.SANS, 41)
    ruler.memo["https://example.org"] = ("1",)
    ruler.forget()
    assert not ruler._widths
    assert not ruler.memo
