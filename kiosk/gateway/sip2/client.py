"""One connection to the ILS: connect, log in, one question at a time. Whatever looks odd ends the connection.

Rules, and why: a connection is never used again after a time-out or a bad reply, since a late answer would be taken
for the next one's. 97 is never sent (Koha rebuilds the reply with damaged text, invenio-sip2 without its CR): state is
read back instead. 96 is answered by the same bytes only for messages that change nothing, since Koha and invenio-sip2
execute a repeated message twice.
"""

from __future__ import annotations

from typing import TypeVar

from drivers.clock import Clock
from drivers.errors import LinkLost
from drivers.link import Link, Opener
from kiosk.gateway.sip2.codec import Message, Unsendable, decode, encode
from kiosk.gateway.sip2.frame import BadMessage, Checksum, Framer
from kiosk.gateway.sip2.profile import Profile, ReplyChecksum
from kiosk.gateway.sip2.replies import IlsStatus
from kiosk.gateway.sip2.requests import Login, Request, TerminalStatus
from kiosk.gateway.sip2.trouble import Cause, Doubt, IlsTrouble, NoAnswer, NotSent

Reply = TypeVar("Reply")

STRAY_REPLIES_MAX = 8
"""Replies with another sequence digit that are dropped while waiting; a server that sends more is out of its mind."""


class Client:
    """Blocking, one owner. `ask` connects when needed; after any trouble the next `ask` connects afresh."""

    def __init__(self, opener: Opener, profile: Profile, clock: Clock) -> None:
        self.profile = profile
        self._opener = opener
        self._clock = clock
        self._link: Link | None = None
        self._framer = Framer()
        self._frames: list[bytes | BadMessage] = []
        self._sequence = 9
        self.status: IlsStatus | None = None
        self.used_at = clock.now()

    @property
    def connected(self) -> bool:
        """A connection is open and logged in, as far as anyone can know without asking."""
        return self._link is not None

    def connect(self, by: float) -> IlsStatus:
        """Opens the wire, logs in and asks for the status. Raises NotSent with the cause."""
        self.close()
        try:
            self._link = self._opener()
        except LinkLost as lost:
            raise NotSent("93", Cause.UNREACHABLE, lost.code) from lost
        self._framer, self._frames, self._sequence = Framer(), [], 9
        try:
            if self.profile.login and not self._exchange(Login(), by).ok:
                raise NotSent("93", Cause.LOGIN_REFUSED)
            status = self._exchange(TerminalStatus(), by)
        except NoAnswer as mute:
            # Koha answers a 99 before login with silence: whatever stays mute here is not logged in.
            raise NotSent(mute.command, Cause.LOGIN_MUTE, mute.cause.value) from mute
        except NotSent:
            self.close()
            raise
        if not status.online:
            self.close()
            raise NotSent("99", Cause.ILS_OFFLINE)
        self.status = status
        return status

    def ask(self, request: Request[Reply], by: float) -> Reply:
        """Sends one request and waits for its answer until the monotonic time `by`.

        A connection that proves dead or out of step before anything is written is replaced once. Raises NotSent,
        NoAnswer (requests that change nothing) or Doubt (requests that do).
        """
        if self.connected:
            try:
                return self._exchange(request, by)
            except NotSent as stale:
                if stale.cause not in (Cause.CLOSED, Cause.OUT_OF_STEP):
                    raise
        self.connect(by)
        return self._exchange(request, by)

    def close(self) -> None:
        """Hangs up; harmless when repeated."""
        if self._link is not None:
            self._link.close()
        self._link = None
        self.status = None

    def _exchange(self, request: Request[Reply], by: float) -> Reply:
        self._expect_silence(request, by)
        sequence = (self._sequence + 1) % 10
        fixed, fields = request.wire(self.profile, self._clock.wall())
        try:
            data = encode(request.command, fixed, fields, self.profile, sequence)
        except Unsendable as error:
            raise NotSent(request.command, Cause.UNSENDABLE, str(error)) from None
        self._sequence = sequence
        self._write(request, data)
        resends = 0
        for _ in range(STRAY_REPLIES_MAX):
            message = self._next_message(request, by)
            if message.command == "96":
                if request.changes or resends >= self.profile.resends_max:
                    raise self._failed(request, Cause.ASKED_AGAIN)
                resends += 1
                self._write(request, data)
            elif message.sequence in (None, sequence) or not self._sequence_counts:
                return self._accepted(request, message, dict(fields).get("AB"))
        raise self._failed(request, Cause.BAD_REPLY, "replies to other requests only")

    @property
    def _sequence_counts(self) -> bool:
        return self.profile.error_detection and self.profile.sequence_echoed

    def _expect_silence(self, request: Request[Reply], by: float) -> None:
        """Proves, before anything is written, that the connection is alive and in step and that there is time left."""
        if self._clock.now() >= by:
            raise NotSent(request.command, Cause.TOO_LATE)
        link = self._link
        assert link is not None
        try:
            early = link.read(self._clock.now())
        except LinkLost as lost:
            self.close()
            raise NotSent(request.command, Cause.CLOSED) from lost
        self._frames += self._framer.feed(early)
        if self._frames or self._framer.residue:
            self.close()
            raise NotSent(request.command, Cause.OUT_OF_STEP)

    def _write(self, request: Request[Reply], data: bytes) -> None:
        assert self._link is not None
        try:
            self._link.write(data)
        except LinkLost as lost:
            # Part of the bytes, or all of them, may have gone before the wire broke.
            raise self._failed(request, Cause.LINK_LOST, lost.code) from lost

    def _next_message(self, request: Request[Reply], by: float) -> Message:
        assert self._link is not None
        while not self._frames:
            try:
                data = self._link.read(by)
            except LinkLost as lost:
                raise self._failed(request, Cause.LINK_LOST, lost.code) from lost
            if not data:
                raise self._failed(request, Cause.NO_REPLY)
            self._frames += self._framer.feed(data)
        frame = self._frames.pop(0)
        message = frame if isinstance(frame, BadMessage) else decode(frame, self.profile)
        if isinstance(message, BadMessage):
            raise self._failed(request, Cause.BAD_REPLY, f"{message.flaw.value} {message.where}".strip())
        if message.checksum is Checksum.BAD:
            raise self._failed(request, Cause.BAD_REPLY, "checksum")
        if message.checksum is Checksum.ABSENT and self.profile.reply_checksum is ReplyChecksum.REQUIRE:
            raise self._failed(request, Cause.BAD_REPLY, "no checksum")
        return message

    def _accepted(self, request: Request[Reply], message: Message, item: str | None) -> Reply:
        if message.command != request.answer:
            raise self._failed(request, Cause.BAD_REPLY, f"answered by {message.command}")
        reply = request.read(message, self.profile)
        if isinstance(reply, BadMessage):
            raise self._failed(request, Cause.BAD_REPLY, f"{reply.flaw.value} {reply.where}")
        if item is not None and not self._same_item(item, message.one("AB")):
            raise self._failed(request, Cause.BAD_REPLY, "answered for another item")
        self.used_at = self._clock.now()
        return reply

    def _same_item(self, asked: str, told: str | None) -> bool:
        """Another number in the reply is the answer to another question: the only proof where no digits are sent."""
        return not self.profile.check_item_echo or not told or told.casefold() == asked.strip(" ").casefold()

    def _failed(self, request: Request[Reply], cause: Cause, detail: str = "") -> IlsTrouble:
        self.close()
        kind = Doubt if request.changes else NoAnswer
        return kind(request.command, cause, detail)
