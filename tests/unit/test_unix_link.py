"""The wire between core and screen: both directions at once, and an end that is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.clock import ThreadHub
from drivers.errors import LinkLost
from drivers.link import Link
from drivers.unix_link import listen_unix, open_unix


def _echo(link: Link) -> None:
    hub = ThreadHub()
    try:
        while True:
            link.write(link.read(hub.now() + 10))
    except LinkLost:
        link.close()


def test_a_screen_and_a_core_talk_both_ways(tmp_path: Path) -> None:
    hub = ThreadHub()
    path = str(tmp_path / "ui.sock")
    listener = listen_unix(hub, path, _echo)
    link = open_unix(path, clock=hub)
    message = b"x" * 300_000
    hub.spawn("write", lambda: link.write(message))
    got = b""
    while len(got) < len(message):
        chunk = link.read(hub.now() + 5)
        assert chunk, "the echo stopped"
        got += chunk
    assert got == message
    assert link.read(hub.now()) == b""
    link.close()
    listener.close()
    assert not Path(path).exists()


def test_a_core_that_ends_is_noticed(tmp_path: Path) -> None:
    hub = ThreadHub()
    path = str(tmp_path / "ui.sock")
    listener = listen_unix(hub, path, lambda link: link.close())
    link = open_unix(path, clock=hub)
    with pytest.raises(LinkLost, match="closed the connection"):
        link.read(hub.now() + 5)
    listener.close()
    with pytest.raises(LinkLost, match="nobody listens"):
        open_unix(path, clock=hub)


def test_a_stale_socket_file_is_no_obstacle(tmp_path: Path) -> None:
    hub = ThreadHub()
    path = str(tmp_path / "ui.sock")
    (tmp_path / "ui.sock").write_text("left by a power cut")
    listener = listen_unix(hub, path, _echo)
    link = open_unix(path, clock=hub)
    link.write(b"hello")
    assert link.read(hub.now() + 5) == b"hello"
    link.close()
    listener.close()
