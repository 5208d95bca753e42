"""The way out: cable, encryption, login, gateway, library system - and where it ends."""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import Final

from drivers.clock import Clock, Hub, Mailbox
from kiosk.bus import Bus, BusEvent, BusGone, Connected, Delivered, Disconnected, PublishRefused, contract
from kiosk.bus.paho_bus import BrokerAt
from kiosk.diag.findings import Finding, bad, good, idle
from kiosk.domain import ItemBarcode
from kiosk.domain.faults import Fault, uplink
from kiosk.messages import envelope as wire
from kiosk.messages.asks import Answer, AskItem, Unavailable
from kiosk.messages.envelope import MessageError, Request
from kiosk.uplink import Identity, Refusal
from kiosk.uplink.letters import Distrusted, Letters

CONNECT_S_MAX: Final = 3.0
ALERT_S: Final = (
    0.3  # TLS 1.3 tells only after the handshake that it does not want this certificate (RFC 8446, 4.4.2.4)
)
LOGIN_S_MAX: Final = 6.0
ASK_S: Final = 5.0  # so long the gateway waits for the library system...
LISTEN_S_MAX: Final = 10.0  # ...and then it still has to say that nothing came
EVENTS_MAX: Final = 256
NO_ITEM: Final = ItemBarcode("circdesk-diag")  # no library has it, and asking for it changes nothing


def look_at_broker(at: BrokerAt, clock: Clock) -> Finding:
    """Cable and encryption, without a word of MQTT: the running core's session is not disturbed."""
    began = clock.now()
    try:
        cable = socket.create_connection((at.host, at.port), timeout=CONNECT_S_MAX)
    except OSError as error:
        return bad("broker", uplink.BROKER_AWAY, cause=f"{at.host}:{at.port}: {error}")
    with cable:
        numbers = [f"{at.host}:{at.port}", f"TCP {_ms(clock, began)}"]
        if at.tls is None:
            return good("broker", *numbers, "no TLS")
        try:
            context = ssl.create_default_context(cafile=str(at.tls.ca))
            context.load_cert_chain(at.tls.certificate, at.tls.key)
            began = clock.now()
            with context.wrap_socket(cable, server_hostname=at.host) as secure:
                numbers.append(f"{secure.version()} {_ms(clock, began)}")
                secure.settimeout(ALERT_S)
                with contextlib.suppress(TimeoutError):  # silence is consent: nobody has said CONNECT
                    secure.recv(1)
        except OSError as error:  # ssl.SSLError is one, and so is a file that is not there
            return bad("broker", uplink.BROKER_UNTRUSTED, *numbers, cause=_reason(error))
    return good("broker", *numbers)


def look_at_gateway(hub: Hub, bus: Bus, identity: Identity, corr: str) -> tuple[Finding, Finding, Finding]:
    """(login, gateway, library system). Logs in under the machine's name: its core must not run.

    `corr` is a text no other question has. Asks for an item that no library has.
    """
    heard: Mailbox[BusEvent] = hub.mailbox(EVENTS_MAX)
    began = hub.now()
    bus.start(heard.put)
    try:
        refused = _login(heard, began + LOGIN_S_MAX)
        if refused is not None:
            return refused, idle("gateway", "nobody is logged in"), idle("ils", "the gateway tells it")
        login = good("login", identity.address.device, _ms(hub, began))
        return login, *_question(hub, bus, identity, corr, heard)
    finally:
        bus.close()


def _login(heard: Mailbox[BusEvent], by: float) -> Finding | None:
    match heard.get(by):
        case Connected():
            return None
        case Disconnected(code=code, reason=reason):
            return bad("login", _refusal(code, reason), cause=reason)
        case _:
            return bad("login", uplink.BROKER_AWAY, cause="no answer to CONNECT")


def _refusal(code: int, reason: str) -> Fault:
    match code:
        case contract.SESSION_TAKEN_OVER:
            return uplink.NAME_TAKEN
        case contract.SERVER_UNAVAILABLE:
            return uplink.BROKER_UNTRUSTED if "ssl" in reason.lower() else uplink.BROKER_AWAY
        case _:
            return uplink.BROKER_REFUSES


def _question(hub: Hub, bus: Bus, identity: Identity, corr: str, heard: Mailbox[BusEvent]) -> tuple[Finding, Finding]:
    unasked = idle("ils", "the gateway tells it")
    letters = Letters(identity, hub)
    request = Request(ask=wire.encode_data(AskItem(item=NO_ITEM)), answer_s=ASK_S)
    payload = letters.write("req", request, name="item", id_=corr, corr=corr)
    began = hub.now()
    try:
        bus.publish(identity.address.topic("req/item"), payload, expiry_s=int(ASK_S), corr=corr.encode())
    except BusGone as error:
        return bad("gateway", uplink.BROKER_AWAY, cause=str(error)), unasked
    answer = _answer(letters, corr, heard, began + LISTEN_S_MAX)
    if isinstance(answer, Finding):
        return answer, unasked
    answered = good("gateway", _ms(hub, began))
    if isinstance(answer, Unavailable):
        return answered, bad("ils", uplink.ILS_AWAY, cause="the gateway says so")
    return answered, good("ils", "answers")


def _answer(letters: Letters, corr: str, heard: Mailbox[BusEvent], by: float) -> Answer | Finding:
    """The signed answer to `corr`, or why there is none."""
    unsigned = 0
    while (event := heard.get(by)) is not None:
        match event:
            case PublishRefused(code=code):
                return bad("gateway", uplink.BROKER_REFUSES, cause=f"publish refused, code {code:02X}")
            case Disconnected(code=code, reason=reason):
                return bad("gateway", _refusal(code, reason), cause=reason)
            case Delivered(topic=topic, payload=payload):
                try:
                    lane, envelope = letters.open(topic, payload)
                    if lane == "rsp" and envelope.corr == corr:
                        return wire.answer_of(envelope)
                except Distrusted as error:
                    unsigned += error.reason is Refusal.UNSIGNED
                except MessageError:
                    continue
    if unsigned:
        return bad("gateway", uplink.UPLINK_UNTRUSTED, f"{unsigned} unsigned")
    return bad("gateway", uplink.GATEWAY_AWAY, cause=f"no answer in {LISTEN_S_MAX:g} s")


def _reason(error: OSError) -> str:
    said = getattr(error, "verify_message", "") or getattr(error, "reason", "") or error.strerror or str(error)
    return str(said).lower().replace("_", " ")


def _ms(clock: Clock, began: float) -> str:
    return f"{(clock.now() - began) * 1000:.0f} ms"
