"""The demo ILS's own control line: one JSON object a line, one line back. For tests, benches and demonstrations.

{"do": "fault", "kind": "mute_after_act", "command": "11"}      orders a fault (times, skip, seconds as in Fault)
{"do": "faults"}   {"do": "clear"}                               what is ordered; nothing any more
{"do": "latency", "ms": 300}                                     before every message is acted on
{"do": "effects", "op": "checkout", "item": "D1000001"}          what was really done (op, item, patron, after)
{"do": "counts"}                                                 messages received, effects per item
{"do": "loan", "item": "D1000001"}                               who has it
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import msgspec

from drivers.clock import Hub
from drivers.errors import LinkLost
from drivers.link import Link
from kiosk.gateway.sim.audit import Audit
from kiosk.gateway.sim.faults import Fault, FaultKind
from kiosk.gateway.sim.service import IDLE_S_MAX, Service

LINE_BYTES_MAX = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    do: str
    kind: FaultKind | None = None
    command: str = ""
    times: int | None = 1
    skip: int = 0
    seconds: float = 0.0
    ms: float = 0.0
    op: str | None = None
    item: str | None = None
    patron: str | None = None
    after: int = 0


class Admin:
    """Serves the control line of one Service."""

    def __init__(self, hub: Hub, service: Service) -> None:
        self._hub = hub
        self._service = service
        self._acs = service.acs
        self._audit = Audit(service.acs.circulation.store)

    def serve(self, link: Link) -> None:
        """One controller's connection."""
        buffer = b""
        try:
            while data := link.read(self._hub.now() + IDLE_S_MAX):
                *lines, buffer = (buffer + data).split(b"\n")
                for line in lines:
                    link.write(self._line(line) + b"\n")
                if len(buffer) > LINE_BYTES_MAX:
                    break
        except LinkLost:
            pass
        finally:
            link.close()

    def _line(self, line: bytes) -> bytes:
        try:
            order = msgspec.json.decode(line, type=_Order)
        except msgspec.DecodeError as error:
            return msgspec.json.encode({"error": str(error)})
        return msgspec.json.encode(self._service.call(lambda: self._do(order)))

    def _do(self, order: _Order) -> dict[str, object]:
        match order.do:
            case "fault" if order.kind is not None:
                self._acs.faults.add(
                    Fault(
                        kind=order.kind,
                        command=order.command,
                        times=order.times,
                        skip=order.skip,
                        seconds=order.seconds,
                    )
                )
            case "clear":
                self._acs.faults.clear()
            case "latency":
                self._acs.latency_s = order.ms / 1000
            case "faults":
                return {"faults": [asdict(fault) for fault in self._acs.faults.pending()]}
            case "effects":
                found = self._audit.effects(op=order.op, item=order.item, patron=order.patron, after=order.after)
                return {"effects": [asdict(effect) for effect in found]}
            case "counts":
                return {"received": dict(self._acs.received), "items": self._audit.counts()}
            case "loan":
                loan = self._audit.loan(order.item or "")
                return {"loan": None if loan is None else asdict(loan)}
            case _:
                return {"error": "unknown order"}
        return {"ok": True}
