"""Unix sockets as a `Link`: between the core of a machine and its screen.

Unlike other links, one task may read while another writes: the screen sends touches and receives pictures at once.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable
from typing import Final

from drivers.clock import Clock, Hub
from drivers.errors import LinkLost
from drivers.link import Link
from drivers.waiting import readable, writable

CHUNK_BYTES: Final = 65_536
WRITE_S_MAX: Final = 5.0  # a peer that takes nothing for so long is as good as gone
LOOK_S: Final = 0.2
MODE: Final = 0o660


class _UnixLink:
    def __init__(self, name: str, connection: socket.socket, clock: Clock) -> None:
        connection.setblocking(False)
        self._name = name
        self._connection = connection
        self._clock = clock
        self._open = True

    def write(self, data: bytes) -> None:
        by = self._clock.now() + WRITE_S_MAX
        rest = memoryview(data)
        while rest:
            self._must_be_open()
            try:
                rest = rest[self._connection.send(rest) :]
            except BlockingIOError:
                if self._clock.now() >= by:
                    self.close()
                    raise LinkLost(self._name, "write", "the other side takes nothing") from None
                self._ready(by, writing=True)
            except OSError as error:
                self.close()
                raise LinkLost(self._name, "write", str(error)) from error

    def read(self, by: float) -> bytes:
        while True:
            self._must_be_open()
            try:
                data = self._connection.recv(CHUNK_BYTES)
            except BlockingIOError:
                if self._clock.now() >= by:
                    return b""
                self._ready(by, writing=False)
                continue
            except OSError as error:
                self.close()
                raise LinkLost(self._name, "read", str(error)) from error
            if not data:
                self.close()
                raise LinkLost(self._name, "hangup", "the other side closed the connection")
            return data

    def close(self) -> None:
        if self._open:
            self._open = False
            with contextlib.suppress(OSError):  # already disconnected by the other side
                self._connection.shutdown(socket.SHUT_RDWR)
            self._connection.close()

    def _ready(self, by: float, *, writing: bool) -> None:
        try:
            wait = writable if writing else readable
            wait(self._connection.fileno(), by - self._clock.now())
        except (OSError, ValueError) as error:  # closed by the other task while this one waited
            raise LinkLost(self._name, "closed", "the connection was closed") from error

    def _must_be_open(self) -> None:
        if not self._open:
            raise LinkLost(self._name, "closed", "the connection is closed")


def open_unix(path: str, *, clock: Clock, name: str = "screen") -> Link:
    """Connects to a listening socket; raises LinkLost."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(path)
    except OSError as error:
        connection.close()
        raise LinkLost(name, "open", f"nobody listens on {path}: {error.strerror}") from error
    return _UnixLink(name, connection, clock)


class UnixListener:
    """Serves each connection in a task of its own until `close`."""

    def __init__(self, hub: Hub, server: socket.socket, path: str, serve: Callable[[Link], None]) -> None:
        self._hub = hub
        self._server = server
        self._path = path
        self._serve = serve
        self._open = True

    def run(self) -> None:
        while self._open:
            try:
                if not readable(self._server.fileno(), LOOK_S):
                    continue
                connection, _ = self._server.accept()
            except (OSError, ValueError):  # closed while waiting
                return
            link = _UnixLink("screen", connection, self._hub)
            self._hub.spawn("screen", lambda link=link: self._serve(link))  # type: ignore[misc]  # mypy: default argument

    def close(self) -> None:
        self._open = False
        self._server.close()
        with contextlib.suppress(OSError):
            os.unlink(self._path)


def listen_unix(hub: Hub, path: str, serve: Callable[[Link], None]) -> UnixListener:
    """Listens on `path`, readable by the group; a stale socket file is replaced. Raises LinkLost."""
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        server.bind(path)
        os.chmod(path, MODE)
        server.listen(4)
    except OSError as error:
        server.close()
        raise LinkLost("screen", "listen", f"cannot listen on {path}: {error.strerror or error}") from error
    listener = UnixListener(hub, server, path, serve)
    hub.spawn("screen listener", listener.run)
    return listener
