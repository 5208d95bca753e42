"""Where a demo's files lie for as long as it runs."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from drivers.clock import VirtualHub
from drivers.unix_link import listen_unix
from kiosk.site.folder import temporary_root


@pytest.mark.parametrize("depth", [0, 12], ids=["near", "deep"])
def test_a_screens_socket_fits_however_deep_the_users_temporary_files_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, depth: int
) -> None:
    place = tmp_path.joinpath(*["a-long-name"] * depth)
    place.mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    root = temporary_root()
    try:
        listen_unix(VirtualHub(), str(root / ("s" * len("site/kiosk-1.sock"))), lambda link: None).close()
    finally:
        root.rmdir()
