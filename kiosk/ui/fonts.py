"""The Simplified Chinese cuts of Noto, taken once out of Debian's font collections.

Kivy opens a collection (.ttc) at its first face, which is Japanese in Debian's fonts-noto-cjk. The first start writes
the Simplified Chinese faces as single files into a cache (about two seconds); later starts only look whether the
collection has changed. Nothing is cut away: book titles hold rare characters.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.ui.text import NARROW, Face

NOTO_DIR: Final = Path("/usr/share/fonts/opentype/noto")


@dataclass(frozen=True, slots=True)
class _Source:
    collection: str
    family: str
    narrow_family: str  # has the narrow quotation marks, out of the same outlines


_SOURCES: Final[Mapping[Face, _Source]] = {
    Face.SANS: _Source("NotoSansCJK-Regular.ttc", "Noto Sans CJK SC", "Noto Sans CJK KR"),
    Face.BOLD: _Source("NotoSansCJK-Bold.ttc", "Noto Sans CJK SC", "Noto Sans CJK KR"),
    Face.SERIF: _Source("NotoSerifCJK-Bold.ttc", "Noto Serif CJK SC", "Noto Serif CJK KR"),
    Face.MONO: _Source("NotoSansCJK-Bold.ttc", "Noto Sans Mono CJK SC", "Noto Sans Mono CJK KR"),
}


class FontsMissing(Exception):
    """The fonts are not installed; the text says which package brings them."""


def faces(cache: Path, noto: Path = NOTO_DIR) -> dict[Face, Path]:
    """One font file per face, extracted into `cache` where that has not been done. Raises FontsMissing."""
    found: dict[Face, Path] = {}
    for face, source in _SOURCES.items():
        collection = noto / source.collection
        try:
            stat = collection.stat()
        except OSError as error:
            raise FontsMissing(f"{collection} is not there: install the Debian package fonts-noto-cjk") from error
        target = cache / f"{face.value}-{stat.st_size:x}-{int(stat.st_mtime):x}.otf"
        if not target.exists():
            _extract(collection, source, target)
        found[face] = target
    return found


def _extract(collection: Path, source: _Source, target: Path) -> None:
    """Writes one face beside its place and moves it there whole, so that a power cut leaves no half font."""
    from fontTools.ttLib import TTCollection  # only on the first start: the import alone takes 70 ms

    with TTCollection(str(collection), lazy=True) as fonts:
        by_family = {font["name"].getDebugName(1): font for font in fonts.fonts}
        font, narrow = by_family[source.family], by_family[source.narrow_family].getBestCmap()
        for table in font["cmap"].tables:
            if table.isUnicode() and table.format in (4, 12):
                table.cmap.update({ord(private): narrow[ord(mark)] for mark, private in NARROW.items()})
        del font.tables[
            "CFF "
        ]  # read for the glyph names only: written back as it lies in the file, which takes no time
        target.parent.mkdir(parents=True, exist_ok=True)
        half = target.with_suffix(f".{os.getpid()}")
        font.save(str(half))
    half.replace(target)
