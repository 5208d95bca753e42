"""The wire between core and ui: a four-byte length (big endian) and one JSON object. Pure, for any split of the bytes.

Core to ui goes a `Screen`, ui to core a `Touch`. A text typed on a keypad travels only inside its Touch.
"""

from __future__ import annotations

import dataclasses
import typing
from typing import Any, Final

import msgspec

from kiosk.screen.values import Button, Screen, Strip, Touch

FRAME_BYTES_MAX: Final = 1 << 20
_LENGTH_BYTES: Final = 4


class WireError(ValueError):
    """The other end does not speak this wire. The text never repeats what was sent: it may be a PIN."""


def _flattened() -> Any:
    """Screen with `primary` split by kind: JSON cannot tell a Button from a Strip by its keys alone.

    Any: the class is made at run time from Screen's own fields, so that it cannot fall behind them.
    """
    hints = typing.get_type_hints(Screen)
    fields: list[Any] = [
        (f.name, hints[f.name]) if f.default is dataclasses.MISSING else (f.name, hints[f.name], f.default)
        for f in dataclasses.fields(Screen)
        if f.name != "primary"
    ]
    extra: list[Any] = [("button", Button | None, None), ("strip", Strip | None, None)]
    return dataclasses.make_dataclass("_FlatScreen", fields + extra, frozen=True, kw_only=True)


_FlatScreen: Final = _flattened()
_NAMES: Final = tuple(f.name for f in dataclasses.fields(Screen) if f.name != "primary")
_SCREENS: Final[Any] = msgspec.json.Decoder(_FlatScreen)
_TOUCHES: Final = msgspec.json.Decoder(Touch)
_ENCODER: Final = msgspec.json.Encoder()


def frame(body: bytes) -> bytes:
    """A body with its length in front."""
    if len(body) > FRAME_BYTES_MAX:
        raise WireError(f"a message of {len(body)} bytes is over the limit of {FRAME_BYTES_MAX}")
    return len(body).to_bytes(_LENGTH_BYTES, "big") + body


def encode_screen(screen: Screen) -> bytes:
    """One whole frame."""
    flat = {name: getattr(screen, name) for name in _NAMES}
    button = screen.primary if isinstance(screen.primary, Button) else None
    strip = screen.primary if isinstance(screen.primary, Strip) else None
    return frame(_ENCODER.encode(_FlatScreen(**flat, button=button, strip=strip)))


def decode_screen(body: bytes) -> Screen:
    """A body without its length; raises WireError."""
    try:
        flat = _SCREENS.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WireError("that is no Screen") from error
    if flat.button is not None and flat.strip is not None:
        raise WireError("a Screen has one primary, not two")
    return Screen(**{name: getattr(flat, name) for name in _NAMES}, primary=flat.button or flat.strip)


def encode_touch(touch: Touch) -> bytes:
    """One whole frame."""
    return frame(_ENCODER.encode(touch))


def decode_touch(body: bytes) -> Touch:
    """A body without its length; raises WireError."""
    try:
        return _TOUCHES.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise WireError("that is no Touch") from None  # the cause might quote the typed text


class Framer:
    """Puts bodies together from whatever pieces arrive."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The bodies that are whole by now, in order; raises WireError at a length over FRAME_BYTES_MAX."""
        self._buffer += data
        bodies: list[bytes] = []
        while len(self._buffer) >= _LENGTH_BYTES:
            length = int.from_bytes(self._buffer[:_LENGTH_BYTES], "big")
            if length > FRAME_BYTES_MAX:
                raise WireError(f"a message of {length} bytes is over the limit of {FRAME_BYTES_MAX}")
            if len(self._buffer) < _LENGTH_BYTES + length:
                break
            bodies.append(bytes(self._buffer[_LENGTH_BYTES : _LENGTH_BYTES + length]))
            del self._buffer[: _LENGTH_BYTES + length]
        return bodies
