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
    counts: Counter[bytes] = Counter()
    left, right = max(0, int(box.x) - 6), min(pixels.width, int(box.right) + 6)
    for y in range(max(0, int(box.y)), min(pixels.height, int(box.bottom)), STEP_PX):
        row = pixels.rgb[(y * pixels.width + left) * 3 : (y * pixels.width + right) * 3]
        counts.update(row[i : i + 3] for i in range(0, len(row), 3 * STEP_PX))
    ink = bytes.fromhex(text[1:])
    other = Counter({colour: n for colour, n in counts.items() if _distance(colour, ink) >= NEAR})
    if other.total() < counts.total() * GROUND_SHARE_MIN:
        return text
    return "#" + other.most_common(1)[0][0].hex().upper()


def _distance(one: bytes, other: bytes) -> int:
    """Largest difference of a channel, 0 to 255."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True))
