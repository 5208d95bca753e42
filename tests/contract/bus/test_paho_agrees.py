"""Paho is a client that nobody here wrote: it understands what we say to a real broker, and we what it says."""

from __future__ import annotations

import queue
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from kiosk.bus.connection import context
from tests.contract.bus.rigs import ONE, WAIT_S_MAX, MosquittoRig

LONG = "1234567890" * 3_000  # TLS and the broker cut it as they like


def test_paho_and_a_machine_exchange_a_question_and_its_answer(mosquitto: MosquittoRig) -> None:
    heard: queue.SimpleQueue[Any] = queue.SimpleQueue()  # Any: paho's messages
    gateway = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="gateway", protocol=MQTTProtocolVersion.MQTTv5)
    gateway.tls_set_context(context(mosquitto.tls("gateway")))
    gateway.on_message = lambda client, userdata, message: heard.put(message)
    gateway.on_subscribe = lambda client, userdata, mid, codes, properties: heard.put("subscribed")
    gateway.connect(mosquitto.listener.host, mosquitto.listener.port)
    gateway.loop_start()
    gateway.subscribe(ONE.topic("req/+"), qos=1)
    assert heard.get(timeout=WAIT_S_MAX) == "subscribed"

    machine = mosquitto.client(ONE.device, ONE.topic("rsp"))
    machine.bus.publish(ONE.topic("req/item"), LONG.encode(), expiry_s=30, corr=b"k1-7")
    asked = heard.get(timeout=WAIT_S_MAX)
    assert (asked.topic, asked.payload.decode(), asked.qos, asked.retain) == (ONE.topic("req/item"), LONG, 1, False)
    assert asked.properties.CorrelationData == b"k1-7"
    assert 0 < asked.properties.MessageExpiryInterval <= 30

    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho leaves this one untyped
    properties.CorrelationData = b"k1-7"
    properties.ContentType = "application/json"
    properties.UserProperty = ("traceparent", "00-1")
    gateway.publish(ONE.topic("rsp"), b"answer", qos=1, properties=properties)
    mosquitto.until(lambda: machine.got)
    (answer,) = machine.got
    assert (answer.topic, answer.payload, answer.corr) == (ONE.topic("rsp"), b"answer", b"k1-7")
    gateway.disconnect()
    gateway.loop_stop()
