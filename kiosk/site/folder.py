"""A site's files on the spot: certificates of a demo CA, keys, broker, gateway and machine configurations."""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.bus.acl import Acl
from kiosk.bus.mosquitto import Listener, write_config
from kiosk.bus.paho_bus import BrokerAt, Tls
from kiosk.keys import new_signer
from kiosk.machine.technicians import hashed
from kiosk.messages.topics import Address

CONFIG: Final = Path(__file__).parents[2] / "config"
CONSORTIUM: Final = "jalis"
SITE: Final = "cumt"
GATEWAY: Final = "gateway"
HOST: Final = "127.0.0.1"
CACHE: Final = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "circdesk"
TECHNICIAN_PIN: Final = "2468"  # of the demo only; config/demo/README.md names it


ROOT_CHARS_MAX: Final = 70  # a socket's path has room for 107 (unix(7)), and its name and folder come after this


def temporary_root() -> Path:
    """A new folder for a site that nobody keeps. Where the user's own place for such files is so deep that no socket
    fits into it, it lies in /tmp."""
    place = tempfile.gettempdir()
    return Path(tempfile.mkdtemp(prefix="circdesk-", dir=place if len(place) <= ROOT_CHARS_MAX else "/tmp"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    broker: int
    ils: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFolder:
    """Where everything of one demo site lies."""

    root: Path
    ports: Ports
    devices: tuple[str, ...]

    @property
    def gateway(self) -> Path:
        return self.root / "gateway.toml"

    @property
    def ledger(self) -> Path:
        return self.root / "ledger.db"

    @property
    def broker_conf(self) -> Path:
        return self.root / "broker" / "mosquitto.conf"

    @property
    def ils_db(self) -> Path:
        return self.root / "ils.db"

    def machine(self, device: str) -> Path:
        return self.root / f"{device}.toml"

    def journal(self, device: str) -> Path:
        return self.root / f"{device}.journal"

    def broker_at(self, name: str) -> BrokerAt:
        return BrokerAt(host=HOST, port=self.ports.broker, tls=self.tls(name))

    def tls(self, name: str) -> Tls:
        pki = self.root / "pki"
        return Tls(ca=pki / "ca.crt", certificate=pki / f"{name}.crt", key=pki / f"{name}.key")


def lay_out(
    root: Path, ports: Ports, devices: tuple[str, ...], *, at: float, glass: tuple[int, int] = (1080, 1920)
) -> SiteFolder:
    """Writes all files below `root`; `at` is the wall time certificates begin at, `glass` the panel's pixels."""
    folder = SiteFolder(root=root, ports=ports, devices=devices)
    pki, broker = root / "pki", root / "broker"
    pki.mkdir(parents=True)
    broker.mkdir()
    from kiosk.keys.certificates import write_demo_certificates  # X.509 takes 7 MiB, and a machine only reads here

    write_demo_certificates(pki, clients=(GATEWAY, *devices), hosts=(HOST,), at=at)
    addresses = tuple(Address(consortium=CONSORTIUM, site=SITE, device=device) for device in devices)
    listener = Listener(host=HOST, port=ports.broker, tls=folder.tls("broker"), user="root")
    write_config(broker, CONFIG / "mosquitto", listener, Acl(gateways=(GATEWAY,), devices=addresses))
    publics = {name: _keys(root, name) for name in (GATEWAY, *devices)}
    shutil.copy(CONFIG / "demo" / "cards.csv", root / "cards.csv")
    (root / "site.secret").write_text("demo-" + new_signer().text, encoding="ascii")
    folder.gateway.write_text(_gateway_toml(folder, publics), encoding="utf-8")
    technicians = _technicians_toml()
    for device in devices:
        text = _machine_toml(folder, device, glass)
        folder.machine(device).write_text(f"{text}\n{technicians}", encoding="utf-8")
    return folder


def _keys(root: Path, name: str) -> str:
    """Makes a signing key for `name`; returns the public half."""
    signer = new_signer()
    secret = root / f"{name}.signer"
    secret.write_text(signer.text, encoding="ascii")
    secret.chmod(0o600)
    public = signer.verifier().text
    (root / f"{name}.public").write_text(public, encoding="ascii")
    return public


def _gateway_toml(folder: SiteFolder, publics: dict[str, str]) -> str:
    devices = "\n".join(
        f'[[device]]\nid = "{device}"\nsite = "{SITE}"\nplace = "F1-HALL"\nkey = "{publics[device]}"\n'
        for device in folder.devices
    )
    return f"""# Gateway of the demo site
[gateway]
name = "{GATEWAY}"
consortium = "{CONSORTIUM}"
sites = ["{SITE}"]
ledger = "sqlite:///ledger.db"
signing_key = "{GATEWAY}.signer"
site_secret = "site.secret"
mode = "demo"

[broker]
host = "{HOST}"
port = {folder.ports.broker}
ca = "pki/ca.crt"
certificate = "pki/{GATEWAY}.crt"
key = "pki/{GATEWAY}.key"

[ils]
profile = "demo"
host = "{HOST}"
port = {folder.ports.ils}
user = "circdesk"
answer_s = 3.0
settle_s = 0.5
late_s = 5.0

[card]
file = "cards.csv"

[snapshot]
fresh_s = 2.0

[patron]
students = ["UG", "PG"]
teachers = ["FAC", "RET"]

{devices}"""


def _technicians_toml() -> str:
    """The same for every machine of the site. Hashing a card takes 50 ms, on purpose."""
    return "\n".join(
        f'[[technicians]]\nname = "{row["name_demo"]}"\ncard_hash = "{hashed(row["card_uid"])}"\n'
        f'pin_hash = "{row["pin_hash"]}"\n'
        for row in _staff()
        if row["role"] == "technician"
    )


def _machine_toml(folder: SiteFolder, device: str, glass: tuple[int, int]) -> str:
    text = (CONFIG / "checkout.demo.toml").read_text("utf-8")
    values = {
        "DEVICE": device,
        "ROOT": str(folder.root),
        "CACHE": str(CACHE),
        "WIDTH_PX": str(glass[0]),
        "HEIGHT_PX": str(glass[1]),
        "BROKER_PORT": str(folder.ports.broker),
    }
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _staff() -> list[dict[str, str]]:
    with (CONFIG / "demo" / "staff.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
