"""What `fuzz` feeds: one decoder with good samples, and the errors that are its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Feed = Callable[[bytes], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One decoder. `refuses` are the errors that are its own."""

    name: str
    feed: Feed
    samples: tuple[bytes, ...]
    refuses: tuple[type[Exception], ...] = ()
    slow: bool = False
