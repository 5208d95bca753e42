"""Rules that many settings share, each as the sentence to tell or "" when all is well."""

from __future__ import annotations

from typing import Final

PORT_MAX: Final = 65_535
OFFSET_MIN: Final = -12 * 60  # the west of the date line, and Kiritimati in the east
OFFSET_MAX: Final = 14 * 60


def between(name: str, value: float, low: float, high: float, unit: str = "") -> str:
    """`name` must lie between `low` and `high`, both included."""
    return (
        "" if low <= value <= high else f"{name} must be {low:g} to {high:,.10g}{unit and ' '}{unit}".replace(",", "")
    )


def port(name: str, value: int) -> str:
    """A TCP port, RFC 6335 section 6."""
    return between(name, value, 1, PORT_MAX)


def not_empty(name: str, value: str, what: str) -> str:
    """A text that must say something; `what` it stands for."""
    return "" if value.strip() else f"{name} is empty: {what}"


def host(name: str, value: str) -> str:
    """A name or an address, without port and without blanks."""
    if not value.strip():
        return f"{name} is empty: the name or address of a computer belongs there"
    plain = not any(char.isspace() or char in "/@" for char in value) and (value.count(":") != 1)
    return "" if plain else f"{name} {value!r} is no name or address of a computer; the port is a setting of its own"
