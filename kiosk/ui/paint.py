"""From a Scene to Kivy's graphics instructions, changing only the parts that changed.

A part is one mesh of shapes (mesh.py) and one textured rectangle for each line of text. Shapes and texts have a shader
each, so all shapes are drawn before all texts; a part whose shapes lie over the text of an earlier one begins a layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kivy.graphics import (
    ClearBuffers,
    ClearColor,
    InstructionGroup,
    Mesh,
    PopMatrix,
    PushMatrix,
    RenderContext,
    Rotate,
    Translate,
)
from kivy.graphics.texture import Texture

from kiosk.ui.engine import KivyRuler
from kiosk.ui.glass import Glass
from kiosk.ui.mesh import (
    FORMAT,
    FRAGMENT,
    PICTURE_FORMAT,
    PICTURE_FRAGMENT,
    PICTURE_VERTEX,
    VERTEX,
    Quads,
    picture,
    rgba,
)
from kiosk.ui.reach import Reach, reach_of
from kiosk.ui.scene import Box, Ink, Modules, Motion, Part, Scene, Target, Turned, Words
from kiosk.ui.tokens import (
    DIM_ALPHA,
    MARCH_S,
    MARCH_SHARE,
    PRESS_ALPHA,
    ROW_IN_S,
    ROW_RISE_MM,
    SCALE_PX_PER_MM,
    SPIN_HZ,
    SPIN_STEPS,
)


class Painter:
    """Owns one canvas. `show` puts a Scene on it, `tick` moves what moves. Keeps textures of the shown parts only.

    `glass` is told which part of the window changed; a canvas that is drawn only once needs none.
    """

    def __init__(
        self, canvas: Any, ruler: KivyRuler, width_px: int, height_px: int, glass: Glass | None = None
    ) -> None:
        self._ruler, self._glass = ruler, glass
        self._size = (width_px, height_px)
        self._slots: dict[str, _Slot] = {}
        self._scene: Scene | None = None
        self._ground = InstructionGroup()
        self._shift = Translate(0, 0)
        self._stage = InstructionGroup()
        self._layers: list[tuple[Any, Any]] = []
        self._order: list[list[str]] = []
        self._over, self._veil = _shapes(), _shapes()  # over what is pressed; over all of it
        self._pressed: Target | None = None
        self._dimmed = False
        self._all = InstructionGroup()
        for instruction in (
            self._ground,
            PushMatrix(),
            self._shift,
            self._stage,
            self._over,
            PopMatrix(),
            self._veil,
        ):
            self._all.add(instruction)
        canvas.add(self._all)
        self._canvas = canvas

    def close(self) -> None:
        """Takes everything off the canvas."""
        self._slots.clear()
        self._scene = None
        self._stage.clear()
        self._canvas.remove(self._all)

    @property
    def scene(self) -> Scene | None:
        return self._scene

    def show(self, scene: Scene, now: float) -> None:
        """Draws a scene: from nothing when the screen is another one, else part by part."""
        before = self._scene
        if before is None or before.name != scene.name:
            self._slots.clear()
            self._changed(None)
        if before is None or before.ground != scene.ground:
            self._ground.clear()
            self._ground.add(ClearColor(*rgba(scene.ground)))
            self._ground.add(ClearBuffers())
            self._changed(None)
        self.press(None)
        self._fill(scene, now)
        self._scene = scene
        order = _layered(scene.parts, self._slots)
        if order != self._order or before is None or before.name != scene.name:
            self._order = order
            self._build()

    def _fill(self, scene: Scene, now: float) -> None:
        """Makes, changes and drops slots, and says what of the glass that touches."""
        slots: dict[str, _Slot] = {}
        for part in scene.parts:
            slot = self._slots.get(part.key)
            if slot is None:
                slot = _Slot(self, part, now)
                self._changed(slot.reach.box)
            elif slot.part != part:
                self._changed(slot.reach.box)
                slot.fill(part, now, entering=False)
                self._changed(slot.reach.box)
            slots[part.key] = slot
        for key in self._slots.keys() - slots.keys():
            self._changed(self._slots[key].reach.box)
        if [key for key in self._slots if key in slots] != [key for key in slots if key in self._slots]:
            self._changed(None)  # what lay above may lie below
        self._slots = slots

    def _build(self) -> None:
        """Puts the slots into their layers. All are emptied first: what Kivy finds in two groups it never removes."""
        while len(self._layers) < len(self._order):
            self._layers.append((_shapes(), _pictures()))
        self._stage.clear()
        for shapes, pictures in self._layers:
            shapes.clear()
            pictures.clear()
        for (shapes, pictures), keys in zip(self._layers, self._order, strict=False):
            for key in keys:
                shapes.add(self._slots[key].shapes)
                pictures.add(self._slots[key].pictures)
            self._stage.add(shapes)
            self._stage.add(pictures)

    def _changed(self, box: Box | None) -> None:
        """Something inside a box is to be drawn again; None: everything. An empty box is nothing."""
        if self._glass is None:
            self._canvas.ask_update()
        elif box is None or self._shift.x or self._shift.y:
            self._glass.changed(None)
        elif box.w > 0 and box.h > 0:
            self._glass.changed(box)

    def press(self, target: Target | None) -> None:
        """Darkens a target at once, without laying anything out again."""
        if target == self._pressed:
            return
        for each in (self._pressed, target):
            if each is not None:
                h = self._size[1]
                self._changed(Box(each.box.x, h - each.box.bottom, each.box.w, each.box.h).inset(-2))
        self._pressed = target
        self._over.clear()
        if target is not None and self._scene is not None:
            red, green, blue, _ = rgba(self._scene.press)
            quads, box = Quads(self._size[1]), target.box
            quads.box(box.cx, box.cy, box.w / 2, box.h / 2, target.radius, (red, green, blue, PRESS_ALPHA))
            self._over.add(_mesh(quads))

    def dim(self, on: bool) -> None:
        """Lays a veil over a screen that nobody has touched for long."""
        if on == self._dimmed:
            return
        self._dimmed = on
        self._veil.clear()
        if on:
            w, h = self._size
            quads = Quads(h)
            quads.box(w / 2, h / 2, w / 2, h / 2, 0.0, (0.0, 0.0, 0.0, DIM_ALPHA))
            self._veil.add(_mesh(quads))
        self._changed(None)

    def shift(self, dx: int, dy: int) -> None:
        """Moves the whole picture by a few pixels, against burning in."""
        if (self._shift.x, self._shift.y) != (dx, dy):
            self._shift.x, self._shift.y = dx, dy
            self._changed(None)

    def tick(self, now: float) -> bool:
        """Moves what moves; True when something changed."""
        moved = [slot for slot in self._slots.values() if slot.part.motion is not Motion.NONE and slot.tick(now)]
        for slot in moved:
            self._changed(slot.reach.box)
        return bool(moved)

    def keys(self) -> list[str]:
        return list(self._slots)

    def textured(self, ink: Ink) -> Iterator[Any]:
        """The instructions of a text or a code; of nothing else."""
        match ink:
            case Words() if ink.text:
                texture, ascent = self._ruler.texture(ink.text, ink.face, ink.size_px)
                w, h = texture.size
                yield self._picture(texture, Box(ink.x, ink.baseline - ascent, w, h), ink.colour)
            case Modules():
                side = ink.module_px * len(ink.rows)
                yield self._picture(_modules(ink), Box(ink.x, ink.y, side, side), "#FFFFFF")
            case Turned() if any(isinstance(inner, Words) for inner in ink.inks):
                yield PushMatrix()
                yield Rotate(angle=-ink.degrees, origin=(ink.cx, self._size[1] - ink.cy))
                for inner in ink.inks:
                    yield from self.textured(inner)
                yield PopMatrix()
            case _:
                pass

    def _picture(self, texture: Any, box: Box, colour: str) -> Any:
        vertices = picture(box, tuple(texture.tex_coords), colour, self._size[1])
        indices = [0, 1, 2, 0, 2, 3]
        return Mesh(vertices=vertices, indices=indices, fmt=list(PICTURE_FORMAT), mode="triangles", texture=texture)

    @property
    def height_px(self) -> int:
        return self._size[1]


def _layered(parts: tuple[Part, ...], slots: dict[str, _Slot]) -> list[list[str]]:
    """Keys in layers: within one, no part's shapes lie over the text of an earlier part."""
    layers: list[list[str]] = [[]]
    texts: list[Box] = []
    for part in parts:
        reach = slots[part.key].reach
        if any(shape.overlaps(text, 0.0) for text in texts for shape in reach.shapes):
            layers.append([])
            texts = []
        layers[-1].append(part.key)
        texts += reach.texts
    return layers


def _shapes() -> Any:
    return _context(VERTEX, FRAGMENT)


def _pictures() -> Any:
    return _context(PICTURE_VERTEX, PICTURE_FRAGMENT)


def _context(vertex: str, fragment: str) -> Any:
    """Draws its instructions by a shader of its own. Raises RuntimeError."""
    made = RenderContext(vs=vertex, fs=fragment, use_parent_projection=True, use_parent_modelview=True)
    if not made.shader.success:
        raise RuntimeError("this GL does not take the ui's shader")
    return made


def _mesh(quads: Quads) -> Any:
    return Mesh(vertices=quads.vertices, indices=quads.indices, fmt=list(FORMAT), mode="triangles")


class _Slot:
    """The instructions of one part, with transforms of their own where the part moves."""

    def __init__(self, painter: Painter, part: Part, now: float) -> None:
        self.shapes, self.pictures = InstructionGroup(), InstructionGroup()
        self.part = part
        self.reach = Reach()
        self._painter = painter
        self._moves: list[Any] = []
        self._step = -1
        self._since = now
        self.fill(part, now, entering=True)

    def fill(self, part: Part, now: float, *, entering: bool) -> None:
        """Draws the part anew. One that was there already does not come in a second time."""
        self.part = part
        self._since = now if entering or part.motion is Motion.CARRY else self._since
        self._step = -1
        self._moves = []
        quads = Quads(self._painter.height_px)
        for ink in part.inks:
            quads.add(ink)
        self._put(self.shapes, [_mesh(quads)] if quads else [])
        self._put(self.pictures, [each for ink in part.inks for each in self._painter.textured(ink)])
        self.reach = reach_of(part, quads, self._painter.height_px)
        self.tick(now)

    def _put(self, group: Any, instructions: list[Any]) -> None:
        group.clear()
        move = self._transform() if instructions else None
        if move is not None:
            self._moves.append(move)
            group.add(PushMatrix())
            group.add(move)
        for instruction in instructions:
            group.add(instruction)
        if move is not None:
            group.add(PopMatrix())

    def _transform(self) -> Any:
        part = self.part
        match part.motion:
            case Motion.NONE:
                return None
            case Motion.SPIN:
                return Rotate(angle=0, origin=(part.box.cx, self._painter.height_px - part.box.cy))
            case Motion.MARCH | Motion.RISE | Motion.CARRY:
                return Translate(0, 0)

    @property
    def moved(self) -> tuple[float, float]:
        """How far it is from its place, in pixels, y upwards."""
        return next(((move.x, move.y) for move in self._moves if isinstance(move, Translate)), (0.0, 0.0))

    def tick(self, now: float) -> bool:
        """Moves the part to its place at `now`; True when it has moved."""
        past = max(0.0, now - self._since)
        match self.part.motion:
            case Motion.NONE:
                return False
            case Motion.SPIN:
                return self._stepped(int(now * SPIN_HZ * SPIN_STEPS) % SPIN_STEPS, "angle", -360 / SPIN_STEPS)
            case Motion.MARCH:
                return self._stepped(int(now / MARCH_S) % 2, "y", -self.part.box.h * MARCH_SHARE)
            case Motion.RISE:
                left = max(0.0, 1 - past / ROW_IN_S) ** 2
                return self._placed("y", -left * ROW_RISE_MM * SCALE_PX_PER_MM)
            case Motion.CARRY:
                return self._placed("x", round(past * self.part.speed_px_per_s))

    def _stepped(self, step: int, name: str, unit: float) -> bool:
        if step == self._step:
            return False
        self._step = step
        for move in self._moves:
            setattr(move, name, step * unit)
        return True

    def _placed(self, name: str, value: float) -> bool:
        if all(getattr(move, name) == value for move in self._moves):
            return False
        for move in self._moves:
            setattr(move, name, value)
        return True


def _modules(ink: Modules) -> Any:
    """One texel a module, drawn without smoothing. Rows from the bottom, as GL wants them."""
    side = len(ink.rows)
    dark, light = (bytes(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in (ink.dark, ink.light))
    texture = Texture.create(size=(side, side), colorfmt="rgb")
    texture.mag_filter = texture.min_filter = "nearest"
    pixels = b"".join(dark if module == "1" else light for row in reversed(ink.rows) for module in row)
    texture.blit_buffer(pixels, colorfmt="rgb", bufferfmt="ubyte")
    return texture
