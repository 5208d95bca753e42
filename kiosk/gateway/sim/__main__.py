"""`python -m kiosk.gateway.sim`: the demo ILS as a process of its own. Prints one line when it is ready."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kiosk.gateway.sim.data import DemoDataError
from kiosk.gateway.sim.dialect import DIALECTS
from kiosk.gateway.sim.serving import run


def main(arguments: list[str] | None = None) -> int:
    """Serves until it is ended from outside. 2: the data or an argument is wrong; 1: a bug stopped it."""
    parser = argparse.ArgumentParser(prog="python -m kiosk.gateway.sim", description="A small library system on SIP2.")
    parser.add_argument("--port", type=int, default=6001, help="SIP2; 0 takes a free one")
    parser.add_argument("--admin-port", type=int, default=0, help="control line, JSON a line; 0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--db", type=Path, help="database; kept in memory without it")
    parser.add_argument("--data", type=Path, default=Path("config/demo"), help="folder of the demo data")
    parser.add_argument("--dialect", choices=sorted(DIALECTS), default="demo")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="before every message is acted on")
    parser.add_argument("--login", help="USER:PASSWORD of the terminals; without it every login passes")
    given = parser.parse_args(arguments)
    user, _, password = (given.login or "").partition(":")
    try:
        return run(
            host=given.host,
            port=given.port,
            admin_port=given.admin_port,
            db=given.db,
            data=given.data,
            dialect=DIALECTS[given.dialect],
            latency_ms=given.latency_ms,
            users={user: password} if given.login else None,
        )
    except DemoDataError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
