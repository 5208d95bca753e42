"""A small library system at the far end of the SIP2 wire: rules, loans, holds and fees of its own, and every fault.

Its truth is a SQLite file of its own, so that an audit can ask what was really done, whoever claims what. It shares the
message layouts with the client and nothing else; that both read the standard rightly is proven against another server.

`serve` puts it on TCP ports, `Service` on any Link, `open_ils` gives the bare machine: bytes in, bytes out. Nothing
that runs in production imports it.
"""

from kiosk.gateway.sim.acs import Acs
from kiosk.gateway.sim.audit import Audit, Effect
from kiosk.gateway.sim.data import DemoDataError, load
from kiosk.gateway.sim.dialect import DIALECTS, Dialect
from kiosk.gateway.sim.faults import Fault, FaultKind
from kiosk.gateway.sim.opening import open_ils
from kiosk.gateway.sim.rows import DemoData
from kiosk.gateway.sim.service import Service
from kiosk.gateway.sim.serving import Serving, serve

__all__ = [
    "DIALECTS",
    "Acs",
    "Audit",
    "DemoData",
    "DemoDataError",
    "Dialect",
    "Effect",
    "Fault",
    "FaultKind",
    "Service",
    "Serving",
    "load",
    "open_ils",
    "serve",
]
