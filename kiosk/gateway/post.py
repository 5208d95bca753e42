"""The gateway's outgoing mail: answers and receipts, signed, to the topic that belongs to the asker.

The topic is derived from the machine's own address, never from a ResponseTopic: a machine must not be able to have an
answer sent to its neighbour.
"""

from __future__ import annotations

import itertools
import logging
from typing import Final

import msgspec

from drivers.clock import Hub
from kiosk.bus import Bus, BusGone
from kiosk.gateway.registry import Device
from kiosk.gateway.spans import rfc3339
from kiosk.keys import Signer, sign_envelope
from kiosk.messages.asks import Answer
from kiosk.messages.envelope import ANSWER_NAME, SPEC, Envelope, Receipt, Response, encode, encode_data, type_name

log = logging.getLogger(__name__)

ANSWER_EXPIRY_S: Final = 30
TRIES_MAX: Final = 20
RETRY_S: Final = 0.01


class Post:
    """A message that cannot be handed to the broker is lost: machines ask again, and receipts are cumulative."""

    def __init__(self, bus: Bus, hub: Hub, signer: Signer, source: str, run: str) -> None:
        self._bus = bus
        self._hub = hub
        self._signer = signer
        self._source = source
        self._run = run  # unique per start, so that message ids are
        self._numbers = itertools.count(1)

    def answer(self, device: Device, corr: str, answer: Answer) -> None:
        self.answer_bytes(device, corr, ANSWER_NAME[type(answer)], bytes(encode_data(answer)))

    def answer_bytes(self, device: Device, corr: str, name: str, answer: bytes) -> None:
        """An answer that was given before, byte for byte."""
        data = encode_data(Response(answer=msgspec.Raw(answer)))
        self._send(device, "rsp", type_name("rsp", name), data, corr, "", ANSWER_EXPIRY_S)

    def receipt(self, device: Device, receipt: Receipt, corr: str = "") -> None:
        """`corr` is the id of the birth that it answers, if it answers one."""
        self._send(device, "rcpt", type_name("rcpt"), encode_data(receipt), corr, receipt.epoch, None)

    def _send(
        self, device: Device, lane: str, type_: str, data: msgspec.Raw, corr: str, epoch: str, expiry_s: int | None
    ) -> None:
        envelope = Envelope(
            specversion=SPEC,
            id=f"{self._run}-{next(self._numbers)}",
            source=self._source,
            type=type_,
            time=rfc3339(self._hub.wall()),
            device=device.name,
            epoch=epoch,
            corr=corr,
            data=data,
        )
        payload = encode(sign_envelope(envelope, self._signer))
        topic = device.address.topic(lane)
        for _ in range(TRIES_MAX):
            try:
                self._bus.publish(topic, payload, expiry_s=expiry_s, corr=corr.encode())
                return
            except BusGone:  # or too much is under way, which passes
                self._hub.wait_until(self._hub.now() + RETRY_S)
        log.warning("not_sent lane=%s device=%s", lane, device.name)
