"""Every library system the client is held against: pysip2 and our demo ILS on TCP, and the demo ILS in every dialect
on an in-memory wire in virtual time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest

from drivers.clock import Hub, ThreadHub, VirtualHub
from drivers.link import Opener
from drivers.tcp_link import open_tcp
from kiosk.domain import ItemBarcode, PatronId
from kiosk.gateway.sim import DIALECTS, DemoData, Service, load, open_ils
from kiosk.gateway.sip2 import PROFILES, Client, Profile, Request

Result = TypeVar("Result")
ROOT = Path(__file__).parents[3]
ANSWER_S_MAX = 5.0
DEBTOR = "9920130040"


@dataclass
class Ils:
    """One library system under test, with what is known about its stock."""

    name: str
    hub: Hub
    opener: Opener
    profile: Profile
    run: Callable[[Callable[[], None]], None]
    patron: PatronId = PatronId("9920130001")
    pin: str = "767488"
    debtor: PatronId = PatronId(DEBTOR)
    item: ItemBarcode = ItemBarcode("D1000001")
    other: ItemBarcode = ItemBarcode("D1000003")

    def client(self, **changes: str) -> Client:
        return Client(self.opener, replace(self.profile, **changes), self.hub)  # type: ignore[arg-type]  # text settings

    def ask(self, client: Client, request: Request[Result]) -> Result:
        return client.ask(request, self.hub.now() + ANSWER_S_MAX)


def _profile(name: str) -> Profile:
    return replace(PROFILES[name], institution="JS01", location="F1-HALL", user="k1", password="secret")


def _process(*command: str) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline()


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def _over_tcp(name: str, profile: Profile, port: int, debtor: str) -> Ils:
    hub = ThreadHub()
    opener = partial(open_tcp, "127.0.0.1", port, clock=hub, name="ils")
    return Ils(name=name, hub=hub, opener=opener, profile=profile, run=lambda story: story(), debtor=PatronId(debtor))


@pytest.fixture(scope="session")
def pysip2_ils() -> Iterator[Ils]:
    process, line = _process("-m", "tests.contract.sip2.pysip2_server")
    yield _over_tcp("pysip2", _profile("koha"), int(line.split()[1]), debtor="9920130001")
    _end(process)


@pytest.fixture(scope="session")
def demo_tcp_ils() -> Iterator[Ils]:
    process, line = _process("-m", "kiosk.gateway.sim", "--port", "0", "--login", "k1:secret")
    yield _over_tcp("demo over tcp", _profile("demo"), int(line.split("port=")[1].split()[0]), debtor=DEBTOR)
    _end(process)


@pytest.fixture(scope="session")
def demo_data() -> DemoData:
    return load(ROOT / "config" / "demo")


def _in_memory(name: str, data: DemoData) -> Ils:
    hub = VirtualHub()
    acs = open_ils(data, hub.wall, dialect=DIALECTS[name], users={"k1": "secret"})

    def run(story: Callable[[], None]) -> None:
        task = hub.spawn("story", story)
        hub.run(hub.now() + 3600)
        assert task.join(hub.now()), "the story did not end"

    return Ils(name=name, hub=hub, opener=Service(hub, acs).opener(), profile=_profile(name), run=run)


@pytest.fixture(params=["pysip2", "demo over tcp", *DIALECTS])
def ils(request: pytest.FixtureRequest, demo_data: DemoData) -> Ils:
    """One library system after another. The two on TCP live through all tests: stories put things back."""
    found: Ils
    if request.param == "pysip2":
        found = request.getfixturevalue("pysip2_ils")
    elif request.param == "demo over tcp":
        found = request.getfixturevalue("demo_tcp_ils")
    else:
        found = _in_memory(request.param, demo_data)
    return found
