"""Checkers of what can be measured on a laid-out screen: sizes, gaps, contrast, places, overlaps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

from kiosk.screen import Art
from kiosk.ui.check.case import Case
from kiosk.ui.scene import Box, Motion, Part, Scene, Slab, Weight
from kiosk.ui.text import Face, hangs, leans
from kiosk.ui.tokens import LOW_REACH_FROM, PRIMARY_MM_MIN, TARGET_GAP_MM_MIN, TARGET_MM_MIN, contrast, em_mm_min

SLACK_MM = 0.26  # a pixel and its rounding
TEXT_RATIO_MIN = 4.5
CONTRAST_MODE_RATIO_MIN = 10.0
SHAPE_RATIO_MIN = 3.0
TITLE_LETTERS_MIN, TITLE_LETTERS_MIN_SMALL = 24, 6
TONED = frozenset({"row", "banner", "tile", "person", "button", "strip"})
SOLID = TONED | {"qr", "key", "note"}


def target_size(case: Case) -> Iterator[str]:
    for _, _, target in case.targets():
        w, h = case.mm(target.box.w), case.mm(target.box.h)
        if min(w, h) < TARGET_MM_MIN - SLACK_MM:
            yield f"{target.id} is {w:.1f} x {h:.1f} mm"


def primary_size(case: Case) -> Iterator[str]:
    for scene in case.pages:
        primaries = [t for t in scene.targets() if t.primary]
        if len(primaries) > 1:
            yield "more than one primary"
        for target in primaries:
            if case.mm(target.box.h) < PRIMARY_MM_MIN - SLACK_MM:
                yield f"{target.id} is {case.mm(target.box.h):.1f} mm high"


def target_gap(case: Case) -> Iterator[str]:
    for scene in case.pages:
        shown = [t for t in scene.targets() if t.id != "ui.seal"]
        for one, other in combinations(shown, 2):
            gap = case.mm(one.box.gap(other.box))
            if gap < TARGET_GAP_MM_MIN - SLACK_MM:
                yield f"{one.id} and {other.id} are {gap:.1f} mm apart"


def hit_box(case: Case) -> Iterator[str]:
    for _, part, target in case.targets():
        if not target.box.covers(part.box):
            yield f"{target.id} is painted larger than it can be hit"


def text_size(case: Case) -> Iterator[str]:
    least = em_mm_min(case.panel, primary=False)
    yield from _too_small(case, least, lambda weight: weight is not Weight.DECOR)


def primary_text_size(case: Case) -> Iterator[str]:
    """Primary information; in large text all of it."""
    least = em_mm_min(case.panel, primary=True)
    large = case.screen.modes.large
    body = (Weight.PRIMARY, Weight.BODY) if large else (Weight.PRIMARY,)
    yield from _too_small(case, least, lambda weight: weight in body)


def _too_small(case: Case, least_mm: float, counts: Callable[[Weight], bool]) -> Iterator[str]:
    for part, words in case.words():
        if counts(words.weight) and case.mm(words.size_px) < least_mm - SLACK_MM / 2:
            yield f"{part.key}: {words.text!r} is set in {case.mm(words.size_px):.2f} mm, needs {least_mm:.2f}"


def faces(case: Case) -> Iterator[str]:
    plain = case.screen.modes.large or case.screen.modes.contrast
    for part, words in case.words():
        serif = words.face is Face.SERIF
        if serif and words.weight is not Weight.DECOR and (words.instruction or plain):
            yield f"{part.key}: {words.text!r} is set in serif"


def text_contrast(case: Case) -> Iterator[str]:
    yield from _low_contrast(case, TEXT_RATIO_MIN)


def strong_contrast(case: Case) -> Iterator[str]:
    if case.screen.modes.contrast:
        yield from _low_contrast(case, CONTRAST_MODE_RATIO_MIN)


def _low_contrast(case: Case, least: float) -> Iterator[str]:
    for part, words in case.words():
        ratio = contrast(words.colour, words.ground)
        if ratio < least:
            yield f"{part.key}: {words.text!r} {words.colour} on {words.ground} is {ratio:.1f}:1"


def shape_contrast(case: Case) -> Iterator[str]:
    """A control stands out by its edge or by its fill."""
    for scene, part, target in case.targets():
        slab = next((ink for ink in part.inks if isinstance(ink, Slab) and ink.box == target.box), None)
        if slab is None:
            continue
        around = _ground_at(scene, part)
        if max(contrast(slab.edge or slab.fill, around), contrast(slab.fill, around)) < SHAPE_RATIO_MIN:
            yield f"{target.id} hardly stands out from {around}"


def _ground_at(scene: Scene, part: Part) -> str:
    """The fill of the topmost part below this one that holds it, else the paper."""
    ground = scene.ground
    for other in scene.parts:
        if other is part:
            break
        first = other.inks[0] if other.inks else None
        if isinstance(first, Slab) and first.box.covers(part.box):
            ground = first.fill
    return ground


def nothing_cut(case: Case) -> Iterator[str]:
    """Every line inside its part and the panel, no two texts on each other, nothing squeezed."""
    for scene in case.pages:
        glass = Box(0, 0, scene.width_px, scene.height_px)
        for part in scene.parts:
            yield from _inside(part, glass)
        yield from _apart(scene)


def _inside(part: Part, glass: Box) -> Iterator[str]:
    for words in part.words():
        if words.squeezed:
            yield f"{part.key}: {words.text!r} has no room"
        if words.weight is Weight.DECOR:
            continue
        half_em = words.size_px * 0.5 if hangs(words.text) or leans(words.text) else 2.0  # a mark's empty half may hang
        if not glass.inset(-half_em, 0).covers(words.box, slack=1):
            yield f"{part.key}: {words.text!r} leaves the screen"
        if not part.box.inset(-half_em, -words.size_px * 0.3).covers(words.box, slack=1):
            yield f"{part.key}: {words.text!r} leaves its box"


def _apart(scene: Scene) -> Iterator[str]:
    lines = [(part, words.box) for part in scene.parts for words in part.words() if words.weight is not Weight.DECOR]
    for (one, a), (other, b) in combinations(lines, 2):
        if a.overlaps(_shrunk(b), slack=2) and not _layered(one, other):
            yield f"{one.key} and {other.key} lie on each other"
    solid = [p for p in scene.parts if p.role in SOLID]
    for one, other in combinations(solid, 2):
        if one.box.overlaps(other.box, slack=2):
            yield f"{one.key} and {other.key} lie on each other"


def _shrunk(box: Box) -> Box:
    """Lines of one block may touch with their ascenders and descenders."""
    return box.inset(0, box.h * 0.12)


def _layered(one: Part, other: Part) -> bool:
    """Labels of moving things lie on the machine they move on."""
    return one.role == "mark" or other.role == "mark"


def everything_shown(case: Case) -> Iterator[str]:
    """What the screen says appears on one of its pages."""
    shown = "".join(words.text for _, words in case.words()).replace(" ", "")
    screen = case.screen
    wanted = [screen.hint, *screen.notes]
    letters = TITLE_LETTERS_MIN if case.panel.roomy else TITLE_LETTERS_MIN_SMALL
    wanted += [_cut(row.title, shown, letters) for row in screen.rows]
    wanted += [row.reason for row in screen.rows] + [row.remedy for row in screen.rows]
    wanted += [row.value for row in screen.rows] + [item for row in screen.rows for item in row.items]
    if screen.banner:
        wanted += [screen.banner.text, screen.banner.sub]
    if screen.headline:
        head = screen.headline
        wanted += [head.text, head.numeral, head.of, head.unit, head.sub]
    for text in wanted:
        if text.replace(" ", "").replace("\n", "") not in shown:
            yield f"{text!r} is shown on no page"


def _cut(title: str, shown: str, letters: int) -> str:
    """A title that runs over its lines may end in an ellipsis, after so many letters of it."""
    start = title.replace(" ", "")[:letters]
    return title if title.replace(" ", "") in shown or len(start) < letters else start


def low_reach(case: Case) -> Iterator[str]:
    if not case.screen.modes.low:
        return
    least = case.panel.height_px * LOW_REACH_FROM - 1
    for _, _, target in case.targets():
        if target.box.y < least:
            yield f"{target.id} starts at {target.box.y / case.panel.height_px:.0%} of the height"


def one_motion(case: Case) -> Iterator[str]:
    """The two halves of a strip count as one thing."""
    for scene in case.pages:
        moving = {p.key.split(":")[0] for p in scene.parts if p.motion in (Motion.SPIN, Motion.MARCH)}
        if len(moving) > 1:
            yield f"{len(moving)} things move: {', '.join(sorted(moving))}"


def pages_by_button(case: Case) -> Iterator[str]:
    for scene in case.pages:
        if scene.pages > 1 and not any(t.id == "ui.page" for t in scene.targets()):
            yield "there are more pages, but no button leads to them"


def countdown_shown(case: Case) -> Iterator[str]:
    """Seconds in which the hands must do something are seen at once, on the first page."""
    wanted = case.screen.countdown
    if wanted is None or not (wanted.full_screen or case.screen.art is Art.PUT_BACK):
        return
    if not any(part.role == "countdown" for part in case.pages[0].parts):
        yield "the seconds that are left are not shown"


def due_date_largest(case: Case) -> Iterator[str]:
    """A date is at least as large as anything else on its row."""
    dated_rows = [row for row in case.screen.rows if row.label and any(c.isdigit() for c in row.value)]
    values = {f"row:{row.id}": row.value for row in dated_rows}
    for scene in case.pages:
        for part in scene.parts:
            lines = part.words() if part.key in values else []
            dated = [w.size_px for w in lines if values[part.key].startswith(w.text) or w.text in values[part.key]]
            dated += [w.size_px for w in lines if values[part.key] in w.text]
            if lines and (not dated or max(dated) < max(w.size_px for w in lines)):
                yield f"{part.key}: the date is smaller than another text on the row"


def signals(case: Case) -> Iterator[str]:
    """A tone comes with an icon, a word, a number or a fill."""
    for scene in case.pages:
        for part in scene.parts:
            coloured = part.tone not in ("", "plain") and part.role in TONED
            if coloured and not part.signals:
                yield f"{part.key} says {part.tone} by colour alone"
