"""Is a configuration file right? Every mistake at once, with its line: what one section says, and what two contradict.

`circdesk config check` uses it, and every start of a machine may. Files that it names are looked at where they lie, so
the answer for /etc/circdesk holds on the machine itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.checkout.policy import Service
from kiosk.checkout.settings import CheckoutSettings
from kiosk.gateway.config import GatewayConfig, Mode, load
from kiosk.keys import is_key
from kiosk.keys.certificates import belongs, passport
from kiosk.machine import fitting
from kiosk.machine.technicians import check_form
from kiosk.messages.topics import Address
from kiosk.screen.sentences import SentenceError, Sentences, parse
from kiosk.settings import Mistake, SettingsError, read
from kiosk.settings.lines import index, line_of
from kiosk.site.folder import CONFIG
from kiosk.site.overlap import TooClever, common_text

KINDS: Final = ("checkout",)
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
SOCKET_BYTES_MAX: Final = 107  # sockaddr_un of Linux, unix(7)
SECRET_CHARS_MIN: Final = 32
DISCS: Final = ("remind", "desk")
_SHIPPED: Final = CONFIG / "locale" / "sentences.csv"

Spot = tuple[tuple[str, ...], str]  # path of a setting, and what is wrong with it


def check_machine(path: Path) -> list[Mistake]:
    """Everything wrong with a machine's file; empty for a good one. Raises OSError when it cannot be read itself."""
    text = path.read_text("utf-8")
    try:
        settings = read(text, path.name, CheckoutSettings)
    except SettingsError as error:
        return list(error.mistakes)
    spots = [spot for check in _CHECKS for spot in check(settings)]
    return _placed(text, path.name, spots)


def check_gateway(path: Path) -> list[Mistake]:
    """The same for a gateway's file."""
    text = path.read_text("utf-8")
    try:
        config = load(path)
    except SettingsError as error:
        return list(error.mistakes)
    return _placed(text, path.name, list(_gateway(config)))


def _placed(text: str, file: str, spots: Sequence[Spot]) -> list[Mistake]:
    lines = index(text)
    found = [Mistake(file=file, line=line_of(lines, path), what=what) for path, what in spots]
    return sorted(found, key=lambda mistake: mistake.line)


# -- a machine


def _names(settings: CheckoutSettings) -> Iterator[Spot]:
    machine = settings.machine
    if machine.kind not in KINDS:
        yield ("machine", "kind"), f"there is no machine {machine.kind!r}; known are {', '.join(KINDS)}"
    for name in ("consortium", "site", "device"):
        try:
            Address(consortium="x", site="x", device=getattr(machine, name))
        except ValueError as error:
            yield ("machine", name), str(error)
    if len(os.fsencode(settings.panel.socket)) > SOCKET_BYTES_MAX:
        yield ("panel", "socket"), f"a socket's path has at most {SOCKET_BYTES_MAX} bytes"


def _parts(settings: CheckoutSettings) -> Iterator[Spot]:
    yield from fitting.check(settings.platform())
    parts, services = settings.parts, settings.desk.services
    if "pad" not in parts and "scanner" not in parts:
        yield ("parts",), "a self-checkout needs a pad or a scanner: without both it can read no book"
    lends = {Service.CHECKOUT, Service.RENEW, Service.ACCOUNT} & set(services)
    if lends and "card" not in parts and "scanner" not in parts:
        yield ("parts",), f"{sorted(lends)[0]} needs a card reader or a scanner: without both nobody can say who he is"
    if settings.machine.mode == "production":
        for name, part in parts.items():
            if part.link.startswith("sim:"):
                yield ("parts", name, "link"), "a simulated device has no place in production"


def _sentences(settings: CheckoutSettings) -> Iterator[Spot]:
    """The library's own table must say everything that the shipped one says, with the same fields."""
    where = ("desk", "sentences")
    path = CONFIG / settings.desk.sentences
    try:
        own = parse(path.read_text("utf-8"))
    except OSError as error:
        yield where, f"{path}: {error.strerror}"
        return
    except SentenceError as error:
        for line in str(error).splitlines():
            yield where, f"{path.name}, {line}"
        return
    for what in _differences(parse(_SHIPPED.read_text("utf-8")), own):
        yield where, f"{path.name}: {what}"


def _differences(shipped: Sentences, own: Sentences) -> Iterator[str]:
    for key in shipped.table:
        if key not in own:
            yield f"the sentence {key} is missing"
        elif own.fields(key) - shipped.fields(key):
            unknown = ", ".join(sorted(own.fields(key) - shipped.fields(key)))
            yield f"{key}: nobody fills in {{{unknown}}}"


def _codes(settings: CheckoutSettings) -> Iterator[Spot]:
    codes = settings.codes
    try:
        both = common_text(codes.item, codes.patron)
    except TooClever as error:
        yield ("codes",), f"whether item and patron can be told apart cannot be checked: {error}"
        return
    if both is not None:
        yield ("codes",), f"{both!r} would be an item and a reader: no text may match both item and patron"


def _policy(settings: CheckoutSettings) -> Iterator[Spot]:
    if settings.policy.checkout.disc not in DISCS:
        yield ("policy", "checkout", "disc"), f"disc must be one of {', '.join(DISCS)}"
    for name in ("afi_on", "afi_off"):
        if not 0 <= getattr(settings.tags, name) <= 0xFF:
            yield ("tags", name), f"{name} is one byte: 0x00 to 0xFF"
    for n, technician in enumerate(settings.technicians):
        for name in ("card_hash", "pin_hash"):
            try:
                check_form(getattr(technician, name))
            except ValueError as error:
                yield ("technicians", str(n), name), str(error)


def _broker(settings: CheckoutSettings) -> Iterator[Spot]:
    broker, production = settings.broker, settings.machine.mode == "production"
    files = {name: getattr(broker, name) for name in ("ca", "certificate", "key")}
    if len({bool(path) for path in files.values()}) > 1:
        yield ("broker",), "ca, certificate and key belong together: set all three or none"
        return
    if not broker.ca:
        if broker.host not in LOOPBACK or production:
            yield ("broker",), "ca, certificate and key are missing: without TLS a broker is for tests on this machine"
        return
    papers = _Papers(ca=broker.ca, certificate=broker.certificate, key=broker.key)
    yield from papers.check(("broker",), settings.machine.device, production=production)


def _keys(settings: CheckoutSettings) -> Iterator[Spot]:
    yield from _key(("files", "signer"), settings.files.signer)
    yield from _key(("files", "gateway"), settings.files.gateway)
    journal = Path(settings.files.journal)
    if not journal.is_absolute():
        yield ("files", "journal"), "give the full path: a journal must not depend on where the machine was started"


def _key(where: tuple[str, ...], path: str) -> Iterator[Spot]:
    try:
        good = is_key(Path(path).read_text("ascii").strip())
    except OSError as error:
        yield where, f"{path}: {error.strerror}"
        return
    except UnicodeDecodeError:
        good = False
    if not good:
        yield where, f"{path}: is no key; circdesk config key makes one"


_CHECKS: Final = (_names, _parts, _sentences, _codes, _policy, _broker, _keys)


# -- certificates, of machine and gateway alike


@dataclass(frozen=True, slots=True, kw_only=True)
class _Papers:
    """Paths of PEM files."""

    ca: str
    certificate: str
    key: str

    def check(self, where: tuple[str, ...], owner: str, *, production: bool) -> Iterator[Spot]:
        read_in: dict[str, bytes] = {}
        for name, path in (("ca", self.ca), ("certificate", self.certificate), ("key", self.key)):
            try:
                read_in[name] = Path(path).read_bytes()
            except OSError as error:
                yield (*where, name), f"{path}: {error.strerror}"
        for name in ("ca", "certificate"):
            if name in read_in:
                yield from self._certificate((*where, name), read_in[name], production)
        if "certificate" in read_in:
            yield from self._owner((*where, "certificate"), read_in["certificate"], owner)
        if {"certificate", "key"} <= read_in.keys():
            yield from self._pair((*where, "key"), read_in["certificate"], read_in["key"])

    def _certificate(self, where: tuple[str, ...], pem: bytes, production: bool) -> Iterator[Spot]:
        try:
            demo = passport(pem).demo
        except ValueError:
            yield where, "is no certificate in PEM form"
            return
        if demo and production:
            yield where, "is a demonstration certificate; in production use the site's own CA (docs/install.md)"

    def _owner(self, where: tuple[str, ...], pem: bytes, owner: str) -> Iterator[Spot]:
        try:
            name = passport(pem).name
        except ValueError:
            return  # told above
        if name != owner:
            yield where, f"is the certificate of {name!r}; here it must be that of {owner!r}"

    def _pair(self, where: tuple[str, ...], pem: bytes, key: bytes) -> Iterator[Spot]:
        try:
            own = belongs(pem, key)
        except ValueError:
            own = False
        if not own:
            yield where, "is not the key of this certificate"


# -- a gateway


def _gateway(config: GatewayConfig) -> Iterator[Spot]:
    gateway, broker = config.gateway, config.broker
    production = gateway.mode is Mode.PRODUCTION
    if broker.ca:
        papers = _Papers(ca=broker.ca, certificate=broker.certificate, key=broker.key)
        yield from papers.check(("broker",), gateway.name, production=production)
    elif broker.host not in LOOPBACK or production:
        yield ("broker",), "ca, certificate and key are missing: without TLS a broker is for tests on this machine"
    yield from _key(("gateway", "signing_key"), gateway.signing_key)
    yield from _secret(("gateway", "site_secret"), gateway.site_secret)
    for where, path in ((("card", "file"), config.card.file), (("ils", "password_file"), config.ils.password_file)):
        if path and not os.access(path, os.R_OK):
            yield where, f"{path}: cannot be read"


def _secret(where: tuple[str, ...], path: str) -> Iterator[Spot]:
    try:
        chars = len(Path(path).read_text("ascii").strip())
    except (OSError, UnicodeDecodeError):
        yield where, f"{path}: cannot be read"
        return
    if chars < SECRET_CHARS_MIN:
        yield where, f"needs {SECRET_CHARS_MIN} characters or more: openssl rand -base64 48"
