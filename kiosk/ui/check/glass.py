"""The colour that really lies under a text, read back from the glass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from kiosk.ui.check.case import Case
from kiosk.ui.engine import Pixels
from kiosk.ui.render import Studio
from kiosk.ui.scene import Box, Weight
from kiosk.ui.tokens import contrast

TEXT_RATIO_MIN = 4.5
STEP_PX = 3
NEAR = 24
GROUND_SHARE_MIN = 0.25


def sampled(case: Case, studio: Studio) -> Iterator[str]:
    """Texts whose colour does not stand out from the commonest colour around them on the painted first page."""
    scene = case.pages[0]
    pixels = studio.pixels(scene, case.panel)
    for part in scene.parts:
        for words in part.words():
            if words.weight is Weight.DECOR:
                continue
            ground = _ground(pixels, words.box, words.colour)
            ratio = contrast(words.colour, ground)
            if ratio < TEXT_RATIO_MIN:
                yield f"{part.key}: {words.text!r} {words.colour} lies on {ground}: {ratio:.1f}:1"


def _ground(pixels: Pixels, box: Box, text: str) -> str:
    """The commonest colour in the box that is not the text's own. A box nearly all of that colour hides its text."""
    counts: Counter[str] = Counter()
    near = 0
    for y in range(max(0, int(box.y)), min(pixels.height, int(box.bottom)), STEP_PX):
        for x in range(max(0, int(box.x) - 6), min(pixels.width, int(box.right) + 6), STEP_PX):
            colour = pixels.at(x, y)
            if _distance(colour, text) < NEAR:
                near += 1
            else:
                counts[colour] += 1
    if counts.total() < (counts.total() + near) * GROUND_SHARE_MIN:
        return text
    return counts.most_common(1)[0][0]


def _distance(one: str, other: str) -> int:
    """Largest difference of a channel, 0 to 255."""
    return max(abs(int(one[i : i + 2], 16) - int(other[i : i + 2], 16)) for i in (1, 3, 5))
