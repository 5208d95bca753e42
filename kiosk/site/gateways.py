"""A gateway from its file: broker, library system, ledger, keys and cards joined for production and demo alike."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Final

from drivers.clock import Hub
from drivers.link import Link
from drivers.tcp_link import ClientTls, open_tcp
from kiosk.bus.paho_bus import BrokerAt, PahoBus, Tls
from kiosk.gateway.card import CardFile
from kiosk.gateway.config import GatewayConfig, Mode
from kiosk.gateway.registry import key_told
from kiosk.gateway.service import Gateway, Notify, run_gateway, subscriptions
from kiosk.gateway.sip2 import Pool
from kiosk.keys import Signer
from kiosk.keys.demo_mark import is_demo
from kiosk.ledger import Ledger, open_ledger

SECRET_CHARS_MIN: Final = 32


class GatewayRefused(Exception):
    """The file is right and the gateway may not start all the same; the message says why and what to do."""


class OpenGateway:
    """A running gateway and what belongs to it. `close` ends all of it in order."""

    def __init__(self, gateway: Gateway, ledger: Ledger) -> None:
        self.gateway = gateway
        self.ledger = ledger

    def close(self) -> None:
        self.gateway.stop()
        self.ledger.close()


def open_gateway(config: GatewayConfig, hub: Hub, *, rng: Random, notify: Notify = lambda text: None) -> OpenGateway:
    """Raises GatewayRefused, LedgerBroken, CardFileError, OSError for a missing file."""
    secret = Path(config.gateway.site_secret).read_text("ascii").strip()
    if len(secret) < SECRET_CHARS_MIN:
        raise GatewayRefused(f"site_secret needs {SECRET_CHARS_MIN} characters or more")
    _refuse_demo(config)
    _refuse_keys(config)
    ledger = open_ledger(config.gateway.ledger, hub, swept=True)
    gateway = run_gateway(
        config,
        hub=hub,
        bus=_bus(config, hub, rng),
        ils=pool(config, hub, config.ils.connections),
        ledger=ledger,
        signer=Signer(Path(config.gateway.signing_key).read_text("ascii").strip()),
        cards=CardFile(Path(config.card.file), config.card.form, config.card.digits),
        site_secret=secret.encode(),
        rng=rng,
        notify=notify,
    )
    return OpenGateway(gateway, ledger)


def _refuse_demo(config: GatewayConfig) -> None:
    certificate = config.broker.certificate
    if config.gateway.mode is Mode.PRODUCTION and certificate and is_demo(Path(certificate).read_bytes()):
        raise GatewayRefused("this is a demo certificate; in production use the site's own CA (docs/install.md)")


def _refuse_keys(config: GatewayConfig) -> None:
    """Under some keys anybody could sign for a machine."""
    if told := [sentence for device in config.device if (sentence := key_told(device))]:
        raise GatewayRefused("\n".join(told))


def _bus(config: GatewayConfig, hub: Hub, rng: Random) -> PahoBus:
    broker = config.broker
    tls = Tls(ca=Path(broker.ca), certificate=Path(broker.certificate), key=Path(broker.key)) if broker.ca else None
    return PahoBus(
        hub=hub,
        broker=BrokerAt(host=broker.host, port=broker.port, tls=tls),
        client_id=config.gateway.name,
        subscriptions=subscriptions(config),
        rng=rng,
    )


def pool(config: GatewayConfig, hub: Hub, size: int) -> Pool:
    """`size` connections to the library system; each is opened when it is first needed."""
    ils = config.ils
    password = Path(ils.password_file).read_text("utf-8").strip() if ils.password_file else ""
    tls = ClientTls(ca=ils.tls_ca, server=ils.tls_name or ils.host) if ils.tls_ca else None

    def connect() -> Link:
        return open_tcp(ils.host, ils.port, clock=hub, name="ils", tls=tls)

    return Pool(hub, connect, ils.described(password), size=size)
