"""The demo ILS on TCP ports: SIP2 for terminals, the control line for tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from drivers.clock import Hub, ThreadHub
from drivers.tcp_link import Listener, listen
from kiosk.gateway.sim.acs import Acs
from kiosk.gateway.sim.admin import Admin
from kiosk.gateway.sim.data import load
from kiosk.gateway.sim.dialect import DEMO, Dialect
from kiosk.gateway.sim.opening import open_ils
from kiosk.gateway.sim.service import Service

WATCH_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A demo ILS that is up. `sip2.port` and `admin.port` are the real ports."""

    acs: Acs
    service: Service
    sip2: Listener
    admin: Listener

    def close(self) -> None:
        self.sip2.close()
        self.admin.close()


def serve(
    hub: Hub,
    *,
    data: Path,
    host: str = "127.0.0.1",
    port: int = 0,
    admin_port: int = 0,
    db: Path | None = None,
    dialect: Dialect = DEMO,
    latency_ms: float = 0.0,
    users: dict[str, str] | None = None,
) -> Serving:
    """Opens both ports on a hub of real time. Raises DemoDataError, or LinkLost when a port is taken.

    `users` are the terminals' names and passwords; None lets every login pass.
    """
    acs = open_ils(load(data), hub.wall, dialect=dialect, path=db, users=users)
    acs.latency_s = latency_ms / 1000
    service = Service(hub, acs)
    return Serving(
        acs=acs,
        service=service,
        sip2=listen(hub, host, port, service.serve),
        admin=listen(hub, host, admin_port, Admin(hub, service).serve),
    )


def run(
    *,
    host: str,
    port: int,
    admin_port: int,
    db: Path | None,
    data: Path,
    dialect: Dialect,
    latency_ms: float,
    users: dict[str, str] | None,
) -> int:
    """Serves until the process is ended from outside; returns 1 when a task of the service crashed."""
    crashed: list[str] = []
    hub = ThreadHub(on_crash=lambda name, error: crashed.append(f"{name}: {error!r}"))
    serving = serve(
        hub,
        data=data,
        host=host,
        port=port,
        admin_port=admin_port,
        db=db,
        dialect=dialect,
        latency_ms=latency_ms,
        users=users,
    )
    print(f"demo-ils ready port={serving.sip2.port} admin={serving.admin.port}", flush=True)
    while not crashed:
        hub.wait_until(hub.now() + WATCH_S)
    print(crashed[0], flush=True)
    return 1
