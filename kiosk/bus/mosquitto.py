"""Writes the configuration of a site's mosquitto: TLS with a certificate for each end, and the ACL of `Acl`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Final

from kiosk.bus.acl import Acl
from kiosk.bus.paho_bus import BrokerAt, Tls

CONF: Final = "mosquitto.conf"
ACL: Final = "acl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Where the broker listens, as whom it runs, and its own certificate (`tls`, paths of PEM files)."""

    host: str
    port: int
    tls: Tls
    user: str = "mosquitto"

    def at(self, tls: Tls) -> BrokerAt:
        """The same place as a client with certificate `tls` sees it."""
        return BrokerAt(host=self.host, port=self.port, tls=tls)


def write_config(directory: Path, templates: Path, listener: Listener, acl: Acl) -> Path:
    """Renders the templates of config/mosquitto into `directory`, which also keeps the broker's sessions.

    Returns the path of the configuration. Write again and send SIGHUP after a machine was added.
    """
    rules = (templates / "acl.template").read_text(encoding="utf-8")
    conf = (templates / "mosquitto.conf.template").read_text(encoding="utf-8")
    (directory / ACL).write_text(Template(rules).substitute(rules=_rules(acl)), encoding="utf-8")
    (directory / ACL).chmod(0o600)
    values = {
        "host": listener.host,
        "port": str(listener.port),
        "user": listener.user,
        "ca": str(listener.tls.ca),
        "certificate": str(listener.tls.certificate),
        "key": str(listener.tls.key),
        "acl": str(directory / ACL),
        "directory": str(directory),
    }
    (directory / CONF).write_text(Template(conf).substitute(values), encoding="utf-8")
    return directory / CONF


def _rules(acl: Acl) -> str:
    blocks = []
    for identity in (*acl.gateways, *(address.device for address in acl.devices)):
        lines = [f"topic {access} {topic}" for access, topic in acl.rules(identity)]
        blocks.append("\n".join([f"user {identity}", *lines]))
    return "\n\n".join(blocks)
