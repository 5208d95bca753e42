"""What a proof run found. Every proof gives the same numbers, so that one command can print them all."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveReport:
    """`lost`, `doubled` and `wrong` must be 0; `unsettled` are named doubts that people look at."""

    claim: str
    count: int  # how many cases were tried
    seed: int
    mutant: str | None  # the deliberately broken variant that was run, None for the real thing
    lost: int = 0
    doubled: int = 0
    unsettled: int = 0
    wrong: int = 0
    detail: str = ""

    @property
    def holds(self) -> bool:
        """The claim stood in every case."""
        return self.lost == self.doubled == self.wrong == 0
