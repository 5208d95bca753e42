"""One SIP2 message between its bytes and its named parts, by the rules of a profile. Pure.

The frame is decoded to characters before it is split: the second byte of a GBK character may be 0x7C, the delimiter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kiosk.gateway.sip2.frame import BadMessage, Checksum, Flaw, seal, split_trailer
from kiosk.gateway.sip2.layout import LAYOUTS, Layout
from kiosk.gateway.sip2.profile import Profile, ReplyChecksum

_ESCAPED_DELIMITER = "&#124;"  # how Koha writes a | inside a value; SIP2 itself has no escape
_UNSENDABLE = re.compile(r"[|\x00-\x1f\x7f\x85\u2028\u2029]")
_STATUS_HEAD = re.compile(r"([^0-9]{0,14})([0-9]{3}[0-9]{8}[ A-Z0]{4}[0-9]{6})")
_STATUS_WIDTH = 14

IDENTIFIERS = frozenset({"AA", "AB", "AD", "AC", "AO", "CN", "CO", "BV", "CG"})
"""Fields whose meaning changes with any character taken away: D1|2 without its delimiter is another book's number."""

Fields = tuple[tuple[str, str], ...]


class Unsendable(ValueError):
    """A value cannot be written in SIP2 or in the profile's encoding without changing what it names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A decoded message. `repr` shows the command only, since the rest may be reader data."""

    command: str
    fixed: Mapping[str, str] = field(repr=False)
    fields: Fields = field(repr=False)
    sequence: int | None
    checksum: Checksum

    def one(self, name: str) -> str | None:
        """The first value of a variable field, or None when it was not sent."""
        for key, value in self.fields:
            if key == name:
                return value
        return None

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a repeatable field that is not empty, in order."""
        return tuple(value for key, value in self.fields if key == name and value)


def encode(
    command: str, fixed: Sequence[str], fields: Sequence[tuple[str, str]], profile: Profile, sequence: int | None
) -> bytes:
    """A whole message with terminator. `fixed` in the order of the layout; raises Unsendable.

    `sequence` None leaves the trailer out, except for 96 and 97, which never carry a digit.
    """
    layout = LAYOUTS[command]
    assert len(fixed) == len(layout.fixed), command
    for value, (name, width) in zip(fixed, layout.fixed, strict=True):
        assert len(value) == width, (command, name)
    text = command + "".join(fixed) + "".join(f"{name}{_clean(name, value)}|" for name, value in fields)
    body = _to_bytes(text, fields, profile)
    if profile.error_detection and (sequence is not None or command in ("96", "97")):
        body = seal(body, None if command in ("96", "97") else sequence)
    return body + profile.terminator


def decode(frame: bytes, profile: Profile) -> Message | BadMessage:
    """One frame without terminator. Whatever the bytes are, the answer is a value."""
    trailed = split_trailer(frame)
    text = trailed.body.decode(profile.encoding, errors="replace")
    layout = LAYOUTS.get(text[:2])
    if layout is None:
        return BadMessage(flaw=Flaw.NO_COMMAND)
    split = _split_fixed(layout, text[2:])
    if split is None:
        return BadMessage(flaw=Flaw.TOO_SHORT, where=layout.command)
    fixed, rest = split
    state = trailed.checksum
    if profile.reply_checksum is ReplyChecksum.IGNORE and state is Checksum.BAD:
        state = Checksum.ABSENT
    return Message(
        command=layout.command,
        fixed=fixed,
        fields=_split_fields(rest),
        sequence=trailed.sequence,
        checksum=state,
    )


def _clean(name: str, value: str) -> str:
    if name in IDENTIFIERS:
        if _UNSENDABLE.search(value):
            raise Unsendable(f"field {name} holds a delimiter or control character")
        return value
    return _UNSENDABLE.sub("", value)


def _to_bytes(text: str, fields: Sequence[tuple[str, str]], profile: Profile) -> bytes:
    try:
        return text.encode(profile.encoding)
    except UnicodeEncodeError:
        for name, value in fields:
            if name in IDENTIFIERS and not _fits(value, profile.encoding):
                raise Unsendable(f"field {name} has no form in {profile.encoding}") from None
        return text.encode(profile.encoding, errors="replace")


def _fits(value: str, encoding: str) -> bool:
    try:
        value.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _split_fixed(layout: Layout, text: str) -> tuple[dict[str, str], str] | None:
    """The fixed part by name, and the rest; None when the message is too short."""
    order = layout.fixed
    if layout.fixed and layout.fixed[0][0] == "patron_status":
        text = _realigned(text)
    elif layout.command == "38" and text[:1].isdigit():
        order = tuple(reversed(layout.fixed))  # invenio-sip2 writes the date before the answer
    fixed: dict[str, str] = {}
    at = 0
    for name, width in order:
        value = text[at : at + width]
        if len(value) < width:
            return None
        fixed[name] = value
        at += width
    return fixed, text[at:]


def _realigned(text: str) -> str:
    """Pads a patron status that came too short (Evergreen: 13 characters) so that language and date fall in place.

    A digit among the first fourteen characters gives it away: looking at 15-17 alone does not, since with a language
    of 019 the year's first digit slips into their place.
    """
    if not any(char in "0123456789" for char in text[:_STATUS_WIDTH]):
        return text
    found = _STATUS_HEAD.match(text)
    return text if found is None else found.group(1).ljust(_STATUS_WIDTH) + text[found.start(2) :]


def _split_fields(text: str) -> Fields:
    pieces = (piece for piece in text.split("|") if len(piece) >= 2)
    return tuple((piece[:2], piece[2:].strip(" ").replace(_ESCAPED_DELIMITER, "|")) for piece in pieces)
