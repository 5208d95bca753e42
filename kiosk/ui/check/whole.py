"""Requirements about all screens together, from what each leaves behind of itself: no scene is kept for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.ui.check.case import Case, Finding
from kiosk.ui.scene import Box

TYPE_SIZES_MAX: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What the requirements of all screens need to know of one."""

    name: str
    lang: str
    mode: str
    panel: str
    sizes_px: frozenset[int]
    language_box: Box | None


def trace(case: Case) -> Trace:
    return Trace(
        name=case.screen.name,
        lang=case.screen.lang,
        mode=case.mode,
        panel=case.panel.name,
        sizes_px=frozenset(words.size_px for _, words in case.words()),
        language_box=case.language_box(),
    )


def of_all(traces: Sequence[Trace]) -> Iterator[Finding]:
    for panel in dict.fromkeys(one.panel for one in traces):
        sizes = frozenset[int]().union(*(one.sizes_px for one in traces if one.panel == panel))
        if len(sizes) > TYPE_SIZES_MAX:
            yield Finding(12, panel, f"{len(sizes)} type sizes: {sorted(sizes)}")
    yield from _one_language_place(traces)
    languages = {(one.name, one.lang) for one in traces}
    for name in sorted({name for name, _ in languages}):
        missing = [lang for lang in ("zh", "en") if (name, lang) not in languages]
        if missing:
            yield Finding(43, name, f"missing in {', '.join(missing)}")


def _one_language_place(traces: Sequence[Trace]) -> Iterator[Finding]:
    places: dict[tuple[str, str, str], dict[Box, str]] = {}
    for one in traces:
        if one.language_box is not None:
            places.setdefault((one.lang, one.mode, one.panel), {}).setdefault(one.language_box, one.name)
    for key, boxes in places.items():
        if len(boxes) > 1:
            yield Finding(16, "/".join(key), f"the language switch moves: {', '.join(sorted(boxes.values()))}")
