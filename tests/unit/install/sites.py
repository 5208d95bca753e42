"""A new site as a technician makes it: by the commands and the example files, in a folder of its own."""

from __future__ import annotations

import re
from pathlib import Path

from kiosk.cli import main
from kiosk.site.folder import CONFIG

MACHINE = "checkout-1"


def circdesk(*words: str | Path) -> int:
    """The command, as it is typed."""
    return main([str(word) for word in words])


def lay_out(root: Path, *, port: int = 8883) -> tuple[Path, Path]:
    """CA, certificates, keys and both files below `root`; (machine's file, gateway's file)."""
    etc, ca = root / "etc", root / "ca"
    for folder in (etc / "secret", etc / "gateway", root / "state"):
        folder.mkdir(parents=True)
    assert circdesk("config", "ca", ca) == 0
    assert circdesk("config", "certificate", MACHINE, "--ca", ca) == 0
    assert circdesk("config", "certificate", "gateway", "--ca", ca) == 0
    assert circdesk("config", "certificate", "broker", "--ca", ca, "--host", "127.0.0.1") == 0
    for name, place in ((MACHINE, "secret"), ("gateway", "gateway")):
        (etc / f"{name}.crt").write_bytes((ca / f"{name}.crt").read_bytes())
        (etc / place / f"{name}.key").write_bytes((ca / f"{name}.key").read_bytes())
    (etc / "ca.crt").write_bytes((ca / "ca.crt").read_bytes())
    (etc / "gateway" / "site.secret").write_text("s" * 48)
    (etc / "gateway" / "sip2.password").write_text("secret")
    (etc / "gateway" / "cards.csv").write_text("card_uid,patron_id,status\n04FA944D8F5CD9,2013000001,ok\n")
    machine_key, gateway_key = (
        make_key(etc / "secret" / f"{MACHINE}.signer"),
        make_key(etc / "gateway" / "gateway.signer"),
    )
    (etc / "gateway.public").write_text(gateway_key)
    return _machine(etc, root, port), _gateway(etc, root, port, machine_key)


def make_key(path: Path) -> str:
    """The public half, as `circdesk config key` prints it."""
    from kiosk.site.provisioning import make_key as make

    return make(path)


def _machine(etc: Path, root: Path, port: int) -> Path:
    text = (CONFIG / "checkout.example.toml").read_text("utf-8")
    text = text.replace("/etc/circdesk", str(etc)).replace("/var/lib/circdesk", str(root / "state"))
    text = text.replace("/run/circdesk", str(root)).replace("8883", str(port))
    text = text.replace("broker.lib.example.edu.cn", "127.0.0.1")
    path = etc / f"{MACHINE}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def _gateway(etc: Path, root: Path, port: int, machine_key: str) -> Path:
    text = (CONFIG / "gateway.example.toml").read_text("utf-8")
    text = text.replace("/var/lib/circdesk-gateway", str(root / "state")).replace("8883", str(port))
    text = text.replace("broker.lib.example.edu.cn", "127.0.0.1")
    text = re.sub(r'^key = "A+="', f'key = "{machine_key}"', text, flags=re.MULTILINE)
    path = etc / "gateway.toml"
    path.write_text(text, encoding="utf-8")
    return path
