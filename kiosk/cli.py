"""The `circdesk` command: a table of words, each loaded only when it is used.

Exit codes: 0 fine, 1 found a problem, 2 wrong usage or configuration. Machines add words of their own by entry points
of the group `circdesk.commands` (a function that takes the remaining arguments and returns the exit code).
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from typing import Final

Command = Callable[[Sequence[str]], int]

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "demo": ("kiosk.site.demo:main", "a whole site on simulated devices: broker, gateway, library system, machine"),
    "test": ("kiosk.site.testing:main", "what CI runs; --all adds the slow tests and the peers they need"),
    "run": ("kiosk.site.commands:run_machine", "the core of one machine"),
    "ui": ("kiosk.site.commands:run_ui", "the screen of one machine"),
    "gateway": ("kiosk.site.commands:run_gateway", "the library's end of the uplink"),
    "config": ("kiosk.site.commands:config", "check configuration files"),
    "tag": ("kiosk.site.tags:main", "decode and encode what is written on a library tag"),
    "journal": ("kiosk.site.journals:main", "show, verify and export a machine's journal"),
    "audit": ("kiosk.site.audit:main", "journals against ledger against library system: lost, doubled, unsettled"),
    "screens": ("kiosk.site.screens:main", "check and render every screen"),
    "prove": ("kiosk.site.prove.command:main", "a safety claim at any size, with mutants that must fail"),
    "bench": ("kiosk.site.bench:main", "speed, as ratios measured in one run"),
    "diag": ("kiosk.site.commands:diag", "test the parts of one machine"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one word; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in ("-h", "--help", "help"):
        print(_usage())
        return 0 if words else 2
    command = _command(words[0])
    if command is None:
        print(f"circdesk: there is no command {words[0]!r}.\n\n{_usage()}", file=sys.stderr)
        return 2
    try:
        return command(words[1:])
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0


def _command(word: str) -> Command | None:
    if word in _WORDS:
        module, _, name = _WORDS[word][0].partition(":")
        loaded: Command = getattr(importlib.import_module(module), name)
        return loaded
    for entry in entry_points(group="circdesk.commands", name=word):
        plugged: Command = entry.load()
        return plugged
    return None


def _usage() -> str:
    width = max(map(len, _WORDS))
    lines = [f"  {word:<{width}}  {text}" for word, (_, text) in _WORDS.items()]
    return "circdesk WORD [arguments]; WORD --help says more.\n\n" + "\n".join(lines)
