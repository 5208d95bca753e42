"""The published byte strings, and which of them an implementation reads wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from drivers.rfid.tags import Malformed, TagContent, TagFormat, detect
from drivers.rfid.tags.compaction import Code

# Any: the file is plain JSON, checked by use.
VECTORS: dict[str, Any] = json.loads(Path(__file__).parents[2].joinpath("vectors", "tags.json").read_text("utf-8"))
TAGS: dict[str, dict[str, Any]] = {tag["name"]: tag for tag in VECTORS["tags"]}


def memory(name: str) -> bytes:
    return bytes.fromhex(TAGS[name]["hex"])


def seen(content: TagContent) -> dict[str, Any]:
    """What the vectors state about a tag, as `content` has it."""
    return {
        "format": content.format.value,
        "primary_item_id": content.primary_item_id,
        "owner_institution": content.owner_institution,
        "alternative_owner": content.alternative_owner,
        "parts": content.parts,
        "ordinal": content.ordinal,
        "usage": content.usage.name.lower(),
        "media": content.media.name.lower(),
        "details": {str(int(detail.oid)): detail.text for detail in content.details},
        "warnings": [warning.value for warning in content.warnings],
        "rfid501": None
        if content.rfid501 is None
        else {name: getattr(content.rfid501, name) for name in ("item_type", "branch", "library", "custom")},
    }


def tags_read_wrong() -> list[str]:
    """The published tags that `detect`, as it is at this moment, does not read as their source states."""
    wrong = []
    for name, tag in TAGS.items():
        content = detect(memory(name))
        expected = tag["expect"]
        if {key: seen(content)[key] for key in expected} != expected:
            wrong.append(name)
    return wrong


def texts_read_wrong(expand: Callable[[Code, bytes], str]) -> list[str]:
    """The published compactions that `expand` does not give back."""
    wrong = []
    for entry in VECTORS["compaction"]:
        try:
            text = expand(Code(entry["code"]), bytes.fromhex(entry["hex"]))
        except Malformed:
            text = None
        if text != entry["text"]:
            wrong.append(entry["text"])
    return wrong


def texts_written_wrong(compact_as: Callable[[Code, str], bytes]) -> list[str]:
    """The published compactions that `compact_as` does not give."""
    return [
        entry["text"]
        for entry in VECTORS["compaction"]
        if compact_as(Code(entry["code"]), entry["text"]).hex() != entry["hex"]
    ]


def lengths_read_wrong(decode: Callable[[bytes, int], tuple[int, int]]) -> list[int]:
    """The published lengths that `decode` does not read, place behind included."""
    return [
        entry["n"]
        for entry in VECTORS["length"]
        if decode(bytes.fromhex(entry["hex"]) + b"\xff", 0) != (entry["n"], len(entry["hex"]) // 2)
    ]


def checksums_wrong(crc: Callable[[bytes], int]) -> list[str]:
    """The published checksums that `crc` does not give."""
    return [entry["ascii"] for entry in VECTORS["crc"] if crc(entry["ascii"].encode()) != int(entry["crc"], 16)]


def of_format(tag_format: TagFormat) -> list[str]:
    return [name for name, tag in TAGS.items() if tag["expect"]["format"] == tag_format.value]
