"""What a new site needs once: its CA, certificates, signing keys and the broker's files.

`circdesk config ca|certificate|key|broker`. Nothing that exists is written over unless it is asked for: a CA's key
that is lost makes every machine of a site mute.
"""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path
from typing import Any, Final

from drivers.clock import Clock
from kiosk.bus.acl import Acl
from kiosk.bus.mosquitto import Listener, write_config
from kiosk.bus.paho_bus import Tls
from kiosk.gateway.config import GatewayConfig, load
from kiosk.keys import Signer, is_key, new_signer
from kiosk.keys.certificates import CERTIFICATE_DAYS, issue, new_authority, read_authority
from kiosk.messages.topics import Address
from kiosk.site.folder import CONFIG
from kiosk.site.plain import whole

WORDS: Final = ("ca", "certificate", "key", "broker")
BROKER_USER: Final = "mosquitto"
DAYS_MAX: Final = 3_650


class Refused(Exception):
    """Nothing was written; the text says why and what to do."""


def add_words(words: Any) -> None:  # argparse names no type for what add_subparsers returns
    ca = words.add_parser(
        "ca",
        help="makes the CA of a site",
        description="Makes the CA of a site. Keep its folder on an encrypted stick, not on a machine.",
    )
    ca.add_argument("folder", type=Path, metavar="FOLDER", help="where ca.crt and ca.key go")
    ca.add_argument("--name", default="Library self-service CA", metavar="TEXT", help="its name in every certificate")
    certificate = words.add_parser(
        "certificate",
        help="a certificate for a machine, a gateway or the broker",
        description="Issues a certificate for a machine, a gateway or the broker, with a key of its own.",
    )
    certificate.add_argument(
        "name", metavar="NAME", help="as in [machine] device or [gateway] name; broker for the broker"
    )
    certificate.add_argument("--ca", type=Path, required=True, metavar="FOLDER", help="the folder of `config ca`")
    certificate.add_argument(
        "--host", action="append", default=[], metavar="HOST", help="a name or address of the broker; repeatable"
    )
    certificate.add_argument(
        "--days", type=whole(1, DAYS_MAX), default=CERTIFICATE_DAYS, metavar="N", help=f"how long ({CERTIFICATE_DAYS})"
    )
    certificate.add_argument("--again", action="store_true", help="replace the one that is there")
    key = words.add_parser(
        "key",
        help="makes a signing key where there is none, and prints its public half",
        description="Makes a signing key where there is none, and prints its public half.",
    )
    key.add_argument("file", type=Path, metavar="FILE", help="where the secret half is")
    broker = words.add_parser(
        "broker",
        help="mosquitto's configuration and rights, from a gateway's file",
        description="Writes mosquitto's configuration and the rights of every machine, from a gateway's file.",
    )
    broker.add_argument("file", type=Path, metavar="FILE", help="the gateway's file")
    broker.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the broker's files go")
    broker.add_argument("--listen", default="0.0.0.0", metavar="ADDRESS", help="address to listen on (0.0.0.0: all)")
    broker.add_argument("--user", default=BROKER_USER, help=f"whose files they are ({BROKER_USER})")


def run(given: argparse.Namespace, clock: Clock) -> str:
    """Does one word; what to tell. Raises Refused, SettingsError and OSError."""
    match given.word:
        case "ca":
            return make_authority(given.folder, given.name, clock)
        case "certificate":
            return make_certificate(given.name, given.ca, given.host, given.days, clock, again=given.again)
        case "key":
            return make_key(given.file)
        case _:
            return write_broker(given.file, given.out, given.listen, given.user)


def make_authority(folder: Path, name: str, clock: Clock) -> str:
    if (folder / "ca.key").exists():
        raise Refused(f"{folder} has a CA already; every certificate of the site hangs on it")
    new_authority(name, at=clock.wall(), demo=False).write(folder, "ca")
    return f"{folder / 'ca.crt'} goes to every machine; {folder / 'ca.key'} to nobody."


def make_certificate(name: str, ca: Path, hosts: list[str], days: int, clock: Clock, *, again: bool) -> str:
    if any(not host.strip() for host in hosts):
        raise Refused("--host is empty: the broker's name or address belongs there")
    if name == "broker" and not hosts:
        raise Refused("the broker's certificate needs --host: the name or address that is [broker] host in every file")
    if not hosts:
        Address(consortium="x", site="x", device=name)  # what a topic cannot carry, a machine cannot be called
    if (ca / f"{name}.key").exists() and not again:
        raise Refused(f"{ca / name}.crt is there; add --again to replace it")
    issue(read_authority(ca), name, at=clock.wall(), hosts=hosts, days=days).write(ca, name)
    return f"{ca / name}.crt and .key, for {days} days."


def make_key(path: Path) -> str:
    """The public half, in base64."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o640)
        path.write_text(new_signer().text + "\n", encoding="ascii")
    text = path.read_text("ascii", errors="replace").strip()
    if not is_key(text):
        raise Refused(f"{path} is there and is no key; nothing was written over it")
    return Signer(text).verifier().text


def write_broker(gateway: Path, out: Path, listen: str, user: str) -> str:
    config = load(gateway)
    out.mkdir(parents=True, exist_ok=True)
    tls = Tls(ca=out / "ca.crt", certificate=out / "broker.crt", key=out / "broker.key")
    listener = Listener(host=listen, port=config.broker.port, tls=tls, user=user)
    conf = write_config(out, CONFIG / "mosquitto", listener, _acl(config))
    if os.geteuid() == 0:
        for path in (out, *out.iterdir()):  # it reads its rights again, as its own user, when it is told to reload
            shutil.chown(path, user)
    return f"{conf}, with the rights of {len(config.device)} machine(s)."


def _acl(config: GatewayConfig) -> Acl:
    devices = tuple(
        Address(consortium=config.gateway.consortium, site=device.site, device=device.id) for device in config.device
    )
    return Acl(gateways=(config.gateway.name,), devices=devices)
