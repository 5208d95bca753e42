"""The two troubles of a tag codec: bytes that mean nothing, and an item that does not fit."""

from __future__ import annotations


class Malformed(ValueError):
    """The bytes are no valid encoding of what was asked for. Raised by single decoders; `detect` never lets it out."""


class CannotEncode(ValueError):
    """The item has no place on this tag in this format. The message names the field, never its content."""
