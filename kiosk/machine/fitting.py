"""From `[parts.*]` of a machine file to running devices. The only place that names driver classes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from drivers.barcode import Scanner
from drivers.card import CardReader, UidFormat
from drivers.clock import Hub
from drivers.link import Link, Opener
from drivers.receipt import ReceiptPrinter
from drivers.rfid.contract import Pad, SecurityScheme
from kiosk.machine.links import AddressError, opener
from kiosk.machine.parts import CardPart, Hints, PadPart, Part, PrinterPart, ScannerPart, Wire
from kiosk.machine.parts.pad import TagRules
from kiosk.machine.settings import PartSection, Platform

Post = Callable[[Any], None]
DRIVERS = {
    "pad": ("feig",),
    "card": ("pn532", "libnfc"),
    "scanner": ("serial", "wedge"),
    "printer": ("escpos",),
}
OWN_WIRE = ("libnfc", "wedge")  # these open their device by themselves; their link is its name
# What passes over these wires names a reader: the technician's wire view keeps times and lengths only.
PERSONAL = {"card", "scanner", "printer"}


def check(parts: Mapping[str, PartSection]) -> list[tuple[tuple[str, ...], str]]:
    """Mistakes in `[parts.*]` as (path, sentence)."""
    wrong: list[tuple[tuple[str, ...], str]] = []
    for name, section in parts.items():
        if name not in DRIVERS:
            wrong.append((("parts", name), f"there is no part {name!r}; known are {', '.join(DRIVERS)}"))
        elif section.driver not in DRIVERS[name]:
            known = " and ".join(DRIVERS[name])
            wrong.append((("parts", name, "driver"), f"{name} has no driver {section.driver!r}; known are {known}"))
        elif section.driver not in OWN_WIRE:
            wrong += _check_link(name, section)
    return wrong


def _check_link(name: str, section: PartSection) -> list[tuple[tuple[str, ...], str]]:
    if section.link.startswith("sim:"):
        return []
    try:
        opener(section.link, _NO_CLOCK, name, {})
    except AddressError as error:
        return [(("parts", name, "link"), str(error))]
    return []


class _NoClock:
    """Addresses are read without opening anything."""

    def now(self) -> float:
        raise AssertionError("no wire is opened while a file is checked")

    def wall(self) -> float:
        raise AssertionError("no wire is opened while a file is checked")

    def wait_until(self, when: float) -> None:
        raise AssertionError("no wire is opened while a file is checked")


_NO_CLOCK = _NoClock()


def fit(
    platform: Platform,
    hub: Hub,
    wires: Mapping[str, Opener],
    hub_of: Callable[[str], Hub] | None = None,
) -> Callable[[Post, Hints], Mapping[str, Part]]:
    """Gives the core a way to make its parts. `wires` are simulated ones; `hub_of` gives each part a hub of its own.

    Raises AddressError for a bad address.
    """

    def parts(post: Post, hints: Hints) -> Mapping[str, Part]:
        return {
            name: _part(name, section, platform, hub_of(name) if hub_of else hub, wires, post, hints)
            for name, section in platform.parts.items()
        }

    return parts


def _part(
    name: str,
    section: PartSection,
    platform: Platform,
    hub: Hub,
    wires: Mapping[str, Opener],
    post: Post,
    hints: Hints,
) -> Part:
    personal = name in PERSONAL
    if section.driver in OWN_WIRE:
        wire = Wire(_no_wire, hub, personal=personal)
    else:
        wire = Wire(opener(section.link, hub, name, wires), hub, personal=personal)
    match name:
        case "pad":
            return _pad(wire, platform, hub, post, hints)
        case "card":
            return _card(wire, section, platform, hub, post)
        case "scanner":
            return _scanner(wire, section, hub, post)
        case "printer":
            return _printer(wire, section, hub, post)
        case _:
            raise AddressError(f"there is no part {name!r}")


def _no_wire() -> Link:
    raise AssertionError("this driver opens its device by itself")


def _pad(wire: Wire, platform: Platform, hub: Hub, post: Post, hints: Hints) -> PadPart:
    tags = platform.tags
    rules = TagRules(
        scheme=_scheme(platform),
        layouts=tuple(section.layout() for section in tags.layouts),
        item_number=re.compile(tags.item_pattern),
    )
    return PadPart(
        hub=hub, wire=wire, make_pad=lambda link: pad_driver(link, platform, hub), rules=rules, hints=hints, post=post
    )


def _card(wire: Wire, section: PartSection, platform: Platform, hub: Hub, post: Post) -> CardPart:
    form = UidFormat(order=platform.cards.order, digits=platform.cards.digits)
    return CardPart(hub=hub, wire=wire, make_reader=lambda of: card_driver(of.open, section, hub), form=form, post=post)


def _scanner(wire: Wire, section: PartSection, hub: Hub, post: Post) -> ScannerPart:
    return ScannerPart(hub=hub, wire=wire, make_scanner=lambda of: scanner_driver(of.open, section, hub), post=post)


def _printer(wire: Wire, section: PartSection, hub: Hub, post: Post) -> PrinterPart:
    return PrinterPart(hub=hub, wire=wire, make_printer=lambda of: printer_driver(of.open, section, hub), post=post)


# -- drivers by name: for parts, and for a technician's look at a device whose machine does not run


def pad_driver(link: Link, platform: Platform, hub: Hub) -> Pad:
    from drivers.rfid.feig.driver import FeigPad

    return FeigPad(link, hub, _scheme(platform))


def _scheme(platform: Platform) -> SecurityScheme:
    tags = platform.tags
    return SecurityScheme(afi_on=tags.afi_on, afi_off=tags.afi_off, eas=tags.eas)


def card_driver(open_: Opener, section: PartSection, hub: Hub) -> CardReader:
    """Opens the reader. Raises LinkLost."""
    if section.driver == "libnfc":
        from drivers.card.libnfc.driver import LibnfcReader
        from drivers.card.libnfc.runner import ProcessRunner

        return LibnfcReader(ProcessRunner(hub), hub, section.link)
    from drivers.card.pn532.driver import Pn532Reader

    return Pn532Reader(open_(), hub)


def scanner_driver(open_: Opener, section: PartSection, hub: Hub) -> Scanner:
    """Opens the scanner. Raises LinkLost."""
    if section.driver == "wedge":
        from drivers.barcode.wedge import WedgeScanner, open_wedge

        return WedgeScanner(open_wedge(section.link, clock=hub), hub)
    from drivers.barcode.serial_scanner import SerialScanner

    return SerialScanner(open_(), hub)


def printer_driver(open_: Opener, section: PartSection, hub: Hub) -> ReceiptPrinter:
    """The wire is opened by its first request."""
    from drivers.receipt.escpos import EscposPrinter, EscposProfile
    from drivers.receipt.escpos.apart import Apart

    return EscposPrinter("printer", open_, hub, EscposProfile(model=section.profile or "default"), Apart())
