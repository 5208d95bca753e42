"""One Kivy window for the whole session, offscreen, and a machine's end of the wire to drive it with."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

from kiosk.ui import engine
from kiosk.ui.panel import PORTRAIT
from kiosk.ui.render import Studio
from tests.ui.kiosk_kit import Kiosk

# Fonts are taken out of their collections once for all runs: two seconds and 74 MB.
CACHE = Path(tempfile.gettempdir()) / f"circdesk-ui-tests-{os.getuid()}"


@pytest.fixture(scope="session")
def cache() -> Path:
    return CACHE


@pytest.fixture(scope="session")
def studio(cache: Path) -> Studio:
    return Studio(cache)


@pytest.fixture(scope="session")
def window(studio: Studio) -> Any:
    """The one window; textures need its graphics."""
    return engine.open_window(PORTRAIT, fullscreen=False)


@pytest.fixture
def kiosk(studio: Studio, window: Any) -> Iterator[Kiosk]:
    kit = Kiosk(studio, window)
    yield kit
    kit.close()
