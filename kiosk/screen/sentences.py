"""Every sentence a reader may see, in both languages, from one table that a library may edit."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LANGUAGES: Final = ("zh", "en")
_FIELD: Final = re.compile(r"{(\w+)}")


class SentenceError(ValueError):
    """The table has a mistake; the text names the line and what to mend."""


@dataclass(frozen=True, slots=True)
class Sentences:
    """`table[key] = {"zh": ..., "en": ...}`. A key `x#one` is the English singular of `x`, used when `n` is 1."""

    table: Mapping[str, Mapping[str, str]]

    def say(self, lang: str, key: str, **fields: object) -> str:
        """The sentence of `key`, filled in. A missing key or field is a bug: KeyError."""
        row = self.table[key]
        if lang == "en" and str(fields.get("n")) == "1":
            row = self.table.get(f"{key}#one", row)
        return row[lang].format(**fields)

    def fields(self, key: str) -> frozenset[str]:
        """The names a sentence needs to be filled in."""
        return frozenset(_FIELD.findall(self.table[key]["zh"]))

    def __contains__(self, key: str) -> bool:
        return key in self.table


def parse(text: str) -> Sentences:
    """Reads the CSV (key, zh, en); raises SentenceError naming every mistake by line."""
    table: dict[str, dict[str, str]] = {}
    mistakes: list[str] = []
    try:
        reader = csv.DictReader(io.StringIO(text))
        missing = {"key", "zh", "en"} - set(reader.fieldnames or ())
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:  # a stray carriage return, an endless quote
        raise SentenceError(f"not readable as CSV: {error}") from error
    if missing:
        raise SentenceError(f"line 1: the column {', '.join(sorted(missing))} is missing")
    for number, row in rows:
        key = (row.get("key") or "").strip()
        zh, en = row.get("zh") or "", row.get("en") or ""
        if not key or not zh or not en or None in row:
            mistakes.append(f"line {number}: a sentence needs key, zh and en, and commas inside need quotes")
        elif key in table:
            mistakes.append(f"line {number}: {key} appears twice")
        elif not set(_FIELD.findall(en)) <= set(_FIELD.findall(zh)) | {"n"}:
            mistakes.append(f"line {number}: {key} has fields in English that the Chinese lacks")
        elif "#" not in key and set(_FIELD.findall(zh)) != set(_FIELD.findall(en)):
            mistakes.append(f"line {number}: {key} has other fields in Chinese than in English")
        else:
            table[key] = {"zh": zh, "en": en}
    if mistakes:
        raise SentenceError("\n".join(mistakes))
    return Sentences(table)


def pseudo(sentences: Sentences) -> Sentences:
    """A pseudo-locale: every English sentence 40 % longer, every Chinese one a fifth, to find what does not fit."""
    longer = {
        key: {
            "zh": row["zh"] + "长" * (len(row["zh"]) // 5),
            "en": row["en"] + " lengthen" * (len(row["en"]) * 2 // 45),
        }
        for key, row in sentences.table.items()
    }
    return Sentences(longer)
