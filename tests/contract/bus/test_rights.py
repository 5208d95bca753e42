"""Who may write and hear what, tried in every direction on both brokers."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.bus import Acl, Disconnected, PublishRefused
from kiosk.bus.acl import Access, matches
from kiosk.bus.contract import NOT_AUTHORIZED
from kiosk.keys.certificates import issue, new_authority
from kiosk.messages.topics import Address
from tests.contract.bus.rigs import ACL, HOST, ONE, STRANGER, TWO, Client, MosquittoRig, Rig

FROM_MACHINE = ("tx", "req/effect", "tele", "state", "evt")
TO_MACHINE = ("rcpt", "rsp", "cmd/restart")
NAMES = (ONE.device, TWO.device, "gateway", STRANGER)
# The same machine names elsewhere, and lanes that nobody has.
FOREIGN = (
    Address(consortium="demo", site="branch", device=ONE.device).topic("tx"),
    ONE.topic("rcpt/x"),
    ONE.topic("req"),
    "lib/v2/demo/main/kiosk-01/tx",
    "tx",
)


def lanes(address: Address, names: tuple[str, ...]) -> set[str]:
    return {address.topic(lane) for lane in names}


MAY_WRITE = {
    ONE.device: lanes(ONE, FROM_MACHINE),
    TWO.device: lanes(TWO, FROM_MACHINE),
    "gateway": lanes(ONE, TO_MACHINE) | lanes(TWO, TO_MACHINE),
    STRANGER: set[str](),
}
MAY_READ = {
    ONE.device: lanes(ONE, TO_MACHINE),
    TWO.device: lanes(TWO, TO_MACHINE),
    "gateway": lanes(ONE, FROM_MACHINE) | lanes(TWO, FROM_MACHINE),
    STRANGER: set[str](),
}
EVERYTHING = sorted(MAY_WRITE[ONE.device] | MAY_WRITE[TWO.device] | MAY_WRITE["gateway"] | set(FOREIGN))


def test_everyone_writes_and_hears_exactly_what_is_his(rig: Rig) -> None:
    clients = {name: rig.client(name, "#") for name in NAMES}
    for name, client in clients.items():
        for topic in EVERYTHING:
            client.bus.publish(topic, name.encode())
    rig.until(lambda: all(_refused(client) == _forbidden(name) for name, client in clients.items()))
    rig.until(lambda: all({event.topic for event in c.got} == MAY_READ[name] for name, c in clients.items()))
    for name, client in clients.items():
        assert all(event.topic in MAY_WRITE[event.payload.decode()] for event in client.got), name


def _refused(client: Client) -> set[str]:
    refused = [event for event in client.events if isinstance(event, PublishRefused)]
    assert all(event.code == NOT_AUTHORIZED for event in refused)
    return {event.topic for event in refused}


def _forbidden(name: str) -> set[str]:
    return set(EVERYTHING) - MAY_WRITE[name]


def test_a_read_write_rule_would_let_a_machine_forge_its_receipts() -> None:
    assert not ACL.allows(ONE.device, Access.WRITE, ONE.topic("rcpt"))
    assert not ACL.allows(ONE.device, Access.READ, ONE.topic("tx"))
    for name in NAMES:
        writes = {topic for access, topic in ACL.rules(name) if access is Access.WRITE}
        reads = {topic for access, topic in ACL.rules(name) if access is Access.READ}
        assert not writes & reads


def test_a_gateway_serves_every_site_of_its_machines_and_no_other() -> None:
    branch = Address(consortium="demo", site="branch", device="kiosk-03")
    acl = Acl(devices=(ONE, branch), gateways=("gateway",))
    assert acl.allows("gateway", Access.READ, branch.topic("tx"))
    assert not acl.allows("gateway", Access.READ, Address(consortium="demo", site="annex", device="k").topic("tx"))


@pytest.mark.parametrize(
    ("wanted", "topic", "taken"),
    [
        ("a/+/c", "a/b/c", True),
        ("a/+/c", "a/b/b/c", False),
        ("a/#", "a/b/c", True),
        ("a/b", "a/b/c", False),
        ("a/b/c", "a/b", False),
        ("$share/gw/a/+", "a/b", True),
        ("$share/gw/a/+", "b/b", False),
    ],
)
def test_filters_take_topics_as_the_standard_says(wanted: str, topic: str, taken: bool) -> None:
    assert matches(wanted, topic) is taken


def test_a_machine_cannot_take_the_name_of_another(mosquitto: MosquittoRig) -> None:
    honest = mosquitto.client(ONE.device, ONE.topic("rcpt"))
    thief = Client(mosquitto.bus(TWO.device, [ONE.topic("rcpt")], client_id=ONE.device))
    mosquitto.until(lambda: thief.connections)
    gateway = mosquitto.client("gateway")
    gateway.bus.publish(ONE.topic("rcpt"), b"receipt")
    mosquitto.until(lambda: honest.got)
    mosquitto.pass_time(0.1)
    assert len(honest.events) == 2  # Connected and the receipt: it was never thrown out
    assert thief.got == []


def test_a_certificate_of_another_authority_is_no_entry(mosquitto: MosquittoRig, tmp_path: Path) -> None:
    foreign = new_authority("Somebody", at=mosquitto.hub.wall(), demo=False)
    issue(foreign, ONE.device, at=mosquitto.hub.wall()).write(tmp_path / "foreign", ONE.device)
    (tmp_path / "foreign" / "ca.crt").write_bytes((mosquitto.certificates / "ca.crt").read_bytes())
    mosquitto.certificates = tmp_path / "foreign"
    client = Client(mosquitto.bus(ONE.device, []))
    mosquitto.until(lambda: len(client.events) > 1)
    assert all(isinstance(event, Disconnected) for event in client.events)


def test_a_broker_of_another_authority_is_not_spoken_to(mosquitto: MosquittoRig, tmp_path: Path) -> None:
    at = mosquitto.hub.wall()
    mine = new_authority("Mine", at=at, demo=False)
    mine.write(tmp_path / "mine", "ca")
    issue(mine, ONE.device, at=at).write(tmp_path / "mine", ONE.device)
    mosquitto.certificates = tmp_path / "mine"
    client = Client(mosquitto.bus(ONE.device, []))
    mosquitto.until(lambda: client.events)
    first = client.events[0]
    assert isinstance(first, Disconnected)
    assert "SSLCertVerificationError" in first.reason


CONNECT = bytes.fromhex("101000044d5154540502003c00000378797a")  # MQTT 5, client id "xyz"


def test_without_a_certificate_there_is_no_entry(mosquitto: MosquittoRig) -> None:
    context = ssl.create_default_context(cafile=str(mosquitto.certificates / "ca.crt"))
    with socket.create_connection((HOST, mosquitto.listener.port), timeout=5) as wire:
        assert not _answer(lambda: context.wrap_socket(wire, server_hostname=HOST)).startswith(b"\x20")


def test_without_tls_there_is_no_entry(mosquitto: MosquittoRig) -> None:
    with socket.create_connection((HOST, mosquitto.listener.port), timeout=5) as wire:
        assert not _answer(lambda: wire).startswith(b"\x20")


def test_with_a_certificate_the_same_words_are_answered(mosquitto: MosquittoRig) -> None:
    tls = mosquitto.tls(ONE.device)
    context = ssl.create_default_context(cafile=str(tls.ca))
    context.load_cert_chain(tls.certificate, tls.key)
    with socket.create_connection((HOST, mosquitto.listener.port), timeout=5) as wire:
        assert _answer(lambda: context.wrap_socket(wire, server_hostname=HOST)).startswith(b"\x20")


def _answer(opened: Callable[[], socket.socket]) -> bytes:
    """What the broker says to a CONNECT: 0x20 begins a CONNACK."""
    try:
        wire = opened()
        wire.sendall(CONNECT)
        return wire.recv(64)
    except OSError:  # ssl.SSLError is one
        return b""
