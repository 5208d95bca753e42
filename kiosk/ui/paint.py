"""From a Scene to Kivy's graphics instructions, changing only the parts that changed.

A part is one mesh of shapes (mesh.py) and one textured rectangle for each line of text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kivy.graphics import (
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
from kiosk.ui.mesh import FORMAT, FRAGMENT, VERTEX, Quads, rgba
from kiosk.ui.scene import Box, Ink, Modules, Motion, Part, Scene, Target, Turned, Words
from kiosk.ui.tokens import (
    DIM_ALPHA,
    MARCH_S,
    PRESS_ALPHA,
    ROW_IN_S,
    ROW_RISE_MM,
    SCALE_PX_PER_MM,
    SPIN_HZ,
    SPIN_STEPS,
)


class Painter:
    """Owns one canvas. `show` puts a Scene on it, `tick` moves what moves. Keeps textures of the shown parts only."""

    def __init__(self, canvas: Any, ruler: KivyRuler, width_px: int, height_px: int) -> None:
        self._ruler = ruler
        self._size = (width_px, height_px)
        self._slots: dict[str, _Slot] = {}
        self._scene: Scene | None = None
        self._ground = InstructionGroup()
        self._shift = Translate(0, 0)
        self._stage = InstructionGroup()
        self._over = InstructionGroup()
        self._veil = InstructionGroup()
        self._dimmed = False
        shading = RenderContext(vs=VERTEX, fs=FRAGMENT, use_parent_projection=True, use_parent_modelview=True)
        if not shading.shader.success:
            raise RuntimeError("this GL does not take the ui's shader")
        for instruction in (
            self._ground,
            PushMatrix(),
            self._shift,
            self._stage,
            self._over,
            PopMatrix(),
            self._veil,
        ):
            shading.add(instruction)
        canvas.add(shading)
        self._canvas, self._shading = canvas, shading

    def close(self) -> None:
        """Takes everything off the canvas."""
        self._slots.clear()
        self._scene = None
        self._stage.clear()
        self._canvas.remove(self._shading)

    @property
    def scene(self) -> Scene | None:
        return self._scene

    def show(self, scene: Scene, now: float) -> None:
        """Draws a scene: from nothing when the screen is another one, else part by part."""
        before = self._scene
        if before is None or before.name != scene.name:
            self._stage.clear()
            self._slots.clear()
        if before is None or before.ground != scene.ground:
            self._ground.clear()
            self._ground.add(self._sheet(rgba(scene.ground)))
        self.press(None)
        keys = [part.key for part in scene.parts]
        old_order = list(self._slots)
        slots: dict[str, _Slot] = {}
        for part in scene.parts:
            slot = self._slots.get(part.key)
            if slot is None:
                slot = _Slot(self, part, now)
            elif slot.part != part:
                slot.fill(part, now, entering=False)
            slots[part.key] = slot
        self._slots = slots
        if keys != old_order:
            self._stage.clear()
            for slot in slots.values():
                self._stage.add(slot.group)
        self._scene = scene
        self._canvas.ask_update()

    def press(self, target: Target | None) -> None:
        """Darkens a target at once, without laying anything out again."""
        self._over.clear()
        if target is not None and self._scene is not None:
            red, green, blue, _ = rgba(self._scene.press)
            quads, box = Quads(self._size[1]), target.box
            quads.box(box.cx, box.cy, box.w / 2, box.h / 2, target.radius, (red, green, blue, PRESS_ALPHA))
            self._over.add(_mesh(quads))
        self._canvas.ask_update()

    def dim(self, on: bool) -> None:
        """Lays a veil over a screen that nobody has touched for long."""
        if on == self._dimmed:
            return
        self._dimmed = on
        self._veil.clear()
        if on:
            self._veil.add(self._sheet((0.0, 0.0, 0.0, DIM_ALPHA)))
        self._canvas.ask_update()

    def _sheet(self, colour: tuple[float, ...]) -> Any:
        """All of the screen in one colour."""
        w, h = self._size
        quads = Quads(h)
        quads.box(w / 2, h / 2, w / 2, h / 2, 0.0, colour)
        return _mesh(quads)

    def shift(self, dx: int, dy: int) -> None:
        """Moves the whole picture by a few pixels, against burning in."""
        if (self._shift.x, self._shift.y) != (dx, dy):
            self._shift.x, self._shift.y = dx, dy
            self._canvas.ask_update()

    def tick(self, now: float) -> bool:
        """Moves what moves; True when something changed."""
        moved = [slot.tick(now) for slot in self._slots.values() if slot.part.motion is not Motion.NONE]
        if any(moved):
            self._canvas.ask_update()
        return any(moved)

    def keys(self) -> list[str]:
        return list(self._slots)

    def instructions(self, part: Part) -> Iterator[Any]:
        """The Kivy instructions of one part: its shapes, then its texts and codes."""
        quads = Quads(self._size[1])
        for ink in part.inks:
            quads.add(ink)
        if quads:
            yield _mesh(quads)
        for ink in part.inks:
            yield from self._textured(ink)

    def _textured(self, ink: Ink) -> Iterator[Any]:
        match ink:
            case Words() if ink.text:
                texture, ascent = self._ruler.texture(ink.text, ink.face, ink.size_px)
                w, h = texture.size
                yield self._picture(texture, ink.x, ink.baseline - ascent, w, h, ink.colour)
            case Modules():
                side = ink.module_px * len(ink.rows)
                yield self._picture(_modules(ink), ink.x, ink.y, side, side, "#FFFFFF")
            case Turned() if any(isinstance(inner, Words) for inner in ink.inks):
                yield PushMatrix()
                yield Rotate(angle=-ink.degrees, origin=(ink.cx, self._size[1] - ink.cy))
                for inner in ink.inks:
                    yield from self._textured(inner)
                yield PopMatrix()
            case _:
                pass

    def _picture(self, texture: Any, x: float, y: float, w: float, h: float, colour: str) -> Any:
        quads = Quads(self._size[1])
        quads.picture(Box(x, y, w, h), tuple(texture.tex_coords), colour)
        return _mesh(quads, texture)


def _mesh(quads: Quads, texture: Any = None) -> Any:
    return Mesh(vertices=quads.vertices, indices=quads.indices, fmt=list(FORMAT), mode="triangles", texture=texture)


class _Slot:
    """The instructions of one part, with a transform of their own where the part moves."""

    def __init__(self, painter: Painter, part: Part, now: float) -> None:
        self.group = InstructionGroup()
        self.part = part
        self._painter = painter
        self._move: Any = None
        self._step = -1
        self._since = now
        self.fill(part, now, entering=True)

    def fill(self, part: Part, now: float, *, entering: bool) -> None:
        """Draws the part anew. One that was there already does not come in a second time."""
        self.part = part
        self.group.clear()
        self._since = now if entering or part.motion is Motion.CARRY else self._since
        self._step = -1
        self._move = self._transform(part)
        if self._move is not None:
            self.group.add(PushMatrix())
            self.group.add(self._move)
        for instruction in self._painter.instructions(part):
            self.group.add(instruction)
        if self._move is not None:
            self.group.add(PopMatrix())
        self.tick(now)

    def _transform(self, part: Part) -> Any:
        origin = (part.box.cx, self._painter._size[1] - part.box.cy)
        match part.motion:
            case Motion.NONE:
                return None
            case Motion.SPIN:
                return Rotate(angle=0, origin=origin)
            case Motion.MARCH | Motion.RISE | Motion.CARRY:
                return Translate(0, 0)

    def tick(self, now: float) -> bool:
        """Moves the part to its place at `now`; True when it has moved."""
        past = max(0.0, now - self._since)
        match self.part.motion:
            case Motion.NONE:
                return False
            case Motion.SPIN:
                return self._stepped(int(now * SPIN_HZ * SPIN_STEPS) % SPIN_STEPS, "angle", -360 / SPIN_STEPS)
            case Motion.MARCH:
                return self._stepped(int(now / MARCH_S) % 2, "y", -self.part.box.h * 0.10)
            case Motion.RISE:
                left = max(0.0, 1 - past / ROW_IN_S) ** 2
                return self._placed("y", -left * ROW_RISE_MM * SCALE_PX_PER_MM)
            case Motion.CARRY:
                return self._placed("x", round(past * self.part.speed_px_per_s))

    def _stepped(self, step: int, name: str, unit: float) -> bool:
        if step == self._step:
            return False
        self._step = step
        setattr(self._move, name, step * unit)
        return True

    def _placed(self, name: str, value: float) -> bool:
        if abs(getattr(self._move, name) - value) < 0.01:
            return False
        setattr(self._move, name, value)
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
