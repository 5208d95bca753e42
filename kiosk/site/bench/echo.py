"""`python -m kiosk.site.bench.echo`: sends back what comes, to one connection, until it hangs up."""

from __future__ import annotations

import socket


def main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(f"echo ready port={server.getsockname()[1]}", flush=True)
        connection, _ = server.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection:
            while data := connection.recv(65_536):
                connection.sendall(data)


if __name__ == "__main__":
    main()
