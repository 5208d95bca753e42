"""Where the way to the library system ends: cable, certificate, login, gateway, library system."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from drivers.clock import ThreadHub, VirtualHub
from kiosk.bus import Bus
from kiosk.bus.acl import Acl
from kiosk.bus.memory import MemoryBroker
from kiosk.bus.paho_bus import BrokerAt, PahoBus, Tls
from kiosk.diag import Finding, State, look_at_broker, look_at_gateway
from kiosk.gateway.sim import FaultKind
from kiosk.keys import new_signer
from kiosk.keys.certificates import issue, new_authority
from kiosk.messages.topics import Address
from kiosk.site.mosquitto import Mosquitto, free_port
from kiosk.uplink import Identity, subscriptions
from tests.unit.gateway.rig import GATEWAY_KEY, MACHINE_KEYS, Site
from tests.unit.install.sites import MACHINE, circdesk, lay_out

HOST = "127.0.0.1"
ADDRESS = Address(consortium="jalis", site="nh", device="kiosk-1")
IDENTITY = Identity(
    address=ADDRESS,
    epoch="",
    boot="diag",
    software="test",
    signer=MACHINE_KEYS["kiosk-1"],
    gateway=GATEWAY_KEY.verifier(),
)

Three = tuple[Finding, Finding, Finding]


def codes(findings: Three) -> tuple[str, str, str]:
    """For each its state, or the number of its fault."""
    login, gateway, ils = (finding.fault.code if finding.fault else finding.state.value for finding in findings)
    return login, gateway, ils


def look(hub: VirtualHub, bus: Bus, identity: Identity = IDENTITY) -> Three:
    found: list[Three] = []
    hub.spawn("look", lambda: found.append(look_at_gateway(hub, bus, identity, "diag-1")))
    hub.run(hub.now() + 60.0)
    return found[0]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path / "site")
    made.run(1.0)
    return made


def bus_of(broker: MemoryBroker, name: str = "kiosk-1") -> Bus:
    return broker.bus(name, subscriptions(ADDRESS))


def test_on_a_fine_day_everybody_answers(site: Site) -> None:
    findings = look(site.hub, bus_of(site.broker))
    assert codes(findings) == ("good", "good", "good")
    assert "ms" in findings[1].numbers
    assert all(effect.op == "opening" for effect in site.audit.effects())


def test_a_library_system_that_is_silent_is_E406_and_the_gateway_is_well(site: Site) -> None:
    site.order(FaultKind.MUTE, "17", times=None)
    login, gateway, ils = codes(look(site.hub, bus_of(site.broker)))
    assert (login, gateway, ils) == ("good", "good", "E-406")


def test_a_gateway_that_is_away_is_E405(site: Site) -> None:
    site.gateway.stop()
    site.run(1.0)
    assert codes(look(site.hub, bus_of(site.broker)))[:2] == ("good", "E-405")


def test_a_machine_the_gateway_does_not_know_is_E405_and_the_remedy_names_its_key(site: Site) -> None:
    findings = look(site.hub, bus_of(site.broker), replace(IDENTITY, signer=new_signer()))
    assert codes(findings)[1] == "E-405"
    fault = findings[1].fault
    assert fault is not None
    assert "public key" in fault.do_en


def test_answers_of_another_gateway_are_E407(site: Site) -> None:
    stranger = replace(IDENTITY, gateway=new_signer().verifier())
    findings = look(site.hub, bus_of(site.broker), stranger)
    assert codes(findings)[1] == "E-407"


def test_a_broker_that_does_not_know_the_machine_is_E403() -> None:
    hub = VirtualHub()
    broker = MemoryBroker(hub, random.Random(1), acl=Acl(devices=(), gateways=()))
    findings = look(hub, bus_of(broker))
    assert codes(findings)[0] == "E-403" or codes(findings)[1] == "E-403"


def test_a_broker_that_is_down_is_E401() -> None:
    hub = VirtualHub()
    broker = MemoryBroker(hub, random.Random(1))
    broker.stop()
    hub.run(1.0)
    assert codes(look(hub, bus_of(broker))) == ("E-401", "idle", "idle")


# -- a real broker, with TLS


@dataclass
class Real:
    """A mosquitto with the rights and certificates of a new site."""

    at: BrokerAt
    root: Path


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    root = tmp_path_factory.mktemp("broker")
    port = free_port()
    _, gateway = lay_out(root, port=port)
    ca, out = root / "ca", root / "broker"
    assert circdesk("config", "broker", gateway, "--out", out, "--listen", HOST, "--user", "root") == 0
    for name in ("ca.crt", "broker.crt", "broker.key"):
        (out / name).write_bytes((ca / name).read_bytes())
    broker = Mosquitto(out / "mosquitto.conf", HOST, port, ThreadHub())
    broker.start()
    tls = Tls(ca=ca / "ca.crt", certificate=ca / f"{MACHINE}.crt", key=ca / f"{MACHINE}.key")
    yield Real(BrokerAt(host=HOST, port=port, tls=tls), root)
    broker.stop()


def test_cable_and_encryption_are_told_in_milliseconds(real: Real) -> None:
    finding = look_at_broker(real.at, ThreadHub())
    assert finding.state is State.GOOD, finding
    assert "TCP" in finding.numbers
    assert "TLSv1" in finding.numbers


def test_nobody_at_the_other_end_is_E401(real: Real) -> None:
    finding = look_at_broker(replace(real.at, port=free_port()), ThreadHub())
    assert finding.fault is not None
    assert finding.fault.code == "E-401"


def strange(real: Real, name: str) -> Tls:
    """A certificate of another CA."""
    folder = real.root / "strange"
    issue(new_authority("strange", at=1.0, demo=False), name, at=ThreadHub().wall()).write(folder, name)
    new_authority("strange", at=ThreadHub().wall(), demo=False).write(folder, "ca")
    return Tls(ca=folder / "ca.crt", certificate=folder / f"{name}.crt", key=folder / f"{name}.key")


def test_a_broker_of_another_ca_is_E402(real: Real) -> None:
    assert real.at.tls is not None
    other = replace(real.at.tls, ca=strange(real, MACHINE).ca)
    finding = look_at_broker(replace(real.at, tls=other), ThreadHub())
    assert finding.fault is not None
    assert finding.fault.code == "E-402"
    assert "certificate" in finding.cause


def test_a_certificate_the_broker_does_not_want_is_E402_although_it_tells_late(real: Real) -> None:
    assert real.at.tls is not None
    theirs = strange(real, MACHINE)
    mixed = replace(real.at.tls, certificate=theirs.certificate, key=theirs.key)
    finding = look_at_broker(replace(real.at, tls=mixed), ThreadHub())
    assert finding.fault is not None
    assert finding.fault.code == "E-402"


def test_a_login_at_a_real_broker_works(real: Real, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.diag.broker.LISTEN_S_MAX", 0.2)  # there is no gateway at this broker
    hub = ThreadHub()
    address = Address(consortium="jalis", site="cumt", device=MACHINE)
    bus = PahoBus(
        hub=hub, broker=real.at, client_id=MACHINE, subscriptions=subscriptions(address), rng=random.Random(1)
    )
    findings = look_at_gateway(hub, bus, replace(IDENTITY, address=address), "diag-1")
    assert codes(findings) == ("good", "E-405", "idle")
