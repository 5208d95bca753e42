"""The core's end of the screen: the newest Screen out, touches in, one ui process at a time.

A ui that comes late gets the screen of now; one that hangs holds up nobody, because only the newest screen waits.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, Final

from drivers.clock import Hub, Mailbox, MailboxFull
from drivers.errors import LinkLost
from drivers.link import Link
from kiosk.flow.events import UiChanged
from kiosk.screen import Screen, Touch
from kiosk.screen.wire import Framer, WireError, decode_touch, encode_screen

LOOK_S: Final = 3600.0
NUDGES_MAX: Final = 8


class ScreenPort:
    """`show` is called by the core; `serve` once for each ui, in a task of its own. The link may be read by one task
    while another writes (drivers.unix_link, drivers.link.pipe)."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._newest: Screen | None = None
        self._nudge: Mailbox[str] | None = None
        self._post: Callable[[Any], None] = _nobody
        self._touch: Callable[[Touch], None] = _nobody

    def join(self, post: Callable[[Any], None], touch: Callable[[Touch], None]) -> None:
        """Where events and touches go; until a ui comes the core is told that there is none."""
        self._post, self._touch = post, touch
        post(UiChanged(present=False))

    def show(self, screen: Screen) -> None:
        self._newest = screen
        self._wake("screen")

    def serve(self, link: Link) -> None:
        """Talks to one ui until its wire is gone. A second ui takes over from the first."""
        self._wake("gone")
        nudge: Mailbox[str] = self._hub.mailbox(NUDGES_MAX)
        self._nudge = nudge
        self._post(UiChanged(present=True))
        self._hub.spawn("ui touches", lambda: self._hear(link, nudge))
        sent: Screen | None = None
        try:
            while True:
                newest = self._newest
                if newest is not None and newest is not sent:
                    link.write(encode_screen(newest))
                    sent = newest
                elif nudge.get(self._hub.now() + LOOK_S) == "gone":
                    return
        except LinkLost:
            return
        finally:
            link.close()
            if self._nudge is nudge:
                self._nudge = None
                self._post(UiChanged(present=False))

    def _hear(self, link: Link, nudge: Mailbox[str]) -> None:
        framer = Framer()
        try:
            while True:
                for body in framer.feed(link.read(self._hub.now() + LOOK_S)):
                    self._touch(decode_touch(body))
        except (LinkLost, WireError):  # a ui that speaks nonsense is as good as gone
            with contextlib.suppress(MailboxFull):
                nudge.put("gone")

    def _wake(self, word: str) -> None:
        if self._nudge is not None:
            with contextlib.suppress(MailboxFull):  # the ui hangs: when it looks again it gets the newest
                self._nudge.put(word)


def _nobody(_: Any) -> None:
    """Before `join`."""
