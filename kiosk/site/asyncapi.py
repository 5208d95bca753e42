"""The uplink as an AsyncAPI 3.0 document, out of the dataclasses of kiosk.messages: docs/asyncapi.yaml.

Seen from a machine: it sends on the lanes of `topics.WRITES` and receives on those of `topics.READS`. Source: AsyncAPI
3.0.0 specification; MQTT bindings 0.2.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from kiosk.messages import asks, records
from kiosk.messages.envelope import ANSWERS, ASKS, DATA, Envelope, type_name
from kiosk.messages.topics import READS, VERSION, WRITES

Json = dict[str, Any]  # JSON: its values are of any of JSON's types

CONTENT_TYPE: Final = "application/cloudevents+json"  # CloudEvents 1.0, JSON format, section 3.1
ANSWER_LANE: Final = "rsp"
ASK_LANE: Final = "req"
_LANES: Final = {
    "tx": "The machine's journal in order, in batches, again and again until a receipt covers it.",
    "req": "A question of the machine. It expires at the broker when its asker no longer waits (`answer_s`).",
    "tele": "Reserved for counters (QoS 0): nothing depends on it.",
    "state": "Who is there since when, retained; the last will is the same with `online` false. Answered by a receipt.",
    "evt": "Faults and states for people, by the numbers of docs/faults.md. Lost while there is no broker.",
    "rcpt": "The gateway has committed everything up to `through`. Only this empties the machine's outbox.",
    "rsp": "The answer to a question; `corr` of the envelope names it.",
    "cmd": "A command, bound to a boot and a nonce that the machine gave out a moment ago.",
}
_RETAINED: Final = ("state",)
_UNACKNOWLEDGED: Final = ("tele",)
# What travels inside sealed boxes and encrypted answers, for whoever writes the other end.
_INSIDE: Final = (asks.Credential, asks.Bond, asks.PatronKnown, asks.PatronRefused)


def asyncapi() -> Json:
    """The document as JSON values."""
    return {
        "asyncapi": "3.0.0",
        "info": _info(),
        "defaultContentType": CONTENT_TYPE,
        "servers": _servers(),
        "channels": {_name(lane): _channel(lane) for lane in (*WRITES, *READS)},
        "operations": {_operation_name(lane): _operation(lane) for lane in (*WRITES, *READS)},
        "components": {
            "messages": {name: message for lane in (*WRITES, *READS) for name, message in _messages(lane).items()},
            "schemas": _schemas(),
            "securitySchemes": {
                "certificate": {
                    "type": "X509",
                    "description": "Mutual TLS. The certificate's common name is the device's name and its client id.",
                }
            },
        },
    }


def asyncapi_yaml() -> str:
    """docs/asyncapi.yaml. Needs PyYAML, which only developers have."""
    import yaml  # type: ignore[import-untyped]  # its stubs are a package of their own

    head = "# Written by the code: python -m kiosk.site.papers\n"
    return head + str(yaml.safe_dump(asyncapi(), sort_keys=False, allow_unicode=True, width=110))


def _info() -> Json:
    return {
        "title": "Circdesk uplink",
        "version": VERSION,
        "description": (
            "Between a library's self-service machines and its gateway. Every message is a CloudEvents 1.0 envelope in "
            "structured JSON, signed with Ed25519 by its sender over lane, device, type, id, epoch, corr, time and the "
            "data's own bytes. Order inside a machine is (epoch, seq); clocks are evidence, never order. A broker's "
            "acknowledgement means nothing: the outbox is emptied by receipts alone."
        ),
        "license": {"name": "Apache-2.0"},
    }


def _servers() -> Json:
    return {
        "broker": {
            "host": "{broker}:8883",
            "protocol": "secure-mqtt",
            "protocolVersion": "5.0",
            "variables": {"broker": {"default": "localhost", "description": "the site's broker"}},
            "security": [{"$ref": "#/components/securitySchemes/certificate"}],
        }
    }


def _name(lane: str) -> str:
    return lane.split("/")[0]


def _channel(lane: str) -> Json:
    name = _name(lane)
    address = f"lib/{VERSION}/{{consortium}}/{{site}}/{{device}}/{name}" + ("/{op}" if "/" in lane else "")
    parameters = {
        "consortium": {"description": "lower-case letters, digits, hyphen; at most 32"},
        "site": {"description": "as above"},
        "device": {"description": "unique in the consortium; equals the certificate's common name"},
    }
    if "/" in lane:
        operations = {"enum": sorted(ASKS)} if name == ASK_LANE else {}
        parameters["op"] = {"description": "what is asked or ordered", **operations}  # type: ignore[dict-item]  # JSON
    return {
        "address": address,
        "description": _LANES[name],
        "messages": {each: {"$ref": f"#/components/messages/{each}"} for each in _messages(lane)},
        "parameters": parameters,
    }


def _operation_name(lane: str) -> str:
    return ("send" if lane in WRITES else "receive") + _name(lane).capitalize()


def _operation(lane: str) -> Json:
    name = _name(lane)
    operation: Json = {
        "action": "send" if lane in WRITES else "receive",
        "channel": {"$ref": f"#/channels/{name}"},
        "messages": [{"$ref": f"#/channels/{name}/messages/{each}"} for each in _messages(lane)],
        "bindings": {
            "mqtt": {
                "qos": 0 if name in _UNACKNOWLEDGED else 1,
                "retain": name in _RETAINED,
                "bindingVersion": "0.2.0",
            }
        },
    }
    if name == ASK_LANE:
        operation["reply"] = {
            "channel": {"$ref": f"#/channels/{ANSWER_LANE}"},
            "messages": [{"$ref": f"#/channels/{ANSWER_LANE}/messages/{each}"} for each in _messages(ANSWER_LANE)],
        }
    return operation


def _messages(lane: str) -> Json:
    """Every message of a lane by its name; one for each question and each answer."""
    name = _name(lane)
    match name:
        case "req":
            return {f"req.{op}": _message(name, op, "ask", kind) for op, kind in ASKS.items()}
        case "rsp":
            return {f"rsp.{answer}": _message(name, answer, "answer", kind) for answer, kind in ANSWERS.items()}
        case _ if name in DATA:
            return {name: _message(name, "", "", DATA[name])}
        case _:
            return {}


def _message(lane: str, word: str, inside: str, kind: type[Any]) -> Json:
    data: Json = _ref(DATA[lane].__name__)
    if inside:
        data = {"allOf": [data, {"properties": {inside: _ref(kind.__name__)}}]}
    return {
        "name": type_name(lane, word),
        "contentType": CONTENT_TYPE,
        "payload": {
            "allOf": [
                _ref("Envelope"),
                {"properties": {"type": {"const": type_name(lane, word)}, "data": data}},
            ]
        },
    }


def _schemas() -> Json:
    """JSON schemas of every value, with raw JSON replaced by what stands there."""
    kinds = [Envelope, *DATA.values(), *ASKS.values(), *ANSWERS.values(), *_INSIDE]
    kinds += [records.Head, *records.KINDS.values()]
    _, schemas = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    schemas["Batch"]["properties"]["records"]["items"] = _ref("Record")
    schemas["AskEffect"]["properties"]["record"] = _ref("Record")
    schemas["Record"] = {
        "title": "Record",
        "description": "One journal record. Its hash is sha256 over the hash of the one before and these very bytes.",
        "oneOf": [_record(kind, body) for kind, body in records.KINDS.items()],
    }
    # Through JSON: the generator shares parts between schemas, which YAML would write as anchors.
    plain: Json = msgspec.json.decode(msgspec.json.encode({name: schemas[name] for name in sorted(schemas)}))
    return plain


def _record(kind: str, body: type[Any]) -> Mapping[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["head", "kind", "body"],
        "properties": {"head": _ref("Head"), "kind": {"const": kind}, "body": _ref(body.__name__)},
    }


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}
