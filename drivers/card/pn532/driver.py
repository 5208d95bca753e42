"""A PN532 card reader on a serial line, driven by our own protocol."""

from __future__ import annotations

from dataclasses import dataclass, field

from drivers.card.contract import CardSeen, KeyKind, ReaderIdentity
from drivers.card.pn532 import protocol
from drivers.card.pn532.protocol import Ack, Broken, Command, Frame, Framer, Information, Status, SyntaxRefused
from drivers.clock import Clock
from drivers.errors import BadFrame, DeviceFault, LinkLost, NoReply, Refused
from drivers.link import Link

BAUD = 115200  # 8N1 (UM0701-02, 6.3.2.1)
# The chip acknowledges within 15 ms (6.2.2); the rest is for the latency timer of an USB adapter.
ACK_S_MAX = 0.1
# After a broken frame the right one is waited for this long: the chip answers once.
GRACE_S = 0.05
QUIET_S = 0.02  # silence that proves a late answer is not still on its way
QUIET_READS_MAX = 64


@dataclass(slots=True)
class _Wait:
    """What an exchange has seen so far."""

    acknowledged: bool = False
    broken: list[str] = field(default_factory=list)


class Pn532Reader:
    """See `drivers.card.contract.CardReader`. Exceptions carry no bytes: commands and answers hold uids and keys."""

    def __init__(self, link: Link, clock: Clock, name: str = "card-reader") -> None:
        self._link = link
        self._clock = clock
        self._name = name
        self._framer = Framer()
        self._ready = False  # awake, configured, and no answer outstanding

    def identify(self, by: float) -> ReaderIdentity:
        answer = self._ask(protocol.GET_FIRMWARE, by)
        if len(answer) != 4 or answer[0] != protocol.IC_PN532:
            raise DeviceFault(self._name, "not-pn532", "another chip answers")
        return ReaderIdentity(model="PN532", firmware=f"{answer[1]}.{answer[2]}")

    def poll(self, by: float) -> tuple[CardSeen, ...]:
        answer = self._ask(protocol.LIST_TWO_TYPE_A, by)
        # Off again: the next look finds every card anew, also one that was halted or activated by this one.
        self._ask(protocol.FIELD_OFF, by)
        return self._targets(answer)

    def read_block(self, card: CardSeen, block: int, key: bytes, kind: KeyKind, by: float) -> bytes:
        try:
            if not self._targets(self._ask(protocol.list_one(card.uid), by)):
                raise Refused(self._name, "card-gone", "the card has left the field")
            self._exchange(protocol.authenticate(1, kind, block, key, card.uid), "auth", by)
            data = self._exchange(protocol.read_block(1, block), "read", by)
        finally:
            if self._ready:
                self._ask(protocol.FIELD_OFF, by)
        if len(data) != 16:
            raise BadFrame(self._name, "block", f"a block of {len(data)} bytes")
        return data

    def close(self) -> None:
        self._link.close()

    def _targets(self, answer: bytes) -> tuple[CardSeen, ...]:
        try:
            return protocol.targets(answer)
        except ValueError as error:
            raise BadFrame(self._name, "targets", str(error)) from error

    def _exchange(self, command: bytes, refusal: str, by: float) -> bytes:
        """InDataExchange with the card. Raises Refused when the card is gone or says no."""
        answer = self._ask(command, by)
        if not answer:
            raise BadFrame(self._name, "status", "an exchange without status")
        status = answer[0] & 0x3F
        if status == Status.TIMEOUT:
            raise Refused(self._name, "card-gone", "the card does not answer")
        if status != Status.OK:
            raise Refused(self._name, refusal, f"the card refuses, status {status:02X}")
        return answer[1:]

    def _ask(self, command: bytes, by: float) -> bytes:
        """One command and its answer, without the answer code. Wakes the chip first where its state is not known."""
        if not self._ready:
            self._wake(by)
        return self._ask_awake(command, by)

    def _wake(self, by: float) -> None:
        # The ACK ends a command the chip may still be at (6.2.1.3). Its last words must not pass for the next answer.
        self._write(protocol.WAKE + protocol.ACK)
        self._drain(by)
        self._framer = Framer()
        for command in (protocol.SAM_NORMAL, protocol.AUTOMATIC_RATS, protocol.FEW_RETRIES):
            self._ask_awake(command, by)

    def _drain(self, by: float) -> None:
        for _ in range(QUIET_READS_MAX):
            if not self._read(min(by, self._clock.now() + QUIET_S)):
                return

    def _ask_awake(self, command: bytes, by: float) -> bytes:
        self._ready = False
        self._write(protocol.encode(command))
        answer = self._await(command[0], by)
        self._ready = True
        return answer

    def _await(self, code: int, by: float) -> bytes:
        wait = _Wait()
        until = min(by, self._clock.now() + ACK_S_MAX)
        while True:
            data = self._read(until)
            for frame in self._framer.feed(data):
                answer = self._consider(frame, code, wait)
                if answer is not None:
                    return answer
                if wait.acknowledged:
                    until = min(by, self._clock.now() + GRACE_S) if wait.broken else by
            # What had arrived by the deadline counts, however late this process came to read it.
            if not data or self._clock.now() > until:
                break
        if wait.broken:
            raise BadFrame(self._name, wait.broken[0], "the answer came broken")
        raise NoReply(self._name, "answer" if wait.acknowledged else "ack", f"no answer to {Command(code).name}")

    def _consider(self, frame: Frame, code: int, wait: _Wait) -> bytes | None:
        """The answer if this frame is it. What belongs to an earlier command is passed over."""
        match frame:
            case Ack():
                wait.acknowledged = True
            case Broken(part) if wait.acknowledged:
                wait.broken.append(part)
            case Information(protocol.CHIP_TO_HOST, data) if data[:1] == bytes([code + 1]) and wait.acknowledged:
                return data[1:]
            case SyntaxRefused() if wait.acknowledged:
                raise DeviceFault(self._name, "syntax", f"the chip does not know {Command(code).name}")
            case _:
                pass
        return None

    def _write(self, data: bytes) -> None:
        try:
            self._link.write(data)
        except LinkLost as lost:
            # Not chained: the wire's exception holds the command, and with it a uid or a key.
            raise LinkLost(self._name, lost.code, lost.message) from None

    def _read(self, by: float) -> bytes:
        return self._link.read(by)
