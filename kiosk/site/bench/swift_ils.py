"""`python -m kiosk.site.bench.swift_ils`: the demo library system without its own waiting: one thread, one loop.

It is the far end of the benches that ask what we cost ourselves: same books, same bytes, no change of task in between.
"""

from __future__ import annotations

import argparse
import selectors
import signal
import socket
import sys
from pathlib import Path
from typing import Final

from drivers.clock import ThreadHub
from kiosk.gateway.sim.acs import Acs, Session
from kiosk.gateway.sim.data import load
from kiosk.gateway.sim.dialect import DEMO
from kiosk.gateway.sim.opening import open_ils

CHUNK_BYTES: Final = 65_536


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--db", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    given = parser.parse_args()
    acs = open_ils(load(given.data), ThreadHub().wall, dialect=DEMO, path=given.db)
    acs.circulation.store.db.execute("PRAGMA synchronous=OFF")  # nor does it wait for a disk
    with socket.create_server(("127.0.0.1", given.port), backlog=64) as server:
        print(f"demo-ils ready port={server.getsockname()[1]}", flush=True)
        signal.signal(signal.SIGTERM, lambda *_: _end(acs))
        _serve(acs, server)


def _end(acs: Acs) -> None:
    """Says what came, for a bench to count."""
    for command, times in sorted(acs.received.items()):
        print(f"heard {command}: {times}", flush=True)
    sys.exit(0)


def _serve(acs: Acs, server: socket.socket) -> None:
    watched = selectors.DefaultSelector()
    watched.register(server, selectors.EVENT_READ)
    while True:
        for ready, _ in watched.select():
            if ready.data is None:
                connection, _ = server.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                watched.register(connection, selectors.EVENT_READ, acs.session())
            elif not _answer(ready.fileobj, ready.data):  # type: ignore[arg-type]  # only sockets are registered
                watched.unregister(ready.fileobj)


def _answer(connection: socket.socket, session: Session) -> bool:
    """False when the terminal has hung up."""
    try:
        data = connection.recv(CHUNK_BYTES)
        if data:
            connection.sendall(session.answer(data))
            return True
    except OSError:
        data = b""
    connection.close()
    return False


if __name__ == "__main__":
    main()
