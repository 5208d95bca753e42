"""Cards from a CSV file, as the campus card office exports it: card_uid, patron_id, status."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kiosk.domain import PatronId, Refusal
from kiosk.gateway.card.resolver import Resolved, as_read, in_form, is_random
from kiosk.gateway.config import CardForm

TOLD_MAX: Final = 20
COLUMNS: Final = ("card_uid", "patron_id", "status")


class CardFileError(Exception):
    """The card file cannot be used; the text says where and why, without its content."""


class CardFile:
    """Raises CardFileError when the file is unusable; a later refresh keeps the last good content instead."""

    def __init__(self, path: Path, form: CardForm = CardForm.HEX, digits: int = 10) -> None:
        self._path = path
        self._form = form
        self._digits = digits
        self._version: tuple[float, int] | None = None
        self._cards: dict[str, Resolved] = {}
        self._load()

    def resolve(self, card: str) -> Resolved:
        if self._form is not CardForm.AS_IS and is_random(card.strip()):
            return Refusal.PATRON_CARD_RANDOM
        return self._cards.get(in_form(card, self._form, self._digits), Refusal.PATRON_UNKNOWN)

    def cards(self) -> Iterator[tuple[str, PatronId]]:
        for number, patron in self._cards.items():
            if not isinstance(patron, Refusal):
                yield as_read(number, self._form), patron

    def refresh(self) -> None:
        if self._stamp() != self._version:
            self._load()

    def _load(self) -> None:
        version = self._stamp()
        try:
            with self._path.open(encoding="utf-8-sig", newline="") as file:
                self._cards = _read(csv.DictReader(file), self._path.name)
        except OSError as error:
            raise CardFileError(f"{self._path.name} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise CardFileError(f"{self._path.name} is not UTF-8 text; save the table in that encoding") from error
        except csv.Error as error:
            raise CardFileError(f"{self._path.name} is no CSV table: {error}") from error
        self._version = version

    def _stamp(self) -> tuple[float, int]:
        try:
            found = self._path.stat()
        except OSError as error:
            raise CardFileError(f"{self._path.name} cannot be read: {error.strerror}") from error
        return found.st_mtime, found.st_size


def _read(rows: csv.DictReader[str], name: str) -> dict[str, Resolved]:
    missing = set(COLUMNS) - set(rows.fieldnames or ())
    if missing:
        raise CardFileError(f"{name}, line 1: column {', '.join(sorted(missing))} is missing")
    cards: dict[str, Resolved] = {}
    wrong: list[str] = []
    for row in rows:
        card, patron = (row["card_uid"] or "").strip().upper(), (row["patron_id"] or "").strip()
        status = (row["status"] or "ok").strip()
        if not card or not patron or status not in ("ok", "lost"):
            wrong.append(f"{name}, line {rows.line_num}: needs a card, a patron and the status ok or lost")
        elif card in cards:
            wrong.append(f"{name}, line {rows.line_num}: this card is listed twice")
        else:
            cards[card] = Refusal.PATRON_CARD_LOST if status == "lost" else PatronId(patron)
    if wrong:
        more = [f"{name}: and {len(wrong) - TOLD_MAX} lines more"] if len(wrong) > TOLD_MAX else []
        raise CardFileError("\n".join(wrong[:TOLD_MAX] + more))
    return cards
