"""TOML with mistakes: every line that cannot be read, and the values of all the others."""

from __future__ import annotations

import re
import tomllib
from typing import Any, Final

from kiosk.settings.lines import key_of, without_texts

BROKEN_LINES_MAX: Final = 20
_PLACE: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
# tomllib's sentences, in the words of whoever edits such a file.
_PLAIN: Final = {
    "Invalid value": 'this is no value: text stands in "quotes", numbers and true or false without',
    "Expected '=' after a key in a key/value pair": 'this is no setting: a setting is written  name = "text"',
    "Invalid statement": 'this is neither  name = "text"  nor a  [table]',
    "Cannot overwrite a value": "this setting stands in the file twice",
    "Expected newline or end of document after a statement": "one setting a line: what follows the value is too much",
    r"Illegal character '\n'": "a text has no end: its last quotation mark is missing",
    "Unterminated string": "a text has no end: its last quotation mark is missing",
}
# What a Chinese keyboard writes for " ' = # [ ] and ,
_WIDE: Final = "“”＂‘’＇＝＃［］【】，"

Broken = tuple[int, str, str]
"""Line, name of the setting on it ("" when there is none), what is wrong."""


def parsed(text: str) -> tuple[dict[str, Any] | None, list[Broken]]:
    """The values without the lines that cannot be read, or None where that does not help; and those lines."""
    lines = text.split("\n")
    broken: list[Broken] = []
    while len(broken) < BROKEN_LINES_MAX:
        try:
            return tomllib.loads("\n".join(lines)), broken
        except tomllib.TOMLDecodeError as error:
            place = _PLACE.search(str(error))
            line = int(place[1]) if place and place[1] else 0
            what = _said(_PLACE.sub("", str(error)), lines[line - 1] if line else "")
            if not line or not lines[line - 1].strip() or lines[line - 1].lstrip().startswith("["):
                # A text or a list without its end, or a table without its name: what follows cannot be told from it.
                return None, [*broken, (line or len(lines), "", f"not readable: {what}")]
            broken.append((line, key_of(lines[line - 1]), f"not readable: {what}"))
            lines[line - 1] = ""
        except RecursionError:
            return None, [*broken, (1, "", "not readable: lists within lists within lists")]
    return None, broken


def _said(what: str, line: str) -> str:
    wide = " ".join(dict.fromkeys(char for char in without_texts(line) if char in _WIDE))
    return f"Chinese punctuation stands here: {wide}" if wide else _PLAIN.get(what, what)
