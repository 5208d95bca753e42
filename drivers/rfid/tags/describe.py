"""A tag's content for people (label and value) and for scripts (plain JSON values)."""

from __future__ import annotations

from drivers.rfid.tags.content import Element, Extension, Oid, TagContent
from drivers.rfid.tags.extensions import FIELDS, read_fields
from drivers.rfid.tags.iso28560_2 import element_text

FORMAT_NAMES = {
    "iso28560_2": "ISO 28560-2 (data sets)",
    "iso28560_3": "ISO 28560-3 (fixed length)",
    "rfid501": "3M RFID 501",
    "fixed": "site layout",
    "blank": "blank",
    "unknown": "unknown",
}

Json = dict[str, object]


def describe(content: TagContent) -> list[tuple[str, str]]:
    """Label and value, in the order a technician reads; what the tag does not say is left out."""
    rows = [
        ("format", FORMAT_NAMES[content.format] + (f" {content.layout!r}" if content.layout else "")),
        ("confidence", f"{content.confidence} %"),
        ("item number", content.primary_item_id or ""),
        ("owner institution", content.owner_institution or ""),
        ("alternative owner", content.alternative_owner or ""),
        ("type of usage", _coded(content.usage.name, content.usage_code)),
        ("part", f"{content.ordinal} of {content.parts}" if content.primary_item_id else ""),
        ("media format", _coded(content.media.name, content.media_code)),
        *((_oid_name(detail.oid), detail.text) for detail in content.details),
        *_unread(content),
        *_rfid501(content),
        ("block order", "reversed" if content.blocks_reversed else ""),
        ("warnings", ", ".join(content.warnings)),
    ]
    return [(label, value) for label, value in rows if value]


def _coded(name: str, code: int | None) -> str:
    return "" if code is None else f"{name.lower().replace('_', ' ')} ({code:02X})"


def _oid_name(oid: int) -> str:
    return Oid(oid).name.lower().replace("_", " ") if oid in _OIDS else f"element {oid}"


_OIDS = frozenset(oid.value for oid in Oid)


def _unread(content: TagContent) -> list[tuple[str, str]]:
    """What is kept but not understood, as hex."""
    rows = [
        (_oid_name(element.oid), f"{element.data.hex()} (code {element.code}, unreadable)")
        for element in content.elements
        if element_text(element) is None
    ]
    rows += [
        (f"extension block {block.block_id}", block.payload.hex())
        for block in content.extensions
        if block.block_id not in FIELDS or not read_fields(block)
    ]
    return [*rows, ("damaged extension", content.unparsed.hex())]


def _rfid501(content: TagContent) -> list[tuple[str, str]]:
    kept = content.rfid501
    if kept is None:
        return []
    return [
        ("3M item type", str(kept.item_type)),
        ("3M branch", str(kept.branch)),
        ("3M library", str(kept.library)),
        ("3M custom", str(kept.custom)),
    ]


def to_json(content: TagContent) -> Json:
    """The same for `--json`: only str, int, bool, None, lists and dicts; bytes as hex. Every key is always there."""
    return {
        "format": content.format.value,
        "layout": content.layout,
        "confidence": content.confidence,
        "warnings": [warning.value for warning in content.warnings],
        "primary_item_id": content.primary_item_id,
        "owner_institution": content.owner_institution,
        "alternative_owner": content.alternative_owner,
        "usage": content.usage.name.lower(),
        "usage_code": content.usage_code,
        "media": content.media.name.lower(),
        "media_code": content.media_code,
        "parts": content.parts,
        "ordinal": content.ordinal,
        "details": [{"oid": detail.oid, "text": detail.text} for detail in content.details],
        "elements": [_element(element) for element in content.elements],
        "extensions": [_extension(block) for block in content.extensions],
        "unparsed": content.unparsed.hex(),
        "rfid501": None
        if content.rfid501 is None
        else {
            "item_type": content.rfid501.item_type,
            "branch": content.rfid501.branch,
            "library": content.rfid501.library,
            "custom": content.rfid501.custom,
        },
        "blocks_reversed": content.blocks_reversed,
    }


def _element(element: Element) -> Json:
    return {
        "oid": int(element.oid),
        "code": int(element.code),
        "data": element.data.hex(),
        "text": element_text(element),
    }


def _extension(block: Extension) -> Json:
    return {"block_id": block.block_id, "payload": block.payload.hex()}
