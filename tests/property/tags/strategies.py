"""Items a library could have, and how its tags get damaged."""

from __future__ import annotations

import random

from hypothesis import strategies as st

from drivers.rfid.tags import Detail, Element, Extension, Oid, TagItem, TagUsage
from drivers.rfid.tags.extensions import FIELDS
from drivers.rfid.tags.iso28560_2 import BYTE_ELEMENTS

ISIL_CHARACTERS = "-/:0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ASCII = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
_GRAPHIC = st.characters(exclude_categories=("C", "Z"))

isils = st.builds(
    "{}-{}".format, st.sampled_from(["CN", "DK", "US", "O", "ZDB"]), st.text(ISIL_CHARACTERS, min_size=1, max_size=11)
)
owners = st.none() | isils | st.text(_ASCII, min_size=1, max_size=16)
item_ids = st.one_of(
    st.from_regex(r"[A-Z][0-9]{7}", fullmatch=True),
    st.from_regex(r"[0-9]{1,20}", fullmatch=True),
    st.text(_ASCII, min_size=1, max_size=24),
)
parts = st.integers(1, 255).flatmap(lambda number: st.tuples(st.just(number), st.integers(1, number)))


@st.composite
def items(draw: st.DrawFn, *, oids: list[int], usage_codes: st.SearchStrategy[int | None], turned: bool) -> TagItem:
    number, ordinal = draw(parts)
    return TagItem(
        primary_item_id=draw(item_ids),
        owner_institution=draw(owners),
        usage_code=draw(usage_codes),
        media_code=draw(st.none() | st.integers(0, 255)),
        parts=number,
        ordinal=ordinal,
        details=tuple(
            Detail(oid=oid, text=draw(_detail_text(oid)))
            for oid in draw(st.lists(st.sampled_from(oids), unique=True, max_size=4))
        ),
        blocks_reversed=turned and draw(st.booleans()),
    )


def _detail_text(oid: int) -> st.SearchStrategy[str]:
    if oid in BYTE_ELEMENTS:
        return st.integers(0, 255).map("{:02x}".format)
    return st.text(_GRAPHIC, min_size=1, max_size=12)


_DATA_SET_OIDS = [oid.value for oid in Oid if oid not in (1, 2, 3, 4, 5, 19, 23)]
_BLOCK_OIDS = sorted({oid.value for oids in FIELDS.values() for oid in oids} - {19, 22, 23})

data_set_items = items(oids=_DATA_SET_OIDS, usage_codes=st.none() | st.integers(0, 255), turned=False)
fixed_length_items = items(
    oids=_BLOCK_OIDS,
    usage_codes=st.none() | st.sampled_from([usage.value for usage in TagUsage if usage.value & 0x0F == 0]),
    turned=True,
)
unknown_elements = st.lists(
    st.builds(Element, oid=st.integers(27, 127), code=st.integers(0, 7), data=st.binary(max_size=12)),
    unique_by=lambda element: element.oid,
    max_size=3,
).map(tuple)
unknown_blocks = st.lists(
    st.builds(Extension, block_id=st.integers(6, (1 << 24) - 1), payload=st.binary(max_size=20)), max_size=3
).map(tuple)


def damaged(memory: bytes, dice: random.Random) -> bytes:
    """One of the ways bytes go wrong: flipped, overwritten, cut, doubled, shifted, turned."""
    raw = bytearray(memory)
    for _ in range(dice.randrange(1, 6)):
        at = dice.randrange(len(raw)) if raw else 0
        match dice.randrange(6):
            case 0 if raw:
                raw[at] ^= 1 << dice.randrange(8)
            case 1 if raw:
                raw[at] = dice.randrange(256)
            case 2:
                del raw[at:]
            case 3:
                raw[at:at] = dice.randbytes(dice.randrange(1, 5))
            case 4:
                raw[at : at + 4] = dice.choice([bytes(4), b"\xff" * 4, b"\x55" * 4, raw[at : at + 4][::-1]])
            case _:
                raw += raw[at : at + 16]
    return bytes(raw)
