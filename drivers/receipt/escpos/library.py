"""What python-escpos (MIT) knows: the commands of a printer model, and QR codes. The only import of it.

    python -m drivers.receipt.escpos.library    answers one question on its standard input: see `apart`

The import takes 0.4 s and 10 MiB, makes folders among the temporary files and configures the root logger.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from typing import Any, Final, Protocol

from drivers.receipt.contract import FEED_LINES_MAX, Align

QR_LEVEL_M: Final = 1  # python-escpos numbers the levels L, M, Q, H from 0
STYLES: Final = tuple(product(Align, (False, True), (1, 2)))
"""Alignment, bold, and how many times larger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """The commands of one model. `dots` across its paper, None where its profile does not say."""

    columns: int
    dots: int | None
    begin: bytes
    styles: tuple[bytes, ...]  # in the order of STYLES
    feeds: tuple[bytes, ...]  # of one line and more
    cut: bytes


class Library(Protocol):
    """Whoever can ask python-escpos."""

    def phrases(self, model: str) -> Phrases:
        """Raises ValueError for a model that cannot be used."""

    def qr(self, model: str, data: str, size: int) -> bytes:
        """A QR code of level M, `size` dots a module: a command, or a picture where the model knows none."""


class Here:
    """In this process."""

    def phrases(self, model: str) -> Phrases:
        canvas = _canvas(model)
        dots = canvas.profile.profile_data["media"]["width"].get("pixels")
        if not isinstance(dots, int) and not canvas.profile.supports("qrCode"):
            raise ValueError(f"profile {model!r} has no QR codes of its own and no known width to draw them")
        return Phrases(
            columns=canvas.profile.get_columns("a"),
            dots=dots if isinstance(dots, int) else None,
            begin=_said(canvas, partial(canvas.hw, "INIT")),
            styles=tuple(_said(canvas, partial(_style, canvas, *style)) for style in STYLES),
            feeds=tuple(_said(canvas, partial(canvas.print_and_feed, n)) for n in range(1, FEED_LINES_MAX + 1)),
            cut=_said(canvas, canvas.cut),
        )

    def qr(self, model: str, data: str, size: int) -> bytes:
        canvas = _canvas(model)
        native = bool(canvas.profile.supports("qrCode"))
        return _said(canvas, partial(canvas.qr, data, ec=QR_LEVEL_M, size=size, native=native))


def models() -> tuple[str, ...]:
    """The models that python-escpos knows by name."""
    from escpos.capabilities import CAPABILITIES

    return tuple(CAPABILITIES["profiles"])


def _canvas(model: str) -> Any:
    """Any: python-escpos types its printers, not what it loads about them."""
    from escpos.printer import Dummy

    if model not in models():
        raise ValueError(f"python-escpos knows no printer profile {model!r}")
    return Dummy(profile=model)


def _style(canvas: Any, align: Align, bold: bool, scale: int) -> None:
    # GS ! (custom_size) enlarges Latin and Chinese characters alike; ESC ! leaves the Chinese ones small.
    canvas.set(align=align.value, bold=bold, custom_size=True, width=scale, height=scale)


def _said(canvas: Any, say: Callable[[], object]) -> bytes:
    canvas.clear()
    say()
    return bytes(canvas.output)


def main() -> None:
    """A question in JSON: the model, and data and size of a QR code where one is wanted."""
    question = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = os.environ["ESCPOS_CAPABILITIES_PICKLE_DIR"] = folder
        try:
            if "qr" in question:
                said: Any = Here().qr(question["model"], question["qr"], question["size"])
            else:
                said = asdict(Here().phrases(question["model"]))
        except ValueError as error:
            said = {"refused": str(error)}
    json.dump(said, sys.stdout, default=bytes.hex)


if __name__ == "__main__":
    main()
