"""One request, one answer with a FEIG reader: gaps, deadlines, and no stale answer ever taken for a fresh one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from drivers.clock import Clock
from drivers.errors import BadFrame, NoReply
from drivers.link import Link
from drivers.rfid.feig.commands import Answer, Detect, Request, Version, parse_answer, request_frame
from drivers.rfid.feig.protocol import Frame, Framer, encode_frame


@dataclass(frozen=True, slots=True, kw_only=True)
class FeigOptions:
    """What a site may have to change; the defaults suit a reader as it leaves the factory.

    `reply_s` must exceed the reader's TR-RESPONSE-TIME (1 s) and the time on the wire. `gap_s` is PSST, the pause a
    reader needs after its answer. `silence_s` of quiet inside a frame ends it (12 ms by the manual; USB bridges add
    16 ms). `advanced` asks for advanced frames, for readers that know no others. `rf_reset` is False only where the
    reader's ONT bit is off, so that it wakes the tags itself before every inventory. `prove_s` is the time that must be
    left to write and read back: no write is started without it.
    """

    reply_s: float = 1.3
    gap_s: float = 0.005
    silence_s: float = 0.05
    tries: int = 3
    advanced: bool = False
    rf_reset: bool = True
    read_bytes_max: int = 128
    prove_s: float = 0.3


class Exchange:
    """Owns the link. Raises LinkLost, NoReply and BadFrame; tries nothing twice.

    Answers carry no number and those of all tag commands the same control byte, so an answer that comes after its
    deadline could be taken for the answer to the next question - a read-back before the write it should prove. After
    any doubt, and on a new wire, a marker command goes first: readers answer in order, so its answer says that nothing
    older is on its way. Two markers alternate, so that a marker's own late answer is not taken for the next marker's.
    """

    def __init__(self, link: Link, clock: Clock, options: FeigOptions, device: str) -> None:
        self._link = link
        self._clock = clock
        self._options = options
        self._device = device
        self._framer = Framer()
        self._markers: Iterator[Request] = itertools.cycle((Detect(), Version()))
        self._in_doubt = True
        self._ready_at = clock.now()

    def ready(self, by: float) -> None:
        """Makes sure that the next request can go out now and can only meet its own answer."""
        self._clock.wait_until(min(self._ready_at, by))
        if self._in_doubt:
            self._flush_late_answers(by)
            self._clock.wait_until(min(self._ready_at, by))
        if self._clock.now() >= by:
            raise NoReply(self._device, "late", "no time was left to ask")

    def ask(self, request: Request, by: float) -> Answer:
        """Sends a request and waits for its answer; `ready` must have returned. What raises may have been executed."""
        frame = request_frame(request, advanced=self._options.advanced)
        sent = encode_frame(frame)
        self._in_doubt = True
        self._link.write(sent)
        answer = parse_answer(self._receive(frame.command, sent, min(by, self._clock.now() + self._options.reply_s)))
        if answer is None:
            raise BadFrame(self._device, "empty", "an answer without status", sent=sent)
        self._in_doubt = False
        self._ready_at = self._clock.now() + self._options.gap_s
        return answer

    def misread(self, request: Request, answer: Answer) -> BadFrame:
        """The error for an answer that is well framed but cannot belong to `request`: perhaps it is not its answer."""
        self._in_doubt = True
        sent = encode_frame(request_frame(request, advanced=self._options.advanced))
        return BadFrame(self._device, "content", "an answer of another form", sent=sent, received=answer.data)

    def close(self) -> None:
        self._link.close()

    def _flush_late_answers(self, by: float) -> None:
        marker = next(self._markers)
        self._framer.flush()
        self.ask(marker, by)

    def _receive(self, command: int, sent: bytes, by: float) -> Frame:
        """The next frame with this control byte; frames with another are late answers and dropped."""
        noise = b""
        while True:
            wait_by = min(by, self._clock.now() + self._options.silence_s) if self._framer.pending else by
            chunk = self._link.read(wait_by)
            for item in self._framer.feed(chunk) if chunk else self._framer.flush():
                if not isinstance(item, Frame):
                    noise = item.data
                elif item.command == command:
                    return item
            if not chunk and noise:
                raise BadFrame(self._device, "noise", "bytes that are no frame", sent=sent, received=noise)
            if not chunk and self._clock.now() >= by:
                raise NoReply(self._device, "mute", "no answer in time", sent=sent)
