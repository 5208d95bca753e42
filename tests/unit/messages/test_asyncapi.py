"""docs/asyncapi.yaml says what the code says, and is a document that others can build on."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import yaml  # type: ignore[import-untyped]  # its stubs are a package of their own

from kiosk.domain import ItemBarcode, Key
from kiosk.messages import asks, envelope, records
from kiosk.messages.topics import READS, WRITES, Address
from kiosk.site.asyncapi import asyncapi
from kiosk.site.papers import DOCS, PAPERS

Json = Any  # JSON values of every type

ADDRESS = Address(consortium="jalis", site="cumt", device="checkout-1")


@pytest.fixture(scope="module")
def document() -> Json:
    return yaml.safe_load((DOCS / "asyncapi.yaml").read_text("utf-8"))


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.name)
def test_papers_written_by_the_code_are_current(path: Any) -> None:
    assert path.read_text("utf-8") == PAPERS[path](), "run: python -m kiosk.site.papers"


def test_yaml_holds_the_same_as_the_values_it_was_made_of(document: Json) -> None:
    assert document == asyncapi()


def test_every_lane_is_a_channel_with_one_operation(document: Json) -> None:
    lanes = {lane.split("/")[0] for lane in (*WRITES, *READS)}
    assert set(document["channels"]) == lanes
    ways = {each["channel"]["$ref"].split("/")[-1]: each["action"] for each in document["operations"].values()}
    assert {lane for lane, action in ways.items() if action == "send"} == {lane.split("/")[0] for lane in WRITES}
    assert {lane for lane, action in ways.items() if action == "receive"} == {lane.split("/")[0] for lane in READS}


def test_addresses_are_the_topics_the_code_uses(document: Json) -> None:
    for lane in (*WRITES, *READS):
        channel = document["channels"][lane.split("/")[0]]
        assert set(channel["parameters"]) == set(re.findall(r"{(\w+)}", channel["address"]))
        filled = channel["address"].format(consortium="jalis", site="cumt", device="checkout-1", op="+")
        assert filled == ADDRESS.topic(lane)


def test_every_message_type_has_its_message(document: Json) -> None:
    names = {each["name"] for each in document["components"]["messages"].values()}
    simple = [lane for lane in envelope.DATA if lane not in ("req", "rsp")]
    expected = {envelope.type_name(lane) for lane in simple}
    expected |= {envelope.type_name("req", op) for op in envelope.ASKS}
    expected |= {envelope.type_name("rsp", name) for name in envelope.ANSWERS}
    assert names == expected


def test_every_value_of_the_messages_has_a_schema(document: Json) -> None:
    values = {
        name
        for module in (asks, envelope, records)
        for name, kind in inspect.getmembers(module, dataclasses.is_dataclass)
        if kind.__module__ == module.__name__
    }
    assert values <= set(document["components"]["schemas"])


def test_every_reference_leads_somewhere(document: Json) -> None:
    for reference in _references(document):
        place = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def _references(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def test_a_question_names_every_answer_it_may_get(document: Json) -> None:
    reply = document["operations"]["sendReq"]["reply"]
    assert len(reply["messages"]) == len(envelope.ANSWERS)
    assert reply["channel"] == {"$ref": "#/channels/rsp"}


SAMPLES = [
    ("req.item", "req", "item", asks.AskItem(item=ItemBarcode("T0000001")), "ask"),
    ("rsp.granted", "rsp", "granted", asks.EffectGranted(key=Key("k-1-1"), due="2026-05-01"), "answer"),
    ("rcpt", "rcpt", "", envelope.Receipt(epoch="e", through=3, head="00"), ""),
    ("evt", "evt", "", envelope.Happening(what="tag_not_switched", fault=301), ""),
]


@pytest.mark.parametrize(("message", "lane", "name", "value", "inside"), SAMPLES)
def test_a_message_of_the_code_fits_its_schema(
    document: Json, message: str, lane: str, name: str, value: Any, inside: str
) -> None:
    data: Any = value
    if inside == "ask":
        data = envelope.Request(ask=envelope.encode_data(value), answer_s=5.0)
    elif inside == "answer":
        data = envelope.Response(answer=envelope.encode_data(value))
    sent = envelope.Envelope(
        specversion="1.0",
        id="1",
        source="/jalis/cumt/checkout-1",
        type=envelope.type_name(lane, name),
        time="2026-04-01T00:00:00Z",
        device="checkout-1",
        data=envelope.encode_data(data),
    )
    as_json = msgspec.json.decode(envelope.encode(sent))
    payload = document["components"]["messages"][message]["payload"]
    assert list(_misfits(document, payload, as_json)) == []
    as_json["data"] = "something else"
    assert list(_misfits(document, payload, as_json)) != []


def test_a_journal_record_of_the_code_fits_its_schema(document: Json) -> None:
    head = records.Head(device="checkout-1", epoch="e", seq=1, prev=records.GENESIS, wall_ms=1, mono_ms=1, boot="b")
    record = records.Record(head=head, body=records.Booted(boot="b", software="s", clean=True))
    as_json = msgspec.json.decode(records.encode(record))
    schema = document["components"]["schemas"]["Record"]
    assert list(_misfits(document, schema, as_json)) == []
    as_json["kind"] = "intent"
    assert list(_misfits(document, schema, as_json)) != []


_TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


def _misfits(document: Json, schema: Json, value: Json) -> Iterator[str]:
    """The part of JSON Schema (draft 7) that our schemas use."""
    if "$ref" in schema:
        yield from _misfits(document, document["components"]["schemas"][schema["$ref"].split("/")[-1]], value)
    for each in schema.get("allOf", ()):
        yield from _misfits(document, each, value)
    for choice in ("oneOf", "anyOf"):
        if choice in schema and all(list(_misfits(document, each, value)) for each in schema[choice]):
            yield f"{value!r} fits none"
    kind = schema.get("type")
    if kind == "null":
        if value is not None:
            yield f"{value!r} is not null"
    elif kind is not None and not isinstance(value, _TYPES[kind]):
        yield f"{value!r} is no {kind}"
        return
    if "const" in schema and value != schema["const"]:
        yield f"{value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{value!r} is not one of {schema['enum']}"
    if isinstance(value, dict):
        yield from (f"{name} is missing" for name in schema.get("required", ()) if name not in value)
        for name, each in schema.get("properties", {}).items():
            if name in value:
                yield from _misfits(document, each, value[name])
    if isinstance(value, list):
        for each in value:
            yield from _misfits(document, schema.get("items", {}), each)
