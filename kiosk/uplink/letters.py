"""What this machine says, signed; and what it takes for the gateway's word."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from drivers.clock import Clock
from kiosk.bus import Will
from kiosk.keys import Signer, Verifier, sign_envelope, verify_envelope
from kiosk.messages import envelope as wire
from kiosk.messages.envelope import Batch, Birth, Envelope, MessageError
from kiosk.messages.topics import READS, Address, parse
from kiosk.uplink.events import Refusal

WILL_DELAY_S: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who this machine is, and whose word it takes. `epoch` is the journal's. `run` tells one run of the process from
    the next in the same boot; "" where a boot has only one."""

    address: Address
    epoch: str
    boot: str
    software: str
    signer: Signer
    gateway: Verifier
    run: str = ""


class Letters:
    """Writes and signs envelopes; ids are unique within a run of the process, and the run is in them."""

    def __init__(self, identity: Identity, clock: Clock) -> None:
        self._identity = identity
        self._clock = clock
        self._numbers = itertools.count(1)

    def new_id(self) -> str:
        return f"{self._identity.address.device}-{self._identity.run or self._identity.boot}-{next(self._numbers)}"

    def write(self, lane: str, data: Any, *, name: str = "", id_: str = "", corr: str = "") -> bytes:
        """A signed envelope; `data` is a dataclass of messages.envelope, `name` the question's."""
        address = self._identity.address
        if isinstance(data, Batch):
            data = replace(data, boot=self._identity.boot, mono_ms=self._mono_ms())
        return wire.encode(
            sign_envelope(
                Envelope(
                    specversion=wire.SPEC,
                    id=id_ or self.new_id(),
                    source=f"/{address.consortium}/{address.site}/{address.device}",
                    type=wire.type_name(lane, name),
                    time=datetime.fromtimestamp(self._clock.wall(), UTC).isoformat(timespec="milliseconds"),
                    device=address.device,
                    epoch=self._identity.epoch,
                    corr=corr,
                    data=wire.encode_data(data),
                ),
                self._identity.signer,
            )
        )

    def birth(self, last: tuple[int, str], *, id_: str = "", online: bool = True) -> bytes:
        identity = self._identity
        birth = Birth(
            boot=identity.boot,
            epoch=identity.epoch,
            last_seq=last[0],
            head=last[1],
            software=identity.software,
            online=online,
            mono_ms=self._mono_ms(),
        )
        return self.write("state", birth, id_=id_)

    def _mono_ms(self) -> int:
        return int(self._clock.now() * 1000)

    def open(self, topic: str, payload: bytes) -> tuple[str, Envelope]:
        """(lane, envelope) of a message; raises Distrusted unless the gateway signed it for this machine and lane."""
        place = parse(topic)
        if place is None or place[0] != self._identity.address:
            raise Distrusted(Refusal.FOREIGN)
        lane = place[1].split("/")[0]
        try:
            envelope = wire.decode(payload)
            said_lane = wire.split_type(envelope.type)[0]
        except MessageError as error:
            raise Distrusted(Refusal.NO_MESSAGE) from error
        if not verify_envelope(envelope, self._identity.gateway):
            raise Distrusted(Refusal.UNSIGNED)
        if envelope.device != self._identity.address.device:
            raise Distrusted(Refusal.FOREIGN)
        if said_lane != lane:
            raise Distrusted(Refusal.WRONG_LANE)
        return lane, envelope


class Distrusted(Exception):
    """A message that is not acted upon. It is counted, and nothing else happens."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason


def subscriptions(address: Address) -> tuple[str, ...]:
    """What the machine's bus has to subscribe."""
    return tuple(address.topic(lane) for lane in READS)


def last_will(identity: Identity, clock: Clock, last: tuple[int, str]) -> Will:
    """What the broker tells the gateway when the machine is gone without a word."""
    payload = Letters(identity, clock).birth(last, online=False)
    return Will(topic=identity.address.topic("state"), payload=payload, delay_s=WILL_DELAY_S)
