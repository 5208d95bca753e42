"""Puts a demo ILS on the wires of a hub: one task owns it, every connection asks that task in turn."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from drivers.clock import Hub, Mailbox
from drivers.errors import LinkLost
from drivers.link import Link, Opener, pipe
from kiosk.gateway.sim.acs import Acs, Session

Result = TypeVar("Result")

ORDERS_MAX = 4096
CALL_S_MAX = 60.0
IDLE_S_MAX = 600.0
"""Koha's example configuration hangs up on a terminal that has been silent for ten minutes."""


class _Order(Generic[Result]):
    def __init__(self, work: Callable[[], Result], answer: Mailbox[tuple[Result]]) -> None:
        self._work = work
        self._answer = answer

    def run(self) -> None:
        self._answer.put((self._work(),))


class Service:
    """Serves an Acs on links. `serve` suits drivers.tcp_link.listen; `opener` gives in-memory connections."""

    def __init__(self, hub: Hub, acs: Acs) -> None:
        self.acs = acs
        self._hub = hub
        self._orders: Mailbox[_Order[object]] = hub.mailbox(ORDERS_MAX)
        self._closed = False
        hub.spawn("demo-ils", self._work)

    def call(self, work: Callable[[], Result]) -> Result:
        """Runs `work` in the task that owns the ILS. Call it from a task, never from that one."""
        answer: Mailbox[tuple[Result]] = self._hub.mailbox(1)
        self._orders.put(_Order(work, answer))  # type: ignore[arg-type]  # results differ from order to order
        result = answer.get(self._hub.now() + CALL_S_MAX)
        assert result is not None, "the task that owns the demo ILS has stopped"
        return result[0]

    def serve(self, link: Link) -> None:
        """One terminal's connection, until either side hangs up."""
        session = self.acs.session()
        try:
            while data := link.read(self._hub.now() + IDLE_S_MAX):
                if not self._answer(session, link, data):
                    break
        except LinkLost:
            pass
        finally:
            link.close()

    def opener(self) -> Opener:
        """Connects in memory: every call opens a new connection to this service."""

        def connect() -> Link:
            if self._closed:
                raise LinkLost("demo-ils", "connect", "the service is closed")
            near, far = pipe(self._hub, "demo-ils")
            self._hub.spawn("demo-ils-terminal", partial(self.serve, far))
            return near

        return connect

    def close(self) -> None:
        """An outage: takes no new in-memory connections. Those that are open stay."""
        self._closed = True

    def reopen(self) -> None:
        """Takes in-memory connections again, as after an outage."""
        self._closed = False

    def _answer(self, session: Session, link: Link, data: bytes) -> bool:
        for turn in self.call(partial(session.receive, data)):
            self._wait(turn.wait_s)
            reaction = self.call(partial(session.act, turn))
            for wait_s, piece in reaction.pieces:
                self._wait(wait_s)
                link.write(piece)
            if reaction.hang_up:
                return False
        return True

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            self._hub.wait_until(self._hub.now() + seconds)

    def _work(self) -> None:
        while True:
            order = self._orders.get(self._hub.now() + IDLE_S_MAX)
            if order is not None:
                order.run()
