"""Whose settings a file holds: a machine's has a table [machine], a gateway's a table [gateway]."""

from __future__ import annotations

import enum

from kiosk.settings.lines import index
from kiosk.settings.reading import Mistake, SettingsError


class Kind(enum.StrEnum):
    MACHINE = "machine"
    GATEWAY = "gateway"


def kind_of(text: str) -> Kind | None:
    """None where that cannot be told."""
    tables = index(text)
    found = [kind for kind in Kind if (kind.value,) in tables]
    return found[0] if len(found) == 1 else None


def must_be(kind: Kind, text: str, file: str) -> None:
    """Raises SettingsError with one sentence for the other kind of file: none of its settings would be known here."""
    found = kind_of(text)
    if found not in (None, kind):
        what = f"this is a {found}'s file; a {kind}'s file is needed here"
        raise SettingsError([Mistake(file=file, line=0, what=what)])
