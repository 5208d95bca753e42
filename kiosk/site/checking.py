"""Is a configuration file right? Every mistake at once, with its line: what one section says, and what two contradict.

A mistake hides no other: each check looks at the settings it needs, and only rests where one of those is missing.

`circdesk config check` uses it, and every start of a machine may. Files that it names are looked at where they lie, so
the answer for /etc/circdesk holds on the machine itself.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from kiosk.checkout.policy import Service
from kiosk.checkout.settings import SNAPSHOT_DAYS_MAX, CheckoutSettings
from kiosk.gateway.card import CardFile, CardFileError
from kiosk.gateway.config import GatewayConfig, Mode
from kiosk.gateway.registry import key_told
from kiosk.keys import is_key
from kiosk.keys.certificates import belongs, passport
from kiosk.machine import fitting
from kiosk.machine.settings import PartSection
from kiosk.machine.technicians import check_form
from kiosk.messages.topics import Address
from kiosk.screen.sentences import SentenceError, Sentences, parse
from kiosk.settings import Kind, Mistake, SettingsError, Sparse, kind_of, must_be, read_sparse, text_of
from kiosk.settings.lines import line_of
from kiosk.site.folder import CONFIG
from kiosk.site.overlap import TooClever, common_text

KINDS: Final = ("checkout",)
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
SOCKET_BYTES_MAX: Final = 107  # sockaddr_un of Linux, unix(7)
SECRET_CHARS_MIN: Final = 32
DISCS: Final = ("remind", "desk")
SQLITE_MAGIC: Final = b"SQLite format 3\0"
STATE: Final = Path("/var/lib")
LEDGERS: Final = ("sqlite", "postgresql")
_PAPERS: Final = ("ca", "certificate", "key")
_SHIPPED: Final = CONFIG / "locale" / "sentences.csv"

Spot = tuple[tuple[str, ...], str]  # path of a setting, and what is wrong with it


def check(path: Path) -> list[Mistake]:
    """Everything wrong with a machine's or a gateway's file; empty for a good one."""
    try:
        return check_gateway(path) if kind_of(text_of(path)) is Kind.GATEWAY else check_machine(path)
    except SettingsError as error:
        return list(error.mistakes)


def check_machine(path: Path) -> list[Mistake]:
    """Raises SettingsError when the file cannot be read at all, or is a gateway's."""
    text = text_of(path)
    must_be(Kind.MACHINE, text, str(path))
    sparse = read_sparse(text, str(path), CheckoutSettings)
    checks = _CHECKS if sparse.readable else ()
    return _all(sparse, str(path), [spot for check in checks for spot in check(sparse)])


def check_gateway(path: Path) -> list[Mistake]:
    """The same for a gateway's file."""
    text = text_of(path)
    must_be(Kind.GATEWAY, text, str(path))
    sparse = read_sparse(text, str(path), GatewayConfig)
    checks = _GATEWAY_CHECKS if sparse.readable else ()
    return _all(sparse, str(path), [spot for check in checks for spot in check(sparse, path.parent)])


def _all(sparse: Sparse[Any], file: str, spots: Sequence[Spot]) -> list[Mistake]:
    """What the file says wrong by itself, and what was found on top where nothing was told yet."""
    more = [
        Mistake(file=file, line=line_of(sparse.lines, path), what=what)
        for path, what in spots
        if not sparse.faulty(path)
    ]
    return sorted((*sparse.mistakes, *more), key=lambda mistake: mistake.line)


# -- a machine

Machine = Sparse[CheckoutSettings]


def _names(machine: Machine) -> Iterator[Spot]:
    for name in ("kind", "consortium", "site", "device"):
        if not machine.knows("machine", name):
            continue
        value = getattr(machine.value.machine, name)
        if name == "kind" and value not in KINDS:
            yield ("machine", "kind"), f"there is no machine {value!r}; known are {', '.join(KINDS)}"
        elif name != "kind":
            try:
                Address(consortium="x", site="x", device=value)
            except ValueError as error:
                yield ("machine", name), f"{name} is {error}"


def _parts(machine: Machine) -> Iterator[Spot]:
    if not machine.knows_table("parts"):
        return
    parts, services = machine.value.parts, machine.value.desk.services
    yield from _each_part(machine, {name: _filled(machine, name, part) for name, part in parts.items()})
    if "pad" not in parts and "scanner" not in parts:
        yield ("parts",), "a self-checkout needs a pad or a scanner: without both it can read no book"
    lends = {Service.CHECKOUT, Service.RENEW, Service.ACCOUNT} & set(services)
    if lends and "card" not in parts and "scanner" not in parts:
        yield ("parts",), f"{sorted(lends)[0]} needs a card reader or a scanner: without both nobody can say who he is"


def _filled(machine: Machine, name: str, part: PartSection) -> PartSection:
    """The part with something harmless where its driver or its link is missing, which is told already."""
    driver = part.driver if machine.knows("parts", name, "driver") else fitting.DRIVERS.get(name, ("",))[0]
    link = part.link if machine.knows("parts", name, "link") else f"sim:{name}"
    return PartSection(driver=driver, link=link, profile=part.profile)


def _each_part(machine: Machine, parts: Mapping[str, PartSection]) -> Iterator[Spot]:
    yield from fitting.check(parts)
    production = machine.knows("machine", "mode") and machine.value.machine.mode == "production"
    for name, part in parts.items():
        if production and part.link.startswith("sim:") and machine.knows("parts", name, "link"):
            yield ("parts", name, "link"), "a simulated device has no place in production"
        if part.profile and name != "printer":
            yield ("parts", name, "profile"), f"only a printer has a profile; a {name} has none"
        elif part.profile:
            yield from _printer_profile(part.profile)


def _printer_profile(name: str) -> Iterator[Spot]:
    from drivers.receipt.escpos.encode import Encoder, EscposProfile
    from drivers.receipt.escpos.library import models

    try:
        Encoder(EscposProfile(model=name))
    except ValueError as error:
        near = difflib.get_close_matches(name, models(), n=1)
        meant = f"; did you mean {near[0]!r}?" if near else '; "default" fits most'
        yield ("parts", "printer", "profile"), f"{error}{meant}"


def _sentences(machine: Machine) -> Iterator[Spot]:
    """The library's own table must say everything that the shipped one says, with the same fields."""
    where = ("desk", "sentences")
    path = CONFIG / machine.value.desk.sentences
    try:
        own = parse(path.read_text("utf-8-sig"))
    except OSError as error:
        yield where, f"{path}: {error.strerror}"
        return
    except UnicodeDecodeError:
        yield where, f"{path}: is not UTF-8 text; save the table in that encoding"
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


def _codes(machine: Machine) -> Iterator[Spot]:
    codes = machine.value.codes
    if machine.faulty(("codes", "item")) or machine.faulty(("codes", "patron")):
        return
    try:
        both = common_text(codes.item, codes.patron)
    except TooClever as error:
        yield ("codes",), f"whether item and patron can be told apart cannot be checked: {error}"
        return
    if both is not None:
        yield ("codes", "patron"), f"{both!r} would be an item and a reader: no text may match both item and patron"


def _policy(machine: Machine) -> Iterator[Spot]:
    if machine.value.policy.checkout.disc not in DISCS:
        yield ("policy", "checkout", "disc"), f"disc must be one of {', '.join(DISCS)}"


def _technicians(machine: Machine) -> Iterator[Spot]:
    if not machine.knows_table("technicians"):
        return
    for n, technician in enumerate(machine.value.technicians):
        for name in ("card_hash", "pin_hash"):
            where = ("technicians", str(n), name)
            if not machine.knows(*where):
                continue
            try:
                check_form(getattr(technician, name))
            except ValueError:
                yield where, f"{name} is not what this command makes: circdesk config technician"


def _broker(machine: Machine) -> Iterator[Spot]:
    broker = machine.value.broker
    if not machine.knows("machine", "mode"):
        return
    production = machine.value.machine.mode == "production"
    if len({bool(getattr(broker, name)) for name in _PAPERS}) > 1:
        if not any(machine.faulty(("broker", name)) for name in _PAPERS):
            yield ("broker",), "ca, certificate and key belong together: set all three or none"
        return
    if not broker.ca:
        if broker.host not in LOOPBACK or production:
            yield ("broker",), "ca, certificate and key are missing: without TLS a broker is for tests on this machine"
        return
    papers = _Papers(ca=broker.ca, certificate=broker.certificate, key=broker.key)
    owner = machine.value.machine.device if machine.knows("machine", "device") else None
    yield from papers.check(("broker",), owner, production=production)


def _files(machine: Machine) -> Iterator[Spot]:
    for name in ("signer", "gateway"):
        if machine.knows("files", name):
            yield from _key(("files", name), getattr(machine.value.files, name))
    if machine.knows("files", "journal") and not Path(machine.value.files.journal).is_absolute():
        yield ("files", "journal"), "give the full path: a journal must not depend on where the machine was started"
    socket = machine.value.panel.socket
    if socket and not Path(socket).is_absolute():
        yield ("panel", "socket"), "give the full path: core and screen must meet wherever they were started"
    if len(os.fsencode(socket)) > SOCKET_BYTES_MAX:
        yield ("panel", "socket"), f"a socket's path has at most {SOCKET_BYTES_MAX} bytes"


def _key(where: tuple[str, ...], path: str) -> Iterator[Spot]:
    try:
        good = is_key(Path(path).read_text("ascii").strip())
    except OSError as error:
        yield where, f"{path}: {error.strerror}"
        return
    except ValueError:  # no ASCII, or a NUL in the name
        good = False
    if not good:
        yield where, f"{path}: is no key; circdesk config key makes one"


_CHECKS: Final[tuple[Callable[[Machine], Iterator[Spot]], ...]] = (
    _names,
    _parts,
    _sentences,
    _codes,
    _policy,
    _technicians,
    _broker,
    _files,
)


# -- certificates, of machine and gateway alike


@dataclass(frozen=True, slots=True, kw_only=True)
class _Papers:
    """Paths of PEM files, and whose they should be; `owner` None leaves that open."""

    ca: str
    certificate: str
    key: str

    def check(self, where: tuple[str, ...], owner: str | None, *, production: bool) -> Iterator[Spot]:
        read_in: dict[str, bytes] = {}
        for name, path in (("ca", self.ca), ("certificate", self.certificate), ("key", self.key)):
            try:
                read_in[name] = Path(path).read_bytes()
            except OSError as error:
                yield (*where, name), f"{path}: {error.strerror}"
            except ValueError:  # a NUL in the name
                yield (*where, name), "no file can be called that"
        for name in ("ca", "certificate"):
            if name in read_in:
                yield from self._certificate((*where, name), read_in[name], production)
        if "certificate" in read_in and owner is not None:
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

GatewayFile = Sparse[GatewayConfig]


def _gateway_broker(gateway: GatewayFile, here: Path) -> Iterator[Spot]:
    if not gateway.knows("broker") or any(gateway.faulty(("broker", name)) for name in _PAPERS):
        return
    broker = gateway.value.broker
    mode = gateway.value.gateway.mode if gateway.knows("gateway", "mode") else None
    if broker.ca:
        papers = _Papers(**{name: str(here / getattr(broker, name)) for name in _PAPERS})
        owner = gateway.value.gateway.name if gateway.knows("gateway", "name") else None
        yield from papers.check(("broker",), owner, production=mode is Mode.PRODUCTION)
    elif broker.host not in LOOPBACK or mode is Mode.PRODUCTION:
        yield ("broker",), "ca, certificate and key are missing: without TLS a broker is for tests on this machine"


def _gateway_files(gateway: GatewayFile, here: Path) -> Iterator[Spot]:
    if gateway.knows("gateway", "signing_key"):
        yield from _key(("gateway", "signing_key"), str(here / gateway.value.gateway.signing_key))
    if gateway.knows("gateway", "site_secret"):
        yield from _secret(("gateway", "site_secret"), str(here / gateway.value.gateway.site_secret))
    if gateway.knows("ils"):
        for name in ("password_file", "tls_ca"):
            path = getattr(gateway.value.ils, name)
            if path and not os.access(here / path, os.R_OK):
                yield ("ils", name), f"{here / path}: cannot be read"


def _ledger(gateway: GatewayFile, here: Path) -> Iterator[Spot]:
    if not gateway.knows("gateway", "ledger"):
        return
    where = ("gateway", "ledger")
    try:
        url = make_url(gateway.value.gateway.ledger)
    except ArgumentError:
        yield where, 'is no address of a database, such as "sqlite:////var/lib/circdesk-gateway/ledger.db"'
        return
    if wrong := _driver_wrong(url):
        yield where, wrong
    elif url.drivername.startswith("sqlite") and url.database:
        yield from _sqlite(where, here / url.database)


def _driver_wrong(url: URL) -> str:
    """What keeps this software from speaking to a database with such an address, or ""."""
    known = url.get_backend_name() in LEDGERS
    try:
        if known:
            url.get_dialect().import_dbapi()
    except NoSuchModuleError:
        known = False
    except ModuleNotFoundError as error:
        return f"{url.drivername} needs the Python package {error.name}, which is not here (docs/install.md, section 5)"
    return "" if known else f"there is no ledger in {url.drivername!r}; known are {' and '.join(LEDGERS)}"


def _sqlite(where: tuple[str, ...], path: Path) -> Iterator[Spot]:
    if not path.parent.is_dir():
        if not path.is_relative_to(STATE):  # systemd makes those folders when the gateway first starts
            yield where, f"the folder {path.parent} is missing"
    elif path.exists():
        try:
            with path.open("rb") as file:
                begin = file.read(len(SQLITE_MAGIC))
        except OSError as error:
            yield where, f"{path}: {error.strerror}"
            return
        if begin not in (b"", SQLITE_MAGIC):
            yield where, f"{path} is no SQLite database"


def _cards(gateway: GatewayFile, here: Path) -> Iterator[Spot]:
    if not gateway.knows("card"):
        return
    card, where = gateway.value.card, ("card", "file")
    if not os.access(here / card.file, os.R_OK):
        yield where, f"{here / card.file}: cannot be read"
        return
    try:
        CardFile(here / card.file, card.form, card.digits)
    except CardFileError as error:
        for line in str(error).splitlines():
            yield where, line


def _secret(where: tuple[str, ...], path: str) -> Iterator[Spot]:
    try:
        chars = len(Path(path).read_text("ascii").strip())
    except (OSError, ValueError):
        yield where, f"{path}: cannot be read"
        return
    if chars < SECRET_CHARS_MIN:
        yield where, f"needs {SECRET_CHARS_MIN} characters or more: openssl rand -base64 48"


def _day_keys(gateway: GatewayFile, folder: Path) -> Iterator[Spot]:
    """A machine that lends alone must have keys to seal with for as long as its snapshot may serve it."""
    if gateway.knows("snapshot", "ahead_days") and gateway.value.snapshot.ahead_days < SNAPSHOT_DAYS_MAX:
        yield (
            ("snapshot", "ahead_days"),
            f"ahead_days must be {SNAPSHOT_DAYS_MAX} or more: a machine may lend by a snapshot that old "
            "(policy.offline.snapshot_age_h_max), and seals each loan with the key of its day",
        )


def _devices(gateway: GatewayFile, folder: Path) -> Iterator[Spot]:
    if not gateway.knows_table("device"):
        return
    for n, device in enumerate(gateway.value.device):
        where = ("device", str(n), "key")
        known = gateway.knows(*where) and gateway.knows("device", str(n), "id")
        if known and (wrong := key_told(device)):
            yield where, wrong


_GATEWAY_CHECKS: Final[tuple[Callable[[GatewayFile, Path], Iterator[Spot]], ...]] = (
    _gateway_broker,
    _gateway_files,
    _ledger,
    _cards,
    _day_keys,
    _devices,
)
