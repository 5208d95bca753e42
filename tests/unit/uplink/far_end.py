"""A small honest gateway: speaks the same envelopes, keeps what it commits, answers what it is asked."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from drivers.clock import Clock
from kiosk.bus import Bus, BusEvent, BusGone, Delivered
from kiosk.keys import Signer, Verifier, sign_envelope, verify_envelope
from kiosk.messages import envelope as wire
from kiosk.messages.asks import Answer, Ask
from kiosk.messages.envelope import ANSWER_NAME, Batch, Birth, Command, Envelope, Happening, Receipt, Response, Standing
from kiosk.messages.records import GENESIS, Record, chain_hash
from kiosk.messages.topics import WRITES, Address, parse


@dataclass(slots=True)
class FarEnd:
    """`rows` is its database: hash and record by (epoch, seq). Everything may be bent by a test."""

    address: Address
    clock: Clock
    signer: Signer
    device: Verifier
    rows: dict[tuple[str, int], tuple[str, Record]] = field(default_factory=dict)
    births: list[Birth] = field(default_factory=list)
    asked: list[tuple[Ask, float, str]] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)  # the lane of every message, understood or not
    batches: int = 0
    forks: int = 0
    bad_signatures: int = 0
    mute: bool = False
    names_births: bool = True  # a receipt says which birth it answers
    quarantined: bool = False
    ils_up: bool = True
    exceptions: tuple[Standing, ...] = ()
    answer: Callable[[Ask], Answer | None] = lambda ask: None
    bus: Bus | None = None
    _number: int = 0

    def start(self, bus: Bus) -> None:
        self.bus = bus
        bus.start(self.on_event)

    @staticmethod
    def subscriptions(address: Address) -> tuple[str, ...]:
        return tuple(address.topic(lane) for lane in WRITES)

    def on_event(self, event: BusEvent) -> None:
        if isinstance(event, Delivered):
            self.heard.append(event.topic.split("/")[5])
            if not self.mute:
                self.take(event.topic, event.payload)

    def take(self, topic: str, payload: bytes) -> None:
        place = parse(topic)
        assert place is not None
        envelope = wire.decode(payload)
        if not verify_envelope(envelope, self.device) or place[0].device != envelope.device:
            self.bad_signatures += 1
            return
        lane = place[1].split("/")[0]
        match wire.data_of(envelope, lane):
            case Birth() as birth:
                self.births.append(birth)
                if birth.online:
                    self.receipt(birth.epoch, corr=envelope.id if self.names_births else "")
            case Batch() as batch:
                self.batches += 1
                if self._keep(batch):
                    self.receipt(batch.epoch)
            case Happening() as happening:
                self.happenings.append(happening)
            case _:
                ask, answer_s = wire.ask_of(envelope)
                self.asked.append((ask, answer_s, envelope.corr))
                answer = self.answer(ask)
                if answer is not None:
                    self.reply(answer, envelope.corr)

    def _keep(self, batch: Batch) -> bool:
        """As the gateway's inbox does: same hash is a duplicate, another hash is a fork."""
        prev = batch.prev
        for seq, raw in enumerate(batch.records, start=batch.first):
            record = wire.record_of(raw)
            assert (record.head.seq, record.head.epoch, record.head.prev) == (seq, batch.epoch, prev)
            prev = chain_hash(prev, bytes(raw))
            known = self.rows.setdefault((batch.epoch, seq), (prev, record))
            if known[0] != prev:
                self.forks += 1
                return False
        assert prev == batch.head
        return True

    def through(self, epoch: str) -> tuple[int, str]:
        """The contiguous prefix, from the database."""
        seq, head = 0, GENESIS
        while (epoch, seq + 1) in self.rows:
            seq += 1
            head = self.rows[epoch, seq][0]
        return seq, head

    def receipt(self, epoch: str, *, corr: str = "", **changed: Any) -> None:
        through, head = self.through(epoch)
        receipt = Receipt(
            epoch=epoch,
            through=through,
            head=head,
            wall_ms=int(self.clock.wall() * 1000),
            exceptions=self.exceptions,
            ils_up=self.ils_up,
        )
        if self.quarantined:
            receipt = replace(receipt, through=0, head=GENESIS, quarantined=True)
        self.say("rcpt", replace(receipt, **changed), corr=corr)

    def reply(self, answer: Answer, corr: str) -> None:
        name = ANSWER_NAME[type(answer)]
        self.say("rsp", Response(answer=wire.encode_data(answer)), name=name, corr=corr, expiry_s=30)

    def command(self, op: str, *, nonce: str = "", boot: str = "boot-1", in_s: float = 30.0, part: str = "") -> None:
        expires_ms = int((self.clock.wall() + in_s) * 1000)
        command = Command(op=op, nonce=nonce, boot=boot, expires_ms=expires_ms, part=part)
        self.say("cmd", command, name=op, topic=f"cmd/{op}")

    def say(
        self, lane: str, data: Any, *, name: str = "", corr: str = "", expiry_s: int | None = None, topic: str = ""
    ) -> None:
        assert self.bus is not None
        with contextlib.suppress(BusGone):  # what is lost here is asked for again
            self.bus.publish(
                self.address.topic(topic or lane), self.write(lane, data, name=name, corr=corr), expiry_s=expiry_s
            )

    def write(
        self, lane: str, data: Any, *, name: str = "", corr: str = "", device: str = "", signer: Signer | None = None
    ) -> bytes:
        self._number += 1
        return wire.encode(
            sign_envelope(
                Envelope(
                    specversion=wire.SPEC,
                    id=f"gateway-{self._number}",
                    source="/gateway",
                    type=wire.type_name(lane, name),
                    time="2026-11-22T00:00:00.000+00:00",
                    device=device or self.address.device,
                    corr=corr,
                    data=wire.encode_data(data),
                ),
                signer or self.signer,
            )
        )
