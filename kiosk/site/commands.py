"""The commands that run in production: a machine's core, its screen, the gateway, and the check of their files."""

from __future__ import annotations

import argparse
import getpass
import os
import random
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from drivers.clock import Hub, OnCrash, ThreadHub
from kiosk.machine.notify import Heartbeat, Notifier
from kiosk.settings import SettingsError

HubOf = Callable[[OnCrash], Hub]

GATEWAY_TURN_S: Final = 0.0005  # Python's own is 5 ms


def run_machine(arguments: Sequence[str], hub_of: HubOf = ThreadHub) -> int:
    """`circdesk run MACHINE.toml`: the core; serves the screen on its socket. Ends on SIGTERM; crashes on a bug."""
    from kiosk.machine.links import AddressError
    from kiosk.site.production import MachineRefused, Production

    path = _file("run", arguments, "the core of one machine")
    try:
        production = _loaded(lambda: Production.of(path, hub_of(_die)))
    except (MachineRefused, AddressError) as error:
        print(f"circdesk: {error}", file=sys.stderr)
        return 2
    if production is None:
        return 2
    ended = _until_ended()
    production.start()
    print("core ready", flush=True)
    ended.wait()
    production.stop()
    return 0


def run_gateway(arguments: Sequence[str], hub_of: HubOf = ThreadHub) -> int:
    """`circdesk gateway GATEWAY.toml`."""
    from kiosk.gateway.config import load
    from kiosk.site.gateways import GatewayRefused, open_gateway

    path = _file("gateway", arguments, "the library's end of the uplink")
    config = _loaded(lambda: load(path))
    if config is None:
        return 2
    # A backlog keeps one task busy for seconds; a reader's question needs the interpreter several times in between.
    sys.setswitchinterval(GATEWAY_TURN_S)
    hub = hub_of(_die)
    ended = _until_ended()
    try:
        gateway = open_gateway(config, hub, rng=random.Random(os.urandom(16)), notify=Notifier(os.environ).say)
    except GatewayRefused as error:
        print(f"circdesk: {error}", file=sys.stderr)
        return 2
    print("gateway ready", flush=True)
    ended.wait()
    gateway.close()
    return 0


def run_ui(arguments: Sequence[str]) -> int:
    """`circdesk ui MACHINE.toml`: the screen of one machine, in a process of its own."""
    from drivers.unix_link import open_unix
    from kiosk.screen.sentences import parse
    from kiosk.site.desktop import load_settings, panel_of
    from kiosk.site.folder import CONFIG
    from kiosk.ui.app import run_ui as show

    parser = argparse.ArgumentParser(prog="circdesk ui", description="Shows the screen of one machine.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--window", action="store_true", help="in a window instead of on the whole display")
    given = parser.parse_args(arguments)
    settings = _loaded(lambda: load_settings(given.file))
    if settings is None:
        return 2
    hub = ThreadHub(on_crash=_die)
    ended = _until_ended()
    heart = Heartbeat(hub, Notifier(os.environ))
    show(
        lambda: open_unix(settings.panel.socket, clock=hub),
        panel_of(settings.panel),
        hub=hub,
        cache=Path(settings.panel.cache),
        site=parse((CONFIG / settings.desk.sentences).read_text("utf-8")),
        fullscreen=not given.window,
        go_on=lambda: heart.round() and not ended.is_set(),
    )
    return 0


def config(arguments: Sequence[str]) -> int:
    """`circdesk config check FILE...`, `technician`, and for a new site `ca`, `certificate`, `key`, `broker`."""
    from kiosk.site import provisioning

    parser = argparse.ArgumentParser(prog="circdesk config", description="Checks configuration files.")
    words = parser.add_subparsers(dest="word", required=True)
    check = words.add_parser("check", help="every mistake at once, with file and line")
    check.add_argument("files", type=Path, nargs="+")
    words.add_parser("technician", help="asks for card and PIN, prints the lines for a machine file")
    provisioning.add_words(words)
    given = parser.parse_args(arguments)
    if given.word == "technician":
        return _technician()
    if given.word in provisioning.WORDS:
        return _provision(given)
    good = True
    for path in given.files:
        good &= _check(path)
    return 0 if good else 2


def diag(arguments: Sequence[str]) -> int:
    """`circdesk diag MACHINE.toml [PART]`."""
    from kiosk.site.diag import run

    return run(arguments)


def _technician() -> int:
    from kiosk.machine.technicians import hashed

    name = input("Name: ")
    card = getpass.getpass("Card number (as the reader shows it): ")
    pin = getpass.getpass("PIN: ")
    print(f'\n[[technicians]]\nname = "{name}"\ncard_hash = "{hashed(card)}"\npin_hash = "{hashed(pin)}"')
    return 0


def _provision(given: argparse.Namespace) -> int:
    from kiosk.site import provisioning

    try:
        print(provisioning.run(given, ThreadHub()))
    except (provisioning.Refused, ValueError) as error:
        print(f"circdesk config: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"circdesk config: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    return 0


def _check(path: Path) -> bool:
    from kiosk.site.checking import check

    mistakes = check(path)
    for mistake in mistakes:
        print(mistake)
    if not mistakes:
        print(f"{path}: good.")
    return not mistakes


def _file(word: str, arguments: Sequence[str], what: str) -> Path:
    parser = argparse.ArgumentParser(prog=f"circdesk {word}", description=f"Runs {what}.")
    parser.add_argument("file", type=Path)
    path: Path = parser.parse_args(arguments).file
    return path


def _loaded(load: Callable[[], Any]) -> Any:
    """What `load` gives, or None after telling the mistakes."""
    try:
        return load()
    except SettingsError as error:
        for mistake in error.mistakes:
            print(f"circdesk: {mistake}", file=sys.stderr)
    except OSError as error:
        print(f"circdesk: {error.filename}: {error.strerror}", file=sys.stderr)
    return None


def _until_ended() -> threading.Event:
    ended = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: ended.set())
    return ended


def _die(name: str, error: BaseException) -> None:
    """A bug in a task ends the process: systemd starts it again, and recovery decides by custody."""
    import traceback

    print(f"circdesk: task {name} failed", file=sys.stderr)
    traceback.print_exception(error)
    sys.stderr.flush()
    os._exit(70)
