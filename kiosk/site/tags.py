"""`circdesk tag decode|encode`: what is written on a library tag, at the bench."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Final

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
from kiosk.site.plain import WRONG, hexadecimal_byte, say, whole

MEMORY_BYTES_MAX: Final = 8_192  # ISO/IEC 15693-3, 5.4: at most 256 blocks of 32 bytes
BLOCK_BYTES_MAX: Final = 32
_ENCODERS = {"iso28560-2": encode_28560_2, "iso28560-3": encode_28560_3, "rfid501": encode_rfid501}


def main(arguments: Sequence[str]) -> int:
    """0; 1 when the tag names no item; 2 for wrong usage."""
    given = _parser().parse_args(arguments)
    return _decode(given) if given.word == "decode" else _encode(given)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="circdesk tag", description="Reads and writes what stands on library tags.")
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    decode = words.add_parser("decode", help="what a tag's memory says", description="Reads a tag's memory.")
    decode.add_argument("hex", metavar="HEX", help="user memory from block 0 on, in hexadecimal")
    decode.add_argument(
        "--block-bytes", type=whole(1, BLOCK_BYTES_MAX), default=4, metavar="N", help="bytes in a block of the chip (4)"
    )
    decode.add_argument("--dsfid", type=hexadecimal_byte, metavar="HEX", help="the tag's DSFID, such as 06")
    decode.add_argument("--json", action="store_true", help="print what was found as JSON")
    encode = words.add_parser("encode", help="the memory for an item", description="Prints the memory in hexadecimal.")
    encode.add_argument("item", metavar="ITEM", help="item number, such as D1000001")
    encode.add_argument("--format", choices=sorted(_ENCODERS), default="iso28560-2", help="how it is written")
    encode.add_argument("--owner", metavar="ISIL", help="owner institution, such as CN-320300-1-CUMT")
    encode.add_argument(
        "--usage", type=hexadecimal_byte, default=0x10, metavar="HEX", help="type of usage (10: for circulation)"
    )
    encode.add_argument("--parts", type=whole(1, 255), default=1, metavar="N", help="parts of the set (1)")
    encode.add_argument("--ordinal", type=whole(1, 255), default=1, metavar="N", help="which of them this is (1)")
    encode.add_argument("--json", action="store_true", help="print format and memory as JSON")
    return parser


def _decode(given: argparse.Namespace) -> int:
    try:
        memory = bytes.fromhex(given.hex)
    except ValueError:
        return say("tag", "the memory must be hexadecimal digits, two a byte.", WRONG)
    if not 1 <= len(memory) <= MEMORY_BYTES_MAX:
        return say("tag", f"a tag's memory has 1 to {MEMORY_BYTES_MAX} bytes; these are {len(memory)}.", WRONG)
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
        memory = _ENCODERS[given.format](item).hex()
    except CannotEncode as error:
        return say("tag", f"{error}.", WRONG)
    print(json.dumps({"format": given.format, "memory": memory}) if given.json else memory)
    return 0
