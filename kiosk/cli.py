"""The `circdesk` command: a table of words, each loaded only when it is used.

Exit codes: 0 fine, 1 found a problem, 2 wrong usage or configuration. Machines add words of their own by entry points
of the group `circdesk.commands` (a function that takes the remaining arguments and returns the exit code).
"""

from __future__ import annotations

import difflib
import importlib
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points, version
from typing import Final

Command = Callable[[Sequence[str]], int]

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "demo": ("kiosk.site.demo:main", "Play a whole site on simulated devices."),
    "story": ("kiosk.site.stories:main", "Play a story of your own on simulated devices, and check each step."),
    "test": ("kiosk.site.testing:main", "Run what CI runs; --all adds the slow tests."),
    "run": ("kiosk.site.commands:run_machine", "Run the core of one machine."),
    "ui": ("kiosk.site.commands:run_ui", "Show the screen of one machine."),
    "gateway": ("kiosk.site.commands:run_gateway", "Run the library's end of the uplink."),
    "config": ("kiosk.site.commands:config", "Check settings; make certificates, keys and the broker's files."),
    "diag": ("kiosk.site.commands:diag", "Test the parts of one machine, with cause and remedy."),
    "journal": ("kiosk.site.journals:main", "Show, verify and export a machine's journal."),
    "audit": ("kiosk.site.audit:main", "Compare journals, ledger and library system: lost, doubled, unsettled."),
    "tag": ("kiosk.site.tags:main", "Decode and encode what is written on a library tag."),
    "screens": ("kiosk.site.screens:main", "Check and draw every screen."),
    "prove": ("kiosk.site.prove.command:main", "Test a safety claim at any size, with mutants that must fail."),
    "bench": ("kiosk.site.bench:main", "Measure speed, as ratios of one run."),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one word; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words:
        print(_usage(), file=sys.stderr)
        return 2
    if words[0] in ("-h", "--help", "help"):
        print(_usage())
        return 0
    if words[0] in ("-V", "--version"):
        print(f"circdesk {version('circdesk')}")
        return 0
    command = _command(words[0])
    if command is None:
        near = difflib.get_close_matches(words[0], _WORDS, n=1)
        meant = f" Did you mean {near[0]!r}?" if near else ""
        print(f"circdesk: there is no command {words[0]!r}.{meant}\n\n{_usage()}", file=sys.stderr)
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
    head = (
        "usage: circdesk WORD [arguments]",
        "WORD --help says more; circdesk --version tells which one this is.",
        "",
    )
    return "\n".join((*head, *lines))
