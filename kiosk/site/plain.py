"""What all commands share at their edge: arguments read strictly, and trouble told in a sentence instead of a trace."""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, ParamSpec

from kiosk.journal import JournalBroken, JournalBusy, JournalForeign
from kiosk.settings import SettingsError

P = ParamSpec("P")
WRONG: Final = 2
FOUND: Final = 1


class Trouble(Exception):
    """A command cannot do what it was asked for; the text says why and what to do. Ends with 2."""


def plainly(word: str) -> Callable[[Callable[P, int]], Callable[P, int]]:
    """Lets `circdesk WORD` end with a sentence where a file or a device says no; a bug keeps its trace."""

    def wrapped(command: Callable[P, int]) -> Callable[P, int]:
        @functools.wraps(command)
        def run(*arguments: P.args, **options: P.kwargs) -> int:
            try:
                return command(*arguments, **options)
            except BrokenPipeError:
                raise  # whoever read the output has seen enough
            except (Trouble, JournalForeign, JournalBusy) as error:
                return say(word, str(error), WRONG)
            except SettingsError as error:
                return say(word, str(error), WRONG)
            except JournalBroken as error:
                return say(word, f"the journal is damaged: {error}", FOUND)
            except OSError as error:
                return say(word, reason(error), WRONG)

        return run

    return wrapped


def say(word: str, text: str, code: int) -> int:
    """Tells each line of `text` on stderr; returns `code`."""
    for line in text.splitlines():
        print(f"circdesk {word}: {line}", file=sys.stderr)
    return code


def reason(error: OSError) -> str:
    """File and reason, as far as the system tells."""
    what = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {what}" if error.filename else what


def whole(low: int, high: int) -> Callable[[str], int]:
    """For argparse: a whole number in this range."""

    def read(text: str) -> int:
        if not text.lstrip("-").isdecimal() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number of {low} to {high}")
        return int(text)

    return read


def hexadecimal_byte(text: str) -> int:
    """For argparse: one byte in hexadecimal, such as 06 or 0x06."""
    digits = text.removeprefix("0x")
    try:
        return bytes.fromhex(digits.zfill(2))[0] if len(digits) in (1, 2) else _no_byte(text)
    except ValueError:
        return _no_byte(text)


def _no_byte(text: str) -> int:
    raise argparse.ArgumentTypeError(f"{text!r} is no byte in hexadecimal, such as 06")


def writable(path: Path) -> Path:
    """The folder at `path`, made if need be and proved to take files. Raises Trouble."""
    if path.exists() and not path.is_dir():
        raise Trouble(f"{path} is a file; a folder is wanted")
    probe = path / ".circdesk-probe"
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Trouble(f"cannot write into the folder {path}: {error.strerror}") from error
    return path
