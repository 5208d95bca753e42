"""A library system behind TLS: the right server is heard, any other is refused."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.clock import ThreadHub
from drivers.errors import LinkLost
from drivers.tcp_link import ClientTls, open_tcp
from kiosk.keys.certificates import issue, new_authority

HUB = ThreadHub()


@pytest.fixture
def pki(tmp_path: Path) -> Path:
    authority = new_authority("ca", at=HUB.wall(), demo=True)
    authority.write(tmp_path, "ca")
    new_authority("other", at=HUB.wall(), demo=True).write(tmp_path, "other")
    issue(authority, "ils", at=HUB.wall(), hosts=("localhost",)).write(tmp_path, "ils")
    return tmp_path


@pytest.fixture
def port(pki: Path) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki / "ils.crt", pki / "ils.key")
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                raw, _ = server.accept()
            except OSError:
                return
            try:
                wire = context.wrap_socket(raw, server_side=True)
                wire.sendall(wire.recv(100)[::-1])
                wire.close()
            except OSError:
                raw.close()

    HUB.spawn("tls server", serve)
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()


def test_a_trusted_server_is_heard_within_deadlines(pki: Path, port: int) -> None:
    link = open_tcp("127.0.0.1", port, clock=HUB, tls=ClientTls(ca=str(pki / "ca.crt"), server="localhost"))
    assert link.read(HUB.now() + 0.05) == b""
    link.write(b"9300CNterm1|")
    assert link.read(HUB.now() + 5) == b"|1mretNC0039"
    with pytest.raises(LinkLost):
        link.read(HUB.now() + 5)


@pytest.mark.parametrize(("ca", "server"), [("other", "localhost"), ("ca", "elsewhere")])
def test_a_server_that_cannot_prove_itself_is_refused(pki: Path, port: int, ca: str, server: str) -> None:
    with pytest.raises(LinkLost, match="no trusted connection"):
        open_tcp("127.0.0.1", port, clock=HUB, tls=ClientTls(ca=str(pki / f"{ca}.crt"), server=server))
