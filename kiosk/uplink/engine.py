"""What to say to whom: events in, publishes and news for the core out. Reads no clock and touches no wire."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from drivers.clock import Clock
from kiosk.bus import BusEvent, Connected, Delivered, Disconnected
from kiosk.journal import JournalDamaged, Outbox
from kiosk.messages import envelope as wire
from kiosk.messages.asks import Answer, Ask, AskEffect, AskSnapshot, Snapshot, Unavailable
from kiosk.messages.envelope import FORKED, OP_OF, Batch, Command, Happening, MessageError, Receipt, Request
from kiosk.uplink.commands import CHALLENGE, NONCE, Nonces
from kiosk.uplink.drain import Drain
from kiosk.uplink.estate import Estate
from kiosk.uplink.events import (
    Answered,
    Commanded,
    ForkSeen,
    NoAnswer,
    Receipted,
    Refusal,
    SnapshotArrived,
    UplinkEvent,
)
from kiosk.uplink.letters import Distrusted, Identity, Letters
from kiosk.uplink.links import Links
from kiosk.uplink.questions import Questions
from kiosk.uplink.snapshot import SnapshotCache

PROBE_S: Final = 30.0  # without a word from the gateway the birth is said again, which it answers
PROBE_S_TROUBLED: Final = 3.0  # the same while a link is down
PROBE_EXPIRY_S: Final = 10
RETRY_S: Final = 0.1  # for a question that the bus had no room for
SNAPSHOT_S: Final = 600.0
SNAPSHOT_S_RETRY: Final = 60.0
SNAPSHOT_ANSWER_S: Final = 30.0
SNAPSHOT_CORR: Final = "uplink-snapshot-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    lane: str
    payload: bytes
    expiry_s: int | None = None
    retain: bool = False
    corr: str = ""


Action = Publish | UplinkEvent


class Engine:
    """One machine's end of the uplink. Every method gives the actions to take, in order; `now` is monotonic."""

    def __init__(
        self,
        *,
        identity: Identity,
        outbox: Outbox,
        watermark: int,
        snapshots: SnapshotCache,
        gateway_ms: Callable[[], int | None],
        clock: Clock,
        rng: Random,
        entropy: Callable[[int], bytes],
        probe_s: float = PROBE_S,
        snapshot_s: float = SNAPSHOT_S,
        estates: tuple[Estate, ...] = (),
    ) -> None:
        self.refused: Counter[Refusal] = Counter()
        self.drain = Drain(outbox, identity.epoch, watermark, rng)
        self._estates = estates
        self._identity = identity
        self._outbox = outbox
        self._snapshots = snapshots
        self._snapshot_s = snapshot_s
        self._gateway_ms = gateway_ms
        self._clock = clock
        self._letters = Letters(identity, clock)
        self._questions = Questions()
        self._links = Links()
        self._nonces = Nonces(identity.boot, entropy)
        self._birth = ""  # id of the newest one
        self._connected = False
        self._halted = False  # the journal does not read back, or has forked: nothing of it is sent
        self._probe_s = probe_s
        self._probe_at = math.inf
        self._snapshot_at = math.inf
        self._retry_at = math.inf

    @property
    def wakes_at(self) -> float:
        """When `tick` is worth calling (monotonic)."""
        times = [self._probe_at, self._snapshot_at, self._retry_at]
        parts = [self._questions.wakes_at, self._links.wakes_at]
        if not self._halted:
            parts.append(self.drain.wakes_at)
        parts += [estate.wakes_at for estate in self._estates]
        return min(times + [at for at in parts if at is not None])

    # -- from the core

    def asked(self, question: Ask, answer_s: float, corr: str, now: float) -> list[Action]:
        if not self._questions.add(corr, question, now + answer_s):
            return [NoAnswer(corr=corr)]
        return self._ask_open(now)

    def committed(self, now: float) -> list[Action]:
        self.drain.committed(now)
        return self._send_due(now)

    def told(self, happening: Happening) -> list[Action]:
        return [Publish(lane="evt", payload=self._letters.write("evt", happening))] if self._connected else []

    # -- from the world

    def tick(self, now: float) -> list[Action]:
        actions: list[Action] = [NoAnswer(corr=corr) for corr in self._expire(now)]
        actions += self._links.tick(now)
        if self._links.silent(now):
            self._close_outboxes()
        if now >= self._probe_at or (self._links.wants_probe(now) and self._connected):
            actions.append(self._probe(now))
        if now >= self._snapshot_at:
            actions += self._ask_snapshot(now)
        if now >= self._retry_at:
            self._retry_at = math.inf
            actions += self._ask_open(now)
        return actions + self._send_due(now)

    def bus_event(self, event: BusEvent, now: float) -> list[Action]:
        match event:
            case Connected():
                return self._on_connected(now)
            case Disconnected():
                self._on_disconnected(now)
            case Delivered():
                return self._on_delivered(event, now)
        return []  # a refused publish is a mistake in the broker's rights; its question runs into the deadline

    def not_sent(self, publish: Publish, now: float) -> None:
        """The bus could not take it."""
        if publish.lane == "tx":
            self.drain.not_sent(now)
            for estate in self._estates:
                estate.not_sent(now)
        elif publish.corr in self._questions.waiting:
            self._questions.waiting[publish.corr].sent = False
            self._retry_at = now + RETRY_S

    # -- inside: saying

    def _be_born(self, now: float) -> Publish:
        """Once a connection, retained: a gateway that comes later finds it."""
        return Publish(lane="state", payload=self._birth_letter(now), retain=True)

    def _probe(self, now: float) -> Publish:
        """The birth again: whoever is there answers. It dies soon, else an absent gateway would find hundreds."""
        return Publish(lane="state", payload=self._birth_letter(now), expiry_s=PROBE_EXPIRY_S)

    def _birth_letter(self, now: float) -> bytes:
        self._birth = self._letters.new_id()
        self._links.expecting(now)
        self._probe_later(now)
        return self._letters.birth(self._outbox.last, id_=self._birth)

    def _probe_later(self, now: float) -> None:
        well = self._links.all_up and (self.drain.is_open or self._halted)
        self._probe_at = now + (self._probe_s if well else PROBE_S_TROUBLED)

    def _ask_open(self, now: float) -> list[Action]:
        """Sends what has not been sent, together with the records it depends on."""
        if not self._connected:
            return []
        actions: list[Action] = []
        for corr, waiting in self._questions.to_send(now):
            left_s = waiting.deadline - now
            if isinstance(waiting.ask, AskEffect) and waiting.ask.depends:
                self.drain.flush(now)
                actions += self._send_due(now)
            op = OP_OF[type(waiting.ask)]
            request = Request(ask=wire.encode_data(waiting.ask), answer_s=round(left_s, 3))
            payload = self._letters.write("req", request, name=op, id_=corr, corr=corr)
            actions.append(Publish(lane=f"req/{op}", payload=payload, expiry_s=math.ceil(left_s), corr=corr))
            waiting.sent = True
            self._links.expecting(now)
        return actions

    def _send_due(self, now: float) -> list[Action]:
        batches = [batch for estate in self._estates for batch in estate.due(now)]
        try:
            batches += self.drain.due(now) if not self._halted else ()
        except JournalDamaged as error:
            return [*map(self._batch, batches), *self._halt(str(error))]
        if batches:
            self._links.expecting(now)
        return [self._batch(batch) for batch in batches]

    def _batch(self, batch: Batch) -> Publish:
        return Publish(lane="tx", payload=self._letters.write("tx", batch))

    def _ask_snapshot(self, now: float) -> list[Action]:
        self._snapshot_at = now + min(SNAPSHOT_S_RETRY, self._snapshot_s)
        if not self._links.gateway_up:
            return []
        known = self._snapshots.snapshot
        question = AskSnapshot(have=known.version if known else "")
        self._questions.add(SNAPSHOT_CORR + self._letters.new_id(), question, now + SNAPSHOT_ANSWER_S)
        return self._ask_open(now)

    def _expire(self, now: float) -> list[str]:
        return [corr for corr in self._questions.expire(now) if not corr.startswith(SNAPSHOT_CORR)]

    def _halt(self, why: str) -> list[Action]:
        """Questions go on (returns are always open); the journal's rows are sent no more. Told once."""
        if self._halted:
            return []
        self._halted = True
        return [ForkSeen(why=why)]

    def _forked(self, why: str) -> list[Action]:
        """The gateway is told, too: it may have missed the birth that shows it."""
        halted = self._halt(why)
        return [*halted, *self.told(Happening(what=FORKED, detail=self._identity.epoch))] if halted else []

    # -- inside: hearing

    def _on_connected(self, now: float) -> list[Action]:
        self._connected = True
        self._snapshot_at = min(self._snapshot_at, now + SNAPSHOT_S_RETRY)
        return [*self._links.connected(), self._be_born(now), *self._ask_open(now)]

    def _on_disconnected(self, now: float) -> None:
        self._connected = False
        self._probe_at = math.inf
        self._close_outboxes()
        self._questions.connection_lost()
        self._links.disconnected(now)

    def _on_delivered(self, event: Delivered, now: float) -> list[Action]:
        try:
            lane, envelope = self._letters.open(event.topic, event.payload)
            data = wire.data_of(envelope, lane)
            answer = wire.answer_of(envelope) if lane == "rsp" else None
        except Distrusted as error:
            return self._refuse(error.reason)
        except MessageError:
            return self._refuse(Refusal.NO_MESSAGE)
        was_up = self._links.gateway_up
        actions: list[Action] = [*self._links.heard()]
        if self._links.gateway_up and not was_up:
            self._snapshot_at = now
        match data:
            case Receipt():
                actions += self._on_receipt(data, now, born=envelope.corr == self._birth)
            case Command():
                actions += self._on_command(data, now)
            case _ if answer is not None:
                actions += self._on_answer(envelope.corr, answer, event.payload, now)
        if self.drain.is_open:  # else a birth or its receipt was lost, and only another birth opens the outbox
            self._probe_later(now)
        return actions

    def _on_receipt(self, receipt: Receipt, now: float, *, born: bool) -> list[Action]:
        if receipt.epoch != self._identity.epoch:
            return self._on_older_receipt(receipt, now)
        for estate in self._estates:
            estate.gateway_spoke(now)
        actions: list[Action] = [*self._links.ils(receipt.ils_up, now)]
        if self._outbox.hash_of(receipt.through) != receipt.head:
            return actions + self._forked(f"the gateway's record {receipt.through} is not ours")
        # In quarantine nothing is receipted and `through` says nothing; records go on as far as the window reaches.
        through = self.drain.watermark if receipt.quarantined else receipt.through
        self.drain.receipted(through, now, born=born)
        actions.append(
            Receipted(
                through=receipt.through,
                head=receipt.head,
                wall_ms=receipt.wall_ms,
                exceptions=receipt.exceptions,
                quarantined=receipt.quarantined,
                booked=receipt.booked,
            )
        )
        return actions + self._send_due(now)

    def _on_older_receipt(self, receipt: Receipt, now: float) -> list[Action]:
        older = [estate for estate in self._estates if estate.epoch == receipt.epoch]
        for estate in older:
            estate.receipted(receipt, now)
        return self._send_due(now) if older else self._refuse(Refusal.OTHER_EPOCH)

    def _on_answer(self, corr: str, answer: Answer, payload: bytes, now: float) -> list[Action]:
        late = self._questions.answered(corr, answer)
        if late is None:
            return self._refuse(Refusal.NO_QUESTION)
        actions: list[Action] = []
        if isinstance(answer, Unavailable):
            actions += self._links.ils(False, now)
        if isinstance(answer, Snapshot) and self._snapshots.put(payload):
            self._snapshot_at = now + self._snapshot_s
            actions.append(SnapshotArrived(version=answer.version))
        if not corr.startswith(SNAPSHOT_CORR):
            actions.append(Answered(corr=corr, answer=answer, late=late))
        return actions

    def _on_command(self, command: Command, now: float) -> list[Action]:
        gateway_ms = self._gateway_ms()
        refusal = self._nonces.check(command, now, gateway_ms or int(self._clock.wall() * 1000))
        if refusal is not None:
            return self._refuse(refusal)
        if command.op == CHALLENGE:
            return self.told(Happening(what=NONCE, part=command.part, detail=self._nonces.new(now)))
        return [Commanded(command=command)]

    def _close_outboxes(self) -> None:
        """Until the gateway speaks again."""
        self.drain.close()
        for estate in self._estates:
            estate.disconnected()

    def _refuse(self, reason: Refusal) -> list[Action]:
        self.refused[reason] += 1
        return []
