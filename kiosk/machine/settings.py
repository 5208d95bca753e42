"""The platform's sections of a machine file; each machine adds its own beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from drivers.card import ByteOrder, Digits
from drivers.rfid.tags import Charset, FixedLayout
from kiosk.settings import refuse
from kiosk.settings.numbers import between, host, not_empty, port

PIXELS_MIN: Final = 480
PIXELS_MAX: Final = 8_192
PARTS: Final = ("pad", "card", "scanner", "printer")


def _pattern(name: str, text: str) -> str:
    """What is wrong with a regular expression, or ""."""
    try:
        re.compile(text)
    except re.error as error:
        return f"{name} is no regular expression: {error}"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineSection:
    """`[machine]`: who and where."""

    kind: str  # checkout, sorter, print
    device: str  # unique in the consortium, equals the certificate's common name
    consortium: str
    site: str
    place: str
    mode: str = "demo"  # demo | production: in production demo certificates are refused

    def __post_init__(self) -> None:
        refuse(
            "" if self.mode in ("demo", "production") else 'mode must be "demo" or "production"',
            not_empty("place", self.place, "the place code of the reports belongs there"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerSection:
    """`[broker]`: TLS with a certificate of this device; plain only on loopback."""

    host: str = "127.0.0.1"
    port: int = 8883
    ca: str = ""
    certificate: str = ""
    key: str = ""

    def __post_init__(self) -> None:
        refuse(host("host", self.host), port("port", self.port))


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesSection:
    """`[files]`: what the machine keeps. `signer` is this device's secret, `gateway` the gateway's public half."""

    journal: str
    snapshot: str = ""
    snapshot_every_s: float = 600.0  # how often the offline snapshot is asked for
    signer: str
    gateway: str
    boot_id: str = "/proc/sys/kernel/random/boot_id"

    def __post_init__(self) -> None:
        if self.snapshot_every_s < 1:
            raise ValueError("snapshot_every_s must be 1 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSection:
    """`[parts.NAME]`: a device. `link` is an address such as "serial:/dev/ttyUSB0?baud=38400&parity=E"."""

    driver: str
    link: str
    profile: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutSection:
    """`[[tags.layouts]]`: a home-made layout: where the item number stands."""

    name: str
    offset: int
    length: int
    charset: str = "ascii"
    pattern: str = ""

    def __post_init__(self) -> None:
        if self.charset not in tuple(Charset):
            raise ValueError(f"charset must be one of {', '.join(Charset)}")
        self.layout()

    def layout(self) -> FixedLayout:
        return FixedLayout(
            name=self.name,
            offset=self.offset,
            length=self.length,
            charset=Charset(self.charset),
            pattern=self.pattern or ".+",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TagsSection:
    """`[tags]`: theft marks and layouts of this site."""

    afi_on: int = 0x07
    afi_off: int = 0xC2
    eas: bool = False
    item_pattern: str = r"[A-Z0-9]{4,20}"
    layouts: tuple[LayoutSection, ...] = ()

    def __post_init__(self) -> None:
        same = self.afi_on == self.afi_off
        refuse(
            _pattern("item_pattern", self.item_pattern),
            *(
                f"{name} is one byte: 0x00 to 0xFF"
                for name in ("afi_on", "afi_off")
                if not 0 <= getattr(self, name) <= 0xFF
            ),
            "afi_on and afi_off must differ, else no gate can tell a lent book" if same else "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CardsSection:
    """`[cards]`: how a uid becomes the number the campus card centre knows."""

    order: ByteOrder = ByteOrder.AS_SENT
    digits: Digits = Digits.HEX


@dataclass(frozen=True, slots=True, kw_only=True)
class CodesSection:
    """`[codes]`: which scanned text is an item, which a reader: the two must never be confused."""

    item: str = r"[A-Z]\d{7}"
    patron: str = r"\d{10}"

    def __post_init__(self) -> None:
        refuse(_pattern("item", self.item), _pattern("patron", self.patron))


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelSection:
    """`[panel]`: the screen. Sizes of everything on it follow from its real size."""

    width_px: int = 1080
    height_px: int = 1920
    diagonal_in: float = 21.5
    reading_mm: float = 600.0  # from the reader's eyes to the glass
    socket: str = "/run/circdesk/ui.sock"
    cache: str = "/var/cache/circdesk"

    def __post_init__(self) -> None:
        refuse(
            between("width_px", self.width_px, PIXELS_MIN, PIXELS_MAX, "pixels"),
            between("height_px", self.height_px, PIXELS_MIN, PIXELS_MAX, "pixels"),
            between("diagonal_in", self.diagonal_in, 5, 100, "inches"),
            between("reading_mm", self.reading_mm, 200, 2000, "mm"),
            not_empty("socket", self.socket, "core and screen meet there"),
            not_empty("cache", self.cache, "the screen keeps what it drew once there"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianSection:
    """`[[technicians]]`: salted hashes only; `circdesk config technician` makes the two lines."""

    name: str
    card_hash: str
    pin_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """All of it, as the core wants it."""

    machine: MachineSection
    files: FilesSection
    broker: BrokerSection = BrokerSection()
    parts: dict[str, PartSection] = field(default_factory=dict)
    tags: TagsSection = TagsSection()
    cards: CardsSection = CardsSection()
    codes: CodesSection = CodesSection()
    technicians: tuple[TechnicianSection, ...] = ()
