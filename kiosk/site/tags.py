"""`circdesk tag decode|encode`: what is written on a library tag, at the bench."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from drivers.rfid.tags import (
    CannotEncode,
    TagFormat,
    TagItem,
    describe,
    detect,
    encode_28560_2,
    encode_28560_3,
    encode_rfid501,
    to_json,
)

_ENCODERS = {"iso28560-2": encode_28560_2, "iso28560-3": encode_28560_3, "rfid501": encode_rfid501}


def main(arguments: Sequence[str]) -> int:
    """0; 1 when the tag names no item; 2 for wrong usage."""
    parser = argparse.ArgumentParser(prog="circdesk tag", description="Reads and writes what stands on library tags.")
    words = parser.add_subparsers(dest="word", required=True)
    decode = words.add_parser("decode", help="what a tag's memory says")
    decode.add_argument("hex", help="user memory from block 0 on, in hexadecimal")
    decode.add_argument("--block-bytes", type=int, default=4)
    decode.add_argument("--dsfid", type=lambda text: int(text, 16), help="in hexadecimal, such as 06")
    decode.add_argument("--json", action="store_true")
    encode = words.add_parser("encode", help="the memory for an item")
    encode.add_argument("item", help="item number, such as D1000001")
    encode.add_argument("--format", choices=sorted(_ENCODERS), default="iso28560-2")
    encode.add_argument("--owner", help="ISIL of the owner institution")
    encode.add_argument("--usage", type=lambda text: int(text, 16), default=0x10, help="type of usage, hexadecimal")
    encode.add_argument("--parts", type=int, default=1)
    encode.add_argument("--ordinal", type=int, default=1)
    given = parser.parse_args(arguments)
    return _decode(given) if given.word == "decode" else _encode(given)


def _decode(given: argparse.Namespace) -> int:
    try:
        memory = bytes.fromhex(given.hex)
    except ValueError:
        print("circdesk tag: the memory must be hexadecimal digits, two a byte.", file=sys.stderr)
        return 2
    content = detect(memory, block_size=given.block_bytes, dsfid=given.dsfid)
    if given.json:
        print(json.dumps(to_json(content), ensure_ascii=False, indent=2))
    else:
        lines = describe(content)
        width = max(len(label) for label, _ in lines)
        for label, value in lines:
            print(f"{label:<{width}}  {value}")
    return 0 if content.primary_item_id or content.format is TagFormat.BLANK else 1


def _encode(given: argparse.Namespace) -> int:
    try:
        item = TagItem(
            primary_item_id=given.item,
            owner_institution=given.owner,
            usage_code=given.usage,
            parts=given.parts,
            ordinal=given.ordinal,
        )
        print(_ENCODERS[given.format](item).hex())
    except CannotEncode as error:
        print(f"circdesk tag: {error}", file=sys.stderr)
        return 2
    return 0
