"""A site's CA, keys and broker, made by the commands: a real mosquitto lets its machine in and nobody else."""

from __future__ import annotations

import random
import stat
from pathlib import Path

import pytest

from drivers.clock import Mailbox, ThreadHub
from kiosk.bus import BusEvent, Connected, Disconnected
from kiosk.bus.paho_bus import BrokerAt, PahoBus, Tls
from kiosk.keys.certificates import new_authority, passport
from kiosk.site.mosquitto import Mosquitto, free_port
from tests.unit.install.sites import MACHINE, circdesk, lay_out, make_key

HOST = "127.0.0.1"


def test_a_ca_is_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert circdesk("config", "ca", tmp_path) == 0
    before = (tmp_path / "ca.key").read_bytes()
    assert circdesk("config", "ca", tmp_path) == 2
    assert "every certificate of the site hangs on it" in capsys.readouterr().err
    assert (tmp_path / "ca.key").read_bytes() == before


def test_private_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    circdesk("config", "ca", tmp_path)
    make_key(tmp_path / "a.signer")
    assert stat.S_IMODE((tmp_path / "ca.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "a.signer").stat().st_mode) & 0o007 == 0


def test_a_production_ca_is_no_demonstration(tmp_path: Path) -> None:
    circdesk("config", "ca", tmp_path)
    circdesk("config", "certificate", MACHINE, "--ca", tmp_path, "--days", "90")
    paper = passport((tmp_path / f"{MACHINE}.crt").read_bytes())
    assert paper.name == MACHINE
    assert not paper.demo
    assert passport(new_authority("x", at=0.0, demo=True).certificate).demo


def test_a_certificate_is_replaced_only_when_asked(tmp_path: Path) -> None:
    circdesk("config", "ca", tmp_path)
    assert circdesk("config", "certificate", MACHINE, "--ca", tmp_path) == 0
    assert circdesk("config", "certificate", MACHINE, "--ca", tmp_path) == 2
    assert circdesk("config", "certificate", MACHINE, "--ca", tmp_path, "--again") == 0


def test_a_name_that_no_topic_can_carry_gets_no_certificate(tmp_path: Path) -> None:
    circdesk("config", "ca", tmp_path)
    assert circdesk("config", "certificate", "Machine 1", "--ca", tmp_path) == 2


def test_a_broker_without_a_host_name_gets_no_certificate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    circdesk("config", "ca", tmp_path)
    assert circdesk("config", "certificate", "broker", "--ca", tmp_path) == 2
    assert "needs --host" in capsys.readouterr().err
    assert not (tmp_path / "broker.crt").exists()


def test_without_a_ca_there_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert circdesk("config", "certificate", MACHINE, "--ca", tmp_path) == 2
    assert "ca.crt: No such file" in capsys.readouterr().err


def test_a_key_is_made_once_and_shown_every_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert circdesk("config", "key", tmp_path / "a.signer") == 0
    first = capsys.readouterr().out
    assert circdesk("config", "key", tmp_path / "a.signer") == 0
    assert capsys.readouterr().out == first
    assert (tmp_path / "a.signer").read_text().strip() not in first


def first_word(name: str, tls: Tls, port: int) -> BusEvent | None:
    """What a client with this certificate is told first."""
    hub = ThreadHub()
    heard: Mailbox[BusEvent] = hub.mailbox(64)
    bus = PahoBus(
        hub=hub,
        broker=BrokerAt(host=HOST, port=port, tls=tls),
        client_id=name,
        subscriptions=(f"lib/v1/jalis/cumt/{name}/rcpt",),
        rng=random.Random(1),
    )
    bus.start(heard.put)
    word = heard.get(hub.now() + 10.0)
    bus.close()
    return word


def test_the_broker_lets_the_sites_machine_in_and_no_stranger(tmp_path: Path) -> None:
    port = free_port()
    _, gateway = lay_out(tmp_path, port=port)
    ca, out = tmp_path / "ca", tmp_path / "broker"
    assert circdesk("config", "broker", gateway, "--out", out, "--listen", HOST, "--user", "root") == 0
    for name in ("ca.crt", "broker.crt", "broker.key"):
        (out / name).write_bytes((ca / name).read_bytes())
    broker = Mosquitto(out / "mosquitto.conf", HOST, port, ThreadHub())
    broker.start()
    try:
        ours = Tls(ca=ca / "ca.crt", certificate=ca / f"{MACHINE}.crt", key=ca / f"{MACHINE}.key")
        assert first_word(MACHINE, ours, port) == Connected(session_present=False)
        circdesk("config", "ca", tmp_path / "other")
        circdesk("config", "certificate", MACHINE, "--ca", tmp_path / "other")
        theirs = Tls(
            ca=ca / "ca.crt",
            certificate=tmp_path / "other" / f"{MACHINE}.crt",
            key=tmp_path / "other" / f"{MACHINE}.key",
        )
        assert isinstance(first_word(MACHINE, theirs, port), Disconnected)
    finally:
        broker.stop()


def test_the_rights_are_those_of_the_gateways_file(tmp_path: Path) -> None:
    _, gateway = lay_out(tmp_path)
    assert circdesk("config", "broker", gateway, "--out", tmp_path / "b", "--user", "root") == 0
    rules = (tmp_path / "b" / "acl").read_text("utf-8")
    assert f"user {MACHINE}\ntopic write lib/v1/jalis/cumt/{MACHINE}/tx" in rules
    assert f"topic read lib/v1/jalis/cumt/{MACHINE}/tx" not in rules
