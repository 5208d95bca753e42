"""From a machine's file to what it is made of. No simulator comes in by this door."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from drivers.clock import Hub
from kiosk.bus import Will
from kiosk.bus.paho_bus import BrokerAt, PahoBus, Tls
from kiosk.checkout.assemble import CheckoutSettings
from kiosk.machine.settings import BrokerSection, PanelSection
from kiosk.screen import Sentences
from kiosk.screen.sentences import parse
from kiosk.settings import Kind, must_be, read, text_of
from kiosk.site.folder import CONFIG
from kiosk.ui.panel import Panel
from kiosk.uplink import Identity, subscriptions


def load_settings(path: Path) -> CheckoutSettings:
    """Raises SettingsError."""
    text = text_of(path)
    must_be(Kind.MACHINE, text, str(path))
    return read(text, str(path), CheckoutSettings)


def load_sentences() -> Sentences:
    return parse((CONFIG / "locale" / "sentences.csv").read_text("utf-8"))


def real_bus(hub: Hub, broker: BrokerSection, rng: random.Random) -> Callable[[Identity, Will], PahoBus]:
    """The production bus of a machine: MQTT 5 over mutual TLS, with its will."""

    def make(identity: Identity, will: Will) -> PahoBus:
        tls = Tls(ca=Path(broker.ca), certificate=Path(broker.certificate), key=Path(broker.key))
        return PahoBus(
            hub=hub,
            broker=BrokerAt(host=broker.host, port=broker.port, tls=tls if broker.ca else None),
            client_id=identity.address.device,
            subscriptions=subscriptions(identity.address),
            rng=rng,
            will=will,
        )

    return make


def panel_of(section: PanelSection) -> Panel:
    """The glass of a machine file, as the ui wants it."""
    return Panel(
        name="machine",
        width_px=section.width_px,
        height_px=section.height_px,
        diagonal_in=section.diagonal_in,
        reading_mm=section.reading_mm,
    )
