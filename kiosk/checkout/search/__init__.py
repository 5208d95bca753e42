"""A proof by search: whatever happens at a desk is answered, nobody is stuck, and the screens keep their promises.

`flow_findings` reads the numbered requirements that are about flow off everything that can happen; `diagrams` draws
the same search as state diagrams, `write` brings docs/flows up to date with them.
"""

from __future__ import annotations

from typing import Final

from kiosk.checkout.paper import PaperDesk, sample_desk
from kiosk.checkout.search.diagrams import diagrams, write
from kiosk.checkout.search.explore import explore
from kiosk.checkout.search.findings import read, read_troubles
from kiosk.checkout.search.happenings import TROUBLES
from kiosk.screen import Sentences

__all__ = ["FLOW_REQUIREMENTS", "diagrams", "flow_findings", "write"]

FLOW_REQUIREMENTS: Final = (16, 17, 18, 23, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 40, 43, 45, 47)
MOMENTS_MAX: Final = 6000
USUAL_TROUBLES: Final = ("", "gateway")


def flow_findings(sentences: Sentences, among: tuple[str, ...] = USUAL_TROUBLES) -> dict[int, list[str]]:
    """By requirement, what does not hold. `among`: what is out of order all the time, each searched by itself
    (happenings.TROUBLES; "" for nothing)."""
    paper = PaperDesk.of(sample_desk(), sentences)
    found: dict[int, list[str]] = {number: [] for number in FLOW_REQUIREMENTS}
    for trouble in among:
        events = (TROUBLES[trouble][0],) if trouble else ()
        read(explore(paper, paper.hear(paper.begin(), *events), MOMENTS_MAX), found)
    read_troubles(paper, found)
    return found
