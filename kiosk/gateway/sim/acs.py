"""The demo ILS as its terminals see it: bytes in, bytes out, one session per connection. No wire, no clock of its own.

A turn is split in two, so that time can pass between what came and what is done about it: `Session.receive` cuts frames
and says how long to wait, `Session.act` does it and says what to send.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from kiosk.gateway.sim.circulation import Circulation
from kiosk.gateway.sim.desk import Desk
from kiosk.gateway.sim.dialect import Dialect
from kiosk.gateway.sim.faults import Fault, FaultKind, Faults
from kiosk.gateway.sim.writer import Answer
from kiosk.gateway.sip2.codec import Message, decode
from kiosk.gateway.sip2.frame import BadMessage, Checksum, Flaw, Framer, seal
from kiosk.gateway.sip2.profile import Profile

SPLIT_PIECES_MAX = 64
GARBAGE = b"\x00\xff12NN\x81|AB\r\n\r"
_RESEND = seal(b"96", None)
_BEFORE_ACT = (FaultKind.MUTE, FaultKind.CLOSE_BEFORE_ACT, FaultKind.ASK_AGAIN)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message that came. Wait `wait_s`, then `act` on it, whatever has become of the connection."""

    message: Message | BadMessage
    fault: FaultKind | None
    seconds: float
    wait_s: float


@dataclass(frozen=True, slots=True)
class Reaction:
    """What to send: pieces with the seconds to wait before each; then hang up, perhaps."""

    pieces: tuple[tuple[float, bytes], ...] = ()
    hang_up: bool = False


class Acs:
    """One ILS with its counters and its faults. `latency_s` passes before every message is acted on."""

    def __init__(self, circulation: Circulation, dialect: Dialect, users: dict[str, str] | None = None) -> None:
        self.circulation = circulation
        self.dialect = dialect
        self.users = users
        self.faults = Faults()
        self.latency_s = 0.0
        self.received: Counter[str] = Counter()
        self.profile = Profile(name=dialect.name, encoding=dialect.encoding)

    def session(self) -> Session:
        """A new connection."""
        return Session(self)


class Session:
    """One terminal's connection."""

    def __init__(self, acs: Acs) -> None:
        self._acs = acs
        self._framer = Framer()
        self._logged_in = False
        self._last = _RESEND
        self._desk = Desk(acs.circulation, acs.dialect)

    def receive(self, data: bytes) -> list[Turn]:
        """Cuts what arrived into messages and draws their faults."""
        turns = []
        for frame in self._framer.feed(data):
            message = frame if isinstance(frame, BadMessage) else decode(frame, self._acs.profile)
            command = "" if isinstance(message, BadMessage) else message.command
            self._acs.received[command] += 1
            fault = self._acs.faults.take(command) if command else None
            wait_s = self._acs.latency_s
            if fault is not None and fault.kind is FaultKind.LATE_ACT:
                wait_s += fault.seconds
            turns.append(_turn(message, fault, wait_s))
        return turns

    def act(self, turn: Turn) -> Reaction:
        """Does what the message asks, unless its fault says otherwise."""
        message = turn.message
        if isinstance(message, BadMessage):
            return Reaction(hang_up=message.flaw is not Flaw.NO_COMMAND)
        if message.checksum is Checksum.BAD or turn.fault is FaultKind.ASK_AGAIN:
            return Reaction(((0.0, _RESEND + self._acs.dialect.terminator),))
        if turn.fault in _BEFORE_ACT:
            return Reaction(hang_up=turn.fault is FaultKind.CLOSE_BEFORE_ACT)
        if message.command == "97":
            return Reaction(((0.0, self._last + self._acs.dialect.terminator),))
        if message.command == "93":
            return self._login(message, turn)
        if not self._logged_in:
            return Reaction(hang_up=not self._acs.dialect.mute_before_login)
        answer = self._desk.answer(message, turn.fault)
        return Reaction(hang_up=True) if answer is None else self._react(answer, message, turn)

    def answer(self, data: bytes) -> bytes:
        """Everything at once, for measuring: what would be sent, delays left out."""
        out = b""
        for turn in self.receive(data):
            out += b"".join(piece for _, piece in self.act(turn).pieces)
        return out

    def _login(self, message: Message, turn: Turn) -> Reaction:
        users = self._acs.users
        self._logged_in = users is None or users.get(message.one("CN") or "") == message.one("CO")
        return self._react((f"94{int(self._logged_in)}", []), message, turn)

    def _react(self, answer: Answer, message: Message, turn: Turn) -> Reaction:
        kind = turn.fault
        if kind is FaultKind.MUTE_AFTER_ACT:
            return Reaction()
        if kind is FaultKind.CLOSE_AFTER_ACT:
            return Reaction(hang_up=True)
        if kind is FaultKind.GARBAGE:
            return Reaction(((0.0, GARBAGE),))
        if kind is FaultKind.REFUSE_AFTER_ACT:
            answer = _refused(answer)
        frame = self._frame(answer, message.sequence)
        self._last = frame
        end = self._acs.dialect.terminator
        if kind is FaultKind.BAD_CHECKSUM:
            frame = frame[:-1] + (b"0" if frame[-1:] != b"0" else b"1")
        elif kind is FaultKind.WRONG_SEQUENCE:
            frame = self._frame(answer, _other(message.sequence))
        elif kind is FaultKind.STRAY_FIRST:
            frame = self._frame(answer, _other(message.sequence)) + end + frame
        elif kind is FaultKind.NO_CR:
            end = b""
        data = frame + end
        if kind is FaultKind.SPLIT:
            return Reaction(_split(data, turn.seconds))
        return Reaction(((turn.seconds if kind is FaultKind.LATE_ANSWER else 0.0, data),))

    def _frame(self, answer: Answer, sequence: int | None) -> bytes:
        dialect = self._acs.dialect
        head, fields = answer
        text = head + "".join(f"{name}{_escaped(value)}|" for name, value in fields)
        body = text.encode(dialect.encoding, errors="replace")
        if dialect.trailer == "four":
            return seal(body, 4)
        if sequence is None:
            return body
        if dialect.trailer == "fake":
            return body + b"AY%dAZ0000" % sequence
        return seal(body, sequence)


def _turn(message: Message | BadMessage, fault: Fault | None, wait_s: float) -> Turn:
    if fault is None:
        return Turn(message, None, 0.0, wait_s)
    return Turn(message, fault.kind, fault.seconds, wait_s)


def _refused(answer: Answer) -> Answer:
    """The same answer with its first digit or letter turned into a no."""
    head, fields = answer
    return head[:2] + {"1": "0", "Y": "N"}.get(head[2], head[2]) + head[3:], fields


def _other(sequence: int | None) -> int:
    return 0 if sequence is None else (sequence + 7) % 10


def _escaped(value: str) -> str:
    """Koha's way with a delimiter or a line end inside a value."""
    return value.replace("|", "&#124;").replace("\r", " ").replace("\n", " ")


def _split(data: bytes, seconds: float) -> tuple[tuple[float, bytes], ...]:
    size = max(1, -(-len(data) // SPLIT_PIECES_MAX))
    pieces = [data[i : i + size] for i in range(0, len(data), size)]
    return tuple((seconds / len(pieces), piece) for piece in pieces)
