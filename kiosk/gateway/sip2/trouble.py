"""When the ILS did not answer as it should. Three kinds, because what may be done next differs.

`NotSent`: nothing that changes anything has left this machine; try again whenever you like.
`NoAnswer`: a question that changes nothing got no valid answer; try again.
`Doubt`: a message that may have been acted on got no valid answer. Never send it again unread: look first (17, 63).
"""

from __future__ import annotations

import enum
from typing import ClassVar


class Cause(enum.StrEnum):
    """What went wrong, for health and for the technician."""

    UNREACHABLE = "unreachable"  # no connection
    LOGIN_REFUSED = "login_refused"
    LOGIN_MUTE = "login_mute"  # connected, but login or status got no answer
    ILS_OFFLINE = "ils_offline"  # 98 says so
    BUSY = "busy"  # all connections are in use until after the deadline
    WAITING = "waiting"  # too early for another attempt at connecting
    CLOSED = "closed"  # the connection had gone before anything was written
    OUT_OF_STEP = "out_of_step"  # bytes nobody had asked for were waiting
    TOO_LATE = "too_late"  # the deadline had passed before anything was written
    UNSENDABLE = "unsendable"  # a value has no form in this protocol or encoding
    NO_REPLY = "no_reply"  # the deadline passed
    LINK_LOST = "link_lost"  # the connection went while writing or waiting
    BAD_REPLY = "bad_reply"  # wrong checksum, unreadable, or an answer to another question
    ASKED_AGAIN = "asked_again"  # 96: the ILS could not read us


class IlsTrouble(Exception):
    """Base of the three. Carries the command and the cause, never reader data."""

    safe_to_repeat: ClassVar[bool]

    def __init__(self, command: str, cause: Cause, detail: str = "") -> None:
        super().__init__(f"message {command}: {cause.value}" + (f" ({detail})" if detail else ""))
        self.command = command
        self.cause = cause
        self.detail = detail


class NotSent(IlsTrouble):
    """Nothing that changes anything has left this machine."""

    safe_to_repeat = True


class NoAnswer(IlsTrouble):
    """A question that changes nothing got no valid answer."""

    safe_to_repeat = True


class Doubt(IlsTrouble):
    """The ILS may have acted, or may still act. The connection is closed; read the state back before anything else."""

    safe_to_repeat = False
