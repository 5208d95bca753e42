"""A demo ILS on an in-memory wire, in virtual time, with a client in front of it and its books open behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import pytest

from drivers.clock import VirtualHub
from kiosk.domain import ItemBarcode, PatronId
from kiosk.gateway.sim import DIALECTS, Acs, Audit, DemoData, Fault, FaultKind, Service, load, open_ils
from kiosk.gateway.sip2 import PROFILES, Client, Profile, Request

Result = TypeVar("Result")
DATA = Path(__file__).parents[3] / "config" / "demo"
ANSWER_S = 2.0


@dataclass
class Library:
    """The whole arrangement."""

    hub: VirtualHub
    acs: Acs
    service: Service
    audit: Audit
    profile: Profile
    client: Client

    def play(self, story: Callable[[], Result]) -> Result:
        """Runs a story to its end and returns its result."""
        results: list[Result] = []
        self.hub.spawn("story", lambda: results.append(story()))
        self.hub.run(self.hub.now() + 7200)
        assert results, "the story did not end"
        return results[0]

    def ask(self, request: Request[Result], seconds: float = ANSWER_S) -> Result:
        """One request; call it from a story."""
        return self.client.ask(request, self.hub.now() + seconds)

    def once(self, request: Request[Result]) -> Result:
        """A story of one request."""
        return self.play(lambda: self.ask(request))

    def order(self, kind: FaultKind, command: str, *, seconds: float = 0.0, times: int | None = 1) -> None:
        self.acs.faults.add(Fault(kind=kind, command=command, seconds=seconds, times=times))

    def ops(self, item: str) -> list[str]:
        """What was really done with an item since the library opened."""
        return [effect.op for effect in self.audit.effects(item=item) if effect.op != "opening"]

    def today_s(self, days: int) -> float:
        return self.hub.wall() + days * 86_400


def library(data: DemoData, dialect: str = "demo") -> Library:
    hub = VirtualHub()
    acs = open_ils(data, hub.wall, dialect=DIALECTS[dialect])
    service = Service(hub, acs)
    profile = replace(PROFILES[dialect], institution="JS01", location="F1-HALL", user="k1", password="p")
    return Library(
        hub=hub,
        acs=acs,
        service=service,
        audit=Audit(acs.circulation.store),
        profile=profile,
        client=Client(service.opener(), profile, hub),
    )


@pytest.fixture(scope="session")
def data() -> DemoData:
    return load(DATA)


@pytest.fixture
def lib(data: DemoData) -> Library:
    return library(data)


READER = PatronId("9920130002")
"""Nothing on loan, two holds ready."""

NEIGHBOUR = PatronId("9920130010")
BOOK = ItemBarcode("D1000001")
