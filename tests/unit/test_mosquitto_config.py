"""The broker's configuration as it is written for a site."""

from __future__ import annotations

from pathlib import Path

from kiosk.bus import Acl
from kiosk.bus.mosquitto import Listener, write_config
from kiosk.bus.paho_bus import Tls
from kiosk.messages.topics import Address

TEMPLATES = Path(__file__).parents[2] / "config" / "mosquitto"
TLS = Tls(ca=Path("/pki/ca.crt"), certificate=Path("/pki/broker.crt"), key=Path("/pki/broker.key"))
ONE = Address(consortium="demo", site="main", device="kiosk-01")

RULES = """\
user gateway
topic write lib/v1/demo/main/+/rcpt
topic write lib/v1/demo/main/+/rsp
topic write lib/v1/demo/main/+/cmd/+
topic read lib/v1/demo/main/+/tx
topic read lib/v1/demo/main/+/req/+
topic read lib/v1/demo/main/+/tele
topic read lib/v1/demo/main/+/state
topic read lib/v1/demo/main/+/evt

user kiosk-01
topic write lib/v1/demo/main/kiosk-01/tx
topic write lib/v1/demo/main/kiosk-01/req/+
topic write lib/v1/demo/main/kiosk-01/tele
topic write lib/v1/demo/main/kiosk-01/state
topic write lib/v1/demo/main/kiosk-01/evt
topic read lib/v1/demo/main/kiosk-01/rcpt
topic read lib/v1/demo/main/kiosk-01/rsp
topic read lib/v1/demo/main/kiosk-01/cmd/+
"""


def test_the_acl_names_every_direction(tmp_path: Path) -> None:
    _write(tmp_path)
    assert _settings(tmp_path / "acl") == RULES.replace("\n\n", "\n").splitlines()


def test_the_configuration_asks_for_certificates_and_takes_names_from_them(tmp_path: Path) -> None:
    settings = _settings(_write(tmp_path))
    assert {
        "listener 8883 127.0.0.1",
        "cafile /pki/ca.crt",
        "require_certificate true",
        "allow_anonymous false",
        "use_identity_as_username true",
        "use_username_as_clientid true",
        "set_tcp_nodelay true",
        "persistence true",
        f"acl_file {tmp_path}/acl",
        f"persistence_location {tmp_path}/",
        "user mosquitto",
    } <= set(settings)
    assert not [line for line in settings if "${" in line]


def _write(directory: Path) -> Path:
    listener = Listener(host="127.0.0.1", port=8883, tls=TLS)
    return write_config(directory, TEMPLATES, listener, Acl(devices=(ONE,), gateways=("gateway",)))


def _settings(file: Path) -> list[str]:
    return [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
