"""`circdesk diag MACHINE.toml [PART]`: what is well, what is not, and what to do about it, by fault numbers.

Devices have one owner. While the core runs it holds them, and is logged in under the machine's name: then disk,
journal, certificates and the way to the broker are looked at, and the rest is left to the technician's screens.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from drivers.clock import Hub, ThreadHub
from drivers.errors import DriverError
from drivers.link import Link, Opener
from kiosk import diag
from kiosk.bus.paho_bus import BrokerAt, PahoBus, Tls
from kiosk.checkout.settings import CheckoutSettings
from kiosk.diag import Finding, State
from kiosk.domain.faults import machine
from kiosk.keys import Signer, Verifier
from kiosk.machine import fitting
from kiosk.machine.core import SOFTWARE
from kiosk.machine.links import opener
from kiosk.machine.settings import PARTS, PartSection
from kiosk.messages.topics import Address
from kiosk.site.plain import plainly
from kiosk.site.wiring import load_settings
from kiosk.uplink import Identity, subscriptions

LANGUAGES: Final = ("zh", "en")
OTHERS: Final = ("certificate", "keys", "broker", "gateway", "disk", "journal")
SCAN_WAIT_S: Final = 10.0
_WORDS: Final = {
    "zh": {State.GOOD: "正常", State.CARE: "注意", State.BAD: "故障", State.IDLE: "未测"},
    "en": {State.GOOD: "good", State.CARE: "care", State.BAD: "BAD", State.IDLE: "idle"},
}
_WORD_WIDTH: Final = {lang: max(map(len, words.values())) for lang, words in _WORDS.items()}
_PART_WIDTH: Final = max(map(len, (*PARTS, *OTHERS)))


@plainly("diag")
def run(arguments: Sequence[str]) -> int:
    """0 all is well, 1 something is not, 2 wrong usage or file."""
    parser = argparse.ArgumentParser(prog="circdesk diag", description="Tests a machine part by part.")
    parser.add_argument("file", type=Path, metavar="FILE", help="the machine's file")
    parser.add_argument(
        "part", nargs="?", choices=(*PARTS, *OTHERS), metavar="PART", help=f"only one of {', '.join((*PARTS, *OTHERS))}"
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.add_argument("--page", action="store_true", help="let the printer print a test page")
    parser.add_argument("--lang", choices=LANGUAGES, help="language of the answers (the machine's)")
    given = parser.parse_intermixed_args(arguments)
    settings = load_settings(given.file)
    findings = list(Looks(settings, ThreadHub(), page=given.page).all(given.part))
    print(as_json(findings) if given.json else as_text(findings, given.lang or settings.library.language))
    return 1 if any(finding.state in (State.CARE, State.BAD) for finding in findings) else 0


class Looks:
    """Every look at one machine."""

    def __init__(self, settings: CheckoutSettings, hub: Hub, *, page: bool = False) -> None:
        self._settings = settings
        self._hub = hub
        self._page = page
        self._journal = Path(settings.files.journal)
        self._broker_answers = True

    def all(self, only: str | None = None) -> Iterator[Finding]:
        """In the order of a technician's round; `only` one part."""
        running = diag.core_holds(self._journal)
        looks: list[tuple[str, Callable[[], Iterable[Finding]]]] = [
            (name, lambda name=name, section=section: self._device(name, section, running, alone=only is not None))  # type: ignore[misc]  # mypy: default arguments
            for name, section in self._settings.parts.items()
        ]
        looks += [
            ("certificate", self._certificate),
            ("keys", self._keys),
            ("broker", self._broker),
            ("gateway", lambda: self._gateway(running)),
            ("disk", self._disk),
            ("journal", self._journal_and_more),
        ]
        for name, look in looks:
            if only in (None, name):
                yield from look()
        if only in PARTS and only not in self._settings.parts:
            yield Finding(part=only, state=State.IDLE, cause="this machine has none")

    # -- devices

    def _device(self, name: str, section: PartSection, running: bool, *, alone: bool) -> Iterator[Finding]:
        if running:
            yield Finding(part=name, state=State.IDLE, fault=machine.CORE_RUNS)
        elif section.link.startswith("sim:"):
            yield Finding(part=name, state=State.IDLE, cause="simulated: it lives inside the demo")
        else:
            try:
                yield self._look_at(name, section, alone)
            except DriverError as error:
                yield diag.trouble(name, error)

    def _look_at(self, name: str, section: PartSection, alone: bool) -> Finding:
        hub, platform = self._hub, self._settings.platform()
        own = section.driver in fitting.OWN_WIRE
        open_: Opener = _none if own else opener(section.link, hub, name, {})
        match name:
            case "pad":
                pad = fitting.pad_driver(open_(), platform, hub)
                return _closing(pad.close, lambda: diag.look_at_pad(pad, hub))
            case "card":
                reader = fitting.card_driver(open_, section, hub)
                return _closing(reader.close, lambda: diag.look_at_card(reader, hub))
            case "scanner":
                scanner = fitting.scanner_driver(open_, section, hub)
                wait_s = SCAN_WAIT_S if alone else 0.0
                return _closing(scanner.close, lambda: diag.look_at_scanner(scanner, hub, wait_s))
            case _:
                printer = fitting.printer_driver(open_, section, hub)
                return _closing(printer.close, lambda: diag.look_at_printer(printer, hub, page=self._page))

    # -- the rest

    def _certificate(self) -> Iterator[Finding]:
        broker, owner = self._settings.broker, self._settings.machine
        yield diag.look_at_certificate(
            broker.certificate, broker.key, owner.device, self._hub, production=owner.mode == "production"
        )

    def _keys(self) -> Iterator[Finding]:
        yield diag.look_at_keys(self._settings.files.signer, self._settings.files.gateway)

    def _broker(self) -> Iterator[Finding]:
        finding = diag.look_at_broker(self._broker_at(), self._hub)
        self._broker_answers = finding.state is State.GOOD
        yield finding

    def _gateway(self, running: bool) -> Iterator[Finding]:
        if running:
            yield Finding(part="gateway", state=State.IDLE, fault=machine.CORE_RUNS)
            return
        if not self._broker_answers:
            yield Finding(part="gateway", state=State.IDLE, cause="the broker comes first")
            return
        keys = diag.look_at_keys(self._settings.files.signer, self._settings.files.gateway)
        if keys.state is not State.GOOD:
            yield Finding(part="gateway", state=State.IDLE, cause="without keys nothing can be said to it")
            return
        rng = random.Random(os.urandom(16))
        identity = self._identity()
        bus = self._bus(identity, rng)
        yield from diag.look_at_gateway(self._hub, bus, identity, f"diag-{rng.getrandbits(64):016x}")

    def _identity(self) -> Identity:
        own, files = self._settings.machine, self._settings.files
        return Identity(
            address=Address(consortium=own.consortium, site=own.site, device=own.device),
            epoch="",
            boot="diag",
            software=SOFTWARE,
            signer=Signer(Path(files.signer).read_text("ascii").strip()),
            gateway=Verifier(Path(files.gateway).read_text("ascii").strip()),
        )

    def _bus(self, identity: Identity, rng: random.Random) -> PahoBus:
        """As the machine's own, without its will: nobody shall be told that the machine came or went."""
        return PahoBus(
            hub=self._hub,
            broker=self._broker_at(),
            client_id=identity.address.device,
            subscriptions=subscriptions(identity.address),
            rng=rng,
        )

    def _broker_at(self) -> BrokerAt:
        broker = self._settings.broker
        tls = Tls(ca=Path(broker.ca), certificate=Path(broker.certificate), key=Path(broker.key)) if broker.ca else None
        return BrokerAt(host=broker.host, port=broker.port, tls=tls)

    def _disk(self) -> Iterator[Finding]:
        yield diag.look_at_disk(self._journal.parent, self._hub)

    def _journal_and_more(self) -> Iterator[Finding]:
        yield from diag.look_at_journal(self._journal, self._settings.machine.device, self._hub)


def _none() -> Link:
    raise AssertionError("this driver opens its device by itself")


def _closing(close: Callable[[], None], look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    finally:
        close()


# -- on paper


def as_text(findings: Sequence[Finding], lang: str) -> str:
    """One line a finding; what to do stands below it."""
    lines = []
    for finding in findings:
        fault = finding.fault
        what = finding.numbers
        if fault is not None:
            title = fault.zh if lang == "zh" else fault.en
            what = "; ".join(filter(None, (f"{fault.code} {title}", finding.numbers)))
        word = f"{_WORDS[lang][finding.state]:<{_WORD_WIDTH[lang]}}"
        lines.append(f"{finding.part:<{_PART_WIDTH}}  {word}  {what or finding.cause}".rstrip())
        below = [finding.cause] if what and finding.cause else []
        below += [fault.do_zh if lang == "zh" else fault.do_en] if fault is not None else []
        lines += [f"{'':<{_PART_WIDTH}}  {text}" for text in below]
    return "\n".join(lines)


def as_json(findings: Sequence[Finding]) -> str:
    return json.dumps([_row(finding) for finding in findings], ensure_ascii=False, indent=2)


def _row(finding: Finding) -> dict[str, object]:
    fault = finding.fault
    row: dict[str, object] = {"part": finding.part, "state": finding.state.value, "numbers": finding.numbers}
    if fault is not None:
        row |= {"fault": fault.number, "name": fault.name, "do": {"zh": fault.do_zh, "en": fault.do_en}}
    return row | ({"cause": finding.cause} if finding.cause else {})
