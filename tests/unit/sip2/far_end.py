"""The far end of a SIP2 wire, played from a script: what a server might send, down to the last odd byte."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from drivers.clock import VirtualHub
from drivers.errors import LinkLost
from drivers.link import Link, pipe
from kiosk.gateway.sip2.frame import seal

Result = TypeVar("Result")

STATUS = "98YYYYYY10000520261122    0800002.00AOJS01|BXYYYYYYYYYYYYYYYY|"
HANG_UP = None
Script = Callable[[str], list[bytes | float | None]]
"""Given a request's text: bytes to send, seconds to wait, None to hang up."""


class FarEnd:
    """Answers login and status by itself and everything else by the script. `seen` are the requests, in order."""

    def __init__(
        self, hub: VirtualHub, script: Script, *, login: str = "941", mute_login: bool = False, status: str = STATUS
    ) -> None:
        self.seen: list[str] = []
        self.connections = 0
        self.reachable = True
        self._hub = hub
        self._script = script
        self._login = login
        self._status = status
        self._mute_login = mute_login

    def open(self) -> Link:
        if not self.reachable:
            raise LinkLost("ils", "connect", "nobody there")
        near, far = pipe(self._hub, "ils")
        self.connections += 1
        self._hub.spawn("far end", partial(self._serve, far))
        return near

    def _serve(self, link: Link) -> None:
        try:
            while data := link.read(self._hub.now() + 3600):
                for frame in data.split(b"\r"):
                    if frame and not self._answer(link, frame.decode()):
                        return
        except LinkLost:
            return
        finally:
            link.close()

    def _answer(self, link: Link, text: str) -> bool:
        self.seen.append(text)
        for part in self._parts(text):
            if part is HANG_UP:
                return False
            if isinstance(part, float):
                self._hub.wait_until(self._hub.now() + part)
            else:
                link.write(part)
        return True

    def _parts(self, text: str) -> list[bytes | float | None]:
        if text.startswith("93"):
            return [] if self._mute_login else [reply(self._login, text)]
        if text.startswith("99"):
            return [reply(self._status, text)]
        return self._script(text)


def digit(request: str) -> int | None:
    """The sequence digit of a request."""
    at = request.rfind("AY")
    return int(request[at + 2]) if at > 0 else None


def reply(text: str, request: str, *, shift: int = 0) -> bytes:
    """A whole frame for `text` that answers `request`; `shift` moves the digit."""
    sequence = digit(request)
    if sequence is None:
        return text.encode() + b"\r"
    return seal(text.encode(), (sequence + shift) % 10) + b"\r"


def play(hub: VirtualHub, story: Callable[[], Result], until: float = 3600.0) -> Result:
    """Runs a story as a task of the hub and returns its result."""
    results: list[Result] = []
    hub.spawn("story", lambda: results.append(story()))
    hub.run(until)
    assert results, "the story did not end"
    return results[0]
