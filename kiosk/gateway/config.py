"""gateway.toml as values. `load` reads it once and whole; a mistake names its line and what to write instead."""

from __future__ import annotations

import base64
import binascii
import difflib
import enum
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from kiosk.gateway.sip2.profile import PROFILES, Profile
from kiosk.messages.topics import Address
from kiosk.settings import Kind, must_be, read, refuse, text_of
from kiosk.settings.numbers import OFFSET_MAX, OFFSET_MIN, between, host, port

SETTABLE = frozenset(
    {
        "institution",
        "location",
        "encoding",
        "error_detection",
        "reply_checksum",
        "sequence_echoed",
        "login",
        "language",
        "currency",
        "payment_type",
        "utc_offset_s",
        "date_zone",
        "due_formats",
        "no_block",
        "charged_entry",
        "check_item_echo",
        "reason_field",
        "until_field",
        "expiry_field",
    }
)
"""What a site may change in a profile; the rest is set elsewhere (user, password) or is code."""
CONNECTIONS_MAX = 64


class Mode(enum.StrEnum):
    DEMO = "demo"
    PRODUCTION = "production"  # refuses certificates and keys of the demo


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySection:
    name: str  # unique among the gateways of one ledger; its certificate's common name
    consortium: str
    sites: tuple[str, ...]
    ledger: str  # SQLAlchemy URL
    signing_key: str  # 32 bytes in base64 (kiosk.keys.Signer)
    site_secret: str  # any text of 32 characters or more: keys the hashes of readers' numbers
    mode: Mode = Mode.PRODUCTION
    workers: int = 4  # questions answered at the same time

    def __post_init__(self) -> None:
        refuse(
            "" if self.sites else "gateway.sites must name at least one site",
            *(_topic_name(name, getattr(self, name)) for name in ("name", "consortium")),
            *(_topic_name("sites", site) for site in self.sites),
            between("gateway.workers", self.workers, 1, 64),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerSection:
    host: str
    port: int = 8883
    ca: str = ""
    certificate: str = ""
    key: str = ""
    share: str = ""  # name of a shared subscription, for several gateways on one broker; "" for one

    def __post_init__(self) -> None:
        half = len({self.ca == "", self.certificate == "", self.key == ""}) > 1
        refuse(
            host("broker.host", self.host),
            port("broker.port", self.port),
            "broker.ca, broker.certificate and broker.key belong together: set all three or none" if half else "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class IlsSection:
    """How the library system is reached. `settings` change single values of the profile."""

    profile: str
    host: str
    port: int
    user: str = ""
    password_file: str = ""
    tls_ca: str = ""  # PEM file of the CA that signed the library system's certificate; "" for no TLS
    tls_name: str = ""  # the name in that certificate, when it is not `host`
    connections: int = 2
    answer_s: float = 5.0  # longest wait for one message
    settle_s: float = 3.0  # wait before reading back what a lost message did
    late_s: float = 60.0  # when to look once more, because SIP2 cannot call a message back
    settings: dict[str, Any] = field(default_factory=dict)  # Any: checked against Profile below

    def __post_init__(self) -> None:
        refuse(
            host("ils.host", self.host),
            port("ils.port", self.port),
            between("ils.connections", self.connections, 1, CONNECTIONS_MAX),
            *(
                f"ils.{name} must be more than 0 and at most 600 seconds"
                for name in ("answer_s", "settle_s", "late_s")
                if not 0 < getattr(self, name) <= 600
            ),
            *self._settings_told(),
        )

    def _settings_told(self) -> tuple[str, ...]:
        """What is wrong with the profile and with what is changed in it."""
        if self.profile not in PROFILES:
            return (f"ils.profile {self.profile!r} is not known; known are {', '.join(sorted(PROFILES))}",)
        unknown = [name for name in self.settings if name not in SETTABLE]
        if unknown:
            return tuple(f"ils.settings.{name} is not a setting{_like(name)}" for name in unknown)
        try:
            profile = self.described()
        except ValueError as error:
            said = str(error)
            return (said if said.startswith("ils.settings.") else f"ils.settings.{said}",)
        return (
            between("ils.settings.utc_offset_s", profile.utc_offset_s, OFFSET_MIN * 60, OFFSET_MAX * 60, "seconds"),
        )

    def described(self, password: str = "") -> Profile:
        """The profile of this library; raises ValueError with a sentence."""
        known = PROFILES[self.profile]
        values = {name: _converted(name, value, known) for name, value in self.settings.items()}
        return replace(known, user=self.user, password=password, **values)


class Mask(enum.StrEnum):
    """How a reader's name is shown."""

    TITLE = "title"  # 王同学, 李老师
    STAR = "star"  # 王*明


class PinAsked(enum.StrEnum):
    NEVER = "never"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatronSection:
    pin: PinAsked = PinAsked.NEVER
    pin_tries: int = 3
    pin_lock_min: int = 10
    mask: Mask = Mask.TITLE
    teachers: tuple[str, ...] = ()  # patron classes addressed as 老师
    students: tuple[str, ...] = ()  # patron classes addressed as 同学; everybody else is 读者
    titles_max: int = 50  # loans whose title and due date are fetched for the account page

    def __post_init__(self) -> None:
        refuse(
            between("patron.pin_tries", self.pin_tries, 1, 10),
            between("patron.pin_lock_min", self.pin_lock_min, 1, 24 * 60, "minutes"),
            between("patron.titles_max", self.titles_max, 0, 1000),
        )


class CardForm(enum.StrEnum):
    """How a card's uid is written in the card file."""

    HEX = "hex"  # as read: 04FA944D8F5CD9
    HEX_REVERSED = "hex_reversed"
    DECIMAL = "decimal"  # the bytes as one number, first byte highest
    DECIMAL_REVERSED = "decimal_reversed"  # first byte lowest, as many campus card readers print it
    AS_IS = "as_is"  # the machines send the card file's own numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSection:
    """`file` is a CSV with the columns card_uid, patron_id, status (ok or lost)."""

    file: str
    form: CardForm = CardForm.HEX
    digits: int = 10  # of decimal forms, filled with leading zeros


class WalletKind(enum.StrEnum):
    NONE = "none"
    HOUSE = "house"  # the library's own credit, kept in the ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletSection:
    """Who pays for prints. `allowance_fen` a reader and school year, from `month`/`day` on."""

    kind: WalletKind = WalletKind.NONE
    allowance_fen: int = 10_000
    month: int = 9
    day: int = 1

    def __post_init__(self) -> None:
        refuse(
            "wallet.allowance_fen must not be negative" if self.allowance_fen < 0 else "",
            between("wallet.month", self.month, 1, 12),
            between("wallet.day", self.day, 1, 28),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotSection:
    """What machines get for offline checks."""

    patrons_max: int = 20_000
    items_max: int = 20_000
    seen_days: int = 30  # readers not seen for longer are left out
    fresh_s: float = 600.0  # built at most this often: after an outage every machine of the site asks at once
    ahead_days: int = 40  # day keys given out in advance: the longest outage that can be sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepSection:
    """How long things are kept, and how long the gateway waits before it asks people."""

    sealed_days: int = 60  # then the day's private key is destroyed
    keys_days: int = 400
    line_wait_h: float = 24.0
    silent_h: float = 24.0
    custody_min: float = 15.0  # a return may be sent to the library system once more within this time

    def __post_init__(self) -> None:
        refuse(
            "keep.sealed_days must be at least 7" if self.sealed_days < 7 else "",
            "keep.keys_days must be at least 90" if self.keys_days < 90 else "",
            *(
                f"keep.{name} must be more than 0"
                for name in ("line_wait_h", "silent_h", "custody_min")
                if getattr(self, name) <= 0
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSection:
    id: str
    site: str
    place: str  # place group of the reports, such as F1-HALL
    key: str  # the machine's public signing key, 32 bytes in base64

    def __post_init__(self) -> None:
        try:
            size = len(base64.b64decode(self.key, validate=True))
        except (binascii.Error, ValueError):
            size = 0
        refuse(
            *(_topic_name(name, getattr(self, name)) for name in ("id", "site")),
            "" if size == 32 else f"key of {self.id} must be 32 bytes in base64, as the machine prints it",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayConfig:
    gateway: GatewaySection
    broker: BrokerSection
    ils: IlsSection
    card: CardSection
    patron: PatronSection = field(default_factory=PatronSection)
    wallet: WalletSection = field(default_factory=WalletSection)
    snapshot: SnapshotSection = field(default_factory=SnapshotSection)
    keep: KeepSection = field(default_factory=KeepSection)
    device: tuple[DeviceSection, ...] = ()

    def __post_init__(self) -> None:
        ids = [each.id for each in self.device]
        dying = self.snapshot.ahead_days >= self.keep.sealed_days
        refuse(
            *(
                (("device", str(n), "id"), f"device ids must be unique; more than once: {each.id}")
                for n, each in enumerate(self.device)
                if each.id in ids[:n]
            ),
            *(
                (("device", str(n), "site"), f"device {each.id}: site {each.site!r} is not in gateway.sites")
                for n, each in enumerate(self.device)
                if each.site not in self.gateway.sites
            ),
            "snapshot.ahead_days must be less than keep.sealed_days, or keys die before they are used" if dying else "",
        )


def load(path: Path) -> GatewayConfig:
    """Raises SettingsError with every mistake. Paths in the file are relative to its folder."""
    text = text_of(path)
    must_be(Kind.GATEWAY, text, str(path))
    config = read(text, str(path), GatewayConfig)
    here = path.parent
    return replace(
        config,
        gateway=replace(
            config.gateway,
            signing_key=_under(here, config.gateway.signing_key),
            site_secret=_under(here, config.gateway.site_secret),
            ledger=_ledger_under(here, config.gateway.ledger),
        ),
        broker=replace(
            config.broker,
            ca=_under(here, config.broker.ca),
            certificate=_under(here, config.broker.certificate),
            key=_under(here, config.broker.key),
        ),
        ils=replace(
            config.ils,
            password_file=_under(here, config.ils.password_file),
            tls_ca=_under(here, config.ils.tls_ca),
        ),
        card=replace(config.card, file=_under(here, config.card.file)),
    )


def _topic_name(name: str, value: str) -> str:
    try:
        Address(consortium="x", site="x", device=value)
    except ValueError as error:
        return f"{name} is {error}"
    return ""


def _like(name: str) -> str:
    near = difflib.get_close_matches(name, SETTABLE, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(SETTABLE))}"


def _under(folder: Path, path: str) -> str:
    return str(folder / path) if path else ""


def _ledger_under(folder: Path, url: str) -> str:
    """`sqlite:///ledger.db` is a relative path too (four slashes make it absolute)."""
    head, found, path = url.partition("sqlite:///")
    return f"sqlite:///{folder / path}" if found and not head and path else url


def _converted(name: str, value: Any, known: Profile) -> Any:
    # Any: a setting of the profile has the type of the profile's own value.
    kind = type(getattr(known, name))
    if kind is tuple:
        return tuple(msgspec.convert(value, list[str]))
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise ValueError(f"ils.settings.{name}: {error}".replace("`", "")) from error
