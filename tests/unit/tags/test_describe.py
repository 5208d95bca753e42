"""What a technician and a script are told about a tag."""

from __future__ import annotations

import dataclasses
import json

import pytest

from drivers.rfid.tags import (
    Element,
    Extension,
    FixedLayout,
    TagItem,
    describe,
    detect,
    encode_28560_2,
    encode_28560_3,
    to_json,
)
from tests.unit.tags import published


def test_a_technician_reads_number_owner_usage_and_part() -> None:
    rows = dict(describe(detect(published.memory("standard_annex_d"), dsfid=0x06, afi=0x07)))
    assert rows == {
        "format": "ISO 28560-2 (data sets)",
        "confidence": "90 %",
        "item number": "123456789012",
        "owner institution": "US-InU-Mu",
        "part": "3 of 12",
        "shelf location": "QA268.L55",
    }


def test_a_technician_is_told_what_a_tag_of_another_library_forbids() -> None:
    rows = dict(describe(detect(published.memory("chinese_not_for_sorting"))))
    assert rows["type of usage"] == "not for automatic sorting (12)"


def test_what_is_not_understood_is_shown_as_hex() -> None:
    strange = (Element(oid=90, code=6, data=b"\x01"), Element(oid=8, code=7, data=b"\xff"))
    rows = dict(describe(detect(encode_28560_2(TagItem(primary_item_id="D1", elements=strange)))))
    assert rows["element 90"] == "01 (code 6, unreadable)"
    assert rows["marc media format"] == "ff (code 7, unreadable)"
    blocks = (Extension(block_id=101, payload=b"ta"), Extension(block_id=4, payload=b"\xff"))
    item = TagItem(primary_item_id="D1", extensions=blocks, unparsed=b"\x09\x01", media_code=1)
    rows = dict(describe(detect(encode_28560_3(item))))
    assert (rows["extension block 101"], rows["extension block 4"]) == ("7461", "ff")
    assert rows["damaged extension"].startswith("0901")
    assert (rows["media format"], rows["warnings"]) == ("book (01)", "extension_damaged")


def test_turned_blocks_a_site_layout_and_a_blank_tag_are_named() -> None:
    turned = dataclasses.replace(TagItem(primary_item_id="D1000001"), blocks_reversed=True)
    assert dict(describe(detect(encode_28560_3(turned))))["block order"] == "reversed"
    layout = FixedLayout(name="old stock", offset=0, length=8)
    assert describe(detect(b"D1000001", layouts=[layout]))[0] == ("format", "site layout 'old stock'")
    assert describe(detect(bytes(32))) == [("format", "blank"), ("confidence", "100 %")]
    assert dict(describe(detect(published.memory("rfid501"))))["3M branch"] == "4095"


@pytest.mark.parametrize("name", published.TAGS)
def test_a_script_gets_every_key_for_every_tag(name: str) -> None:
    content = detect(published.memory(name))
    answer = json.loads(json.dumps(to_json(content)))
    assert answer["primary_item_id"] == content.primary_item_id
    assert answer["usage"] == content.usage.name.lower()
    assert answer["format"] == published.TAGS[name]["expect"]["format"]
    assert [element["data"] for element in answer["elements"]] == [element.data.hex() for element in content.elements]
    assert set(answer) == set(to_json(detect(b"")))
