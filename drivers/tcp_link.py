"""A TCP connection as a `Link`: the only import of socket. `listen` is the far end, for simulators and servers."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from drivers.clock import Clock, Hub, Task
from drivers.errors import LinkLost
from drivers.link import Link

CONNECT_S_MAX = 2.0
WRITE_S_MAX = 1.0
WAIT_S_MAX = 3600.0  # one wait of a longer deadline; the system call takes no endless number
CHUNK_BYTES = 65_536
CONNECTIONS_MAX = 64
BACKLOG = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientTls:
    """TLS towards a server: its certificate must be signed by `ca` (PEM file) and name `server`.

    `certificate` and `key` are this end's own, for servers that ask for one.
    """

    ca: str
    server: str
    certificate: str = ""
    key: str = ""

    def context(self) -> ssl.SSLContext:
        """Raises OSError (ssl.SSLError is one) for files that cannot be used."""
        context = ssl.create_default_context(cafile=self.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.certificate:
            context.load_cert_chain(self.certificate, self.key)
        return context


def open_tcp(
    host: str,
    port: int,
    *,
    clock: Clock,
    connect_s: float = CONNECT_S_MAX,
    name: str | None = None,
    tls: ClientTls | None = None,
) -> Link:
    """Connects without Nagle's delay. Raises LinkLost when nobody answers within `connect_s` (per address of `host`),
    or when the server cannot prove who it is.

    `name` is what errors call the device ("host:port" when None). `clock` must be real.
    """
    device = name or f"{host}:{port}"
    try:
        connection = socket.create_connection((host, port), timeout=connect_s)
    except OSError as error:  # refused, unreachable, unknown host and time-out alike
        raise LinkLost(device, "connect", f"cannot connect to {host}:{port}: {error}") from error
    if tls is not None:
        try:
            connection = tls.context().wrap_socket(connection, server_hostname=tls.server)
        except OSError as error:
            connection.close()
            raise LinkLost(device, "tls", f"no trusted connection to {host}:{port}: {error}") from error
    return _TcpLink(device, connection, clock)


class Listener:
    """An open port. `port` is the number given by the system when 0 was asked for."""

    def __init__(self, hub: Hub, server: socket.socket, serve: Callable[[Link], None]) -> None:
        self.port: int = server.getsockname()[1]
        self._hub = hub
        self._server = server
        self._serve = serve
        self._open: list[tuple[_TcpLink, Task]] = []
        self._task = hub.spawn(f"listen-{self.port}", self._accept)

    def close(self, wait_s: float = 1.0) -> None:
        """Stops listening and hangs up every connection; waits for their `serve` to return, `wait_s` at most."""
        by = self._hub.now() + wait_s
        _shut(self._server)
        self._task.join(by)
        self._server.close()
        for link, task in self._open:
            link.hang_up()
            task.join(by)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:  # closed from outside: accept wakes with EINVAL
                return
            self._open = [pair for pair in self._open if not pair[1].join(self._hub.now())]
            if len(self._open) >= CONNECTIONS_MAX:
                connection.close()
                continue
            link = _TcpLink(f"peer-{self.port}", connection, self._hub)
            self._open.append((link, self._hub.spawn(f"serve-{self.port}", partial(self._run, link))))

    def _run(self, link: _TcpLink) -> None:
        try:
            self._serve(link)
        finally:
            link.close()


def listen(hub: Hub, host: str, port: int, serve: Callable[[Link], None]) -> Listener:
    """Runs `serve(link)` in a task of its own per connection, CONNECTIONS_MAX at a time, until the listener closes.

    Real time only: a virtual hub would stand still in accept. `serve` must let LinkLost end it. Raises LinkLost when
    the port is taken.
    """
    try:
        server = socket.create_server((host, port), backlog=BACKLOG)
    except OSError as error:
        raise LinkLost(f"{host}:{port}", "listen", f"cannot listen on {host}:{port}: {error}") from error
    return Listener(hub, server, serve)


def _shut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # already disconnected by the other side


class _TcpLink:
    def __init__(self, device: str, connection: socket.socket, clock: Clock) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A device that lost its power never says goodbye; keepalive finds out while nobody asks it anything.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._device = device
        self._connection = connection
        self._clock = clock
        self._open = True

    def write(self, data: bytes) -> None:
        self._must_be_open(data)
        try:
            self._connection.settimeout(WRITE_S_MAX)
            self._connection.sendall(data)
        except OSError as error:  # a send that timed out half way leaves the stream useless: same end as a reset
            self.close()
            raise LinkLost(self._device, "write", str(error), sent=data) from error

    def read(self, by: float) -> bytes:
        self._must_be_open()
        while True:
            try:
                self._connection.settimeout(min(max(0.0, by - self._clock.now()), WAIT_S_MAX))
                data = self._connection.recv(CHUNK_BYTES)
            except (TimeoutError, BlockingIOError):
                if self._clock.now() >= by:
                    return b""
                continue
            except OSError as error:
                self.close()
                raise LinkLost(self._device, "read", str(error)) from error
            if not data:
                self.close()
                raise LinkLost(self._device, "hangup", "the other end closed the connection")
            return data

    def close(self) -> None:
        if self._open:
            self._open = False
            self._connection.close()

    def hang_up(self) -> None:
        """Ends the connection from another task; the owner finds out at its next read or write."""
        _shut(self._connection)

    def _must_be_open(self, data: bytes = b"") -> None:
        if not self._open:
            raise LinkLost(self._device, "closed", "the connection is closed", sent=data)
