"""The commands that run in production: a machine's core, its screen, the gateway, and the check of their files."""

from __future__ import annotations

import argparse
import gc
import getpass
import json
import os
import random
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from drivers.clock import Hub, OnCrash, ThreadHub
from kiosk.journal import JournalBroken, JournalBusy, JournalForeign
from kiosk.machine.notify import Heartbeat, Notifier
from kiosk.site.plain import FOUND, WRONG, Trouble, plainly, say

HubOf = Callable[[OnCrash], Hub]

MACHINE_FILE: Final = "the machine's file, such as /etc/circdesk/checkout-1.toml"
GATEWAY_FILE: Final = "the gateway's file, such as /etc/circdesk/gateway.toml"
GATEWAY_TURN_S: Final = 0.0005  # Python's own is 5 ms


@plainly("run")
def run_machine(arguments: Sequence[str], hub_of: HubOf = ThreadHub) -> int:
    """`circdesk run MACHINE.toml`: the core; serves the screen on its socket. Ends on SIGTERM; crashes on a bug."""
    from kiosk.machine.links import AddressError
    from kiosk.site.production import MachineRefused, Production

    path = _file("run", arguments, "Runs the core of one machine until SIGTERM.", MACHINE_FILE)
    try:
        production = Production.of(path, hub_of(_die))
    except (MachineRefused, AddressError, JournalForeign) as error:
        return say("run", str(error), WRONG)
    except JournalBusy as error:
        return say("run", f"{error}: is the machine running already?", FOUND)
    except JournalBroken as error:
        return say("run", f"the journal cannot be used: {error}; see docs/install.md, section 9", FOUND)
    ended = _until_ended()
    production.start()
    _settled()
    print("core ready", flush=True)
    ended.wait()
    production.stop()
    return 0


@plainly("gateway")
def run_gateway(arguments: Sequence[str], hub_of: HubOf = ThreadHub) -> int:
    """`circdesk gateway GATEWAY.toml`."""
    from kiosk.gateway.config import load
    from kiosk.ledger import LedgerBroken, SchemaTooNew
    from kiosk.site.checking import check_gateway
    from kiosk.site.gateways import GatewayRefused, open_gateway

    path = _file("gateway", arguments, "Runs the library's end of the uplink until SIGTERM.", GATEWAY_FILE)
    if mistakes := check_gateway(path):
        return say("gateway", "\n".join(map(str, mistakes)), WRONG)
    config = load(path)
    # A backlog keeps one task busy for seconds; a reader's question needs the interpreter several times in between.
    sys.setswitchinterval(GATEWAY_TURN_S)
    hub = hub_of(_die)
    ended = _until_ended()
    try:
        gateway = open_gateway(config, hub, rng=random.Random(os.urandom(16)), notify=Notifier(os.environ).say)
    except (GatewayRefused, SchemaTooNew) as error:
        return say("gateway", str(error), WRONG)
    except LedgerBroken as error:  # a database may be back at the next start
        return say("gateway", str(error), FOUND)
    _settled()
    print("gateway ready", flush=True)
    ended.wait()
    gateway.close()
    return 0


@plainly("ui")
def run_ui(arguments: Sequence[str]) -> int:
    """`circdesk ui MACHINE.toml`: the screen of one machine, in a process of its own."""
    from drivers.unix_link import open_unix
    from kiosk.screen.sentences import SentenceError, parse
    from kiosk.site.folder import CONFIG
    from kiosk.site.wiring import load_settings, panel_of
    from kiosk.ui.app import run_ui as show

    parser = argparse.ArgumentParser(prog="circdesk ui", description="Shows the screen of one machine.")
    parser.add_argument("file", type=Path, metavar="FILE", help=MACHINE_FILE)
    parser.add_argument("--window", action="store_true", help="in a window instead of on the whole display")
    given = parser.parse_args(arguments)
    settings = load_settings(given.file)
    try:
        sentences = parse((CONFIG / settings.desk.sentences).read_text("utf-8-sig"))
    except SentenceError as error:
        raise Trouble("\n".join(f"{settings.desk.sentences}, {line}" for line in str(error).splitlines())) from error
    hub = ThreadHub(on_crash=_die)
    ended = _until_ended()
    heart = Heartbeat(hub, Notifier(os.environ))
    show(
        lambda: open_unix(settings.panel.socket, clock=hub),
        panel_of(settings.panel),
        hub=hub,
        cache=Path(settings.panel.cache),
        site=sentences,
        fullscreen=not given.window,
        go_on=lambda: heart.round() and not ended.is_set(),
    )
    return 0


@plainly("config")
def config(arguments: Sequence[str]) -> int:
    """`circdesk config check FILE...`, `technician`, and for a new site `ca`, `certificate`, `key`, `broker`."""
    from kiosk.site import provisioning

    parser = argparse.ArgumentParser(
        prog="circdesk config", description="Checks configuration files, and makes what a new site needs once."
    )
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    check = words.add_parser(
        "check",
        help="every mistake at once, with file and line",
        description="Tells every mistake of machines' and gateways' files, and of what they name.",
    )
    check.add_argument("files", type=Path, nargs="+", metavar="FILE", help="such as /etc/circdesk/checkout-1.toml")
    check.add_argument("--json", action="store_true", help="print the mistakes as JSON")
    words.add_parser(
        "technician",
        help="asks for card and PIN, prints the lines for a machine's file",
        description="Asks for a technician's card and PIN; prints the lines for a machine's file, with hashes only.",
    )
    provisioning.add_words(words)
    given = parser.parse_args(arguments)
    if given.word == "technician":
        return _technician()
    if given.word in provisioning.WORDS:
        return _provision(given)
    return _check(given.files, as_json=given.json)


def diag(arguments: Sequence[str]) -> int:
    """`circdesk diag MACHINE.toml [PART]`."""
    from kiosk.site.diag import run

    return run(arguments)


def _technician() -> int:
    from kiosk.machine.technicians import hashed

    try:
        name = input("Name: ").strip()
        card = getpass.getpass("Card number (as the reader shows it): ").strip()
        pin = getpass.getpass("PIN: ").strip()
    except EOFError as error:
        raise Trouble("name, card number and PIN are asked for; there was no answer") from error
    if not (name and card and pin):
        raise Trouble("a technician needs a name, a card number and a PIN")
    # A TOML text takes the escapes of a JSON one.
    print(f"\n[[technicians]]\nname = {json.dumps(name, ensure_ascii=False)}")
    print(f'card_hash = "{hashed(card)}"\npin_hash = "{hashed(pin)}"')
    return 0


def _provision(given: argparse.Namespace) -> int:
    from kiosk.site import provisioning

    try:
        print(provisioning.run(given, ThreadHub()))
    except (provisioning.Refused, ValueError) as error:
        return say("config", str(error), WRONG)
    return 0


def _check(paths: Sequence[Path], *, as_json: bool) -> int:
    from kiosk.site.checking import check

    found = {path: check(path) for path in paths}
    if as_json:
        rows = [{"file": each.file, "line": each.line, "what": each.what} for path in paths for each in found[path]]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for path in paths:
            print("\n".join(map(str, found[path])) or f"{path}: good.")
    return WRONG if any(found.values()) else 0


def _file(word: str, arguments: Sequence[str], what: str, which: str) -> Path:
    parser = argparse.ArgumentParser(prog=f"circdesk {word}", description=what)
    parser.add_argument("file", type=Path, metavar="FILE", help=which)
    path: Path = parser.parse_args(arguments).file
    return path


def _until_ended() -> threading.Event:
    ended = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: ended.set())
    return ended


def _settled() -> None:
    """What the start has made stays to the end: to look through it for garbage again and again would make readers wait
    (23 ms a time in the gateway, 11 in a core)."""
    gc.collect()
    gc.freeze()


def _die(name: str, error: BaseException) -> None:
    """A bug in a task ends the process: systemd starts it again, and recovery decides by custody."""
    import traceback

    print(f"circdesk: task {name} failed", file=sys.stderr)
    traceback.print_exception(error)
    sys.stderr.flush()
    os._exit(70)
